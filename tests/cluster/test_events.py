"""Events of a DatabaseEndpoint: a real API server takes the document that the agent makes, and kubectl shows it with the
endpoint. tests/unit/kube/event_document_test.cpp holds the agent to the same document."""

import copy
import json

import pytest

from conftest import ROOT

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


def described(cluster):
    return cluster.kubectl("describe", "dbe", "orders").stdout


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
