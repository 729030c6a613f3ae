"""A real etcd member, alone in its cluster, with authentication on."""

import http.client
import json
import os
import re
import subprocess

from . import certificates
from .process import Server, account, find_program, free_port

PASSWORD = "demo-password"


def installed_version():
    told = subprocess.run([find_program("etcd"), "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.search(r"etcd Version: (\S+)", told)[1]


class Etcd(Server):
    """`identity` None: a client port without TLS. `demand_client_certificate` maps to --client-cert-auth. A second
    client port without TLS, which no user is told of, is where the accounts are made."""

    engine = "etcd"

    def __init__(self, directory, identity=None, *, serve_chain=True, client_ca=None, demand_client_certificate=False,
                 password=PASSWORD, settings=(), **where):
        super().__init__(directory, **where)
        self.identity = identity
        self.serve_chain = serve_chain
        self.client_ca = client_ca
        self.demand = demand_client_certificate
        self.password = password
        self.settings = list(settings)
        self.back_door = None
        self.owner = account("etcd")

    def prepare(self):
        self.back_door = free_port()
        if self.owner:
            os.chown(self.directory, *self.owner)
        if self.identity:
            pem = self.identity.chain_pem() if self.serve_chain else self.identity.certificate_pem()
            certificates.write(self.directory / "server.crt", pem, 0o644, self.owner)
            certificates.write(self.directory / "server.key", self.identity.key_pem(), 0o600, self.owner)
        if self.client_ca:
            certificates.write(self.directory / "client-ca.crt", self.client_ca, 0o644, self.owner)

    def command(self):
        clients = f"{'https' if self.identity else 'http'}://{self.address}:{self.port}"
        peers = f"http://127.0.0.1:{free_port()}"
        tls = []
        if self.identity:
            tls = ["--cert-file", str(self.directory / "server.crt"), "--key-file", str(self.directory / "server.key")]
        if self.demand:
            tls += ["--client-cert-auth", "--trusted-ca-file", str(self.directory / "client-ca.crt")]
        return [find_program("etcd"), "--name", "solo", "--data-dir", str(self.directory / "data"), "--bcrypt-cost", "4",
                "--listen-client-urls", f"{clients},http://127.0.0.1:{self.back_door}", "--advertise-client-urls", clients,
                "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", f"solo={peers}",
                "--unsafe-no-fsync", *tls, *self.settings]

    def ready(self):
        """Makes the accounts as soon as there is a leader to keep them."""
        try:
            for step, body in self._accounts():
                if not self._ask(step, body):
                    return False
        except (OSError, http.client.HTTPException):
            return False
        return True

    def _accounts(self):
        if not self.password:
            return [("maintenance/status", {})]
        accounts = [("auth/user/add", {"name": name, "password": self.password}) for name in ("root", "app")]
        return [*accounts, ("auth/role/add", {"name": "root"}), ("auth/user/grant", {"user": "root", "role": "root"}),
                ("auth/enable", {})]

    def _ask(self, step, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.back_door, timeout=10)
        try:
            connection.request("POST", f"/v3/{step}", json.dumps(body))
            answer = connection.getresponse()
            body = answer.read()
            # What an attempt before this one got done is done; with authentication on, all of it.
            return answer.status == 200 or b"already exists" in body or b"user name is empty" in body
        finally:
            connection.close()
