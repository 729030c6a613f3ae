"""RBAC for one Secret by its name is enough for what the agent asks: the requests that tests/unit/kube/reference_follower_test.cpp
sees it make, here against a real server's authorizer."""

import contextlib
import http.client
import json
import ssl

import pytest

from fleet import wait_for

SECRETS = "/api/v1/namespaces/default/secrets"
ONLY_ORDERS = SECRETS + "?fieldSelector=metadata.name%3Dorders"
LIST = "&limit=500&resourceVersion=0"
WATCH = "&watch=true&allowWatchBookmarks=true&timeoutSeconds=60"

ROLE = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "orders"},
        "rules": [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["orders"],
                   "verbs": ["get", "list", "watch"]}]}


@pytest.fixture(scope="module")
def ask(cluster):
    """ask(PATH): (status, body) for an account whose only Role is the one above."""
    for name in ("orders", "other"):
        cluster.kubectl("create", "secret", "generic", name, "--from-literal=password=hunter2")
    cluster.kubectl("create", "serviceaccount", "agent")
    cluster.kubectl("apply", "-f", "-", text=json.dumps(ROLE))
    cluster.kubectl("create", "rolebinding", "orders", "--role=orders", "--serviceaccount=default:agent")
    token = cluster.service_account_token("default", "agent")
    trust = ssl.create_default_context(cafile=str(cluster.ca_file))

    def get(path):
        connection = http.client.HTTPSConnection("127.0.0.1", cluster.api.port, timeout=60, context=trust)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.readline())  # of a watch: the first event

    # The server takes rights up some time after it has answered.
    wait_for(lambda: get(ONLY_ORDERS)[0], 200)
    return get


def test_a_list_that_names_the_secret_is_let_through(ask):
    status, body = ask(ONLY_ORDERS + LIST)
    assert (status, [item["metadata"]["name"] for item in body["items"]]) == (200, ["orders"])


def test_a_watch_that_names_the_secret_is_let_through(ask):
    status, event = ask(ONLY_ORDERS + WATCH + "&resourceVersion=0")
    assert (status, event["type"], event["object"]["metadata"]["name"]) == (200, "ADDED", "orders")


def test_it_may_be_read_by_its_name(ask):
    status, body = ask(f"{SECRETS}/orders")
    assert (status, body["data"]) == (200, {"password": "aHVudGVyMg=="})


@pytest.mark.parametrize("path", [
    SECRETS, f"{SECRETS}?watch=true&timeoutSeconds=1", f"{SECRETS}/other",
    f"{SECRETS}?fieldSelector=metadata.name%3Dother", f"{SECRETS}?fieldSelector=metadata.name%3Dother&watch=true",
    f"{SECRETS}?fieldSelector=metadata.name%21%3Dother", "/api/v1/secrets",
    "/api/v1/secrets?fieldSelector=metadata.name%3Dorders", "/api/v1/namespaces/default/configmaps/orders"])
def test_nothing_else_is(ask, path):
    status, body = ask(path)
    assert (status, body["reason"]) == (403, "Forbidden")
