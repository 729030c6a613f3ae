"""What a client of an engine is given, and what it gets."""

import os
import subprocess
from dataclasses import dataclass
from typing import Optional

SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
# Seconds that a client waits for a server that answers. A busy machine is slow, and that is no verdict.
PATIENCE = 60


def patience(server, mode):
    """The same, of engines whose plaintext port waits for the end of what it takes for a command: a ClientHello is never
    answered."""
    return PATIENCE if getattr(server, "identity", None) or mode == "disable" else 2


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


def run(command, environment, timeout=2 * PATIENCE):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                            env=_surroundings(environment))
    return result.returncode, result.stdout.decode(errors="replace"), result.stderr.decode(errors="replace")


def run_until(word, command, environment):
    """(exit status, what was written) of a program that bounds its own time, and is ended as soon as it writes the word."""
    words = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=_surroundings(environment), text=True, errors="replace") as process:
        for line in process.stdout:
            words.append(line)
            if word in line:
                process.kill()
    return process.returncode, "".join(words)


def _surroundings(environment):
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", **environment}


def psql(server, mode, material, host="localhost", user="app", password="demo-password", database="postgres",
         patience=PATIENCE):
    """The client of the PostgreSQL family. Whether it encrypts is its own word: not every server has one."""
    parts = {"host": host, "hostaddr": server.address, "port": server.port, "user": user, "dbname": database,
             "sslmode": mode, "connect_timeout": patience, "gssencmode": "disable"}
    if material.ca:
        parts["sslrootcert"] = material.ca
    elif mode.startswith("verify"):
        # psql 15 knows no system store by name; this is the same set of certificates.
        parts["sslrootcert"] = SYSTEM_BUNDLE
    if material.certificate:
        parts.update(sslcert=material.certificate, sslkey=material.key)
    text = " ".join(f"{k}='{v}'" for k, v in parts.items())
    code, out, err = run(["psql", "-XAt", text, "-c", "\\conninfo"], {"PGPASSWORD": password})
    return Outcome(code == 0, "SSL connection" in out if code == 0 else None, err.strip())
