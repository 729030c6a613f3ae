"""What happens to a running agent in a cluster, and what it must bear: nothing lost, and no storm of requests. The printed
figures are those of the note."""

import time

import pytest

from fleet import apply, ca_secret, wait_for
from place import NAMESPACE, Place, by_token, complaints, counted, now, open_cluster, status_writes
from servers import certificates

OUTAGE = 120  # seconds
ENDPOINTS = [f"outage-{number}" for number in range(50)]


@pytest.fixture(scope="module")
def place(workspace):
    with open_cluster(workspace / "cluster", audit=True) as cluster:
        yield Place(cluster, workspace)


def events_of(cluster, name):
    items = cluster.get("events.events.k8s.io", "-n", NAMESPACE)["items"]
    return {item["reason"] for item in items if item["regarding"]["name"] == name}


def test_two_minutes_without_the_api_server(place):
    cluster = place.cluster
    with place.database("outage") as server, place.database("steady") as steady, place.agent("outage") as agent:
        # One secret for all: as many watches as there are secrets would be another figure.
        ca = {"ca": {"secretKeyRef": {"name": "outage-0-ca", "key": "ca.crt"}}, "mode": "verify-full"}
        apply(cluster, *(document for name in ENDPOINTS
                         for document in place.documents(name, server if name == "outage-0" else steady, tls=ca)))
        place.all_say("Ready", "True")
        time.sleep(5)  # what came with the beginning is over
        with counted("one replica at rest, 50 endpoints", agent) as rest:
            time.sleep(30)
        assert rest[0] < 10
        written = len(agent.log)
        with cluster.outage(kill=True):
            over = time.monotonic() + OUTAGE
            server.stop()
            with counted("one replica in the first half of the outage", agent) as first:
                # It goes on checking, and keeps what it has to say.
                agent.wait(lambda: any('name="outage-0"' in series and 'type="Reachable",status="False"' in series
                                       for series, value in agent.metrics().items() if value == 1), "unreachable in metrics")
                assert agent.metrics()["tlswarden_cluster_pending_status_writes"] >= 1
                time.sleep(OUTAGE / 2)
            with counted("one replica in the second half", agent) as second:
                time.sleep(max(30, over - time.monotonic()))  # a rate wants some time to be one
            assert agent.get("/livez")[0] == 200
            # What it knows is good enough to go on: it is not taken out of service.
            assert agent.get("/readyz")[0] == 200
        with counted("one replica in the first minute of recovery", agent) as recovery:
            back = time.monotonic()
            place.wait_for("outage-0", "Reachable", "False", seconds=30)
            print(f"what was held back was written {time.monotonic() - back:.0f} s after the server was back")
            # What is new is seen again.
            place.declare("later", steady)
            place.wait_for("later", "Ready", "True", seconds=45)
            wait_for(lambda: "Unreachable" in events_of(cluster, "outage-0"), True, 45)
            time.sleep(max(0, back + 60 - time.monotonic()))
        assert max(first[0], second[0]) < 60 and second[0] < 30 and recovery[0] < 60
        said = complaints(agent.log[written:])
        print(*said, sep="\n")
        assert 1 <= len(said) <= 10
        # Nothing is kept back; what is just being written may be.
        agent.wait(lambda: agent.metrics()["tlswarden_cluster_pending_status_writes"] == 0, "nothing to write")
        place.remove(*ENDPOINTS, "later")
        agent.wait(lambda: not agent.endpoints(), "the deletion")


def begun(agent):
    """Lists and watches, of endpoints and of what they refer to."""
    metrics = agent.metrics()
    return metrics["tlswarden_cluster_lists_total"] + metrics["tlswarden_cluster_watches_total"]


def test_compaction_while_it_does_not_listen(workspace):
    with open_cluster(workspace / "compacted", settings=["--watch-cache=false"]) as cluster:
        place = Place(cluster, workspace)
        with place.database("compaction") as server, place.agent("compaction") as agent:
            place.declare("first", server)
            place.wait_for("first", "Ready", "True")
            followed = begun(agent)
            agent.pause()
            place.declare("second", server)
            cluster.restart(kill=True)
            place.remove("first")
            cluster.compact()
            agent.resume()
            place.wait_for("second", "Ready", "True")
            wait_for(agent.endpoints, {(NAMESPACE, "second")})
            # The version that it knew was forgotten; that was noticed once.
            assert 2 <= begun(agent) - followed <= 16
            assert "410" in agent.log


def test_a_token_that_ran_out(place, workspace):
    file = workspace / "short-lived-token"
    file.write_text(place.token(seconds=10))
    with place.database("token") as server, place.agent("token", user={"tokenFile": str(file)}) as agent:
        place.declare("token", server)
        place.wait_for("token", "Ready", "True")
        # The server takes a token for 60 s beyond its end, and what it remembers of one for 10 s more.
        time.sleep(75)
        server.stop()
        agent.wait(lambda: any('code="401"' in series for series in agent.metrics()), "that it is refused", 60)
        with counted("one replica whose token ran out", agent) as refused:
            time.sleep(20)
        assert refused[0] < 60
        assert place.condition("token", "Reachable")[0] == "True"
        file.write_text(place.token())
        place.wait_for("token", "Reachable", "False", seconds=45)
        print(*complaints(agent.log), sep="\n")
        assert 1 <= len(complaints(agent.log)) <= 6
    place.remove("token")


def test_a_secret_is_rotated(place):
    cluster, token = place.cluster, place.token()
    other = certificates.Authority("Other").root.certificate_pem()
    with place.database("secret") as server, place.agent("secret", user={"token": token}):
        place.declare("secret", server, checkInterval="1h")
        place.wait_for("secret", "Ready", "True")
        apply(cluster, ca_secret("secret", NAMESPACE, other))
        wait_for(lambda: place.condition("secret", "Ready"), ("False", "UnknownIssuer"), 30)
        apply(cluster, ca_secret("secret", NAMESPACE, place.authority.root.certificate_pem()))
        place.wait_for("secret", "Ready", "True", seconds=30)
        cluster.kubectl("delete", "secret", "secret-ca", "-n", NAMESPACE)
        wait_for(lambda: place.condition("secret", "Ready"), ("False", "ReferenceNotFound"), 40)
        asked = [event for event in by_token(cluster, token)
                 if event.get("objectRef", {}).get("resource") in ("secrets", "configmaps")]
        assert asked and len(asked) < 10
        for event in asked:  # by name, always
            assert event["objectRef"].get("name") == "secret-ca" or "metadata.name%3Dsecret-ca" in event["requestURI"], event
    place.remove("secret")


def test_deleted_and_created_anew_under_the_same_name(place):
    cluster, token = place.cluster, place.token()
    with place.database("again") as server, place.agent("again", user={"token": token}) as agent:
        place.declare("again", server)
        place.wait_for("again", "Ready", "True")
        agent.pause()
        place.remove("again")
        server.stop()
        place.declare("again", server)
        anew = now()
        assert "conditions" not in cluster.get("dbe", "again", "-n", NAMESPACE)["status"]
        agent.resume()
        place.wait_for("again", "Reachable", "False")
        fresh = cluster.get("dbe", "again", "-n", NAMESPACE)
        # Nothing of the one before: neither what it had found nor when.
        assert fresh["status"]["observedGeneration"] == 1 and "tls" not in fresh["status"], fresh["status"]
        assert "last answered" not in str(fresh["status"])
        assert len(status_writes(by_token(cluster, token, anew))) <= 3
    place.remove("again")
