"""mongod's TLS in front of a server that speaks its protocol: what FerretDB's own listeners do differently.

One port for both, as net.tls.mode says; the first 16 bytes tell a message from a ClientHello (asio_session_impl.cpp).
A client that may not come in is not told: the handshake is finished, the connection is closed (ssl_manager_openssl.cpp,
parseAndValidatePeerCertificate). Starts the server given behind `--`, and ends with it.
"""

import argparse
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from OpenSSL import SSL

HEADER = 16


def note(words):
    print(words, file=sys.stderr, flush=True)


def is_message(head):
    """Whether this is the header of a message: one from a client answers none."""
    return len(head) == HEADER and struct.unpack_from("<i", head, 8)[0] in (0, -1)


class Front:
    def __init__(self, options):
        self.mode = options.mode
        self.backend = ("127.0.0.1", options.backend_port)
        self.demands = bool(options.client_ca)
        self.context = self.tls_context(options) if self.mode != "disabled" else None

    def tls_context(self, options):
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        if options.tls12_only:
            context.set_max_proto_version(SSL.TLS1_2_VERSION)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.use_certificate_chain_file(options.certificate)
        context.use_privatekey_file(options.key)
        if options.staple:
            with open(options.staple, "rb") as staple:
                context.set_ocsp_server_callback(lambda connection, data: data, staple.read())
        if self.demands:
            context.load_verify_locations(options.client_ca)
            context.set_verify(SSL.VERIFY_PEER, self.note_fault)
        return context

    @staticmethod
    def note_fault(connection, certificate, error, depth, fine):
        """Every certificate passes the handshake; whether it suffices is looked at afterwards."""
        if not fine:
            connection.get_app_data().append(error)
        return True

    def serve(self, client):
        with client:
            client.settimeout(20)
            head = client.recv(HEADER, socket.MSG_PEEK | socket.MSG_WAITALL)
            if is_message(head):
                if self.mode == "requireTLS":
                    note("The server is configured to only allow SSL connections")
                    return
                self.relay(client, client)
            elif self.context is None:
                note("SSL handshake received but server is started without SSL support")
            else:
                self.serve_tls(client)

    def serve_tls(self, client):
        client.settimeout(None)
        tls, faults = SSL.Connection(self.context, client), []
        tls.set_app_data(faults)
        tls.set_accept_state()
        tls.do_handshake()
        if self.demands and tls.get_peer_certificate() is None:
            note("no SSL certificate provided by peer; connection rejected")
        elif faults:
            note(f"SSL peer certificate validation failed: {faults}; connection rejected")
        else:
            self.relay(tls, client)

    def relay(self, client, plain):
        with socket.create_connection(self.backend) as backend, selectors.DefaultSelector() as ready:
            ready.register(plain, selectors.EVENT_READ, (client, backend))
            ready.register(backend, selectors.EVENT_READ, (backend, client))
            while True:
                for key, _ in ready.select():
                    source, target = key.data
                    piece = source.recv(65536)
                    if not piece:
                        return
                    target.sendall(piece)
                    while source is client and client is not plain and client.pending():
                        target.sendall(client.recv(65536))

    def attempt(self, client):
        try:
            self.serve(client)
        except (OSError, SSL.Error) as error:
            note(f"connection ended: {error!r}")


def wait_for(address, process):
    while process.poll() is None:
        try:
            socket.create_connection(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit("the server behind the front did not start")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--backend-port", type=int, required=True)
    parser.add_argument("--mode", choices=["disabled", "allowTLS", "preferTLS", "requireTLS"], required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--staple", help="the DER of an OCSP response")
    parser.add_argument("--client-ca", help="demand a certificate that leads to one of these")
    parser.add_argument("--tls12-only", action="store_true")
    parser.add_argument("backend", nargs="+")
    options = parser.parse_args()

    front = Front(options)
    with subprocess.Popen(options.backend) as backend:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            wait_for(front.backend, backend)
            with socket.create_server((options.listen, options.port)) as listener:
                note("mongod_front: waiting for connections")
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=front.attempt, args=(client,), daemon=True).start()
        finally:
            backend.terminate()


if __name__ == "__main__":
    main()
