"""What the tests of a running agent share: databases on this machine, declared in the cluster."""

import base64
import contextlib
import json
import os
import tempfile
import time
from pathlib import Path


def resource(name, namespace, server, mode="verify-full", **spec):
    """An endpoint whose CA is the key ca.crt of the Secret NAME-ca."""
    return {"apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"engine": server.engine, "host": "localhost", "port": server.port, "checkInterval": "10s", "timeout": "3s",
                     "tls": {"mode": mode, "ca": {"secretKeyRef": {"name": f"{name}-ca", "key": "ca.crt"}}}, **spec}}


def ca_secret(name, namespace, pem):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{name}-ca", "namespace": namespace},
            "data": {"ca.crt": base64.b64encode(pem).decode()}}


@contextlib.contextmanager
def open_directory():
    """For the servers of a test, some of which run under accounts of their own."""
    with tempfile.TemporaryDirectory(prefix="tlswarden-", ignore_cleanup_errors=True) as directory:
        os.chmod(directory, 0o755)
        yield Path(directory)


def apply(cluster, *documents):
    cluster.kubectl("apply", "-f", "-", text="\n---\n".join(json.dumps(document) for document in documents))


def condition(cluster, namespace, name, kind):
    """(status, reason) as the cluster has it; None before it was written."""
    status = cluster.get("dbe", name, "-n", namespace).get("status", {})
    found = next((c for c in status.get("conditions", []) if c["type"] == kind), None)
    return found and (found["status"], found["reason"])


def wait_for(question, wanted, seconds=120):
    """Until `question()` answers with one of `wanted`, which may also be a predicate; that answer."""
    matches = wanted if callable(wanted) else (lambda answer: answer == wanted)
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if matches(answer):
            return answer
        assert time.monotonic() < deadline, f"still {answer!r}, not {wanted!r}, after {seconds} s"
        time.sleep(0.2)
