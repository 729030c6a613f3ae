"""A real Redis server."""

import os

from . import certificates
from .process import Server, account, answers, find_program

PASSWORD = "demo-password"


class Redis(Server):
    """`identity` None: a plaintext port. `demand_client_certificate` maps to tls-auth-clients."""

    engine = "redis"

    def __init__(self, directory, identity=None, *, serve_chain=True, client_ca=None, demand_client_certificate=False,
                 password=PASSWORD, settings=(), **where):
        super().__init__(directory, **where)
        self.identity = identity
        self.serve_chain = serve_chain
        self.client_ca = client_ca
        self.demand = demand_client_certificate
        self.password = password
        self.settings = list(settings)
        self.owner = account("redis")

    def prepare(self):
        if self.owner:
            os.chown(self.directory, *self.owner)
        if self.identity:
            pem = self.identity.chain_pem() if self.serve_chain else self.identity.certificate_pem()
            certificates.write(self.directory / "server.crt", pem, 0o644, self.owner)
            certificates.write(self.directory / "server.key", self.identity.key_pem(), 0o600, self.owner)
            # Redis refuses to start its TLS port without a CA, even when it asks no client for a certificate.
            certificates.write(self.directory / "client-ca.crt", self.client_ca or self.identity.certificate_pem(), 0o644,
                               self.owner)

    def command(self):
        ports = ["--port", str(self.port)]
        if self.identity:
            ports = ["--port", "0", "--tls-port", str(self.port),
                     "--tls-cert-file", str(self.directory / "server.crt"),
                     "--tls-key-file", str(self.directory / "server.key"),
                     "--tls-ca-cert-file", str(self.directory / "client-ca.crt"),
                     "--tls-auth-clients", "yes" if self.demand else "no"]
        password = ["--requirepass", self.password] if self.password else ["--protected-mode", "no"]
        return [find_program("redis-server"), "--bind", self.address, *ports, *password, "--save", "", "--dir",
                str(self.directory), "--daemonize", "no", *self.settings]

    def ready(self):
        return answers(self.address, self.port)
