#!/usr/bin/env python3
"""What it costs an agent to look after many DatabaseEndpoints of a real API server, with a stub in place of the prober.

Installs the chart and runs STUB_AGENT as its only replica, under the chart's account: from a cold start until every status
is written, then at rest.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import datetime
import gzip
import http.client
import json
import re
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "cluster")]

from agents import Agent  # noqa: E402
from chart import install_chart  # noqa: E402
from servers import certificates  # noqa: E402
from servers.kubernetes import Kubernetes  # noqa: E402

PATH = "/apis/tlswarden.dev/v1alpha1/namespaces/default/databaseendpoints"
CREATORS = 4


def create(cluster, numbers, ca, interval):
    """Those of `numbers`, over one connection as the administrator."""
    connection = http.client.HTTPSConnection("127.0.0.1", cluster.api.port, timeout=60, context=cluster.api.trust)
    with contextlib.closing(connection):
        for number in numbers:
            document = {"apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint",
                        "metadata": {"name": f"db-{number}", "labels": {"team": "orders"}},
                        "spec": {"engine": "postgresql", "host": "db.internal", "checkInterval": interval,
                                 "tls": {"mode": "verify-full", "ca": {"inline": ca}}}}
            connection.request("POST", PATH, json.dumps(document), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status == 201, content


def memory(process):
    """(now, at most) in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return [int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE).group(1)) // 1024 for field in ("VmRSS", "VmHWM")]


def processor_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


class Watched:
    """The agent, seen from outside. Reading its page costs it time and memory, so that is done no more often than a
    Prometheus would."""

    def __init__(self, agent, cluster, endpoints):
        self.agent, self.cluster, self.endpoints = agent, cluster, endpoints
        self.pause = 15 if endpoints > 5000 else 1
        self.began = time.monotonic()

    def page(self, encoding="gzip"):
        """The metrics as they come."""
        request = urllib.request.Request(f"http://{self.agent.address}/metrics", headers={"Accept-Encoding": encoding})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def counter(self, prefix):
        lines = gzip.decompress(self.page()).decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(prefix))

    def report(self, what):
        now, most = memory(self.agent.process)
        print(f"{time.monotonic() - self.began:6.1f} s  {what}; memory {now} MB, at most {most} MB; "
              f"processor {processor_seconds(self.agent.process):.1f} s", flush=True)

    def wait(self, condition, what):
        self.agent.wait(lambda: time.sleep(self.pause) or condition(), what, 3600)

    def requests(self, since):
        """What the agent asked for, each verb with its count."""
        counts = collections.Counter(request["verb"] for request in self.cluster.requests(since)
                                     if request.get("userAgent", "").startswith("tlswarden"))
        return ", ".join(f"{count} {verb}" for verb, count in sorted(counts.items())) or "none"


def start(watched):
    agent, endpoints = watched.agent, watched.endpoints
    agent.wait(lambda: agent.get("/readyz")[0] == 200, "ready", 600)
    watched.report("listed and taken over")
    agent.wait(lambda: watched.counter("tlswarden_checks_total") > 0, "a check", 600)
    watched.report("the first check has ended")
    watched.wait(lambda: watched.counter("tlswarden_checks_total") >= endpoints, "all checked")
    watched.report("all are checked")
    watched.wait(lambda: watched.counter("tlswarden_cluster_pending_status_writes") == 0, "all written")
    watched.report(f"all are written, with {watched.counter('tlswarden_store_writes_total'):.0f} writes")


def rest(watched, minutes):
    process = watched.agent.process
    spent, since = processor_seconds(process), datetime.datetime.now(datetime.timezone.utc)
    time.sleep(minutes * 60)
    watched.report(f"{minutes:g} minutes later, with {watched.requests(since)} requests and "
                   f"{(processor_seconds(process) - spent) / minutes / 60:.3f} processors")


def scrape(watched):
    process = watched.agent.process
    for encoding in ("gzip", "identity"):
        spent, began = processor_seconds(process), time.monotonic()
        page = watched.page(encoding)
        print(f"a scrape, {encoding}: {time.monotonic() - began:.2f} s, {len(page) / 1e6:.2f} MB, "
              f"processor {processor_seconds(process) - spent:.2f} s", flush=True)
        watched.report("after that")
    print(f"series: {sum(not line.startswith(b'#') for line in page.splitlines())}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stub_agent", type=Path)
    parser.add_argument("endpoints", nargs="?", type=int, default=20000)
    parser.add_argument("--interval", default="5m", help="spec.checkInterval")
    parser.add_argument("--minutes", type=float, default=5, help="at rest")
    parser.add_argument("--max-writes", type=int, default=50)
    given = parser.parse_args()
    authority = certificates.Authority("Bench")
    with tempfile.TemporaryDirectory(prefix="tlswarden-") as directory, Kubernetes(directory, audit=True) as cluster:
        installed = install_chart(cluster, values={"replicas": 1, "agent": {"maxWrites": given.max_writes}})
        began = time.monotonic()
        ca = authority.root.certificate_pem().decode()
        with concurrent.futures.ThreadPoolExecutor(CREATORS) as pool:
            list(pool.map(lambda first: create(cluster, range(first, given.endpoints, CREATORS), ca, given.interval),
                          range(CREATORS)))
        print(f"{given.endpoints} endpoints created in {time.monotonic() - began:.0f} s", flush=True)
        chain = Path(directory) / "chain.pem"
        chain.write_bytes(authority.server(dns=("db.internal",)).chain_pem())
        with Agent(cluster, "bench", installed, program=[str(given.stub_agent.resolve()), str(chain)]) as agent:
            print(f"agent {agent.process.pid}", flush=True)
            watched = Watched(agent, cluster, given.endpoints)
            start(watched)
            rest(watched, given.minutes)
            scrape(watched)
            print(f"the API server's memory: {memory(cluster.api.process)} MB", flush=True)


if __name__ == "__main__":
    main()
