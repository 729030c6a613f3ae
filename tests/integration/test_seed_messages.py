"""Every message that the guides of SQL clients explain, made by a real server: it gets its reason, the advice and the modes
that the guides name as the way out, and what the server said stands below what we say, marked as the server's."""

import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Callable

import pytest

from program import check, endpoint, login_secret, run
from servers import certificates
from servers.breaker import MySQLBreaker
from servers.mariadb import MariaDB
from servers.postgresql import PostgreSQL
from servers.redis import Redis

TLS_ONLY = ["hostssl all all all scram-sha-256"]
MUTUAL = ["hostssl all all all scram-sha-256 clientcert=verify-ca"]
OLD_TLS = {"ssl_min_protocol_version": "TLSv1", "ssl_max_protocol_version": "TLSv1.1", "ssl_ciphers": "ALL:@SECLEVEL=0"}
# Suites for RSA keys, where the server's is an EC key.
NO_CIPHER = {"ssl_max_protocol_version": "TLSv1.2", "ssl_ciphers": "ECDHE-RSA-AES256-GCM-SHA384"}


class Place:
    """What the servers of one test are made of; they end with it."""

    def __init__(self, stack, directory, authority, templates):
        self.stack, self.directory, self.authority, self.templates = stack, directory, authority, templates

    def postgresql(self, identity=None, **options):
        return self.stack.enter_context(PostgreSQL(self.directory, identity or self.authority.server(),
                                                   template=self.templates["postgresql"], **options))

    def mutual(self):
        return self.postgresql(client_ca=self.authority.root.certificate_pem(), access=MUTUAL)

    def mariadb(self, **options):
        return self.stack.enter_context(MariaDB(self.directory, self.authority.server(),
                                                template=self.templates["mariadb"], **options))

    def mysql_that_requires_tls(self):
        return self.stack.enter_context(MySQLBreaker(self.mariadb(), "insecure_transport"))

    def expired(self):
        now, day = self.authority.now, certificates.DAY
        return self.authority.server(not_before=now - 90 * day, not_after=now - 3 * day)


def self_signed():
    return certificates.issue("localhost", dns=["localhost"], ips=["127.0.0.1"], usage=["server"])


@dataclass
class Message:
    quoted: str  # as the guides quote it, and as users ask explain for it
    reason: str
    action: str
    server: Callable  # (Place) -> server
    mode: str = "verify-full"
    spec: dict = field(default_factory=dict)  # of program.endpoint; names of files in place of their paths
    engine: str = "postgresql"
    says: str = ""  # what our advice names
    works: tuple = ()  # modes that work as things are
    broken: tuple = ()
    server_says: str = ""  # pattern
    cure: dict = field(default_factory=dict)  # changes of spec after which the declared mode works
    explained_as: str = ""  # where explain takes the words for another reason than this server's


OWN_CA = {"ca": "ca"}
MESSAGES = [
    # Zequel, "Common SSL Issues".
    Message("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UnknownIssuer", "TrustIssuer", Place.postgresql,
            says="declare the certificate of the issuing CA in spec.tls.ca", works=("require",),
            broken=("verify-ca", "verify-full"), cure=OWN_CA),
    Message("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "IncompleteChain", "SendIntermediate",
            lambda p: p.postgresql(serve_chain=False), spec=OWN_CA, says="intermediate", broken=("verify-ca",),
            explained_as="UnknownIssuer"),
    Message("DEPTH_ZERO_SELF_SIGNED_CERT", "SelfSignedLeaf", "", lambda p: p.postgresql(self_signed()), spec=OWN_CA,
            says="trust this very certificate in spec.tls.ca", broken=("verify-ca", "verify-full")),
    Message("CERT_HAS_EXPIRED", "CertificateExpired", "RotateServerCertificate", lambda p: p.postgresql(p.expired()),
            spec=OWN_CA, says="renew", broken=("verify-ca", "verify-full")),
    Message("Hostname/IP doesn't match certificate's altnames", "HostnameMismatch", "ReissueWithName",
            lambda p: p.postgresql(p.authority.server(dns=["db.elsewhere.example"], ips=())), spec=OWN_CA,
            says="spec.tls.serverName to db.elsewhere.example", works=("verify-ca",), broken=("verify-full",),
            cure={"tls": {"serverName": "db.elsewhere.example"}}),
    Message("SSL routines::wrong version number", "NotTLS", "", Place.mariadb, engine="redis", mode="require",
            spec={"user": ""}, says="spec.port", broken=("require", "verify-full"), server_says="MariaDB"),
    # TablePro, "Troubleshooting".
    Message("FATAL: no pg_hba.conf entry for host ... no encryption", "ServerRequiresTLS", "ChangeMode",
            lambda p: p.postgresql(access=TLS_ONLY), mode="disable", says="to require",
            works=("prefer", "require"), broken=("disable",), server_says=r'no pg_hba\.conf entry for host .*, no encryption'),
    Message("Connections using insecure transport are prohibited", "ServerRequiresTLS", "ChangeMode",
            Place.mysql_that_requires_tls, engine="mysql", mode="disable", says="to require",
            works=("prefer", "require"), broken=("disable",), server_says="Connections using insecure transport"),
    Message("tls handshake failed", "ProtocolVersionTooLow", "",
            lambda p: p.postgresql(settings=OLD_TLS), mode="require", says="spec.tls.minVersion",
            broken=("require", "verify-full"), explained_as="HandshakeFailure"),
    Message("SSL handshake failed", "HandshakeFailure", "ReadServerLog", lambda p: p.postgresql(settings=NO_CIPHER),
            mode="require", says="server's log", broken=("require", "verify-full"), server_says="handshake_failure"),
    Message("certificate verify failed", "UnknownIssuer", "TrustIssuer", Place.postgresql, mode="verify-ca",
            says="spec.tls.ca", works=("require",), broken=("verify-ca",), cure=OWN_CA),
    Message("self-signed certificate", "SelfSignedLeaf", "", lambda p: p.postgresql(self_signed()), mode="verify-ca",
            says="spec.tls.ca", works=("require",), broken=("verify-ca",)),
    Message("hostname does not match certificate", "HostnameMismatch", "ReissueWithName",
            lambda p: p.postgresql(p.authority.server(dns=["db.elsewhere.example"], ips=())), spec=OWN_CA,
            says="localhost", works=("verify-ca",), broken=("verify-full",)),
    Message("client certificate required", "ClientCertificateRequired", "ProvideClientCertificate", Place.mutual,
            spec=OWN_CA, says="spec.tls.clientCertificate and spec.tls.clientKey", broken=("require", "verify-full"),
            server_says="connection requires a valid client certificate",
            cure={"certificate": "good.crt", "key": "good.key"}),
    Message("client private key is encrypted", "ClientKeyEncrypted", "", Place.mutual,
            spec={**OWN_CA, "certificate": "good.crt", "key": "good-encrypted.key"}, says="spec.tls.clientKeyPassphrase",
            cure={"passphrase": {"secretKeyRef": {"name": "right", "key": "p"}}}),
    Message("passphrase is incorrect", "PassphraseIncorrect", "", Place.mutual,
            spec={**OWN_CA, "certificate": "good.crt", "key": "good-encrypted.key",
                  "passphrase": {"secretKeyRef": {"name": "wrong", "key": "p"}}}, says="spec.tls.clientKeyPassphrase",
            cure={"passphrase": {"secretKeyRef": {"name": "right", "key": "p"}}}),
    # The same in the words of other servers.
    Message("alert certificate required", "ClientCertificateRequired", "ProvideClientCertificate",
            lambda p: p.stack.enter_context(Redis(p.directory, p.authority.server(), demand_client_certificate=True,
                                                  client_ca=p.authority.root.certificate_pem())),
            engine="redis", spec={**OWN_CA, "user": ""}, says="spec.tls.clientCertificate",
            broken=("require", "verify-full"), cure={"certificate": "good.crt", "key": "good.key"}),
    Message("Access denied for user", "ServerRequiresTLS", "ChangeMode",
            lambda p: p.mariadb(settings=["--require-secure-transport=ON"]), engine="mariadb", mode="disable",
            says="to require", works=("prefer", "require"), broken=("disable",),
            # Later servers say this to an account that requires TLS, too.
            server_says="Access denied for user|Connections using insecure transport",
            explained_as="AuthenticationFailed"),
]
PASSPHRASES = [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"p": value}}
               for name, value in (("right", "open sesame"), ("wrong", "open barley"))]


@pytest.fixture
def place(server_directory, authority, templates):
    with ExitStack() as stack:
        yield Place(stack, server_directory, authority, templates)


def named(spec, files):
    return {k: files.get(v, v) if isinstance(v, str) else v for k, v in spec.items()}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: f"{m.engine}-{m.reason}-{m.quoted}")
def test_a_message_gets_its_reason_its_advice_and_its_mode(message, place, files):
    server = message.server(place)
    documents = [login_secret(), *PASSPHRASES,
                 endpoint("now", message.engine, server.port, mode=message.mode, timeout="6s",
                          **named(message.spec, files))]
    if message.cure:
        documents.append(endpoint("cured", message.engine, server.port, mode=message.mode, timeout="6s",
                                  **named({**message.spec, **message.cure}, files)))
    seen = check(documents)
    assert "now" in seen.resources, seen.err
    first = seen.status("now")["advice"][0]
    assert first["reason"] == message.reason and first["urgency"] == "Now", seen.out
    if message.action:
        assert first["action"] == message.action
    ours, _, theirs = first["message"].partition('\nServer: "')
    assert message.says in ours and ". Next: " in ours, first
    assert re.search(message.server_says, theirs), first
    assert not message.server_says or not re.search(message.server_says, ours), "the server's words stand apart"
    for mode in message.works:
        assert seen.rung("now", mode)["outcome"] == "Works", seen.out
    for mode in message.broken:
        assert seen.rung("now", mode)["outcome"] == "Rejected", seen.out
    if message.cure:
        assert seen.condition("cured", "ModeSatisfied")["status"] == "True", seen.out


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: f"{m.engine}-{m.reason}-{m.quoted}")
def test_explain_finds_the_reason_by_the_message(message):
    result = run("explain", message.quoted)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[0] == (message.explained_as or message.reason)
    assert message.explained_as or "\nNEXT STEP\n" in result.stdout


def test_the_table_prints_cause_step_and_the_servers_words_in_that_order(place):
    """The example of the guides: a hosted PostgreSQL that is asked for a session without TLS."""
    server = place.postgresql(access=TLS_ONLY)
    result = run("check", f"postgresql://app@127.0.0.1:{server.port}/postgres?mode=disable")
    advice = " ".join(result.stdout.split("CRITICAL\n")[1].split())
    cause = advice.index("The server requires an encrypted connection")
    step = advice.index("set spec.tls.mode, and the applications' own setting, to require")
    words = advice.index('Server: "no pg_hba.conf entry for host')
    assert cause < step < words, result.stdout
    assert "no encryption" in advice[words:]
    assert result.returncode == 2
