"""What linters say of the chart and of manifests/install: kubeconform with the API server's own schemas, and by rules of our own
what kube-linter looks for, which cannot be had from the Go module proxy. Each rule is named after its check there."""

import json
import subprocess

import pytest
import yaml

from chart import EVERYTHING, INSTALL, ROOT, VARIANTS, kustomize, named, pod_specs, render
from schemas import write_schemas
from servers.process import counterpart

SETS = {**{name: lambda values=values: render(values) for name, values in VARIANTS.items()},
        "manifests/install": lambda: kustomize(INSTALL)}


@pytest.fixture(params=SETS, scope="module")
def objects(request):
    return SETS[request.param]()


# -- kubeconform ------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def kubeconform(cluster, crd, tmp_path_factory):
    """A function: what is said of each object that is not in order."""
    for file in sorted(counterpart("kubeconform").glob("monitoring.coreos.com_*.yaml")):
        cluster.kubectl("apply", "--server-side", "-f", file)
    cluster.wait_for_path("/openapi/v3/apis/monitoring.coreos.com/v1")
    used = {o["apiVersion"] for values in (*VARIANTS.values(), EVERYTHING) for o in render(values)}
    place = write_schemas(cluster, tmp_path_factory.mktemp("schemas"), sorted(used | {"tlswarden.dev/v1alpha1"}))

    def check(documents):
        program = str(counterpart("kubeconform") / "kubeconform")
        done = subprocess.run([program, "-strict", "-output", "json", "-schema-location", place, "-"], text=True, timeout=120,
                              input=yaml.safe_dump_all(documents), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 0 or json.loads(done.stdout)["resources"], done.stderr
        return {told["name"]: told["msg"] for told in json.loads(done.stdout)["resources"]}
    return check


def test_every_object_is_what_the_api_server_takes(kubeconform, objects):
    assert kubeconform(objects) == {}


def test_so_is_every_example(kubeconform):
    for file in sorted((ROOT / "manifests").glob("*.yaml")):
        documents = [d for d in yaml.safe_load_all(file.read_text(encoding="utf-8")) if d]
        assert kubeconform(documents) == {}, file.name


def test_a_misspelt_field_would_be_told(kubeconform):
    for kind, path in (("Deployment", ["spec", "template", "spec"]), ("PodMonitor", ["spec"])):
        item = part = named(render(EVERYTHING), kind)
        for name in path:
            part = part[name]
        part["servicAccount"] = "x"
        assert "servicAccount" in kubeconform([item])[item["metadata"]["name"]]


# -- kube-linter ------------------------------------------------------------------------------------------------------

def containers(objects):
    found = [container for pod in pod_specs(objects) for container in pod["containers"]]
    assert found
    return found


def rules(objects):
    """(Role or ClusterRole, rule)"""
    return [(o, rule) for o in objects if o["kind"] in ("Role", "ClusterRole") for rule in o["rules"] or []]


def test_host_ipc_host_network_host_pid_sensitive_host_mounts_docker_sock(objects):
    for pod in pod_specs(objects):
        assert not {"hostIPC", "hostNetwork", "hostPID"} & set(pod)
        assert all("hostPath" not in volume for volume in pod["volumes"])


def test_privileged_container_privilege_escalation_container_drop_net_raw_capability_no_read_only_root_fs(objects):
    for container in containers(objects):
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                                "capabilities": {"drop": ["ALL"]}}


def test_run_as_non_root_unsafe_sysctls(objects):
    for pod in pod_specs(objects):
        context = pod["securityContext"]
        assert context["runAsNonRoot"] is True and min(context["runAsUser"], context["runAsGroup"]) >= 10000
        assert "sysctls" not in context


def test_latest_tag(objects):
    for container in containers(objects):
        tag = container["image"].rpartition("/")[2]
        assert ("@sha256:" in tag or ":" in tag) and not tag.endswith(":latest")


def test_unset_cpu_requirements_unset_memory_requirements(objects):
    for container in containers(objects):
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]


def test_duplicate_env_var_env_var_secret_read_secret_from_env_var(objects):
    for container in containers(objects):
        names = [variable["name"] for variable in container.get("env", [])]
        assert len(names) == len(set(names)) and not [n for n in names if "SECRET" in n]
        assert "secretKeyRef" not in json.dumps(container.get("env", [])) and "envFrom" not in container


def test_no_anti_affinity_no_rolling_update_strategy(objects):
    spec = named(objects, "Deployment")["spec"]
    if spec["replicas"] > 1:
        assert spec["strategy"]["type"] == "RollingUpdate"
        assert "podAntiAffinity" in spec["template"]["spec"]["affinity"]


def test_no_liveness_probe_no_readiness_probe_ssh_port_privileged_ports(objects):
    container, = named(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert {"livenessProbe", "readinessProbe", "startupProbe"} <= set(container)
    assert all(port["containerPort"] > 1024 for port in container["ports"])


def test_pdb_max_unavailable_pdb_min_available_pdb_unhealthy_pod_eviction_policy(objects):
    for item in (o for o in objects if o["kind"] == "PodDisruptionBudget"):
        assert item["spec"]["maxUnavailable"] == 1 and "minAvailable" not in item["spec"]
        assert item["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_non_existent_service_account_default_service_account_deprecated_service_account_field(objects):
    made = {o["metadata"]["name"] for o in objects if o["kind"] == "ServiceAccount"}
    for pod in pod_specs(objects):
        assert pod["serviceAccountName"] in (made or {"theirs"}) and "serviceAccount" not in pod
    for item in (o for o in objects if o["kind"] == "ServiceAccount"):
        assert item["automountServiceAccountToken"] is False


def test_mismatching_selector_dangling_service(objects):
    labels = named(objects, "Deployment")["spec"]["template"]["metadata"]["labels"].items()
    assert named(objects, "Deployment")["spec"]["selector"]["matchLabels"].items() <= labels
    assert all(o["spec"]["selector"].items() <= labels for o in objects if o["kind"] == "Service")


def test_use_namespace_no_extensions_v1beta(objects):
    everywhere = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Namespace"}
    for item in objects:
        assert "beta" not in item["apiVersion"]
        assert ("namespace" in item["metadata"]) is (item["kind"] not in everywhere)
        assert item["metadata"].get("namespace") != "default"


def test_access_to_secrets(objects):
    """In no namespace that was not asked for, in the whole cluster never, and never to write."""
    for role, rule in rules(objects):
        if {"secrets", "configmaps"} & set(rule["resources"]):
            assert role["kind"] == "Role" and role["metadata"]["namespace"] in ("payments", "shop")
            assert set(rule["verbs"]) == {"get", "list", "watch"}
            assert role["metadata"]["namespace"] != "shop" or rule["resourceNames"] == ["orders-login"]


def test_wildcard_in_rules_access_to_create_pods_cluster_admin_role_binding(objects):
    for _, rule in rules(objects):
        assert not {"*", "pods", "nonResourceURLs"} & {*rule["apiGroups"], *rule["resources"], *rule["verbs"], *rule}
    for item in (o for o in objects if o["kind"].endswith("RoleBinding")):
        assert item["roleRef"]["name"] in {role["metadata"]["name"] for role, _ in rules(objects)}
