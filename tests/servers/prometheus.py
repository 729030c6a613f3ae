"""A real Prometheus and a real Alertmanager, quick enough for a test."""

import json
import time
import urllib.parse
import urllib.request

import yaml

from .process import Server, find_program


class _Monitor(Server):
    def url(self, path):
        return f"http://{self.address}:{self.port}{path}"

    def get(self, path):
        with urllib.request.urlopen(self.url(path), timeout=60) as answer:
            return answer.read().decode()

    def ready(self):
        try:
            return bool(self.get("/-/ready"))
        except OSError:
            return False


class Alertmanager(_Monitor):
    """Sends every alert to `webhook` as soon as it can."""

    def __init__(self, directory, webhook, **where):
        super().__init__(directory, **where)
        self.webhook = webhook

    def prepare(self):
        route = {"receiver": "test", "group_by": ["..."], "group_wait": "10ms", "group_interval": "100ms"}
        receiver = {"name": "test", "webhook_configs": [{"url": self.webhook, "send_resolved": True}]}
        (self.directory / "alertmanager.yml").write_text(yaml.safe_dump({"route": route, "receivers": [receiver]}))

    def command(self):
        return [find_program("prometheus-alertmanager", "/usr/bin/prometheus-alertmanager"),
                f"--config.file={self.directory}/alertmanager.yml", f"--storage.path={self.directory}/alerts",
                f"--web.listen-address={self.address}:{self.port}", "--cluster.listen-address="]


class Prometheus(_Monitor):
    """Scrapes `target` and evaluates the rules of `rules`, a dictionary, every second. Who takes longer to answer than
    the time between two scrapes is down."""

    def __init__(self, directory, target, rules, alertmanager, **where):
        super().__init__(directory, **where)
        self.target, self.rules, self.alertmanager = target, rules, alertmanager

    def prepare(self):
        (self.directory / "rules.yaml").write_text(yaml.safe_dump(self.rules))
        (self.directory / "prometheus.yml").write_text(yaml.safe_dump({
            "global": {"scrape_interval": "3s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [self.alertmanager]}]}]},
            "scrape_configs": [{"job_name": "tlswarden", "honor_labels": True,
                                "static_configs": [{"targets": [self.target]}]}]}))

    def command(self):
        return [find_program("prometheus", "/usr/bin/prometheus"), f"--config.file={self.directory}/prometheus.yml",
                f"--storage.tsdb.path={self.directory}/data", f"--web.listen-address={self.address}:{self.port}"]

    def query(self, expression):
        """The samples of an instant query: [(labels, value)]."""
        answer = json.loads(self.get("/api/v1/query?" + urllib.parse.urlencode({"query": expression})))
        return [(sample["metric"], float(sample["value"][1])) for sample in answer["data"]["result"]]

    def wait_for(self, expression, seconds=120):
        """The samples, once there are some."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            samples = self.query(expression)
            if samples:
                return samples
            time.sleep(0.1)
        raise AssertionError(f"nothing came of {expression}:\n{self.log.read_text(errors='replace')[-2000:]}")

    def alerts(self):
        """Whatever is pending or firing now."""
        return json.loads(self.get("/api/v1/alerts"))["data"]["alerts"]
