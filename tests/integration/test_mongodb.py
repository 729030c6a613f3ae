"""The login to MongoDB: SCRAM through the relay, against a real server."""

import pytest

from program import check, endpoint, login_secret
from servers.mongodb import MongoDB


@pytest.fixture(scope="module")
def server(authority, workspace):
    with MongoDB(workspace / "mongodb", authority.server()) as running:
        yield running


def seen_by(server, files, password="demo-password", **spec):
    seen = check([login_secret(password), endpoint("e", "mongodb", server.port, mode="verify-full", ca=files["ca"], **spec)])
    assert "demo-password" not in seen.out + seen.err
    return seen


def test_a_login_tells_the_version_and_no_more_than_the_server_knows(server, files):
    seen = seen_by(server, files, expectedServerVersion="1.24")
    assert seen.condition("e", "Ready")["status"] == "True", seen.out
    assert seen.condition("e", "ServerVersionMatched")["status"] == "True"
    # FerretDB knows no net.tls.mode, so it cannot confirm anything.
    assert seen.condition("e", "SessionEncrypted")["status"] == "Unknown"
    assert seen.condition("e", "SessionEncrypted")["reason"] == "EncryptionUnconfirmed"


def test_the_version_needs_no_login(server, files):
    seen = seen_by(server, files, user=None, expectedServerVersion=">=99")
    assert "VersionMismatch" in seen.reasons("e"), seen.out


@pytest.mark.parametrize("spec", [{"password": "wrong"}, {"user": "nobody"}, {"database": "elsewhere"}],
                         ids=["password", "user", "database"])
def test_a_wrong_login_is_named(server, files, spec):
    seen = seen_by(server, files, **spec)
    assert "AuthenticationFailed" in seen.reasons("e"), seen.out
    assert "spec.auth" in seen.condition("e", "Ready")["message"]
    # Nothing is wrong with TLS.
    assert seen.rung("e", "verify-full")["outcome"] == "Works"


def test_the_declared_name_may_differ_from_the_host(server, files):
    assert "HostnameMismatch" in seen_by(server, files, tls={"serverName": "db.example.com"}).reasons("e")
    seen = seen_by(server, files, host="127.0.0.1", tls={"serverName": "localhost"})
    assert seen.condition("e", "Ready")["status"] == "True", seen.out
