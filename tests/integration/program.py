"""The program under test, run as a user runs it."""

import json
import os
import subprocess
from dataclasses import dataclass

import yaml

MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"]


def binary():
    return os.environ["TLSWARDEN"]


def environment(**extra):
    # libmongoc keeps counters in /dev/shm/mongoc-PID, and warns on standard error where one of a process that was killed, of
    # the same PID, is still there.
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TERM": "dumb",
            "MONGOC_DISABLE_SHM": "1", **extra}


def endpoint(name, engine, port, *, host="localhost", mode=None, ca=None, certificate=None, key=None, passphrase=None,
             user="app", password_from="tlswarden-test-login", database=None, tls=None, **spec):
    """A DatabaseEndpoint document. `user` None: no auth."""
    tls = dict(tls or {})
    if mode:
        tls["mode"] = mode
    for field, path in (("ca", ca), ("clientCertificate", certificate), ("clientKey", key)):
        if path:
            tls[field] = {"file": str(path)}
    if passphrase:
        tls["clientKeyPassphrase"] = passphrase
    document = {"apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint", "metadata": {"name": name},
                "spec": {"engine": engine, "host": host, "port": port, "tls": tls, **spec}}
    if user is not None:
        auth = {"password": {"secretKeyRef": {"name": password_from, "key": "password"}}}
        if user:
            auth["username"] = {"value": user}
        database = database or {"postgresql": "postgres"}.get(engine)
        if database:
            auth["database"] = database
        document["spec"]["auth"] = auth
    return document


def login_secret(password="demo-password", name="tlswarden-test-login"):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"password": password}}


@dataclass
class Checked:
    code: int
    resources: dict  # name -> the full resource
    out: str
    err: str

    def status(self, name):
        return self.resources[name]["status"]

    def rung(self, name, mode):
        return next(r for r in self.status(name)["modes"] if r["mode"] == mode)

    def condition(self, name, kind):
        return next(c for c in self.status(name)["conditions"] if c["type"] == kind)

    def reasons(self, name):
        return {a["reason"] for a in self.status(name).get("advice", [])} | {
            c["reason"] for c in self.status(name)["conditions"]}


def run(*arguments, stdin=None, timeout=120, env=None):
    return subprocess.run([binary(), *map(str, arguments)], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout, text=True, env=env or environment(),
                          stdin=subprocess.DEVNULL if stdin is None else None)


def check(documents, *options, env=None):
    text = yaml.safe_dump_all(documents)
    result = run("check", "-f", "-", "-o", "json", *options, stdin=text, env=env)
    resources = {}
    if result.stdout.strip():
        parsed = json.loads(result.stdout)
        items = parsed["items"] if parsed.get("kind", "").endswith("List") else [parsed]
        resources = {item["metadata"]["name"]: item for item in items}
    return Checked(result.returncode, resources, result.stdout, result.stderr)
