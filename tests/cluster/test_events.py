"""Events of a DatabaseEndpoint: a real API server takes the document that the agent makes, and kubectl shows it with the
endpoint (tests/unit/kube/event_document_test.cpp holds the agent to the same document); and what is told of an endpoint that
the server takes and the agent does not."""

import copy
import json
import re

import pytest

from agents import Agent
from chart import ROOT
from documents import endpoint
from fleet import apply, wait_for

DOCUMENT = json.loads((ROOT / "tests" / "unit" / "kube" / "testdata" / "event.json").read_text(encoding="utf-8"))
SERIES = {"count": 3, "lastObservedTime": "2027-01-15T08:01:01.000000Z"}


@pytest.fixture
def event(orders):
    """The Event in the cluster, about the endpoint orders."""
    document = copy.deepcopy(DOCUMENT)
    document["metadata"]["namespace"] = document["regarding"]["namespace"] = "default"
    document["regarding"]["uid"] = orders.get("dbe", "orders")["metadata"]["uid"]
    orders.kubectl("create", "--validate=strict", "-f", "-", text=json.dumps(document))
    yield document
    orders.kubectl("delete", "events.v1.events.k8s.io", document["metadata"]["name"])


def patch(cluster, document, change, check=True):
    return cluster.kubectl("patch", "events.v1.events.k8s.io", document["metadata"]["name"], "--type=merge", "-p",
                           json.dumps(change), check=check)


def described(cluster, name="orders"):
    return cluster.kubectl("describe", "dbe", name).stdout


def test_describe_shows_it_with_the_endpoint(orders, event):
    line = described(orders).split("Events:")[1].split("From")[1].splitlines()[2]
    for word in ("Warning", event["reason"], event["reportingController"], event["note"]):
        assert word in line
    assert event["note"] in orders.kubectl("events", "--for", "databaseendpoint.v1alpha1.tlswarden.dev/orders").stdout


def test_a_series_is_patched_into_it(orders, event):
    patch(orders, event, {"series": SERIES})
    kept = orders.get("events.v1.events.k8s.io", event["metadata"]["name"])
    assert kept["series"] == SERIES and kept["note"] == event["note"]
    assert "(x3 over" in described(orders)


def test_nothing_else_of_it_can_be_changed(orders, event):
    """Hence an event with another note is another Event, and never part of a series."""
    refused = patch(orders, event, {"note": "something else", "series": SERIES}, check=False)
    assert refused.returncode != 0 and "immutable" in refused.stderr


def test_a_time_without_a_fraction_is_refused(orders, event):
    document = {**event, "metadata": {"namespace": "default", "name": "orders.0"}, "eventTime": "2027-01-15T08:00:00Z"}
    assert orders.kubectl("create", "-f", "-", text=json.dumps(document), check=False).returncode != 0


def test_what_only_the_agent_refuses_is_told_once(cluster, crd, newer_definition, install):
    def told():
        items = cluster.get("events.v1.events.k8s.io", "-n", "default")["items"]
        return sorted((item["type"], item["reason"], item.get("series", {}).get("count", 1))
                      for item in items if item["regarding"]["name"] == "newer")

    with Agent(cluster, "events", install("tlswarden", "events", {"replicas": 1})) as agent:
        apply(cluster, endpoint("newer", engine="db2"))
        wait_for(told, [("Warning", "Stalled", 1)])
        wait_for(lambda: described(cluster, "newer"),
                 lambda text: re.search(r"Warning\s+Stalled\s.*\s+SpecInvalid: .*spec\.engine: .*db2", text), 10)
        wait_for(lambda: cluster.get("dbe", "newer")["status"]["observedGeneration"], 1)

        # Who looks at it next finds it told, and says it in the log alone.
        assert agent.end() == 0
        refusals = agent.log.count("default/newer: ")
        agent.start()
        agent.wait(lambda: agent.log.count("default/newer: ") > refusals, "the refusal in the log")
        assert agent.end() == 0
        assert told() == [("Warning", "Stalled", 1)]

        agent.start()
        apply(cluster, endpoint("newer", engine="db2", host="other.internal"))
        wait_for(lambda: sum(count for _, _, count in told()), 2)
        apply(cluster, endpoint("newer", engine="db2", host="another.internal"))
        wait_for(lambda: ("Warning", "Stalled", 2) in told(), True)
        apply(cluster, endpoint("newer"))
        wait_for(lambda: ("Normal", "Proceeding", 1) in told(), True)
    cluster.kubectl("delete", "dbe", "newer")
