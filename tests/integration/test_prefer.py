"""What prefer does when TLS breaks, in each way in which it can break: the ladder, and our own login, against the
engines' clients before a real server."""

import re
import ssl

import pytest

import engines.mariadb
import engines.redis
from clients import Material, psql
from program import check, endpoint, login_secret
from servers.breaker import MySQLBreaker, PostgreSQLBreaker, TLSBreaker
from servers.mariadb import MariaDB
from servers.pgfamily import CockroachDB, Redshift
from servers.postgresql import PostgreSQL
from servers.redis import Redis

# CR_SSL_CONNECTION_ERROR, CR_SERVER_HANDSHAKE_ERR, ER_HANDSHAKE_ERROR: after these a client of two passes tries
# without TLS, after others (2002 and 2003 of the network, 1045 of authentication) it does not.
SECOND_PASS = {2026, 2012, 1043}
# Connector/C gives the number of a TLS error also to a connection that was cut meanwhile.
OF_THE_NETWORK = re.compile(r"reset by peer|unexpected eof", re.I)


def patience(fault):
    """Seconds. Whoever is met with silence waits for all of them; a busy machine needs some where there is an answer."""
    return 3 if fault == "silence" else 30


def looked_at(engine, port, fault=None, **spec):
    spec = {"user": "app", "timeout": f"{patience(fault)}s", **spec}
    return check([login_secret(), endpoint("e", engine, port, mode="prefer", **spec)])


def outcome(seen):
    """(works, encrypted) of the rung prefer."""
    rung = seen.rung("e", "prefer")
    assert rung["outcome"] in ("Works", "Rejected"), seen.out
    works = rung["outcome"] == "Works"
    return works, works and rung.get("reason") != "FallbackToPlaintext"


def own_login(seen):
    """What became of our own login: None, or the server's word on whether it was encrypted."""
    return {"True": True, "False": False, "Unknown": None}[seen.condition("e", "SessionEncrypted")["status"]]


def two_passes(server):
    """mariadb itself goes on in plaintext only where the server offers no TLS; the second pass is the application's."""
    first = engines.mariadb.client(server, "prefer", Material())
    if first.works:
        return first
    number = int(re.match(r"ERROR (\d+)", first.words).group(1))
    if number not in SECOND_PASS or OF_THE_NETWORK.search(first.words):
        return first
    return engines.mariadb.client(server, "disable", Material())


@pytest.fixture(scope="module")
def postgresql(workspace, authority, templates):
    with PostgreSQL(workspace / "prefer-pg", authority.server(), template=templates["postgresql"]) as server:
        yield server


@pytest.fixture(scope="module")
def mariadb(workspace, authority, templates):
    with MariaDB(workspace / "prefer-my", authority.server(), template=templates["mariadb"]) as server:
        yield server


PLAIN, TLS, REFUSED = (True, False), (True, True), (False, False)


@pytest.mark.parametrize("fault,expected", [
    (None, TLS),
    ("no_tls", PLAIN),         # 'N'
    ("garbage", PLAIN),        # handshake failures of every kind
    ("alert", PLAIN),
    ("version_alert", PLAIN),
    ("cut", PLAIN),
    ("reset", PLAIN),
    ("silence", REFUSED),      # the network, and what may be an attack
    ("cut_early", REFUSED),
    ("injected", REFUSED),
])
def test_postgresql_falls_back_as_psql_does(fault, expected, postgresql):
    with PostgreSQLBreaker(postgresql, fault) as server:
        real = psql(server, "prefer", Material(), patience=patience(fault))
        seen = looked_at("postgresql", server.port, fault)
    assert (real.works, bool(real.encrypted)) == expected, real
    assert outcome(seen) == expected, seen.out
    assert own_login(seen) == (expected[1] if expected[0] else None), seen.out
    if expected == PLAIN:
        assert seen.rung("e", "require")["outcome"] == "Rejected"
        assert "because the client fell back to plaintext" in seen.condition("e", "SessionEncrypted")["message"]
        assert seen.code == 2


def test_postgresql_takes_an_error_for_the_answer_to_sslrequest_as_final(postgresql):
    with PostgreSQLBreaker(postgresql, "error") as server:
        real = psql(server, "prefer", Material())
        seen = looked_at("postgresql", server.port)
    assert not real.works and "error response during SSL exchange" in real.words
    assert seen.rung("e", "prefer")["outcome"] != "Works" and seen.condition("e", "Reachable")["reason"] == "ServerBusy"
    assert own_login(seen) is None


@pytest.mark.parametrize("certificate,tls,expected", [
    ("unknown", ssl.TLSVersion.TLSv1_2, PLAIN),    # the alert ends the handshake
    ("unknown", ssl.TLSVersion.TLSv1_3, REFUSED),  # the alert comes when the client has finished
], ids=["client-certificate-tls12", "client-certificate-tls13"])
def test_postgresql_and_a_bad_client_certificate(certificate, tls, expected, authority, files, templates, server_directory):
    settings = {"ssl_max_protocol_version": {"TLSv1_2": "TLSv1.2"}.get(tls.name, "TLSv1.3")}
    material = Material(certificate=files[f"{certificate}.crt"], key=files[f"{certificate}.key"])
    with PostgreSQL(server_directory, authority.server(), client_ca=authority.root.certificate_pem(), settings=settings,
                    template=templates["postgresql"]) as server:
        real = psql(server, "prefer", material)
        seen = looked_at("postgresql", server.port, certificate=material.certificate, key=material.key)
    assert (real.works, bool(real.encrypted)) == expected, real
    assert outcome(seen) == expected, seen.out


def test_postgresql_verifies_once_a_ca_is_given_and_drops_to_plaintext_when_that_fails(postgresql, files):
    real = psql(postgresql, "prefer", Material(ca=files["wrong-ca"]))
    seen = looked_at("postgresql", postgresql.port, ca=files["wrong-ca"])
    assert (real.works, real.encrypted) == PLAIN, real
    assert outcome(seen) == PLAIN and own_login(seen) is False, seen.out
    assert psql(postgresql, "prefer", Material()).encrypted
    assert outcome(looked_at("postgresql", postgresql.port)) == TLS


def test_postgresql_tries_without_tls_after_a_fatal_error_inside_it(authority, templates, server_directory):
    with PostgreSQL(server_directory, authority.server(), access=["hostnossl all all all scram-sha-256"],
                    template=templates["postgresql"]) as server:
        real = psql(server, "prefer", Material())
        seen = looked_at("postgresql", server.port)
    assert (real.works, real.encrypted) == PLAIN, real
    assert outcome(seen) == PLAIN and own_login(seen) is False, seen.out
    assert "TLSRefused" == seen.rung("e", "require")["reason"]


@pytest.mark.parametrize("kind", [CockroachDB, Redshift], ids=lambda kind: kind.engine)
@pytest.mark.parametrize("fault,falls_back", [("no_tls", True), ("garbage", True), ("cut", True), ("silence", False)])
def test_the_postgresql_family_is_libpqs(kind, fault, falls_back, authority, templates, server_directory):
    options = {"accept_plaintext": True} if kind is CockroachDB else {}
    with kind(server_directory, authority.server(), template=templates[kind.engine], **options) as front:
        with PostgreSQLBreaker(front, fault) as server:
            real = psql(server, "prefer", Material(), patience=patience(fault))
            seen = looked_at(kind.engine, server.port, fault, database="postgres")
    assert (real.works, bool(real.encrypted)) == (PLAIN if falls_back else REFUSED), real
    assert outcome(seen) == (PLAIN if falls_back else REFUSED), seen.out


@pytest.mark.parametrize("fault,expected", [
    (None, TLS),
    ("no_tls", PLAIN),             # the greeting offers none
    ("garbage", PLAIN),            # CR_SSL_CONNECTION_ERROR
    ("alert", PLAIN),
    ("version_alert", PLAIN),
    ("handshake_error", PLAIN),    # ER_HANDSHAKE_ERROR for the answer to the request
    ("cut", REFUSED),              # the network
    ("reset", REFUSED),
])
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_mysql_takes_a_second_pass_after_errors_of_tls_only(engine, fault, expected, mariadb):
    with MySQLBreaker(mariadb, fault) as server:
        real = two_passes(server)
        seen = looked_at(engine, server.port)
    assert (real.works, bool(real.encrypted)) == expected, real
    assert outcome(seen) == expected, seen.out
    assert own_login(seen) == (expected[1] if expected[0] else None), seen.out


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_mysql_takes_silence_for_no_error_of_tls(engine, mariadb):
    with MySQLBreaker(mariadb, "silence") as server:
        seen = looked_at(engine, server.port, "silence")
        assert outcome(seen) == REFUSED and own_login(seen) is None, seen.out
        assert server.sessions_without_tls == 1, "only the look without credentials, never a login"


def test_mysql_does_not_try_a_refused_password_without_tls(mariadb):
    with MySQLBreaker(mariadb) as server:
        seen = check([login_secret("wrong"), endpoint("e", "mariadb", server.port, mode="prefer", user="app")])
        real = engines.mariadb.client(server, "prefer", Material(), password="wrong")
    assert "AuthenticationFailed" in seen.reasons("e") and own_login(seen) is None, seen.out
    assert not real.works and "ERROR 1045" in real.words
    assert "FallbackToPlaintext" not in seen.reasons("e") | {seen.rung("e", "prefer").get("reason")}
    assert server.sessions_without_tls == 1, "only the look without credentials, never a login"


@pytest.mark.parametrize("fault", ["garbage", "alert", "cut", "reset"])
def test_redis_has_no_fallback(fault, server_directory):
    """One port that breaks TLS but would take plaintext."""
    with Redis(server_directory) as backend, TLSBreaker(backend, fault) as server:
        plain = engines.redis.client(server, "disable", Material())
        real = engines.redis.client(server, "prefer", Material())
        seen = looked_at("redis", server.port, user="", plaintextCheck={"enabled": True})
    assert plain.works and not real.works, (plain, real)
    assert outcome(seen) == REFUSED and own_login(seen) is None, seen.out
    assert seen.rung("e", "disable")["outcome"] == "Works"
    assert seen.rung("e", "prefer")["reason"] == seen.rung("e", "require")["reason"] != "FallbackToPlaintext"


def test_redis_is_warned_that_prefer_is_require(authority, server_directory):
    with Redis(server_directory, authority.server()) as server:
        seen = looked_at("redis", server.port, user="")
    rung = seen.rung("e", "prefer")
    assert (rung["outcome"], rung["reason"]) == ("Works", "PreferHasNoFallback"), seen.out
    assert "prefer is the same as require" in rung["message"]
    assert seen.condition("e", "ModeSatisfied")["reason"] == "PreferHasNoFallback"
