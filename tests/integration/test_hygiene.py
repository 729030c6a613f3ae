"""Checks leave no trace that hurts: no blocked host, no noise in the server's log."""

import socket
import time

import pytest

from program import check, endpoint
from servers.mariadb import MariaDB
from servers.namespace import network_namespace
from servers.postgresql import PostgreSQL

PROBER, CONTROL, SERVER = "198.18.77.1", "198.18.77.5", "198.18.77.2"


def greeting(server, source):
    with socket.create_connection((SERVER, server.port), timeout=60, source_address=(source, 0)) as connection:
        return connection.recv(4096)


def blocked(packet):
    return packet[4] == 0xFF and int.from_bytes(packet[5:7], "little") == 1129


@pytest.mark.parametrize("tls", [True, False], ids=["with-tls", "without-tls"])
def test_500_checks_do_not_get_the_host_blocked(tls, authority, templates, workspace, files):
    identity = authority.server(dns=["db.test"], ips=[SERVER]) if tls else None
    names = {"prober.test": PROBER, "control.test": CONTROL}
    with network_namespace([PROBER, CONTROL], SERVER, names) as namespace:
        server = MariaDB(workspace / f"blocked-{tls}", identity, template=templates["mariadb"], address=SERVER)
        server.namespace = namespace
        with server:
            # The trap is real here: connections that end after the greeting get their host blocked at the default of
            # max_connect_errors.
            assert any(blocked(greeting(server, CONTROL)) for _ in range(110))

            mode = "verify-full" if tls else "prefer"
            seen = check([endpoint(f"e{i}", "mariadb", server.port, host=SERVER, mode=mode, ca=files["ca"], user=None)
                          for i in range(500)])
            assert len(seen.resources) == 500, seen.err
            reachable = [n for n in seen.resources if seen.condition(n, "Reachable")["status"] == "True"]
            assert len(reachable) == 500
            assert not blocked(greeting(server, PROBER))


def test_checks_leave_no_complaint_in_the_log_of_postgresql(authority, templates, workspace, files):
    with PostgreSQL(workspace / "quiet", authority.server(), template=templates["postgresql"]) as server:
        before = len(server.log.read_text())
        document = endpoint("e", "postgresql", server.port, mode="verify-full", ca=files["ca"], user=None)
        document["spec"]["legacyProtocolCheck"] = {"enabled": False}
        seen = check([document])
        assert seen.condition("e", "Reachable")["status"] == "True", seen.err
        assert server.log.read_text()[before:] == ""
        # The offer of old protocol versions, once a day, is the one thing that a server with a floor remarks on.
        del document["spec"]["legacyProtocolCheck"]
        check([document])

        def complained():
            return [line for line in server.log.read_text()[before:].splitlines() if "could not accept" in line]

        # The server's process may log it when we are gone.
        deadline = time.monotonic() + 60
        while not complained() and time.monotonic() < deadline:
            time.sleep(0.1)
        server.stop()
        complaints = complained()
        assert len(complaints) == 1 and "unsupported protocol" in complaints[0]
