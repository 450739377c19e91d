# SPDX-License-Identifier: GPL-2.0
"""nfnetlink without a library: what a library would not send can be said, and is heard as it came."""
import collections
import socket
import struct

NETLINK_NETFILTER = 12
SOL_NETLINK, NETLINK_EXT_ACK = 270, 11
ERROR, DONE = 2, 3
REQUEST, MULTI, ACK, ECHO, EXCL, CREATE = 1, 2, 4, 8, 0x200, 0x400
DUMP, DUMP_INTERRUPTED, DUMP_FILTERED = 0x300, 0x10, 0x20
CAPPED, HAS_TEXT, TEXT = 0x100, 0x200, 1
NESTED, TYPE_MASK = 0x8000, 0x3fff
HEADER, FAMILY_HEADER, ATTRIBUTE_HEADER = struct.Struct("=IHHII"), struct.Struct("!BBH"), struct.Struct("=HH")
PATIENCE = 30


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def attribute(kind, content):
    """content: octets, or a list of attributes to be nested."""
    if isinstance(content, list):
        content = b"".join(content)
        kind |= NESTED
    return padded(ATTRIBUTE_HEADER.pack(ATTRIBUTE_HEADER.size + len(content), kind) + content)


def u8(kind, value):
    return attribute(kind, bytes([value]))


def be16(kind, value):
    return attribute(kind, value.to_bytes(2, "big"))


def be32(kind, value):
    return attribute(kind, value.to_bytes(4, "big"))


def host32(kind, value):
    return attribute(kind, struct.pack("=I", value))


def attributes(data):
    """By kind; where one comes twice, the last."""
    found = {}
    while len(data) >= ATTRIBUTE_HEADER.size:
        length, kind = ATTRIBUTE_HEADER.unpack_from(data)
        found[kind & TYPE_MASK] = data[ATTRIBUTE_HEADER.size:length]
        data = data[(length + 3) & ~3:]
    return found


def number(data):
    return int.from_bytes(data, "big")


class Message(collections.namedtuple("Message", "subsystem kind flags sequence port body")):
    """body: the family's header and all behind it."""

    @property
    def is_end(self):
        return not self.subsystem and self.kind in (ERROR, DONE)

    @property
    def payload(self):
        return self.body[FAMILY_HEADER.size:]

    @property
    def resource(self):
        return FAMILY_HEADER.unpack_from(self.body)[2]

    @property
    def attributes(self):
        return attributes(self.payload)

    def error(self):
        return -struct.unpack_from("=i", self.body)[0]

    def text(self):
        """What an extended acknowledgement says."""
        if self.kind != ERROR or not self.flags & HAS_TEXT:
            return ""
        request = HEADER.size
        if not self.flags & CAPPED:
            request = struct.unpack_from("=I", self.body, 4)[0]
        return attributes(self.body[4 + ((request + 3) & ~3):]).get(TEXT, b"").rstrip(b"\0").decode()


# error: its number, or 0
Answer = collections.namedtuple("Answer", "error text messages")


class Netlink:
    """A socket that speaks to one subsystem of nfnetlink."""

    def __init__(self, subsystem, groups=0):
        self.subsystem = subsystem
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.bind((0, groups))
        self.socket.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.socket.settimeout(PATIENCE)
        self.port = self.socket.getsockname()[0]
        self.sequence = 0
        self.unasked = []

    def close(self):
        self.socket.close()

    def send(self, kind, flags, body=b"", family=socket.AF_INET, version=0, resource=0):
        self.sequence += 1
        body = FAMILY_HEADER.pack(family, version, resource) + body
        self.socket.send(HEADER.pack(HEADER.size + len(body), self.subsystem << 8 | kind, flags | REQUEST,
                                     self.sequence, 0) + body)

    def receive(self, size=65536):
        """The messages of one packet. The kernel makes the next one no larger than the largest size was."""
        packet = self.socket.recv(size)
        while len(packet) >= HEADER.size:
            length, kind, flags, sequence, port = HEADER.unpack_from(packet)
            yield Message(kind >> 8, kind & 0xff, flags, sequence, port, packet[HEADER.size:length])
            packet = packet[(length + 3) & ~3:]

    def talk(self, kind, flags, body=b"", **header):
        """Sends a request and collects what answers it; all else is left in self.unasked."""
        self.send(kind, flags | ACK, body, **header)
        messages = []
        while True:
            for message in self.receive():
                if message.sequence != self.sequence:
                    self.unasked.append(message)
                elif message.is_end:
                    return Answer(message.error(), message.text(), messages)
                else:
                    messages.append(message)
