"""PostgreSQL and psql."""

from clients import SYSTEM_BUNDLE, Outcome, run
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


def client(server, mode, material, host="localhost", user="app", password="demo-password", database="postgres"):
    parts = {"host": host, "hostaddr": server.address, "port": server.port, "user": user, "dbname": database,
             "sslmode": mode, "connect_timeout": 10, "gssencmode": "disable"}
    if material.ca:
        parts["sslrootcert"] = material.ca
    elif mode.startswith("verify"):
        # psql 15 knows no system store by name; this is the same set of certificates.
        parts["sslrootcert"] = SYSTEM_BUNDLE
    if material.certificate:
        parts.update(sslcert=material.certificate, sslkey=material.key)
    text = " ".join(f"{k}='{v}'" for k, v in parts.items())
    code, out, err = run(["psql", "-XAt", text, "-c", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"],
                          {"PGPASSWORD": password})
    return Outcome(code == 0, out.strip() == "t" if code == 0 else None, err.strip())
