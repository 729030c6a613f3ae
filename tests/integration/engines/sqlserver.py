"""SQL Server and FreeTDS's tsql, and Microsoft's tedious for what tsql cannot or does not do."""

import json
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from clients import PATIENCE, SYSTEM_BUNDLE, Outcome, run
from servers.process import counterpart, find_program
from servers.sqlserver import SqlServer

NAME = "sqlserver"
SERVER = SqlServer
ACCOUNT = {"user": "app", "database": "master"}
OPTIONS = {
    "tls-required": {"encryption": "forced"},
}
REASONS = {}
QUERY = "SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID"


def left_open(fault, declared, rung):
    return False


def client(server, mode, material, host="localhost", user="app", password="demo-password", database="master"):
    # tsql presents no client certificate, and does not look at what the server's was issued for.
    beyond_tsql = material.certificate or (mode.startswith("verify") and server.identity and _is_for_clients(server.identity))
    if beyond_tsql and mode != "disable":
        return tedious(server, mode, material, host=host, user=user, password=password, database=database)
    return tsql(server, mode, material, host=host, user=user, password=password, database=database)


def _is_for_clients(identity):
    try:
        usage = identity.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.SERVER_AUTH not in usage


def tsql(server, mode, material, *, host="localhost", user="app", password="demo-password", database="master"):
    settings = {"host": host, "port": server.port, "tds version": "7.4", "connect timeout": PATIENCE,
                "encryption": {"disable": "off", "prefer": "request"}.get(mode, "require")}
    if mode.startswith("verify"):
        settings["ca file"] = material.ca or SYSTEM_BUNDLE
        settings["check certificate hostname"] = "yes" if mode == "verify-full" else "no"
    text = "[server]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as configuration, tempfile.TemporaryDirectory() as directory:
        configuration.write(text)
        configuration.flush()
        # A query on its standard input would come with a prompt for the password.
        query = Path(directory) / "query.sql"
        query.write_text(QUERY + "\ngo\nexit\n")
        code, out, err = run(["sh", "-c", 'exec "$@" <"$0"', str(query), find_program("tsql"), "-o", "fhq", "-S", "server",
                              "-I", configuration.name, "-U", user, "-P", password, "-D", database], {})
    return _outcome(mode, code, out, err)


def tedious(server, mode, material, *, host="localhost", user="app", password="demo-password", database="master", **options):
    """Has no fallback: prefer is require."""
    settings = {"module": str(counterpart("tedious")), "host": host, "port": server.port, "user": user, "password": password,
                "database": database, "query": QUERY, "encrypt": mode != "disable",
                "verifyChain": mode.startswith("verify"), "verifyName": mode == "verify-full",
                "ca": material.ca or SYSTEM_BUNDLE, "certificate": material.certificate, "key": material.key, **options}
    script = Path(__file__).resolve().parents[1] / "tedious.js"
    code, out, err = run([find_program("node"), str(script)], {"TEDIOUS": json.dumps(settings), "NODE_NO_WARNINGS": "1"})
    return _outcome(mode, code, out, err)


def _outcome(mode, code, out, err):
    """Exit status alone is not the truth: tsql uses TLS where it was told not to, and both go on in plaintext where they
    were told to use it."""
    if code != 0:
        return Outcome(False, None, (err + out).strip())
    encrypted = "TRUE" in out
    wanted = {"disable": [False], "prefer": [False, True]}.get(mode, [True])
    return Outcome(encrypted in wanted, encrypted, (err + out).strip())
