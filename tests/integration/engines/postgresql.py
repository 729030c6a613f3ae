"""PostgreSQL and psql."""

from clients import psql
from servers.postgresql import PostgreSQL

NAME = "postgresql"
SERVER = PostgreSQL
ACCOUNT = {"user": "app"}
MUTUAL = {"access": ["hostssl all all all scram-sha-256 clientcert=verify-ca"]}
TLS12 = {"settings": {"ssl_max_protocol_version": "TLSv1.2"}}
OPTIONS = {
    "tls-required": {"access": ["hostssl all all all scram-sha-256"]},
    "plaintext-only-for-this-user": {"access": ["hostnossl all all all scram-sha-256"]},
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
