"""Redshift, as its front tells it, and psql."""

import ssl

from clients import psql
from servers.pgfamily import Redshift

NAME = "redshift"
SERVER = Redshift
ACCOUNT = {"user": "app", "database": "postgres"}
OPTIONS = {
    "tls-required": {"require_ssl": True},
    "tls12-only": {"tls_max": ssl.TLSVersion.TLSv1_2},
}
# Redshift asks no client for a certificate.
REASONS = {"client-certificate-demanded": None, "client-certificate-unknown": None}


def left_open(fault, declared, rung):
    return False


client = psql
