"""Every fault that a fleet shows, as a way to start a server and the material that its users declare."""

import datetime
from dataclasses import dataclass
from typing import Callable

from servers import certificates

DAY = datetime.timedelta(days=1)


@dataclass
class Fault:
    """`server` makes keyword arguments for any engine's server class from an authority; what an engine needs besides
    stands in OPTIONS of its module in engines/."""

    name: str
    server: Callable
    client_certificate: str = ""  # "", "good", "unknown" (of an authority that the server does not know)
    optional: bool = False  # only for engines that name it in OPTIONS


def _leaf(**options):
    return lambda authority: {"identity": authority.server(**options)}


def _self_signed(authority):
    return {"identity": certificates.issue("localhost", dns=["localhost"], ips=["127.0.0.1"], usage=["server"])}


def _expired_intermediate(authority):
    old = certificates.issue("Old Intermediate CA", authority.root, ca=True, not_before=authority.now - 300 * DAY,
                             not_after=authority.now - DAY, organization=authority.name)
    return {"identity": authority.server(issuer=old)}


def _mutual(authority):
    # etcd shows its certificate to itself as well.
    return {"identity": authority.server(usage=["server", "client"]), "client_ca": authority.root.certificate_pem()}


FAULTS = [
    Fault("healthy", _leaf()),
    Fault("expired", lambda a: {"identity": a.server(not_before=a.now - 90 * DAY, not_after=a.now - 3 * DAY)}),
    Fault("expiring", lambda a: {"identity": a.server(not_before=a.now - 80 * DAY, not_after=a.now + 10 * DAY)}),
    Fault("not-yet-valid", lambda a: {"identity": a.server(not_before=a.now + DAY, not_after=a.now + 90 * DAY)}),
    Fault("self-signed", _self_signed),
    Fault("wrong-name", _leaf(dns=["db.elsewhere.example"], ips=())),
    Fault("common-name-only", _leaf(dns=(), ips=(), common_name="localhost")),
    Fault("ip-san-only", _leaf(dns=(), ips=["127.0.0.1"], common_name="")),
    Fault("wildcard-name", _leaf(dns=["*.example.com"], ips=())),
    Fault("missing-intermediate", lambda a: {"identity": a.server(), "serve_chain": False}),
    Fault("expired-intermediate", _expired_intermediate),
    Fault("wrong-purpose", _leaf(usage=["client"])),
    Fault("tls-off", lambda a: {"identity": None}),
    Fault("tls-required", _leaf(), optional=True),
    Fault("secure-transport-required", _leaf(), optional=True),
    Fault("plaintext-only-for-this-user", _leaf(), optional=True),
    Fault("tls12-only", _leaf(), optional=True),
    Fault("client-certificate-demanded", _mutual),
    Fault("client-certificate-given", _mutual, client_certificate="good"),
    Fault("client-certificate-unknown", _mutual, client_certificate="unknown"),
    Fault("client-certificate-unknown-tls12", _mutual, client_certificate="unknown", optional=True),
]


def applies(module, fault):
    return not fault.optional or fault.name in module.OPTIONS


def make_server(module, fault, authority, directory, templates):
    options = dict(fault.server(authority))
    options.update(module.OPTIONS.get(fault.name, {}))
    if module.NAME in templates:
        options["template"] = templates[module.NAME]
    return module.SERVER(directory, options.pop("identity"), **options)
