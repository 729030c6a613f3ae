"""SQL Server's protocol: the test server is honest, and what is particular to this engine is seen."""

import json
import socket
import threading
from pathlib import Path

import pytest

from clients import Material
from engines.sqlserver import tedious, tsql
from program import check, endpoint, environment, login_secret, run
from servers import certificates
from servers.sqlserver import SqlServer

CRITICAL = 2


@pytest.fixture
def start(authority, server_directory):
    """Starts a server with the given settings; stopped after the test."""
    started = []

    def make(identity=None, **options):
        server = SqlServer(server_directory / str(len(started)), identity or authority.server(), **options)
        started.append(server)
        return server.start()

    yield make
    for server in started:
        server.stop()


def look(server, mode="verify-full", *options, env=None, password="demo-password", **spec):
    seen = check([login_secret(password), endpoint("e", "sqlserver", server.port, mode=mode, timeout="8s", **spec)], *options,
                 env=env)
    assert "e" in seen.resources, seen.err
    return seen


# The test server, according to two clients that share nothing with it or with us.

def test_tsql_logs_in_and_is_told_the_truth(start, files):
    trusted = Material(files["ca"])
    server = start()
    assert [tsql(server, mode, trusted).encrypted for mode in ("disable", "prefer", "require", "verify-full")] == [
        False, False, True, True]
    assert "18456" in tsql(server, "require", trusted, password="wrong").words
    assert "4060" in tsql(server, "require", trusted, database="nowhere").words
    forced = start(encryption="forced")
    assert [tsql(forced, mode, trusted).encrypted for mode in ("disable", "prefer", "require")] == [True] * 3
    without = start(encryption="not-supported")
    assert tsql(without, "prefer", trusted).encrypted is False
    assert not tsql(without, "require", trusted).works
    login_only = start(encryption="login-only")
    assert tsql(login_only, "require", trusted).encrypted is False


def test_tedious_logs_in_and_is_told_the_truth(start, files):
    trusted = Material(files["ca"])
    server = start(strict="yes")
    assert tedious(server, "verify-full", trusted).encrypted is True
    assert tedious(server, "disable", trusted).encrypted is False
    assert tedious(server, "verify-full", trusted, encrypt="strict").encrypted is True
    assert not tedious(server, "verify-full", Material(files["wrong-ca"]), encrypt="strict").works
    assert "ELOGIN" in tedious(server, "require", trusted, password="wrong").words
    assert "ELOGIN" in tedious(server, "require", trusted, encrypt="strict", password="wrong").words
    assert "EENCRYPT" in tedious(start(encryption="forced"), "disable", trusted).words
    only_strict = start(strict="forced")
    assert tedious(only_strict, "verify-full", trusted, encrypt="strict").encrypted is True
    assert not tedious(only_strict, "verify-full", trusted).works


# What tlswarden makes of it.

@pytest.mark.parametrize("negotiation,protocol", [("in-band", "TLSv1.2"), ("direct", "TLSv1.3")])
def test_version_and_certificate_need_no_login(negotiation, protocol, start, files):
    server = start(strict="yes", version=(15, 0, 4375))
    seen = look(server, ca=files["ca"], user=None, tls={"negotiation": negotiation}, expectedServerVersion="15.0.4375",
                legacyProtocolCheck={"enabled": False})
    assert seen.code == 0, seen.out
    assert seen.condition("e", "ServerVersionMatched")["reason"] == "VersionMatched"
    assert seen.status("e")["server"]["version"] == "15.0.4375"
    assert protocol in json.dumps(seen.status("e")["tls"])
    server.stop()
    assert "broken off" not in server.log.read_text(), "the check ended without a close_notify"


@pytest.mark.parametrize("options,status,reason", [
    ({}, "True", "EncryptionConfirmed"),
    ({"encryption": "forced"}, "True", "EncryptionConfirmed"),
    ({"strict": "forced"}, "True", "EncryptionConfirmed"),
    ({"view_server_state": False}, "Unknown", "EncryptionUnconfirmed"),
], ids=["supported", "forced", "strict", "not-allowed-to-ask"])
def test_the_server_says_whether_its_session_is_encrypted(options, status, reason, start, files):
    seen = look(start(**options), ca=files["ca"])
    assert seen.code == 0, seen.out
    condition = seen.condition("e", "SessionEncrypted")
    assert (condition["status"], condition["reason"]) == (status, reason)
    assert seen.status("e")["server"]["version"] == "16.0.4135.2"


def test_an_encrypted_login_alone_is_no_encryption(start, files):
    server = start(encryption="login-only")
    seen = look(server, "require", ca=files["ca"])
    assert seen.code == CRITICAL
    assert "TLSNotSupported" in seen.reasons("e") and "login alone" in seen.out
    preferring = look(server, "prefer", ca=files["ca"])
    assert preferring.condition("e", "SessionEncrypted")["status"] == "False"
    assert "login alone" in preferring.rung("e", "prefer")["message"]


def test_prefer_is_said_to_leave_the_session_in_plaintext(start, files):
    assert "what follows it goes in plaintext" in look(start(), "prefer", ca=files["ca"]).rung("e", "prefer")["message"]
    forced = look(start(encryption="forced"), "prefer", ca=files["ca"])
    assert "the server insists" in forced.rung("e", "prefer")["message"]


def test_strict_encryption_is_found_by_itself_and_missed_where_it_is_not(start, files):
    strict = start(strict="forced")
    assert look(strict, ca=files["ca"]).code == 0
    for mode in ("disable", "prefer"):
        assert look(strict, ca=files["ca"]).rung("e", mode)["reason"] == "ServerRequiresTLS"
        assert not tsql(strict, mode, Material(files["ca"])).works
    assert look(strict, ca=files["ca"], tls={"negotiation": "in-band"}).code == CRITICAL
    old = look(start(strict="no"), ca=files["ca"], tls={"negotiation": "direct"})
    assert old.code == CRITICAL
    assert "DirectTLSUnsupported" in old.reasons("e"), old.out


@pytest.mark.parametrize("options,reason", [
    ({"password": "wrong"}, "AuthenticationFailed"),
    ({"database": "nowhere"}, "DatabaseNotFound"),
    ({"user": "CORP\\app"}, "LoginUnsupported"),
], ids=["password", "database", "windows"])
def test_a_login_that_fails_says_why(options, reason, start, files):
    seen = look(start(), ca=files["ca"], **options)
    assert reason in seen.reasons("e"), seen.out
    assert seen.condition("e", "SessionEncrypted")["status"] != "True"


@pytest.mark.parametrize("user,password", [("bögrë", "pässwörd € 🔑"), ("u" * 128, "p" * 128), ("x", "x")],
                         ids=["unicode", "longest", "shortest"])
def test_names_and_passwords_may_be_any_text(user, password, start, files):
    server = start(user=user, password=password)
    seen = look(server, ca=files["ca"], user=user, password=password)
    assert seen.condition("e", "SessionEncrypted")["status"] == "True", seen.out
    assert len(password) < 2 or password not in seen.out + seen.err


@pytest.mark.parametrize("negotiation", ["in-band", "direct"])
@pytest.mark.parametrize("certificate,reason", [
    (None, "ClientCertificateRequired"), ("unknown", "ClientCertificateRejected"), ("good", "ClientCertificateAccepted")])
def test_a_demand_for_a_client_certificate_is_seen_either_way(negotiation, certificate, reason, start, authority, files):
    """SQL Server makes none; what stands before it may."""
    server = start(strict="yes", client_ca=authority.root.certificate_pem())
    seen = look(server, ca=files["ca"], tls={"negotiation": negotiation},
                certificate=files[f"{certificate}.crt"] if certificate else None,
                key=files[f"{certificate}.key"] if certificate else None)
    assert reason in seen.reasons("e"), seen.out
    assert (seen.code == 0) == (certificate == "good")


def test_a_chain_longer_than_a_packet_arrives_whole(start, authority, files):
    issuer, day = authority.root, certificates.DAY
    for number in range(3):
        issuer = certificates.issue(f"Large {number}", issuer, ca=True, not_before=authority.now - day,
                                    not_after=authority.now + 900 * day, key=certificates.rsa_key(4096))
    seen = look(start(authority.server(issuer=issuer, key=certificates.rsa_key())), ca=files["ca"])
    assert seen.code == 0, seen.out
    assert len(seen.status("e")["tls"]["chain"]) >= 4


def test_the_certificate_that_the_server_made_for_itself_is_known(start, files):
    fallback = certificates.issue("SSL_Self_Signed_Fallback")
    assert "DefaultCertificate" in look(start(fallback), ca=files["ca"]).reasons("e")


class Trap:
    """A port that counts who comes."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.visits = 0
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        return self

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


def test_nothing_in_the_surroundings_leads_the_login_elsewhere(start, files, tmp_path):
    """FreeTDS asks the environment and three places for files where to go, what to speak and where to write it down."""
    dump = tmp_path / "dump"
    with Trap() as trap:
        leading_away = (f"[global]\nhost = 127.0.0.1\nport = {trap.port}\ntds version = 4.2\nencryption = require\n"
                        f"dump file = {dump}\n")
        for place in ("freetds.conf", ".freetds.conf", "etc/freetds.conf", ".config/freetds.conf"):
            (tmp_path / place).parent.mkdir(exist_ok=True)
            (tmp_path / place).write_text(leading_away)
        surroundings = environment(
            HOME=str(tmp_path), FREETDS=str(tmp_path), FREETDSCONF=str(tmp_path / "freetds.conf"), TDSHOST="127.0.0.1",
            TDSPORT=str(trap.port), TDSVER="5.0", TDSDUMP=str(dump), TDSDUMPCONFIG=str(dump), TDSQUERY="elsewhere",
            DSQUERY="elsewhere")
        seen = look(start(), ca=files["ca"], env=surroundings)
        assert seen.condition("e", "SessionEncrypted")["status"] == "True", seen.out
        assert trap.visits == 0
    assert not dump.exists()


def test_a_server_cannot_send_the_login_elsewhere(start, files):
    with Trap() as trap:
        server = start(redirect=["127.0.0.1", trap.port])
        tsql(server, "require", Material(files["ca"]))
        assert trap.visits > 0, "FreeTDS by itself goes where it is told"
        trap.visits = 0
        seen = look(server, ca=files["ca"])
        assert "LoginUnsupported" in seen.reasons("e"), seen.out
        assert trap.visits == 0


def test_many_logins_at_once_do_not_disturb_each_other(start, files):
    good, bad = start(), start(user="somebody-else")
    documents = [login_secret()]
    for number in range(40):
        server = bad if number % 4 == 0 else good
        documents.append(endpoint(f"e{number}", "sqlserver", server.port, mode="verify-full", ca=files["ca"], timeout="20s"))
    seen = check(documents)
    for number in range(40):
        wanted = "AuthenticationFailed" if number % 4 == 0 else "EncryptionConfirmed"
        assert wanted in seen.reasons(f"e{number}"), seen.status(f"e{number}")


def test_the_example_is_valid():
    example = Path(__file__).resolve().parents[2] / "manifests" / "sqlserver.yaml"
    result = run("validate", "-f", example)
    assert result.returncode == 0, result.stdout + result.stderr
