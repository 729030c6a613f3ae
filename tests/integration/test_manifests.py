"""Every engine has one documented example in manifests/, and every example is accepted as it stands."""

from pathlib import Path

import pytest
import yaml

from clients import Material
from engines import BY_NAME
from faults import FAULTS, make_server
from program import MODES, check, endpoint, login_secret, run

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = sorted((ROOT / "manifests").glob("*.yaml"))
# Of a way to reach a database rather than of an engine.
BESIDE_THE_ENGINES = {"bastion"}
ENGINES = list(yaml.safe_load((ROOT / "schema" / "engines.yaml").read_text(encoding="utf-8"))["engines"])


def endpoints(path):
    documents = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    return [d for d in documents if d and d["kind"] == "DatabaseEndpoint"]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_an_example_is_accepted(path):
    result = run("validate", "-f", path)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_an_example_is_commented_and_of_the_engine_it_is_named_after(path):
    assert path.read_text(encoding="utf-8").startswith("# ")
    engines = {example["spec"]["engine"] for example in endpoints(path)}
    assert engines == {path.stem} or path.stem in BESIDE_THE_ENGINES


def test_all_twelve_engines_have_an_example():
    assert len(ENGINES) == 12
    assert {path.stem for path in MANIFESTS} >= set(ENGINES)


def test_the_examples_can_be_loaded_together():
    result = run("validate", *[word for path in MANIFESTS for word in ("-f", path)])
    assert result.returncode == 0, result.stderr


def placed(example, server, mode, ca, account):
    """The example with this machine's server, CA and account in place of those that it makes up."""
    here = endpoint(f"{example['metadata']['name']}-{mode}", example["spec"]["engine"], server.port, mode=mode, ca=ca,
                    **account)
    made_up = {"provider", "srv", "expectedServerVersion", "auth"}
    spec = {field: value for field, value in example["spec"].items() if field not in made_up}
    tls = {field: value for field, value in spec.get("tls", {}).items() if field in ("minVersion", "negotiation")}
    return {**here, "spec": {**spec, **here["spec"], "timeout": "60s", "tls": {**tls, **here["spec"]["tls"]}}}


# What befalls it: a way to start the server, and the CA that is declared.
PLIGHTS = {
    "valid": ("healthy", "ca"),
    "expired": ("expired", "ca"),
    "unknown-issuer": ("healthy", "wrong-ca"),
    "wrong-name": ("wrong-name", "ca"),
    "tls-off": ("tls-off", "ca"),
    "client-certificate-demanded": ("client-certificate-demanded", "ca"),
}
FAULT = {fault.name: fault for fault in FAULTS}


@pytest.mark.parametrize("plight", PLIGHTS)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_example_meets_its_counterpart(engine, plight, authority, templates, files, server_directory):
    """In all five modes it says what the engine's own client gets with the same material."""
    # MySQL's counterpart is MariaDB: the driver is one, and Debian has no other.
    module = BY_NAME["mariadb" if engine == "mysql" else engine]
    example = endpoints(ROOT / "manifests" / f"{engine}.yaml")[0]
    fault, ca = FAULT[PLIGHTS[plight][0]], files[PLIGHTS[plight][1]]
    with make_server(module, fault, authority, server_directory, templates) as server:
        truth = {mode: module.client(server, mode, Material(ca)) for mode in MODES}
        seen = check([login_secret(), *(placed(example, server, mode, ca, module.ACCOUNT) for mode in MODES)])
    disagreements = []
    for declared in MODES:
        name = f"{example['metadata']['name']}-{declared}"
        assert name in seen.resources, seen.err
        for mode in MODES:
            rung = seen.rung(name, mode)
            if not module.left_open(fault, declared, rung) and (rung["outcome"] == "Works") != truth[mode].works:
                disagreements.append(f"declared {declared}, rung {mode}: {rung}, client {truth[mode]}")
        if plight == "valid" and declared not in ("disable", "prefer"):
            assert seen.condition(name, "Ready")["status"] == "True", seen.condition(name, "Ready")
    assert not disagreements, "\n".join(disagreements)
