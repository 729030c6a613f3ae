"""A server of SQL Server's protocol, in a process of its own. Microsoft's is not free software and Babelfish no Debian
package; test_sqlserver.py lets two clients that know nothing of us, FreeTDS and tedious, vouch for this one."""

import json
import sys
from pathlib import Path

from . import certificates
from .process import Server, answers

USER, PASSWORD = "app", "demo-password"


class SqlServer(Server):
    """`identity` None: no TLS. `encryption` and `strict` are explained in tds.py; a client certificate is demanded when
    `client_ca` is given, which SQL Server itself never does."""

    engine = "sqlserver"

    def __init__(self, directory, identity=None, *, serve_chain=True, client_ca=None, encryption="supported", strict="no",
                 version=(16, 0, 4135), view_server_state=True, redirect=None, user=USER, password=PASSWORD, **where):
        super().__init__(directory, **where)
        self.identity = identity
        self.serve_chain = serve_chain
        self.client_ca = client_ca
        major, minor, build = version
        self.settings = {"encryption": encryption if identity else "not-supported", "strict": strict,
                         "version": [major, minor, *build.to_bytes(2, "big")], "view_server_state": view_server_state,
                         "redirect": redirect, "user": user, "password": password}

    def prepare(self):
        paths = dict.fromkeys(("certificate", "key", "client_ca"))
        if self.identity:
            pem = self.identity.chain_pem() if self.serve_chain else self.identity.certificate_pem()
            paths["certificate"] = certificates.write(self.directory / "server.crt", pem)
            paths["key"] = certificates.write(self.directory / "server.key", self.identity.key_pem(), 0o600)
        if self.client_ca:
            paths["client_ca"] = certificates.write(self.directory / "client-ca.crt", self.client_ca)
        settings = {**self.settings, **paths, "address": self.address, "port": self.port}
        certificates.write(self.directory / "settings.json", json.dumps(settings).encode(), 0o600)

    def command(self):
        return [sys.executable, "-B", str(Path(__file__).with_name("tds.py")), str(self.directory / "settings.json")]

    def ready(self):
        return answers(self.address, self.port)
