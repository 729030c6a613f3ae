"""What is untidy, placeholder or revoked about a served chain, on real servers."""

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from engines import BY_NAME
from program import check, endpoint, login_secret
from servers import certificates
from servers.certificates import DAY, Identity
from servers.mongodb import MongoDB

FILE_SERVERS = ["postgresql", "redis"]  # they send their certificate file as it stands


def start(engine, identity, directory, templates):
    options = {"template": templates[engine]} if engine in templates else {}
    return BY_NAME[engine].SERVER(directory, identity, **options)


def look(engine, server, ca, **spec):
    spec = {"mode": "verify-full", "plaintextCheck": {"enabled": False}, **BY_NAME[engine].ACCOUNT, **spec}
    return check([login_secret(), endpoint("e", engine, server.port, ca=ca, **spec)])


def advice(seen, reason):
    return next(a for a in seen.status("e")["advice"] if a["reason"] == reason)


def assert_healthy(seen):
    """Whatever is remarked: nobody is woken for it."""
    assert seen.code == 0, seen.out
    assert seen.condition("e", "Ready")["status"] == "True"
    assert seen.condition("e", "CertificateValid")["status"] == "True"


def served(authority, *others):
    """A server's identity whose file holds these certificates after its own."""
    leaf = authority.server()
    return Identity(leaf.certificate, leaf.key, [other.certificate for other in others])


@pytest.mark.parametrize("engine", FILE_SERVERS)
def test_a_chain_out_of_order_and_its_root(engine, authority, templates, files, server_directory):
    identity = served(authority, authority.root, authority.intermediate)
    with start(engine, identity, server_directory, templates) as server:
        seen = look(engine, server, files["ca"])
    assert_healthy(seen)
    assert seen.condition("e", "CertificateValid")["reason"] == "ChainOutOfOrder"
    message = advice(seen, "ChainOutOfOrder")["message"]
    assert "'localhost', 'Demo Intermediate CA', 'Demo Root CA'" in message
    assert advice(seen, "RootSent")["urgency"] == "Consider"


@pytest.mark.parametrize("engine", FILE_SERVERS)
def test_certificates_that_nobody_needs(engine, authority, stranger, templates, files, server_directory):
    identity = served(authority, authority.intermediate, stranger.intermediate, authority.intermediate)
    with start(engine, identity, server_directory, templates) as server:
        seen = look(engine, server, files["ca"])
    assert_healthy(seen)
    message = seen.condition("e", "CertificateValid")["message"]
    assert "'Stranger Intermediate CA', which has nothing to do with" in message
    assert "'Demo Intermediate CA' a second time" in message
    assert advice(seen, "UnneededCertificate")["urgency"] == "Planned"


def test_an_expired_cross_signed_ca(authority, stranger, templates, files, server_directory):
    old = {"not_before": authority.now - 400 * DAY, "not_after": authority.now - 30 * DAY}
    cross = certificates.issue("Demo Root CA", stranger.root, ca=True, key=authority.root.key, organization="Demo", **old)
    with start("postgresql", served(authority, authority.intermediate, cross), server_directory, templates) as server:
        seen = look("postgresql", server, files["ca"])
    assert_healthy(seen)
    assert "'Demo Root CA', another certificate of an issuer, which expired" in seen.condition("e", "CertificateValid")["message"]


@pytest.mark.parametrize("engine", FILE_SERVERS)
def test_an_incomplete_chain_that_the_bundle_completes(engine, authority, templates, files, server_directory, tmp_path):
    both = certificates.write(tmp_path / "both.pem",
                              authority.intermediate.certificate_pem() + authority.root.certificate_pem())
    with start(engine, served(authority), server_directory, templates) as server:
        completed = look(engine, server, both)
        alone = look(engine, server, files["ca"])
    assert_healthy(completed)
    valid = completed.condition("e", "CertificateValid")
    assert valid["reason"] == "IntermediateNotSent"
    assert "'Demo Intermediate CA'; clients that have the root alone refuse the server" in valid["message"]
    # That is so.
    assert alone.condition("e", "CertificateValid")["reason"] == "IncompleteChain"


def test_a_ca_that_poses_as_a_server(templates, server_directory):
    own = certificates.issue("localhost", ca=True, dns=["localhost"])
    with start("postgresql", own, server_directory, templates) as server:
        seen = look("postgresql", server, certificates.write(server_directory / "own.pem", own.certificate_pem()))
    assert_healthy(seen)
    assert seen.condition("e", "CertificateValid")["reason"] == "CAUsedForServer"


def snakeoil(directory):
    """What make-ssl-cert(8) makes for localhost, from the package's own template."""
    template = Path("/usr/share/ssl-cert/ssleay.cnf").read_text(encoding="utf-8")
    settings, key, out = (directory / name for name in ("snakeoil.cnf", "snakeoil.key", "snakeoil.pem"))
    settings.write_text(template.replace("@HostName@", "localhost").replace("@SubjectAltName@", "DNS:localhost"))
    subprocess.run(["openssl", "req", "-config", settings, "-new", "-x509", "-days", "3650", "-nodes", "-sha256", "-out", out,
                    "-keyout", key], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Identity(x509.load_pem_x509_certificate(out.read_bytes()),
                    serialization.load_pem_private_key(key.read_bytes(), None))


def generated_by_mysql(_):
    """What mysqld 8 makes at its first start, as far as names go."""
    ca = certificates.issue("MySQL_Server_8.4.0_Auto_Generated_CA_Certificate", ca=True, organization="")
    return certificates.issue("MySQL_Server_8.4.0_Auto_Generated_Server_Certificate", ca, organization="")


def generated_by_mariadb(_):
    return certificates.issue("MariaDB Server", organization="", key=certificates.rsa_key())


@pytest.mark.parametrize("engine, make, name", [
    ("postgresql", snakeoil, "Debian's snakeoil certificate"),
    ("mariadb", generated_by_mysql, "the certificate that MySQL makes for itself"),
    ("mariadb", generated_by_mariadb, "the certificate that MariaDB makes for itself"),
])
def test_placeholders(engine, make, name, templates, files, server_directory, tmp_path):
    with start(engine, make(tmp_path), server_directory, templates) as server:
        strict = look(engine, server, files["ca"])
        trusting = look(engine, server, None, mode="require")
    assert strict.condition("e", "Ready")["reason"] == "DefaultCertificate", strict.out
    assert f"a placeholder, {name}" in strict.condition("e", "Ready")["message"]
    # As declared it works: that no stronger mode would is worth considering, and nobody is woken for it.
    assert trusting.code == 0 and trusting.condition("e", "Ready")["status"] == "True"
    assert advice(trusting, "DefaultCertificate")["urgency"] == "Consider"


def stapled(server_directory, authority, identity, **response):
    staple = certificates.ocsp_response(identity, authority.intermediate, **response) if response else None
    return MongoDB(server_directory, identity, staple=staple)


@pytest.mark.parametrize("tls12", [False, True], ids=["1.3", "1.2"])
def test_a_good_staple(tls12, authority, files, server_directory):
    identity = authority.server(must_staple=True)
    until = authority.now + DAY
    with MongoDB(server_directory, identity, tls12_only=tls12,
                 staple=certificates.ocsp_response(identity, authority.intermediate, next_update=until)) as server:
        seen = look("mongodb", server, files["ca"])
    assert_healthy(seen)
    assert seen.condition("e", "CertificateValid")["reason"] == "ChainVerified"
    staple = seen.status("e")["tls"]["staple"]
    assert staple["status"] == "Good" and staple["nextUpdate"] == until.isoformat() + "Z"


def test_a_staple_that_revokes(authority, files, server_directory):
    since = authority.now - 2 * DAY
    with stapled(server_directory, authority, authority.server(), revoked=since) as server:
        seen = look("mongodb", server, files["ca"])
        required = look("mongodb", server, None, mode="require")
    valid = seen.condition("e", "CertificateValid")
    assert (valid["status"], valid["reason"]) == ("False", "CertificateRevoked"), seen.out
    assert "(key compromise)" in valid["message"]
    # PyMongo connects all the same; the certificate has to be replaced now.
    assert seen.condition("e", "Ready")["status"] == "True"
    assert seen.rung("e", "verify-full")["outcome"] == "Works"
    assert advice(seen, "CertificateRevoked")["urgency"] == advice(required, "CertificateRevoked")["urgency"] == "Now"
    assert seen.code == 2


@pytest.mark.parametrize("reason, response", [
    ("StapleStale", {"this_update": -3 * DAY, "next_update": -DAY}),
    ("StapleInvalid", {"this_update": DAY, "next_update": 3 * DAY}),
    ("StapleMissing", {}),
])
def test_staples_of_no_use(reason, response, authority, files, server_directory):
    response = {name: authority.now + offset for name, offset in response.items()}
    with stapled(server_directory, authority, authority.server(must_staple=True), **response) as server:
        seen = look("mongodb", server, files["ca"])
    assert_healthy(seen)
    assert seen.condition("e", "CertificateValid")["reason"] == reason
    assert advice(seen, reason)["action"] == "RenewStaple"
