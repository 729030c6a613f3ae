"""charts/tlswarden without a cluster: what it renders, what it refuses, and that the same thing is said only once."""

import json
import os
import re
import subprocess

import pytest
import yaml

from chart import (CHART, CRD, EVERYTHING, INSTALL, NAMESPACE, ROOT, RULES, VARIANTS, helm, kustomize, named, package, render)

VALUES = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
README = (CHART / "README.md").read_text(encoding="utf-8")


@pytest.fixture(params=VARIANTS, scope="module")
def objects(request):
    return render(VARIANTS[request.param])


@pytest.fixture(scope="module")
def everything():
    return render(EVERYTHING)


@pytest.mark.parametrize("variant", VARIANTS)
def test_helm_finds_nothing_to_criticise(variant):
    told = helm("lint", "--strict", CHART, values=VARIANTS[variant]).stdout
    assert "WARNING" not in told and "ERROR" not in told


# -- values -----------------------------------------------------------------------------------------------------------

REFUSED = {
    "no replica": ({"replicas": 0}, "at '/replicas': minimum: got 0, want 1"),
    "a value that does not exist": ({"replica": 3}, "additional properties 'replica' not allowed"),
    "one below another that does not exist": ({"agent": {"maxcheck": 3}}, "at '/agent': additional properties 'maxcheck'"),
    "text for a number": ({"replicas": "2"}, "at '/replicas': got string, want integer"),
    "a tag in the repository": ({"image": {"repository": "a/b:1"}}, "at '/image/repository': 'a/b:1' does not match"),
    "half a digest": ({"image": {"digest": "sha256:00"}}, "at '/image/digest'"),
    "a namespace that cannot be": ({"watchNamespaces": ["Shop"]}, "at '/watchNamespaces/0': 'Shop' does not match"),
    "a namespace without its field": ({"secrets": {"namespaces": ["shop"]}}, "at '/secrets/namespaces/0': got string"),
    "Secrets where nothing is watched": (
        {"watchNamespaces": ["shop"], "secrets": {"namespaces": [{"namespace": "payments"}]}},
        "secrets.namespaces names payments, which watchNamespaces does not"),
    "a namespace whose Secrets are listed twice": (
        {"secrets": {"namespaces": [{"namespace": "shop", "secrets": ["a"]}, {"namespace": "shop", "secrets": ["b"]}]}},
        "secrets.namespaces names shop twice"),
    "an unknown level of the log": ({"agent": {"logLevel": "loud"}}, "at '/agent/logLevel': value must be one of"),
    "a budget that lets no node be drained": ({"podDisruptionBudget": {"maxUnavailable": 0}}, "minimum: got 0, want 1"),
    "a directory of the node": (
        {"files": {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]}}, "at '/files/volumes/0/hostPath'"),
    "a volume of a name that is taken": ({"files": {"volumes": [{"name": "tmp", "emptyDir": {}}]}}, "/files/volumes/0/name"),
    "no account at all": ({"serviceAccount": {"create": False}}, "serviceAccount.name must say which account to use"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_values_that_make_no_sense_are_refused_with_where_they_are(case):
    values, message = REFUSED[case]
    refused = helm("template", "x", CHART, values=values, check=False)
    assert refused.returncode != 0 and message in refused.stderr, refused.stderr


AS_A_WHOLE = ("podSecurityContext", "securityContext", "grafanaDashboard.labels")


def leaves(values, path=""):
    for name, value in values.items():
        here = f"{path}{name}"
        if isinstance(value, dict) and value and here not in AS_A_WHOLE:
            yield from leaves(value, here + ".")
        else:
            yield here, value


def test_the_readme_lists_every_value_with_its_default():
    listed = dict(re.findall(r"^\| `([\w.]+)` \| (.*?) \| .*\|$", README.split("## Values")[1], re.M))
    told = {name: f"`{json.dumps(value, separators=(',', ':'))}`" for name, value in leaves(VALUES)}
    described = {"podSecurityContext", "securityContext"}
    assert {n: d for n, d in listed.items() if n not in described} == {n: d for n, d in told.items() if n not in described}
    assert list(listed) == list(told), "in another order than in values.yaml"


def test_the_schema_knows_every_value():
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))

    def known(values, part):
        if "$ref" in part or "properties" not in part:
            return
        assert set(values) <= set(part["properties"]), part
        for name, value in values.items():
            if isinstance(value, dict):
                known(value, part["properties"][name])
    known(VALUES, schema)
    assert set(schema["properties"]) == {*VALUES, "global"}


def test_the_readmes_commands_and_values_are_understood():
    for line in re.findall(r"^\$ helm install (.*?)$", README.replace("\\\n", " "), re.M):
        words = [w for w in line.split() if w != "--create-namespace"]
        helm("template", words[0], ROOT / words[1], *words[2:])
    documents = [d for text in re.findall(r"```yaml\n(.*?)```", README, re.S) for d in yaml.safe_load_all(text)]
    release = named([d for d in documents if "kind" in d], "HelmRelease")["spec"]
    assert ROOT / release["chart"]["spec"]["chart"] == CHART
    examples = [d for d in documents if "kind" not in d and not any(key.startswith("resource.customizations") for key in d)]
    assert len(examples) == 2
    examples.append(release["values"])
    for values in examples:
        render(values)


# -- one release, one source ------------------------------------------------------------------------------------------

def test_all_versions_are_the_projects():
    version = re.search(r"project\(tlswarden VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    images, = yaml.safe_load((INSTALL / "kustomization.yaml").read_text())["images"]
    assert (chart["version"], chart["appVersion"], images["newTag"]) == (version, version, version)
    container, = named(render(), "Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"localhost/tlswarden:{version}"


COPIES = {"files/databaseendpoint.crd.yaml": CRD, "files/tlswarden.rules.yaml": RULES, "LICENSE": ROOT / "LICENSE"}


@pytest.mark.parametrize("name", COPIES)
def test_what_the_chart_copies_is_its_source(name):
    """Not links: Flux leaves them out of what it fetches from Git, and Helm speaks of each whenever it is called."""
    copy, source = CHART / name, COPIES[name]
    assert not copy.is_symlink() and copy.read_bytes() == source.read_bytes(), f"cp {source} {copy}"


def test_a_packaged_chart_holds_all_that_it_needs(tmp_path):
    unpacked = package(tmp_path)
    assert all((unpacked / name).read_bytes() == source.read_bytes() for name, source in COPIES.items())
    assert render(EVERYTHING, chart=unpacked) == render(EVERYTHING)


def test_the_definition_is_the_schemas(objects):
    if any(o["kind"] == "CustomResourceDefinition" for o in objects):
        rendered, source = named(objects, "CustomResourceDefinition"), yaml.safe_load(CRD.read_text(encoding="utf-8"))
        assert rendered["spec"] == source["spec"] and rendered["metadata"]["name"] == source["metadata"]["name"]
        assert rendered["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_the_rules_are_the_alerts_and_promtool_takes_them(everything, tmp_path):
    rule = named(everything, "PrometheusRule")
    assert rule["spec"] == yaml.safe_load(RULES.read_text(encoding="utf-8"))
    assert rule["metadata"]["labels"]["release"] == "prometheus"
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rule["spec"]))
    checked = subprocess.run(["promtool", "check", "rules", "--lint=all", "--lint-fatal", tmp_path / "rules.yaml"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert checked.returncode == 0, checked.stdout


def test_the_dashboard_is_the_file(everything):
    shipped = named(everything, "ConfigMap")
    assert json.loads(shipped["data"]["tlswarden.json"]) == json.loads((CHART / "files" / "dashboard.json").read_text())
    assert shipped["metadata"]["labels"]["grafana_dashboard"] == "1"


HELMS_OWN = {"helm.sh/chart", "helm.sh/resource-policy", "app.kubernetes.io/managed-by", "app.kubernetes.io/version"}


def without_helm(item):
    """The object without what only Helm has a use for."""
    for metadata in (item["metadata"], item.get("spec", {}).get("template", {}).get("metadata", {})):
        for field in ("labels", "annotations"):
            kept = {key: value for key, value in metadata.pop(field, {}).items() if key not in HELMS_OWN}
            if kept:
                metadata[field] = kept
    return item


def test_kubectl_alone_installs_what_the_chart_does():
    def by_name(objects):
        return {(o["kind"], o["metadata"]["name"], o["metadata"].get("namespace")): without_helm(o) for o in objects
                if "helm.sh/hook" not in o["metadata"].get("annotations", {})}
    charts, ours = by_name(render()), by_name(kustomize(INSTALL))
    namespace = ours.pop(("Namespace", NAMESPACE, None))
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert set(ours) == set(charts)
    for key, item in charts.items():
        assert ours[key] == item, key


# -- what is rendered -------------------------------------------------------------------------------------------------

def deployment(**values):
    return named(render(values), "Deployment")


def arguments(**values):
    return deployment(**values)["spec"]["template"]["spec"]["containers"][0]["args"]


def test_one_replica_is_replaced_and_several_roll():
    assert deployment(replicas=1)["spec"]["strategy"] == {"type": "Recreate"}
    assert deployment(replicas=2)["spec"]["strategy"]["type"] == "RollingUpdate"
    kinds = [o["kind"] for o in render({"replicas": 1})]
    assert "PodDisruptionBudget" not in kinds and "Role" not in kinds
    assert named(render(), "PodDisruptionBudget")["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_replicas_keep_apart_unless_told_how_else():
    def affinity(**values):
        return deployment(**values)["spec"]["template"]["spec"].get("affinity")

    apart, nodes = affinity(), {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}}
    assert set(apart) == {"podAntiAffinity"}
    assert affinity(affinity=nodes) == {**nodes, **apart}
    assert affinity(affinity={"podAntiAffinity": {"x": 1}}) == {"podAntiAffinity": {"x": 1}}
    assert affinity(affinity={"podAntiAffinity": {}}) == {"podAntiAffinity": {}}


def test_the_agent_is_told_what_the_values_say():
    alone = arguments(replicas=1)
    assert alone[:2] == ["agent", "--kubernetes"] and "--replicas=1" in alone
    assert not [a for a in alone if a.startswith(("--lease-group", "--namespace", "--allow-files"))]
    told = arguments(**EVERYTHING)
    assert [a for a in told if a.startswith("--namespace")] == ["--namespace=payments", "--namespace=shop"]
    assert {"--replicas=3", "--lease-group=fleet", "--allow-files=/etc/tlswarden/files", "--grace=40", "--expose-label=team",
            "--expose-label=example.com/owner"} <= set(told)


def test_the_agent_knows_every_argument_and_gets_none_twice_but_lists():
    names = [a.split("=")[0] for a in arguments(**EVERYTHING) if a.startswith("--")]
    known = subprocess.run([os.environ["TLSWARDEN"], "agent", "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert [n for n in names if not re.search(rf"{n}\b", known)] == []
    once = [n for n in names if n not in ("--namespace", "--expose-label")]
    assert len(once) == len(set(once))


def test_a_pod_lives_longer_than_the_agents_grace(objects):
    for item in (o for o in objects if o["kind"] == "Deployment"):
        spec = item["spec"]["template"]["spec"]
        grace = next(int(a.split("=")[1]) for a in spec["containers"][0]["args"] if a.startswith("--grace="))
        assert spec["terminationGracePeriodSeconds"] > grace


def test_probes_and_monitors_ask_at_declared_ports(objects):
    container, = named(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    listen = next(a for a in container["args"] if a.startswith("--listen="))
    assert ports == {"http": int(listen.rpartition(":")[2])}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["port"] in ports
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez" != container["readinessProbe"]["httpGet"]["path"]
    for item in objects:
        if item["kind"] == "Service":
            assert all(port["targetPort"] in ports for port in item["spec"]["ports"])
        if item["kind"] == "PodMonitor":
            endpoint, = item["spec"]["podMetricsEndpoints"]
            assert endpoint["port"] in ports and endpoint["honorLabels"] is True
        if item["kind"] == "NetworkPolicy":
            assert [port["port"] for rule in item["spec"]["ingress"] for port in rule["ports"]] == ["http"]


def test_whatever_selects_pods_selects_the_agents_and_no_others(objects):
    def selectors(item):
        spec = item.get("spec", {})
        found = [spec.get("selector"), spec.get("podSelector")]
        if item["kind"] == "Deployment":
            pod = spec["template"]["spec"]
            found += [c["labelSelector"] for c in pod["topologySpreadConstraints"]]
            found += [t["podAffinityTerm"]["labelSelector"]
                      for t in pod["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]]
        return [s.get("matchLabels", s) for s in found if s]

    labels = named(objects, "Deployment")["spec"]["template"]["metadata"]["labels"]
    tests = named(objects, "Pod")["metadata"]["labels"]
    wanted = [s for o in objects if o["kind"] != "CustomResourceDefinition" for s in selectors(o)]
    assert len(wanted) >= 4
    for selector in wanted:
        assert selector.items() <= labels.items() and not selector.items() <= tests.items()


def test_volumes_hold_what_endpoints_and_trust_need(everything):
    pod = named(everything, "Deployment")["spec"]["template"]["spec"]
    container, = pod["containers"]
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    assert set(mounts) == {volume["name"] for volume in pod["volumes"]}
    assert mounts["trust"]["mountPath"] == "/etc/tlswarden/files/trust" and mounts["trust"]["readOnly"]
    environment = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert environment["SSL_CERT_FILE"].startswith(mounts["tlswarden-trust"]["mountPath"])


def test_a_network_policy_leaves_databases_anywhere_unless_told():
    policy = named(render({"networkPolicy": {"enabled": True}}), "NetworkPolicy")["spec"]
    assert policy["egress"] == [{}] and set(policy["policyTypes"]) == {"Ingress", "Egress"}
    rules = named(render(EVERYTHING), "NetworkPolicy")["spec"]["egress"]
    ports = [[(p["protocol"], p["port"]) for p in rule.get("ports", [])] for rule in rules]
    assert ports == [[("UDP", 53), ("TCP", 53)], [("TCP", 443), ("TCP", 6443)], []]
    assert rules[2] == EVERYTHING["networkPolicy"]["databases"][0]


def test_labels_and_annotations_for_all_are_on_all(everything):
    for item in everything:
        assert item["metadata"]["labels"]["team"] == "platform", item["metadata"]["name"]
        assert item["metadata"]["annotations"]["example.com/source"] == "git", item["metadata"]["name"]
        assert item["metadata"]["labels"]["app.kubernetes.io/name"] == "tlswarden"


def test_two_releases_of_one_name_do_not_meet():
    def cluster_scoped(namespace):
        return {(o["kind"], o["metadata"]["name"]) for o in render(namespace=namespace)
                if "namespace" not in o["metadata"] and o["kind"] != "CustomResourceDefinition"}
    assert cluster_scoped("one") and not cluster_scoped("one") & cluster_scoped("two")


def test_nothing_outside_of_namespaces_is_made_where_that_is_asked_for():
    objects = render({"watchNamespaces": ["payments", "shop"], "crds": {"enabled": False}, "rbac": {"aggregate": False},
                      "secrets": {"namespaces": [{"namespace": "shop"}]}})
    assert {o["metadata"].get("namespace") for o in objects} == {NAMESPACE, "payments", "shop"}


def test_helms_test_asks_in_each_namespace_that_is_watched():
    pod = named(render({"watchNamespaces": ["payments", "shop"]}), "Pod")["spec"]
    assert [c["args"] for c in pod["containers"]] == [["get", "databaseendpoints", "--namespace", name]
                                                      for name in ("payments", "shop")]
    assert len({c["name"] for c in pod["containers"]}) == 2
    alone, = named(render(), "Pod")["spec"]["containers"]
    assert alone["args"] == ["get", "databaseendpoints", "--all-namespaces"]


def test_long_names_are_still_names():
    objects = render(release=53 * "r")
    for item in objects:
        limit = 63 if item["kind"] not in ("CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding") else 253
        assert len(item["metadata"]["name"]) <= limit
    container, = named(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
    group, = (a.partition("=")[2] for a in container["args"] if a.startswith("--lease-group="))
    assert len(group) <= 40
