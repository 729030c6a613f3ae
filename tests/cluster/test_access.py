"""What whoever installs the agent sees while something is missing, and that giving it is enough: nothing is started again."""

import json
import re

import pytest

from agents import Agent
from chart import CHART, CRD, Installed, install_chart
from fleet import apply, ca_secret, condition, resource, wait_for
from place import NAMESPACE, open_cluster
from servers import certificates
from servers.redis import Redis

ROLE = "tlswarden-tlswarden-endpoints"
COLLECTION = "/apis/tlswarden.dev/v1alpha1/databaseendpoints"


@pytest.fixture(scope="module")
def cluster(workspace):
    with open_cluster(workspace / "cluster") as running:
        yield running


@pytest.fixture(scope="module")
def account(cluster):
    """The chart without the definition of DatabaseEndpoint, as after a wrong order of things."""
    cluster.helm("install", "tlswarden", CHART, "-n", "tlswarden", "--create-namespace", "--set", "crds.enabled=false",
                 "--set", "replicas=1")
    deployment, = cluster.get("deployments", "-n", "tlswarden")["items"]
    return Installed("tlswarden", deployment)


@pytest.fixture(scope="module")
def installed(cluster, account):
    cluster.kubectl("apply", "-f", CRD)
    return install_chart(cluster, "tlswarden", "tlswarden", {"replicas": 1, "agent": {"exposeLabels": ["team"]}})


@pytest.fixture(scope="module")
def server(workspace):
    authority = certificates.Authority()
    with Redis(workspace / "redis", authority.server()) as running:
        running.root = authority.root.certificate_pem()
        yield running


def complaints(agent, words):
    """Lines of trouble that hold all `words`."""
    return [line for line in agent.log.splitlines()
            if re.search(r'"level":"(warning|error)"| (warning|error) ', line) and all(word in line for word in words)]


class Withheld:
    """While this lasts, the agent's account lacks some verbs on a resource."""

    def __init__(self, cluster, resource, *verbs):
        self.cluster, self.resource, self.verbs = cluster, resource, verbs

    def __enter__(self):
        self.rules = self.cluster.get("clusterrole", ROLE)["rules"]
        left = [{**rule, "verbs": [verb for verb in rule["verbs"] if verb not in self.verbs]}
                if self.resource in rule["resources"] else rule for rule in self.rules]
        self._set([rule for rule in left if rule["verbs"]])
        # The server takes that up some time after it has answered, and goes on with the watches that it has admitted.
        for verb in self.verbs:
            wait_for(lambda verb=verb: self._allowed(verb), "no")
        return self

    def __exit__(self, *_):
        self.give()

    def give(self):
        self._set(self.rules)

    def _allowed(self, verb):
        name, _, subresource = self.resource.partition("/")
        group = "events.k8s.io" if name == "events" else "tlswarden.dev"
        return self.cluster.kubectl("auth", "can-i", verb, f"{name}.{group}", f"--subresource={subresource}", "-n", NAMESPACE,
                                    "--as=system:serviceaccount:tlswarden:tlswarden", check=False).stdout.strip()

    def _set(self, rules):
        self.cluster.kubectl("patch", "clusterrole", ROLE, "--type=json", "-p",
                             json.dumps([{"op": "replace", "path": "/rules", "value": rules}]))


def test_before_the_definition_is_there_it_waits_and_says_for_what(cluster, account):
    with Agent(cluster, "early", account) as agent:
        agent.wait(lambda: complaints(agent, ["404", COLLECTION, "CRD"]), "a complaint")
        assert agent.get("/readyz")[0] == 503
        assert "404" in agent.get("/")[1]
        cluster.kubectl("apply", "-f", CRD)
        agent.wait_ready()
        assert len(complaints(agent, [COLLECTION])) == 1
        agent.wait(lambda: "it is followed again" in agent.log, "that this is over")


@pytest.mark.parametrize("verbs", [["list", "watch"], ["watch"]], ids="+".join)
def test_a_right_to_follow_endpoints_that_is_missing_is_told_once(cluster, installed, verbs):
    """Where only watching is forbidden, what is listed now and then is served all the same."""
    with Withheld(cluster, "databaseendpoints", *verbs) as withheld:
        with Agent(cluster, "no-" + "-".join(verbs), installed) as agent:
            agent.wait(lambda: complaints(agent, ["403", COLLECTION, "cannot watch resource", "give its user this right"]),
                       "a complaint")
            failures = "tlswarden_cluster_watch_failures_total"
            agent.wait(lambda: agent.metrics()[failures] >= 3, "more attempts")
            assert len(complaints(agent, [COLLECTION])) == 1
            assert agent.get("/readyz")[0] == (503 if "list" in verbs else 200)
            assert "Changes of the cluster do not arrive: the API server answered 403" in agent.get("/")[1]
            withheld.give()
            agent.wait_ready()
            agent.wait(lambda: "it is followed again" in agent.log, "that this is over")
            assert "do not arrive" not in agent.get("/")[1]


def test_who_may_watch_endpoints_needs_no_right_to_list_them(cluster, installed, server):
    with Withheld(cluster, "databaseendpoints", "list"), Agent(cluster, "no-list", installed) as agent:
        agent.wait_ready()
        apply(cluster, resource("watched", NAMESPACE, server, mode="disable"))
        agent.wait(lambda: agent.endpoints() == {(NAMESPACE, "watched")}, "the endpoint")
        cluster.kubectl("delete", "dbe", "watched", "-n", NAMESPACE)
        agent.wait(lambda: not agent.endpoints(), "that it is gone")
        assert not complaints(agent, [COLLECTION])
        assert agent.metrics()["tlswarden_cluster_watch_failures_total"] == 0


class Bound:
    """The RoleBindings of a release that watches some namespaces. All are taken away, until they are given back."""

    def __init__(self, cluster, *namespaces):
        self.cluster = cluster
        self.bindings = {ns: cluster.get("rolebinding", "tlswarden-endpoints", "-n", ns) for ns in namespaces}
        for ns in namespaces:
            cluster.kubectl("delete", "rolebinding", "tlswarden-endpoints", "-n", ns)

    def give(self, ns):
        binding = self.bindings[ns]
        kept = {"name": binding["metadata"]["name"], "namespace": ns}
        apply(self.cluster, {**binding, "metadata": kept})


def test_of_several_namespaces_those_that_may_be_read_are_served(cluster, installed, server):
    both = ["billing", "shop"]
    for ns in both:
        cluster.kubectl("create", "namespace", ns)
        apply(cluster, resource("there", ns, server, mode="disable"))
    narrow = install_chart(cluster, "tlswarden", "narrow", {"replicas": 1, "watchNamespaces": both})
    bound = Bound(cluster, *both)
    with Agent(cluster, "narrow", narrow) as agent:
        def refused():
            return [agent.metrics()[f'tlswarden_cluster_namespace_refused{{namespace="{ns}"}}'] for ns in both]

        agent.wait(lambda: refused() == [1, 1], "that none may be read")
        assert agent.get("/readyz")[0] == 503
        assert "the endpoints of the namespaces billing, shop." in agent.get("/")[1]

        bound.give("shop")
        agent.wait_ready()
        agent.wait(lambda: refused() == [1, 0] and agent.endpoints() == {("shop", "there")}, "the one that may be read")
        assert "the endpoints of the namespaces billing." in agent.get("/")[1]
        assert "do not arrive" not in agent.get("/")[1]
        failures = agent.metrics()["tlswarden_cluster_watch_failures_total"]
        agent.wait(lambda: agent.metrics()["tlswarden_cluster_watch_failures_total"] > failures, "another attempt")
        for ns in both:
            assert len(complaints(agent, ["403", "databaseendpoints", f"a Role and a RoleBinding in namespace {ns};"])) == 1

        bound.give("billing")
        agent.wait(lambda: refused() == [0, 0] and agent.endpoints() == {(ns, "there") for ns in both}, "both")
        assert agent.get("/readyz")[0] == 200
    for ns in both:
        cluster.kubectl("delete", "dbe", "there", "-n", ns)


def test_a_status_that_may_not_be_written_is_told_once_and_kept(cluster, installed, server):
    with Withheld(cluster, "databaseendpoints/status", "patch"):
        with Agent(cluster, "no-status", installed) as agent:
            apply(cluster, ca_secret("kept", NAMESPACE, server.root), resource("kept", NAMESPACE, server, checkInterval="5s"))
            agent.wait(lambda: complaints(agent, ["403", "kept/status", "give its user this right"]), "a complaint")
            assert "the status of 1 endpoint." in agent.get("/")[1]
            assert agent.metrics()["tlswarden_cluster_pending_status_writes"] == 1
            assert len(complaints(agent, ["kept/status"])) == 1 and agent.get("/readyz")[0] == 200
    cluster.kubectl("delete", "dbe", "kept", "-n", NAMESPACE)


def test_events_that_may_not_be_written_do_not_fill_the_log(cluster, installed, server):
    with Withheld(cluster, "events", "create", "patch"):
        with Agent(cluster, "no-events", installed) as agent:
            for name in ("one", "two", "three"):
                apply(cluster, resource(name, NAMESPACE, server, mode="disable", checkInterval="5s"))
                agent.wait(lambda: complaints(agent, [f"{NAMESPACE}/{name}: "]), "its event in the log")
            agent.wait(lambda: complaints(agent, ["403", "/events", "give its user this right"]), "a complaint")
            assert len(complaints(agent, ["/events"])) == 1
    cluster.kubectl("delete", "dbe", "one", "two", "three", "-n", NAMESPACE)


def test_a_secret_is_read_soon_after_it_was_granted(cluster, installed, server):
    with Agent(cluster, "granted", installed) as agent:
        apply(cluster, ca_secret("late", NAMESPACE, server.root), resource("late", NAMESPACE, server, checkInterval="5s"))
        wait_for(lambda: condition(cluster, NAMESPACE, "late", "Ready"), ("False", "ReferenceInvalid"))
        agent.wait_ready()
        cluster.kubectl("create", "role", "granted", "-n", NAMESPACE, "--verb=get,list,watch", "--resource=secrets")
        cluster.kubectl("create", "rolebinding", "granted", "-n", NAMESPACE, "--role=granted",
                        "--serviceaccount=tlswarden:tlswarden")
        cluster.kubectl("wait", "--for=condition=Ready", "dbe/late", "-n", NAMESPACE, "--timeout=120s")

        # What is said of an endpoint follows it: here the label that its metrics carry.
        for team in ("shop", "ledger"):
            cluster.kubectl("label", "dbe", "late", "-n", NAMESPACE, "--overwrite", f"team={team}")
            agent.wait(lambda: f'label_team="{team}"' in agent.get("/metrics")[1], "the new label")
        assert "This replica alone checks the 1 endpoint in the cluster" in agent.get("/")[1]
    cluster.kubectl("delete", "dbe", "late", "-n", NAMESPACE)


def test_what_only_a_newer_agent_understands_is_seen_everywhere(cluster, installed, newer_definition, server):
    newer = resource("newer", NAMESPACE, server)
    newer["spec"]["engine"] = "db2"
    apply(cluster, newer)
    with Agent(cluster, "older", installed) as agent:
        assert wait_for(lambda: condition(cluster, NAMESPACE, "newer", "Ready"), bool) == ("False", "SpecInvalid")
        assert condition(cluster, NAMESPACE, "newer", "Stalled") == ("True", "SpecInvalid")
        assert "SpecInvalid" in cluster.kubectl("get", "dbe", "newer", "-n", NAMESPACE).stdout
        metrics = agent.wait_ready().metrics()
        assert metrics["tlswarden_cluster_endpoints"] - metrics["tlswarden_endpoints"] == 1
        assert "Not checked: 1 of them" in agent.get("/")[1]
        assert len(complaints(agent, ["payments/newer", "db2"])) == 1
        cluster.kubectl("delete", "dbe", "newer", "-n", NAMESPACE)
        agent.wait(lambda: agent.metrics()["tlswarden_cluster_endpoints"] == 0, "that it is gone")
