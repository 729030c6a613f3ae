"""Cassandra and the DataStax Python driver, which cqlsh is made of."""

import logging
import ssl

from cassandra import DriverException
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, NoHostAvailable

from clients import PATIENCE, SYSTEM_BUNDLE, Outcome
from servers.cassandra import Cassandra

NAME = "cassandra"
SERVER = Cassandra
ACCOUNT = {"user": "app"}
BOTH = {"optional": True}
TLS12 = {"protocols": ["TLSv1.2"]}
OPTIONS = {
    "healthy": BOTH,
    "wrong-name": BOTH,
    "client-certificate-demanded": BOTH,
    "tls-required": {},
    "tls12-only": TLS12,
    "client-certificate-unknown-tls12": TLS12,
}
# The node answers a ClientHello with an error of its own protocol.
REASONS = {"tls-off": (2, "NotTLS", None)}

logging.getLogger("cassandra").setLevel(logging.CRITICAL)


def left_open(fault, declared, rung):
    return False


def client(server, mode, material, host="localhost", user="app", password="demo-password"):
    # The driver looks its contact points up and compares certificates with their addresses, unless it is told the name.
    options = {"server_hostname": host} if mode == "verify-full" else None
    cluster = Cluster([host], port=server.port, protocol_version=4, ssl_context=_context(mode, material),
                      ssl_options=options, auth_provider=PlainTextAuthProvider(user, password),
                      connect_timeout=PATIENCE, control_connection_timeout=PATIENCE, schema_metadata_enabled=False,
                      token_metadata_enabled=False)
    try:
        row = cluster.connect().execute("SELECT release_version FROM system.local").one()
        return Outcome(bool(row.release_version), mode != "disable", "")
    except (NoHostAvailable, DriverException, OSError) as error:
        return Outcome(False, None, str(error))
    finally:
        cluster.shutdown()


def _context(mode, material):
    """This client has no fallback: prefer is require."""
    if mode == "disable":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = mode == "verify-full"
    context.verify_mode = ssl.CERT_REQUIRED if mode.startswith("verify") else ssl.CERT_NONE
    context.load_verify_locations(material.ca or SYSTEM_BUNDLE)
    if material.certificate:
        context.load_cert_chain(material.certificate, material.key)
    return context
