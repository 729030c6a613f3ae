#!/usr/bin/env python3
"""What it costs an agent to look after many DatabaseEndpoints of a real API server, with a stub in place of the prober.

usage: cluster_bench.py STUB_AGENT [ENDPOINTS [MINUTES_AT_REST]]
"""

import concurrent.futures
import contextlib
import datetime
import http.client
import json
import re
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "cluster")]

from agents import Agent  # noqa: E402
from servers import certificates  # noqa: E402
from servers.kubernetes import Kubernetes  # noqa: E402

PATH = "/apis/tlswarden.dev/v1alpha1/namespaces/default/databaseendpoints"
WRITERS = 4


def create(cluster, numbers, ca):
    """Those of `numbers`, over one connection as the administrator."""
    connection = http.client.HTTPSConnection("127.0.0.1", cluster.api.port, timeout=60, context=cluster.api.trust)
    with contextlib.closing(connection):
        for number in numbers:
            document = {"apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint",
                        "metadata": {"name": f"db-{number}"},
                        "spec": {"engine": "postgresql", "host": "db.internal", "tls": {"mode": "verify-full", "ca": {"inline": ca}}}}
            connection.request("POST", PATH, json.dumps(document), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status == 201, content


def memory(agent):
    """(now, at most) in MB."""
    status = Path(f"/proc/{agent.process.pid}/status").read_text()
    return [int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE).group(1)) // 1024 for field in ("VmRSS", "VmHWM")]


def processor_seconds(agent):
    fields = Path(f"/proc/{agent.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main(stub, endpoints=20000, minutes=5):
    endpoints, minutes = int(endpoints), float(minutes)
    authority = certificates.Authority("Bench")
    with tempfile.TemporaryDirectory(prefix="tlswarden-") as directory, Kubernetes(directory, audit=True) as cluster:
        cluster.kubectl("apply", "-f", ROOT / "schema" / "databaseendpoint.crd.yaml")
        cluster.wait_for_path(PATH)
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(lambda i: create(cluster, range(i, endpoints, WRITERS), authority.root.certificate_pem().decode()),
                          range(WRITERS)))
        print(f"{endpoints} endpoints created in {time.monotonic() - began:.0f} s", flush=True)
        chain = Path(directory) / "chain.pem"
        chain.write_bytes(authority.server(dns=("db.internal",)).chain_pem())
        admin = {"client-certificate": str(cluster.api.directory / "admin.crt"),
                 "client-key": str(cluster.api.directory / "admin.key")}
        began = time.monotonic()
        with Agent(cluster, "bench", admin, program=[stub, str(chain)]) as agent:
            def counter(prefix):
                return sum(value for series, value in agent.metrics().items() if series.startswith(prefix))

            agent.wait(lambda: agent.get("/readyz")[0] == 200, "ready", 600)
            print(f"listed and taken over after {time.monotonic() - began:.1f} s", flush=True)
            agent.wait(lambda: counter("tlswarden_checks_total") > 0, "a check", 600)
            print(f"first check seen after {time.monotonic() - began:.1f} s", flush=True)
            agent.wait(lambda: time.sleep(5) or counter("tlswarden_checks_total") >= endpoints, "all checked", 3600)
            print(f"all checked after {time.monotonic() - began:.0f} s, memory {memory(agent)} MB", flush=True)
            agent.wait(lambda: time.sleep(5) or counter("tlswarden_cluster_pending_status_writes") == 0, "all written", 3600)
            print(f"all written after {time.monotonic() - began:.0f} s, memory {memory(agent)} MB, "
                  f"{counter('tlswarden_store_writes_total'):.0f} writes", flush=True)
            writes, spent = counter("tlswarden_store_writes_total"), processor_seconds(agent)
            rest = datetime.datetime.now(datetime.timezone.utc)
            time.sleep(minutes * 60)
            rate = (counter("tlswarden_store_writes_total") - writes) / minutes
            requests = cluster.requests_per_minute(rest).get("tlswarden", 0)
            print(f"at rest: {rate:.0f} status writes a minute, {requests:.0f} requests a minute, memory {memory(agent)} MB, "
                  f"{(processor_seconds(agent) - spent) / minutes / 60:.3f} processors", flush=True)
            began = time.monotonic()
            page = agent.get("/metrics")[1]
            print(f"a scrape: {time.monotonic() - began:.2f} s, {len(page) / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
