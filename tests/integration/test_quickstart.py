"""The demonstration does what README says it does."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "manifests" / "quickstart" / "run.sh"
PORTS = [25431, 25432, 25433, 25434, 25435, 25436, 23306, 23307, 26379, 26380]

EXPECTED = {
    "orders": "True", "billing": "HostnameMismatch", "archive": "CertificateExpired", "legacy": "TLSNotSupported",
    "audit": "ServerRequiresTLS", "warehouse": "VersionMismatch", "crm": "CertificateExpiring",
    "inventory": "IncompleteChain", "cache": "SelfSignedLeaf", "vault": "ClientCertificateRequired",
}


def nothing_listens():
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return False
    return True


def test_once_names_every_fault_and_exits_critical():
    result = subprocess.run([SCRIPT, "--once"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, timeout=600)
    assert result.returncode == 2, result.stdout
    for name, expected in EXPECTED.items():
        assert re.search(rf"^{name} ", result.stdout, re.M), result.stdout
        if expected != "True":
            advice = result.stdout.split(f"\n{name}: CRITICAL")[1].split("tlswarden explain ")[1]
            assert advice.split()[0] == expected, result.stdout
    assert nothing_listens()
    assert not (SCRIPT.parent / "pki").exists()


def test_interrupt_stops_everything_it_started():
    process = subprocess.Popen([SCRIPT], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True, env={**os.environ, "TLSWARDEN_LISTEN": "127.0.0.1:0"})
    seen = ""
    for line in process.stdout:
        seen += line
        if re.search(r"listens on http://127\.0\.0\.1:\d+", line):
            break
    assert process.poll() is None, seen
    # Ctrl-C reaches the whole foreground group.
    os.killpg(process.pid, signal.SIGINT)
    process.stdout.read()
    assert process.wait(60) == 130, seen
    assert nothing_listens()
