"""The database behind the listener: negotiation, login, two queries."""

import re

from login import Challenge, proof
from wire import DATA, MARKER, RESET, BREAK, Gone, Reader, number, pairs, text

PROTOCOL, DATA_TYPES, FUNCTION, ERROR, ROW_HEADER, ROW, PARAMETERS, STATUS, DESCRIPTION, PIGGYBACK = (
    1, 2, 3, 4, 6, 7, 8, 9, 16, 17)
LOGIN_FIRST, LOGIN_SECOND, EXECUTE, LOGOFF, PING, COMMIT, ROLLBACK, CLOSE_CURSORS = 118, 115, 94, 9, 147, 14, 15, 105
NETWORK_SERVICES = b"\xde\xad\xbe\xef"
UTF8, UTF16 = 873, 2000
VARCHAR = 1
NO_DATA, BAD_LOGIN, NO_STATEMENT = 1403, 1017, 900


def parts(version):
    return [int(part) for part in version.split(".")]


def packed(version):
    """VSNNUM and AUTH_VERSION_NO: the packing changed with release 18."""
    a, b, c, d, e = parts(version)
    if a >= 18:
        return a << 24 | b << 16 | c << 12 | d << 4 | e
    return a << 24 | b << 20 | c << 12 | d << 8 | e


class Session:
    def __init__(self, packets, settings, encrypted):
        self.packets = packets
        self.settings = settings
        # What the messages look like: that of 19c at most, which all its clients know.
        release = parts(settings["version"])[0]
        self.fields = 13 if release >= 19 else 11 if release == 18 else 8 if release == 12 else 6
        self.protocol = "tcps" if encrypted else "tcp"
        self.challenge = None
        self.call_number = 0  # the client's, which an error repeats

    def run(self):
        going = True
        while going:
            kind, body = self.packets.receive()
            if kind == MARKER:
                continue
            if kind != DATA or len(body) == 2:
                return
            going = self.answer(body[2:])

    def answer(self, message):
        if message.startswith(NETWORK_SERVICES):
            return self.say(self.network_services())
        reader = Reader(message)
        kind = reader.byte()
        while kind == PIGGYBACK:
            self.skip_piggyback(reader)
            kind = reader.byte()
        if kind == PROTOCOL:
            return self.say(self.protocol_information())
        if kind == DATA_TYPES:
            return self.say(bytes([DATA_TYPES, 0, 0]))
        if kind != FUNCTION:
            raise Gone
        return self.call(reader)

    def say(self, message):
        self.packets.send_data(message)
        return True

    def skip_piggyback(self, reader):
        if reader.byte() != CLOSE_CURSORS:
            raise Gone
        reader.skip("bb")
        for _ in range(reader.number()):
            reader.number()

    def call(self, reader):
        function = reader.byte()
        self.call_number = reader.byte()
        if function == LOGIN_FIRST:
            return self.begin_login(reader)
        if function == LOGIN_SECOND and self.challenge:
            return self.end_login(reader)
        if function == EXECUTE:
            return self.execute(reader)
        if function in (PING, COMMIT, ROLLBACK, LOGOFF):
            return self.say(self.status())
        raise Gone

    def status(self):
        return bytes([STATUS]) + number(0) + number(0)

    def network_services(self):
        """Native encryption and checksums: known, and none wanted."""
        version = b"\0\x04\0\x05" + packed(self.settings["version"]).to_bytes(4, "big")
        services = b"".join(service.to_bytes(2, "big") + b"\0\x01\0\0\0\0" + version for service in (4, 1, 2, 3))
        return (NETWORK_SERVICES + (13 + len(services)).to_bytes(2, "big") + version[4:] + b"\0\x04\0" + services)

    def protocol_information(self):
        compiled, running = bytearray(53), bytearray(7)
        compiled[4] = 0xEF  # every kind of login
        compiled[7] = self.fields
        compiled[15] = 1  # a call ends with its status
        compiled[27] = 1  # data types have two bytes, as DATA_TYPES is answered
        running[6] = 4  # long strings
        national = bytes(9) + UTF16.to_bytes(2, "big")
        return (bytes([PROTOCOL, 6, 0]) + b"x86_64/Linux 2.4.xx\0" + UTF8.to_bytes(2, "little") + b"\1\0\0"
                + len(national).to_bytes(2, "big") + national + text(bytes(compiled)) + text(bytes(running)))

    def login_arguments(self, reader):
        reader.byte()
        length = reader.number()
        reader.skip("nb")
        count = reader.number()
        reader.skip("bb")
        return reader.counted(length).decode(), reader.pairs(count)

    def begin_login(self, reader):
        self.user, _ = self.login_arguments(reader)
        print(f"login of {self.user}", flush=True)
        self.challenge = Challenge(self.settings["verifier"], self.settings["password"])
        return self.say(bytes([PARAMETERS]) + pairs(self.challenge.question()) + self.status())

    def end_login(self, reader):
        _, answer = self.login_arguments(reader)
        key = self.challenge.accepts(answer)
        # Only now, so that a user who does not exist looks like any other.
        if not key or self.user.lower() != self.settings["user"]:
            self.refuse(BAD_LOGIN, "ORA-01017: invalid username/password; logon denied\n")
            return False
        version = self.settings["version"]
        facts = {"AUTH_VERSION_STRING": "- Production", "AUTH_VERSION_NO": str(packed(version)), "AUTH_VERSION_SQL": "25",
                 "AUTH_SESSION_ID": "11", "AUTH_SERIAL_NUM": "7", "AUTH_DBNAME": "TESTS", "AUTH_INSTANCENAME": "tests",
                 "AUTH_SC_SERVICE_NAME": self.settings["service"], "AUTH_MAX_OPEN_CURSORS": "300",
                 "AUTH_MAX_IDEN_LENGTH": "128", "AUTH_SVR_RESPONSE": proof(key)}
        return self.say(bytes([PARAMETERS]) + pairs([(k, v, 0) for k, v in facts.items()]) + self.status())

    def refuse(self, code, words):
        """An error ends what the client was saying: break, its reset, ours, and only then the words."""
        self.packets.send_marker(BREAK)
        while True:
            kind, body = self.packets.receive()
            if kind == MARKER and body[2:] == bytes([RESET]):
                break
        self.packets.send_marker(RESET)
        self.packets.send_data(self.error(code, words))

    def error(self, code=0, words="", rows=0):
        return (bytes([ERROR]) + number(1) + number(0) + number(rows) + number(code) + number(0) * 4 + bytes(6) + bytes(5)
                + bytes(1) + bytes([0, self.call_number]) + number(0) + number(0) + number(0) + number(0) * 3 + number(code)
                + number(rows) + (text(words) if code else b""))

    def statement(self, reader):
        reader.skip("nnb")
        length = reader.number()
        reader.skip("bnbbnnnbnbbbbbbnnbbbnbnnbnb")
        if self.fields >= 8:
            reader.skip("bnbnb")
        if self.fields >= 9:
            reader.skip("bn")
        return reader.counted(length).decode()

    def execute(self, reader):
        sql = re.sub(r"\s+", "", self.statement(reader)).upper()
        results = {"SELECTSYS_CONTEXT('USERENV','NETWORK_PROTOCOL')FROMDUAL": self.protocol,
                   "SELECTBANNERFROMV$VERSION": f"Oracle Database Release {self.settings['version']} - Production"}
        if sql not in results:
            return self.say(self.error(NO_STATEMENT, "ORA-00900: invalid SQL statement\n"))
        return self.say(self.described("RESULT") + bytes([ROW_HEADER, 0]) + number(0) * 6 + bytes([ROW])
                        + text(results[sql]) + self.error(NO_DATA, "ORA-01403: no data found\n", rows=1))

    def described(self, name):
        """One column of characters."""
        column = (bytes([VARCHAR, 0, 0, 0]) + number(4000) + number(0) * 4 + number(UTF8) + b"\1" + number(4000)
                  + (number(0) if self.fields >= 8 else b"") + bytes([1, len(name)]) + number(len(name)) + text(name)
                  + number(0) * 4)
        return bytes([DESCRIPTION, 0]) + number(4000) + number(1) + b"\0" + column + number(0) * 6
