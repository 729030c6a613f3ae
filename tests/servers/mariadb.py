"""A real MariaDB server."""

import os
from pathlib import Path

from . import certificates
from .process import Server, account, answers, copy_tree, find_program, run_as

USER, PASSWORD, DATABASE = "app", "demo-password", "mysql"


def _own_tmpdir(directory):
    """Each server that starts removes the temporary tables of every other one in the directory for these."""
    return {"TMPDIR": str(directory)}


class MariaDB(Server):
    """`identity` None: skip-ssl. `require` is the account's REQUIRE clause: NONE, SSL or X509."""

    engine = "mariadb"

    def __init__(self, directory, identity=None, *, serve_chain=True, client_ca=None, require="NONE", settings=(),
                 template=None, **where):
        super().__init__(directory, **where)
        self.identity = identity
        self.serve_chain = serve_chain
        self.client_ca = client_ca
        self.require = require
        self.settings = list(settings)
        self.template = template
        self.owner = account("mysql")
        self.environment = _own_tmpdir(self.directory)

    @property
    def data(self):
        return self.directory / "data"

    @staticmethod
    def make_template(directory):
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        owner = account("mysql")
        if owner:
            os.chown(directory, *owner)
        run_as(owner, [find_program("mariadb-install-db"), "--no-defaults", f"--datadir={directory / 'data'}",
                       "--auth-root-authentication-method=normal", "--skip-test-db",
                       "--innodb-log-file-size=8M", "--innodb-data-file-path=ibdata1:4M:autoextend"], cwd=directory,
               env={**os.environ, **_own_tmpdir(directory)})
        return directory / "data"

    def prepare(self):
        if self.owner:
            os.chown(self.directory, *self.owner)
        if not self.data.exists():
            copy_tree(self.template or self.make_template(self.directory / "template"), self.data, self.owner)
        # CREATE OR REPLACE, so that a second start with another clause takes it up.
        certificates.write(self.directory / "init.sql", (
            f"CREATE OR REPLACE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}' REQUIRE {self.require};\n").encode(),
            0o600, self.owner)
        if self.identity:
            pem = self.identity.chain_pem() if self.serve_chain else self.identity.certificate_pem()
            certificates.write(self.directory / "server.crt", pem, 0o644, self.owner)
            certificates.write(self.directory / "server.key", self.identity.key_pem(), 0o600, self.owner)
        if self.client_ca:
            certificates.write(self.directory / "client-ca.crt", self.client_ca, 0o644, self.owner)

    def command(self):
        tls = ["--skip-ssl"]
        if self.identity:
            tls = [f"--ssl-cert={self.directory / 'server.crt'}", f"--ssl-key={self.directory / 'server.key'}"]
            if self.client_ca:
                tls.append(f"--ssl-ca={self.directory / 'client-ca.crt'}")
        return [find_program("mariadbd", "/usr/sbin/mariadbd"), "--no-defaults", f"--datadir={self.data}",
                f"--socket={self.directory / 's'}", f"--pid-file={self.directory / 'pid'}", f"--port={self.port}",
                f"--bind-address={self.address}", f"--init-file={self.directory / 'init.sql'}", "--skip-log-bin",
                "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--innodb-flush-log-at-trx-commit=0",
                "--innodb-data-file-path=ibdata1:4M:autoextend", "--performance-schema=OFF", "--aria-pagecache-buffer-size=8M",
                "--key-buffer-size=1M", *tls, *self.settings]

    def ready(self):
        # The init file is executed before the server announces itself; a bare connect would come too early.
        text = self.log.read_text(errors="replace")
        start = text.rfind("Starting MariaDB")
        return "ready for connections" in text[max(start, 0):] and answers(self.address, self.port, self.namespace)
