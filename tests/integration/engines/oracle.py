"""Oracle Net and python-oracledb in thin mode."""

import json
import os
import subprocess
import sys
from pathlib import Path

from clients import PATIENCE, SYSTEM_BUNDLE, Outcome
from servers.oracle import SERVICE, Oracle

NAME = "oracle"
SERVER = Oracle
ACCOUNT = {"user": "app", "database": SERVICE}
MUTUAL = {"demand_client_certificate": True}
TLS12 = {"tls12_only": True}
OPTIONS = {
    "tls12-only": TLS12,
    "client-certificate-demanded": MUTUAL,
    "client-certificate-given": MUTUAL,
    "client-certificate-unknown": MUTUAL,
    "client-certificate-unknown-tls12": {**MUTUAL, **TLS12},
}
REASONS = {}


def left_open(fault, declared, rung):
    return False


def login(port, *, protocol, ca=None, host="localhost", user="app", password="demo-password", service=SERVICE, **options):
    """(whether the login succeeded, what it told). The client adds the wallet's authorities to those of the system, and
    SSL_CERT_FILE is what stands for the latter."""
    arguments = {"user": user, "password": password, "protocol": protocol, "host": host, "port": port,
                 "service_name": service, "tcp_connect_timeout": PATIENCE, **options}
    result = subprocess.run([sys.executable, str(Path(__file__).parent.parent / "oracle_login.py")],
                            input=json.dumps(arguments).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=2 * PATIENCE,
                            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
                                 "SSL_CERT_FILE": ca or SYSTEM_BUNDLE, "SSL_CERT_DIR": "/nonexistent"})
    assert result.stdout, result.stderr.decode(errors="replace")
    return result.returncode == 0, json.loads(result.stdout)


def wallet(directory, material):
    """A directory with ewallet.pem, as this client wants its certificate and key."""
    place = Path(directory) / "wallet"
    place.mkdir(exist_ok=True)
    pem = b"".join(Path(part).read_bytes() for part in (material.certificate, material.key))
    (place / "ewallet.pem").write_bytes(pem)
    return str(place)


def client(server, mode, material, **options):
    if mode == "disable":
        works, told = login(server.port, protocol="tcp", **options)
        return Outcome(works, False if works else None, told.get("words", ""))
    if material.certificate:
        options["wallet_location"] = wallet(server.directory, material)
    # prefer is require, there is no fallback. Both verify the chain once there are authorities to verify it with.
    works, told = login(server.port, protocol="tcps", ca=material.ca, ssl_server_dn_match=mode == "verify-full",
                        verify=bool(material.ca) or mode.startswith("verify"), **options)
    return Outcome(works, told["protocol"] == "tcps" if works else None, told.get("words", ""))
