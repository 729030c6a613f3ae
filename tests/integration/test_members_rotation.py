"""A rotation from one member of a cluster to the next, under the agent's eyes: three real Redis servers behind one name."""

import json
import os
import signal
import subprocess
from contextlib import ExitStack

import pytest

from program import binary, endpoint, environment
from servers.process import free_port
from servers.redis import Redis
from test_agent import Agent, declare, running
from test_rotation import days, fingerprint, install, matched, stored_status, wait_for

NAME = "redis.fleet.test"
ADDRESSES = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]


class AgentBehindOneName(Agent):
    """An agent to which NAME has all the addresses, which nothing else on this machine sees."""

    def start(self):
        hosts = self.state.with_name("hosts")
        hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{a} {NAME}\n" for a in ADDRESSES))
        self.process = subprocess.Popen(
            ["unshare", "--mount", "bash", "-c", 'mount --bind "$1" /etc/hosts && shift && exec "$@"', "-", hosts, binary(),
             "agent", "--manifests", self.directory, "--state", self.state, "--listen", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment())
        os.set_blocking(self.process.stderr.fileno(), False)
        self.address = self.wait_for_log(r"http://(127\.0\.0\.1:\d+)").group(1)
        return self


@pytest.fixture
def fleet(authority, server_directory):
    """The servers, all with one certificate, and a newer one."""
    old = authority.server(dns=[NAME], ips=(), not_before=authority.now - days(60), not_after=authority.now + days(60))
    new = authority.server(dns=[NAME], ips=(), not_before=authority.now - days(1), not_after=authority.now + days(120))
    port = free_port()
    server_directory.chmod(0o755)
    with ExitStack() as stack:
        yield [stack.enter_context(Redis(server_directory / str(i), old, address=address, port=port))
               for i, address in enumerate(ADDRESSES)], old, new


def load(server, identity):
    """Replaces the files and has the server read them, as the runbook says."""
    install(server, identity)
    command = ["redis-cli", "-h", server.address, "-p", str(server.port), "--tls", "--insecure", "--no-auth-warning", "CONFIG",
               "SET", "tls-cert-file", server.directory / "server.crt", "tls-key-file", server.directory / "server.key"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
                          env={"PATH": os.environ["PATH"], "REDISCLI_AUTH": server.password})
    assert done.stdout.strip() == "OK", done


def notice(agent, state, served):
    """Waits until the agent has seen each of `served`, in the order of ADDRESSES, and returns its status."""
    expected = dict(zip(ADDRESSES, map(fingerprint, served)))
    for _ in range(300):
        status = stored_status(state)
        if {m["address"].rsplit(":", 1)[0]: m.get("sha256") for m in status.get("members", [])} == expected:
            return status
        agent.read_log(0.2)
    raise AssertionError(f"never seen: {json.dumps(stored_status(state).get('members'))}\n{agent.log}")


def recommended(status):
    return next(c["message"] for c in status["conditions"] if c["type"] == "RotationRecommended")


def test_a_rolling_rotation_is_told_rightly(fleet, files, tmp_path):
    (first, second, third), old, new = fleet
    manifests, state = tmp_path / "manifests", tmp_path / "state.db"
    manifests.mkdir()
    declare(manifests, "cache.yaml", endpoint("cache", "redis", first.port, host=NAME, mode="verify-full", ca=files["ca"], user=None,
                                              addresses="all", checkInterval="5s", timeout="4s"))
    with running(manifests, state, kind=AgentBehindOneName) as agent:
        notice(agent, state, [old, old, old])
        load(second, new)
        begun = notice(agent, state, [old, new, old])
        assert "last" not in begun["rotation"], "not before all serve it"
        assert f"{fingerprint(new)[:16]} is served by member 127.0.0.2:{first.port} (1 of 3), not yet by " in recommended(begun)
        load(third, new)
        assert f"not yet by member 127.0.0.1:{first.port} (1 of 3)" in recommended(notice(agent, state, [old, new, new]))
        assert "CertificateRotated" not in agent.log
        load(first, new)
        done = notice(agent, state, [new, new, new])
        assert (done["rotation"]["last"]["oldSHA256"], done["rotation"]["last"]["newSHA256"]) == (fingerprint(old), fingerprint(new))
        assert done["rotation"]["state"] == "Done" and "not yet" not in recommended(done)
        agent.wait_for_log(f"CertificateRotated: A new server certificate was seen at all 3 members: sha256 {fingerprint(new)} "
                           f"in the place of {fingerprint(old)}")
        assert "CertificateReverted" not in agent.log

        load(third, old)
        back = wait_for(agent, state, "CertificateReverted", 30)
        assert f"ember 127.0.0.3:{first.port} (1 of 3) went back to an older certificate" in matched(back)["message"]
        agent.process.send_signal(signal.SIGTERM)
        agent.process.wait(20)
        agent.read_log(1)
    assert [agent.log.count(word) for word in ("RotationStarted", "CertificateRotated", "ServedCertificateDiffers")] == [1, 1, 1]
    assert f"RotationStarted: A new server certificate was seen at member 127.0.0.2:{first.port} (1 of 3)" in agent.log

    # What was told, and what a member served, outlives the agent.
    with running(manifests, state, kind=AgentBehindOneName) as agent:
        load(third, new)
        notice(agent, state, [new, new, new])
        agent.process.send_signal(signal.SIGTERM)
        agent.process.wait(20)
        agent.read_log(1)
    assert "RotationStarted" not in agent.log
