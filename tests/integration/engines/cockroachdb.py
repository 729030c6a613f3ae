"""CockroachDB, as its front tells it, and psql."""

import ssl

from clients import psql
from servers.pgfamily import CockroachDB

NAME = "cockroachdb"
SERVER = CockroachDB
ACCOUNT = {"user": "app", "database": "postgres"}
MUTUAL = {"demands_certificate": True}
TLS12 = {"tls_max": ssl.TLSVersion.TLSv1_2}
OPTIONS = {
    "tls-required": {},
    "tls12-only": TLS12,
    "client-certificate-demanded": MUTUAL,
    "client-certificate-given": MUTUAL,
    "client-certificate-unknown": MUTUAL,
    "client-certificate-unknown-tls12": {**MUTUAL, **TLS12},
}
REASONS = {}


def left_open(fault, declared, rung):
    return False


client = psql
