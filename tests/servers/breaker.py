"""Stands before a real server and breaks the start of TLS in one way; sessions without TLS pass untouched."""

import select
import socket
import struct
import threading

HANDSHAKE_FAILURE = bytes.fromhex("15030100020228")  # a fatal alert
PROTOCOL_VERSION = bytes.fromhex("15030100020246")
GARBAGE = b"this is not a TLS record, nor anything like it\r\n" * 4
SSL_REQUEST = bytes.fromhex("0000000804d2162f")
CLIENT_SSL = 0x800


class Breaker:
    """Base: `fault` is the name of a method of the subclass, or None to pass everything."""

    def __init__(self, server, fault=None):
        self.server, self.fault = server, fault
        self.address, self.port = "127.0.0.1", None
        self.listener, self.threads, self.over = None, [], threading.Event()
        self.sessions_without_tls = 0

    def __enter__(self):
        self.listener = socket.create_server((self.address, 0))
        self.port = self.listener.getsockname()[1]
        self._spawn(self._accept)
        return self

    def __exit__(self, *_):
        self.over.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(30)

    def _spawn(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            client.settimeout(20)
            self._spawn(self._serve, client)

    def _serve(self, client):
        with client, socket.create_connection((self.server.address, self.server.port), 20) as server:
            try:
                self.begin(client, server)
            except OSError:
                pass

    def begin(self, client, server):
        raise NotImplementedError

    def relay_plaintext(self, client, server):
        self.sessions_without_tls += 1
        self.relay(client, server)

    def relay(self, client, server):
        while not self.over.is_set():
            for source in select.select([client, server], [], [], 0.2)[0]:
                data = source.recv(65536)
                if not data:
                    return
                (server if source is client else client).sendall(data)

    @staticmethod
    def hello(client):
        """Waits for the ClientHello, so that what follows is the answer to it."""
        client.recv(65536)

    # What becomes of the start of TLS, once it was asked for and granted.

    def garbage(self, client, server):
        self.hello(client)
        client.sendall(GARBAGE)

    def alert(self, client, server):
        self.hello(client)
        client.sendall(HANDSHAKE_FAILURE)

    def version_alert(self, client, server):
        self.hello(client)
        client.sendall(PROTOCOL_VERSION)

    def cut(self, client, server):
        self.hello(client)

    def reset(self, client, server):
        self.hello(client)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def silence(self, client, server):
        self.hello(client)
        while not self.over.wait(0.1):
            if select.select([client], [], [], 0)[0] and not client.recv(65536):
                return


class PostgreSQLBreaker(Breaker):
    def begin(self, client, server):
        first = client.recv(8, socket.MSG_WAITALL)
        if self.fault and first.startswith(b"\x16"):
            return None  # to TLS at once servers before 17 answer like this
        if first != SSL_REQUEST or not self.fault:
            server.sendall(first)
            return self.relay(client, server) if first == SSL_REQUEST else self.relay_plaintext(client, server)
        before = getattr(self, f"{self.fault}_to_request", None)
        if before:
            return before(client, server)
        client.sendall(b"S")
        return getattr(self, self.fault)(client, server)

    def no_tls_to_request(self, client, server):
        client.sendall(b"N")
        self.relay(client, server)

    def cut_early_to_request(self, client, server):
        pass

    def error_to_request(self, client, server):
        fields = b"SFATAL\0C53300\0Msorry, too many clients already\0\0"
        client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)

    def injected_to_request(self, client, server):
        """Lets TLS come about, behind bytes that were never in it."""
        server.sendall(SSL_REQUEST)
        client.sendall(server.recv(1) + GARBAGE)
        self.relay(client, server)


class TLSBreaker(Breaker):
    """For engines that start with TLS: tells a ClientHello by its first byte."""

    def begin(self, client, server):
        if client.recv(1, socket.MSG_PEEK) == b"\x16":
            return getattr(self, self.fault)(client, server)
        return self.relay_plaintext(client, server)


class MySQLBreaker(Breaker):
    def begin(self, client, server):
        greeting = server.recv(65536)
        if self.fault == "no_tls":
            greeting = self.without_tls(greeting)
        client.sendall(greeting)
        # A request for TLS is this long; the ClientHello may come right behind it and is read later.
        answer = client.recv(36)
        asks_for_tls = len(answer) == 36 and answer[3] == 1 and answer[0] == 32 and struct.unpack("<I", answer[4:8])[0] & CLIENT_SSL
        if self.fault == "insecure_transport" and not asks_for_tls:
            return self.insecure_transport(client, server, answer)
        if not asks_for_tls or self.fault in (None, "no_tls", "insecure_transport"):
            server.sendall(answer)
            return self.relay(client, server) if asks_for_tls else self.relay_plaintext(client, server)
        if self.fault == "handshake_error":
            return self.handshake_error(client)
        return getattr(self, self.fault)(client, server)

    @staticmethod
    def without_tls(greeting):
        # Protocol version, the version's text, thread id, first part of the scramble, its end: then the capabilities.
        at = 4 + 1 + greeting[5:].index(b"\0") + 1 + 4 + 8 + 1
        low = struct.unpack("<H", greeting[at:at + 2])[0] & ~CLIENT_SSL
        return greeting[:at] + struct.pack("<H", low) + greeting[at + 2:]

    @staticmethod
    def packet(sequence, code, words):
        body = b"\xff" + struct.pack("<H", code) + words
        return struct.pack("<I", len(body))[:3] + bytes([sequence]) + body

    def handshake_error(self, client):
        client.sendall(self.packet(2, 1043, b"#08S01Bad handshake"))
        client.recv(65536)

    def insecure_transport(self, client, server, said):
        """MySQL's require_secure_transport, which MariaDB has in other words: the login goes well, and then the no."""
        server.sendall(said)
        while not self.over.is_set():
            for source in select.select([client, server], [], [], 0.2)[0]:
                data = source.recv(65536)
                if not data:
                    return
                if source is server and data[4] == 0:
                    client.sendall(self.packet(data[3], 3159, b"#HY000Connections using insecure transport are prohibited "
                                                              b"while --require_secure_transport=ON."))
                    return
                (server if source is client else client).sendall(data)
