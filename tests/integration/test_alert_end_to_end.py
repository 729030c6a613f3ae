"""From a database to the person who is woken: agent, Prometheus, Alertmanager, a webhook."""

import datetime
import json
import queue
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from program import login_secret
from servers import certificates
from servers.postgresql import PostgreSQL
from servers.prometheus import Alertmanager, Prometheus
from test_agent import PATIENCE, declare, orders, running

RULES = Path(__file__).resolve().parents[2] / "manifests" / "alerts" / "tlswarden.rules.yaml"
DAY = datetime.timedelta(days=1)


def hurried_rules():
    """The rules as they are, but that a second takes the place of each `for`: a test does not wait a quarter of an hour."""
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    for rule in (rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule):
        rule["for"] = "1s"
    return rules


@contextmanager
def webhook():
    """(address, queue of the alerts that were sent to it)"""
    rung = queue.Queue()

    class Bell(BaseHTTPRequestHandler):
        def do_POST(self):
            for alert in json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"]:
                rung.put(alert)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bell)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", rung
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def manifests(tmp_path):
    directory = tmp_path / "manifests"
    directory.mkdir()
    return directory


def database(workspace, templates, name, identity):
    return PostgreSQL(workspace / name, identity, access=["hostssl all all all scram-sha-256"],
                      template=templates["postgresql"])


def declared(server, files, name, **spec):
    document = orders(server, files, name=name, **spec)
    document["metadata"].update(namespace="payments", labels={"team": "shop"})
    return document


def secret():
    document = login_secret()
    document["metadata"]["namespace"] = "payments"
    return document


def test_a_certificate_about_to_expire_rings_until_it_is_renewed(workspace, templates, authority, files, manifests, tmp_path):
    now = certificates.utc_now()
    ending = authority.server(not_before=now - 88 * DAY, not_after=now + 2 * DAY)
    over = authority.server(not_before=now - 90 * DAY, not_after=now - DAY)
    with database(workspace, templates, "ending-pg", ending) as ailing, \
            database(workspace, templates, "over-pg", over) as expired, \
            database(workspace, templates, "sound-pg", authority.server()) as sound, \
            webhook() as (bell, rung), \
            running(manifests, tmp_path / "state.db", "--expose-label", "team") as agent, \
            Alertmanager(workspace / "alertmanager", bell) as alertmanager, \
            Prometheus(workspace / "prometheus", agent.address, hurried_rules(),
                       f"127.0.0.1:{alertmanager.port}") as prometheus:
        declare(manifests, "payments.yaml", secret(), declared(ailing, files, "ailing"), declared(sound, files, "sound"),
                declared(expired, files, "expired"))
        alerts = {alert["labels"]["name"]: alert for alert in (rung.get(timeout=PATIENCE), rung.get(timeout=PATIENCE))}
        assert set(alerts) == {"ailing", "expired"}
        alert = alerts["ailing"]
        assert alert["status"] == "firing"
        assert alert["labels"] == {"alertname": "TLSCertificateExpiringCritical", "severity": "critical", "job": "tlswarden",
                                   "namespace": "payments", "name": "ailing", "engine": "postgresql", "label_team": "shop"}
        assert alert["annotations"]["summary"] == (
            f"The certificate of payments/ailing expires on {now + 2 * DAY:%Y-%m-%d %H:%M:%S} +0000 UTC")
        assert "tlswarden explain CertificateExpiring" in alert["annotations"]["description"]

        # Clients with verify-full are refused there, but that is no second alert.
        alert = alerts["expired"]
        assert alert["labels"]["alertname"] == "TLSCertificateExpiringCritical"
        assert alert["annotations"]["summary"] == (
            f"The certificate of payments/expired expired on {now - DAY:%Y-%m-%d %H:%M:%S} +0000 UTC")
        assert prometheus.query('tlswarden_endpoint_condition{name="expired",type="ModeSatisfied",status="False"} == 1')

        # The other endpoint went through the same rules for longer than any of them waits, and none has anything to say of it.
        seen = prometheus.wait_for('timestamp(tlswarden_endpoint_condition{name="sound",type="Ready",status="True"} == 1)')[0][1]
        prometheus.wait_for(f'timestamp(ALERTS{{name="ailing",alertstate="firing"}}) > {seen + 6}')
        assert sorted(a["labels"].get("name") for a in prometheus.alerts()) == ["ailing", "expired"]

        # Renewed and loaded; the changed manifest makes the agent look at once.
        ailing.identity = authority.server()
        ailing.reload()
        declare(manifests, "payments.yaml", secret(), declared(ailing, files, "ailing", failureThreshold=3),
                declared(sound, files, "sound"), declared(expired, files, "expired"))
        alert = rung.get(timeout=PATIENCE)
        assert (alert["status"], alert["labels"]["name"]) == ("resolved", "ailing")
        assert rung.empty(), "nothing else rang"
