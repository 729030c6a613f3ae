"""The stand-in for Oracle is one that Oracle's own clients log in to; and what is told of a listener."""

import json
import os
import subprocess

import pytest

from clients import Material
from engines.oracle import login, wallet
from program import check, endpoint, login_secret
from servers.oracle import SERVICE, Oracle
from servers.process import counterpart

NODE = """
const oracledb = require(process.argv[1]);
const options = JSON.parse(process.argv[2]);
(async () => {
  try {
    const connection = await oracledb.getConnection(options);
    const {rows} = await connection.execute("SELECT SYS_CONTEXT('USERENV', 'NETWORK_PROTOCOL') FROM DUAL");
    console.log(JSON.stringify({version: connection.oracleServerVersionString, protocol: rows[0][0], thin: connection.thin}));
    await connection.close();
  } catch (error) {
    console.log(JSON.stringify({words: error.message}));
    process.exitCode = 1;
  }
})();
"""


def node_login(port, *, protocol, ca=None, password="demo-password", wallet_location=None):
    options = {"user": "app", "password": password, "connectString": f"{protocol}://localhost:{port}/{SERVICE}"}
    if wallet_location:
        options["walletLocation"] = wallet_location
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    if ca:
        environment["NODE_EXTRA_CA_CERTS"] = ca
    result = subprocess.run(["node", "-e", NODE, str(counterpart("node-oracledb") / "node_modules" / "oracledb"),
                             json.dumps(options)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=60, env=environment)
    assert result.stdout, result.stderr.decode(errors="replace")
    return result.returncode == 0, json.loads(result.stdout)


def whole_wallet(directory, files):
    """With the authority as well, which node-oracledb takes from nowhere else once there is a wallet."""
    place = wallet(directory, Material(files["ca"], files["good.crt"], files["good.key"]))
    with open(f"{place}/ewallet.pem", "ab") as out, open(files["ca"], "rb") as ca:
        out.write(ca.read())
    return place


CLIENTS = [login, node_login]


@pytest.mark.parametrize("verifier", ["12c", "11g"])
@pytest.mark.parametrize("version", ["11.2.0.4.0", "12.2.0.1.0", "19.22.0.0.0", "23.4.0.24.5"])
def test_both_clients_log_in_over_tls(version, verifier, authority, files, server_directory):
    with Oracle(server_directory, authority.server(), version=version, verifier=verifier) as server:
        for client in CLIENTS:
            assert client(server.port, protocol="tcps", ca=files["ca"]) == (
                True, {"version": version, "protocol": "tcps", "thin": True})
            worked, told = client(server.port, protocol="tcps", ca=files["ca"], password="wrong")
            assert not worked and "ORA-01017" in told["words"]


@pytest.mark.parametrize("resend", ["plain", "handshake"])
def test_both_clients_follow_a_listener_that_wants_to_hear_it_again(resend, authority, files, server_directory):
    identity = authority.server() if resend == "handshake" else None
    protocol = "tcps" if identity else "tcp"
    with Oracle(server_directory, identity, resend=resend) as server:
        for client in CLIENTS:
            assert client(server.port, protocol=protocol, ca=files["ca"])[1]["protocol"] == protocol


def test_both_clients_show_their_certificate_where_it_is_demanded(authority, files, server_directory):
    with Oracle(server_directory, authority.server(), client_ca=authority.root.certificate_pem(),
                demand_client_certificate=True) as server:
        place = whole_wallet(server_directory, files)
        for client in CLIENTS:
            assert client(server.port, protocol="tcps", ca=files["ca"], wallet_location=place)[0]
            assert not client(server.port, protocol="tcps", ca=files["ca"])[0]


def test_no_client_finds_another_service(authority, files, server_directory):
    with Oracle(server_directory, authority.server(), service="another.example.com") as server:
        for client in CLIENTS:
            worked, told = client(server.port, protocol="tcps", ca=files["ca"])
            assert not worked and "not registered with the listener" in told["words"]


def listener(server, files, name="e", *, user=None, **spec):
    return endpoint(name, "oracle", server.port, mode="verify-full", ca=files["ca"], user=user, timeout="8s", **spec)


@pytest.mark.parametrize("told,shown", [("11.2.0.2.0", "11.2.0.2.0"), ("19.0.0.0.0", "19"), ("23.4.0.0.0", "23.4")])
def test_the_listener_tells_its_version_without_a_login(told, shown, authority, files, server_directory):
    with Oracle(server_directory, authority.server(), listener_version=told) as server:
        seen = check([listener(server, files, expectedServerVersion=">=11")])
    assert seen.status("e")["server"]["version"] == shown
    assert seen.condition("e", "ServerVersionMatched")["status"] == "True"
    assert seen.condition("e", "Ready")["status"] == "True", seen.out


def test_a_hidden_version_is_no_version(authority, files, server_directory):
    with Oracle(server_directory, authority.server(), listener_version=None) as server:
        seen = check([listener(server, files, expectedServerVersion=">=19")])
    matched = seen.condition("e", "ServerVersionMatched")
    assert (matched["status"], matched["reason"]) == ("Unknown", "CredentialsRequired"), seen.out
    assert seen.condition("e", "ModeSatisfied")["status"] == "True"
