# SPDX-License-Identifier: GPL-2.0
"""IP packets as bytes, right unless asked otherwise, for the tests that send what no socket sends."""
import socket
import struct

ICMP, TCP, UDP, DCCP, GRE, ICMPV6, SCTP, UDPLITE = 1, 6, 17, 33, 47, 58, 132, 136
HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, NO_NEXT_HEADER, DESTINATION_OPTIONS = 0, 43, 44, 51, 59, 60
EXTENSIONS = HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32}


def is_v6(address):
    return ":" in address


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if is_v6(address) else socket.AF_INET, address)


def checksum(data):
    """The sum of the 16-bit words in ones' complement is the whole as one number, modulo 0xffff."""
    if len(data) % 2:
        data += b"\0"
    number = int.from_bytes(data, "big")
    return ~(number % 0xffff or (number and 0xffff)) & 0xffff


def ip(source, destination, protocol, payload, length=None, ttl=64, fragment=0, ihl=None, identifier=1, options=b""):
    """length: what the header says of the payload, when that is not the truth. identifier: in IPv6 the flow label."""
    length = len(payload) if length is None else length
    if is_v6(source):
        return struct.pack("!IHBB", 6 << 28 | identifier, length, protocol, ttl) + packed(source) + \
            packed(destination) + payload
    size = 20 + len(options)
    ihl = size // 4 if ihl is None else ihl

    def header(total):
        return struct.pack("!BBHHHBBH", 4 << 4 | ihl, 0, size + length, identifier, fragment, ttl, protocol, total) + \
            packed(source) + packed(destination) + options
    return header(checksum(header(0))) + payload


def with_checksum(source, destination, protocol, message, place):
    """Writes the transport checksum into its place."""
    pseudo = b""
    if protocol != ICMP:
        pseudo = packed(source) + packed(destination) + struct.pack("!IHBB", len(message), 0, 0, protocol)
    total = checksum(pseudo + message)
    if protocol in (UDP, UDPLITE) and not total:
        total = 0xffff
    return message[:place] + struct.pack("!H", total) + message[place + 2:]


def segment(source, sport, destination, dport, flags, seq=0, ack=0, payload=b"", offset=5, options=b"", window=65535):
    """flags: letters of FLAGS, or a number."""
    if not isinstance(flags, int):
        flags = sum(FLAGS[f] for f in flags)
    message = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, offset << 4, flags, window, 0, 0) + options + payload
    return with_checksum(source, destination, TCP, message, 16)


def datagram(source, sport, destination, dport, payload=b"", length=None, protocol=UDP):
    message = struct.pack("!HHHH", sport, dport, 8 + len(payload) if length is None else length, 0) + payload
    return with_checksum(source, destination, protocol, message, 6)


def icmp(source, destination, kind, code, rest=0, payload=b""):
    """rest: the second word: identifier << 16 | sequence, or an MTU."""
    protocol = ICMPV6 if is_v6(source) else ICMP
    message = struct.pack("!BBHI", kind, code, 0, rest) + payload
    return with_checksum(source, destination, protocol, message, 2)


def tcp_packet(source, sport, destination, dport, flags, **options):
    return ip(source, destination, TCP, segment(source, sport, destination, dport, flags, **options))


def udp_packet(source, sport, destination, dport, payload=b"", **options):
    return ip(source, destination, UDP, datagram(source, sport, destination, dport, payload, **options))


def datagram_with(packet, text):
    """A UDP packet with another text in it."""
    v6 = packet[0] >> 4 == 6
    start, addresses = (40, packet[8:40]) if v6 else ((packet[0] & 15) * 4, packet[12:20])
    half = len(addresses) // 2
    source, destination = (socket.inet_ntop(socket.AF_INET6 if v6 else socket.AF_INET, a)
                           for a in (addresses[:half], addresses[half:]))
    return udp_packet(source, struct.unpack_from("!H", packet, start)[0],
                      destination, struct.unpack_from("!H", packet, start + 2)[0], text)


def icmp_packet(source, destination, kind, code=0, rest=0, payload=b""):
    protocol = ICMPV6 if is_v6(source) else ICMP
    return ip(source, destination, protocol, icmp(source, destination, kind, code, rest, payload))


def probe(source, destination, identifier, interface):
    """An extended echo request (RFC 8335), about an interface by its number."""
    def extension(total):
        return struct.pack("!BBHHBBI", 2 << 4, 0, total, 8, 3, 2, interface)
    # the last bit: it is one of the host's own
    return icmp_packet(source, destination, 160 if is_v6(source) else 42, 0, identifier << 16 | 1 << 8 | 1,
                       extension(checksum(extension(0))))


def redirect(source, destination, router, quoted, options=b"", ttl=255, code=None):
    """A redirect to another router; options: of ICMPv6, in front of the quote."""
    if not is_v6(source):
        return icmp_packet(source, destination, 5, 1 if code is None else code, struct.unpack("!I", packed(router))[0], quoted)
    if quoted:
        quoted += b"\0" * (-len(quoted) % 8)
        quoted = struct.pack("!BB6x", 4, 1 + len(quoted) // 8) + quoted
    message = icmp(source, destination, 137, code or 0,
                   payload=packed(router) + packed("fd00:9::9") + options + quoted)
    return ip(source, destination, ICMPV6, message, ttl=ttl)


def halves(source, sport, destination, dport, payload):
    """A datagram in two fragments; each has the same identification."""
    whole = datagram(source, sport, destination, dport, payload)
    cut = len(whole) // 16 * 8

    def fragment(part, offset, more):
        if not is_v6(source):
            return ip(source, destination, UDP, part, fragment=more << 13 | offset // 8)
        return ip(source, destination, FRAGMENT, struct.pack("!BBHI", UDP, 0, offset | more, 1) + part)
    return fragment(whole[:cut], 0, 1), fragment(whole[cut:], cut, 0)


def unreachable(source, destination, quoted):
    """Port unreachable, about a packet of which as much is quoted as is given."""
    kind, code = (1, 4) if is_v6(source) else (3, 3)
    return icmp_packet(source, destination, kind, code, payload=quoted)


class Packet:
    """An IP packet, taken apart; extension headers and options are part of its header.

    quoted: by an error, so that it may be shorter than it says. whole: there is at least all of the IP header.
    fragment: it is one, or has the header of one. next_at: where the header has the transport protocol.
    """

    def __init__(self, data, quoted=False):
        self.v6 = data[0] >> 4 == 6
        self.fragment = False
        self.source = self.destination = b""
        self.whole = self._take_apart(data, quoted) and self.length <= len(self.data)
        self.header, self.payload = self.data[:self.length], self.data[self.length:]

    def _take_apart(self, data, quoted):
        self.data, self.length, self.next_at, self.protocol = data, 40 if self.v6 else 20, 6 if self.v6 else 9, None
        if len(data) < self.length:
            return False
        if not self.v6:
            self.length, self.protocol = (data[0] & 15) * 4, data[9]
            if not quoted:
                self.data = data[:struct.unpack_from("!H", data, 2)[0]]
            self.source, self.destination = data[12:16], data[16:20]
            self.fragment = bool(data[6] & 0x3f or data[7])
            return self.length >= 20
        if not quoted:
            self.data = data = data[:40 + struct.unpack_from("!H", data, 4)[0]]
        self.source, self.destination = data[8:24], data[24:40]
        while data[self.next_at] in EXTENSIONS:
            if self.length + 8 > len(data):
                return False
            kind, step = data[self.next_at], 8 + 8 * data[self.length + 1]
            if kind == FRAGMENT:
                step, self.fragment = 8, True
            if kind == AUTHENTICATION:
                step = 8 + 4 * data[self.length + 1]
            self.next_at = self.length
            self.length += step
        self.protocol = data[self.next_at]
        return True

    def is_error(self):
        return self.protocol == (ICMPV6 if self.v6 else ICMP) and len(self.payload) >= 8 and \
            (self.payload[0] < 128 if self.v6 else self.payload[0] in (3, 4, 5, 11, 12))

    def sums_are_right(self):
        """Of the IP header, and of the ICMP message."""
        pseudo = b""
        if self.v6:
            pseudo = self.source + self.destination + struct.pack("!II", len(self.payload), ICMPV6)
        return (self.v6 or not checksum(self.header)) and not checksum(pseudo + self.payload)
