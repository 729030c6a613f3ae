"""Replicas that share the work, and what happens to some of them: everything is checked and written by exactly one, but for
the time that it takes to notice."""

import contextlib
import time

import pytest

from fleet import apply, open_directory, wait_for
from gate import Gate, Visits
from place import NAMESPACE, Place, by_token, complaints, counted, now, open_cluster, status_writes

ENDPOINTS = [f"shared-{number}" for number in range(24)]
EVERYTHING = {(NAMESPACE, name) for name in ENDPOINTS}
LEASE = 10  # seconds
REPLACED_WITHIN = 15  # seconds
CHECKED_EVERY = 5 * 1.3  # seconds, with its jitter and a busy machine
GONE_AFTER = 1.5 * CHECKED_EVERY  # an agent that has not come again by then owns it no more


class Fleet:
    """Three replicas, each with a token of its own by which the audit log tells them apart and a gate between it and the API
    server, and the databases that they visit."""

    def __init__(self, place, server, stack):
        self.place = place
        self.tokens = [place.token() for _ in range(3)]
        self.gates = [stack.enter_context(Gate(place.cluster.api.port)) for _ in range(3)]
        self.agents = [place.agent(f"replica-{number}", user={"token": token}) for number, token in enumerate(self.tokens)]
        for agent, gate in zip(self.agents, self.gates):
            text = agent.kubeconfig.read_text()
            agent.kubeconfig.write_text(text.replace(place.cluster.url, f"https://127.0.0.1:{gate.port}"))
        self.visits = stack.enter_context(Visits(self.agents, server.port, ENDPOINTS))

    def whole(self, *agents):
        """Whether these own everything, each its part, and nothing twice."""
        owners = [agent.endpoints() for agent in agents]
        return all(owners) and sum(map(len, owners)) == len(EVERYTHING) and set().union(*owners) == EVERYTHING

    def wait_whole(self, *agents, seconds=40):
        """How long it took."""
        began = time.monotonic()
        wait_for(lambda: self.whole(*agents), True, seconds)
        return time.monotonic() - began

    def writers(self, since):
        """Endpoint -> the numbers of the replicas that have written its status, in order, each as often as it began to."""
        writes = sorted((event["requestReceivedTimestamp"], event["objectRef"]["name"], number)
                        for number, token in enumerate(self.tokens)
                        for event in status_writes(by_token(self.place.cluster, token, since)))
        runs = {}
        for _, name, number in writes:
            run = runs.setdefault(name, [])
            if run[-1:] != [number]:
                run.append(number)
        return runs


@pytest.fixture(scope="module")
def place():
    with open_directory() as workspace, open_cluster(workspace / "cluster", audit=True) as cluster:
        yield Place(cluster, workspace, replicas=3)


@pytest.fixture(scope="module")
def server(place):
    with place.database("shared") as running:
        yield running


@pytest.fixture(scope="module")
def running(place, server):
    with contextlib.ExitStack() as stack:
        made = Fleet(place, server, stack)
        for gate in made.visits.gates.values():
            gate.engine = server.engine
        apply(place.cluster, *(document for name, gate in made.visits.gates.items() for document in place.documents(name, gate)))
        for agent in made.agents:
            stack.enter_context(agent)
        yield made


@pytest.fixture
def fleet(running):
    """All three are there, and share the work."""
    for agent in running.agents:
        if agent.process.poll() is not None:
            agent.start()
    running.wait_whole(*running.agents, seconds=60)
    return running


@contextlib.contextmanager
def shared_rightly(fleet, none_for=2 * LEASE):
    """While this lasts none is visited by two for longer than a lease, and none by nobody for longer than `none_for`."""
    began = time.monotonic()
    yield
    time.sleep(CHECKED_EVERY)
    shared, gap = fleet.visits.shared(began, GONE_AFTER), fleet.visits.gap(began, time.monotonic())
    print(f"checked by two for at most {shared[0]:.1f} s, by nobody for at most {gap:.1f} s")
    assert shared[0] <= LEASE, shared
    assert gap <= none_for + CHECKED_EVERY


def test_at_rest(place, fleet):
    place.all_say("Ready", "True")
    agents = fleet.agents
    assert [agent.metrics()["tlswarden_cluster_members"] for agent in agents] == [3, 3, 3]
    assert sum(agent.metrics()["tlswarden_cluster_leader"] for agent in agents) == 1
    time.sleep(5)  # what came with the beginning is over
    since = time.monotonic()
    with counted("each of three replicas at rest, 24 endpoints", *agents) as rates:
        time.sleep(30)
    assert max(rates) < 30
    assert fleet.visits.shared(since, GONE_AFTER)[0] == 0
    gap = fleet.visits.gap(since, time.monotonic())
    print(f"at rest an endpoint was checked by nobody for at most {gap:.1f} s")
    assert gap <= 2 * CHECKED_EVERY
    for agent in agents:
        assert fleet.visits.of(agent, since)
        assert not complaints(agent.log)
    # Each Lease belongs to a pod, so that it goes when the pod does: where the release goes, no replica may delete its own.
    leases = place.cluster.get("leases", "-n", place.installed.namespace)["items"]
    owners = {(owner["kind"], owner["name"], owner["uid"]) for lease in leases for owner in lease["metadata"]["ownerReferences"]}
    assert owners == {("Pod", agent.name, f"uid-of-{agent.name}") for agent in agents}


def test_one_dies_and_one_is_paused(place, fleet, server):
    first, second, third = agents = fleet.agents
    before = [agent.endpoints() for agent in agents]
    began = now()
    with shared_rightly(fleet):
        first.kill()
        took = fleet.wait_whole(second, third, seconds=REPLACED_WITHIN)
        print(f"a replica that died was replaced after {took:.1f} s")
        # What was not its own has not moved.
        assert before[1] <= second.endpoints() and before[2] <= third.endpoints()
    with counted("each of two replicas at rest", second, third) as rates:
        time.sleep(20)
    assert max(rates) < 30

    with shared_rightly(fleet):
        paused = time.monotonic()
        second.pause()
        took = fleet.wait_whole(third, seconds=REPLACED_WITHIN)
        print(f"a replica that was paused was replaced after {took:.1f} s")
        # So that the one that sleeps has much to write that is not its to write any more.
        server.stop()
        place.all_say("Ready", "False")
    resumed, resumed_at = now(), time.monotonic()
    second.resume()
    print(f"a replica that was paused for {resumed_at - paused:.0f} s was back after {fleet.wait_whole(second, third):.1f} s")
    its_own = by_token(place.cluster, fleet.tokens[1], resumed)
    renewed = next(i for i, event in enumerate(its_own) if event["objectRef"]["resource"] == "leases"
                   and event["verb"] in ("create", "update", "patch") and event["responseStatus"]["code"] < 300)
    assert not [event for event in its_own[:renewed] if event["objectRef"].get("subresource") == "status"]
    server.start()
    place.all_say("Ready", "True")
    # Nothing was written by one after another had begun to, but for what the second got back.
    for name, run in fleet.writers(began).items():
        assert run in ([], [0], [1], [2], [1, 2], [0, 1], [0, 2], [0, 1, 2], [2, 1], [0, 2, 1], [1, 2, 1], [0, 1, 2, 1]), (name, run)


def test_one_is_cut_off_from_the_api_server(place, fleet, server):
    first, second, third = fleet.agents
    own, written = first.endpoints(), len(first.log)
    with fleet.gates[0].shut():
        with shared_rightly(fleet):
            began = time.monotonic()
            took = fleet.wait_whole(second, third, seconds=REPLACED_WITHIN)
            print(f"a replica that was cut off was replaced after {took:.1f} s")
            first.wait(lambda: not first.endpoints(), "that it owns nothing", LEASE)
            stopped = time.monotonic()
            assert stopped - began <= REPLACED_WITHIN
            server.stop()
            place.all_say("Ready", "False")
            time.sleep(8)
            assert fleet.visits.of(first, stopped + 1) == 0
            assert first.get("/livez")[0] == 200 and first.get("/readyz")[0] == 200
            assert second.metrics()["tlswarden_cluster_members"] == 2
            assert first.metrics()["tlswarden_cluster_members"] == 0
        reopened = now()
    with shared_rightly(fleet):
        print(f"a replica that was cut off was back after {fleet.wait_whole(*fleet.agents):.1f} s")
    assert first.endpoints() == own
    server.start()
    place.all_say("Ready", "True")
    requests = by_token(place.cluster, fleet.tokens[0], reopened)
    print(*complaints(first.log[written:]), sep="\n")
    assert 1 <= len(complaints(first.log[written:])) <= 6
    # Not even what it had sent into the dark.
    renewed = next(event for event in requests if event["objectRef"]["resource"] == "leases"
                   and event["verb"] == "update" and event["responseStatus"]["code"] < 300)
    early = [event for event in status_writes(requests)
             if event["requestReceivedTimestamp"] < renewed["requestReceivedTimestamp"]]
    assert not early


def test_scaling_moves_only_what_must_move(fleet):
    first, second, third = agents = fleet.agents
    before = [agent.endpoints() for agent in agents]
    with shared_rightly(fleet, none_for=LEASE):
        assert third.end() == 0
        # It took its leave, so nobody waits for a lease.
        fleet.wait_whole(first, second, seconds=5)
        assert before[0] <= first.endpoints() and before[1] <= second.endpoints()
    with shared_rightly(fleet):
        third.start()
        print(f"a third replica had its part after {fleet.wait_whole(*agents):.1f} s")
        assert [agent.endpoints() for agent in agents] == before


def test_a_lease_is_deleted(place, fleet):
    first = fleet.agents[0]
    before = [agent.endpoints() for agent in fleet.agents]
    leases = [item["metadata"]["name"] for item in place.cluster.get("leases", "-n", place.installed.namespace)["items"]]
    mine, = (name for name in leases if first.name in name)
    with shared_rightly(fleet):
        place.cluster.kubectl("delete", "lease", mine, "-n", place.installed.namespace)
        wait_for(lambda: place.cluster.kubectl("get", "lease", mine, "-n", place.installed.namespace, check=False).returncode, 0,
                 LEASE)
        wait_for(lambda: [agent.endpoints() for agent in fleet.agents], before, LEASE)


def test_all_are_without_the_api_server(place, fleet, server):
    agents = fleet.agents
    written = [len(agent.log) for agent in agents]
    with place.cluster.outage(kill=True):
        wait_for(lambda: [len(agent.endpoints()) for agent in agents], [0, 0, 0], LEASE + 2)
        stopped = time.monotonic()
        server.stop()
        with counted("each of three replicas in an outage", *agents) as outage:
            time.sleep(40)
        assert [fleet.visits.of(agent, stopped + 1) for agent in agents] == [0, 0, 0]
    back, began = time.monotonic(), now()
    with counted("each of three replicas in the first minute of recovery", *agents) as recovery:
        print(f"after an outage everything was owned again after {fleet.wait_whole(*agents, seconds=20):.1f} s")
        place.all_say("Ready", "False", seconds=30)  # the gates before the database still accept
        print(f"and written after {time.monotonic() - back:.1f} s")
        time.sleep(max(0, back + 60 - time.monotonic()))
    # Whoever is back first has everything for a moment: a list and a watch for each Secret, and each status once or twice.
    assert max(outage) < 90 and max(recovery) < 12 * len(ENDPOINTS)
    for agent, begin in zip(agents, written):
        print(*complaints(agent.log[begin:]), sep="\n")
        assert 1 <= len(complaints(agent.log[begin:])) <= 10
    for name, run in fleet.writers(began).items():  # nobody wrote after another had taken over
        assert len(run) == len(set(run)), (name, run)
