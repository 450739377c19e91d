# SPDX-License-Identifier: GPL-2.0
"""What a sequence is made of: packets as their senders mean them, without the addresses of a flow.

Each has a default for every field but the first ones, so that a field can be simplified away.
"""
import dataclasses
import struct

import packets
from packets import ICMP, ICMPV6, TCP, UDP, UDPLITE

OTHER = {"client": "server", "server": "client"}
MASK = 0xffffffff
IP_OPTION = b"\1\1\1\0"
DESTINATION_OPTIONS, NOTHING_OPTION = 60, b"\0\1\4\0\0\0\0"
# options without a value
BARE = ("sackok", "fastopen")


def flip(message, place):
    """The same with a wrong checksum at a place."""
    if len(message) < place + 2:
        return message
    return message[:place] + bytes([message[place] ^ 0x55]) + message[place + 1:]


@dataclasses.dataclass(frozen=True)
class Packet:
    """extended: has an IP option, in IPv6 a header, that means nothing."""
    side: str
    extended: bool = dataclasses.field(default=False, kw_only=True)

    # where the checksum stands
    place = 0

    def finish(self, message):
        """cut, wrong_checksum: as the fields say."""
        if self.wrong_checksum:
            message = flip(message, self.place)
        return message[:self.cut] if self.cut else message

    def wrap(self, flow, protocol, message, source=None):
        way = flow.sides[self.side]
        options = b""
        if self.extended and flow.family == 4:
            options = IP_OPTION
        elif self.extended:
            protocol, message = DESTINATION_OPTIONS, bytes([protocol]) + NOTHING_OPTION + message
        return packets.ip(source or way.own, way.other, protocol, message, identifier=flow.identifier, options=options)

    def pieces(self, frame, _flow):
        """What is sent for it."""
        return [frame]

    def simpler(self):
        """The same with one field less to explain."""
        for field in dataclasses.fields(self):
            if field.default is not dataclasses.MISSING and getattr(self, field.name) != field.default:
                yield dataclasses.replace(self, **{field.name: field.default})

    def notes(self):
        said = " with IP options" if self.extended else ""
        if self.wrong_checksum:
            said += " WRONG CHECKSUM"
        if self.cut:
            said += " CUT to %d" % self.cut
        return said


@dataclasses.dataclass(frozen=True)
class Segment(Packet):
    """seq, ack: from the first sequence number of either side on. options: name and value."""
    flags: str
    seq: int = 0
    ack: int = 0
    payload: int = 0
    window: int = 1000
    options: tuple = ()
    offset: int = -1
    port: int = 0
    wrong_checksum: bool = False
    cut: int = 0

    place = 16

    def option_bytes(self, isn):
        data = b""
        for name, value in self.options:
            if name == "mss":
                data += struct.pack("!BBH", 2, 4, value)
            elif name == "wscale":
                data += struct.pack("!BBB", 3, 3, value)
            elif name == "sackok":
                data += struct.pack("!BB", 4, 2)
            elif name == "ts":
                data += struct.pack("!BBII", 8, 10, value, 0)
            elif name == "fastopen":
                data += struct.pack("!BB", 34, 10) + b"cookie!!"
            elif name == "sack":
                left, right = value
                data += struct.pack("!BBII", 5, 10, left + isn[OTHER[self.side]] & MASK,
                                    right + isn[OTHER[self.side]] & MASK)
            elif name == "raw":
                data += bytes(value)
        return data + b"\1" * (-len(data) % 4)

    def message(self, flow, isn):
        way = flow.sides[self.side]
        options = self.option_bytes(isn)
        offset = 5 + len(options) // 4 if self.offset < 0 else self.offset
        ack = self.ack + isn[OTHER[self.side]] & MASK if "A" in self.flags else self.ack & MASK
        return self.finish(packets.segment(
            way.own, way.own_port + self.port, way.other, way.other_port, self.flags,
            seq=self.seq + isn[self.side] & MASK, ack=ack, payload=b"." * self.payload,
            offset=offset, options=options, window=self.window))

    def build(self, flow, isn):
        return self.wrap(flow, TCP, self.message(flow, isn))

    def kind(self):
        return "tcp " + (self.flags.replace("P", "") or "none")

    def text(self):
        said = "%s seq %d" % (self.flags or "no flags", self.seq)
        if self.payload:
            said += ":%d" % (self.seq + self.payload)
        if "A" in self.flags:
            said += " ack %d" % self.ack
        said += " win %d" % self.window
        if self.options:
            said += " <%s>" % ", ".join(name if name in BARE else "%s %s" % (name, value)
                                        for name, value in self.options)
        if self.offset >= 0:
            said += " offset %d" % self.offset
        if self.port:
            said += " from port +%d" % self.port
        return said + self.notes()


@dataclasses.dataclass(frozen=True)
class Datagram(Packet):
    payload: int = 4
    length: int = -1
    port: int = 0
    wrong_checksum: bool = False
    no_checksum: bool = False
    cut: int = 0

    place = 6
    protocol, name = UDP, "udp"

    def build(self, flow, isn):
        way = flow.sides[self.side]
        message = packets.datagram(way.own, way.own_port + self.port, way.other, way.other_port, b"." * self.payload,
                                   length=None if self.length < 0 else self.length, protocol=self.protocol)
        if self.no_checksum:
            message = message[:6] + b"\0\0" + message[8:]
        return self.wrap(flow, self.protocol, self.finish(message))

    def kind(self):
        return self.name

    def text(self):
        said = "datagram of %d" % self.payload
        if self.length >= 0:
            said += " length %d" % self.length
        if self.port:
            said += " from port +%d" % self.port
        if self.no_checksum:
            said += " without checksum"
        return said + self.notes()


@dataclasses.dataclass(frozen=True)
class LiteDatagram(Datagram):
    """length: how much of it the checksum is about, which has no say in this one being right."""
    protocol, name = UDPLITE, "udplite"


@dataclasses.dataclass(frozen=True)
class Unknown(Packet):
    """Of a protocol that is known by its addresses alone."""
    protocol: int
    payload: int = 20
    wrong_checksum: bool = False
    cut: int = 0

    def build(self, flow, isn):
        return self.wrap(flow, self.protocol, b"." * (self.cut or self.payload))

    def kind(self):
        return "protocol %d" % self.protocol

    def text(self):
        return "%d octets" % self.payload + self.notes()


@dataclasses.dataclass(frozen=True)
class Query(Packet):
    """An ICMP message, of the flow's family."""
    type: int
    code: int = 0
    identifier: int = 0
    sequence: int = 1
    payload: int = 8
    wrong_checksum: bool = False
    cut: int = 0

    place = 2

    def build(self, flow, isn):
        way = flow.sides[self.side]
        rest = (flow.port + self.identifier & 0xffff) << 16 | self.sequence
        message = packets.icmp(way.own, way.other, self.type, self.code, rest, b"." * self.payload)
        return self.wrap(flow, ICMP if flow.family == 4 else ICMPV6, self.finish(message))

    def kind(self):
        return "icmp type %d" % self.type

    def text(self):
        said = "type %d" % self.type
        if self.code:
            said += " code %d" % self.code
        if self.identifier:
            said += " id +%d" % self.identifier
        return said + self.notes()


@dataclasses.dataclass(frozen=True)
class Error(Packet):
    """About a packet that this side got, of which so many octets behind the IP header are quoted.

    middle: from a router on the way. spoil: quotes the packet's destination port wrongly. About a packet of the same
    side it is what nobody sends.
    """
    about: Packet
    type: int
    code: int = 0
    rest: int = 0
    quoted: int = 8
    middle: bool = False
    spoil: bool = False
    wrong_checksum: bool = False
    cut: int = 0

    place = 2

    def quote(self, flow, isn):
        """As this side knows the packet, with the addresses that it had when it arrived here."""
        seen = flow if self.about.side == self.side else _Seen(flow, self.side)
        whole = self.about.build(seen, isn)
        header = 20 if flow.family == 4 else 40
        if self.about.extended:
            header += len(IP_OPTION) if flow.family == 4 else 1 + len(NOTHING_OPTION)
        whole = whole[:header + self.quoted]
        if self.spoil and len(whole) >= header + 4:
            whole = whole[:header + 3] + bytes([whole[header + 3] ^ 1]) + whole[header + 4:]
        return whole

    def build(self, flow, isn):
        way = flow.sides[self.side]
        source = flow.middle(self.side) if self.middle else way.own
        message = packets.icmp(source, way.other, self.type, self.code, self.rest, self.quote(flow, isn))
        return self.wrap(flow, ICMP if flow.family == 4 else ICMPV6, self.finish(message), source)

    def simpler(self):
        yield from super().simpler()
        for about in self.about.simpler():
            yield dataclasses.replace(self, about=about)

    def kind(self):
        return "error %d about %s%s" % (self.type, "own " if self.about.side == self.side else "", self.about.kind())

    def text(self):
        said = "error type %d code %d" % (self.type, self.code)
        if self.rest:
            said += " rest %d" % self.rest
        if self.middle:
            said += " from a router on the way"
        said += ", quotes %d of %s%s [%s]" % (self.quoted, "its own " if self.about.side == self.side else "",
                                              "with a wrong port " if self.spoil else "", self.about.text())
        return said + self.notes()


class _Seen:
    """A flow as the one side sees what the other one sends."""

    def __init__(self, flow, side):
        way = flow.sides[side]
        self.family, self.identifier, self.port = flow.family, flow.identifier, flow.port
        turned = type(way)(way.other, way.own, way.other_port, way.own_port)
        self.sides = {OTHER[side]: turned}
