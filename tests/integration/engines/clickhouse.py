"""ClickHouse's HTTP port and curl, and Python's TLS where curl has no such mode."""

import http.client
import ssl

from clients import SYSTEM_BUNDLE, Outcome, patience, run
from servers.clickhouse import ClickHouse

NAME = "clickhouse"
SERVER = ClickHouse
ACCOUNT = {"user": "app"}
MUTUAL = {"demand_client_certificate": True}
TLS12 = {"tls": "<disableProtocols>tlsv1_3</disableProtocols>"}
OPTIONS = {
    "tls12-only": TLS12,
    "client-certificate-demanded": MUTUAL,
    "client-certificate-given": MUTUAL,
    "client-certificate-unknown": MUTUAL,
    "client-certificate-unknown-tls12": {**MUTUAL, **TLS12},
}
# A plaintext port says so itself, in its own protocol.
REASONS = {"tls-off": (2, "NotTLS", None)}


def left_open(fault, declared, rung):
    return False


def client(server, mode, material, host="localhost", password="demo-password"):
    if mode == "verify-ca":
        return _python(server, material, host)
    # This client has no fallback: prefer is require.
    tls = {
        "disable": [],
        "prefer": ["--insecure"],
        "require": ["--insecure"],
        "verify-full": ["--cacert", material.ca or SYSTEM_BUNDLE],
    }[mode]
    if material.certificate and mode != "disable":
        tls += ["--cert", material.certificate, "--key", material.key]
    scheme = "http" if mode == "disable" else "https"
    code, out, err = run(["curl", "--silent", "--show-error", "--fail", "--max-time", str(patience(server, mode)), *tls, "--user", f"app:{password}",
                          f"{scheme}://{host}:{server.port}/?query=SELECT%201"], {})
    return Outcome(code == 0 and out == "1\n", None, err.strip())


def _python(server, material, host):
    """curl cannot verify the chain without the name in one word, so verify-ca is put to a client that can."""
    try:
        context = ssl.create_default_context(cafile=material.ca or SYSTEM_BUNDLE)
        context.check_hostname = False
        if material.certificate:
            context.load_cert_chain(material.certificate, material.key)
        connection = http.client.HTTPSConnection(host, server.port, context=context, timeout=patience(server, "verify-ca"))
        connection.request("GET", "/ping")
        return Outcome(connection.getresponse().status == 200, True, "")
    except (OSError, http.client.HTTPException) as error:
        return Outcome(False, None, str(error))
