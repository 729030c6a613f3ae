"""Packets of Oracle Net and the values inside them, as a server reads and writes them."""

import struct

CONNECT, ACCEPT, REFUSE, DATA, RESEND, MARKER = 1, 2, 4, 6, 11, 12
END_OF_STREAM = 0x0040
BREAK, RESET = 1, 2


class Gone(Exception):
    """The client left, or does not speak this protocol."""


class Packets:
    """Lengths have two bytes until an ACCEPT made them four."""

    def __init__(self, stream):
        self.stream = stream
        self.long = False

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.stream.recv(count - len(data))
            if not piece:
                raise Gone
            data += piece
        return data

    def receive(self):
        header = self._exactly(8)
        if self.long:
            (length,) = struct.unpack(">I", header[:4])
        else:
            length, checksum = struct.unpack(">HH", header[:4])
            if checksum:
                raise Gone
        if not 8 <= length <= 65536:
            raise Gone
        return header[4], self._exactly(length - 8)

    def send(self, kind, body=b"", flags=0):
        length = struct.pack(">I", 8 + len(body)) if self.long else struct.pack(">HH", 8 + len(body), 0)
        self.stream.sendall(length + bytes([kind, flags, 0, 0]) + body)

    def send_data(self, message):
        self.send(DATA, b"\0\0" + message)

    def send_marker(self, kind):
        self.send(MARKER, bytes([1, 0, kind]))


def number(value):
    """An unsigned integer of any width: how many bytes, then those."""
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([len(data)]) + data


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    assert len(data) < 253
    return bytes([len(data)]) + data


def pairs(entries):
    """(key, value, flags) as a login's answers list them."""
    out = number(len(entries))
    for key, value, flags in entries:
        out += number(len(key)) + text(key) + number(len(value)) + (text(value) if value else b"") + number(flags)
    return out


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def left(self):
        return len(self.data) - self.at

    def bytes(self, count):
        if count > self.left():
            raise Gone
        self.at += count
        return self.data[self.at - count:self.at]

    def byte(self):
        return self.bytes(1)[0]

    def number(self):
        return int.from_bytes(self.bytes(self.byte()), "big")

    def skip(self, layout):
        """'b' is a byte, 'n' a number."""
        for kind in layout:
            self.byte() if kind == "b" else self.number()

    def text(self):
        length = self.byte()
        if length != 0xFE:
            return self.bytes(length)
        whole = b""
        while piece := self.number():
            whole += self.bytes(piece)
        return whole

    def counted(self, length):
        """Characters whose number came before. Old thin clients write them alone, newer ones repeat the length."""
        if length and self.left() and self.data[self.at] in (length, 0xFE):
            return self.text()
        return self.bytes(length)

    def pairs(self, count):
        found = {}
        for _ in range(count):
            self.number()
            key = self.text().decode()
            found[key] = self.text().decode() if self.number() else ""
            self.number()
        return found
