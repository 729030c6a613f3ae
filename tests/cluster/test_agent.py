"""The main job, as a platform team does it: install the chart, apply endpoints, read conditions with kubectl, see events, delete."""

import itertools
import json
import os
import re
import subprocess
import time

import pytest

from agents import Agent
from chart import install_chart
from documents import warning_policy
from fleet import apply, ca_secret, condition, resource, wait_for
from place import NAMESPACE, open_cluster
from servers import certificates
from servers.redis import Redis

ROOT = certificates.__file__.rsplit("/tests/", 1)[0]


@pytest.fixture(scope="module")
def cluster(workspace):
    with open_cluster(workspace / "cluster") as running:
        yield running


@pytest.fixture(scope="module")
def installed(cluster):
    return install_chart(cluster, "tlswarden", "tlswarden", {"secrets": {"namespaces": [{"namespace": NAMESPACE}]}})


@pytest.fixture(scope="module")
def agent(cluster, installed):
    """Under the chart's account, with the arguments that the chart gives it."""
    with Agent(cluster, "tlswarden-0", installed) as running:
        yield running.wait_ready()


@pytest.fixture(scope="module")
def authority():
    return certificates.Authority()


@pytest.fixture
def server(workspace, authority):
    with Redis(workspace / "redis", authority.server()) as running:
        yield running


def declare(cluster, name, server, authority, **spec):
    apply(cluster, ca_secret(name, NAMESPACE, authority.root.certificate_pem()), resource(name, NAMESPACE, server, **spec))


def test_from_apply_to_delete(cluster, agent, server, authority):
    declare(cluster, "orders", server, authority, checkInterval="5s")
    cluster.kubectl("wait", "--for=condition=Ready", "dbe/orders", "-n", NAMESPACE, "--timeout=120s")

    header, row = cluster.kubectl("get", "dbe", "-n", NAMESPACE).stdout.splitlines()
    assert re.split(r"\s{2,}", header.strip())[:6] == ["NAME", "ENGINE", "MODE", "STRONGEST", "READY", "REASON"]
    assert row.split()[:5] == ["orders", "redis", "verify-full", "verify-full", "True"]
    assert cluster.kubectl("get", "tlswarden", "-A", "-o", "name").stdout == "databaseendpoint.tlswarden.dev/orders\n"

    server.stop()
    cluster.kubectl("wait", "--for=condition=Reachable=False", "dbe/orders", "-n", NAMESPACE, "--timeout=120s")
    described = wait_for(lambda: cluster.kubectl("describe", "dbe", "orders", "-n", NAMESPACE).stdout,
                         lambda text: "Unreachable" in text.partition("Events:")[2])
    events = described.partition("Events:")[2]
    assert re.search(r"Warning\s+Unreachable\s.*tlswarden", events), events
    server.start()
    assert server.port, "it may have come back elsewhere"
    declare(cluster, "orders", server, authority, checkInterval="5s")
    cluster.kubectl("wait", "--for=condition=Ready", "dbe/orders", "-n", NAMESPACE, "--timeout=120s")
    wait_for(lambda: cluster.kubectl("describe", "dbe", "orders", "-n", NAMESPACE).stdout,
             lambda text: "Recovered" in text.partition("Events:")[2])

    assert "TLS mode" in cluster.kubectl("explain", "dbe.spec.tls").stdout or \
        "mode" in cluster.kubectl("explain", "dbe.spec.tls").stdout
    cluster.kubectl("delete", "dbe", "orders", "-n", NAMESPACE, "--timeout=120s")
    agent.wait(lambda: (NAMESPACE, "orders") not in agent.endpoints(), "that it is gone")


def test_helm_and_kstatus_see_progress(cluster, agent, server, authority, workspace):
    """What helm --wait, Flux and Argo go by: never current before the agent has judged this generation."""
    declare(cluster, "progress", server, authority, checkInterval="5s")
    cluster.kubectl("wait", "--for=condition=Ready", "dbe/progress", "-n", NAMESPACE, "--timeout=120s")
    seen = cluster.get("dbe", "progress", "-n", NAMESPACE)
    assert seen["status"]["observedGeneration"] == seen["metadata"]["generation"]
    kinds = {c["type"]: c["status"] for c in seen["status"]["conditions"]}
    assert kinds["Reconciling"] == "False" and kinds["Stalled"] == "False"

    agent.pause()
    cluster.kubectl("patch", "dbe", "progress", "-n", NAMESPACE, "--type=merge", "-p", '{"spec":{"failureThreshold":3}}')
    early = cluster.kubectl("wait", "--for=condition=Ready", "dbe/progress", "-n", NAMESPACE, "--timeout=2s", check=False)
    agent.resume()
    assert early.returncode == 1, "what is True was judged of the spec before"
    cluster.kubectl("wait", "--for=condition=Ready", "dbe/progress", "-n", NAMESPACE, "--timeout=120s")

    chart = workspace / "endpoints"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: endpoints\nversion: 0.1.0\n")
    documents = [ca_secret("by-helm", NAMESPACE, authority.root.certificate_pem()), resource("by-helm", NAMESPACE, server)]
    (chart / "templates" / "all.yaml").write_text("\n---\n".join(map(json.dumps, documents)))
    cluster.helm("install", "endpoints", chart, "-n", NAMESPACE, "--wait=watcher", "--timeout", "120s")
    assert condition(cluster, NAMESPACE, "by-helm", "Ready")[0] == "True"
    cluster.helm("uninstall", "endpoints", "-n", NAMESPACE)
    cluster.kubectl("delete", "dbe", "progress", "-n", NAMESPACE)


def test_material_is_out_of_reach_where_nobody_allowed_it(cluster, agent, server, authority):
    cluster.kubectl("create", "namespace", "elsewhere")
    apply(cluster, ca_secret("foreign", "elsewhere", authority.root.certificate_pem()),
          resource("foreign", "elsewhere", server, checkInterval="5s"))
    ready = wait_for(lambda: condition(cluster, "elsewhere", "foreign", "Ready"), lambda c: c and c[0] == "False")
    assert ready[1] in ("ReferenceInvalid", "ReferenceNotFound")
    conditions = cluster.get("dbe", "foreign", "-n", "elsewhere")["status"]["conditions"]
    message = next(c["message"] for c in conditions if c["type"] == "Ready")
    assert "secrets.namespaces" in message and "elsewhere" in message
    cluster.kubectl("delete", "dbe", "foreign", "-n", "elsewhere")


def test_files_and_variables_of_the_agent_are_no_business_of_a_tenant(cluster, agent, server):
    for name, reference in (("file", {"file": "/etc/ssl/certs/ca-certificates.crt"}), ("env", {"env": "PATH"})):
        document = resource(name, NAMESPACE, server, checkInterval="5s")
        document["spec"]["tls"]["ca"] = reference
        apply(cluster, document)
        assert wait_for(lambda: condition(cluster, NAMESPACE, name, "Ready"),
                        lambda c: c and c[0] == "False")[1] == "ReferenceInvalid"
        cluster.kubectl("delete", "dbe", name, "-n", NAMESPACE)


def test_what_the_server_warns_of_is_logged_once(cluster, agent, server, authority):
    declare(cluster, "warned", server, authority)
    intervals = itertools.count(10)

    def status_is_written():
        change = json.dumps({"spec": {"checkInterval": f"{next(intervals)}s"}})
        generation = json.loads(cluster.kubectl("patch", "dbe", "warned", "-n", NAMESPACE, "--type=merge", "-p", change,
                                                "-o", "json").stdout)["metadata"]["generation"]
        wait_for(lambda: cluster.get("dbe", "warned", "-n", NAMESPACE)["status"].get("observedGeneration"), generation)

    def warnings():
        return [line for line in map(json.loads, agent.log.splitlines()) if "no status, please" in line["message"]]

    def first_warning():
        status_is_written()
        return warnings()

    policy = warning_policy("databaseendpoints/status", "no status, please")
    apply(cluster, *policy)
    try:
        wait_for(first_warning, lambda said: said)  # it takes the server a while to obey
        status_is_written()
        status_is_written()
        assert [(line["level"], line["message"].split(": ")[0]) for line in warnings()] == [("info", "the API server warns")]
    finally:
        cluster.kubectl("delete", "-f", "-", text="\n---\n".join(map(json.dumps, policy)))


def test_every_example_is_taken_up(cluster, agent):
    """Each gets all its conditions, whatever became of the hosts that they make up."""
    cluster.kubectl("create", "namespace", "erp")
    applied = cluster.kubectl("apply", "-f", f"{ROOT}/manifests").stdout
    assert applied.count("databaseendpoint.tlswarden.dev/") >= 12

    def unjudged():
        return [item["metadata"]["name"] for item in cluster.get("dbe", "-A")["items"]
                if len(item["status"].get("conditions", [])) < 13]

    wait_for(unjudged, [])
    cluster.kubectl("delete", "-f", f"{ROOT}/manifests")


def test_it_ends_in_order(cluster, installed):
    with Agent(cluster, "ending", installed) as ending:
        ending.wait_ready()
        began = time.monotonic()
        assert ending.end() == 0
        assert time.monotonic() - began < 20, "that is almost all the grace that checks have, and there are none"


def test_without_access_it_says_so(cluster, workspace):
    for flags, words in ((["--kubeconfig", workspace / "none"], "none"),
                         (["--kubeconfig", cluster.admin, "--context", "nope"], "nope")):
        ended = subprocess.run([os.environ["TLSWARDEN"], "agent", "--kubernetes", *map(str, flags)], text=True,
                               capture_output=True, timeout=120, env={"PATH": os.environ["PATH"]})
        assert ended.returncode == 1 and words in ended.stderr
