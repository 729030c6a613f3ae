"""A password leaves only over a connection that is, by its own certificate, as strong as the declared mode."""

import socket
import ssl
import struct
import threading

import bson
import pytest

from program import check, endpoint, login_secret
from servers import certificates, tds

PASSWORD = "a-password-to-look-for"


class Impostor:
    """Speaks just enough of an engine to be asked to log in, shows a certificate that nobody vouches for, and keeps
    everything that it is told."""

    scrambles = False  # whether a login carries the password in a form of its own; then the user's name tells

    def __init__(self, directory):
        identity = certificates.issue("localhost", dns=["localhost"], usage=["server"])
        certificate = certificates.write(directory / "impostor.crt", identity.certificate_pem())
        key = certificates.write(directory / "impostor.key", identity.key_pem(), 0o600)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.files = certificate, key
        self.context.load_cert_chain(certificate, key)
        self.heard = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.settimeout(10)
        try:
            with connection:
                self.converse(connection)
        except OSError:
            pass

    def secure(self, connection):
        return self.context.wrap_socket(connection, server_side=True)

    def listen(self, stream, answers):
        """Keeps what arrives; sends the next answer after each arrival."""
        answers = list(answers)
        while True:
            data = stream.recv(65536)
            if not data:
                return
            self.heard += data
            if answers:
                stream.sendall(answers.pop(0))

    def converse(self, connection):
        raise NotImplementedError


class RedisImpostor(Impostor):
    engine = "redis"

    def converse(self, connection):
        with self.secure(connection) as stream:
            self.listen(stream, [b"-NOAUTH Authentication required.\r\n"] + [b"+OK\r\n"] * 8)


class CassandraImpostor(Impostor):
    engine = "cassandra"

    def converse(self, connection):
        supported = b"\0\1\0\x0bCQL_VERSION\0\1\0\x053.4.7"
        authenticator = b"org.apache.cassandra.auth.PasswordAuthenticator"
        authenticate = struct.pack(">H", len(authenticator)) + authenticator
        with self.secure(connection) as stream:
            self.listen(stream, [struct.pack(">BBHBI", 0x84, 0, 0, opcode, len(body)) + body
                                 for opcode, body in ((6, supported), (3, authenticate))])


class PostgresImpostor(Impostor):
    engine = "postgresql"

    def converse(self, connection):
        first = connection.recv(8)
        if first[4:8] != struct.pack(">I", 80877103):
            # A start in plaintext: ask for the password in the clear.
            self.heard += first + connection.recv(4096)
            connection.sendall(b"R" + struct.pack(">II", 8, 3))
            self.listen(connection, [])
            return
        connection.sendall(b"S")
        with self.secure(connection) as stream:
            self.listen(stream, [b"R" + struct.pack(">II", 8, 3)])


class MysqlImpostor(Impostor):
    scrambles = True
    engine = "mariadb"

    def converse(self, connection):
        capabilities = 0x00080000 | 0x8000 | 0x0800 | 0x0200 | 0x0008 | 0x0001
        payload = (b"\x0a8.0.36\0" + struct.pack("<I", 7) + b"abcdefgh\0" + struct.pack("<H", capabilities & 0xFFFF)
                   + b"\x2d" + struct.pack("<HH", 2, capabilities >> 16) + b"\x15" + bytes(10) + b"ijklmnopqrst\0"
                   + b"mysql_native_password\0")
        connection.sendall(len(payload).to_bytes(3, "little") + b"\0" + payload)
        first = connection.recv(36)
        if len(first) != 36:
            self.heard += first
            return
        with self.secure(connection) as stream:
            switch = b"\xfemysql_clear_password\0"
            self.listen(stream, [len(switch).to_bytes(3, "little") + b"\x03" + switch])


class MongodbImpostor(Impostor):
    scrambles = True
    engine = "mongodb"

    def converse(self, connection):
        with self.secure(connection) as stream:
            while len(header := stream.recv(16)) == 16:
                length, request, _, operation = struct.unpack("<iiii", header)
                self.heard += stream.recv(length - len(header))
                document = bson.encode({"ismaster": True, "maxWireVersion": 21, "ok": 1.0})
                # A query is answered by a reply, a message by a message.
                kind, fields = (1, struct.pack("<iqii", 0, 0, 0, 1)) if operation == 2004 else (2013, bytes(5))
                stream.sendall(struct.pack("<iiii", 16 + len(fields) + len(document), 1, request, kind) + fields + document)


class SqlServerImpostor(Impostor):
    engine = "sqlserver"

    def converse(self, connection):
        wire = tds.Wire(connection)
        try:
            _, asked = wire.message()
            encryption = {tds.ON: tds.ON}.get(asked[32], tds.NOT_SUPPORTED)
            wire.reply(tds.prelogin_reply(range(5), encryption, [16, 0, 0x10, 0x27]))
            if encryption == tds.ON:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*self.files)
                context.maximum_version = ssl.TLSVersion.TLSv1_2
                wire.begin_tls(context, wrapped=True)
            kind, payload = wire.message()
            self.heard += payload
            if kind == tds.LOGIN7:
                self.heard += "/".join(tds.read_login(payload)).encode()
        except (tds.Closed, tds.Torn):
            pass


ENGINES = Impostor.__subclasses__()
SCRAMBLING = [impostor for impostor in ENGINES if impostor.scrambles]


@pytest.mark.parametrize("impostor", ENGINES, ids=lambda i: i.engine)
@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_an_impostor_never_hears_a_password(impostor, mode, tmp_path, files):
    with impostor(tmp_path) as server:
        seen = check([login_secret(PASSWORD), endpoint("e", server.engine, server.port, mode=mode, ca=files["ca"],
                                                       user="secret-user-name" if impostor.scrambles else "app",
                                                       timeout="5s")])
    assert seen.condition("e", "ModeSatisfied")["status"] == "False", seen.out
    assert PASSWORD.encode() not in server.heard
    assert b"secret-user-name" not in server.heard
    assert PASSWORD not in seen.out + seen.err


@pytest.mark.parametrize("impostor", [i for i in ENGINES if not i.scrambles], ids=lambda i: i.engine)
def test_the_impostor_would_hear_it_where_the_mode_verifies_nothing(impostor, tmp_path):
    with impostor(tmp_path) as server:
        check([login_secret(PASSWORD), endpoint("e", server.engine, server.port, mode="require", timeout="5s")])
    assert PASSWORD.encode() in server.heard


@pytest.mark.parametrize("impostor", SCRAMBLING, ids=lambda i: i.engine)
def test_the_impostor_would_hear_the_name_where_the_mode_verifies_nothing(impostor, tmp_path):
    with impostor(tmp_path) as server:
        check([login_secret(PASSWORD), endpoint("e", server.engine, server.port, mode="require", user="secret-user-name",
                                                timeout="5s")])
    assert b"secret-user-name" in server.heard
