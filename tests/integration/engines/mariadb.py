"""MariaDB and its command-line client, and PyMySQL where that has no such mode."""

import ssl

import pymysql

from clients import PATIENCE, SYSTEM_BUNDLE, Outcome, run
from program import MODES
from servers.mariadb import MariaDB

NAME = "mariadb"
SERVER = MariaDB
ACCOUNT = {"user": "app"}
MUTUAL = {"require": "X509"}
TLS12 = {"settings": ["--tls-version=TLSv1.2"]}
OPTIONS = {
    "tls-required": {"require": "SSL"},
    "secure-transport-required": {"settings": ["--require-secure-transport=ON"]},
    "tls12-only": TLS12,
    "client-certificate-demanded": MUTUAL,
    "client-certificate-given": MUTUAL,
    "client-certificate-unknown": MUTUAL,
    "client-certificate-unknown-tls12": {**MUTUAL, **TLS12},
}
REASONS = {"client-certificate-demanded": None}  # decided after the login, and answered like a wrong password


def left_open(fault, declared, rung):
    """What can't be told without sending a password over a connection weaker than declared: MySQL and MariaDB decide
    after the login whether the account may come without TLS, or without a client certificate."""
    if MODES.index(declared) <= MODES.index(rung["mode"]):
        return False
    if rung["outcome"] == "Unknown":
        return rung["mode"] in ("disable", "prefer")
    withheld = "no login was tried" in rung["message"]
    return withheld and fault.name == "client-certificate-demanded" and rung["outcome"] == "Works"


def client(server, mode, material, host="localhost", user="app", password="demo-password", database="information_schema"):
    if mode == "verify-ca":
        return _pymysql(server, material, host=host, user=user, password=password, database=database)
    tls = {
        "disable": ["--skip-ssl"],
        "prefer": ["--ssl", "--skip-ssl-verify-server-cert"],
        "require": ["--ssl", "--skip-ssl-verify-server-cert"],
        "verify-full": ["--ssl", "--ssl-verify-server-cert", f"--ssl-ca={material.ca or SYSTEM_BUNDLE}"],
    }[mode]
    if material.certificate and mode != "disable":
        tls += [f"--ssl-cert={material.certificate}", f"--ssl-key={material.key}"]
    code, out, err = run(["mariadb", "--no-defaults", "--protocol=tcp", "-h", host, "-P", str(server.port), "-u", user,
                           f"--connect-timeout={PATIENCE}", "-NB", *tls, "-e", "SHOW SESSION STATUS LIKE 'Ssl_cipher'", database],
                          {"MYSQL_PWD": password})
    encrypted = len(out.split()) > 1 if code == 0 else None
    # This client goes on in plaintext where it was told to use TLS; that does not keep what the mode promises.
    works = code == 0 and (mode in ("disable", "prefer") or encrypted)
    return Outcome(works, encrypted, err.strip())


def _pymysql(server, material, **account):
    """From 11.4 on the command-line client verifies all or nothing."""
    context = ssl.create_default_context(cafile=material.ca or SYSTEM_BUNDLE)
    context.check_hostname = False
    try:
        if material.certificate:
            context.load_cert_chain(material.certificate, material.key)
        with pymysql.connect(port=server.port, connect_timeout=PATIENCE, ssl=context, **account) as connection:
            cursor = connection.cursor()
            cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
            encrypted = bool(cursor.fetchone()[1])
        # It goes on in plaintext where there is no TLS, as the other does.
        return Outcome(encrypted, encrypted, "")
    except (pymysql.err.Error, OSError) as error:
        return Outcome(False, None, str(error))
