"""What a client of an engine is given, and what it gets."""

import os
import subprocess
from dataclasses import dataclass
from typing import Optional

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


def run(command, environment, timeout=30):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", **environment})
    return result.returncode, result.stdout.decode(errors="replace"), result.stderr.decode(errors="replace")
