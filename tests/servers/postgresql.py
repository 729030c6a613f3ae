"""A real PostgreSQL server."""

import os
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from . import certificates
from .process import Server, account, copy_tree, find_program, run_as

USER, PASSWORD, DATABASE = "app", "demo-password", "postgres"
SSL_REQUEST = bytes.fromhex("0000000804d2162f")


def _program(name):
    return find_program(name, f"/usr/lib/postgresql/*/bin/{name}")


class PostgreSQL(Server):
    """`identity` None: ssl=off. `access` lists pg_hba lines; default: every client with a password, TLS or not."""

    engine = "postgresql"
    # SIGTERM would wait for clients to leave.
    stop_signal = signal.SIGINT

    def __init__(self, directory, identity=None, *, serve_chain=True, client_ca=None, access=None, settings=None,
                 template=None, **where):
        super().__init__(directory, **where)
        self.identity = identity
        self.serve_chain = serve_chain
        self.client_ca = client_ca
        self.access = access or ["host all all all scram-sha-256"]
        self.settings = settings or {}
        self.template = template
        self.owner = account("postgres")

    @property
    def data(self):
        return self.directory / "data"

    @staticmethod
    def make_template(directory):
        """A data directory that servers are copied from; one initdb for all of them."""
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        owner = account("postgres")
        if owner:
            os.chown(directory, *owner)
        password = certificates.write(directory / "password", PASSWORD.encode() + b"\n", 0o600, owner)
        run_as(owner, [_program("initdb"), "-D", str(directory / "data"), "-U", USER, "--pwfile", password,
                       "--auth=scram-sha-256", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"], cwd=directory)
        return directory / "data"

    def prepare(self):
        if self.owner:
            os.chown(self.directory, *self.owner)
        if not self.data.exists():
            copy_tree(self.template or self.make_template(self.directory / "template"), self.data, self.owner)
        certificates.write(self.data / "pg_hba.conf", ("\n".join(self.access) + "\n").encode(), 0o600, self.owner)
        if self.identity:
            pem = self.identity.chain_pem() if self.serve_chain else self.identity.certificate_pem()
            certificates.write(self.directory / "server.crt", pem, 0o644, self.owner)
            certificates.write(self.directory / "server.key", self.identity.key_pem(), 0o600, self.owner)
        if self.client_ca:
            certificates.write(self.directory / "client-ca.crt", self.client_ca, 0o644, self.owner)

    def command(self):
        settings = {"listen_addresses": self.address, "port": self.port, "unix_socket_directories": "", "fsync": "off",
                    "shared_buffers": "8MB", "max_connections": 30, "logging_collector": "off",
                    "password_encryption": "scram-sha-256"}
        if self.identity:
            settings.update(ssl="on", ssl_cert_file=self.directory / "server.crt",
                            ssl_key_file=self.directory / "server.key")
            if self.client_ca:
                settings["ssl_ca_file"] = self.directory / "client-ca.crt"
        settings.update(self.settings)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [_program("postgres"), "-D", str(self.data), *options]

    def reload(self):
        """Lets it take up `identity`, and returns once it serves that: the signal alone is only a request."""
        self.prepare()
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 120
        while self._served() != self.identity.certificate.public_bytes(serialization.Encoding.DER):
            assert time.monotonic() < deadline, self.log.read_text(errors="replace")[-2000:]
            time.sleep(0.05)

    def _served(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((self.address, self.port), timeout=60) as connection:
            connection.sendall(SSL_REQUEST)
            assert connection.recv(1) == b"S"
            with context.wrap_socket(connection) as session:
                return session.getpeercert(binary_form=True)

    def ready(self):
        return subprocess.run([_program("pg_isready"), "-q", "-h", self.address, "-p", str(self.port)]).returncode == 0
