# SPDX-License-Identifier: GPL-2.0
"""Packets that are changed at random: cut, lengths that lie, options, chains of extension headers, quotes.

Everything comes from the generator of random numbers that is handed in, so that a seed says all.
"""
import struct

from packets import (AUTHENTICATION, DCCP, DESTINATION_OPTIONS, FRAGMENT, GRE, HOP_BY_HOP, ICMP, ICMPV6, NO_NEXT_HEADER,
                     ROUTING, SCTP, TCP, UDP, UDPLITE, Packet, checksum)
from transports import crc32c

OCTETS = (0, 1, 4, 5, 15, 0x45, 0x4f, 0x60, 0x7f, 0x80, 0xff)
WORDS = (0, 1, 3, 4, 7, 8, 9, 12, 20, 0x7fff, 0x8000, 0xfff8, 0xffff)
KNOWN = (ICMP, TCP, UDP, DCCP, GRE, ICMPV6, SCTP, UDPLITE, 253, HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION,
         NO_NEXT_HEADER, DESTINATION_OPTIONS, 4, 41, 50, 255)
CHECK = {TCP: 16, UDP: 6, UDPLITE: 6, DCCP: 6, ICMP: 2, ICMPV6: 2}
# record route, time stamp, router alert, some nothing, an end, and what lies about its length
OPTIONS = (b"\1\1\1\1", b"\0\0\0\0", b"\7\7\4\0\0\0\0\0", b"\x44\x0c\5\0" + b"\0" * 8, b"\x94\4\0\0", b"\1\7\3\4",
           b"\x82\2\1\1", b"\7\xff\4\0", b"\x44\0\5\0", b"\x99\1\1\1", b"\x83\7\4\x0a\1\1\3\0", b"\x94\x28\0\0")
# where an honest sender has a length, a type or an offset
PLACES = {TCP: (12, 13), UDP: (4, 5), UDPLITE: (4, 5), DCCP: (4, 5, 8), SCTP: (12, 14, 15), GRE: (0, 1, 2),
          ICMP: (0, 1), ICMPV6: (0, 1)}


def put(data, place, octets):
    return data[:place] + octets + data[place + len(octets):]


def cut(random, packet):
    end = packet.length + 40 if random.random() < 0.7 else len(packet.data)
    return packet.data[:random.randrange(1, min(end, len(packet.data)) + 1)]


def flip(random, packet):
    place = random.randrange(min(len(packet.data), packet.length + 40))
    return put(packet.data, place, bytes([packet.data[place] ^ 1 << random.randrange(8)]))


def octet(random, packet):
    return put(packet.data, random.randrange(len(packet.data)), bytes([random.choice(OCTETS)]))


def word(random, packet):
    return put(packet.data, random.randrange(0, len(packet.data) - 1, 2), struct.pack("!H", random.choice(WORDS)))


def lie(random, packet):
    """In a place that means something to the protocol."""
    place = packet.length + random.choice(PLACES.get(packet.protocol, (0,)))
    return put(packet.data, place, bytes([random.choice(OCTETS)]))


def chunk(random, packet):
    """A length of SCTP's, or whatever stands there in another protocol."""
    places = range(packet.length + 14, len(packet.data) - 1, 4)
    if not places:
        return packet.data
    return put(packet.data, random.choice(places), struct.pack("!H", random.choice(WORDS)))


def header_length(random, packet):
    if packet.v6:
        return put(packet.data, 4, struct.pack("!H", random.choice(WORDS)))
    return put(packet.data, 0, bytes([4 << 4 | random.randrange(16)]))


def protocol(random, packet):
    return put(packet.data, packet.next_at, bytes([random.choice(KNOWN)]))


def extension(random, kind, following):
    """One header, mostly as it should be; its length is not always the truth."""
    if kind == FRAGMENT:
        where = random.choice((0, 0, 1, 8, 9, 0xfff8))
        return struct.pack("!BBHI", following, 0, where, random.randrange(1 << 32))
    size = random.randrange(3)
    said = size if random.random() < 0.8 else random.choice((0, 1, 2, 30, 255))
    body = struct.pack("!BB", 1, 8 * size + 4) + b"\0" * (8 * size + 4)
    if kind == ROUTING:
        body = struct.pack("!BB", random.choice((0, 2, 3, 4, 253)), random.choice((0, 0, 1))) + body[2:]
    if kind == AUTHENTICATION:
        said = (2 * said + (0 if random.random() < 0.9 else 1)) % 256
    return struct.pack("!BB", following, said) + body


def options(random, packet):
    """IP options, or a chain of extension headers."""
    if packet.v6:
        following, chain = packet.data[6], b""
        for _ in range(random.choice((1, 1, 2, 3, 8))):
            kind = random.choice((HOP_BY_HOP, DESTINATION_OPTIONS, DESTINATION_OPTIONS, ROUTING, FRAGMENT, AUTHENTICATION,
                                  NO_NEXT_HEADER))
            chain = extension(random, kind, following) + chain
            following = kind
        return packet.data[:6] + bytes([following]) + packet.data[7:40] + chain + packet.data[40:]
    added = b"".join(random.choice(OPTIONS) for _ in range(random.choice((1, 1, 2, 5))))[:60 - packet.length]
    header = packet.data[:packet.length] + added
    return bytes([4 << 4 | len(header) // 4]) + header[1:] + packet.data[packet.length:]


def fragment(random, packet):
    if packet.v6:
        header = struct.pack("!BBHI", packet.data[6], 0, random.choice((0, 1, 8, 0xfff9)), random.randrange(4))
        return packet.data[:6] + bytes([FRAGMENT]) + packet.data[7:40] + header + packet.data[40:]
    return put(packet.data, 6, struct.pack("!H", random.choice((0x2000, 0x2001, 1, 0x1fff, 0x4000, 0x8000, 0x6000))))


def tail(random, packet):
    return packet.data + bytes(random.randrange(256) for _ in range(random.randrange(1, 30)))


def quote(random, packet):
    """Changes what an error quotes."""
    start = packet.length + 8
    if packet.protocol not in (ICMP, ICMPV6) or len(packet.data) < start + 20:
        return lie(random, packet)
    inner = Packet(packet.data[start:], True)
    if not inner.whole:
        return flip(random, packet)
    return packet.data[:start] + random.choice(CHANGES)(random, inner)


CHANGES = (cut, flip, flip, octet, word, lie, lie, chunk, header_length, protocol, options, options, fragment, tail, quote,
           quote, quote)


def mend(random, data):
    """Makes most lengths and sums right again: else nothing would come further than to the first look at them."""
    packet = Packet(data)
    if random.random() < 0.9:
        place, length = (4, len(data) - 40) if packet.v6 else (2, len(data))
        data = put(data, place, struct.pack("!H", max(length, 0)))
    packet = Packet(data)
    if packet.whole and random.random() < 0.85:
        data = with_right_sum(packet)
    return data


def with_right_sum(packet):
    message, place = packet.payload, CHECK.get(packet.protocol)
    if packet.protocol == SCTP and len(message) >= 12:
        message = put(message, 8, struct.pack("<I", crc32c(put(message, 8, b"\0\0\0\0"))))
    elif place is not None and len(message) >= place + 2 and len(message) >= 8:
        covered = len(message)
        if packet.protocol == UDPLITE:
            covered = struct.unpack_from("!H", message, 4)[0] or covered
        if packet.protocol == DCCP and message[5] & 15:
            covered = 4 * message[4] + 4 * (message[5] & 15) - 4
        pseudo = b""
        if packet.protocol != ICMP:
            pseudo = packet.source + packet.destination + struct.pack("!II", len(message), packet.protocol)
        message = put(message, place, b"\0\0")
        total = checksum(pseudo + message[:covered])
        message = put(message, place, struct.pack("!H", total or 0xffff))
    return packet.data[:packet.length] + message


def tagged(data, tag, hops):
    """tag: where routers leave it as it is. The sum of IPv4's header is made anew, or nobody would read further."""
    if data[0] >> 4 == 6:
        return struct.pack("!I", 6 << 28 | tag) + data[4:7] + bytes([hops]) + data[8:]
    data = data[:4] + struct.pack("!H", tag) + data[6:8] + bytes([hops]) + data[9:10] + b"\0\0" + data[12:]
    return put(data, 10, struct.pack("!H", checksum(data[:max(20, (data[0] & 15) * 4)])))


def halves(random, data, tag):
    """The two fragments of a packet; what it is made of need not make sense."""
    start = 40 if data[0] >> 4 == 6 else min((data[0] & 15) * 4, len(data))
    offset = 8 * random.randrange(1, max(2, (len(data) - start) // 8))

    def piece(where, more, octets):
        if start == 40 and data[0] >> 4 == 6:
            header = struct.pack("!BBHI", data[6], 0, where | more, tag)
            return data[:4] + struct.pack("!HB", len(octets) + 8, FRAGMENT) + data[7:40] + header + octets
        header = data[:2] + struct.pack("!HHHBBH", start + len(octets), tag, more << 13 | where // 8, *data[8:10], 0) + \
            data[12:start]
        return put(header, 10, struct.pack("!H", checksum(header))) + octets
    return piece(0, 1, data[start:start + offset]), piece(offset, 0, data[start + offset:])


def joined(first, second):
    """A packet that came in these two, or None."""
    pieces = {}
    for data in first, second:
        if data[0] >> 4 == 6:
            if data[6] != FRAGMENT:
                return None
            where, = struct.unpack_from("!H", data, 42)
            pieces[where & ~7] = data[48:]
            header = data[:4] + b"\0\0" + data[40:41] + data[7:40]
        else:
            start = (data[0] & 15) * 4
            where, = struct.unpack_from("!H", data, 6)
            pieces[8 * (where & 0x1fff)] = data[start:struct.unpack_from("!H", data, 2)[0]]
            header = put(put(data[:start], 6, bytes([data[6] & 0xc0, 0])), 10, b"\0\0")
    if len(pieces) != 2 or len(pieces.get(0, b"")) != max(pieces):
        return None
    octets = pieces[0] + pieces[max(pieces)]
    if header[0] >> 4 == 6:
        return put(header, 4, struct.pack("!H", len(octets))) + octets
    header = put(header, 2, struct.pack("!H", len(header) + len(octets)))
    return put(header, 10, struct.pack("!H", checksum(header))) + octets


def mutant(random, data, tag, hops):
    """The packet, changed once or some times; None when not even a header is left of it."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 3))):
        packet = Packet(data)
        if not packet.whole or not packet.payload:
            break
        data = random.choice(CHANGES)(random, packet)
    least = 40 if data[0] >> 4 == 6 else 20
    if len(data) < least:
        return None
    return tagged(mend(random, data), tag, hops)
