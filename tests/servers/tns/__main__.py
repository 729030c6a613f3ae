"""python3 tests/servers/tns SETTINGS: listens until it is stopped."""

import json
import re
import socket
import ssl
import struct
import sys
import threading
from pathlib import Path

from session import Session, packed
from wire import ACCEPT, CONNECT, DATA, REFUSE, RESEND, Gone, Packets

ANOTHER_HANDSHAKE = 0x08
LONG_LENGTHS = 315
OUR_VERSION = 318
# Both bytes of the flags: no native encryption.
NO_NATIVE_ENCRYPTION = b"\x0c\x0c"


class Listener:
    def __init__(self, settings):
        self.settings = settings
        self.context = self._context("listener_identity")
        self.database_context = self._context("database_identity")

    def _context(self, identity):
        if identity not in self.settings:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.settings[identity])
        if self.settings["tls12_only"]:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if self.settings["demand_client_certificate"]:
            context.load_verify_locations(self.settings["client_ca"])
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def serve(self, connection):
        connection.settimeout(20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            packets = Packets(self.context.wrap_socket(connection, server_side=True) if self.context else connection)
            if self.connect(packets):
                Session(packets, self.settings, bool(self.context)).run()
            packets.stream.close()
        except (Gone, OSError) as error:
            print(f"{type(error).__name__}: {error}", flush=True)
        finally:
            connection.close()

    def receive_connect(self, packets):
        """The version of the client and what it asks for."""
        kind, body = packets.receive()
        if kind != CONNECT or len(body) < 50:
            raise Gone
        length, offset = struct.unpack(">HH", body[16:20])
        description = body[offset - 8:offset - 8 + length]
        if not description and length:
            kind, body_of_data = packets.receive()
            if kind != DATA:
                raise Gone
            description = body_of_data[2:]
        return struct.unpack(">H", body[:2])[0], description.decode(errors="replace")

    def connect(self, packets):
        version, description = self.receive_connect(packets)
        if re.search(r"\(COMMAND=", description, re.I):
            return self.refuse(packets, 1189)
        service = re.search(r"\(SERVICE_NAME=([^)]*)\)", description, re.I)
        if not service:
            return self.refuse(packets, 12504)
        if service.group(1).lower() != self.settings["service"]:
            return self.refuse(packets, 12514)
        if self.settings["resend"]:
            self.resend(packets)
        version = min(version, OUR_VERSION)
        body = (struct.pack(">HHHHHHH", version, 1, 8192, 65535, 1, 0, 45) + NO_NATIVE_ENCRYPTION + bytes(8)
                + struct.pack(">IIBI", 8192, 65535, 0, 0))
        packets.send(ACCEPT, body)
        packets.long = version >= LONG_LENGTHS
        return True

    def resend(self, packets):
        handshake = self.settings["resend"] == "handshake"
        packets.send(RESEND, flags=ANOTHER_HANDSHAKE if handshake else 0)
        if handshake:
            plain = socket.socket(fileno=packets.stream.detach())
            plain.settimeout(20)
            packets.stream = self.database_context.wrap_socket(plain, server_side=True)
        self.receive_connect(packets)

    def refuse(self, packets, error):
        shown = self.settings["listener_version"]
        words = (f"(DESCRIPTION=(TMP=)(VSNNUM={packed(shown) if shown else 0})(ERR={error})"
                 f"(ERROR_STACK=(ERROR=(CODE={error})(EMFI=4))))").encode()
        packets.send(REFUSE, struct.pack(">BBH", 34, 0, len(words)) + words)
        return False


def main():
    listener = Listener(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    try:
        server = socket.create_server((listener.settings["address"], listener.settings["port"]))
    except OSError as error:
        sys.exit(f"Address already in use: {error}")
    while True:
        connection, _ = server.accept()
        threading.Thread(target=listener.serve, args=(connection,), daemon=True).start()


main()
