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
                            timeout=180, env=environment)
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


def declared(server, files, name="e", *, user=None, mode="verify-full", **spec):
    return endpoint(name, "oracle", server.port, mode=mode, ca=files["ca"], user=user, database=SERVICE, timeout="8s", **spec)


def answers(seen, *kinds, name="e"):
    return {kind: (seen.condition(name, kind)["status"], seen.condition(name, kind)["reason"]) for kind in kinds}


@pytest.mark.parametrize("told,shown", [("11.2.0.2.0", "11.2.0.2.0"), ("19.0.0.0.0", "19"), ("23.4.0.0.0", "23.4")])
def test_the_listener_tells_its_version_without_a_login(told, shown, authority, files, server_directory):
    with Oracle(server_directory, authority.server(), listener_version=told) as server:
        seen = check([declared(server, files, expectedServerVersion=">=11")])
    assert seen.status("e")["server"]["version"] == shown
    assert answers(seen, "ServerVersionMatched", "Ready") == {"ServerVersionMatched": ("True", "VersionMatched"),
                                                              "Ready": ("True", "Healthy")}, seen.out


def test_a_hidden_version_is_no_version(authority, files, server_directory):
    with Oracle(server_directory, authority.server(), listener_version=None) as server:
        seen = check([declared(server, files, expectedServerVersion=">=19")])
    assert answers(seen, "ServerVersionMatched", "ModeSatisfied") == {
        "ServerVersionMatched": ("Unknown", "CredentialsRequired"), "ModeSatisfied": ("True", "ModeWorks")}, seen.out


def test_a_release_decides_no_more_than_it_says(authority, files, server_directory):
    asked = {"release": ">=19", "update": ">=19.10", "later": ">=21.3"}
    with Oracle(server_directory, authority.server()) as server:
        seen = check([declared(server, files, name, expectedServerVersion=asked[name]) for name in asked])
        told = check([login_secret(), declared(server, files, "update", user="app", expectedServerVersion=">=19.10")])
    matched = {name: answers(seen, "ServerVersionMatched", name=name)["ServerVersionMatched"] for name in asked}
    assert matched == {"release": ("True", "VersionMatched"), "update": ("Unknown", "CredentialsRequired"),
                       "later": ("False", "VersionMismatch")}
    assert answers(told, "ServerVersionMatched", name="update") == {"ServerVersionMatched": ("True", "VersionMatched")}


@pytest.mark.parametrize("verifier", ["12c", "11g"])
@pytest.mark.parametrize("version", ["11.2.0.4.0", "12.2.0.1.0", "19.22.0.0.0", "23.4.0.24.5"])
def test_a_login_tells_the_databases_version_and_that_it_came_over_tls(version, verifier, authority, files, server_directory):
    with Oracle(server_directory, authority.server(), version=version, verifier=verifier, listener_version=None) as server:
        seen = check([login_secret(), declared(server, files, user="app", expectedServerVersion=version)])
    assert seen.status("e")["server"]["version"] == version
    assert answers(seen, "ServerVersionMatched", "SessionEncrypted", "Ready") == {
        "ServerVersionMatched": ("True", "VersionMatched"), "SessionEncrypted": ("True", "EncryptionConfirmed"),
        "Ready": ("True", "Healthy")}, seen.out


def test_a_wrong_password_is_named(authority, files, server_directory):
    with Oracle(server_directory, authority.server()) as server:
        seen = check([login_secret("not-the-password"), declared(server, files, user="app")])
    assert answers(seen, "Ready", "ModeSatisfied") == {"Ready": ("False", "AuthenticationFailed"),
                                                       "ModeSatisfied": ("True", "ModeWorks")}
    assert "ORA-01017" in seen.out and "not-the-password" not in seen.out + seen.err


def test_a_login_that_cannot_be_made_leaves_open_what_only_it_could_tell(authority, files, server_directory):
    with Oracle(server_directory, authority.server(), client_ca=authority.root.certificate_pem(),
                demand_client_certificate=True, listener_version=None) as server:
        document = declared(server, files, user="app", certificate=files["good.crt"], key=files["good.key"])
        del document["spec"]["auth"]["password"]
        seen = check([document])
    assert answers(seen, "SessionEncrypted", "Ready", "ClientCertificateValid") == {
        "SessionEncrypted": ("Unknown", "LoginUnsupported"), "Ready": ("True", "Healthy"),
        "ClientCertificateValid": ("True", "ClientCertificateAccepted")}, seen.out


def test_a_login_follows_a_listener_that_hands_the_connection_on(authority, files, server_directory):
    with Oracle(server_directory, authority.server(), resend="handshake") as server:
        seen = check([login_secret(), declared(server, files, user="app")])
    assert answers(seen, "SessionEncrypted") == {"SessionEncrypted": ("True", "EncryptionConfirmed")}, seen.out


@pytest.mark.parametrize("mode,withheld", [("verify-full", True), ("verify-ca", True), ("require", False)])
def test_no_name_leaves_for_a_database_that_does_not_meet_the_mode(mode, withheld, authority, stranger, files,
                                                                  server_directory):
    """Neither where it is the listener that falls short nor where it is the database behind it."""
    for identity, behind in ((stranger.server(), None), (authority.server(), stranger.server())):
        with Oracle(server_directory, identity, resend="handshake" if behind else "", database_identity=behind) as server:
            document = declared(server, files, user="app", mode=mode)
            if mode == "require":
                del document["spec"]["tls"]["ca"]
            seen = check([login_secret(), document])
            assert ("login of app" not in server.log.read_text()) == withheld, seen.out
            assert ("ChannelTooWeak" in seen.reasons("e")) == withheld, seen.out
            server.log.unlink()
