"""CockroachDB and Redshift as far as a client can tell: a real PostgreSQL behind a front that speaks for them.

The front ends TLS itself, answers for itself what these two answer differently (the versions, the refusal of plaintext,
the views that they have or lack) and passes everything else on, so that the login is PostgreSQL's own."""

import select
import socket
import ssl
import struct
import threading
from pathlib import Path

from . import certificates
from .postgresql import PostgreSQL

PROTOCOL_3, SSL_REQUEST, GSS_REQUEST = 196608, 80877103, 80877104
PATIENCE = 20  # seconds that a connection may be silent


def message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


def error(code, words):
    fields = [b"SFATAL", b"VFATAL", b"C" + code.encode(), b"M" + words.encode()]
    return message(b"E", b"\0".join(fields) + b"\0\0")


def raising(code, words):
    """A statement that fails like this."""
    return f"DO $$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = '{code}'; END $$"


def receive(stream, size):
    data = b""
    while len(data) < size:
        more = stream.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


class Front:
    """`identity` None: no TLS. `template`: a running PostgreSQL to stand in front of; without one it starts its own."""

    engine = server_version = version = ""

    def __init__(self, directory, identity=None, *, serve_chain=True, client_ca=None, refuses_plaintext=False,
                 demands_certificate=False, tls_max=None, template=None):
        self.directory = Path(directory)
        self.address = "127.0.0.1"
        self.port = None
        self.identity, self.serve_chain, self.client_ca = identity, serve_chain, client_ca
        self.refuses_plaintext = refuses_plaintext
        self.demands_certificate = demands_certificate
        self.tls_max = tls_max
        self.backend, self.owns_backend = template, template is None
        self.listener, self.context, self.connections = None, None, []

    @staticmethod
    def make_template(directory):
        """A running PostgreSQL that any number of fronts may share; for the caller to stop."""
        return PostgreSQL(Path(directory) / "backend").start()

    def __enter__(self):
        if self.owns_backend:
            self.backend = PostgreSQL(self.directory / "backend").start()
        self.context = self._make_context() if self.identity else None
        self.listener = socket.create_server((self.address, 0))
        self.port = self.listener.getsockname()[1]
        self._spawn(self._accept)
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.connections:
            thread.join(2 * PATIENCE)
        if self.owns_backend:
            self.backend.stop()

    def _make_context(self):
        pem = self.identity.chain_pem() if self.serve_chain else self.identity.certificate_pem()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.write(self.directory / "server.crt", pem),
                                certificates.write(self.directory / "server.key", self.identity.key_pem(), 0o600))
        if self.tls_max:
            context.maximum_version = self.tls_max
        if self.client_ca:
            context.load_verify_locations(cadata=self.client_ca.decode())
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def _spawn(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self.connections.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            peer.settimeout(PATIENCE)
            self._spawn(self._serve, peer)

    def _serve(self, peer):
        streams = [peer]
        try:
            self._converse(streams)
        except (OSError, EOFError, struct.error):
            pass  # ssl.SSLError is an OSError; a client that leaves is the usual end
        finally:
            for stream in streams:
                stream.close()

    def _converse(self, streams):
        """`streams` holds what is open: the peer's connection, from TLS on as a TLS stream, then the backend's."""
        while True:
            length, code = struct.unpack("!II", receive(streams[0], 8))
            if code == SSL_REQUEST and not isinstance(streams[0], ssl.SSLSocket):
                streams[0].sendall(b"S" if self.context else b"N")
                if self.context:
                    streams[0] = self.context.wrap_socket(streams[0], server_side=True)
            elif code == GSS_REQUEST:
                return streams[0].sendall(self.refusal_of_gss())
            elif code == PROTOCOL_3 and length < 10000:
                break
            else:
                return None  # also a ClientHello without SSLRequest
        startup = struct.pack("!II", length, code) + receive(streams[0], length - 8)
        refusal = self.refusal(streams[0], startup)
        if refusal:
            return streams[0].sendall(refusal)
        streams.append(socket.create_connection((self.backend.address, self.backend.port), PATIENCE))
        streams[1].sendall(startup)
        return self._relay(*streams)

    def _relay(self, peer, backend):
        while True:
            waiting = isinstance(peer, ssl.SSLSocket) and peer.pending()
            ready = [peer] if waiting else select.select([peer, backend], [], [], PATIENCE)[0]
            if not ready:
                return
            for source in ready:
                kind, length = struct.unpack("!cI", receive(source, 5))
                body = receive(source, length - 4)
                if source is peer:
                    if kind == b"Q":
                        body = self.statement(body.rstrip(b"\0").decode(), peer).encode() + b"\0"
                    backend.sendall(message(kind, body))
                else:
                    peer.sendall(self.parameters(body) if kind == b"S" else message(kind, body))

    def parameters(self, body):
        """What becomes of one ParameterStatus."""
        if body.startswith(b"server_version\0"):
            body = b"server_version\0" + self.server_version.encode() + b"\0"
        return message(b"S", body)

    def statement(self, text, peer):
        """What the backend is asked in place of `text`."""
        if text.lower().startswith("select version()"):
            return f"SELECT '{self.version}'::text AS version"
        if "pg_stat_ssl" in text:
            return raising("42P01", "relation \"pg_catalog.pg_stat_ssl\" does not exist")
        return text

    def refusal(self, peer, startup):
        if self.refuses_plaintext and not isinstance(peer, ssl.SSLSocket):
            return self.refusal_of_plaintext(peer, startup)
        if self.demands_certificate and not peer.getpeercert():
            return error("28000", "no TLS peer certificates, but required for auth")
        return None

    def refusal_of_plaintext(self, peer, startup):
        raise NotImplementedError

    def refusal_of_gss(self):
        return b"N"


class CockroachDB(Front):
    """A node with certificates refuses plaintext, as without --accept-sql-without-tls; one without is --insecure."""

    engine = "cockroachdb"
    server_version = "13.0.0"
    version = "CockroachDB CCL v25.2.22 (x86_64-pc-linux-gnu, built 2025/08/01 12:00:00, go1.23.7)"

    def __init__(self, directory, identity=None, *, accept_plaintext=False, announces_version=True, **options):
        super().__init__(directory, identity, refuses_plaintext=identity is not None and not accept_plaintext, **options)
        self.announces_version = announces_version

    def parameters(self, body):
        own = message(b"S", b"crdb_version\0" + self.version.encode() + b"\0")
        announced = body.startswith(b"server_version\0") and self.announces_version
        return super().parameters(body) + (own if announced else b"")

    def refusal_of_plaintext(self, peer, startup):
        return error("08P01", "node is running secure mode, SSL connection required")

    def refusal_of_gss(self):
        return error("08P01", "GSS encryption is not yet supported")


class Redshift(Front):
    """`superuser`: whether the account may read SYS_CONNECTION_LOG. Knows no client certificates."""

    engine = "redshift"
    server_version = "8.0.2"
    version = ("PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), "
               "Redshift 1.0.48805")

    def __init__(self, directory, identity=None, *, require_ssl=False, superuser=False, client_ca=None, **options):
        super().__init__(directory, identity, refuses_plaintext=require_ssl, **options)
        self.superuser = superuser

    def statement(self, text, peer):
        if "sys_connection_log" not in text.lower():
            return super().statement(text, peer)
        if not self.superuser:
            return raising("42501", "permission denied for relation sys_connection_log")
        version, cipher = (peer.version(), peer.cipher()[0]) if isinstance(peer, ssl.SSLSocket) else ("", "")
        return f"SELECT '{version}'::character(50) AS ssl_version, '{cipher}'::character(128) AS ssl_cipher"

    def refusal_of_plaintext(self, peer, startup):
        names = startup[8:].split(b"\0")
        said = dict(zip(names[::2], names[1::2]))
        user = said.get(b"user", b"").decode()
        database = said.get(b"database", b"").decode() or user
        return error("28000", f'no pg_hba.conf entry for host "{peer.getpeername()[0]}", user "{user}", '
                              f'database "{database}", SSL off')
