"""tlswarden apply and tlswarden delete on a real API server, beside kubectl with the same manifests."""

import contextlib
import json
import os
import subprocess
import threading
from pathlib import Path

import pytest
import yaml

from documents import endpoint, warning_policy
from fleet import wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
CRD = ROOT / "schema" / "databaseendpoint.crd.yaml"
NAME = "databaseendpoints.tlswarden.dev"
MANIFESTS = [f for folder in ("manifests", "manifests/quickstart") for f in sorted((ROOT / folder).glob("*.yaml"))]
SHOWN = "databaseendpoint.tlswarden.dev"
OURS, THEIRS = "ours", "theirs"  # namespaces
HIDDEN = ["hunter2", "aHVudGVyMg"]  # as it is, and in base64

pytestmark = pytest.mark.usefixtures("crd")


def document(kind, name, **more):
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **more}


def text_of(*documents):
    return "---\n".join(json.dumps(d) + "\n" for d in documents)


@pytest.fixture(scope="module", autouse=True)
def two_namespaces(cluster, namespaces):
    namespaces(OURS, THEIRS)


@pytest.fixture
def tlswarden(cluster):
    """As cluster.kubectl; every output is searched for what must not be shown."""
    def run(*arguments, text=None, check=True, kubeconfig=None):
        done = subprocess.run([os.environ["TLSWARDEN"], *map(str, arguments)], input=text, text=True, capture_output=True,
                              timeout=120, env={"PATH": os.environ["PATH"], "KUBECONFIG": str(kubeconfig or cluster.admin),
                                   # libmongoc warns where a process of the same id once died with its counters in /dev/shm.
                                   "MONGOC_DISABLE_SHM": "1"},
                              **({} if text is not None else {"stdin": subprocess.DEVNULL}))
        for hidden in HIDDEN:
            assert hidden not in done.stdout + done.stderr
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done
    return run


@pytest.fixture
def both(cluster, tlswarden):
    """Runs the same with kubectl and with tlswarden, each in a namespace of its own, and demands that they say the same on
    standard output and end with the same code. What tlswarden said; its namespace is written NS."""
    def run(*arguments, text=None):
        done = []
        for program, namespace in ((cluster.kubectl, THEIRS), (tlswarden, OURS)):
            made = program(*arguments, "-n", namespace, text=text, check=False)
            made.stdout = made.stdout.replace(f"from {namespace} namespace", "from NS namespace")
            done.append(made)
        theirs, ours = done
        assert (ours.stdout, ours.returncode) == (theirs.stdout, theirs.returncode), theirs.stderr + ours.stderr
        return ours
    return run


@pytest.fixture
def clean(cluster):
    """Nothing of these tests is left in either namespace."""
    yield
    for namespace in (OURS, THEIRS):
        cluster.kubectl("delete", "dbe,secrets,configmaps", "--all", "-n", namespace)


def objects(cluster, kinds="dbe,secrets,configmaps", namespace=OURS):
    return [f"{o['kind']}/{o['metadata']['name']}" for o in cluster.get(kinds, "-n", namespace)["items"]]


def orders(cluster):
    return cluster.get("dbe", "orders", "-n", OURS, "--show-managed-fields")


# -- apply ------------------------------------------------------------------------------------------------------------

@pytest.mark.usefixtures("clean")
def test_it_tells_what_became_of_each_object_as_kubectl_does(both):
    first = text_of(document("Secret", "login", data={"password": "aHVudGVyMg=="}),
                    document("ConfigMap", "ca", data={"ca.crt": "x"}), endpoint(), endpoint("billing"))
    told = both("apply", "-f", "-", text=first)
    assert told.stdout == (f"secret/login created\nconfigmap/ca created\n{SHOWN}/orders created\n{SHOWN}/billing created\n")
    assert told.stderr == ""
    assert both("apply", "-f", "-", text=first).stdout.count(" unchanged\n") == 4
    second = text_of(document("Secret", "login", data={"password": "aHVudGVyMg==", "user": "aHVudGVyMg=="}),
                     endpoint(port=5433), endpoint("billing"))
    for mode in ("none", "server"):  # the server compares with what is there by then
        shown = both("apply", "-f", "-", f"--dry-run={mode}", text=second).stdout
        assert [line.split(" ", 1)[1] for line in shown.splitlines()] == (
            ["configured", "configured", "unchanged"] if mode == "none" else ["unchanged (server dry run)"] * 3)
    assert both("apply", "-f", "-", "--dry-run=client", text=second).stdout.count(" configured (dry run)\n") == 3
    assert both("apply", "-f", "-", "-o", "name", text=second).stdout == f"secret/login\n{SHOWN}/orders\n{SHOWN}/billing\n"


@pytest.mark.usefixtures("clean")
def test_a_dry_run_leaves_nothing(cluster, both):
    text = text_of(document("ConfigMap", "ca", data={"ca.crt": "x"}), endpoint())
    before = objects(cluster)
    for mode, mark in (("client", "dry run"), ("server", "server dry run")):
        assert both("apply", "-f", "-", f"--dry-run={mode}", text=text).stdout == (
            f"configmap/ca created ({mark})\n{SHOWN}/orders created ({mark})\n")
    assert objects(cluster) == before


@pytest.mark.parametrize("file", MANIFESTS, ids=lambda f: f.stem)
@pytest.mark.usefixtures("clean")
def test_our_manifests_can_be_applied_with_either(cluster, tlswarden, tmp_path, file):
    documents = [d for d in yaml.safe_load_all(file.read_text()) if d]
    for d in documents:
        d["metadata"].pop("namespace", None)
    path = tmp_path / file.name
    path.write_text(text_of(*documents))
    created = [f"{o['kind'].lower() if o['apiVersion'] == 'v1' else SHOWN}/{o['metadata']['name']} created" for o in documents]
    for program, namespace in ((cluster.kubectl, THEIRS), (tlswarden, OURS)):
        done = program("apply", "-f", path, "-n", namespace)
        assert done.stderr == ""
        assert sorted(done.stdout.splitlines()) == sorted(created)
    assert tlswarden("apply", "-f", path, "-n", OURS).stdout.count(" unchanged\n") == len(created)
    for kind in ("dbe", "secrets", "configmaps"):
        pairs = [[{key: o.get(key) for key in ("kind", "type", "data", "spec")} for o in cluster.get(kind, "-n", ns)["items"]]
                 for ns in (THEIRS, OURS)]
        assert pairs[0] == pairs[1]


@pytest.mark.usefixtures("clean")
def test_the_examples_are_applied_where_they_stand(tlswarden, namespaces):
    """With the namespaces that they name, or else the context's: as the README says it."""
    for path in ("manifests", "manifests/quickstart"):
        declared = [d for f in (ROOT / path).glob("*.yaml") for d in yaml.safe_load_all(f.read_text()) if d]
        namespaces(*(d["metadata"]["namespace"] for d in declared if "namespace" in d["metadata"]))
        assert tlswarden("apply", "-f", ROOT / path).stderr == ""
        tlswarden("delete", "-f", ROOT / path)


@pytest.mark.usefixtures("clean")
def test_a_broken_document_sends_nothing(cluster, tlswarden, tmp_path):
    path = tmp_path / "orders.yaml"
    path.write_text(text_of(document("ConfigMap", "sent", data={}), endpoint(), endpoint("billing", port="high", colour="red")))
    done = tlswarden("apply", "-f", path, "-n", OURS, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert f"{path}:5: spec.port: " in done.stderr and f"{path}:5: spec.colour: " in done.stderr
    assert "nothing was sent" in done.stderr
    assert "ConfigMap/sent" not in objects(cluster) and "DatabaseEndpoint/orders" not in objects(cluster)


@pytest.mark.usefixtures("clean")
def test_it_owns_only_what_was_declared(cluster, tlswarden):
    tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint()))
    (entry,) = orders(cluster)["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("tlswarden-cli", "Apply")
    assert entry["fieldsV1"] == {"f:spec": {"f:engine": {}, "f:host": {}}}
    cluster.kubectl("patch", "dbe", "orders", "-n", OURS, "--type=merge", "-p", '{"spec": {"checkInterval": "7m"}}')
    tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(port=5433)))
    tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(host="db2.internal")))
    spec = orders(cluster)["spec"]
    assert spec["checkInterval"] == "7m" and spec["host"] == "db2.internal"
    assert "port" not in spec  # it was ours, and is declared no more


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("show", ["kubectl", "tlswarden"])
def test_what_the_server_shows_can_be_applied_again(cluster, tlswarden, tmp_path, show):
    tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint()))
    path = tmp_path / "shown.yaml"
    get = {"kubectl": cluster.kubectl, "tlswarden": tlswarden}[show]
    path.write_text(get("get", "dbe", "orders", "-n", OURS, "-o", "yaml").stdout)
    tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(port=5433)))  # so that its resourceVersion is an old one
    assert tlswarden("apply", "-f", path).stdout == f"{SHOWN}/orders configured\n"
    assert "port" not in orders(cluster)["spec"]


@pytest.mark.usefixtures("clean")
def test_a_field_of_another_manager_is_a_conflict(cluster, tlswarden):
    cluster.kubectl("apply", "--server-side", "--field-manager=argo", "-f", "-", "-n", OURS, text=text_of(endpoint(port=1)))
    done = tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(port=2), endpoint("billing")), check=False)
    assert (done.returncode, done.stdout) == (1, f"{SHOWN}/billing created\n")
    assert 'conflict with "argo"' in done.stderr and ".spec.port" in done.stderr and "--force-conflicts" in done.stderr
    assert orders(cluster)["spec"]["port"] == 1
    tlswarden("apply", "-f", "-", "-n", OURS, "--force-conflicts", text=text_of(endpoint(port=2)))
    tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(port=3)))
    assert orders(cluster)["spec"]["port"] == 3


@pytest.mark.usefixtures("clean")
def test_what_kubectl_applied_is_taken_over_for_good(cluster, tlswarden):
    first = text_of(endpoint(port=1), document("Secret", "login", stringData={"password": "hunter2"}))
    cluster.kubectl("apply", "-f", "-", "-n", OURS, text=first)
    refused = tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(port=2)), check=False)
    assert refused.returncode == 1
    assert 'conflict with "kubectl-client-side-apply"' in refused.stderr and ".spec.port" in refused.stderr
    # What is as kubectl left it is no conflict, and from then on there is none.
    assert tlswarden("apply", "-f", "-", "-n", OURS, text=first).stdout == f"secret/login unchanged\n{SHOWN}/orders unchanged\n"
    assert {e["manager"] for e in orders(cluster)["metadata"]["managedFields"]} == {"tlswarden-cli"}
    tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(host="db2.internal", port=2)))
    tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint()))
    assert "port" not in orders(cluster)["spec"]
    # And kubectl can go on where it was.
    assert cluster.kubectl("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(port=4))).returncode == 0
    assert orders(cluster)["spec"]["port"] == 4


@pytest.mark.usefixtures("clean")
def test_a_change_of_what_kubectl_applied_can_be_forced_once(cluster, tlswarden):
    cluster.kubectl("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(port=1, timeout="9s")))
    tlswarden("apply", "-f", "-", "-n", OURS, "--force-conflicts", text=text_of(endpoint(port=2, timeout="9s")))
    tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(port=2, timeout="8s")))
    assert orders(cluster)["spec"]["timeout"] == "8s"


def test_a_field_that_the_server_does_not_know_is_refused_by_it(cluster, tlswarden):
    """The server's definition may be older than ours."""
    older = yaml.safe_load(CRD.read_text())
    del older["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["expectedServerVersion"]
    with definition(cluster, json.dumps(older), "expectedServerVersion"):
        done = tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(endpoint(expectedServerVersion="15")), check=False)
        assert done.returncode == 1 and ".spec.expectedServerVersion" in done.stderr
        assert "DatabaseEndpoint/orders" not in objects(cluster)


@contextlib.contextmanager
def definition(cluster, text, field):
    """The CRD as `text` has it, without `field` of the spec, for a while."""
    def wait(known):
        for _ in range(600):
            refused = cluster.kubectl("explain", f"dbe.spec.{field}", check=False).returncode != 0
            if refused != known:
                return
        raise AssertionError("the definition was not taken up")
    cluster.kubectl("apply", "-f", "-", text=text)
    try:
        wait(False)
        yield
    finally:
        cluster.kubectl("apply", "-f", CRD)
        wait(True)


@pytest.mark.usefixtures("clean")
def test_secrets_are_applied_and_never_shown(cluster, tlswarden):
    text = text_of(endpoint(), document("Secret", "login", stringData={"password": "hunter2"}))
    for flags in ([], ["-o", "yaml"], ["-o", "json"], ["-o", "json", "--dry-run=client"], ["-o", "yaml", "--dry-run=server"]):
        assert tlswarden("apply", "-f", "-", "-n", OURS, *flags, text=text).stderr == ""  # searched by the fixture
    assert cluster.get("secret", "login", "-n", OURS)["data"] == {"password": "aHVudGVyMg=="}
    locked = {**document("Secret", "login", stringData={"password": "hunter2"}), "immutable": True}
    tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(locked))
    locked["stringData"]["user"] = "hunter2"
    assert "immutable" in tlswarden("apply", "-f", "-", "-n", OURS, text=text_of(locked), check=False).stderr


def test_each_obstacle_has_an_error_of_its_own(cluster, tlswarden):
    text = text_of(endpoint())
    done = tlswarden("apply", "-f", "-", "-n", "nowhere", text=text, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert 'namespaces "nowhere" not found' in done.stderr and "kubectl create namespace nowhere" in done.stderr

    cluster.kubectl("create", "serviceaccount", "stranger", "-n", OURS)
    stranger = cluster.kubeconfig("stranger", {"token": cluster.service_account_token(OURS, "stranger")})
    for verb in ("apply", "delete"):
        done = tlswarden(verb, "-f", "-", "-n", OURS, text=text, check=False, kubeconfig=stranger)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Error from server (Forbidden): " in done.stderr and "stranger" in done.stderr

    cluster.kubectl("delete", "crd", NAME)
    try:
        wait_for(lambda: cluster.api.get("/apis/tlswarden.dev/v1alpha1")[0], 404)
        for verb in ("apply", "delete"):
            done = tlswarden(verb, "-f", "-", "-n", OURS, text=text + "---\n" + text_of(endpoint("billing")), check=False)
            assert done.returncode == 1
            assert done.stderr.count("the server doesn't have a resource type") == 1 and "manifests/install" in done.stderr
    finally:
        cluster.kubectl("apply", "-f", CRD)
        cluster.wait_for_resource("tlswarden.dev/v1alpha1", "databaseendpoints")


@pytest.mark.usefixtures("clean")
def test_what_the_server_warns_of_is_shown_once(cluster, tlswarden):
    policy = text_of(*warning_policy("databaseendpoints", 'say "why" \\ 100%22, + who'))
    text = text_of(endpoint(), endpoint("billing"))

    def theirs():
        return cluster.kubectl("create", "-f", "-", "-n", THEIRS, "--dry-run=server", text=text).stderr
    cluster.kubectl("apply", "-f", "-", text=policy)
    try:
        told = wait_for(theirs, lambda told: told != "")  # it takes the server a while to obey
        assert told.startswith("Warning: ") and 'say "why" \\ 100%22, + who' in told
        done = tlswarden("apply", "-f", "-", "-n", OURS, text=text)
        assert done.stderr == told
        assert done.stdout == f"{SHOWN}/orders created\n{SHOWN}/billing created\n"
        assert tlswarden("delete", "dbe", "orders", "-n", OURS).stderr == told
    finally:
        cluster.kubectl("delete", "-f", "-", text=policy)
        wait_for(theirs, "")


# -- delete -----------------------------------------------------------------------------------------------------------

@pytest.fixture
def three(cluster, clean):
    for namespace in (OURS, THEIRS):
        documents = [endpoint(name) for name in ("orders", "billing", "search")]
        documents[0]["metadata"]["labels"] = documents[1]["metadata"]["labels"] = {"team": "payments"}
        cluster.kubectl("apply", "-f", "-", "-n", namespace, text=text_of(*documents))


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("arguments, left", [
    (["dbe", "orders", "search"], ["billing"]),
    (["databaseendpoint.tlswarden.dev/orders", "dbe/billing"], ["search"]),
    (["dbe", "missing", "orders"], ["billing", "search"]),
    (["dbe", "missing", "orders", "--ignore-not-found"], ["billing", "search"]),
    (["dbe", "-l", "team=payments"], ["search"]),
    (["dbe", "-l", "team=none"], ["billing", "orders", "search"]),
    (["dbe", "--field-selector", "metadata.name!=orders"], ["orders"]),
    (["dbe", "--all"], []),
    (["dbe", "--all", "-o", "name", "--wait=false"], []),
    (["dbe", "orders", "--dry-run=client"], ["billing", "orders", "search"]),
    (["dbe", "orders", "--dry-run=server"], ["billing", "orders", "search"]),
    (["dbe", "--all", "--dry-run=server"], ["billing", "orders", "search"]),
], ids=" ".join)
def test_it_deletes_and_tells_it_as_kubectl_does(cluster, both, arguments, left):
    both("delete", *arguments)
    for namespace in (OURS, THEIRS):
        assert objects(cluster, "dbe", namespace) == [f"DatabaseEndpoint/{name}" for name in left]


@pytest.mark.usefixtures("clean")
def test_it_deletes_what_a_file_declares(cluster, both, tmp_path):
    path = tmp_path / "all.yaml"
    path.write_text(text_of(document("Secret", "login", stringData={"password": "hunter2"}),
                            document("ConfigMap", "ca", data={}), endpoint()))
    both("apply", "-f", path)
    told = both("delete", "-f", path).stdout
    assert told == (f'secret "login" deleted from NS namespace\nconfigmap "ca" deleted from NS namespace\n'
                    f'{SHOWN} "orders" deleted from NS namespace\n')
    assert not {"Secret/login", "ConfigMap/ca", "DatabaseEndpoint/orders"} & set(objects(cluster))
    assert both("delete", "-f", path).returncode == 1
    assert both("delete", "-f", path, "--ignore-not-found").stdout == ""
    path.write_text(text_of(endpoint("missing", engine="gone")))  # what was valid once can be deleted
    assert "Error from server (NotFound): error when deleting" in both("delete", "-f", path).stderr


@pytest.mark.usefixtures("clean")
def test_it_waits_until_the_last_finalizer_is_gone(cluster, tlswarden):
    held = endpoint()
    held["metadata"]["finalizers"] = ["example.com/held"]
    for namespace in (OURS, THEIRS):
        cluster.kubectl("apply", "-f", "-", "-n", namespace, text=text_of(held))
    theirs = cluster.kubectl("delete", "dbe", "orders", "-n", THEIRS, "--timeout=3s", check=False)
    ours = tlswarden("delete", "dbe", "orders", "-n", OURS, "--timeout=3s", check=False)
    assert ours.returncode == theirs.returncode == 1
    assert ours.stderr.startswith(theirs.stderr.strip())
    assert "deletionTimestamp" in orders(cluster)["metadata"]

    def release():
        for namespace in (OURS, THEIRS):
            cluster.kubectl("patch", "dbe", "orders", "-n", namespace, "--type=merge", "-p", '{"metadata": {"finalizers": []}}')
    release_later = threading.Timer(1, release)
    release_later.start()
    tlswarden("delete", "dbe", "orders", "-n", OURS)
    assert "DatabaseEndpoint/orders" not in objects(cluster)
    release_later.join()
