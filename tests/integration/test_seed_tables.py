"""The tables of the guides of SQL clients, line by line. What a line promises of a server is reproduced on a real one, and
held against psql. Troubleshooting has test_seed_messages.py to itself, the fallback in all its ways test_prefer.py."""

import json

import pytest

from clients import Material, psql
from program import MODES, check, endpoint, login_secret, run
from servers import certificates
from servers.breaker import PostgreSQLBreaker
from servers.postgresql import PostgreSQL
from servers.process import free_port

FAMILY = ["postgresql", "redshift", "cockroachdb"]
TWO_PASS = ["mysql", "mariadb"]
WITHOUT_FALLBACK = ["mongodb", "redis", "cassandra", "clickhouse", "oracle", "etcd"]
ENGINES = [*FAMILY, *TWO_PASS, "sqlserver", *WITHOUT_FALLBACK]


@pytest.fixture(scope="module")
def fleet(workspace, authority, templates):
    """PostgreSQL servers by what is particular about them, started when first asked for."""
    self_signed = certificates.issue("localhost", dns=["localhost"], ips=["127.0.0.1"], usage=["server"])
    kinds = {
        "tls": lambda: {"identity": authority.server()},
        "no-tls": lambda: {"identity": None},
        "tls-only": lambda: {"identity": authority.server(), "access": ["hostssl all all all scram-sha-256"]},
        "self-signed": lambda: {"identity": self_signed},
        "other-name": lambda: {"identity": authority.server(dns=["db.elsewhere.example"], ips=())},
    }
    running = {}

    def server(kind):
        if kind not in running:
            running[kind] = PostgreSQL(workspace / f"tables-{kind}", template=templates["postgresql"], **kinds[kind]())
            running[kind].start()
        return running[kind]

    yield server
    for each in running.values():
        each.stop()


# Table "Modes" (TablePro) and "SSL Modes" (Zequel): line, server, CA, mode, works, encrypted.
MODES_TABLE = [
    ("Disabled: plain TCP", "tls", None, "disable", True, False),
    ("Disabled: no TLS where it is demanded", "tls-only", None, "disable", False, None),
    ("Preferred: TLS first", "tls", None, "prefer", True, True),
    ("Preferred: plain if the server has no TLS", "no-tls", None, "prefer", True, False),
    ("Preferred: invalid certificates are no obstacle", "self-signed", None, "prefer", True, True),
    ("Required: fail without encryption", "no-tls", None, "require", False, None),
    ("Required: no certificate validation", "self-signed", None, "require", True, True),
    ("Verify CA: trust store asked", "tls", "wrong-ca", "verify-ca", False, None),
    ("Verify CA: signed by a trusted CA", "tls", "ca", "verify-ca", True, True),
    ("Verify CA: hostname not checked", "other-name", "ca", "verify-ca", True, True),
    ("Verify CA: self-signed refused", "self-signed", "ca", "verify-ca", False, None),
    ("Verify Identity: hostname must match", "other-name", "ca", "verify-full", False, None),
    ("Verify Identity: CA and hostname", "tls", "ca", "verify-full", True, True),
    ("Verify Identity: trusted CA as well", "tls", "wrong-ca", "verify-full", False, None),
]


@pytest.mark.parametrize("line,kind,ca,mode,works,encrypted", MODES_TABLE, ids=[row[0] for row in MODES_TABLE])
def test_modes_table(line, kind, ca, mode, works, encrypted, fleet, files):
    server = fleet(kind)
    material = Material(ca=files[ca] if ca else None)
    seen = check([login_secret(), endpoint("e", "postgresql", server.port, mode=mode, ca=material.ca)])
    real = psql(server, mode, material)
    assert (real.works, real.encrypted) == (works, encrypted), real
    assert (seen.rung("e", mode)["outcome"] == "Works") == works, seen.out
    session = seen.condition("e", "SessionEncrypted")["status"]
    assert session == {True: "True", False: "False", None: "Unknown"}[encrypted], seen.out
    assert (seen.condition("e", "ModeSatisfied")["status"] == "True") == works


def test_modes_table_note_a_failed_handshake_is_retried_without_tls(fleet):
    with PostgreSQLBreaker(fleet("tls"), "alert") as server:
        seen = check([login_secret(), endpoint("e", "postgresql", server.port, mode="prefer")])
    assert seen.rung("e", "prefer")["reason"] == "FallbackToPlaintext", seen.out


SPELLINGS = [
    ("Disabled", "disable"), ("Preferred", "prefer"), ("Required", "require"), ("Verify CA", "verify-ca"),
    ("Verify Identity", "verify-full"),
    ("Disable", "disable"), ("Prefer", "prefer"), ("Require", "require"), ("VerifyCA", "verify-ca"),
    ("VerifyFull", "verify-full"),
    ("DISABLED", "disable"), ("PREFERRED", "prefer"), ("REQUIRED", "require"), ("VERIFY_CA", "verify-ca"),
    ("VERIFY_IDENTITY", "verify-full"),
]


@pytest.mark.parametrize("spelling,mode", SPELLINGS, ids=[s[0] for s in SPELLINGS])
def test_a_mode_in_the_spelling_of_a_guide_is_answered_with_ours(spelling, mode):
    manifest = json.dumps(endpoint("e", "mysql", 3306, mode=spelling, user=None))
    result = run("validate", "-f", "-", stdin=manifest)
    assert result.returncode == 2
    assert f"spec.tls.mode: '{spelling}' is written {mode} here" in result.stderr


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_in_the_spelling_of_a_connection_string_is_ours(mode):
    assert run("validate", "-f", "-", stdin=json.dumps(endpoint("e", "mysql", 3306, mode=mode, user=None))).returncode == 0


# Table "Per-engine defaults".
DEFAULTS = ([(engine, "prefer", "sslmode=prefer") for engine in FAMILY]
            + [("mysql", "prefer", "--ssl-mode=PREFERRED"), ("mariadb", "prefer", "--ssl"),
               ("sqlserver", "prefer", "encryption = request")]
            + [(engine, "disable", "") for engine in WITHOUT_FALLBACK])


@pytest.mark.parametrize("engine,mode,spelling", DEFAULTS, ids=[f"{d[0]} {d[1]}" for d in DEFAULTS])
def test_defaults_table(engine, mode, spelling):
    result = run("check", f"{engine}://127.0.0.1:{free_port()}?timeout=2s", "-o", "json")
    assert json.loads(result.stdout)["spec"]["tls"]["mode"] == mode, result.stderr
    explained = run("explain", f"engine/{engine}").stdout
    assert f"mode {mode}," in explained
    assert spelling in explained


@pytest.mark.parametrize("engine", ["sqlite", "duckdb", "SQLite", "DuckDB"])
def test_defaults_table_na_no_network_protocol(engine):
    result = run("validate", "-f", "-", stdin=json.dumps(endpoint("e", engine, 1, user=None)))
    assert result.returncode == 2
    assert "has no network protocol, so it has no TLS to watch" in result.stderr


# Table "Preferred fallback behavior".
FALLBACK = ([(engine, "The client itself goes on in plaintext when TLS does not come about.") for engine in FAMILY]
            + [("sqlserver", "goes on in plaintext where the server offers no TLS")]
            + [(engine, "Plaintext only after an error of TLS itself, never after one of the network or of authentication.")
               for engine in TWO_PASS]
            + [(engine, "The client has no fallback, so prefer is the same as require.") for engine in WITHOUT_FALLBACK])


@pytest.mark.parametrize("engine,words", FALLBACK, ids=[f"{f[0]}: {' '.join(f[1].split()[:6])}" for f in FALLBACK])
def test_fallback_table(engine, words):
    assert words in " ".join(run("explain", f"engine/{engine}").stdout.split())


@pytest.mark.parametrize("engine", ENGINES)
def test_fallback_table_warns_where_preferred_is_required(engine):
    result = run("validate", "-f", "-", stdin=json.dumps(endpoint("e", engine, 1, mode="prefer", user=None)))
    assert result.returncode == 0, result.stderr
    warned = "spec.tls.mode: " in result.stderr and "prefer is the same as require" in result.stderr
    assert warned == (engine in WITHOUT_FALLBACK), result.stderr
