"""The chart as Helm renders it, and as it is installed into a cluster."""

import itertools
import json
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from servers.process import counterpart

ROOT = Path(__file__).resolve().parent.parent.parent
CHART = ROOT / "charts" / "tlswarden"
INSTALL = ROOT / "manifests" / "install"
RULES = ROOT / "manifests" / "alerts" / "tlswarden.rules.yaml"
CRD = ROOT / "schema" / "databaseendpoint.crd.yaml"
RELEASE, NAMESPACE = "tlswarden", "tlswarden-system"

# Everything that can be switched on, with a value other than the default wherever one makes a difference.
EVERYTHING = {
    "global": {"anything": 1},
    "replicas": 3,
    "image": {"repository": "registry.internal:5000/platform/tlswarden", "digest": "sha256:" + 64 * "0", "pullPolicy": "Always"},
    "imagePullSecrets": [{"name": "registry"}],
    "agent": {"exposeLabels": ["team", "example.com/owner"], "leaseGroup": "fleet", "gracePeriodSeconds": 40},
    "watchNamespaces": ["payments", "shop"],
    "secrets": {"namespaces": [{"namespace": "payments"},
                               {"namespace": "shop", "secrets": ["orders-login"], "configMaps": []}]},
    "files": {"volumes": [{"name": "trust", "configMap": {"name": "database-cas"}}]},
    "trustBundle": {"configMap": "private-ca"},
    "commonLabels": {"team": "platform"},
    "commonAnnotations": {"example.com/source": "git"},
    "deploymentAnnotations": {"example.com/reload": "true"},
    "podLabels": {"example.com/zone": "inner"},
    "podAnnotations": {"example.com/scan": "no"},
    "serviceAccount": {"name": "watcher", "annotations": {"example.com/role": "reader"}},
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "priorityClassName": "system-cluster-critical",
    "networkPolicy": {"enabled": True,
                      "metricsFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
                      "databases": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]},
    "service": {"enabled": True},
    "podMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
    "grafanaDashboard": {"enabled": True},
}
# Sets of values under which the chart must be sound: name -> values.
VARIANTS = {
    "defaults": {},
    "alone": {"replicas": 1},
    "everything": EVERYTHING,
    "nothing": {"replicas": 1, "rbac": {"create": False}, "serviceAccount": {"create": False, "name": "theirs"},
                "crds": {"enabled": False}, "networkPolicy": {"enabled": True}},
}


def helm(*arguments, values=None, check=True):
    """Helm without a cluster. `values` become a file of their own, on standard input."""
    given = ["--values", "-"] if values is not None else []
    done = subprocess.run([str(counterpart("kubernetes") / "helm"), *map(str, arguments), *given], text=True,
                          input=None if values is None else json.dumps(values), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, **({"stdin": subprocess.DEVNULL} if values is None else {}))
    assert not check or done.returncode == 0, done.stderr
    return done


def kustomize(directory):
    """What `kubectl apply -k` would apply."""
    done = subprocess.run([str(counterpart("kubernetes") / "kubectl"), "kustomize", str(directory)], check=True, text=True,
                          stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=120)
    return list(yaml.safe_load_all(done.stdout))


def render(values=None, release=RELEASE, namespace=NAMESPACE, chart=CHART):
    """The objects of a release, its test's among them."""
    rendered = helm("template", release, chart, "--namespace", namespace, values=values or {})
    return [document for document in yaml.safe_load_all(rendered.stdout) if document]


def named(objects, kind, name=None):
    """The one object of a kind, or of a kind and a name."""
    found = [o for o in objects if o["kind"] == kind and name in (None, o["metadata"]["name"])]
    assert len(found) == 1, (kind, name, [(o["kind"], o["metadata"]["name"]) for o in objects])
    return found[0]


def pod_specs(objects):
    """Of everything that becomes a pod."""
    for item in objects:
        if item["kind"] == "Deployment":
            yield item["spec"]["template"]["spec"]
        elif item["kind"] == "Pod":
            yield item["spec"]


def package(directory):
    """The chart as `helm package` makes it, unpacked again: what is installed from a repository."""
    helm("package", CHART, "--destination", directory)
    archive, = Path(directory).glob("tlswarden-*.tgz")
    with tarfile.open(archive) as content:
        content.extractall(directory)
    return Path(directory) / "tlswarden"


@dataclass
class Installed:
    """A release in a cluster. As no pod ever runs there, who tests starts the agent with what its pods would get."""

    namespace: str
    deployment: dict = field(repr=False)

    @property
    def service_account(self):
        return self.deployment["spec"]["template"]["spec"]["serviceAccountName"]

    @property
    def _container(self):
        return self.deployment["spec"]["template"]["spec"]["containers"][0]

    def arguments(self, *more, listen="127.0.0.1:0"):
        """The container's, with another address to listen on; `more` come on top, such as --kubeconfig."""
        given = ["--listen=" + listen if a.startswith("--listen=") else a for a in self._container["args"]]
        return [*given, *map(str, more)]

    def environment(self, pod):
        """The container's, in a pod of that name."""
        told = {"metadata.name": pod, "metadata.namespace": self.namespace, "metadata.uid": f"uid-of-{pod}"}
        return {variable["name"]: variable["value"] if "value" in variable
                else told[variable["valueFrom"]["fieldRef"]["fieldPath"]] for variable in self._container["env"]}

    def kubeconfig(self, cluster, seconds=3600):
        """The path of one with a token of the release's account, each time another: what the agent lives under."""
        token = cluster.service_account_token(self.namespace, self.service_account, seconds)
        return cluster.kubeconfig(f"{self.namespace}-{self.service_account}-{next(_COUNT)}", {"token": token}, self.namespace)


_COUNT = itertools.count(1)


def install_chart(cluster, release=RELEASE, namespace=NAMESPACE, values=None, *, chart=CHART):
    """Installs or upgrades a release. The namespaces that `values` name must exist; the release's own is made. A definition
    of DatabaseEndpoint that is another's, as the one of the fixture `crd`, is left to whose it is."""
    values = dict(values or {})
    present = cluster.get("crd", "--field-selector", "metadata.name=databaseendpoints.tlswarden.dev")["items"]
    owner = {f"meta.helm.sh/release-{what}": name for what, name in (("name", release), ("namespace", namespace))}
    if present and not owner.items() <= present[0]["metadata"].get("annotations", {}).items():
        values.setdefault("crds", {"enabled": False})
    file = cluster.directory / f"{namespace}-{release}.values.json"
    file.write_text(json.dumps(values))
    cluster.helm("upgrade", "--install", release, chart, "--namespace", namespace, "--create-namespace", "--values", file)
    cluster.wait_for_resource("tlswarden.dev/v1alpha1", "databaseendpoints")
    deployments = cluster.get("deployments", "-n", namespace, "-l", f"app.kubernetes.io/instance={release}")["items"]
    assert len(deployments) == 1
    return Installed(namespace, deployments[0])
