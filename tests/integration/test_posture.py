"""What a server accepts besides what it settles for: protocol versions below the floor, weak keys, weak signatures."""

import json

import pytest

from engines import BY_NAME
from program import check, endpoint, login_secret, run
from servers import certificates

EVERY_VERSION = {
    "postgresql": {"settings": {"ssl_min_protocol_version": "TLSv1", "ssl_ciphers": "ALL:@SECLEVEL=0"}},
    "mariadb": {"settings": ["--tls-version=TLSv1.0,TLSv1.1,TLSv1.2,TLSv1.3", "--ssl-cipher=ALL:@SECLEVEL=0"]},
    "redis": {"settings": ["--tls-protocols", "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", "--tls-ciphers", "ALL:@SECLEVEL=0"]},
}
# Debian's OpenSSL refuses weak certificates even to the server that is to show them.
ANYTHING_GOES = "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nCipherString = DEFAULT:@SECLEVEL=0\n"


def serve(engine, identity, directory, templates, **options):
    if engine in templates:
        options["template"] = templates[engine]
    return BY_NAME[engine].SERVER(directory, identity, **options)


def look(engine, port, files, **spec):
    spec = {"mode": "verify-full", "ca": files["ca"], "plaintextCheck": {"enabled": False}, **BY_NAME[engine].ACCOUNT, **spec}
    return check([login_secret(), endpoint("e", engine, port, **spec)])


@pytest.mark.parametrize("engine", EVERY_VERSION)
def test_names_the_versions_below_the_floor(engine, authority, templates, files, server_directory):
    identity = authority.server(key=certificates.rsa_key())
    with serve(engine, identity, server_directory, templates, **EVERY_VERSION[engine]) as server:
        seen = look(engine, server.port, files)
        low = look(engine, server.port, files, tls={"minVersion": "TLSv1.1"})
        off = look(engine, server.port, files, legacyProtocolCheck={"enabled": False})
    status = seen.status("e")
    assert status["tls"]["version"] == "TLSv1.3" and status["tls"]["legacyVersions"] == ["TLSv1.1", "TLSv1.0"]
    advice = next(a for a in status["advice"] if a["reason"] == "LegacyProtocolAccepted")
    assert advice["action"] == "RaiseProtocolFloor" and advice["urgency"] == "Planned"
    # Both sides: the clients', and this server's own setting; no other engine's.
    title = {"postgresql": "PostgreSQL", "mariadb": "MySQL and MariaDB", "redis": "Redis"}[engine]
    assert [step.split(":")[0] for step in advice["steps"]] == ["Clients", title]
    # It works as declared: nobody is woken for it.
    assert seen.code == 0 and seen.condition("e", "Ready")["status"] == "True"
    assert low.status("e")["tls"]["legacyVersions"] == ["TLSv1.0"]
    assert "legacyVersions" not in off.status("e")["tls"]


@pytest.mark.parametrize("engine", EVERY_VERSION)
def test_a_server_with_a_floor_has_none(engine, authority, templates, files, server_directory):
    with serve(engine, authority.server(), server_directory, templates) as server:
        seen = look(engine, server.port, files)
        strict = look(engine, server.port, files, tls={"minVersion": "TLSv1.3"})
    assert "legacyVersions" not in seen.status("e")["tls"]
    assert "LegacyProtocolAccepted" not in seen.reasons("e")
    # TLS 1.2 is below a floor of 1.3, and Debian's servers do accept it.
    assert strict.status("e")["tls"]["legacyVersions"] == ["TLSv1.2"]


def test_a_host_that_counts_failures_is_offered_them_only_before_a_login(authority, templates, files, server_directory):
    with serve("mariadb", authority.server(), server_directory, templates) as server:
        document = endpoint("e", "mariadb", server.port, mode="verify-full", ca=files["ca"], user=None)
        transcript = run("check", "--debug", "-f", "-", stdin=json.dumps(document)).stderr
        document = endpoint("e", "mariadb", server.port, mode="verify-full", ca=files["ca"])
        with_login = run("check", "--debug", "-f", "-",
                         stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": [login_secret(), document]})).stderr
    assert transcript.count("| handshake:") == 1
    assert with_login.count("| handshake:") >= 2


@pytest.mark.parametrize("weakness", ["WeakKey", "WeakSignature"])
def test_a_weak_certificate_is_named(weakness, authority, templates, files, server_directory):
    if weakness == "WeakKey":
        identity = authority.server(key=certificates.rsa_key(1024))
    else:
        identity = certificates.weakly_signed(authority.intermediate, "sha1", server_directory)
    configuration = server_directory / "openssl.cnf"
    configuration.write_text(ANYTHING_GOES)
    configuration.chmod(0o644)
    server = serve("postgresql", identity, server_directory, templates)
    server.environment = {"OPENSSL_CONF": str(configuration)}
    with server:
        seen = look("postgresql", server.port, files)
    advice = next(a for a in seen.status("e")["advice"] if a["reason"] == weakness)
    assert advice["action"] == "ReplaceServerCertificate" and any("pg_reload_conf" in s for s in advice["steps"])
