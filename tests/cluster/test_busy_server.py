"""The API server has no time: everything is answered with 429, and two dozen watches and writers want something of it."""

import time

import pytest

from busy_server import BusyServer
from fleet import apply, open_directory
from place import Place, complaints, counted, open_cluster

ENDPOINTS = [f"storm-{number}" for number in range(20)]
STORM = 60  # seconds


@pytest.fixture(scope="module")
def place():
    with open_directory() as workspace, open_cluster(workspace / "cluster") as cluster:
        yield Place(cluster, workspace)


def test_a_storm_of_429(place):
    agent = place.agent("storm")
    with place.database("storm") as server, BusyServer(place.cluster.api) as api:
        agent.kubeconfig.write_text(agent.kubeconfig.read_text().replace(place.cluster.url, f"https://127.0.0.1:{api.port}"))
        with agent:
            apply(place.cluster, *(document for name in ENDPOINTS for document in place.documents(name, server)))
            place.all_say("Ready", "True")
            written = len(agent.log)
            with api.refusing():
                began = time.monotonic()
                server.stop()
                with counted("one replica while all is answered with 429", agent):
                    time.sleep(STORM)
                # 21 watches and the writer: each asks some times at first, and then seldom.
                late = sum(moment > began + STORM / 2 for moment in api.refused)
                print(f"{len(api.refused)} requests were refused in {STORM} s, {late} of them in the second half")
                assert 10 < len(api.refused) < 22 * 10 and late < 22 * 4
                assert agent.metrics()["tlswarden_cluster_pending_status_writes"] == len(ENDPOINTS)
                assert agent.get("/readyz")[0] == 200
            place.all_say("Reachable", "False", seconds=60)
            print(*complaints(agent.log[written:]), sep="\n")
            assert 1 <= len(complaints(agent.log[written:])) <= 30
