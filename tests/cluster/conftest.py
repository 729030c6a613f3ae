import json
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "tests" / "cluster"))

from documents import endpoint  # noqa: E402
from fleet import open_directory  # noqa: E402
from servers.kubernetes import Kubernetes  # noqa: E402

CRD = ROOT / "schema" / "databaseendpoint.crd.yaml"


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
    # kubectl wait gives up on a resource without conditions; and what kubectl validates with comes later still.
    cluster.wait_for_path("/apis/tlswarden.dev/v1alpha1/databaseendpoints")
    cluster.wait_for_path("/openapi/v3/apis/tlswarden.dev/v1alpha1")
    return applied


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
