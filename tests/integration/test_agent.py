"""The long run: state that survives, manifests that change under it, an orderly end."""

import os
import re
import select
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
import yaml

from program import binary, endpoint, environment, login_secret
from servers.postgresql import PostgreSQL


# Seconds that a test waits for what must merely happen. A busy machine is slow, and that is no fault of the agent.
PATIENCE = 120


class Agent:
    def __init__(self, directory, state, *options):
        self.directory, self.state, self.options = directory, state, options
        self.process, self.address, self.log = None, None, ""

    def start(self):
        self.process = subprocess.Popen(
            [binary(), "agent", "--manifests", self.directory, "--state", self.state, "--listen", "127.0.0.1:0",
             *self.options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment())
        os.set_blocking(self.process.stderr.fileno(), False)
        self.address = self.wait_for_log(r"http://(127\.0\.0\.1:\d+)").group(1)
        return self

    def read_log(self, patience):
        if select.select([self.process.stderr], [], [], patience)[0]:
            self.log += (self.process.stderr.read() or b"").decode(errors="replace")

    def wait_for_log(self, pattern, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.search(pattern, self.log)
            if found:
                return found
            assert self.process.poll() is None, self.log
            self.read_log(0.2)
        raise AssertionError(f"no {pattern!r} in the log:\n{self.log}")

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metrics(self):
        values = {}
        for line in self.get("/metrics")[1].splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                values[name] = float(value)
        return values

    def wait_for_metrics(self, condition, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            values = self.metrics()
            if condition(values):
                return values
            self.read_log(0.1)
        raise AssertionError(f"the metrics did not come to it:\n{self.get('/metrics')[1]}\n{self.log}")

    def end(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        code = self.process.wait(PATIENCE)
        self.read_log(0)
        return code


def condition(values, name, kind, status):
    return values.get(f'tlswarden_endpoint_condition{{namespace="default",name="{name}",engine="postgresql",type="{kind}",'
                      f'status="{status}"}}')


def is_told(values, name):
    return any(condition(values, name, "Ready", status) is not None for status in ("True", "False", "Unknown"))


@pytest.fixture
def manifests(tmp_path):
    directory = tmp_path / "manifests"
    directory.mkdir()
    return directory


def put(directory, file, text):
    """In one step: an agent that read half a file would do right to forget the rest."""
    temporary = directory / f".{file}.new"
    temporary.write_text(text)
    os.replace(temporary, directory / file)


def declare(directory, file, *documents):
    put(directory, file, yaml.safe_dump_all(documents))


@contextmanager
def running(directory, state, *options, kind=Agent):
    agent = kind(directory, state, *options).start()
    try:
        yield agent
    finally:
        if agent.process.poll() is None:
            agent.process.kill()
            agent.process.wait()


@pytest.fixture(scope="module")
def server(authority, templates, workspace):
    with PostgreSQL(workspace / "agent-pg", authority.server(), template=templates["postgresql"]) as started:
        yield started


def orders(server, files, name="orders", **spec):
    return endpoint(name, "postgresql", server.port, mode="verify-full", ca=files["ca"], checkInterval="30s", timeout="5s",
                    **spec)


def is_ready(name):
    return lambda values: condition(values, name, "Ready", "True") == 1


def test_serves_health_and_metrics_and_ends_in_order(server, files, manifests, tmp_path):
    declare(manifests, "orders.yaml", login_secret(), orders(server, files))
    with running(manifests, tmp_path / "state.db") as agent:
        values = agent.wait_for_metrics(is_ready("orders"))
        assert agent.get("/healthz")[0] == 200
        assert agent.get("/readyz")[0] == 200
        assert agent.get("/nowhere")[0] == 404
        assert "orders" in agent.get("/")[1]
        leaf = [v for k, v in values.items() if k.startswith("tlswarden_certificate_not_after_timestamp_seconds")
                and 'role="leaf"' in k]
        assert len(leaf) == 1 and leaf[0] > time.time() + 80 * 86400
        assert agent.end() == 0
        assert "demo-password" not in agent.log


def test_kill_and_restart_lose_no_status_and_flip_no_condition(server, files, manifests, tmp_path):
    declare(manifests, "orders.yaml", login_secret(), orders(server, files))
    state = tmp_path / "state.db"
    with running(manifests, state) as agent:
        agent.wait_for_metrics(is_ready("orders"))
        agent.end(signal.SIGKILL)
    # Whatever could be checked anew is gone; only what was kept can answer.
    server.stop()
    try:
        with running(manifests, state) as agent:
            values = agent.wait_for_metrics(lambda v: is_told(v, "orders"))
            assert condition(values, "orders", "Ready", "True") == 1, "the first failure is below failureThreshold"
            assert any('role="leaf"' in k for k in values), "what was seen of the certificate is kept"
            # The second failure in a row is the threshold.
            agent.wait_for_metrics(lambda v: condition(v, "orders", "Reachable", "False") == 1)
            assert any('role="leaf"' in k for k in agent.metrics()), "an outage resolves no expiry alert"
    finally:
        server.fixed_port = server.port
        server.start()


def test_takes_up_changes_keeps_the_last_good_state_and_forgets_what_is_deleted(server, files, manifests, tmp_path):
    declare(manifests, "orders.yaml", login_secret(), orders(server, files))
    with running(manifests, tmp_path / "state.db") as agent:
        agent.wait_for_metrics(is_ready("orders"))
        declare(manifests, "more.yaml", orders(server, files, name="more"))
        agent.wait_for_metrics(is_ready("more"))
        put(manifests, "orders.yaml", "kind: DatabaseEndpoint\nspec: {engine: sqlite, hots: x}\n")
        values = agent.wait_for_metrics(lambda v: v["tlswarden_manifests_last_reload_successful"] == 0)
        assert condition(values, "orders", "Ready", "True") == 1
        agent.wait_for_log(r"orders\.yaml:2: spec\.hots")
        (manifests / "more.yaml").unlink()
        agent.wait_for_metrics(lambda v: not is_told(v, "more"))
        assert agent.end() == 0


def test_tells_the_labels_that_are_chosen(server, files, manifests, tmp_path):
    document = orders(server, files)
    document["metadata"]["labels"] = {"team": "shop", "secret-project": "x"}
    declare(manifests, "orders.yaml", login_secret(), document)
    with running(manifests, tmp_path / "state.db", "--expose-label", "team") as agent:
        agent.wait_for_metrics(lambda v: any('label_team="shop"' in name for name in v))
        assert "secret" not in agent.get("/metrics")[1]
    result = subprocess.run([binary(), "agent", "--manifests", manifests, "--state", tmp_path / "s.db", "--listen", "127.0.0.1:0",
                             "--expose-label", "no label"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, timeout=PATIENCE, env=environment())
    assert result.returncode == 1 and "'no label' is no label key" in result.stderr


def test_says_why_it_cannot_start(tmp_path):
    result = subprocess.run([binary(), "agent", "--manifests", tmp_path / "nothing", "--state", tmp_path / "s.db",
                             "--listen", "127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, timeout=PATIENCE, env=environment())
    assert result.returncode == 1
    assert "nothing" in result.stderr
