"""Several servers behind one name: each is checked, and those that differ are named."""

import json
import subprocess
from contextlib import ExitStack

import pytest

from faults import DAY
from program import binary, endpoint, environment
from servers.postgresql import PostgreSQL
from servers.process import free_port

NAME = "db.fleet.test"
ADDRESSES = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]


def check_behind_one_name(document, directory):
    """Runs the check where NAME has all the addresses, which nothing else on this machine sees."""
    hosts = directory / "hosts"
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{a} {NAME}\n" for a in ADDRESSES))
    result = subprocess.run(
        ["unshare", "--mount", "bash", "-c", 'mount --bind "$1" /etc/hosts && exec "$2" check -o json -f -', "-", hosts, binary()],
        input=json.dumps(document), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=180, env=environment())
    return result.returncode, status_in(result)


def status_in(result):
    assert result.stdout, result.stderr
    document = json.loads(result.stdout)
    return (document["items"][0] if "items" in document else document)["status"]


class Fleet:
    def __init__(self, template, directory, authority, files):
        self.template, self.directory, self.authority, self.files = template, directory, authority, files
        directory.chmod(0o755)
        self.usual = authority.server(dns=[NAME], ips=())

    def check(self, odd=None, missing=False, addresses="all", settings=None):
        """`odd`: what the third server shows in place of the usual certificate."""
        with ExitStack() as stack:
            port = free_port()
            for i, address in enumerate(ADDRESSES):
                last = address == ADDRESSES[-1]
                if last and missing:
                    continue
                identity = odd if last and odd else self.usual
                stack.enter_context(PostgreSQL(self.directory / str(i), identity, template=self.template, address=address,
                                               port=port, settings=settings if last else None))
            document = endpoint("e", "postgresql", port, host=NAME, mode="verify-full", ca=self.files["ca"], user=None,
                                addresses=addresses, failureThreshold=1)
            return port, *check_behind_one_name(document, self.directory)


@pytest.fixture
def fleet(templates, server_directory, authority, files):
    return Fleet(templates["postgresql"], server_directory, authority, files)


def condition(status, kind):
    return next(c for c in status["conditions"] if c["type"] == kind)


def test_members_that_agree_are_listed_and_nothing_is_said(fleet):
    port, code, status = fleet.check()
    assert code == 0 and condition(status, "Ready")["status"] == "True"
    assert [m["address"] for m in status["members"]] == [f"{a}:{port}" for a in ADDRESSES]
    assert {m["outcome"] for m in status["members"]} == {"Works"}
    assert len({m["sha256"] for m in status["members"]}) == 1
    assert "MembersDiffer" not in {a["reason"] for a in status["advice"]}


def test_only_the_first_address_counts_where_nothing_else_is_declared(fleet):
    _, code, status = fleet.check(missing=True, addresses="first")
    assert code == 0 and "members" not in status


def test_another_certificate_is_named(fleet):
    port, code, status = fleet.check(odd=fleet.authority.server(dns=[NAME], ips=()))
    advice = next(a for a in status["advice"] if a["reason"] == "MembersDiffer")
    assert f"127.0.0.3:{port} serves another certificate" in advice["message"] and "127.0.0.2" not in advice["message"]
    assert advice["action"] == "AlignMembers" and code == 0
    assert len({m["sha256"] for m in status["members"]}) == 2


def test_another_protocol_version_is_named(fleet):
    port, _, status = fleet.check(settings={"ssl_max_protocol_version": "TLSv1.2"})
    advice = next(a for a in status["advice"] if a["reason"] == "MembersDiffer")
    assert f"127.0.0.3:{port} settles for TLSv1.2" in advice["message"]


def test_one_expired_member_is_critical(fleet):
    now = fleet.authority.now
    odd = fleet.authority.server(dns=[NAME], ips=(), not_before=now - 90 * DAY, not_after=now - 3 * DAY)
    port, code, status = fleet.check(odd=odd)
    assert code == 2
    ready = condition(status, "Ready")
    assert ready["reason"] == "CertificateExpired" and ready["message"].startswith(f"Member 127.0.0.3:{port}: ")
    assert condition(status, "CertificateValid")["status"] == "False"
    assert condition(status, "RotationRecommended")["status"] == "True"
    assert status["expiry"]["notAfter"] == status["members"][2]["notAfter"]
    # A client may meet any of them: verify-full no longer works for the name.
    assert next(m for m in status["modes"] if m["mode"] == "verify-full")["outcome"] == "Rejected"
    assert status["strongestMode"] == "prefer" and status["members"][0]["outcome"] == "Works"
    assert any(a["action"] == "RotateServerCertificate" and a["message"].startswith(f"Member 127.0.0.3:{port}: ")
               for a in status["advice"])


def test_one_member_that_is_down_is_not_hidden_by_the_others(fleet):
    port, code, status = fleet.check(missing=True)
    assert code == 2
    reachable = condition(status, "Reachable")
    assert (reachable["status"], reachable["reason"]) == ("False", "ConnectionRefused")
    assert reachable["message"].startswith(f"Member 127.0.0.3:{port}: ")
    assert status["members"][2]["outcome"] != "Works"
