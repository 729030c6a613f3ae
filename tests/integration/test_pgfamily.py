"""What Redshift and CockroachDB say of themselves, which is not what the PostgreSQL says that they imitate."""

import ssl
import subprocess

import pytest

from clients import Material, psql
from program import check, endpoint, login_secret
from servers.pgfamily import CockroachDB, Redshift


def looked_at(server, files, mode="verify-full", **spec):
    seen = check([login_secret(), endpoint("e", server.engine, server.port, mode=mode, ca=files["ca"],
                                           database="postgres", timeout="8s", **spec)])
    assert "e" in seen.resources, seen.err
    return seen


@pytest.fixture
def front(server_directory, templates):
    """Makes a front before the one PostgreSQL that all of them share."""
    return lambda kind, identity, **options: kind(server_directory, identity, template=templates[kind.engine], **options)


@pytest.mark.parametrize("announced", [True, False], ids=["crdb_version", "select-version"])
def test_cockroachdb_tells_its_own_version(announced, front, authority, files):
    with front(CockroachDB, authority.server(), announces_version=announced) as server:
        seen = looked_at(server, files, expectedServerVersion=">=v25.2 <26")
    assert seen.status("e")["server"]["version"] == "25.2.22", seen.out
    assert seen.condition("e", "ServerVersionMatched")["status"] == "True"
    assert seen.code == 0, seen.out


def test_redshift_tells_its_own_build(front, authority, files):
    with front(Redshift, authority.server()) as server:
        matched = looked_at(server, files, expectedServerVersion=">=1.0.48000")
        other = looked_at(server, files, expectedServerVersion="8.0.2")
    assert matched.status("e")["server"]["version"] == "1.0.48805", matched.out
    assert matched.condition("e", "ServerVersionMatched")["status"] == "True"
    assert "VersionMismatch" in other.reasons("e")


@pytest.mark.parametrize("kind", [CockroachDB, Redshift], ids=lambda kind: kind.engine)
def test_without_a_login_no_version_is_known(kind, front, authority, files):
    with front(kind, authority.server()) as server:
        seen = looked_at(server, files, user=None, expectedServerVersion="1")
    assert "version" not in seen.status("e").get("server", {}), seen.out
    assert seen.condition("e", "ServerVersionMatched")["reason"] == "CredentialsRequired"


@pytest.mark.parametrize("kind", [CockroachDB, Redshift], ids=lambda kind: kind.engine)
def test_an_unconfirmed_session_tells_our_side_of_it(kind, front, authority, files):
    with front(kind, authority.server()) as server:
        seen = looked_at(server, files)
    encrypted = seen.condition("e", "SessionEncrypted")
    assert (encrypted["status"], encrypted["reason"]) == ("Unknown", "EncryptionUnconfirmed"), seen.out
    assert "on our side the login went over TLS, as verify-full demands" in encrypted["message"]
    assert seen.condition("e", "Ready")["status"] == "True" and seen.code == 0


def test_a_superuser_reads_redshifts_connection_log(front, authority, files):
    with front(Redshift, authority.server(), superuser=True, tls_max=ssl.TLSVersion.TLSv1_2) as server:
        encrypted = looked_at(server, files).condition("e", "SessionEncrypted")
        plain = looked_at(server, files, mode="disable").condition("e", "SessionEncrypted")
    assert (encrypted["status"], encrypted["reason"]) == ("True", "EncryptionConfirmed")
    assert "TLSv1.2" in encrypted["message"]
    assert (plain["status"], plain["reason"]) == ("False", "SessionNotEncrypted")


@pytest.mark.parametrize("kind,options,words", [
    (CockroachDB, {}, "node is running secure mode, SSL connection required"),
    (Redshift, {"require_ssl": True}, "SSL off"),
], ids=["cockroachdb", "redshift"])
def test_plaintext_is_refused_in_the_servers_words(kind, options, words, front, authority, files):
    with front(kind, authority.server(), **options) as server:
        seen = looked_at(server, files, mode="disable")
        assert words in psql(server, "disable", Material()).words
    first = seen.status("e")["advice"][0]
    assert (first["reason"], first["action"]) == ("ServerRequiresTLS", "ChangeMode"), seen.out
    ours, server_said = seen.rung("e", "disable")["message"].split("\nServer: ")
    assert words in server_said and words not in ours


@pytest.mark.parametrize("kind", [CockroachDB, Redshift], ids=lambda kind: kind.engine)
def test_neither_is_met_with_tls_first(kind, front, authority):
    with front(kind, authority.server()) as server:
        hello = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20, text=True)
        assert "no peer certificate available" in hello.stdout
        seen = check([endpoint("e", kind.engine, server.port, user=None, mode="require", tls={"negotiation": "direct"})])
    assert "spec.tls.negotiation" in seen.err and "auto or in-band" in seen.err
