"""Redis, redis-cli, and redis-py where redis-cli has no such mode."""

import ssl
import subprocess

import redis

from clients import SYSTEM_BUNDLE, Outcome, patience, run
from servers.redis import Redis

NAME = "redis"
SERVER = Redis
ACCOUNT = {"user": ""}
MUTUAL = {"demand_client_certificate": True}
TLS12 = {"settings": ["--tls-protocols", "TLSv1.2"]}
OPTIONS = {
    "tls12-only": TLS12,
    "client-certificate-demanded": MUTUAL,
    "client-certificate-given": MUTUAL,
    "client-certificate-unknown": MUTUAL,
    "client-certificate-unknown-tls12": {**MUTUAL, **TLS12},
}
REASONS = {"tls-off": (2, "NotTLS", None)}


def left_open(fault, declared, rung):
    return False


def client(server, mode, material, host="localhost", password="demo-password"):
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
        code, out, err = run(["redis-cli", "-h", host, "-p", str(server.port), *tls, "PING"],
                              {"REDISCLI_AUTH": password} if password else {}, timeout=patience(server, mode))
    except subprocess.TimeoutExpired:
        return Outcome(False, None, "no answer")
    return Outcome(out.strip() == "PONG", None, (err + out).strip())


def _redis_py(server, material, host, password):
    """redis-cli never compares names, so verify-full is put to the client library that does."""
    connection = redis.Redis(host=host, port=server.port, password=password, ssl=True, ssl_cert_reqs="required",
                             ssl_check_hostname=True, ssl_ca_certs=material.ca or SYSTEM_BUNDLE,
                             ssl_certfile=material.certificate, ssl_keyfile=material.key, socket_timeout=patience(server, "verify-full"))
    try:
        return Outcome(bool(connection.ping()), True, "")
    except (redis.exceptions.RedisError, ssl.SSLError, OSError) as error:
        return Outcome(False, None, str(error))
    finally:
        connection.close()
