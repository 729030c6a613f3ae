"""Every fault that a fleet shows, as a way to start a server and the material that its users declare."""

import datetime
from dataclasses import dataclass, field
from typing import Callable

from servers import certificates
from servers.mariadb import MariaDB
from servers.postgresql import PostgreSQL
from servers.redis import Redis

DAY = datetime.timedelta(days=1)


@dataclass
class Fault:
    """`server` makes keyword arguments for the engine's server class from an authority."""

    name: str
    server: Callable
    client_certificate: str = ""  # "", "good", "unknown" (of an authority that the server does not know)
    engines: tuple = ("postgresql", "mariadb", "redis")
    postgresql: dict = field(default_factory=dict)
    mariadb: dict = field(default_factory=dict)
    redis: dict = field(default_factory=dict)


def _leaf(**options):
    return lambda authority: {"identity": authority.server(**options)}


def _self_signed(authority):
    return {"identity": certificates.issue("localhost", dns=["localhost"], ips=["127.0.0.1"], usage=["server"])}


def _expired_intermediate(authority):
    old = certificates.issue("Old Intermediate CA", authority.root, ca=True, not_before=authority.now - 300 * DAY,
                             not_after=authority.now - DAY, organization=authority.name)
    return {"identity": authority.server(issuer=old)}


def _mutual(authority):
    return {"identity": authority.server(), "client_ca": authority.root.certificate_pem()}


DEMAND = dict(postgresql={"access": ["hostssl all all all scram-sha-256 clientcert=verify-ca"]},
              mariadb={"require": "X509"}, redis={"demand_client_certificate": True})

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
    Fault("tls-required", _leaf(), engines=("postgresql", "mariadb"),
          postgresql={"access": ["hostssl all all all scram-sha-256"]}, mariadb={"require": "SSL"}),
    Fault("secure-transport-required", _leaf(), engines=("mariadb",),
          mariadb={"settings": ["--require-secure-transport=ON"]}),
    Fault("plaintext-only-for-this-user", _leaf(), engines=("postgresql",),
          postgresql={"access": ["hostnossl all all all scram-sha-256"]}),
    Fault("tls12-only", _leaf(), postgresql={"settings": {"ssl_max_protocol_version": "TLSv1.2"}},
          mariadb={"settings": ["--tls-version=TLSv1.2"]}, redis={"settings": ["--tls-protocols", "TLSv1.2"]}),
    Fault("client-certificate-demanded", _mutual, **DEMAND),
    Fault("client-certificate-given", _mutual, client_certificate="good", **DEMAND),
    Fault("client-certificate-unknown", _mutual, client_certificate="unknown", **DEMAND),
    Fault("client-certificate-unknown-tls12", _mutual, client_certificate="unknown",
          postgresql={**DEMAND["postgresql"], "settings": {"ssl_max_protocol_version": "TLSv1.2"}},
          mariadb={**DEMAND["mariadb"], "settings": ["--tls-version=TLSv1.2"]},
          redis={**DEMAND["redis"], "settings": ["--tls-protocols", "TLSv1.2"]}),
]

SERVERS = {"postgresql": PostgreSQL, "mariadb": MariaDB, "redis": Redis}


def make_server(engine, fault, authority, directory, templates):
    options = dict(fault.server(authority))
    options.update(getattr(fault, engine))
    if engine in templates:
        options["template"] = templates[engine]
    return SERVERS[engine](directory, options.pop("identity"), **options)
