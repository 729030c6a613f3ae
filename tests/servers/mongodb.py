"""FerretDB, a real server of MongoDB's protocol, behind mongod's way with TLS."""

import sys
from pathlib import Path

from . import certificates
from .process import Server, counterpart, free_port

USER, PASSWORD = "app", "demo-password"


class MongoDB(Server):
    """`identity` None: net.tls.mode disabled. With `client_ca` every client over TLS must present a certificate of it.

    `staple` is the DER of an OCSP response to send along with the certificate.
    """

    engine = "mongodb"

    def __init__(self, directory, identity=None, *, serve_chain=True, client_ca=None, tls_mode="preferTLS",
                 tls12_only=False, staple=None, **where):
        super().__init__(directory, **where)
        self.identity = identity
        self.serve_chain = serve_chain
        self.client_ca = client_ca
        self.tls_mode = tls_mode if identity else "disabled"
        self.tls12_only = tls12_only
        self.staple = staple

    def prepare(self):
        self.backend_port = free_port()
        (self.directory / "data").mkdir(exist_ok=True)
        if self.identity:
            pem = self.identity.chain_pem() if self.serve_chain else self.identity.certificate_pem()
            certificates.write(self.directory / "server.crt", pem)
            certificates.write(self.directory / "server.key", self.identity.key_pem(), 0o600)
        if self.staple:
            certificates.write(self.directory / "server.ocsp", self.staple)
        if self.client_ca:
            certificates.write(self.directory / "client-ca.crt", self.client_ca)

    def command(self):
        files = []
        if self.identity:
            files += ["--certificate", str(self.directory / "server.crt"), "--key", str(self.directory / "server.key")]
        if self.client_ca:
            files += ["--client-ca", str(self.directory / "client-ca.crt")]
        if self.staple:
            files += ["--staple", str(self.directory / "server.ocsp")]
        if self.tls12_only:
            files.append("--tls12-only")
        return [sys.executable, str(Path(__file__).with_name("mongod_front.py")), "--listen", self.address, "--port",
                str(self.port), "--backend-port", str(self.backend_port), "--mode", self.tls_mode, *files, "--",
                str(counterpart("ferretdb")), "--handler=sqlite", f"--sqlite-url=file:{self.directory / 'data'}/",
                f"--state-dir={self.directory / 'data'}", f"--listen-addr=127.0.0.1:{self.backend_port}", "--debug-addr=-",
                "--telemetry=disable", "--log-level=warn", "--test-enable-new-auth", "--setup-database=admin",
                f"--setup-username={USER}", f"--setup-password={PASSWORD}"]

    def ready(self):
        # Looked for in the log, so that no handshake is broken off and written down there.
        text = self.log.read_text(errors="replace")
        return text.rfind("waiting for connections") > text.rfind("did not start")
