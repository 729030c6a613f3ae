"""Certificates minted on the spot, dated as the caller says."""

import datetime
import ipaddress
import os
import subprocess
from dataclasses import dataclass, field
from typing import List, Optional

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0, tzinfo=None)


@dataclass
class Identity:
    """A certificate with its key and the certificates that lead to its root (the root left out)."""

    certificate: x509.Certificate
    key: object
    intermediates: List[x509.Certificate] = field(default_factory=list)

    def certificate_pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def chain_pem(self):
        return self.certificate_pem() + b"".join(
            c.public_bytes(serialization.Encoding.PEM) for c in self.intermediates)

    def key_pem(self, passphrase: Optional[bytes] = None):
        encryption = (serialization.BestAvailableEncryption(passphrase) if passphrase
                      else serialization.NoEncryption())
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def issue(common_name, issuer: Optional[Identity] = None, *, dns=(), ips=(), ca=False, not_before=None,
          not_after=None, usage=None, key=None, organization="Demo", must_staple=False) -> Identity:
    """Issues one certificate. `usage` is None for no extendedKeyUsage, or a list of 'server' and 'client'."""
    now = utc_now()
    key = key or ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)]
    if common_name:
        names.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    subject = x509.Name(names)
    builder = (x509.CertificateBuilder()
               .subject_name(subject)
               .issuer_name(issuer.certificate.subject if issuer else subject)
               .public_key(key.public_key())
               .serial_number(x509.random_serial_number())
               .not_valid_before(not_before or now - DAY)
               .not_valid_after(not_after or now + 90 * DAY)
               .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False))
    if ca:
        # Python's ssl demands it from 3.13 on.
        others = dict.fromkeys(["content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
                                "decipher_only"], False)
        builder = builder.add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **others), critical=True)
    if issuer:
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    alternative = [x509.DNSName(n) for n in dns] + [x509.IPAddress(ipaddress.ip_address(i)) for i in ips]
    if alternative:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternative), critical=False)
    if usage is not None:
        purposes = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
        builder = builder.add_extension(x509.ExtendedKeyUsage([purposes[u] for u in usage]), critical=False)
    if must_staple:
        builder = builder.add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), critical=False)
    certificate = builder.sign((issuer or Identity(None, key)).key, hashes.SHA256())
    inherited = []
    if issuer and issuer.certificate.subject != issuer.certificate.issuer:
        inherited = [issuer.certificate, *issuer.intermediates]
    return Identity(certificate, key, inherited)


def weakly_signed(issuer: Identity, digest: str, directory) -> Identity:
    """A server's certificate for localhost, signed over a digest that today's library no longer uses."""
    key = rsa_key()
    identity = Identity(None, key)
    paths = [write(directory / name, pem, 0o600) for name, pem in (
        ("weak.key", identity.key_pem()), ("issuer.pem", issuer.certificate_pem()), ("issuer.key", issuer.key_pem()))]
    pem = subprocess.run(["openssl", "req", "-new", "-x509", "-key", paths[0], "-CA", paths[1], "-CAkey", paths[2],
                          f"-{digest}", "-days", "60", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                         check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return Identity(x509.load_pem_x509_certificate(pem), key, [issuer.certificate])


def rsa_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def ocsp_response(subject: Identity, issuer: Identity, *, revoked=None, this_update=None, next_update=None) -> bytes:
    """The DER of the issuer's own answer about `subject`: good, or revoked since `revoked`."""
    now = utc_now()
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=subject.certificate, issuer=issuer.certificate, algorithm=hashes.SHA1(), cert_status=status,
        this_update=this_update or now - DAY, next_update=next_update or now + DAY, revocation_time=revoked,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked else None)
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.certificate)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def revocation_list(issuer: Identity, *revoked: Identity, this_update=None, next_update=None) -> bytes:
    """The PEM of the issuer's list, with each of `revoked` on it since yesterday."""
    now = utc_now()
    builder = (x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
               .last_update(this_update or now - DAY).next_update(next_update or now + DAY))
    for identity in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(identity.certificate.serial_number).revocation_date(now - DAY)
            .build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Authority:
    """A root and an intermediate, and the leaves that servers and clients show."""

    def __init__(self, name="Demo", now=None):
        now = now or utc_now()
        self.now = now
        self.root = issue(f"{name} Root CA", ca=True, not_before=now - 400 * DAY, not_after=now + 3650 * DAY,
                          organization=name)
        self.intermediate = issue(f"{name} Intermediate CA", self.root, ca=True, not_before=now - 400 * DAY,
                                  not_after=now + 1825 * DAY, organization=name)
        self.name = name

    def server(self, dns=("localhost",), ips=("127.0.0.1",), **options) -> Identity:
        options.setdefault("usage", ["server"])
        options.setdefault("organization", self.name)
        name = options.pop("common_name", dns[0] if dns else "")
        return issue(name, options.pop("issuer", self.intermediate), dns=dns, ips=ips, **options)

    def client(self, name="app", **options) -> Identity:
        options.setdefault("usage", ["client"])
        options.setdefault("organization", self.name)
        return issue(name, options.pop("issuer", self.intermediate), **options)


def write(path, content: bytes, mode=0o644, owner=None):
    """Writes a file with exactly this mode; `owner` is a (uid, gid) pair or None."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
    os.chmod(path, mode)
    if owner:
        os.chown(path, *owner)
    return str(path)
