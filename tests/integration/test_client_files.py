"""The client's own files: what tlswarden says of them before and without a server, held against psql."""

import os

import pytest

from clients import Material, psql
from program import MODES, check, endpoint, login_secret
from servers import certificates
from servers.postgresql import PostgreSQL

# Root alone can give files away; psql judges a file of root's own otherwise than anybody else's.
OWNERS = [0, 65534] if os.geteuid() == 0 else [os.geteuid()]


@pytest.fixture(scope="module")
def server(authority, templates, workspace):
    with PostgreSQL(workspace / "client-files-pg", authority.server(), client_ca=authority.root.certificate_pem(),
                    template=templates["postgresql"]) as started:
        yield started


@pytest.fixture
def client(authority, tmp_path):
    """The certificate with its chain, and its key."""
    identity = authority.client()
    return identity, Material(certificate=certificates.write(tmp_path / "client.crt", identity.chain_pem()),
                              key=certificates.write(tmp_path / "client.key", identity.key_pem(), 0o600))


def looked_at(material, port, mode, **spec):
    return check([login_secret(), endpoint("e", "postgresql", port, mode=mode, ca=material.ca, certificate=material.certificate,
                                           key=material.key, timeout="5s", **spec)])


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640, 0o660, 0o644, 0o604])
def test_psql_loads_the_key_file_exactly_where_the_ladder_says_so(mode, owner, server, client, files):
    material = Material(files["ca"], client[1].certificate, client[1].key)
    os.chmod(material.key, mode)
    if owner != os.geteuid():
        os.chown(material.key, owner, -1)
    seen = looked_at(material, server.port, "verify-full")
    for rung in (seen.rung("e", m) for m in MODES if m != "disable"):
        real = psql(server, rung["mode"], material)
        assert (rung["outcome"] == "Works") == real.works, (rung, real)
        if real.works:
            assert (rung.get("reason") != "FallbackToPlaintext") == real.encrypted, (rung, real)
        elif "permissions" in real.words or "group or world access" in real.words:
            assert rung["reason"] == "ClientKeyPermissions"
    refused = seen.rung("e", "verify-full")["outcome"] == "Rejected"
    assert (seen.condition("e", "ClientCertificateValid")["reason"] == "ClientKeyPermissions") == refused
    assert not refused or f"chmod 6{'4' if owner == 0 and mode & 0o040 else '0'}0 {material.key}" in seen.out


@pytest.mark.parametrize("spoil, reason", [
    (lambda authority, material: os.chmod(material.key, 0o644), "ClientKeyPermissions"),
    (lambda authority, material: certificates.write(material.key, authority.client().key_pem(), 0o600), "ClientKeyMismatch"),
    (lambda authority, material: certificates.write(material.key, authority.client().key_pem(b"secret"), 0o600),
     "ClientKeyEncrypted"),
    (lambda authority, material: renew(authority, material, not_after=certificates.utc_now() - certificates.DAY / 2),
     "ClientCertificateExpired"),
    (lambda authority, material: renew(authority, material, not_before=certificates.utc_now() + certificates.DAY),
     "ClientCertificateNotYetValid"),
    (lambda authority, material: renew(authority, material, usage=["server"]), "ClientCertificateWrongPurpose"),
], ids=["permissions", "mismatch", "encrypted", "expired", "early", "purpose"])
def test_a_fault_of_the_files_is_told_with_the_host_down(spoil, reason, client, authority, files):
    material = Material(files["ca"], client[1].certificate, client[1].key)
    spoil(authority, material)
    seen = looked_at(material, 1, "verify-full", host="127.0.0.1")
    told = seen.condition("e", "ClientCertificateValid")
    assert (told["status"], told["reason"]) == ("False", reason)
    assert seen.condition("e", "Reachable")["status"] == "False"
    assert reason in {advice["reason"] for advice in seen.status("e")["advice"]}


def renew(authority, material, **options):
    identity = authority.client(**options)
    certificates.write(material.certificate, identity.chain_pem())
    certificates.write(material.key, identity.key_pem(), 0o600)


def test_a_server_that_refuses_a_chain_without_its_intermediate_is_told_apart(server, client, files):
    identity, material = client
    material.ca = files["ca"]
    assert looked_at(material, server.port, "verify-full").condition("e", "ClientCertificateValid")["status"] == "True"
    certificates.write(material.certificate, identity.certificate_pem())
    assert not psql(server, "verify-full", material).works
    told = looked_at(material, server.port, "verify-full").condition("e", "ClientCertificateValid")
    assert (told["status"], told["reason"]) == ("False", "ClientCertificateRejected")
    assert "Demo Intermediate CA" in told["message"] and "is missing behind the client certificate" in told["message"]
    assert "append its certificate in spec.tls.clientCertificate" in told["message"]
