"""A cluster with the chart installed and databases beside it, and how its faults are brought about and counted."""

import base64
import contextlib
import datetime
import json

from agents import Agent
from chart import install_chart
from fleet import apply, ca_secret, condition, resource, wait_for
from servers import certificates
from servers.kubernetes import Kubernetes
from servers.process import free_port
from servers.redis import Redis

NAMESPACE = "payments"


@contextlib.contextmanager
def open_cluster(directory, **options):
    """One of a test's or a module's own, with the namespace of its endpoints. `options` are those of Kubernetes."""
    with Kubernetes(directory, **options) as running:
        running.kubectl("create", "namespace", NAMESPACE)
        yield running


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def user_of(token):
    """How the audit log tells one token of an account from another."""
    claims = token.split(".")[1]
    return "JTI=" + json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["jti"]


class Place:
    """`cluster` comes from open_cluster; `replicas` is what the chart is installed for."""

    def __init__(self, cluster, directory, replicas=1):
        self.cluster, self.directory = cluster, directory
        self.installed = install_chart(cluster, "tlswarden", "tlswarden",
                                       {"replicas": replicas, "secrets": {"namespaces": [{"namespace": NAMESPACE}]}})
        self.authority = certificates.Authority()

    def token(self, seconds=3600):
        return self.cluster.service_account_token(self.installed.namespace, self.installed.service_account, seconds)

    def agent(self, name, *options, user=None):
        return Agent(self.cluster, name, self.installed, *options, user=user)

    def database(self, name):
        """It keeps its port while it is stopped."""
        return Redis(self.directory / name, self.authority.server(), port=free_port())

    def documents(self, name, server, **spec):
        return (ca_secret(name, NAMESPACE, self.authority.root.certificate_pem()),
                resource(name, NAMESPACE, server, **{"checkInterval": "5s", **spec}))

    def declare(self, name, server, **spec):
        apply(self.cluster, *self.documents(name, server, **spec))

    def condition(self, name, kind):
        return condition(self.cluster, NAMESPACE, name, kind)

    def wait_for(self, name, kind, wanted, seconds=120):
        return wait_for(lambda: self.condition(name, kind), lambda seen: seen and seen[0] == wanted, seconds)

    def all_say(self, kind, wanted, seconds=120):
        """Until every endpoint there is says so."""
        def others():
            items = self.cluster.get("dbe", "-n", NAMESPACE)["items"]
            return sorted(item["metadata"]["name"] for item in items
                          if (kind, wanted) not in [(c["type"], c["status"]) for c in item["status"].get("conditions", [])])
        wait_for(others, [], seconds)

    def remove(self, *names):
        self.cluster.kubectl("delete", "dbe", *names, "-n", NAMESPACE, "--ignore-not-found")


def attempts(*agents):
    """How many requests they have made, with or without an answer, by their own count."""
    return sum(value for agent in agents for series, value in agent.metrics().items()
               if series.startswith("tlswarden_kubernetes_requests_total"))


@contextlib.contextmanager
def counted(what, *agents):
    """Adds to the list that it gives, and prints, the requests a minute of each agent while this lasts."""
    rates = []
    began, before = now(), [attempts(agent) for agent in agents]
    yield rates
    minutes = (now() - began).total_seconds() / 60
    rates.extend((attempts(agent) - count) / minutes for agent, count in zip(agents, before))
    print(f"requests a minute, {what}: {', '.join(f'{rate:.0f}' for rate in rates)} ({minutes * 60:.0f} s)")


def complaints(log):
    """The warnings and errors of a log that are about the API server, or about this agent, rather than an endpoint."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line["message"] for line in lines
            if line["level"] in ("warning", "error") and not line["message"].startswith(NAMESPACE + "/")]


def by_token(cluster, token, since=None):
    """The requests made with a token, in order."""
    who = user_of(token)
    return sorted((event for event in cluster.requests(since)
                   if who in event["user"].get("extra", {}).get("authentication.kubernetes.io/credential-id", [])),
                  key=lambda event: event["requestReceivedTimestamp"])


def status_writes(requests):
    """Those that the server has taken."""
    return [event for event in requests if event["objectRef"].get("subresource") == "status"
            and event["responseStatus"]["code"] < 300]
