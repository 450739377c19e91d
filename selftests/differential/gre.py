# SPDX-License-Identifier: GPL-2.0
"""GRE sequences: tunnels (RFC 2890) and PPTP's data (RFC 2637)."""
import dataclasses
import struct

from packet import Packet

GRE = 47
CHECKSUM, KEY, SEQUENCE, ACK = 0x8000, 0x2000, 0x1000, 0x80
ETHERTYPE, PPP = 0x800, 0x880b


@dataclasses.dataclass(frozen=True)
class Gre(Packet):
    """flags: of the header; what they announce is there, unless it is cut."""
    version: int = 0
    flags: int = 0
    key: int = 0
    payload: int = 8
    wrong_checksum: bool = False
    cut: int = 0

    place = 4

    def build(self, flow, isn):
        message = struct.pack("!HH", self.flags | self.version, PPP if self.version else ETHERTYPE)
        if self.flags & CHECKSUM:
            message += bytes(4)
        if self.flags & KEY:
            message += struct.pack("!I", self.key)
        for flag in (SEQUENCE, ACK):
            if self.flags & flag:
                message += struct.pack("!I", 1)
        message += b"." * self.payload
        # a checksum is verified by no router
        return self.wrap(flow, GRE, message[:self.cut] if self.cut else message)

    def kind(self):
        return "gre version %d" % self.version

    def text(self):
        said = "version %d flags %x key %d, %d octets" % (self.version, self.flags, self.key, self.payload)
        return said + self.notes()


def generate(random, length):
    version = random.choice((0, 0, 0, 1))
    flags = KEY if version else random.choice((0, KEY, KEY | SEQUENCE, SEQUENCE, CHECKSUM | KEY))
    packets = []
    for _ in range(length):
        packets.append(Gre(random.choice(("client", "client", "server")), version, flags, key=random.choice((0, 7, 8))))
    return packets
