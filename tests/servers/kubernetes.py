"""A real Kubernetes API server on an etcd of its own: RBAC, admission, audit and tokens as a cluster has them, with neither
controllers nor nodes behind them. A namespace that is deleted stays Terminating, and no pod ever runs."""

import base64
import collections
import contextlib
import datetime
import http.client
import json
import os
import signal
import ssl
import subprocess
import time
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from . import certificates
from .process import Server, counterpart, free_port

ISSUER = "https://kubernetes.default.svc"
SHORTEST_REQUESTED = 600  # seconds; the API server grants no TokenRequest for less
GRACE = 60  # seconds for which it takes a token beyond its end

# Who asked for what, when, and how it ended; never the bodies.
AUDIT_POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
"""


class Storage(Server):
    """The etcd behind the API server, without TLS."""

    def command(self):
        clients, peers = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{free_port()}"
        return [str(counterpart("kubernetes") / "etcd"), "--name", "solo", "--data-dir", str(self.directory / "data"),
                "--listen-client-urls", clients, "--advertise-client-urls", clients, "--listen-peer-urls", peers,
                "--initial-advertise-peer-urls", peers, "--initial-cluster", f"solo={peers}", "--unsafe-no-fsync",
                "--log-level", "warn"]

    def ready(self):
        try:
            self.ask("maintenance/status", {})
            return True
        except (OSError, http.client.HTTPException):
            return False

    def ask(self, call, body):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("POST", f"/v3/{call}", json.dumps(body))
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise http.client.HTTPException(f"etcd answers {answer.status} to {call}: {content[:300]}")
            return json.loads(content)

    def compact(self):
        """Forgets every revision but the newest."""
        newest = self.ask("kv/range", {"key": base64.b64encode(b"\0").decode()})["header"]["revision"]
        self.ask("kv/compaction", {"revision": newest, "physical": True})


class ApiServer(Server):
    """`settings` are further options of kube-apiserver."""

    def __init__(self, directory, storage, settings):
        super().__init__(directory, port=free_port())
        self.storage = storage
        self.settings = list(settings)
        self.trust = None  # an ssl.SSLContext with the administrator's certificate, once it was prepared

    def _file(self, name):
        return str(self.directory / name)

    def prepare(self):
        if self.trust:
            return
        authority = certificates.Authority("Kubernetes")
        server = authority.server(dns=("localhost", "kubernetes.default.svc"))
        administrator = authority.client("admin", organization="system:masters")
        self.signing_key = certificates.rsa_key()
        for name, pem in (("ca.crt", authority.root.certificate_pem()), ("server.crt", server.chain_pem()),
                          ("server.key", server.key_pem()), ("admin.crt", administrator.chain_pem()),
                          ("admin.key", administrator.key_pem()),
                          ("tokens.key", certificates.Identity(None, self.signing_key).key_pem()),
                          ("audit-policy.yaml", AUDIT_POLICY.encode())):
            certificates.write(self.directory / name, pem, 0o600 if name.endswith(".key") else 0o644)
        self.trust = ssl.create_default_context(cafile=self._file("ca.crt"))
        self.trust.load_cert_chain(self._file("admin.crt"), self._file("admin.key"))

    def command(self):
        return [str(counterpart("kubernetes") / "kube-apiserver"),
                f"--etcd-servers=http://127.0.0.1:{self.storage.port}", "--bind-address=127.0.0.1",
                f"--secure-port={self.port}", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
                f"--tls-cert-file={self._file('server.crt')}", f"--tls-private-key-file={self._file('server.key')}",
                f"--client-ca-file={self._file('ca.crt')}", "--authorization-mode=RBAC",
                f"--service-account-issuer={ISSUER}", f"--service-account-key-file={self._file('tokens.key')}",
                f"--service-account-signing-key-file={self._file('tokens.key')}",
                "--service-account-extend-token-expiration=false", "--service-cluster-ip-range=10.0.0.0/24",
                # Without it, a server that is told to stop waits a minute for its watches to end.
                "--shutdown-watch-termination-grace-period=2s",
                # Nothing makes the accounts that pods would be given.
                "--disable-admission-plugins=ServiceAccount", *self.settings]

    def ready(self):
        """/readyz does not wait for the namespaces that every cluster has."""
        try:
            return self.get("/readyz")[0] == 200 and self.get("/api/v1/namespaces/default")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path):
        """(status, body) for the administrator."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=self.trust)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()


class Kubernetes:
    """`audit`: keep a log of the requests, which requests() reads. `settings`: further options of kube-apiserver, such as
    --watch-cache=false, with which compact() alone makes a resourceVersion too old."""

    def __init__(self, directory, *, audit=False, settings=()):
        self.directory = Path(directory)
        self.audit_log = self.directory / "audit.log"
        if audit:
            # One file, however long the test: requests() reads no other.
            settings = [f"--audit-log-path={self.audit_log}", "--audit-log-maxsize=100000",
                        f"--audit-policy-file={self.directory / 'api' / 'audit-policy.yaml'}", *settings]
        self.storage = Storage(self.directory / "etcd")
        self.api = ApiServer(self.directory / "api", self.storage, settings)

    def start(self):
        self.storage.start()
        try:
            self.api.start()
        except Exception:
            self.stop()
            raise
        self.admin = self.kubeconfig("admin", {"client-certificate": str(self.api.directory / "admin.crt"),
                                               "client-key": str(self.api.directory / "admin.key")})
        return self

    def stop(self):
        self.api.stop()
        self.storage.stop()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @contextlib.contextmanager
    def outage(self, kill=False):
        """No API server while this lasts; afterwards the same one at the same port. `kill`: it ends no watch, it is gone."""
        self.api.stop_signal = signal.SIGKILL if kill else signal.SIGTERM
        self.api.stop()
        try:
            yield
        finally:
            self.api.start()

    def restart(self, kill=False):
        with self.outage(kill):
            pass

    def compact(self):
        """Makes etcd forget all older revisions. The API server's own cache still knows those that it saw."""
        self.storage.compact()

    @property
    def url(self):
        return f"https://127.0.0.1:{self.api.port}"

    @property
    def ca_file(self):
        return self.api.directory / "ca.crt"

    def kubeconfig(self, name, user, namespace="default"):
        """Writes a kubeconfig for one user, such as {"token": "…"}; its path."""
        document = {"apiVersion": "v1", "kind": "Config", "current-context": name,
                    "clusters": [{"name": "test", "cluster": {"server": self.url, "certificate-authority": str(self.ca_file)}}],
                    "users": [{"name": name, "user": user}],
                    "contexts": [{"name": name, "context": {"cluster": "test", "user": name, "namespace": namespace}}]}
        path = self.directory / f"{name}.kubeconfig"
        certificates.write(path, yaml.safe_dump(document).encode(), 0o600)
        return path

    def kubectl(self, *arguments, text=None, check=True, kubeconfig=None):
        """`text` goes to its standard input. Without `check` the caller looks at the exit code."""
        return self._run("kubectl", arguments, text, check, kubeconfig)

    def helm(self, *arguments, check=True, kubeconfig=None):
        return self._run("helm", arguments, None, check, kubeconfig)

    def _run(self, program, arguments, text, check, kubeconfig):
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        done = subprocess.run([str(counterpart("kubernetes") / program), *map(str, arguments)], input=text, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
                              env={"PATH": os.environ["PATH"], "HOME": str(home), "KUBECONFIG": str(kubeconfig or self.admin)},
                              **({} if text is not None else {"stdin": subprocess.DEVNULL}))
        if check and done.returncode != 0:
            raise AssertionError(f"{program} {' '.join(map(str, arguments))} ended with {done.returncode}:\n"
                                 f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done

    def get(self, *what):
        """What kubectl get shows, parsed."""
        return json.loads(self.kubectl("get", *what, "-o", "json").stdout)

    def wait_for_path(self, path):
        """Until the server answers to a path, as it does soon after it was told of a resource."""
        deadline = time.monotonic() + 120
        while self.api.get(path)[0] != 200:
            assert time.monotonic() < deadline, f"{path} has not come up"
            time.sleep(0.05)

    def wait_for_resource(self, group_version, plural):
        """Until the server knows a resource, and what kubectl validates its documents with, which comes later still."""
        self.wait_for_path(f"/apis/{group_version}/{plural}")
        self.wait_for_path(f"/openapi/v3/apis/{group_version}")

    def service_account_token(self, namespace, name, seconds=3600):
        """A token of an account that exists, by TokenRequest; one that ends sooner than the server grants, by the server's
        key. A token that is in use is refused up to 10 s late, until when the server remembers it."""
        if seconds >= SHORTEST_REQUESTED:
            return self.kubectl("create", "token", name, "-n", namespace, f"--duration={seconds}s").stdout.strip()
        uid = self.get("serviceaccount", name, "-n", namespace)["metadata"]["uid"]
        begin = int(time.time()) - GRACE
        claims = {"iss": ISSUER, "aud": [ISSUER], "sub": f"system:serviceaccount:{namespace}:{name}", "iat": begin,
                  "nbf": begin, "exp": begin + seconds,
                  "kubernetes.io": {"namespace": namespace, "serviceaccount": {"name": name, "uid": uid}}}
        signed = b".".join(_base64url(json.dumps(part).encode()) for part in ({"alg": "RS256"}, claims))
        signature = self.api.signing_key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return (signed + b"." + _base64url(signature)).decode()

    def requests(self, since=None):
        """What the audit log holds, each request once, from the time `since` (aware, UTC) on. A watch is there from its
        first answer."""
        seen = {}
        with open(self.audit_log) as log:
            for line in log:
                if line.endswith("\n"):
                    event = json.loads(line)
                    seen[event["auditID"]] = event
        return [event for event in seen.values() if since is None or _time(event["requestReceivedTimestamp"]) >= since]

    def requests_per_minute(self, since, until=None):
        """User agent, up to its first '/' -> rate between two times (aware, UTC); `until` None is now."""
        until = until or datetime.datetime.now(datetime.timezone.utc)
        counts = collections.Counter(event.get("userAgent", "").split("/")[0] for event in self.requests(since)
                                     if _time(event["requestReceivedTimestamp"]) < until)
        minutes = (until - since).total_seconds() / 60
        return {agent: count / minutes for agent, count in counts.items()}


def _base64url(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _time(stamp):
    return datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S.%f%z")
