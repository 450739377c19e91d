# SPDX-License-Identifier: GPL-2.0
"""Packets that no honest host sends. sockets.py's step `hostile` sends them by name."""
import struct

from packets import (ICMP, ICMPV6, TCP, UDP, datagram, icmp, icmp_packet, ip, is_v6, segment, tcp_packet,
                     udp_packet, unreachable)

SPORT, DPORT = 4000, 80


def broken(message, place):
    """The same with a checksum that is wrong."""
    return message[:place] + struct.pack("!H", struct.unpack_from("!H", message, place)[0] ^ 0x5555) + \
        message[place + 2:]


def tcp(a, b, **options):
    flags = options.pop("flags", "S")
    return tcp_packet(a, SPORT, b, DPORT, flags, **options)


def echo(a, b):
    return icmp(a, b, 128 if is_v6(a) else 8, 0, 1 << 16 | 1)


def query(a, b, kind4, kind6, code=0):
    return icmp_packet(a, b, kind6 if is_v6(a) else kind4, code, 1 << 16 | 1)


def icmp_number(a):
    return ICMPV6 if is_v6(a) else ICMP


# a: where it is sent from, b: where to. Errors quote what b would have sent to a.
PACKETS = {
    "tcp_3_octets": lambda a, b: ip(a, b, TCP, b"\x0f\xa0\x00"),
    "tcp_4_octets": lambda a, b: ip(a, b, TCP, struct.pack("!HH", SPORT, DPORT)),
    "tcp_19_octets": lambda a, b: ip(a, b, TCP, segment(a, SPORT, b, DPORT, "S")[:19]),
    "tcp_offset_4": lambda a, b: tcp(a, b, offset=4),
    "tcp_offset_0": lambda a, b: tcp(a, b, offset=0),
    "tcp_offset_15": lambda a, b: tcp(a, b, offset=15),
    "tcp_no_flags": lambda a, b: tcp(a, b, flags=0),
    "tcp_syn_fin": lambda a, b: tcp(a, b, flags="SF"),
    "tcp_syn_rst": lambda a, b: tcp(a, b, flags="SR"),
    "tcp_christmas": lambda a, b: tcp(a, b, flags=0x3f),
    "tcp_fin_alone": lambda a, b: tcp(a, b, flags="F"),
    "tcp_checksum": lambda a, b: ip(a, b, TCP, broken(segment(a, SPORT, b, DPORT, "S"), 16)),
    "udp_3_octets": lambda a, b: ip(a, b, UDP, b"\x0f\xa0\x00"),
    "udp_7_octets": lambda a, b: ip(a, b, UDP, datagram(a, SPORT, b, DPORT)[:7]),
    "udp_length_7": lambda a, b: udp_packet(a, SPORT, b, DPORT, length=7),
    "udp_length_0": lambda a, b: udp_packet(a, SPORT, b, DPORT, length=0),
    "udp_length_large": lambda a, b: udp_packet(a, SPORT, b, DPORT, b"hello", length=14),
    "udp_checksum": lambda a, b: ip(a, b, UDP, broken(datagram(a, SPORT, b, DPORT, b"hello"), 6)),
    "icmp_7_octets": lambda a, b: ip(a, b, icmp_number(a), echo(a, b)[:7]),
    "icmp_1_octet": lambda a, b: ip(a, b, icmp_number(a), echo(a, b)[:1]),
    "icmp_checksum": lambda a, b: ip(a, b, icmp_number(a), broken(echo(a, b), 2)),
    "icmp_type": lambda a, b: query(a, b, 44, 250),
    "icmp_answer": lambda a, b: query(a, b, 0, 129),
    "error_quotes_nothing": lambda a, b: unreachable(a, b, b""),
    "error_quotes_garbage": lambda a, b: unreachable(a, b, b"\xff" * 48),
    "error_quotes_half_a_header": lambda a, b: unreachable(a, b, udp_packet(b, SPORT, a, DPORT)[:12]),
    "error_quotes_no_ports": lambda a, b: unreachable(a, b, udp_packet(b, SPORT, a, DPORT)[:42 if is_v6(a) else 22]),
    "error_quotes_an_error": lambda a, b: unreachable(a, b, unreachable(b, a, udp_packet(a, SPORT, b, DPORT))),
    "error_quotes_the_other_family": lambda a, b: unreachable(a, b, udp_packet("10.0.1.2", SPORT, "10.0.2.2", DPORT)
                                                        if is_v6(a) else
                                                        udp_packet("fd00:1::2", SPORT, "fd00:2::2", DPORT)),
    "error_quotes_a_fragment": lambda a, b: unreachable(a, b, ip(b, a, UDP, datagram(b, SPORT, a, DPORT), fragment=100)),
    "error_about_nothing": lambda a, b: unreachable(a, b, udp_packet(b, 9999, a, 9999)),
    "error_about_another": lambda a, b: unreachable(a, b, udp_packet(a, SPORT, b, DPORT)),
    "error_header_too_long": lambda a, b: unreachable(a, b, ip(b, a, UDP, datagram(b, SPORT, a, DPORT), ihl=15)),
    "error_quotes_ihl_4": lambda a, b: unreachable(a, b, ip(b, a, UDP, datagram(b, SPORT, a, DPORT), ihl=4)),
    # destination options that end behind the packet
    "extension_too_long": lambda a, b: ip(a, b, 60, struct.pack("!BB", UDP, 20) + b"\0" * 6),
    "extension_alone": lambda a, b: ip(a, b, 60, b"\x11"),
    # a routing header in front of nothing
    "extension_before_nothing": lambda a, b: ip(a, b, 60, struct.pack("!BBBB", UDP, 0, 1, 4) + b"\0" * 4),
}


def packet(name, source, destination):
    return PACKETS[name](source, destination)
