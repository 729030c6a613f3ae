"""The engines' own clients, run with one mode and one set of material; they say whether that mode works."""

import os
import ssl
import subprocess
from dataclasses import dataclass
from typing import Optional

import redis

SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


@dataclass
class Material:
    """Paths of PEM files; None where nothing is declared."""

    ca: Optional[str] = None
    certificate: Optional[str] = None
    key: Optional[str] = None


@dataclass
class Outcome:
    works: bool
    encrypted: Optional[bool]
    words: str


def _run(command, environment, timeout=30):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", **environment})
    return result.returncode, result.stdout.decode(errors="replace"), result.stderr.decode(errors="replace")


def psql(server, mode, material, host="localhost", user="app", password="demo-password", database="postgres"):
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
    code, out, err = _run(["psql", "-XAt", text, "-c", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"],
                          {"PGPASSWORD": password})
    return Outcome(code == 0, out.strip() == "t" if code == 0 else None, err.strip())


def mariadb(server, mode, material, host="localhost", user="app", password="demo-password", database="information_schema"):
    tls = {
        "disable": ["--skip-ssl"],
        "prefer": ["--ssl", "--skip-ssl-verify-server-cert"],
        "require": ["--ssl", "--skip-ssl-verify-server-cert"],
        "verify-ca": ["--ssl", "--skip-ssl-verify-server-cert", f"--ssl-ca={material.ca or SYSTEM_BUNDLE}"],
        "verify-full": ["--ssl", "--ssl-verify-server-cert", f"--ssl-ca={material.ca or SYSTEM_BUNDLE}"],
    }[mode]
    if material.certificate and mode != "disable":
        tls += [f"--ssl-cert={material.certificate}", f"--ssl-key={material.key}"]
    code, out, err = _run(["mariadb", "--no-defaults", "--protocol=tcp", "-h", host, "-P", str(server.port), "-u", user,
                           "--connect-timeout=10", "-NB", *tls, "-e", "SHOW SESSION STATUS LIKE 'Ssl_cipher'", database],
                          {"MYSQL_PWD": password})
    encrypted = len(out.split()) > 1 if code == 0 else None
    # This client goes on in plaintext where it was told to use TLS; that does not keep what the mode promises.
    works = code == 0 and (mode in ("disable", "prefer") or encrypted)
    return Outcome(works, encrypted, err.strip())


def redis_cli(server, mode, material, host="localhost", password="demo-password"):
    if mode == "verify-full":
        return _redis_py(server, material, host, password)
    # This client has no fallback: prefer is require.
    tls = {
        "disable": [],
        "prefer": ["--tls", "--insecure"],
        "require": ["--tls", "--insecure"],
        "verify-ca": ["--tls", "--cacert", material.ca or SYSTEM_BUNDLE],
    }[mode]
    if material.certificate and mode != "disable":
        tls += ["--cert", material.certificate, "--key", material.key]
    try:
        # A plaintext port swallows a ClientHello, and this client waits for ever.
        code, out, err = _run(["redis-cli", "-h", host, "-p", str(server.port), *tls, "PING"],
                              {"REDISCLI_AUTH": password} if password else {}, timeout=4)
    except subprocess.TimeoutExpired:
        return Outcome(False, None, "no answer")
    return Outcome(out.strip() == "PONG", None, (err + out).strip())


def _redis_py(server, material, host, password):
    """redis-cli never compares names, so verify-full is put to the client library that does."""
    connection = redis.Redis(host=host, port=server.port, password=password, ssl=True, ssl_cert_reqs="required",
                             ssl_check_hostname=True, ssl_ca_certs=material.ca or SYSTEM_BUNDLE,
                             ssl_certfile=material.certificate, ssl_keyfile=material.key, socket_timeout=4)
    try:
        return Outcome(bool(connection.ping()), True, "")
    except (redis.exceptions.RedisError, ssl.SSLError, OSError) as error:
        return Outcome(False, None, str(error))
    finally:
        connection.close()


CLIENTS = {"postgresql": psql, "mariadb": mariadb, "redis": redis_cli}
