"""Databases that only a bastion can reach: checked like any other, through one SSH connection; and every way in which the
tunnel itself can fail, told apart from failures of the database."""

import os
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from program import check, endpoint, login_secret, run
from servers.mariadb import MariaDB
from servers.namespace import network_namespace
from servers.postgresql import PostgreSQL
from servers.process import free_port
from servers.redis import Redis
from servers.sshd import SSHD, make_key
from test_agent import condition, declare, running

# The databases stand on our side of the cable; the bastion alone knows their name.
DATABASES, BASTION, NAME = "198.18.78.1", "198.18.78.2", "db.internal"
ENGINES = ["postgresql", "mariadb", "redis"]


@pytest.fixture(scope="module")
def network():
    with network_namespace([DATABASES], BASTION, {NAME: DATABASES}) as name:
        yield name


@pytest.fixture(scope="module")
def databases(network, authority, templates, workspace):
    identity = authority.server(dns=[NAME], ips=())
    where = {"address": DATABASES}
    with PostgreSQL(workspace / "behind-pg", identity, template=templates["postgresql"], **where) as postgresql, \
            MariaDB(workspace / "behind-my", identity, template=templates["mariadb"], **where) as mariadb, \
            Redis(workspace / "behind-rd", identity, **where) as redis:
        yield {"postgresql": postgresql, "mariadb": mariadb, "redis": redis}


@pytest.fixture(scope="module")
def keys(workspace):
    directory = workspace / "ssh-keys"
    directory.mkdir()
    kinds = {"ed25519": (), "ecdsa": (), "rsa": ("-b", "2048"), "pem": ("-b", "2048", "-m", "PEM"),
             "pkcs8": ("-b", "2048", "-m", "PKCS8")}
    made = {name: make_key(directory / name, name if name in ("ed25519", "ecdsa") else "rsa", "", *options)
            for name, options in kinds.items()}
    for name, options in {"encrypted": (), "encrypted-pem": ("-b", "2048", "-m", "PEM")}.items():
        made[name] = make_key(directory / name, "rsa" if options else "ed25519", "open sesame", *options)
    made["stranger"] = make_key(directory / "stranger")
    return made


def public(path):
    return path.with_suffix(".pub").read_text().strip()


@contextmanager
def sshd(workspace, network, keys, name, options="", **more):
    authorized = [f"{options} {public(path)}".strip() for kind, path in keys.items() if kind != "stranger"]
    server = SSHD(workspace / name, authorized, address=BASTION, **more)
    server.namespace = network
    with server:
        yield server


@pytest.fixture(scope="module")
def bastion(workspace, network, keys):
    with sshd(workspace, network, keys, "bastion", host_keys=("ed25519", "rsa", "ecdsa")) as server:
        yield server


@pytest.fixture
def tunnel(bastion, keys, tmp_path):
    """Makes spec.tunnel; whatever is given replaces what is right."""
    def make(server=bastion, key=keys["ed25519"], known_hosts=None, passphrase=None, **ssh):
        file = tmp_path / "known_hosts"
        file.write_text(server.known_hosts() if known_hosts is None else known_hosts)
        spec = {"host": server.address, "port": server.port, "user": server.user, "key": {"file": str(key)},
                "knownHosts": {"file": str(file)}, **ssh}
        if passphrase:
            (tmp_path / "passphrase").write_text(passphrase + "\n")
            spec["keyPassphrase"] = {"file": str(tmp_path / "passphrase")}
        return {"ssh": spec}
    return make


@pytest.fixture
def behind(databases, files, tunnel):
    """Makes an endpoint behind the bastion."""
    def make(engine="postgresql", name="e", mode="verify-full", tunnel_spec=None, **spec):
        spec.setdefault("host", NAME)
        return endpoint(name, engine, spec.pop("port", databases[engine].port), mode=mode, ca=files["ca"],
                        user="" if engine == "redis" else "app", tunnel=tunnel_spec or tunnel(), **spec)
    return make


def look(*endpoints):
    return check([login_secret(), *endpoints])


def expect_good(seen, name="e"):
    assert seen.condition(name, "Ready")["status"] == "True", seen.out
    assert seen.condition(name, "CertificateValid")["status"] == "True"


def expect_failure(seen, reason, *words, name="e"):
    reachable = seen.condition(name, "Reachable")
    assert (reachable["status"], reachable["reason"]) == ("False", reason), seen.out
    for word in words:
        assert word in reachable["message"], reachable["message"]
    first = seen.status(name)["advice"][0]
    assert first["reason"] == reason and first["steps"], first
    assert seen.code == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_checks_in_full_what_only_the_bastion_can_name_and_reach(engine, behind):
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(NAME, None)
    seen = look(behind(engine))
    expect_good(seen)
    assert seen.code == 0, seen.out
    assert BASTION in seen.condition("e", "Reachable")["message"]
    assert "address" not in seen.status("e")["server"], "which only the bastion knows"
    modes = {rung["mode"]: rung["outcome"] for rung in seen.status("e")["modes"]}
    assert modes["verify-full"] == "Works"
    assert modes["disable"] == ("Rejected" if engine == "redis" else "Works")
    if engine != "redis":  # which does not say
        assert seen.condition("e", "SessionEncrypted")["status"] == "True", seen.out


@pytest.mark.parametrize("mode", ["disable", "prefer", "require", "verify-ca"])
def test_logs_in_through_the_tunnel_in_every_mode(mode, behind):
    seen = look(behind("postgresql", mode=mode), behind("mariadb", name="m", mode=mode))
    for name in ("e", "m"):
        assert seen.condition(name, "Ready")["status"] == "True", seen.out
        encrypted = seen.condition(name, "SessionEncrypted")["status"]
        assert encrypted == ("False" if mode == "disable" else "True"), seen.out


def test_the_name_is_held_against_the_certificate_as_without_a_tunnel(behind):
    seen = look(behind(host=DATABASES))
    assert seen.condition("e", "CertificateValid")["reason"] == "HostnameMismatch"
    assert seen.condition("e", "Reachable")["status"] == "True"


def test_a_wrong_password_is_the_databases_word_and_not_the_tunnels(behind):
    seen = check([login_secret("wrong"), behind()])
    assert seen.condition("e", "Ready")["reason"] == "AuthenticationFailed", seen.out


@pytest.mark.parametrize("kind", ["ecdsa", "rsa", "pem", "pkcs8"])
def test_takes_every_usual_kind_of_key(kind, behind, tunnel, keys):
    expect_good(look(behind("redis", tunnel_spec=tunnel(key=keys[kind]))))


@pytest.mark.parametrize("kind", ["encrypted", "encrypted-pem"])
def test_opens_an_encrypted_key_with_its_passphrase_only(kind, behind, tunnel, keys):
    expect_good(look(behind("redis", tunnel_spec=tunnel(key=keys[kind], passphrase="open sesame"))))
    seen = look(behind("redis", tunnel_spec=tunnel(key=keys[kind], passphrase="wrong")))
    expect_failure(seen, "TunnelKeyInvalid", "passphrase", "keyPassphrase")
    assert "sesame" not in seen.out
    seen = look(behind("redis", tunnel_spec=tunnel(key=keys[kind])))
    expect_failure(seen, "TunnelKeyInvalid", "encrypted", "keyPassphrase")


def test_says_that_a_file_is_no_private_key(behind, tunnel, keys):
    seen = look(behind("redis", tunnel_spec=tunnel(key=keys["ed25519"].with_suffix(".pub"))))
    expect_failure(seen, "TunnelKeyInvalid", "spec.tunnel.ssh.key")


def test_a_missing_key_keeps_everything_from_going_past_the_bastion(behind, tunnel, databases):
    # The address could be reached directly from here.
    seen = look(behind("redis", host=DATABASES, tunnel_spec=tunnel(key="/nonexistent/key")))
    assert seen.condition("e", "Ready")["reason"] == "ReferenceNotFound"
    assert seen.condition("e", "Reachable")["status"] == "False"
    assert seen.status("e").get("tls") is None


def hashed(tmp_path, lines):
    file = tmp_path / "hashed"
    file.write_text(lines)
    subprocess.run(["ssh-keygen", "-H", "-f", str(file)], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return file.read_text()


PINS = {
    "hashed": lambda b, d: hashed(d, b.known_hosts()),
    "rsa-alone": lambda b, d: b.known_hosts("rsa"),
    "ecdsa-alone": lambda b, d: b.known_hosts("ecdsa"),
    "pattern": lambda b, d: b.known_hosts("ed25519").replace(BASTION, "198.18.78.?"),
    "without-port": lambda b, d: b.known_hosts("ed25519").replace(f"[{BASTION}]:{b.port}", BASTION),
    "among-others": lambda b, d: f"# a comment\n\nother.test ssh-ed25519 AAAA\n{BASTION} ssh-unheard-of AAAA\n@revoked "
                                 + b.known_hosts("rsa") + "a.test," + b.known_hosts("ed25519").replace(" ", "\t"),
}


@pytest.mark.parametrize("form", PINS)
def test_understands_known_hosts(form, bastion, behind, tunnel, tmp_path):
    expect_good(look(behind("redis", tunnel_spec=tunnel(known_hosts=PINS[form](bastion, tmp_path)))))


@pytest.fixture(scope="module")
def other_key(workspace, keys):
    kind, key, *_ = public(keys["stranger"]).split()
    return f"{kind} {key}"


@pytest.mark.parametrize("form,reason", [
    ("", "TunnelHostKeyUnknown"),
    ("other.test {right}", "TunnelHostKeyUnknown"),
    ("[{host}]:1 {right}", "TunnelHostKeyUnknown"),
    ("*,![{host}]:{port},!{host} {right}", "TunnelHostKeyUnknown"),
    ("@cert-authority [{host}]:{port} {right}", "TunnelHostKeyUnknown"),
    ("[{host}]:{port} {wrong}", "TunnelHostKeyMismatch"),
    ("[{host}]:{port} {right}\n@revoked * {right}", "TunnelHostKeyMismatch"),
], ids=["empty", "other-host", "other-port", "excluded", "authority", "changed", "revoked"])
def test_trusts_no_host_key_that_is_not_pinned(form, reason, behind, tunnel, workspace, network, keys, other_key):
    with sshd(workspace, network, keys, "fresh") as server:
        right = server.known_hosts().split(" ", 1)[1].strip()
        lines = form.format(host=BASTION, port=server.port, right=right, wrong=other_key) + "\n"
        seen = look(behind("redis", tunnel_spec=tunnel(server, known_hosts=lines)))
        shown = subprocess.run(["ssh-keygen", "-lf", str(server.host_key("ed25519"))], stdout=subprocess.PIPE, text=True)
        expect_failure(seen, reason, BASTION, shown.stdout.split()[1], "knownHosts")
        log = server.log.read_text()
        # Neither the account's name nor the key has been shown to it.
        assert server.logins() == 0 and "authenticating" not in log and "user" not in log, log


def test_a_key_of_another_kind_than_the_pinned_one_is_a_mismatch(behind, tunnel, workspace, network, keys, bastion):
    with sshd(workspace, network, keys, "rsa-only", host_keys=("rsa",)) as server:
        lines = server.known_hosts("rsa").split(" ")[0] + " " + bastion.known_hosts("ed25519").split(" ", 1)[1]
        seen = look(behind("redis", tunnel_spec=tunnel(server, known_hosts=lines)))
    expect_failure(seen, "TunnelHostKeyMismatch", "ssh-rsa SHA256:")


def test_says_that_the_key_is_refused(behind, tunnel, keys):
    seen = look(behind("redis", tunnel_spec=tunnel(key=keys["stranger"])))
    expect_failure(seen, "TunnelAuthenticationFailed", BASTION, "authorized_keys")


def test_says_that_the_key_alone_is_not_enough(behind, tunnel, workspace, network, keys):
    settings = ["AuthenticationMethods publickey,publickey"]
    with sshd(workspace, network, keys, "two-keys", settings=settings) as server:
        expect_failure(look(behind("redis", tunnel_spec=tunnel(server))), "TunnelAuthenticationFailed", "another proof")


@pytest.mark.parametrize("settings,options", [
    (["AllowTcpForwarding no"], ""), (["PermitOpen other.test:1"], ""), ([], "restrict"),
    ([], 'restrict,port-forwarding,permitopen="other.test:1"'),
], ids=["allow-tcp-forwarding", "permit-open", "restrict", "permitopen"])
def test_says_that_the_bastion_does_not_forward(settings, options, behind, tunnel, workspace, network, keys):
    with sshd(workspace, network, keys, "closed", options, settings=settings) as server:
        before = server.logins()
        # Many at once, each of which must be told its own answer.
        seen = look(*(behind(engine, name=f"e{i}", tunnel_spec=tunnel(server)) for i, engine in enumerate(ENGINES * 6)))
        for i, engine in enumerate(ENGINES * 6):
            expect_failure(seen, "TunnelForwardingRefused", BASTION, NAME, "PermitOpen", name=f"e{i}")
        assert server.logins() - before == 1


def test_goes_where_the_bastion_permits(behind, tunnel, workspace, network, keys, databases):
    port = databases["redis"].port
    with sshd(workspace, network, keys, "narrow", f'restrict,port-forwarding,permitopen="{NAME}:{port}"') as server:
        spec = tunnel(server)
        seen = look(*(behind("redis", name=f"good{i}", tunnel_spec=spec) for i in range(5)),
                    *(behind("postgresql", name=f"bad{i}", tunnel_spec=spec) for i in range(5)))
        for i in range(5):
            expect_good(seen, f"good{i}")
            expect_failure(seen, "TunnelForwardingRefused", name=f"bad{i}")


def test_says_that_the_bastion_cannot_connect_to_the_database(behind):
    closed = behind(name="closed", port=free_port())
    unknown = behind(name="unknown", host="nowhere.invalid")
    seen = look(closed, unknown, *(behind(name=f"c{i}", port=free_port()) for i in range(10)))
    expect_failure(seen, "TunnelTargetUnreachable", BASTION, NAME, "Connection refused", name="closed")
    expect_failure(seen, "TunnelTargetUnreachable", BASTION, "nowhere.invalid", name="unknown")
    for i in range(10):
        expect_failure(seen, "TunnelTargetUnreachable", "Connection refused", name=f"c{i}")


def test_tells_a_database_that_does_not_answer_from_a_bastion_that_does_not(behind):
    # The kernel answers nobody more there, so the bastion waits for minutes.
    with socket.create_server((DATABASES, 0), backlog=0) as full:
        address = full.getsockname()
        with socket.create_connection(address):
            seen = look(behind(host=DATABASES, port=address[1], timeout="15s"))
    expect_failure(seen, "TunnelTargetUnreachable", f"did not get a connection to {DATABASES}:{address[1]} in time")


def test_says_that_the_bastion_is_out_of_reach(behind, tunnel, bastion):
    seen = look(behind(name="refused", tunnel_spec=tunnel(port=free_port())),
                behind(name="unnamed", tunnel_spec=tunnel(host="nowhere.invalid")))
    expect_failure(seen, "TunnelUnreachable", BASTION, "Nothing accepts connections", name="refused")
    expect_failure(seen, "TunnelUnreachable", "nowhere.invalid", "does not exist", name="unnamed")


@contextmanager
def listener(answer):
    """A server that is none of SSH: `answer` is called with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)


def silent(connection):
    while connection.recv(4096):
        pass


def flooding(connection):
    try:
        while True:
            connection.sendall(b"x" * 65536)
    except OSError:
        pass


@pytest.mark.parametrize("answer", [silent, lambda c: None, lambda c: c.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n"), flooding,
                                    lambda c: c.sendall(b"SSH-2.0-x\r\n" + b"\xff" * 5000)],
                         ids=["silent", "hangs-up", "not-ssh", "flood", "garbage"])
def test_a_bastion_that_is_none_costs_no_more_than_the_timeout(answer, behind, tunnel):
    with listener(answer) as port:
        began = time.monotonic()
        seen = look(*(behind(name=f"e{i}", timeout="3s", tunnel_spec=tunnel(host="127.0.0.1", port=port)) for i in range(4)))
        # Less than one after the other; all at once it is little more than three seconds, unless the machine is busy.
        assert time.monotonic() - began < 4 * 3
    for i in range(4):
        expect_failure(seen, "TunnelUnreachable", "127.0.0.1", str(port), name=f"e{i}")


def test_a_refused_answer_counts_for_all_who_wait_and_is_not_asked_for_each_anew(behind, tunnel, bastion, keys):
    before = bastion.log.read_text().count("Connection from")
    seen = look(*(behind("redis", name=f"e{i}", tunnel_spec=tunnel(key=keys["stranger"])) for i in range(20)))
    for i in range(20):
        expect_failure(seen, "TunnelAuthenticationFailed", name=f"e{i}")
    assert bastion.log.read_text().count("Connection from") - before <= 2


def test_all_endpoints_share_one_connection(behind, bastion):
    before = bastion.logins()
    seen = look(*(behind(engine, name=f"{engine}{i}") for engine in ENGINES for i in range(15)))
    for engine in ENGINES:
        for i in range(15):
            expect_good(seen, f"{engine}{i}")
    assert bastion.logins() - before == 1


def test_takes_nothing_from_the_environment_the_home_directory_or_the_machine(behind, tunnel, keys, tmp_path):
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_bytes(keys["ed25519"].read_bytes())
    (home / ".ssh" / "config").write_text("Host *\n  Port 1\n  User nobody\n  ProxyCommand false\n")
    agent = subprocess.run(["ssh-agent", "-s"], stdout=subprocess.PIPE, text=True, check=True).stdout
    variables = dict(line.split(";")[0].split("=") for line in agent.splitlines() if "=" in line)
    try:
        subprocess.run(["ssh-add", "-q", str(keys["ed25519"])], check=True, env={**os.environ, **variables},
                       stderr=subprocess.PIPE)
        surroundings = {"PATH": os.environ["PATH"], "HOME": str(home), **variables}
        documents = [login_secret(), behind("redis", name="good"),
                     behind("redis", name="bad", tunnel_spec=tunnel(key=keys["stranger"]))]
        seen = check(documents, env=surroundings)
    finally:
        os.kill(int(variables["SSH_AGENT_PID"]), signal.SIGTERM)
    expect_good(seen, "good")
    expect_failure(seen, "TunnelAuthenticationFailed", name="bad")


@pytest.fixture
def restartable(workspace, network, keys):
    with sshd(workspace, network, keys, "restartable") as server:
        yield server


def test_the_agent_recovers_when_the_bastion_comes_back(restartable, behind, tunnel, tmp_path):
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    declare(manifests, "all.yaml", login_secret(), *(behind(name=f"e{i}", checkInterval="30s", timeout="5s",
            failureThreshold=1, tunnel_spec=tunnel(restartable)) for i in range(8)))

    def all_are(kind, status):
        return lambda values: all(condition(values, f"e{i}", kind, status) == 1 for i in range(8))

    with running(manifests, tmp_path / "state.db") as agent:
        agent.wait_for_metrics(all_are("Ready", "True"))
        assert restartable.logins() == 1
        restartable.fixed_port = restartable.port
        restartable.stop()
        agent.wait_for_metrics(all_are("Reachable", "False"))
        agent.wait_for_log("TunnelUnreachable")
        restartable.start()
        agent.wait_for_metrics(all_are("Ready", "True"))
        assert restartable.logins() == 2
        assert agent.end() == 0


def test_a_bastion_that_stalls_under_the_agent_is_told_and_left(restartable, behind, tunnel, tmp_path):
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    declare(manifests, "all.yaml", login_secret(), behind(checkInterval="30s", timeout="3s", failureThreshold=1,
            tunnel_spec=tunnel(restartable)))
    with running(manifests, tmp_path / "state.db") as agent:
        agent.wait_for_metrics(lambda values: condition(values, "e", "Ready", "True") == 1)
        stalled = restartable.connections()
        assert stalled
        for number in [restartable.process.pid, *stalled]:
            os.kill(number, signal.SIGSTOP)
        try:
            agent.wait_for_metrics(lambda values: condition(values, "e", "Reachable", "False") == 1)
            assert agent.get("/healthz")[0] == 200
            began = time.monotonic()
            assert agent.end() == 0
            assert time.monotonic() - began < 22, "that is almost all the grace that a check has"
        finally:
            for number in [restartable.process.pid, *stalled]:
                os.kill(number, signal.SIGCONT)


def test_the_documented_example_is_accepted():
    example = Path(__file__).resolve().parents[2] / "manifests" / "bastion.yaml"
    result = run("validate", "-f", example)
    assert result.returncode == 0 and "warning" not in result.stderr, result.stderr


def test_a_manifest_without_known_hosts_is_refused(behind, tunnel):
    spec = tunnel()
    del spec["ssh"]["knownHosts"]
    seen = look(behind(tunnel_spec=spec))
    assert seen.code == 3 and "spec.tunnel.ssh.knownHosts: the field is missing" in seen.err
