import json
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "tests" / "cluster"))

from chart import CRD, NAMESPACE, install_chart  # noqa: E402
from documents import endpoint  # noqa: E402
from fleet import open_directory, wait_for  # noqa: E402
from servers.kubernetes import Kubernetes  # noqa: E402


@pytest.fixture(scope="session")
def cluster():
    """One API server for all tests of a run. Each test leaves it as it was found, but for namespaces."""
    with tempfile.TemporaryDirectory(prefix="tlswarden-") as directory, Kubernetes(directory) as running:
        yield running


@pytest.fixture(scope="module")
def workspace():
    """For the servers of a module."""
    with open_directory() as directory:
        yield directory


@pytest.fixture(scope="session")
def crd(cluster):
    """The definition, applied as a user would and taken up by the server; what kubectl said to it."""
    applied = cluster.kubectl("apply", "-f", CRD)
    # kubectl wait gives up on a resource without conditions.
    cluster.wait_for_resource("tlswarden.dev/v1alpha1", "databaseendpoints")
    return applied


@pytest.fixture
def newer_definition(cluster):
    """While this lasts, the definition in the cluster knows an engine more than the agent does: db2."""
    engine = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/engine/enum/-"
    cluster.kubectl("patch", "crd", "databaseendpoints.tlswarden.dev", "--type=json", "-p",
                    json.dumps([{"op": "add", "path": engine, "value": "db2"}]))
    probe = json.dumps(endpoint("taken-up", engine="db2"))
    wait_for(lambda: cluster.kubectl("create", "--dry-run=server", "-f", "-", text=probe, check=False).returncode, 0)
    yield
    cluster.kubectl("apply", "-f", CRD)


@pytest.fixture(scope="session")
def namespaces(cluster):
    """namespaces("a", "b") makes those that are missing."""
    def ensure(*names):
        present = {item["metadata"]["name"] for item in cluster.get("namespaces")["items"]}
        for name in set(names) - present:
            cluster.kubectl("create", "namespace", name)
    return ensure


@pytest.fixture
def orders(cluster, crd):
    """The cluster with a DatabaseEndpoint named orders, gone after the test."""
    cluster.kubectl("apply", "-f", "-", text=json.dumps(endpoint()))
    yield cluster
    cluster.kubectl("delete", "dbe", "orders")


@pytest.fixture
def install(cluster):
    """install_chart, the releases of which are gone after the test. The definition stays, as it does for users."""
    releases = set()

    def made(release="tlswarden", namespace=NAMESPACE, values=None, **how):
        releases.add((release, namespace))
        return install_chart(cluster, release, namespace, values, **how)
    yield made
    for release, namespace in releases:
        cluster.helm("uninstall", release, "--namespace", namespace, "--ignore-not-found")
