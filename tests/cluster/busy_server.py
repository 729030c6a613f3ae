"""An API server that for a while has no time: every request is answered with 429."""

import contextlib
import json
import socket
import ssl
import threading
import time

REFUSAL = json.dumps({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "TooManyRequests",
                      "message": "too many requests, please try again later", "code": 429}).encode()
ANSWER = (b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n"
          b"Content-Length: %d\r\n\r\n" % len(REFUSAL)) + REFUSAL


class BusyServer:
    """Stands before an API server (servers.kubernetes.ApiServer), with its certificate. Lets everything through but while
    refusing()."""

    def __init__(self, api):
        self.api = api
        self.ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.ours.load_cert_chain(api.directory / "server.crt", api.directory / "server.key")
        self.theirs = ssl.create_default_context(cafile=api.directory / "ca.crt")
        self.busy = False
        self.refused = []  # monotonic seconds
        self.connections = set()
        self.lock = threading.Lock()

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        self._hang_up()

    @contextlib.contextmanager
    def refusing(self):
        """Watches that are open end, as those of a server do that is restarted."""
        self.busy = True
        self._hang_up()
        try:
            yield
        finally:
            self.busy = False

    def _hang_up(self):
        with self.lock:
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), self.ours.wrap_socket(connection, server_side=True) as client:
            with self.lock:
                self.connections.add(client)
            try:
                # Whether it is refused is decided when the request is here.
                first = client.recv(65536)
                if self.busy:
                    self.refused.append(time.monotonic())
                    client.sendall(ANSWER)
                elif first:
                    self._relay(client, first)
            finally:
                with self.lock:
                    self.connections.discard(client)

    def _relay(self, client, first):
        plain = socket.create_connection(("127.0.0.1", self.api.port), timeout=10)
        plain.settimeout(None)
        with self.theirs.wrap_socket(plain, server_hostname="localhost") as server:
            server.sendall(first)
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()


def _pump(source, destination):
    """Until either of them has ended; then both have."""
    with contextlib.suppress(OSError):
        while content := source.recv(65536):
            destination.sendall(content)
    for side in (source, destination):
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
