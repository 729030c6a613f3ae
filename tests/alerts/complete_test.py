"""The rules and their tests against each other, the metrics page, and what else they name."""

import re
import subprocess
import textwrap
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RULES = yaml.safe_load((ROOT / "manifests" / "alerts" / "tlswarden.rules.yaml").read_text(encoding="utf-8"))
ALL = [rule for group in RULES["groups"] for rule in group["rules"]]
ALERTS = [rule for rule in ALL if "alert" in rule]
TEXTS = [rule["expr"] for rule in ALL] + [text for rule in ALERTS for text in rule["annotations"].values()]


def severities():
    return sorted({(rule["alert"], rule["labels"]["severity"]) for rule in ALERTS})


def cases():
    """(alert, expected alerts) of every case of every file."""
    for file in Path(__file__).parent.glob("*.test.yaml"):
        for test in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]:
            for case in test.get("alert_rule_test", []):
                yield case["alertname"], case["exp_alerts"]


def reasons():
    listed = yaml.safe_load((ROOT / "schema" / "reasons.yaml").read_text(encoding="utf-8"))["reasons"]
    return {reason["name"] for reason in listed}


@pytest.mark.parametrize("alert,severity", severities(), ids="-".join)
def test_every_alert_is_seen_to_fire_with_each_severity(alert, severity):
    assert any(name == alert and any(fired["exp_labels"]["severity"] == severity for fired in expected)
               for name, expected in cases())


@pytest.mark.parametrize("alert", sorted({rule["alert"] for rule in ALERTS}))
def test_every_alert_is_seen_not_to_fire(alert):
    assert any(name == alert and not expected for name, expected in cases())


def test_every_metric_is_one_that_the_agent_tells():
    page = (ROOT / "tests" / "unit" / "serve" / "testdata" / "metrics.txt").read_text(encoding="utf-8")
    told = set(re.findall(r"^# TYPE (\w+)", page, re.M))
    recorded = {rule["record"] for rule in ALL if "record" in rule}
    used = {name for text in TEXTS for name in re.findall(r"\btlswarden[_:][\w:]+", text)}
    assert len(used) > 15
    assert used <= told | recorded, used - told - recorded
    assert recorded <= used, "recorded for nobody"


def test_every_alert_waits_and_says_what_to_do():
    for rule in ALERTS:
        assert rule["for"] != "0s" and rule["labels"]["severity"] in ("warning", "critical"), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description"}, "a link would have to lead somewhere"


def test_every_alert_on_endpoints_says_how_to_look_at_them_in_a_cluster():
    on_endpoints = [rule for rule in ALERTS if rule["alert"].startswith("TLS")]
    assert len(on_endpoints) > 10
    for rule in on_endpoints:
        assert "'kubectl describe dbe " in rule["annotations"]["description"], rule["alert"]


def test_every_reason_and_condition_that_is_named_exists():
    named = {name for text in TEXTS for name in re.findall(r"tlswarden explain ([A-Z]\w+)", text)}
    for alternatives, ending in re.findall(r'reason=~"\((.*?)\)(\w+)"', " ".join(TEXTS)):
        named |= {name + ending for name in alternatives.split("|")}
    assert len(named) > 7 and named <= reasons()
    types = {name for text in TEXTS for group in re.findall(r'\btype=~?"([\w|]+)"', text) for name in group.split("|")}
    header = (ROOT / "agent" / "resource" / "status.hpp").read_text(encoding="utf-8")
    assert types and types <= set(re.findall(r'constexpr const char\* k\w+ = "(\w+)"', header))


def test_the_readme_lists_every_alert_with_its_severities():
    listed = re.findall(r"^\| ([a-z, ]+) \| `(T\w+)` \|", README, re.M)
    assert sorted((alert, severity) for given, alert in listed for severity in given.split(", ")) == severities()


def test_the_scrape_configuration_in_the_readme_is_one(tmp_path):
    example = re.search(r"```yaml\n( *# prometheus\.yml\n.*?)```", README, re.S).group(1)
    (tmp_path / "tlswarden.rules.yaml").write_text(yaml.safe_dump(RULES))
    (tmp_path / "prometheus.yml").write_text(textwrap.dedent(example))
    result = subprocess.run(["promtool", "check", "config", tmp_path / "prometheus.yml"], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)
    assert result.returncode == 0 and "1 rule files" in result.stdout, result.stdout
