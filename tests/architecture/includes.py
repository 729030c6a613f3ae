#!/usr/bin/env python3
"""Who may include whom: fails on every #include of agent/, drivers/ and schema/ that the folder diagram has no arrow for.

Run as `includes.py ROOT`; prints one line for each violation and exits with 1 when there is any.
"""

import pathlib
import re
import sys

# Each part and the parts whose headers it may name. Its own headers are always allowed.
ARROWS = {
    "schema": set(),
    "base": set(),
    "resource": {"base", "schema"},
    "pki": {"base"},
    "net": {"base"},
    "probe": {"base", "resource", "pki", "net"},
    # Of the probe the verdict may see plain data alone; VERDICT_SEES_OF_PROBE lists it.
    "verdict": {"base", "resource", "pki", "schema"},
    "reconcile": {"base", "resource", "pki", "net", "probe", "verdict"},
    "store": {"base", "resource", "pki", "reconcile"},
    "kube": {"base", "resource", "pki", "reconcile"},
    "notify": {"base", "resource", "reconcile"},
    "serve": {"base", "resource", "reconcile"},
    # A driver is known by its own name: drivers/mysql. It never sees another engine's folder.
    "drivers/common": {"base", "pki", "net", "probe", "resource"},
    "drivers/*": {"base", "pki", "net", "probe", "resource", "drivers/common"},
}
VERDICT_SEES_OF_PROBE = {"probe/observation.hpp", "probe/failure.hpp"}
SEES_EVERYTHING = {"cli", "main"}
REGISTRY = {"drivers/registry.hpp", "drivers/all_drivers.hpp"}

# Libraries that have one way in: the headers' beginning and the files that may name them, as path or folder.
GATES = {
    "openssl/": ["agent/pki/openssl.hpp"],
    "libpq-fe.h": ["drivers/postgresql/libpq.hpp"],
    "postgresql/": ["drivers/postgresql/libpq.hpp"],
    "mysql.h": ["drivers/mysql/connector_c.hpp"],
    "mysql/": ["drivers/mysql/connector_c.hpp"],
    "mariadb": ["drivers/mysql/connector_c.hpp"],
    "errmsg.h": ["drivers/mysql/connector_c.hpp"],
    "ma_": ["drivers/mysql/connector_c.hpp"],
    "hiredis": ["drivers/redis/hiredis.hpp"],
    "mongoc": ["drivers/mongodb/libmongoc.hpp"],
    "bson": ["drivers/mongodb/libmongoc.hpp"],
    "syb": ["drivers/sqlserver/freetds.hpp"],
    "sqlite3.h": ["agent/store/"],
    "SQLiteCpp/": ["agent/store/"],
    "httplib.h": ["agent/serve/", "agent/kube/http_library.hpp"],
    "prometheus/": ["agent/serve/"],
    "zlib.h": ["agent/serve/gzip.cpp"],
    "valijson/": ["agent/resource/"],
    "yaml-cpp/": ["agent/resource/", "agent/verdict/", "agent/cli/"],
    "CLI/": ["agent/cli/"],
    "idn2.h": ["agent/pki/"],
    "libssh/": ["agent/net/ssh.hpp"],
    "boost/asio/impl/src.hpp": ["agent/net/asio_impl.cpp"],
    "boost/asio/ssl": [],
    "boost/beast": ["drivers/common/beast.hpp"],
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def part_of_file(path):
    """The part that a source file belongs to, from its path below the root."""
    steps = path.parts
    if steps == ("agent", "main.cpp"):
        return "main"
    if steps[0] == "agent":
        return steps[1]
    if steps[0] == "drivers":
        return "drivers/" + steps[1] if len(steps) > 2 else "registry"
    return steps[0]


def part_of_include(name):
    """The part that a project header belongs to, from the name it is included by; None for anything else."""
    steps = name.split("/")
    if name in REGISTRY:
        return "registry"
    if steps[0] == "drivers":
        return "drivers/" + steps[1]
    return steps[0] if len(steps) > 1 else None


def allowed(part, name):
    """Whether a file of `part` may include the project header `name`."""
    target = part_of_include(name)
    if part in SEES_EVERYTHING or target == part:
        return True
    if part == "registry":
        return target.startswith("drivers/") or target == "probe"
    if part == "verdict" and name in VERDICT_SEES_OF_PROBE:
        return True
    if part.startswith("drivers/") and part not in ARROWS:
        return target in ARROWS["drivers/*"]
    return target in ARROWS.get(part, set())


def gate_violation(path, name):
    """Why `path` may not include the library header `name`; None when it may."""
    for beginning, places in GATES.items():
        if name.startswith(beginning) and not any(str(path).startswith(place) for place in places):
            where = " or ".join(places) or "nowhere"
            return f"includes <{name}>, which has its one place in {where}"
    return None


def violations_of(path, text, known):
    """What is wrong with the includes of one file; `known` are the parts that exist."""
    part = part_of_file(path)
    found = []
    includes = INCLUDE.findall(text)
    for quoted, angled in includes:
        name = quoted or angled
        if quoted and part_of_include(name) in known:
            if not allowed(part, name):
                found.append(f'{path}: {part} may not include "{name}"')
        elif reason := gate_violation(path, name):
            found.append(f"{path}: {reason}")
    return found


def first_include(text):
    match = INCLUDE.search(text)
    return (match.group(1) or match.group(2)) if match else None


def scan(root):
    """Every violation below `root`, sorted."""
    root = pathlib.Path(root)
    files = sorted(p for top in ("agent", "drivers", "schema") for p in (root / top).rglob("*") if p.suffix in (".hpp", ".cpp"))
    paths = [p.relative_to(root) for p in files]
    known = {part_of_file(p) for p in paths} | set(ARROWS)
    found = []
    for path in paths:
        text = (root / path).read_text(encoding="utf-8")
        found += violations_of(path, text, known)
        header = path.with_suffix(".hpp")
        # A source that names its own header first proves that the header compiles alone.
        if path.suffix == ".cpp" and (root / header).exists():
            own = str(header.relative_to("agent")) if header.parts[0] == "agent" else str(header)
            if first_include(text) != own:
                found.append(f'{path}: its first include must be its own header, "{own}"')
        if path.suffix == ".hpp" and "#pragma once" not in text.split("\n", 1)[0]:
            found.append(f"{path}: a header begins with #pragma once")
    return found


def main(arguments):
    if len(arguments) != 1:
        print("usage: includes.py ROOT", file=sys.stderr)
        return 2
    found = scan(arguments[0])
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
