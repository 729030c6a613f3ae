"""get, describe and wait of tlswarden beside kubectl's, on the same objects of a real API server."""

import contextlib
import datetime
import json
import os
import re
import signal
import subprocess
import time

import pytest
import yaml

from documents import condition, endpoint, status
from fleet import wait_for

NOT_READY = {"observedGeneration": 1, "strongestMode": "verify-full", "server": {"version": "16.4"},
             "expiry": {"notAfter": "2099-01-02T03:04:05Z", "role": "leaf", "rotateBy": "2098-12-01T00:00:00Z"},
             "conditions": [condition("Ready", "False", "HostnameMismatch")],
             "modes": [{"mode": "verify-full", "outcome": "Rejected", "reason": "HostnameMismatch"}],
             "advice": [{"action": "ReissueCertificate", "urgency": "Now", "reason": "HostnameMismatch",
                         "message": "Reissue it with this name.", "steps": ["Issue it.", "Reload."]}]}


def command(*arguments):
    return [os.environ["TLSWARDEN"], *arguments]


def environment(cluster):
    # A process that was killed leaves its counters of libmongoc behind, of which a later one of its number would speak.
    return {"MONGOC_DISABLE_SHM": "1", "PATH": os.environ["PATH"], "HOME": str(cluster.directory),
            "KUBECONFIG": str(cluster.admin)}


def tlswarden(cluster, *arguments):
    return subprocess.run(command(*arguments), text=True, capture_output=True, timeout=120, stdin=subprocess.DEVNULL,
                          env=environment(cluster))


@contextlib.contextmanager
def running(cluster, *arguments):
    """A tlswarden that goes on, in its own process."""
    process = subprocess.Popen(command(*arguments), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, env=environment(cluster))
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def set_status(cluster, name, **fields):
    document = status(**fields)
    document["metadata"]["name"] = name
    cluster.kubectl("apply", "-n", "shop", "--server-side", "--subresource=status", "--force-conflicts",
                    "--field-manager=tlswarden", "-f", "-", text=json.dumps(document))


def make(cluster, name, namespace="shop", **labels):
    document = endpoint(name)
    document["metadata"]["labels"] = labels
    cluster.kubectl("apply", "-n", namespace, "-f", "-", text=json.dumps(document))


@pytest.fixture(scope="module")
def shop(cluster, crd, namespaces):
    """orders, which is not ready, and users, which nobody looked at, in shop; lone in default."""
    namespaces("shop")
    make(cluster, "orders", team="payments", tier="gold")
    make(cluster, "users-with-a-longer-name", team="users")
    make(cluster, "lone", "default")
    set_status(cluster, "orders", **NOT_READY)
    yield cluster
    cluster.kubectl("delete", "dbe", "-A", "--all")


def same_but_for_age(ours, theirs):
    """Lines equal, in their blanks too; the age at their ends may have ticked between the two: from 119s to 2m, say."""
    def ageless(text):
        return re.sub(r" (?:\d+[dhms])+$", " AGE", text, flags=re.M)
    return ageless(ours) == ageless(theirs)


@pytest.mark.parametrize("arguments", [
    ["dbe", "-A"],
    ["dbe", "-n", "shop"],
    ["dbe", "-n", "shop", "-o", "wide"],
    ["databaseendpoints.tlswarden.dev", "-n", "shop", "--no-headers"],
    ["dbe", "-n", "shop", "-l", "team=payments"],
    ["dbe", "-n", "shop", "-l", "team=nobody"],
    ["dbe", "-A", "-l", "team=nobody"],
    ["dbe", "-n", "nowhere"],
    ["dbe", "lone"],
    ["dbe/lone"],
    ["dbe", "nobody"],
    ["dbe", "nobody", "-n", "nowhere"],
    ["dbe", "-n", "shop", "orders", "nobody"],
    ["dbe", "-A", "-o", "name"],
    ["dbe", "-n", "shop", "orders", "nobody", "-o", "name"],
    ["dbe", "-A", "-o", "jsonpath={.items[*].metadata.name}"],
    ["dbe", "-n", "shop", "orders", "-o", "jsonpath={.status.strongestMode}"],
    ["dbe", "-n", "shop", "orders", "-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].reason}{"\\n"}'],
    ["dbe", "-A", "-o", 'jsonpath={range .items[*]}{.metadata.name}{"\\t"}{.spec.engine}{"\\n"}{end}'],
    ["dbe", "-n", "shop", "orders", "-o", "jsonpath={.status.server}{.nothing}"],
    ["dbe", "-A", "--sort-by=.spec.host"],
    ["dbe", "-A", "--sort-by={.spec.port}", "-o", "name"],
    ["dbe", "-n", "shop", "--sort-by=metadata.name", "-o", "jsonpath={.items[*].metadata.name}"],
    ["dbe", "-A", "-o", "custom-columns=NAME:.metadata.name,Host:spec.host,L:{.metadata.labels}"],
    ["dbe", "-A", "--no-headers", "-o", 'custom-columns=R:.status.conditions[?(@.type=="Ready")].status'],
    ["dbe", "-n", "shop", "orders", "nobody", "-o", "custom-columns=N:.metadata.name,A:.status.advice"],
    ["dbe", "-A", "--field-selector", "metadata.name!=orders"],
    ["dbe", "-n", "shop", "--field-selector", "spec.host=x"],
    ["dbe", "-n", "shop", "-l", "a b c"],
    ["dbe", "-n", "shop", "nobody", "orders", "--ignore-not-found"],
    ["dbe", "-n", "nowhere", "nobody", "--ignore-not-found", "-o", "json"],
    ["dbe", "-n", "nowhere", "--ignore-not-found"],
], ids=" ".join)
def test_get_prints_what_kubectl_prints(shop, arguments):
    theirs = shop.kubectl("get", *arguments, check=False)
    ours = tlswarden(shop, "get", *arguments)
    assert same_but_for_age(ours.stdout, theirs.stdout), ours.stdout + theirs.stdout
    assert (ours.stderr, ours.returncode) == (theirs.stderr, theirs.returncode)


ENDPOINT_PATHS = [
    "{.status.conditions[0:1].type}", "{.status.conditions[-1:].type}", "{.status.conditions[0,1].type}", "{..type}",
    "{.metadata['name','namespace']}", "{.metadata.labels}", "{.metadata.labels.team}", "{.status.conditions[5].type}",
    "{.spec.host[0]}", "{.spec[0]}", "{.spec[*]}", "{.spec.nothing.deep}", "{.spec.nothing[3]}", "{.spec.host}}", "{@.kind}",
    "{.metadata.managedFields[*].manager}", "{kind}",
    '{.status.conditions[?(.type=="Ready")].status}', "{.status.conditions[?(@.type=='Ready')].reason}",
    '{.status.conditions[?(@.status!="True")].type}', "{.status.conditions[?(@.nothing)].type}",
    "{.status.conditions[?(@.type)].type}", "{.status.conditions[?(@.type==5)].type}", "{.spec.host[?(@.a)]}",
    "{.status.conditions[-3:].type}", "{.status.conditions[1:0].type}", "{range .status.conditions[*]}[{.type}] {end}",
    "{range .nothing[*]}x{end}", '{"a\\"b"}{\'c\'}{"{"}', "name: {.metadata.name}\n",
    "{.status.conditions[?(@.type=~\"R.*\")].type}", '{.status.conditions[?(@.a=="1" && @.b=="2")].type}', "{.spec.host", "{.a[b]}",
]
LIST_PATHS = [
    "{.items[0].metadata.name}", "{.items[0,2].metadata.name}", "{.items[::2].metadata.name}", "{.items[7]}", "{..metadata.name}",
    "{.items..engine}", "{.items[?(@.spec.port>3000)].metadata.name}", "{.items[?(@.spec.port<=5432)].metadata.name}",
    "{.items[?(@.spec.port!=5433)].metadata.name}", '{.items[?(@.spec.port=="5433")].metadata.name}',
    '{.items[?(@.spec.host>="db")].metadata.name}', "{.items[*]['metadata.name', 'spec.host']}",
    '{.items[*].status.conditions[?(@.type=="Ready")].status}', "{.items[*].status.conditions[0].type}",
    '{range .items[?(@.metadata.labels.team=="users")]}{.metadata.name}{end}',
    '{range .items[*]}{.metadata.name}{range .status.conditions[*]}{" "}{.type}{end}{"\\n"}{end}',
]


@pytest.mark.parametrize("what, path", [*((["dbe", "orders", "-n", "shop"], path) for path in ENDPOINT_PATHS),
                                        *((["dbe", "-A"], path) for path in LIST_PATHS)])
def test_a_path_leads_where_kubectl_is_led(shop, what, path):
    arguments = ["get", *what, "-o", f"jsonpath={path}"]
    theirs = shop.kubectl(*arguments, check=False)
    ours = tlswarden(shop, *arguments)
    assert (ours.stdout, ours.returncode != 0) == (theirs.stdout, theirs.returncode != 0), theirs.stderr + ours.stderr
    assert ours.stderr.startswith("error: ") == theirs.stderr.startswith("error: ")


@pytest.mark.parametrize("arguments", [
    ["-o", "jsonpath={.a"], ["-o", "jsonpath={.a=~1}"], ["-o", "custom-columns=NAME"], ["-o", "jsn"], ["--sort-by=.a["],
    ["-o", "json", "--show-labels"], ["--sort-by=.spec.hots"], ["--sort-by=.metadata.labels"],
    ["-o", "custom-columns=A:.metadata.labels[0]"],
], ids=" ".join)
def test_what_cannot_be_printed_is_an_error(shop, arguments):
    """Of some of which kubectl makes nothing, and says so as if nothing were there."""
    ours = tlswarden(shop, "get", "dbe", "-n", "shop", *arguments)
    assert ours.stdout == "" and ours.stderr.startswith("error: ") and ours.returncode != 0


@pytest.mark.parametrize("flags", [["--show-labels"], ["-L", "team"], ["-L", "tier,team", "-L", "example.com/x", "--show-labels"]],
                         ids=" ".join)
def test_labels_stand_in_the_last_columns(shop, flags):
    def words(text):  # the age may have ticked
        return [[re.sub(r"^\d+[smh]\w*$", "AGE", word) for word in line.split()] for line in text.splitlines()]
    arguments = ["get", "dbe", "-A", *flags]
    assert words(tlswarden(shop, *arguments).stdout) == words(shop.kubectl(*arguments).stdout)


@pytest.mark.parametrize("arguments", [
    ["dbe", "-n", "shop", "orders"],
    ["dbe", "-n", "shop", "orders", "--show-managed-fields"],
    ["dbe", "-A"],
    ["dbe", "-n", "nowhere"],
    ["dbe", "orders", "nobody", "-n", "shop"],
    ["dbe", "somebody", "nobody", "-n", "shop"],
], ids=" ".join)
@pytest.mark.parametrize("form, parse", [("json", json.loads), ("yaml", yaml.safe_load)])
def test_documents_are_kubectls(shop, arguments, form, parse):
    theirs = shop.kubectl("get", *arguments, "-o", form, check=False)
    ours = tlswarden(shop, "get", *arguments, "-o", form)
    assert parse(ours.stdout) == parse(theirs.stdout)
    assert (ours.stderr, ours.returncode) == (theirs.stderr, theirs.returncode)
    if form == "json":
        assert list(json.loads(ours.stdout)) == list(json.loads(theirs.stdout))


def test_all_pages_are_listed(shop, namespaces):
    namespaces("crowd")
    names = [f"e{number:03}" for number in range(501)]
    shop.kubectl("create", "-n", "crowd", "-f", "-",
                 text="\n---\n".join(json.dumps(endpoint(name)) for name in names))
    try:
        listed = tlswarden(shop, "get", "dbe", "-n", "crowd", "-o", "name").stdout
        assert listed.split() == [f"databaseendpoint.tlswarden.dev/{name}" for name in names]
    finally:
        shop.kubectl("delete", "dbe", "-n", "crowd", "--all", "--wait=false")


def test_a_watch_shows_each_change_once_and_ends_on_ctrl_c(shop):
    make(shop, "first", "default", watched="yes")
    with running(shop, "get", "dbe", "-w", "-l", "watched=yes", "--no-headers", "-o", "name") as process:
        name = "databaseendpoint.tlswarden.dev/first\n"
        assert process.stdout.readline() == name
        shop.kubectl("label", "dbe", "first", "touched=yes")
        assert process.stdout.readline() == name
        make(shop, "later", "default", watched="yes")
        assert process.stdout.readline() == name.replace("first", "later")
        shop.kubectl("delete", "dbe", "first", "later")
        assert {process.stdout.readline(), process.stdout.readline()} == {name, name.replace("first", "later")}
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=120) == ("", "")
        assert process.returncode == 0


def test_no_cluster_and_no_rights_are_said_in_kubectls_words(shop):
    shop.kubectl("create", "serviceaccount", "nobody", "-n", "shop")
    token = shop.service_account_token("shop", "nobody")
    config = shop.kubeconfig("nobody", {"token": token}, namespace="shop")
    theirs = shop.kubectl("get", "dbe", check=False, kubeconfig=config)
    ours = tlswarden(shop, "get", "dbe", "--kubeconfig", str(config))
    assert ours.returncode == theirs.returncode == 1
    assert ours.stderr.splitlines()[0] == theirs.stderr.splitlines()[0]
    assert "RoleBinding" in ours.stderr
    config.write_text(config.read_text().replace(str(shop.api.port), "1"))
    for arguments in (["get", "dbe"], ["describe", "dbe"], ["wait", "dbe/orders", "--for=condition=Ready"]):
        ours = tlswarden(shop, *arguments, "--kubeconfig", str(config))
        assert ours.returncode == 1
        assert ours.stderr.startswith("Unable to connect to the server: ")


# -- wait -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments", [
    ["dbe/orders", "--for=condition=Ready=False"],
    ["dbe/orders", "--for=condition=ready=false"],
    ["dbe/orders", "--for=condition=Ready", "--timeout=3s"],
    ["dbe/orders", "--for=condition=Ready", "--timeout=0"],
    ["dbe", "orders", "users-with-a-longer-name", "--for=condition=Ready", "--timeout=3s"],
    ["dbe", "orders", "nobody", "--for=condition=Ready=False", "--timeout=3s"],
    ["dbe", "--all", "--for=condition=Ready", "--timeout=3s"],
    ["dbe", "--all", "--for=jsonpath={.spec.engine}=postgresql"],
    ["dbe", "-l", "team=payments", "--for=jsonpath={.status.strongestMode}=verify-full"],
    ["dbe", "-l", "team=nobody", "--for=condition=Ready", "--timeout=3s"],
    ["dbe", "-l", "team=nobody", "--for=delete", "--timeout=3s"],
    ["dbe", "--field-selector", "metadata.name=orders", "--for=condition=Ready=False"],
    ["dbe", "--field-selector", "spec.host=x", "--for=condition=Ready"],
    ["dbe/orders", "--for=jsonpath={.status.conditions[0].status}=False"],
    ["dbe/orders", "--for=jsonpath={.status.strongestMode}"],
    ["dbe/orders", "--for=jsonpath={.status.nothing}", "--timeout=3s"],
    ["dbe/orders", '--for=jsonpath={.status.conditions[?(@.type=="Ready")].status}=False'],
    ["dbe/orders", "--for=jsonpath={.status.conditions}=x", "--timeout=3s"],
    ["dbe/orders", "--for=create"],
    ["dbe/orders", "--for=delete", "--timeout=3s"],
    ["dbe/nobody", "--for=condition=Ready", "--timeout=3s"],
    ["dbe/nobody", "--for=delete"],
    ["dbe/nobody", "--for=condition=Ready", "-n", "nowhere"],
], ids=" ".join)
def test_wait_says_what_kubectl_says(shop, arguments):
    theirs = shop.kubectl("wait", "-n", "shop", *arguments, check=False)
    ours = tlswarden(shop, "wait", "-n", "shop", *arguments)
    # Now and then kubectl logs beside that how its library fares.
    their_errors = re.sub(r"^[IWE]\d{4} .*\n", "", theirs.stderr, flags=re.M)
    assert (ours.stdout, ours.stderr, ours.returncode) == (theirs.stdout, their_errors, theirs.returncode)


def test_what_was_said_of_an_older_generation_does_not_count(shop):
    make(shop, "changed")
    set_status(shop, "changed", observedGeneration=1, conditions=[condition("Ready")])
    arguments = ["wait", "-n", "shop", "dbe/changed", "--for=condition=Ready", "--timeout=3s"]
    assert tlswarden(shop, *arguments).returncode == 0
    shop.kubectl("patch", "dbe", "changed", "-n", "shop", "--type=merge", "-p", '{"spec":{"host":"other.internal"}}')
    theirs = shop.kubectl(*arguments, check=False)
    ours = tlswarden(shop, *arguments)
    assert (ours.stderr, ours.returncode) == (theirs.stderr, theirs.returncode)
    assert ours.returncode == 1


@pytest.mark.parametrize("what, happens", [
    ("condition=Ready", lambda cluster: set_status(cluster, "awaited", observedGeneration=1,
                                                   conditions=[condition("Ready")])),
    ("jsonpath={.status.strongestMode}=require", lambda cluster: set_status(cluster, "awaited", observedGeneration=1,
                                                                            strongestMode="require")),
    ("delete", lambda cluster: cluster.kubectl("delete", "dbe", "awaited", "-n", "shop")),
    ("create", lambda cluster: make(cluster, "awaited")),
], ids=["condition", "path", "delete", "create"])
def test_wait_ends_when_it_happens(shop, what, happens):
    if what != "create":
        make(shop, "awaited")
    with running(shop, "wait", "-n", "shop", "awaited", f"--for={what}", "--timeout=120s") as process:
        time.sleep(0.5)  # so that it is the watch that tells; without it the test would hold all the same
        assert process.poll() is None
        happens(shop)
        said = process.communicate(timeout=120)
    assert said == ("databaseendpoint.tlswarden.dev/awaited condition met\n", "")
    assert process.returncode == 0
    shop.kubectl("delete", "dbe", "awaited", "-n", "shop", "--ignore-not-found")


def watches(cluster):
    """How many of endpoints the server serves."""
    page = cluster.api.get("/metrics")[1].decode()
    counts = re.findall(r'^apiserver_longrunning_requests\{[^}]*resource="databaseendpoints"[^}]*\} (\d+)', page, re.M)
    return sum(map(int, counts))


def test_both_outlive_a_server_that_is_away(shop):
    make(shop, "lasting", watched="long")
    with running(shop, "wait", "-n", "shop", "lasting", "--for=condition=Ready", "--timeout=180s") as waiting, \
         running(shop, "get", "dbe", "-n", "shop", "-w", "-l", "watched=long", "-o", "name") as watching:
        name = "databaseendpoint.tlswarden.dev/lasting\n"
        assert watching.stdout.readline() == name
        wait_for(lambda: watches(shop), lambda count: count >= 2)  # who has met no server yet gives up
        shop.restart(kill=True)
        shop.wait_for_resource("tlswarden.dev/v1alpha1", "databaseendpoints")
        set_status(shop, "lasting", observedGeneration=1, conditions=[condition("Ready")])
        said, complained = waiting.communicate(timeout=120)
        assert said == "databaseendpoint.tlswarden.dev/lasting condition met\n", complained
        assert watching.stdout.readline() == name
        watching.send_signal(signal.SIGINT)
        assert watching.communicate(timeout=120)[0] == ""
        assert (waiting.returncode, watching.returncode) == (0, 0)


# -- describe ---------------------------------------------------------------------------------------------------------

def test_describe_tells_the_story(shop):
    uid = shop.get("dbe", "orders", "-n", "shop")["metadata"]["uid"]
    now = datetime.datetime.now(datetime.timezone.utc)

    def stamp(minutes):
        return (now - datetime.timedelta(minutes=minutes, seconds=30)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    for number, (begun, reason, series) in enumerate([(40, "HostnameMismatch", {"count": 3, "lastObservedTime": stamp(12)}),
                                                      (20, "CheckFailed", None)]):
        event = {"apiVersion": "events.k8s.io/v1", "kind": "Event", "eventTime": stamp(begun), "action": "Check",
                 "metadata": {"name": f"orders.{number}", "namespace": "shop"}, "type": "Warning", "reason": reason,
                 "reportingController": "tlswarden.dev/agent", "reportingInstance": "agent-0", "note": f"about {reason}",
                 "regarding": {"apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint", "name": "orders",
                               "namespace": "shop", "uid": uid}, **({"series": series} if series else {})}
        shop.kubectl("create", "-f", "-", text=json.dumps(event))

    told = tlswarden(shop, "describe", "dbe", "orders", "-n", "shop")
    assert (told.stderr, told.returncode) == ("", 0)
    lines = [line.split() for line in told.stdout.splitlines()]
    assert ["Name:", "orders"] in lines and ["Namespace:", "shop"] in lines and ["host:", "db.internal"] in lines
    assert ["verify-full", "Rejected", "HostnameMismatch"] in lines
    assert "1. Issue it." in told.stdout and "tlswarden explain HostnameMismatch" in told.stdout
    ours = lines[lines.index(["Events:"]):]
    theirs = [line.split() for line in shop.kubectl("describe", "dbe", "orders", "-n", "shop").stdout.splitlines()]
    theirs = theirs[theirs.index(["Events:"]):]
    # But for the dashes: kubectl has four of them below Age.
    assert sorted(ours[:2] + ours[3:]) == sorted(theirs[:2] + theirs[3:])
    assert ours[-1][1] == "HostnameMismatch" and ours[-1][2:6] == ["12m", "(x3", "over", "40m)"]


@pytest.mark.parametrize("arguments", [["dbe", "nobody"], ["dbe", "nobody", "-n", "nowhere"], ["dbe", "-n", "nowhere"], ["dbe", "-A", "-l", "team=nobody"]],
                         ids=" ".join)
def test_describe_of_nothing_is_kubectls(shop, arguments):
    theirs = shop.kubectl("describe", *arguments, check=False)
    ours = tlswarden(shop, "describe", *arguments)
    assert (ours.stdout, ours.stderr, ours.returncode) == (theirs.stdout, theirs.stderr, theirs.returncode)


def test_describe_takes_the_beginning_of_a_name(shop):
    told = tlswarden(shop, "describe", "dbe", "users", "-n", "shop").stdout
    assert told.splitlines()[0].split() == ["Name:", "users-with-a-longer-name"]
    assert "nobody has looked yet" in told and told.endswith("Events:  <none>\n")
