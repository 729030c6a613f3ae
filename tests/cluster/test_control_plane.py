"""What the other modules rely on: that servers/kubernetes.py is a cluster's API server, and can be made to fail like one."""

import contextlib
import datetime
import http.client
import json
import tempfile
import time

import pytest

from fleet import wait_for
from servers.kubernetes import Kubernetes


@pytest.fixture(scope="module")
def cluster():
    """With an audit log, and without the cache that would still know what etcd has forgotten."""
    with tempfile.TemporaryDirectory(prefix="tlswarden-") as directory:
        with Kubernetes(directory, audit=True, settings=["--watch-cache=false"]) as running:
            running.kubectl("create", "serviceaccount", "agent")
            yield running


def whoami(cluster, token):
    return cluster.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}", check=False,
                           kubeconfig=cluster.kubeconfig("agent", {"token": token}))


def test_kubectl_and_helm_speak_to_a_current_release(cluster):
    versions = json.loads(cluster.kubectl("version", "-o", "json").stdout)
    assert versions["serverVersion"]["minor"] == versions["clientVersion"]["minor"] == "35"
    assert cluster.helm("version", "--short").stdout.startswith("v4.")
    assert cluster.helm("list", "--all-namespaces", "-o", "json").stdout.strip() == "[]"


@pytest.mark.parametrize("seconds", [3600, 60], ids=["by TokenRequest", "shorter than that"])
def test_a_token_is_its_accounts_and_lives_under_rbac(cluster, seconds):
    token = cluster.service_account_token("default", "agent", seconds)
    assert whoami(cluster, token).stdout == "system:serviceaccount:default:agent"
    refused = cluster.kubectl("get", "secrets", check=False, kubeconfig=cluster.kubeconfig("agent", {"token": token}))
    assert refused.returncode == 1 and "Forbidden" in refused.stderr


def test_a_token_ends(cluster):
    assert whoami(cluster, cluster.service_account_token("default", "agent", -1)).returncode == 1
    token = cluster.service_account_token("default", "agent", 15)
    assert whoami(cluster, token).returncode == 0
    deadline = time.monotonic() + 120
    while whoami(cluster, token).returncode == 0:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_an_outage_ends_where_it_began(cluster, kill):
    cluster.kubectl("create", "configmap", "kept")
    url = cluster.url
    connection = http.client.HTTPSConnection("127.0.0.1", cluster.api.port, context=cluster.api.trust, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", "/api/v1/configmaps?watch=true")
        watch = connection.getresponse()
        with cluster.outage(kill):
            refused = cluster.kubectl("get", "configmap", "kept", check=False)
            assert refused.returncode == 1 and "refused" in refused.stderr
            with pytest.raises((OSError, http.client.IncompleteRead)) if kill else contextlib.nullcontext():
                watch.read()
    assert cluster.url == url
    cluster.kubectl("delete", "configmap", "kept")


def test_a_compaction_makes_a_watch_start_anew(cluster):
    version = json.loads(cluster.api.get("/api/v1/configmaps")[1])["metadata"]["resourceVersion"]
    watch = f"/api/v1/configmaps?watch=true&timeoutSeconds=5&resourceVersion={version}"
    cluster.kubectl("create", "configmap", "later")
    cluster.kubectl("delete", "configmap", "later")
    assert b'"type":"ADDED"' in cluster.api.get(watch)[1]

    cluster.compact()
    status, body = cluster.api.get(watch)
    event = json.loads(body)
    assert (status, event["type"], event["object"]["code"], event["object"]["reason"]) == (200, "ERROR", 410, "Expired")


def test_the_audit_log_tells_who_asked_how_often(cluster):
    since = datetime.datetime.now(datetime.timezone.utc)
    for _ in range(3):
        cluster.kubectl("get", "--raw", "/api/v1/configmaps")
    until = datetime.datetime.now(datetime.timezone.utc)

    def codes():
        return [e["responseStatus"]["code"] for e in cluster.requests(since) if e["userAgent"].startswith("kubectl/")]

    # The server may answer before it has written that down.
    assert wait_for(codes, lambda found: len(found) >= 3) == [200] * 3
    rate = cluster.requests_per_minute(since, until)["kubectl"]
    assert rate == pytest.approx(3 * 60 / (until - since).total_seconds())
