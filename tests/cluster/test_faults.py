"""What happens to a running agent in a cluster, and what it must bear: nothing lost, nothing written by who does not own it, no
storm of requests."""

import contextlib
import datetime
import json
import time

import pytest

from agents import Agent
from chart import install_chart
from fleet import apply, ca_secret, condition, resource, wait_for
from servers import certificates
from servers.kubernetes import Kubernetes
from servers.redis import Redis

NAMESPACE = "payments"
OUTAGE = 120  # seconds
# What one agent may ask in a minute when something is wrong: a few retries of what it has to do, not a storm.
MOST_REQUESTS_PER_MINUTE = 150


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Place:
    """A cluster with the chart installed, and databases beside it."""

    def __init__(self, cluster, directory):
        self.cluster, self.directory = cluster, directory
        cluster.kubectl("create", "namespace", NAMESPACE)
        self.installed = install_chart(cluster, "tlswarden", "tlswarden", {"replicas": 1, "secrets": {"namespaces": [{"namespace": NAMESPACE}]}})
        cluster.wait_for_path("/openapi/v3/apis/tlswarden.dev/v1alpha1")
        self.authority = certificates.Authority()

    def token(self, seconds=3600):
        return self.cluster.service_account_token(self.installed.namespace, self.installed.service_account, seconds)

    def agent(self, name="agent-0", *options, user=None):
        return Agent(self.cluster, name, self.installed, *options, user=user)

    def database(self, name):
        return Redis(self.directory / name, self.authority.server())

    def declare(self, name, server, **spec):
        apply(self.cluster, ca_secret(name, NAMESPACE, self.authority.root.certificate_pem()),
              resource(name, NAMESPACE, server, **{"checkInterval": "5s", **spec}))

    def wait_for(self, name, kind, wanted, seconds=60):
        return wait_for(lambda: condition(self.cluster, NAMESPACE, name, kind), lambda seen: seen and seen[0] == wanted, seconds)

    def remove(self, *names):
        self.cluster.kubectl("delete", "dbe", *names, "-n", NAMESPACE, "--ignore-not-found")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    directory = tmp_path_factory.mktemp("faults")
    for parent in (directory, directory.parent, directory.parent.parent):
        parent.chmod(0o755)  # the servers' accounts may enter
    return directory


@pytest.fixture(scope="module")
def place(workspace):
    with Kubernetes(workspace / "cluster", audit=True) as cluster:
        yield Place(cluster, workspace)


def requests_by_agents(cluster, since):
    return cluster.requests_per_minute(since).get("tlswarden", 0)


def test_two_minutes_without_the_api_server(place):
    cluster = place.cluster
    with place.database("outage") as server, place.agent() as agent:
        place.declare("outage", server)
        place.wait_for("outage", "Ready", "True")
        resting = now()
        with cluster.outage(kill=True):
            over = time.monotonic() + OUTAGE
            server.stop()
            # It goes on checking, and keeps what it has to say.
            agent.wait(lambda: any('name="outage"' in series and 'type="Reachable",status="False"' in series
                                   for series, value in agent.metrics().items() if value == 1), "unreachable in metrics")
            time.sleep(max(0, over - time.monotonic()))
        back = now()
        place.wait_for("outage", "Reachable", "False", seconds=45)
        time.sleep(30)
        rate = requests_by_agents(cluster, back)
        print(f"requests a minute: {requests_by_agents(cluster, resting):.0f} with the outage, {rate:.0f} at recovery")
        assert rate < MOST_REQUESTS_PER_MINUTE
        place.remove("outage")
        agent.wait(lambda: not agent.endpoints(), "the deletion")


def test_compaction_while_it_does_not_listen(workspace):
    with Kubernetes(workspace / "compacted", settings=["--watch-cache=false"]) as cluster:
        place = Place(cluster, workspace)
        with place.database("compaction") as server, place.agent() as agent:
            place.declare("first", server)
            place.wait_for("first", "Ready", "True")
            agent.pause()
            place.declare("second", server)
            cluster.restart(kill=True)
            place.remove("first")
            cluster.compact()
            agent.resume()
            place.wait_for("second", "Ready", "True")
            wait_for(agent.endpoints, {(NAMESPACE, "second")})


def test_a_token_that_ran_out(place, workspace):
    file = workspace / "token"
    file.write_text(place.token(seconds=10))
    with place.database("token") as server, place.agent(user={"tokenFile": str(file)}) as agent:
        place.declare("token", server)
        place.wait_for("token", "Ready", "True")
        # The server takes a token for 60 s beyond its end, and what it remembers of one for 10 s more.
        time.sleep(85)
        server.stop()
        agent.wait(lambda: "401" in agent.log or "Unauthorized" in agent.log, "that it is refused", 90)
        file.write_text(place.token())
        place.wait_for("token", "Reachable", "False", seconds=90)
    place.remove("token")


@contextlib.contextmanager
def no_seats(cluster, installed):
    """The API server has no time for the agent's account: everything is answered with 429."""
    level = {"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "PriorityLevelConfiguration", "metadata": {"name": "none"},
             "spec": {"type": "Limited", "limited": {"nominalConcurrencyShares": 0, "lendablePercent": 0,
                                                     "borrowingLimitPercent": 0, "limitResponse": {"type": "Reject"}}}}
    subject = {"kind": "ServiceAccount",
               "serviceAccount": {"name": installed.service_account, "namespace": installed.namespace}}
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}
    schema = {"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema", "metadata": {"name": "none"},
              "spec": {"priorityLevelConfiguration": {"name": "none"}, "matchingPrecedence": 1,
                       "rules": [{"subjects": [subject], "resourceRules": [everything]}]}}
    apply(cluster, level, schema)
    try:
        yield
    finally:
        cluster.kubectl("delete", "flowschema", "none")
        cluster.kubectl("delete", "prioritylevelconfiguration", "none")


def test_a_storm_of_429(place):
    cluster = place.cluster
    with place.database("storm") as server, place.agent() as agent:
        place.declare("storm", server)
        place.wait_for("storm", "Ready", "True")
        with no_seats(cluster, place.installed):
            server.stop()
            agent.wait(lambda: any('code="429"' in series for series in agent.metrics()), "429")
            refused = now()
            time.sleep(30)
            rate = requests_by_agents(cluster, refused)
            print(f"requests a minute while refused: {rate:.0f}")
            assert rate < MOST_REQUESTS_PER_MINUTE
        place.wait_for("storm", "Reachable", "False", seconds=60)
    place.remove("storm")


def test_a_secret_is_rotated(place):
    cluster = place.cluster
    other = certificates.Authority("Other").root.certificate_pem()
    with place.database("secret") as server, place.agent():
        began = now()
        place.declare("secret", server, checkInterval="1h")
        place.wait_for("secret", "Ready", "True")
        apply(cluster, ca_secret("secret", NAMESPACE, other))
        wait_for(lambda: condition(cluster, NAMESPACE, "secret", "Ready"), ("False", "UnknownIssuer"), 20)
        apply(cluster, ca_secret("secret", NAMESPACE, place.authority.root.certificate_pem()))
        place.wait_for("secret", "Ready", "True", seconds=20)
        cluster.kubectl("delete", "secret", "secret-ca", "-n", NAMESPACE)
        wait_for(lambda: condition(cluster, NAMESPACE, "secret", "Ready"), ("False", "ReferenceNotFound"), 40)
        asked = [event for event in cluster.requests(began) if event["userAgent"].startswith("tlswarden/")
                 and event.get("objectRef", {}).get("resource") in ("secrets", "configmaps")]
        assert asked
        for event in asked:  # by name, always
            assert event["objectRef"].get("name") == "secret-ca" or "metadata.name%3Dsecret-ca" in event["requestURI"], event
    place.remove("secret")


def test_deleted_and_created_anew_under_the_same_name(place):
    with place.database("again") as server, place.agent() as agent:
        place.declare("again", server)
        place.wait_for("again", "Ready", "True")
        agent.pause()
        place.remove("again")
        gone = server.port
        server.stop()
        place.declare("again", server)
        assert "conditions" not in place.cluster.get("dbe", "again", "-n", NAMESPACE)["status"]
        agent.resume()
        place.wait_for("again", "Reachable", "False")
        status = place.cluster.get("dbe", "again", "-n", NAMESPACE)["status"]
        assert status["observedGeneration"] == 1 and "tls" not in status, (gone, status)
    place.remove("again")


# -- several replicas -------------------------------------------------------------------------------------------------

ENDPOINTS = [f"shared-{number}" for number in range(24)]
REPLACED_WITHIN = 15  # seconds


def owned_once(agents, names):
    owners = [agent.endpoints() for agent in agents]
    everything = {(NAMESPACE, name) for name in names}
    return sum(map(len, owners)) == len(everything) and set().union(*owners) == everything


def user_of(token):
    """How the audit log tells one token of an account from another."""
    import base64
    claims = token.split(".")[1]
    return "JTI=" + json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["jti"]


def by_token(cluster, token, since):
    who = user_of(token)
    return [event for event in cluster.requests(since)
            if who in event["user"].get("extra", {}).get("authentication.kubernetes.io/credential-id", [])]


def test_three_replicas_of_which_one_dies_and_one_is_paused(place):
    cluster = place.cluster
    tokens = [place.token() for _ in range(3)]
    with place.database("shared") as server, contextlib.ExitStack() as stack:
        for name in ENDPOINTS:
            place.declare(name, server)
        first, second, third = agents = [
            stack.enter_context(place.agent(f"replica-{number}", "--replicas", 3, user={"token": token}))
            for number, token in enumerate(tokens)]
        wait_for(lambda: owned_once(agents, ENDPOINTS), True, 40)
        for name in ENDPOINTS:
            place.wait_for(name, "Ready", "True")
        assert all(agent.endpoints() for agent in agents)

        before = [agent.endpoints() for agent in agents]
        first.kill()
        died = time.monotonic()
        wait_for(lambda: owned_once(agents[1:], ENDPOINTS), True, REPLACED_WITHIN + 5)
        took = time.monotonic() - died
        print(f"a replica that died was replaced after {took:.1f} s")
        assert took < REPLACED_WITHIN
        # What was not its own has not moved.
        assert before[1] <= second.endpoints() and before[2] <= third.endpoints()

        second.pause()
        paused = time.monotonic()
        wait_for(lambda: owned_once([third], ENDPOINTS), True, REPLACED_WITHIN + 5)
        took = time.monotonic() - paused
        print(f"a replica that was paused was replaced after {took:.1f} s")
        assert took < REPLACED_WITHIN
        server.stop()
        for name in ENDPOINTS:
            place.wait_for(name, "Reachable", "False")
        resumed = now()
        second.resume()
        wait_for(lambda: owned_once([second, third], ENDPOINTS), True, 40)

        its_own = sorted(by_token(cluster, tokens[1], resumed), key=lambda event: event["requestReceivedTimestamp"])
        renewed = next(i for i, event in enumerate(its_own) if event["objectRef"]["resource"] == "leases"
                       and event["verb"] in ("create", "update", "patch") and event["responseStatus"]["code"] < 300)
        assert not [event for event in its_own[:renewed] if event["objectRef"].get("subresource") == "status"]

        resting = now()
        time.sleep(30)
        print(f"requests a minute at rest: {requests_by_agents(cluster, resting):.0f} from two replicas")
        assert second.end() == 0
        wait_for(lambda: owned_once([third], ENDPOINTS), True, 5)  # it took its leave, so nobody waits for a lease
        place.remove(*ENDPOINTS)
