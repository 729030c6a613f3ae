"""The dashboard that the chart brings, against a real agent in a real Prometheus: what its panels ask for is there."""

import datetime
import json
import re
from pathlib import Path

import pytest
import yaml

from program import login_secret
from servers import certificates
from servers.postgresql import PostgreSQL
from servers.process import free_port
from servers.prometheus import Prometheus
from test_agent import declare, orders, running

ROOT = Path(__file__).resolve().parents[2]
RULES = yaml.safe_load((ROOT / "manifests" / "alerts" / "tlswarden.rules.yaml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((ROOT / "charts" / "tlswarden" / "files" / "dashboard.json").read_text(encoding="utf-8"))
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"] if panel["type"] != "row"}
TARGETS = [(panel["title"], target["refId"], target["expr"]) for panel in PANELS.values() for target in panel["targets"]]
# What is empty while all is well, or was never reached.
MAY_BE_EMPTY = {("Alerts by severity", "A"), ("Endpoints that accept plaintext", "A"), ("Endpoints that do not answer", "B")}
# What no agent tells outside of a cluster; the page that the unit tests hold the agent to has it.
PAGE = (ROOT / "tests" / "unit" / "serve" / "testdata" / "metrics.txt").read_text(encoding="utf-8")
OF_A_CLUSTER = {name for name in re.findall(r"^# TYPE (\w+)", PAGE, re.M)
                if name.startswith(("tlswarden_cluster_", "tlswarden_kubernetes_"))}
DAY = datetime.timedelta(days=1)


def asked(expression, **chosen):
    """The expression with what Grafana puts in for its variables."""
    chosen = {"job": ".*", "namespace": ".*", "engine": ".*", "__rate_interval": "1m", **chosen}
    return re.sub(r"\$(\w+)", lambda variable: chosen[variable.group(1)], expression)


def names(expression):
    return set(re.findall(r"\btlswarden[_:][\w:]+", expression))


@pytest.fixture(scope="module")
def prometheus(workspace, authority, files, templates, tmp_path_factory):
    """It scrapes an agent with endpoints in every state that a panel shows, each of them once checked."""
    now = certificates.utc_now()
    ending = authority.server(not_before=now - 88 * DAY, not_after=now + 2 * DAY)
    directory = tmp_path_factory.mktemp("manifests")
    with PostgreSQL(workspace / "dashboard-pg", ending, template=templates["postgresql"]) as server:
        down = orders(server, files, name="down")
        down["spec"].update(port=free_port(), failureThreshold=1)
        refused = orders(server, files, name="refused")
        refused["spec"]["tls"]["serverName"] = "another.example"
        declare(directory, "all.yaml", login_secret(), down, refused, orders(server, files),
                orders(server, files, name="second"))
        with running(directory, workspace / "dashboard.db") as agent, \
                Prometheus(workspace / "dashboard-prometheus", agent.address, RULES, "127.0.0.1:9") as started:
            started.wait_for("count(tlswarden_endpoint_last_check_timestamp_seconds) == 4")
            started.wait_for("count_over_time(tlswarden_checks_total[1m]) > 2")
            yield started


@pytest.mark.parametrize("title,ref,expression", TARGETS, ids=[f"{title} {ref}" for title, ref, _ in TARGETS])
def test_a_panel_shows_something(prometheus, title, ref, expression):
    answer = prometheus.query(asked(expression))  # raises where Prometheus does not understand it
    assert answer or (title, ref) in MAY_BE_EMPTY or OF_A_CLUSTER & names(expression), f"nothing came of {expression}"


def test_every_metric_is_one_that_an_agent_tells_or_a_rule_records(prometheus):
    told = set(json.loads(prometheus.get("/api/v1/label/__name__/values"))["data"])
    told |= OF_A_CLUSTER
    recorded = {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
    used = set().union(*(names(expression) for _, _, expression in TARGETS))
    assert len(used) > 15 and used <= told | recorded, used - told - recorded
    for variable in DASHBOARD["templating"]["list"]:
        assert names(variable.get("definition", "")) <= told


def value(prometheus, title, **chosen):
    (_, number), = prometheus.query(asked(PANELS[title]["targets"][0]["expr"], **chosen))
    return number


def test_the_numbers_are_the_fleets(prometheus):
    assert {title: value(prometheus, title) for title in ("Endpoints", "Not ready", "Unreachable", "Within 7 days", "Expired",
                                                          "Agents")} == {
        "Endpoints": 4, "Not ready": 2, "Unreachable": 1, "Within 7 days": 3, "Expired": 0, "Agents": 1}


def test_a_choice_narrows_it_down(prometheus):
    assert value(prometheus, "Endpoints", engine="redis") == 0
    assert value(prometheus, "Endpoints", engine="(postgresql|redis)") == 4


def test_what_expires_next_comes_with_its_dates(prometheus):
    first, second = ({labels["name"]: number for labels, number in prometheus.query(asked(target["expr"]))}
                     for target in PANELS["Rotate next"]["targets"])
    assert set(second) == {"orders", "second", "refused"} <= set(first)
    assert first["orders"] < second["orders"] == pytest.approx((certificates.utc_now() + 2 * DAY).timestamp() * 1000, abs=600e3)


def test_panels_have_titles_descriptions_places_and_the_chosen_source():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells
    assert len(PANELS) == sum(panel["type"] != "row" for panel in DASHBOARD["panels"]), "two of one title"
    for panel in PANELS.values():
        assert panel["description"].endswith(".") and panel["datasource"]["uid"] == "${datasource}"
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
