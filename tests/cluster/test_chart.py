"""charts/tlswarden and manifests/install in a real cluster: what is installed, what stays, what the agent's account may do."""

import copy
import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from chart import (CHART, CRD, EVERYTHING, INSTALL, NAMESPACE, VARIANTS, kustomize, pod_specs, render)
from documents import endpoint, status
from fleet import wait_for
from servers.process import counterpart

DEFINITION = "databaseendpoints.tlswarden.dev"


@pytest.fixture(scope="module")
def restricted(cluster):
    """A namespace that admits only pods of the level restricted."""
    cluster.kubectl("create", "namespace", "restricted")
    cluster.kubectl("label", "namespace", "restricted", "pod-security.kubernetes.io/enforce=restricted")
    return "restricted"


# -- the course of a release ------------------------------------------------------------------------------------------

@pytest.fixture
def applied(cluster):
    """What kubectl said to manifests/install, which is gone after the test."""
    yield cluster.kubectl("apply", "-k", INSTALL)
    for item in kustomize(INSTALL):
        if item["kind"] != "Namespace":  # it would stay as it goes, for ever
            namespace = ["-n", item["metadata"]["namespace"]] if "namespace" in item["metadata"] else []
            cluster.kubectl("delete", item["kind"], item["metadata"]["name"], *namespace)


def test_kubectl_alone_installs_it_too(cluster, applied):
    assert "deployment.apps/tlswarden created" in applied.stdout
    assert applied.stderr == ""
    cluster.wait_for_resource("tlswarden.dev/v1alpha1", "databaseendpoints")
    cluster.kubectl("apply", "-f", "-", text=json.dumps(endpoint()))
    assert cluster.kubectl("diff", "-k", INSTALL, check=False).stdout == "", "applying it again would change something"


def test_a_release_is_installed_and_says_what_comes_next(cluster, install):
    release = install()
    assert (release.namespace, release.service_account) == (NAMESPACE, "tlswarden")
    notes = cluster.helm("get", "notes", "tlswarden", "--namespace", NAMESPACE).stdout
    assert "kubectl rollout status deployment/tlswarden --namespace tlswarden-system" in notes
    assert "helm test tlswarden --namespace tlswarden-system" in notes
    assert "secrets.namespaces[0].namespace=NAMESPACE" in notes
    assert "The image is localhost/tlswarden:" in notes, "which no node can pull"
    example = notes.split("<<EOF\n")[1].split("  EOF")[0]
    assert cluster.kubectl("apply", "--dry-run=server", "-f", "-", text=example).stdout.startswith("databaseendpoint.")


def test_an_agent_is_started_as_its_pods_are(cluster, install):
    release = install(values={"replicas": 3})
    arguments = release.arguments("--kubeconfig", release.kubeconfig(cluster))
    assert arguments[:2] == ["agent", "--kubernetes"] and {"--listen=127.0.0.1:0", "--replicas=3"} <= set(arguments)
    assert release.environment("agent-0") == {"POD_NAME": "agent-0", "POD_NAMESPACE": NAMESPACE, "POD_UID": "uid-of-agent-0",
                                              "MONGOC_DISABLE_SHM": "1"}
    asked = cluster.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}", kubeconfig=arguments[-1])
    assert asked.stdout == f"system:serviceaccount:{NAMESPACE}:tlswarden"


@pytest.mark.parametrize("values,code", [({}, 0), ({"watchNamespaces": ["payments", "shop"]}, 0),
                                         ({"rbac": {"create": False}}, 1)], ids=["all namespaces", "two", "no rights"])
def test_helm_test_asks_what_the_agent_will_ask(cluster, install, namespaces, values, code):
    namespaces("payments", "shop")
    release = install(values=values)
    pod, = yaml.safe_load_all(cluster.helm("get", "hooks", "tlswarden", "--namespace", NAMESPACE).stdout)
    for container in pod["spec"]["containers"]:
        command = [os.environ["TLSWARDEN"], *container["args"], "--kubeconfig", release.kubeconfig(cluster)]
        # The server takes rights up some time after it has answered.
        wait_for(lambda command=command: subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                        stderr=subprocess.PIPE, timeout=120),
                 lambda done: done.returncode == code)


def older_chart(directory):
    """The chart as it might have been: its definition lacks a column, and its agent an option."""
    older = shutil.copytree(CHART, directory / "older")
    definition = yaml.safe_load(CRD.read_text(encoding="utf-8"))
    version, = definition["spec"]["versions"]
    version["additionalPrinterColumns"].pop()
    (older / "files" / CRD.name).write_text(yaml.safe_dump(definition))
    return older


def test_an_upgrade_brings_the_new_definition_and_keeps_the_endpoints(cluster, install, tmp_path):
    def columns():
        return len(cluster.get("crd", DEFINITION)["spec"]["versions"][0]["additionalPrinterColumns"])

    install(chart=older_chart(tmp_path))
    before = columns()
    cluster.kubectl("apply", "-f", "-", text=json.dumps(endpoint()))
    upgraded = install(values={"replicas": 1, "agent": {"maxChecks": 7}})
    assert columns() == before + 1
    assert {"--replicas=1", "--max-checks=7"} <= set(upgraded.arguments())
    assert cluster.get("role,poddisruptionbudget", "-n", NAMESPACE)["items"] == [], "one replica needs none"
    assert cluster.get("dbe", "orders")["spec"]["host"] == "db.internal"
    cluster.helm("rollback", "tlswarden", "1", "--namespace", NAMESPACE)
    assert columns() == before


def test_uninstalling_keeps_the_definition_and_a_new_release_takes_it_up(cluster, install):
    install()
    cluster.kubectl("apply", "-f", "-", text=json.dumps(endpoint()))
    cluster.helm("uninstall", "tlswarden", "--namespace", NAMESPACE)
    assert cluster.get("dbe", "orders")
    left = cluster.get("all,sa,role,rolebinding,pdb,configmap", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=tlswarden")
    assert left["items"] == []
    assert cluster.get("clusterrole,clusterrolebinding", "-l", "app.kubernetes.io/name=tlswarden")["items"] == []
    install()
    assert cluster.get("dbe", "orders")


def test_a_definition_that_is_not_to_be_kept_goes(cluster, install):
    install(values={"crds": {"keep": False}})
    cluster.helm("uninstall", "tlswarden", "--namespace", NAMESPACE)
    cluster.kubectl("wait", "--for=delete", f"crd/{DEFINITION}", "--timeout=120s")


@pytest.mark.parametrize("how", [[], ["--server-side"]], ids=["client", "server"])
def test_an_older_definition_that_was_applied_by_hand_can_be_handed_over(cluster, install, tmp_path, how):
    cluster.kubectl("delete", "crd", DEFINITION, "--ignore-not-found")
    cluster.kubectl("apply", *how, "-f", older_chart(tmp_path) / "files" / CRD.name)
    cluster.wait_for_resource("tlswarden.dev/v1alpha1", "databaseendpoints")
    install(values={"crds": {"enabled": False}})
    options = re.search(r"`helm upgrade (--take-ownership.*?)`", (CHART / "README.md").read_text(encoding="utf-8")).group(1)
    cluster.helm("upgrade", "tlswarden", CHART, "--namespace", NAMESPACE, "--set=crds.enabled=true", *options.split())
    newest, = yaml.safe_load(CRD.read_text(encoding="utf-8"))["spec"]["versions"]
    assert cluster.get("crd", DEFINITION)["spec"]["versions"][0]["additionalPrinterColumns"] == newest["additionalPrinterColumns"]
    assert cluster.get("crd", DEFINITION)["metadata"]["annotations"]["meta.helm.sh/release-name"] == "tlswarden"


def test_a_definition_that_another_release_left_can_be_taken_over(cluster, install):
    cluster.kubectl("delete", "crd", DEFINITION, "--ignore-not-found")
    install("first", "one")
    cluster.helm("uninstall", "first", "--namespace", "one")
    assert "exists and cannot be imported" in cluster.helm("install", "second", CHART, "--namespace", "one", check=False).stderr
    cluster.helm("install", "second", CHART, "--namespace", "one", "--take-ownership")
    assert cluster.get("crd", DEFINITION)["metadata"]["annotations"]["meta.helm.sh/release-name"] == "second"
    cluster.helm("uninstall", "second", "--namespace", "one")


def test_two_releases_share_a_definition(cluster, install, namespaces):
    namespaces("payments", "shop")
    first = install("first", "one", {"watchNamespaces": ["payments"]})
    second = install("second", "two", {"watchNamespaces": ["shop"], "crds": {"enabled": False}})
    groups = [a for release in (first, second) for a in release.arguments() if a.startswith("--lease-group=")]
    assert groups == ["--lease-group=first-tlswarden", "--lease-group=second-tlswarden"]


def test_every_kind_is_taken_by_the_server(cluster, install, namespaces):
    namespaces("payments", "shop")
    for file in sorted(counterpart("kubeconform").glob("monitoring.coreos.com_*.yaml")):
        cluster.kubectl("apply", "--server-side", "-f", file)
    cluster.wait_for_resource("monitoring.coreos.com/v1", "podmonitors")
    install(values=EVERYTHING)
    held = {item["kind"] for item in cluster.get(
        "podmonitor,prometheusrule,networkpolicy,service,configmap,pdb", "-n", NAMESPACE, "-l",
        "app.kubernetes.io/instance=tlswarden")["items"]}
    assert held == {"PodMonitor", "PrometheusRule", "NetworkPolicy", "Service", "ConfigMap", "PodDisruptionBudget"}


# -- pods -------------------------------------------------------------------------------------------------------------

def admitted(cluster, namespace, pod):
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tried", "namespace": namespace}, "spec": pod}
    return cluster.kubectl("apply", "--dry-run=server", "-f", "-", text=json.dumps(document), check=False)


@pytest.mark.parametrize("variant", VARIANTS)
def test_pods_are_admitted_where_little_is(cluster, restricted, variant):
    specs = list(pod_specs(render(VARIANTS[variant])))
    assert len(specs) == 2, "the agent's and the test's"
    for spec in specs:
        spec = {**spec, "priorityClassName": ""}  # which only kube-system may have by quota, in some clusters
        taken = admitted(cluster, restricted, spec)
        assert (taken.returncode, taken.stderr) == (0, ""), taken.stderr
        loose = copy.deepcopy(spec)
        del loose["containers"][0]["securityContext"]["capabilities"]
        assert 'violates PodSecurity "restricted' in admitted(cluster, restricted, loose).stderr


# -- what the account may do ------------------------------------------------------------------------------------------

def allowed(cluster, release, questions):
    """The questions (namespace or None, verb, group, resource, name) to which the API server says yes."""
    user = f"system:serviceaccount:{release.namespace}:{release.service_account}"
    asked = [{"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
        "user": user, "groups": ["system:serviceaccounts", f"system:serviceaccounts:{release.namespace}", "system:authenticated"],
        "resourceAttributes": {"namespace": where or "", "verb": verb, "group": group, "resource": resource.partition("/")[0],
                               "subresource": resource.partition("/")[2], "name": name or ""}}}
        for where, verb, group, resource, name in questions]
    answers = cluster.kubectl("create", "-f", "-", "-o", "jsonpath={.status.allowed} ", text=yaml.safe_dump_all(asked))
    return [question for question, answer in zip(questions, answers.stdout.split(), strict=True) if answer == "true"]


OURS, EVENTS, LEASES = "tlswarden.dev", "events.k8s.io", "coordination.k8s.io"
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
RESOURCES = ((OURS, "databaseendpoints"), (OURS, "databaseendpoints/status"), (EVENTS, "events"), ("", "events"),
             (LEASES, "leases"), ("", "secrets"), ("", "configmaps"), ("", "pods"), ("", "namespaces"), ("", "serviceaccounts"),
             ("", "serviceaccounts/token"), ("apps", "deployments"), ("rbac.authorization.k8s.io", "roles"),
             ("apiextensions.k8s.io", "customresourcedefinitions"))
WHERE = (None, NAMESPACE, "payments", "shop")  # None: in the whole cluster
READ = ("get", "list", "watch")
ENDPOINTS = {(OURS, "databaseendpoints"): READ, (OURS, "databaseendpoints/status"): ("patch",),
             (EVENTS, "events"): ("create", "patch")}
SHARING = {(LEASES, "leases"): (*READ, "create", "update", "patch", "delete")}
REFERENCES = {("", "secrets"): READ, ("", "configmaps"): READ}

# Values -> what they allow where, of any name; all else is refused.
RIGHTS = {
    "by default": ({}, {**{where: ENDPOINTS for where in WHERE}, NAMESPACE: {**ENDPOINTS, **SHARING}}),
    "one replica": ({"replicas": 1}, {where: ENDPOINTS for where in WHERE}),
    "Secrets of a namespace": (
        {"secrets": {"namespaces": [{"namespace": "payments"}]}},
        {**{where: ENDPOINTS for where in WHERE}, NAMESPACE: {**ENDPOINTS, **SHARING}, "payments": {**ENDPOINTS, **REFERENCES}}),
    "some namespaces": (
        {"watchNamespaces": ["payments", "shop"], "secrets": {"namespaces": [{"namespace": "shop", "configMaps": []}]}},
        {NAMESPACE: SHARING, "payments": ENDPOINTS, "shop": ENDPOINTS}),
    "some Secrets": (
        {"watchNamespaces": ["shop"],
         "secrets": {"namespaces": [{"namespace": "shop", "secrets": ["orders-login"], "configMaps": ["database-ca"]}]}},
        {NAMESPACE: SHARING, "shop": ENDPOINTS}),
    "none at all": ({"rbac": {"create": False}}, {}),
}


@pytest.mark.parametrize("case", RIGHTS)
def test_the_account_may_do_this_and_nothing_else(cluster, install, namespaces, case):
    namespaces("payments", "shop")
    values, rights = RIGHTS[case]
    release = install(values=values)
    questions = [(where, verb, *resource, None) for where in WHERE for resource in RESOURCES for verb in VERBS]
    granted = {(where, verb, *resource, None) for where, given in rights.items() for resource, verbs in given.items()
               for verb in verbs}
    wait_for(lambda: set(allowed(cluster, release, questions)), granted)


def test_secrets_may_be_named_one_by_one(cluster, install, namespaces):
    namespaces("payments", "shop")
    release = install(values=RIGHTS["some Secrets"][0])
    questions = [(where, verb, "", resource, name) for where in ("shop", "payments") for verb in VERBS
                 for resource in ("secrets", "configmaps") for name in ("orders-login", "database-ca", "other")]
    wait_for(lambda: set(allowed(cluster, release, questions)), {
        ("shop", verb, "", resource, name) for verb in READ
        for resource, name in (("secrets", "orders-login"), ("configmaps", "database-ca"))})
    # And this is how a list that is refused as a whole is asked for one name.
    agent = release.kubeconfig(cluster)
    for path, code in (("/api/v1/namespaces/shop/secrets?fieldSelector=metadata.name%3Dorders-login", 0),
                       ("/api/v1/namespaces/shop/secrets?fieldSelector=metadata.name%3Dother", 1),
                       ("/api/v1/namespaces/shop/secrets", 1)):
        assert cluster.kubectl("get", "--raw", path, check=False, kubeconfig=agent).returncode == code, path


def test_users_get_endpoints_with_the_roles_that_they_have(cluster, install):
    """There is no controller here that would do it: these are the labels that it goes by, and what it would hand on."""
    install()
    for theirs, expected in (("view", set(READ)), ("edit", set(VERBS)), ("admin", set(VERBS))):
        labels = f"rbac.authorization.k8s.io/aggregate-to-{theirs}=true,app.kubernetes.io/name=tlswarden"
        rules = [rule for role in cluster.get("clusterroles", "-l", labels)["items"] for rule in role["rules"]]
        assert {verb for rule in rules for verb in rule["verbs"]} == expected
        assert {resource for rule in rules for resource in rule["resources"]} == {"databaseendpoints"}, "no statuses"


def test_the_account_writes_statuses_and_events_but_no_specs(cluster, install):
    release = install()
    cluster.kubectl("apply", "-f", "-", text=json.dumps(endpoint()))
    agent = release.kubeconfig(cluster)

    wait_for(lambda: cluster.kubectl("apply", "--server-side", "--subresource=status", "-n", "default", "-f", "-", check=False,
                                     kubeconfig=agent, text=json.dumps(status(observedGeneration=1))).returncode, 0)
    for change in ('{"spec":{"host":"elsewhere.internal"}}', '{"metadata":{"labels":{"team":"other"}}}'):
        refused = cluster.kubectl("patch", "dbe", "orders", "-n", "default", "--type=merge", "-p", change, check=False,
                                  kubeconfig=agent)
        assert "forbidden" in refused.stderr
    seen = cluster.get("dbe", "orders")
    assert seen["status"]["observedGeneration"] == 1 and seen["spec"]["host"] == "db.internal"
