"""What a Cassandra tells, to whom: before a login, after one, and on a port that speaks both with TLS and without."""

import pytest

from engines import BY_NAME
from faults import FAULTS, make_server
from program import check, endpoint, login_secret
from servers.cassandra import BARE_USER

HEALTHY = next(fault for fault in FAULTS if fault.name == "healthy")


@pytest.fixture(scope="module")
def node(authority, templates, workspace):
    """Speaks both."""
    with make_server(BY_NAME["cassandra"], HEALTHY, authority, workspace / "cassandra", templates) as server:
        yield server


@pytest.fixture
def seen(node, files):
    """name -> how the endpoint differs from a healthy one."""
    def look(**documents):
        passwords = [login_secret(), login_secret("wrong", "wrong")]
        return check(passwords + [endpoint(name, "cassandra", node.port, **{"mode": "verify-full", "ca": files["ca"], **options})
                                  for name, options in documents.items()])
    return look


def test_tells_its_release_only_after_a_login(seen):
    result = seen(login={"expectedServerVersion": ">=5.0 <5.1"}, older={"expectedServerVersion": "4.1"},
                  stranger={"expectedServerVersion": ">=5.0", "user": None})
    assert result.status("login")["server"]["version"].startswith("5.0."), result.out
    assert result.condition("login", "ServerVersionMatched")["status"] == "True"
    assert result.condition("older", "ServerVersionMatched")["status"] == "False"
    unknown = result.condition("stranger", "ServerVersionMatched")
    assert (unknown["status"], unknown["reason"]) == ("Unknown", "CredentialsRequired"), result.out
    assert "version" not in result.status("stranger").get("server", {})


def test_confirms_the_encryption_of_the_session_itself(seen):
    result = seen(encrypted={}, plain={"mode": "disable"}, bare={"user": BARE_USER},
                  stranger={"user": None})
    assert result.condition("encrypted", "SessionEncrypted")["status"] == "True", result.out
    assert result.status("encrypted")["server"]["sessionProtocol"] == "TLSv1.3"
    assert result.condition("plain", "SessionEncrypted")["status"] == "False", result.out
    assert result.condition("bare", "SessionEncrypted")["status"] == "Unknown", "it takes a grant"
    assert result.status("bare")["server"]["version"].startswith("5.0.")
    assert result.condition("stranger", "SessionEncrypted")["status"] == "Unknown"


def test_the_plaintext_check_finds_a_port_that_speaks_both(seen):
    result = seen(e={"plaintextCheck": {"enabled": True}})
    assert "PlaintextAccepted" in result.reasons("e"), result.out


def test_names_a_login_that_fails(seen):
    result = seen(password={"password_from": "wrong"}, keyspace={"database": "no_such_keyspace"},
                  fine={"database": "system"})
    assert "AuthenticationFailed" in result.reasons("password"), result.out
    assert result.condition("keyspace", "Ready")["status"] == "False", result.out
    assert result.condition("fine", "Ready")["status"] == "True", result.out
