"""The container image: what is in it, what is not, and that it checks a database as any other copy of the program does."""

import json
import os
import re
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from container_image import REPOSITORY, ContainerImage
from servers import certificates
from servers.mariadb import MariaDB
from servers.process import find_program, run_as
from servers.redis import Redis

LOADER = "/lib64/ld-linux-x86-64.so.2"


@pytest.fixture(scope="module")
def image():
    with ContainerImage() as built:
        yield built


@pytest.fixture(scope="module")
def authority():
    return certificates.Authority("Demo")


@pytest.fixture
def directory():
    with tempfile.TemporaryDirectory(prefix="tlswarden-", ignore_cleanup_errors=True) as place:
        os.chmod(place, 0o755)
        yield Path(place) / "server"


def check(image, engine, port, ca, user="", tls=None, secret=None):
    """(exit status, the endpoint with its status) of one check with `mode: verify-full`. `secret` is what the Secret
    holds besides the password."""
    reference = {"secretKeyRef": {"name": "login", "key": "password"}}
    auth = {"password": reference, **({"username": {"value": user}} if user else {})}
    tls = {"mode": "verify-full", **({"ca": {"inline": ca.decode()}} if ca else {}), **(tls or {})}
    documents = [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"},
         "stringData": {"password": "demo-password", **(secret or {})}},
        {"apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint", "metadata": {"name": "orders"},
         "spec": {"engine": engine, "host": "localhost", "port": port, "timeout": "60s", "tls": tls, "auth": auth}}]
    done = image.start("check", "-f", "-", "-o", "json", stdin="\n---\n".join(map(json.dumps, documents)))
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def condition(resource, kind="Ready"):
    return next(c for c in resource["status"]["conditions"] if c["type"] == kind)


def test_it_runs_and_tells_its_version_and_that_of_openssl(image):
    done = image.start("version")
    assert (done.returncode, done.stderr) == (0, "")
    version = image.config["Labels"]["org.opencontainers.image.version"]
    assert done.stdout.startswith(f"tlswarden {version}\nOpenSSL 3.5.")


def test_a_healthy_server_passes(image, authority, directory):
    with Redis(directory, authority.server()) as server:
        code, resource = check(image, "redis", server.port, authority.root.certificate_pem())
    assert (code, condition(resource)["status"]) == (0, "True"), condition(resource)


def test_an_expired_certificate_is_critical(image, authority, directory):
    day = certificates.DAY
    old = authority.server(not_before=authority.now - 90 * day, not_after=authority.now - 3 * day)
    with Redis(directory, old) as server:
        code, resource = check(image, "redis", server.port, authority.root.certificate_pem())
    assert (code, condition(resource)["status"]) == (2, "False")
    assert "expired" in condition(resource)["message"]


def test_without_a_declared_authority_it_has_those_of_the_public(image, authority, directory):
    with Redis(directory, authority.server()) as server:
        code, resource = check(image, "redis", server.port, None)
    assert (code, condition(resource)["reason"]) == (2, "UnknownIssuer"), condition(resource)


def test_it_logs_in_to_an_account_whose_method_the_client_library_loads(image, authority, directory):
    """Of MariaDB's accounts those with ed25519 need a plugin, which is opened by its name."""
    with MariaDB(directory, authority.server(), settings=["--plugin-load-add=auth_ed25519"]) as server:
        statement = "CREATE USER signer@'%' IDENTIFIED VIA ed25519 USING PASSWORD('demo-password')"
        run_as(None, [find_program("mariadb"), "--no-defaults", "--skip-ssl", f"--socket={directory / 's'}", "-u", "root", "-e",
                      statement])
        code, resource = check(image, "mariadb", server.port, authority.root.certificate_pem(), user="signer")
    assert (code, condition(resource, "SessionEncrypted")["reason"]) == (0, "EncryptionConfirmed"), resource["status"]


def test_it_reads_a_key_that_is_encrypted_as_it_was_long_ago(image, authority, directory):
    """OpenSSL 3 opens by name what it needs for that."""
    client = authority.client()
    command = ["openssl", "pkcs8", "-topk8", "-v1", "PBE-SHA1-RC2-40", "-passout", "pass:demo-password", "-provider", "default",
               "-provider", "legacy"]
    key = subprocess.run(command, input=client.key_pem(), stdout=subprocess.PIPE, check=True).stdout.decode()
    ca = authority.root.certificate_pem()
    reference = {"secretKeyRef": {"name": "login", "key": "password"}}
    with Redis(directory, authority.server(), client_ca=ca, demand_client_certificate=True) as server:
        code, resource = check(image, "redis", server.port, ca, secret={"key": key}, tls={
            "clientCertificate": {"inline": client.chain_pem().decode()}, "clientKeyPassphrase": reference,
            "clientKey": {"secretKeyRef": {"name": "login", "key": "key"}}})
    assert (code, condition(resource)["status"]) == (0, "True"), condition(resource)


def test_every_library_is_there(image):
    plugins = sorted(path for path in image.root.glob("usr/lib/*/*/**/*.so"))
    assert {"client_ed25519.so", "legacy.so"} < {path.name for path in plugins}
    for program in ["/usr/bin/tlswarden", *(f"/{plugin.relative_to(image.root)}" for plugin in plugins)]:
        done = image.execute([LOADER, "--list", program])
        assert done.returncode == 0 and "not found" not in done.stdout, done.stdout + done.stderr


def test_its_user_is_a_number_and_not_root(image):
    assert re.fullmatch(r"[1-9]\d{4,}:[1-9]\d{4,}", image.config["User"])
    user, group = image.config["User"].split(":")
    assert f":x:{user}:{group}:" in (image.root / "etc/passwd").read_text()


def test_what_it_declares(image):
    assert image.config["Entrypoint"] == ["/usr/bin/tlswarden"]
    assert list(image.config["ExposedPorts"]) == ["9464/tcp"]
    declared = re.search(r"project\(tlswarden VERSION (\S+)", (REPOSITORY / "CMakeLists.txt").read_text()).group(1)
    assert image.config["Labels"]["org.opencontainers.image.version"] == declared
    assert {f"org.opencontainers.image.{name}" for name in ("title", "description", "licenses")} < set(image.config["Labels"])


def test_there_is_nothing_else_to_start(image):
    started = {path.relative_to(image.root).as_posix() for path in image.files()
               if path.stat().st_mode & 0o111 and ".so" not in path.name}
    assert started == {"usr/bin/tlswarden"}
    assert not list(image.root.glob("**/sbin/*"))


def test_nothing_gives_more_rights_than_its_user_has(image):
    for path in image.root.rglob("*"):
        mode = path.lstat().st_mode
        assert not mode & (stat.S_ISUID | stat.S_ISGID), path
        assert not mode & stat.S_IWOTH or path.is_symlink() or path == image.root / "tmp", path


def test_it_is_small_and_scanners_can_read_what_is_in_it(image):
    packages = {path.name for path in (image.root / "var/lib/dpkg/status.d").iterdir()}
    assert packages > {"ca-certificates", "libc6", "libmariadb3", "libssl3t64", "tzdata"}
    size = sum(path.stat().st_size for path in image.files()) / 1e6
    print(f"\nThe image has {size:.0f} MB of files, of {len(packages)} Debian packages.")
    assert size < 150
