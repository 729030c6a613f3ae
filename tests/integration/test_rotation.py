"""Rotations on real servers, as the runbook says: the agent sees that the server has not loaded the new certificate, its
advice holds the command, and once that was run with the engine's own client the agent notices at its next check."""

import datetime
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing, suppress

import pytest

from engines import BY_NAME
from program import check, endpoint, login_secret
from servers import certificates
from test_agent import declare, manifests, running  # noqa: F401 (a fixture)

INTERVAL, PATIENCE = 5, 4
ENGINES = ["postgresql", "mariadb", "redis", "clickhouse"]
PASSWORD = "demo-password"
# How each of these servers takes up a certificate; ClickHouse is Debian's 18.16, which reads it only at its start.
KIND = {"postgresql": "Reload", "mariadb": "Reload", "redis": "Reload", "clickhouse": "Restart"}


def fingerprint(identity):
    return identity.certificate.fingerprint(certificates.hashes.SHA256()).hex()


def days(count):
    return count * datetime.timedelta(days=1)


@pytest.fixture
def old(authority):
    return authority.server(not_before=authority.now - days(60), not_after=authority.now + days(60))


@pytest.fixture
def new(authority):
    return authority.server(not_before=authority.now - days(1), not_after=authority.now + days(120))


def install(server, identity):
    """Replaces certificate and key on disk. The server is not told."""
    for name, pem, mode in (("server.key", identity.key_pem(), 0o600), ("server.crt", identity.chain_pem(), 0o644)):
        temporary = certificates.write(server.directory / f"{name}.new", pem, mode, server.owner)
        os.replace(temporary, server.directory / name)


def client(engine, server, ca):
    """The engine's own client, which takes a command as its last word."""
    return {
        "postgresql": ["psql", "-XAt", f"host=localhost port={server.port} user=app dbname=postgres sslmode=verify-full "
                       f"sslrootcert={ca} gssencmode=disable", "-c"],
        "mariadb": ["mariadb", "--no-defaults", "--skip-ssl", "--user=root", f"--socket={server.directory / 's'}", "-e"],
        "redis": ["redis-cli", "-p", str(server.port), "--tls", "--cacert", ca],
    }[engine]


def execute(engine, server, identity, ca, command):
    """Runs what the advice printed, with the words in capitals replaced as it says."""
    command = re.sub(r"\bCERT\b", str(server.directory / "server.crt"), command)
    command = re.sub(r"\bKEY\b", str(server.directory / "server.key"), command)
    if command.startswith("systemctl restart "):
        # No systemd here: what it would do.
        assert command.split()[-1] == f"{engine}-server"
        server.identity, server.fixed_port = identity, server.port
        server.stop()
        server.start()
        return
    words = shlex.split(command) if engine == "redis" else [command]
    subprocess.run([*client(engine, server, ca), *words], check=True, timeout=120, stdin=subprocess.DEVNULL,
                   env={"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD, "REDISCLI_AUTH": PASSWORD})


def declared(engine, server, ca, **spec):
    user = BY_NAME[engine].ACCOUNT.get("user", "app")
    return endpoint("orders", engine, server.port, mode="verify-full", ca=ca, user=user, checkInterval=f"{INTERVAL}s",
                    timeout=f"{PATIENCE}s", servedCertificate={"file": str(server.directory / "server.crt")},
                    rotation={"reloadGrace": "0s"}, **spec)


def stored_status(state):
    """What the running agent knows. It locks its file, so this reads a copy, with the log of what was written last; nothing
    where the agent wrote between the two."""
    with tempfile.TemporaryDirectory() as directory:
        for path in (state, state.with_name(state.name + "-wal")):
            if path.exists():
                shutil.copy(path, directory)
        with closing(sqlite3.connect(f"{directory}/{state.name}")) as database, suppress(sqlite3.DatabaseError):
            row = database.execute("SELECT status FROM endpoint").fetchone()
            return json.loads(row[0]) if row and row[0] else {}
    return {}


def matched(status):
    return next((c for c in status.get("conditions", []) if c["type"] == "ServedCertificateMatched"), {})


def wait_for(agent, state, reason, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = stored_status(state)
        if matched(status).get("reason") == reason:
            return status
        agent.read_log(0.1)
    raise AssertionError(f"no {reason} but {matched(stored_status(state))}\n{agent.log}")


def command_of(status, kind):
    """The command that the advice prints, and nothing else of it."""
    advice = next(a for a in status["advice"] if a["action"] == "ReloadServer")
    found = [m for m in (re.match(rf"{kind} with `([^`]+)` in ", step) for step in advice["steps"]) if m]
    assert len(found) == 1, advice
    assert any(step.startswith("Source: https://") for step in advice["steps"])
    assert f"`{found[0].group(1)}`" in advice["message"]
    return found[0].group(1)


def serving(engine, identity, directory, templates):
    options = {"template": templates[engine]} if engine in templates else {}
    return BY_NAME[engine].SERVER(directory, identity, **options)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rotation_as_the_advice_says(engine, old, new, templates, server_directory, files, manifests, tmp_path):  # noqa: F811
    state = tmp_path / "state.db"
    with serving(engine, old, server_directory, templates) as server:
        declare(manifests, "orders.yaml", login_secret(), declared(engine, server, files["ca"]))
        with running(manifests, state) as agent:
            before = wait_for(agent, state, "DeclaredCertificateServed")
            assert before["tls"]["chain"][0]["sha256"] == fingerprint(old)
            install(server, new)
            pending = wait_for(agent, state, "RotationPending")
            assert matched(pending)["status"] == "False"
            assert fingerprint(new)[:16] in matched(pending)["message"]
            assert pending["tls"]["chain"][0]["sha256"] == fingerprint(old)
            execute(engine, server, new, files["ca"], command_of(pending, KIND[engine]))
            reloaded = time.time()
            after = wait_for(agent, state, "DeclaredCertificateServed")
            assert matched(after)["status"] == "True"
            noticed = datetime.datetime.fromisoformat(matched(after)["lastTransitionTime"].replace("Z", "+00:00")).timestamp()
            # At the next check, which a busy machine may begin an interval late; not at the one after that.
            assert noticed - reloaded <= 2 * INTERVAL + PATIENCE
            assert after["tls"]["chain"][0]["sha256"] == fingerprint(new)
            assert not any(a["action"] == "ReloadServer" for a in after.get("advice", []))
            assert PASSWORD not in agent.log


class Session:
    """A client of MariaDB that stays connected over TLS."""

    def __init__(self, server, ca):
        self.process = subprocess.Popen(
            ["mariadb", "--no-defaults", "--host=127.0.0.1", f"--port={server.port}", "--user=app", f"--ssl-ca={ca}",
             "--ssl-verify-server-cert", "--unbuffered", "--batch", "--skip-column-names", "--skip-reconnect"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"PATH": os.environ["PATH"], "MYSQL_PWD": PASSWORD})

    def ask(self, query):
        self.process.stdin.write(query + ";\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(120)
        self.process.stdout.close()


def test_open_connections_outlive_the_reload(old, new, templates, server_directory, files):
    """What the runbook says of the cost of FLUSH SSL."""
    query = ("SELECT CONNECTION_ID(), VARIABLE_VALUE FROM information_schema.SESSION_STATUS "
             "WHERE VARIABLE_NAME = 'Ssl_server_not_after'")
    with serving("mariadb", old, server_directory, templates) as server, Session(server, files["ca"]) as early:
        answer = early.ask(query)
        assert len(answer) > 1, "the session is encrypted"
        install(server, new)
        pending = check([login_secret(), declared("mariadb", server, files["ca"])]).status("orders")
        execute("mariadb", server, new, files["ca"], command_of(pending, "Reload"))
        served = check([login_secret(), declared("mariadb", server, files["ca"])])
        assert served.condition("orders", "ServedCertificateMatched")["status"] == "True"
        assert early.ask(query) == answer, "the same connection still answers, with the certificate that it began with"
        with Session(server, files["ca"]) as late:
            assert late.ask(query)[1:] != answer[1:]


def test_a_renewal_that_would_break_clients_is_reported_before_it_is_loaded(authority, old, templates, server_directory,
                                                                            files):
    wrong = authority.server(dns=("localhost.example.com",), ips=(), not_before=authority.now - days(1), key=old.key)
    with serving("postgresql", old, server_directory, templates) as server:
        install(server, wrong)
        seen = check([login_secret(), declared("postgresql", server, files["ca"])])
    found = seen.condition("orders", "ServedCertificateMatched")
    assert (found["status"], found["reason"]) == ("False", "DeclaredCertificateUnfit"), found
    assert "would break verify-full" in found["message"] and "localhost.example.com" in found["message"]
    assert seen.condition("orders", "Ready")["status"] == "True", "what is served still works"
    assert seen.code == 1
