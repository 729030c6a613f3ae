"""A MongoDB seed list, asked of a real DNS server: every member is checked under its own name."""

import json
import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager

import pytest

from program import binary, endpoint, environment, login_secret
from servers.dns import Dns
from servers.mongodb import MongoDB

NAME = "c0.fleet.test"
MEMBERS = [f"a.{NAME}", f"b.{NAME}"]


@contextmanager
def namespace():
    """A network of its own, whose port 53 is ours."""
    name = f"tlswdns{os.getpid()}"
    os.makedirs(f"/etc/netns/{name}")
    try:
        with open(f"/etc/netns/{name}/resolv.conf", "w", encoding="ascii") as out:
            out.write("nameserver 127.0.0.1\noptions timeout:30 attempts:1\n")
        subprocess.run(["ip", "netns", "add", name], check=True)
        subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(f"/etc/netns/{name}")


class Cluster:
    def __init__(self, directory, authority, files):
        directory.chmod(0o755)
        self.directory, self.authority, self.files = directory, authority, files

    def check(self, *, second=None, records=None, mode=None, host=NAME):
        """`second`: what the other member shows; `records`: what the zone has in place of the seed list."""
        with ExitStack() as stack:
            where = stack.enter_context(namespace())
            ports = []
            for i, member in enumerate(MEMBERS):
                identity = second if i and second else self.authority.server(dns=[member], ips=())
                server = MongoDB(self.directory / str(i), identity, tls_mode="requireTLS")
                server.namespace = where
                ports.append(stack.enter_context(server).port)
            zone = records or "".join(f"_mongodb._tcp.{NAME}. IN SRV {i} 0 {port} {member}.\n"
                                      for i, (member, port) in enumerate(zip(MEMBERS, ports)))
            zone += f"{NAME}. IN TXT \"authSource=admin\"\n" + "".join(f"{m}. IN A 127.0.0.1\n" for m in MEMBERS)
            dns = Dns(self.directory / "dns", zone)
            dns.namespace = where
            stack.enter_context(dns)
            document = endpoint("e", "mongodb", 27017, host=host, srv=True, mode=mode, ca=self.files["ca"], failureThreshold=1)
            del document["spec"]["port"]
            result = subprocess.run(
                ["ip", "netns", "exec", where, binary(), "check", "-o", "json", "-f", "-"], text=True, timeout=180,
                input=json.dumps({"apiVersion": "v1", "kind": "List", "items": [login_secret(), document]}),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        assert result.stdout, result.stderr
        found = json.loads(result.stdout)
        return result.returncode, ports, (found["items"][0] if "items" in found else found)


@pytest.fixture
def cluster(server_directory, authority, files):
    return Cluster(server_directory, authority, files)


def condition(resource, kind):
    return next(c for c in resource["status"]["conditions"] if c["type"] == kind)


def test_every_member_is_checked_under_its_own_name(cluster):
    code, ports, seen = cluster.check()
    assert seen["spec"]["tls"]["mode"] == "verify-full"  # a seed list turns TLS on
    assert condition(seen, "Ready")["status"] == "True", condition(seen, "Ready")
    assert code == 0
    assert [m["host"] for m in seen["status"]["members"]] == MEMBERS
    assert [m["address"] for m in seen["status"]["members"]] == [f"127.0.0.1:{port}" for port in ports]
    assert seen["status"]["server"]["version"]  # the login, at the database that the TXT record names
    assert "MembersDiffer" not in {a["reason"] for a in seen["status"].get("advice", [])}


def test_a_member_with_the_certificate_of_another_is_named(cluster):
    code, ports, seen = cluster.check(second=cluster.authority.server(dns=[MEMBERS[0]], ips=()))
    ready = condition(seen, "Ready")
    assert code == 2 and ready["reason"] == "HostnameMismatch"
    assert ready["message"].startswith(f"Member {MEMBERS[1]}:{ports[1]}: ")


def test_a_list_that_leads_elsewhere_is_not_followed(cluster):
    """A DNS that can be lied to must not lead the password away."""
    code, _, seen = cluster.check(records=f"_mongodb._tcp.{NAME}. IN SRV 0 0 27017 evil.example.\n")
    reachable = condition(seen, "Reachable")
    assert code == 2 and reachable["status"] == "False" and reachable["reason"] == "DNSFailure"
    assert "evil.example" in reachable["message"] and "members" not in seen["status"]


def test_a_name_without_a_list_says_so(cluster):
    code, _, seen = cluster.check(host=f"other.{NAME}")
    reachable = condition(seen, "Reachable")
    assert code == 2 and reachable["reason"] == "DNSFailure" and "_mongodb._tcp" in reachable["message"]
