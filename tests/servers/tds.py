"""A server of SQL Server's protocol for tests: MS-TDS 7.4 and 8.0 as far as logging in and a few queries go.

Run as `tds.py SETTINGS.json`; sqlserver.py writes the settings. It is no database: it knows one login and the answers that
clients ask for around a login. What it says on the wire is what MS-TDS and recordings of real servers say.

encryption   what PRELOGIN is answered with: "supported", "forced", "not-supported", "login-only" (a broken proxy: even a
             client that wants everything encrypted gets the login alone)
strict       TDS 8.0, TLS before everything: "no" (silence, like older servers), "yes", "forced" (nothing else)
"""

import json
import re
import socket
import ssl
import struct
import sys
import threading

BATCH, RPC, REPLY, LOGIN7, PRELOGIN = 0x01, 0x03, 0x04, 0x10, 0x12
OFF, ON, NOT_SUPPORTED, REQUIRED = range(4)
ANSWERS = {
    "supported": {OFF: OFF, ON: ON, NOT_SUPPORTED: NOT_SUPPORTED, REQUIRED: ON},
    "forced": {OFF: REQUIRED, ON: ON, NOT_SUPPORTED: REQUIRED, REQUIRED: ON},
    "not-supported": dict.fromkeys(range(4), NOT_SUPPORTED),
    "login-only": {OFF: OFF, ON: OFF, NOT_SUPPORTED: NOT_SUPPORTED, REQUIRED: OFF},
}
COLLATION = bytes.fromhex("0904d00034")
DATABASES = {"master", "tempdb", "sales"}


class Closed(Exception):
    """The client has left, as clients do."""


class Torn(Exception):
    """The client has left without a close_notify."""


class Wire:
    """One connection: bytes in and out, in the clear, inside TLS inside TDS packets, or inside TLS."""

    def __init__(self, connection):
        self.connection = connection
        self.tls = None
        self.received = b""

    def raw(self):
        data = self.connection.recv(65536)
        if not data:
            raise Torn if self.tls else Closed
        return data

    def read(self, count):
        while len(self.received) < count:
            if self.tls is None:
                self.received += self.raw()
                continue
            try:
                data = self.tls.read(65536)
                if not data:
                    raise Closed
                self.received += data
            except ssl.SSLWantReadError:
                self.incoming.write(self.raw())
            except ssl.SSLZeroReturnError:
                raise Closed from None
        data, self.received = self.received[:count], self.received[count:]
        return data

    def write(self, data):
        if self.tls is None:
            self.connection.sendall(data)
            return
        self.tls.write(data)
        self.connection.sendall(self.outgoing.read())

    def message(self):
        """(type, payload) of the next message."""
        payload = b""
        while True:
            kind, status, length = struct.unpack(">BBH", self.read(8)[:4])
            if length < 8:
                raise Closed
            payload += self.read(length - 8)
            if status & 1:
                return kind, payload

    def reply(self, payload):
        pieces = [payload[i:i + 4088] for i in range(0, len(payload), 4088)] or [b""]
        for number, piece in enumerate(pieces, 1):
            last = number == len(pieces)
            self.write(struct.pack(">BBHHBB", REPLY, int(last), len(piece) + 8, 51, number & 0xFF, 0) + piece)

    def begin_tls(self, context, wrapped):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.flush(wrapped)
                self.incoming.write(self.packet() if wrapped else self.received or self.raw())
                if not wrapped:
                    self.received = b""
            except ssl.SSLError:
                self.flush(wrapped)
                raise
        self.flush(wrapped)
        self.tls = tls

    def packet(self):
        kind, _, length = struct.unpack(">BBH", self.read(8)[:4])
        if kind != PRELOGIN or length < 8:
            raise Closed
        return self.read(length - 8)

    def flush(self, wrapped):
        flight = self.outgoing.read()
        if not wrapped:
            self.connection.sendall(flight)
            return
        for i in range(0, len(flight), 4088):
            piece = flight[i:i + 4088]
            last = i + 4088 >= len(flight)
            self.connection.sendall(struct.pack(">BBHHBB", PRELOGIN, int(last), len(piece) + 8, 0, 0, 0) + piece)

    def end_tls(self):
        """Encryption of the login alone ends without a close_notify."""
        self.tls = None

    def close(self):
        if self.tls is not None:
            try:
                self.tls.unwrap()
            except (ssl.SSLError, OSError):
                pass
            try:
                self.connection.sendall(self.outgoing.read())
            except OSError:
                pass
        # Whatever else the client has to say is taken in, so that it does not get a reset instead of our last words.
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(2)
            while self.connection.recv(65536):
                pass
        except OSError:
            pass


def prelogin_reply(asked, encryption, version):
    """Every option that was asked about and is known, in the same order."""
    known = {0: bytes(version) + b"\x00\x00", 1: bytes([encryption]), 2: b"\x00", 3: b"", 4: b"\x00"}
    keys = [key for key in asked if key in known]
    table, data = b"", b""
    for key in keys:
        table += struct.pack(">BHH", key, 5 * len(keys) + 1 + len(data), len(known[key]))
        data += known[key]
    return table + b"\xff" + data


def read_login(payload):
    """(user, password, database) of a LOGIN7."""

    def field(at):
        offset, length = struct.unpack_from("<HH", payload, at)
        return payload[offset:offset + 2 * length]

    password = bytes(((b ^ 0xA5) << 4 | (b ^ 0xA5) >> 4) & 0xFF for b in field(44))
    return field(40).decode("utf-16-le"), password.decode("utf-16-le"), field(68).decode("utf-16-le")


def us_varchar(text):
    return struct.pack("<H", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def b_varchar(text):
    return bytes([len(text.encode("utf-16-le")) // 2]) + text.encode("utf-16-le")


def token(kind, body):
    return bytes([kind]) + struct.pack("<H", len(body)) + body


def error(number, text, *, state=1, severity=14, line=1):
    return token(0xAA, struct.pack("<IBB", number, state, severity) + us_varchar(text) + b_varchar("SQLTEST") + b_varchar("")
                 + struct.pack("<I", line))


def info(number, text):
    return token(0xAB, struct.pack("<IBB", number, 2, 0) + us_varchar(text) + b_varchar("SQLTEST") + b_varchar("")
                 + struct.pack("<I", 1))


def change(kind, new, old=b"\x00"):
    return token(0xE3, bytes([kind]) + new + old)


def done(status=0, command=0, rows=0):
    return b"\xfd" + struct.pack("<HHQ", status, command, rows)


def rows(name, values):
    """A result of one column of text."""
    columns = b"\x81" + struct.pack("<HIHBH", 1, 0, 0x0009, 0xE7, 8000) + COLLATION + b_varchar(name)
    cells = b""
    for value in values:
        text = value.encode("utf-16-le")
        cells += b"\xd1" + struct.pack("<H", len(text)) + text
    return columns + cells + done(0x10, 0xC1, len(values))


class Session:
    def __init__(self, wire, settings, context):
        self.wire, self.settings, self.context = wire, settings, context
        self.encrypted = False
        self.tds8 = False

    def run(self):
        first = self.wire.raw()
        self.wire.received = first
        if first[0] == 0x16:
            if self.settings["strict"] == "no":
                self.ignore()
                return
            self.wire.begin_tls(self.context, wrapped=False)
            if self.wire.tls.selected_alpn_protocol() != "tds/8.0":
                return
            self.encrypted = self.tds8 = True
        elif self.settings["strict"] == "forced":
            return
        encryption = self.prelogin()
        if not self.tds8 and encryption != NOT_SUPPORTED:
            self.wire.begin_tls(self.context, wrapped=True)
            self.encrypted = encryption != OFF
        if self.login(login_only=not self.tds8 and encryption == OFF):
            while True:
                self.answer(*self.wire.message())

    def ignore(self):
        """Reads a ClientHello as the start of a very long packet, and waits for the rest of it."""
        while True:
            self.wire.raw()

    def prelogin(self):
        kind, payload = self.wire.message()
        if kind != PRELOGIN or payload[:1] == b"\xff":
            raise Closed
        options, at = {}, 0
        while payload[at] != 0xFF:
            key, offset, length = struct.unpack_from(">BHH", payload, at)
            options[key] = payload[offset:offset + length]
            at += 5
        chosen = ANSWERS[self.settings["encryption"]][options.get(1, b"\x00")[0]]
        self.wire.reply(prelogin_reply(options, chosen, self.settings["version"]))
        return chosen

    def login(self, login_only):
        kind, payload = self.wire.message()
        if login_only:
            self.wire.end_tls()
        if kind != LOGIN7 or len(payload) < 94:
            raise Closed

        user, password, database = read_login(payload)
        database = database or "master"
        refused = b""
        if (user, password) != (self.settings["user"], self.settings["password"]):
            pass
        elif database not in DATABASES:
            refused = error(4060, f'Cannot open database "{database}" requested by the login. The login failed.', severity=11)
        else:
            self.wire.reply(self.greeting(database))
            return True
        self.wire.reply(refused + error(18456, f"Login failed for user '{user}'.") + done(2))
        return False

    def greeting(self, database):
        program = "Microsoft SQL Server"
        tds = bytes([0x08, 0, 0, 0]) if self.tds8 else bytes([0x74, 0, 0, 4])
        elsewhere = b""
        if self.settings["redirect"]:
            host, port = self.settings["redirect"]
            route = struct.pack("<BH", 0, port) + us_varchar(host)
            elsewhere = change(20, struct.pack("<H", len(route)) + route, b"\x00\x00")
        acknowledged = token(0xAD, b"\x01" + tds + b_varchar(program) + bytes(self.settings["version"]))
        return (change(1, b_varchar(database), b_varchar("master")) + info(5701, f"Changed database context to '{database}'.")
                + change(7, b"\x05" + COLLATION) + change(2, b_varchar("us_english"), b_varchar(""))
                + info(5703, "Changed language setting to us_english.") + acknowledged
                + change(4, b_varchar("4096"), b_varchar("4096")) + elsewhere + done())

    def answer(self, kind, payload):
        if kind not in (BATCH, RPC) or len(payload) < 4:
            raise Closed
        text = payload[struct.unpack_from("<I", payload)[0]:].decode("utf-16-le", "replace")
        unknown = error(2812, "Could not find stored procedure.", severity=16) + done(2)
        self.wire.reply(self.execute(text) if kind == BATCH else unknown)

    def execute(self, text):
        major, minor, *build = self.settings["version"]
        version = f"{major}.{minor}.{int.from_bytes(build, 'big')}.2"
        if re.search(r"sys\.dm_exec_connections", text, re.I):
            if not self.settings["view_server_state"]:
                return error(300, "VIEW SERVER STATE permission was denied on object 'server', database 'master'.") + done(2)
            return rows("encrypt_option", ["TRUE" if self.encrypted else "FALSE"])
        if re.search(r"SERVERPROPERTY\s*\(\s*N?'ProductVersion'", text, re.I):
            return rows("", [version])
        if re.search(r"select\s+@@version", text, re.I):
            return rows("", [f"Microsoft SQL Server 2022 (RTM) - {version} (X64)"])
        if re.fullmatch(r"\s*select\s+1\s*;?\s*", text, re.I):
            return rows("", ["1"])
        if not re.search(r"\bselect\b", text, re.I) and re.match(r"\s*(set|use|if|begin tran|commit|rollback)\b", text, re.I):
            return done(0, 0xBE)
        return error(208, f"Invalid object name in '{text.strip()[:80]}'.", severity=16) + done(2)


def make_context(settings):
    if not settings["certificate"]:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings["certificate"], settings["key"])
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings["client_ca"]:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(settings["client_ca"])
    return context


def serve(connection, settings, contexts):
    connection.settimeout(30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wire = Wire(connection)
    try:
        first = connection.recv(1, socket.MSG_PEEK)
        if first:
            Session(wire, settings, contexts["tds8" if first == b"\x16" else "tds7"]).run()
    except Closed:
        pass
    except (Torn, OSError, struct.error, IndexError, KeyError, UnicodeDecodeError) as why:
        print(f"broken off: {type(why).__name__} {why}", flush=True)
    finally:
        wire.close()
        connection.close()


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        settings = json.load(source)
    contexts = {"tds7": make_context(settings), "tds8": make_context(settings)}
    if contexts["tds7"]:
        # What a TLS 1.3 server sends after its handshake does not fit into TDS 7.
        contexts["tds7"].maximum_version = ssl.TLSVersion.TLSv1_2
        contexts["tds8"].set_alpn_protocols(["tds/8.0"])
    listener = socket.create_server((settings["address"], settings["port"]), backlog=128)
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, settings, contexts), daemon=True).start()


if __name__ == "__main__":
    main()
