"""A server that speaks Oracle Net and the database's own protocol (TTC) as far as a thin client needs it for a login and
two queries. There is no Oracle to run freely; what this one says is what python-oracledb, node-oracledb and
Oracle's JDBC driver read."""

import json
import sys
from pathlib import Path

from . import certificates
from .process import Server, answers

USER, PASSWORD, SERVICE = "app", "demo-password", "tests.example.com"


class Oracle(Server):
    """`identity` None: PROTOCOL=TCP, else PROTOCOL=TCPS. `version` None hides the listener's version. `verifier` is how
    the password is kept: "12c" or "11g". `resend` is what the listener says to the first CONNECT for its service: "plain"
    (send it again), "handshake" (make another TLS handshake, with the database's own certificate where `database_identity`
    is one, and send it again) or nothing."""

    engine = "oracle"

    def __init__(self, directory, identity=None, *, serve_chain=True, client_ca=None, demand_client_certificate=False,
                 password=PASSWORD, service=SERVICE, version="19.22.0.0.0", listener_version="19.0.0.0.0", verifier="12c",
                 resend="", database_identity=None, tls12_only=False, **where):
        super().__init__(directory, **where)
        self.identity = identity
        self.serve_chain = serve_chain
        self.client_ca = client_ca
        self.database_identity = database_identity
        self.settings = {"user": USER, "password": password, "service": service, "version": version,
                         "listener_version": listener_version, "verifier": verifier, "resend": resend,
                         "demand_client_certificate": demand_client_certificate, "tls12_only": tls12_only}

    def prepare(self):
        settings = dict(self.settings, address=self.address, port=self.port)
        if self.identity:
            settings["listener_identity"] = self._write("listener", self.identity)
            settings["database_identity"] = self._write("database", self.database_identity or self.identity)
        if self.client_ca:
            settings["client_ca"] = certificates.write(self.directory / "client-ca.crt", self.client_ca)
        certificates.write(self.directory / "settings.json", json.dumps(settings).encode(), 0o600)

    def _write(self, name, identity):
        pem = identity.chain_pem() if self.serve_chain else identity.certificate_pem()
        return (certificates.write(self.directory / f"{name}.crt", pem),
                certificates.write(self.directory / f"{name}.key", identity.key_pem(), 0o600))

    def command(self):
        return [sys.executable, str(Path(__file__).with_name("tns")), str(self.directory / "settings.json")]

    def ready(self):
        return answers(self.address, self.port)
