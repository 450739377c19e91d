# SPDX-License-Identifier: GPL-2.0
"""IP packets as bytes, right unless asked otherwise, for the tests that send what no socket sends."""
import socket
import struct

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32}


def is_v6(address):
    return ":" in address


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if is_v6(address) else socket.AF_INET, address)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip(source, destination, protocol, payload, length=None, ttl=64, fragment=0, ihl=5):
    """length: what the header says of the payload, when that is not the truth."""
    length = len(payload) if length is None else length
    if is_v6(source):
        return struct.pack("!IHBB", 6 << 28, length, protocol, ttl) + packed(source) + packed(destination) + payload

    def header(total):
        return struct.pack("!BBHHHBBH", 4 << 4 | ihl, 0, 20 + length, 1, fragment, ttl, protocol, total) + \
            packed(source) + packed(destination)
    return header(checksum(header(0))) + payload


def with_checksum(source, destination, protocol, message, place):
    """Writes the transport checksum into its place."""
    pseudo = b""
    if protocol != ICMP:
        pseudo = packed(source) + packed(destination) + struct.pack("!IHBB", len(message), 0, 0, protocol)
    total = checksum(pseudo + message)
    if protocol == UDP and not total:
        total = 0xffff
    return message[:place] + struct.pack("!H", total) + message[place + 2:]


def segment(source, sport, destination, dport, flags, seq=0, ack=0, payload=b"", offset=5, options=b"", window=65535):
    """flags: letters of FLAGS, or a number."""
    if not isinstance(flags, int):
        flags = sum(FLAGS[f] for f in flags)
    message = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, offset << 4, flags, window, 0, 0) + options + payload
    return with_checksum(source, destination, TCP, message, 16)


def datagram(source, sport, destination, dport, payload=b"", length=None):
    message = struct.pack("!HHHH", sport, dport, 8 + len(payload) if length is None else length, 0) + payload
    return with_checksum(source, destination, UDP, message, 6)


def icmp(source, destination, kind, code, rest=0, payload=b""):
    """rest: the second word: identifier << 16 | sequence, or an MTU."""
    protocol = ICMPV6 if is_v6(source) else ICMP
    message = struct.pack("!BBHI", kind, code, 0, rest) + payload
    return with_checksum(source, destination, protocol, message, 2)


def tcp_packet(source, sport, destination, dport, flags, **options):
    return ip(source, destination, TCP, segment(source, sport, destination, dport, flags, **options))


def udp_packet(source, sport, destination, dport, payload=b"", **options):
    return ip(source, destination, UDP, datagram(source, sport, destination, dport, payload, **options))


def icmp_packet(source, destination, kind, code=0, rest=0, payload=b""):
    protocol = ICMPV6 if is_v6(source) else ICMP
    return ip(source, destination, protocol, icmp(source, destination, kind, code, rest, payload))


def unreachable(source, destination, quoted):
    """Port unreachable, about a packet of which as much is quoted as is given."""
    kind, code = (1, 4) if is_v6(source) else (3, 3)
    return icmp_packet(source, destination, kind, code, payload=quoted)
