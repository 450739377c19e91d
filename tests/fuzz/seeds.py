#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""seeds.py DIR: writes what the fuzzers start from, DIR/FUZZER/NUMBER.

The head of each fuzzer's file says how its input is laid out. An input that once broke
something is added below, with a word on what it was.
"""
import ipaddress
import os
import shutil
import struct
import sys
import zlib

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
SYNACK = SYN | ACK


def tcp_header(flags, options=b"", seq=1, ack=2, window=1000, offset=None):
    offset = 5 + len(options) // 4 if offset is None else offset
    return struct.pack("!HHIIBBHHH", 1000, 80, seq, ack, offset << 4, flags, window, 0, 0) + options


def tcp_segment(header, payload=0):
    return struct.pack("!H", len(header) + payload) + header


MSS = b"\x02\x04\x05\xb4"
SCALE = b"\x01\x03\x03\x07"
SCALE_TOO_LARGE = b"\x01\x03\x03\xff"
SACK_PERMITTED = b"\x01\x01\x04\x02"
SACK = b"\x01\x01\x05\x0a" + struct.pack("!II", 10, 20)
SACK_TWICE = b"\x01\x01\x05\x12" + struct.pack("!IIII", 10, 20, 0x80000000, 0x80000002)
TIMESTAMP = b"\x01\x01\x08\x0a" + bytes(8)

TCP_SEGMENT = [
    tcp_segment(tcp_header(SYN, MSS + SCALE + SACK_PERMITTED + TIMESTAMP)),
    tcp_segment(tcp_header(SYNACK, MSS + SCALE_TOO_LARGE)),
    tcp_segment(tcp_header(ACK, SACK), 100),
    tcp_segment(tcp_header(ACK, SACK_TWICE)),
    tcp_segment(tcp_header(PSH | ACK | FIN), 1460),
    tcp_segment(tcp_header(RST)),
    # As long as a header gets, filled with what only the receiver can read.
    tcp_segment(tcp_header(ACK, b"\x1e\x28" + bytes(38))),
    # An option that ends behind the header, one without a length, one of length 0.
    tcp_segment(tcp_header(SYN, b"\x01\x01\x03\x03")),
    tcp_segment(tcp_header(SYN, b"\x01\x01\x01\x03")),
    tcp_segment(tcp_header(SYN, b"\x03\x00\x00\x00")),
    # What the data offset says is too little, more than there is, more than is readable.
    tcp_segment(tcp_header(ACK, offset=4)),
    tcp_segment(tcp_header(ACK, offset=6)),
    tcp_segment(tcp_header(ACK, offset=15), 100),
    # No flags, all flags.
    tcp_segment(tcp_header(0)),
    tcp_segment(tcp_header(255)),
]

LOOSE, LIBERAL = 1, 2


def segment(end, flags, seq=0, ack=0, window=16, payload=0, options=None, far=0):
    how = end | far | (0x10 if options is not None else 0)
    octets = bytes([how, flags, seq & 255, ack & 255, window, payload])
    return octets if options is None else octets + bytes([len(options) // 4]) + options


def tcp(*segments, options=LOOSE, state=0, first=(1000, 0xfffffff0)):
    return bytes([options, state]) + struct.pack("!II", *first) + b"".join(segments)


OPENED = (segment(0, SYN, options=SCALE + SACK_PERMITTED),
          segment(1, SYNACK, options=SCALE + SACK_PERMITTED),
          segment(0, ACK))

TCP = [
    # From the handshake to the last ACK, and the next connection.
    tcp(*OPENED, segment(0, PSH | ACK, payload=200), segment(1, ACK), segment(0, FIN | ACK),
        segment(1, ACK), segment(1, FIN | ACK), segment(0, ACK), segment(0, SYN, seq=100)),
    # ... which the other end can open as well.
    tcp(*OPENED, segment(0, FIN | ACK), segment(1, FIN | ACK), segment(0, ACK),
        segment(1, SYN, seq=100), segment(0, SYNACK)),
    # Both open at once (RFC 9293 figure 7), both close at once (figure 13).
    tcp(segment(0, SYN), segment(1, SYN), segment(0, SYNACK), segment(1, SYNACK),
        segment(0, FIN | ACK), segment(1, FIN | ACK), segment(0, ACK), segment(1, ACK)),
    # Everything twice; then a SYN of a client that was started anew, and its challenge ACK.
    tcp(segment(0, SYN), segment(0, SYN, seq=-1), segment(1, SYNACK), segment(1, SYNACK, seq=-1),
        segment(0, ACK), segment(0, SYN, seq=50, far=2), segment(1, ACK), segment(0, RST)),
    # ... which the server has forgotten, too.
    tcp(*OPENED, segment(0, SYN, seq=50, far=2), segment(1, SYNACK), segment(0, ACK)),
    # In mid-stream, from either end, and not at all.
    tcp(segment(0, ACK, payload=100), segment(1, ACK, payload=100), segment(0, ACK)),
    tcp(segment(1, ACK, payload=100), segment(0, ACK)),
    tcp(segment(0, ACK, payload=100), options=0),
    # Far outside of the window, before it and behind it; resets there; SACK.
    tcp(*OPENED, segment(0, ACK, seq=64, far=2), segment(0, ACK, seq=192, far=2),
        segment(1, RST, seq=64, far=2), segment(1, RST | ACK), segment(1, ACK, ack=64, far=4),
        segment(0, ACK, options=SACK)),
    # Zero windows and probes, keepalives.
    tcp(*OPENED, segment(1, ACK, window=0), segment(0, ACK, payload=1), segment(0, ACK, seq=-1),
        segment(0, ACK, seq=-1), segment(0, ACK, seq=-1), segment(1, ACK)),
    # ctnetlink put it in as established, and a reply is the first that comes.
    tcp(segment(1, ACK, payload=10), segment(0, ACK), options=LIBERAL, state=3),
    # Fast Open: data in the SYN (RFC 7413).
    tcp(segment(0, SYN, payload=100), segment(1, SYNACK, payload=100), segment(0, ACK)),
]

HANDSHAKE = bytes([0x05, 0x05, 0x0a, 0x0a])
TCP_ENDS = [
    # Long enough for a handshake, data and its end; which, the fuzzer finds out.
    bytes(range(256)),
    bytes(range(0, 256, 3)) * 4,
    HANDSHAKE * 16,
]


def datagram(end, length, field, checksum=1):
    return bytes([end]) + struct.pack("!HHHHH", length, 1000, 53, field, checksum)


UDP = [
    bytes([0]) + datagram(0, 30, 30) + datagram(1, 100, 100) + datagram(0, 30, 30),
    # RFC 768 lets the checksum out, UDP-Lite doesn't (RFC 3828 section 3.1).
    bytes([0]) + datagram(0, 8, 8, 0) + datagram(0, 30, 31) + datagram(0, 30, 0),
    bytes([0xc0]) + datagram(0, 30, 0) + datagram(1, 30, 8) + datagram(0, 30, 30),
    bytes([0xc0]) + datagram(0, 30, 7) + datagram(0, 30, 31) + datagram(0, 30, 0, 0),
    bytes([0]) + datagram(0, 8, 8)[:-1],
]


def message(end, kind, code=0, length=8):
    return bytes([end]) + struct.pack("!HBBHHH", length, kind, code, 0, 77, 1)


V6 = 0x20
ICMP = [
    bytes([0]) + message(0, 8) + message(1, 0) + message(0, 8),
    bytes([0]) + message(0, 13) + message(1, 14) + message(0, 0) + message(0, 3, 4),
    bytes([0]) + message(0, 200) + message(0, 8, length=7) + message(0, 8)[:-1],
    bytes([0xc0 | V6]) + message(0, 128) + message(1, 129) + message(0, 139) + message(1, 140),
    bytes([0xc0 | V6]) + message(0, 129) + message(0, 135) + message(0, 1) + message(0, 200),
    # Each in the other family.
    bytes([V6]) + message(0, 8),
    bytes([0xc0]) + message(0, 128),
]


def packet(end, octets, more=0):
    return bytes([end]) + struct.pack("!HB", len(octets) + more, len(octets)) + octets


def proto(number, *packets, restored=0):
    return bytes([LOOSE, number, restored]) + b"".join(packets)


def proto_of(number, first, second):
    return [proto(number, packet(0, first), packet(1, second), packet(0, first)),
            proto(number, packet(1, second, 4), packet(0, first[:5]), restored=7)]


UDP_HEADER = struct.pack("!HHHH", 1000, 53, 8, 1)
# An INIT and its INIT ACK (RFC 9260 section 3.3), a request and a response (RFC 4340 section 5),
# GRE with a key (RFC 2890) and PPTP's (RFC 2637).
SCTP_INIT = struct.pack("!HHIIBBHIIHHI", 1000, 80, 0, 0, 1, 0, 20, 0x11111111, 1500, 1, 1, 1)
SCTP_INIT_ACK = struct.pack("!HHIIBBHIIHHI", 80, 1000, 0x11111111, 0, 2, 0, 20, 0x22222222,
                            1500, 1, 1, 1)
DCCP_REQUEST = struct.pack("!HHBBHBBHII", 1000, 80, 5, 0, 0, 0x01, 0, 0, 1, 0x2a)
DCCP_RESPONSE = struct.pack("!HHBBHBBHIHHI", 80, 1000, 7, 0, 0, 0x03, 0, 0, 2, 0, 0, 1) + bytes(4)
GRE = struct.pack("!HHI", 0x2000, 0x0800, 77)
GRE_PPTP = struct.pack("!HHHHI", 0x3001, 0x880b, 0, 77, 1)

PROTO = sum([
    proto_of(6, tcp_header(SYN, MSS + SCALE), tcp_header(SYNACK, MSS)),
    proto_of(17, UDP_HEADER, UDP_HEADER),
    proto_of(136, UDP_HEADER, UDP_HEADER),
    proto_of(1, b"\x08" + bytes(7), bytes(8)),
    proto_of(58, b"\x80" + bytes(7), b"\x81" + bytes(7)),
    proto_of(132, SCTP_INIT, SCTP_INIT_ACK),
    proto_of(33, DCCP_REQUEST, DCCP_RESPONSE),
    proto_of(47, GRE, GRE_PPTP),
    proto_of(50, bytes(8), bytes(8)),
], [])


def chunk(kind, beyond=0, first=0, flags=0):
    return struct.pack("!BBBI", kind, flags, 4 + beyond, first)


def sctp(*packets, state=0):
    """Packets are (end, whose tag, chunk...): tag 1 is chosen by end 0, tag 2 by end 1."""
    return bytes([LOOSE, state]) + b"".join(
        bytes([end | tag << 1 | len(chunks) << 4, 0]) + b"".join(chunks)
        for end, tag, *chunks in packets)


DATA, INIT, INIT_ACK = chunk(0, 14, flags=3), chunk(1, 16, 1), chunk(2, 16, 2)
HEARTBEAT, HEARTBEAT_ACK, ABORT = chunk(4, 8), chunk(5, 8), chunk(6)
SHUTDOWN, SHUTDOWN_ACK, SHUTDOWN_COMPLETE = chunk(7, 4), chunk(8), chunk(14)
STALE_COOKIE = chunk(9, 8, 0x00030008)
COOKIE_ECHO, COOKIE_ACK, AUTH = chunk(10, 4), chunk(11), chunk(15, 24, 0x00020001)
ASSOCIATED = ((0, 0, INIT), (1, 1, INIT_ACK), (0, 2, COOKIE_ECHO), (1, 1, COOKIE_ACK))

SCTP = [
    sctp(*ASSOCIATED, (0, 2, DATA, DATA), (1, 1, DATA), (0, 2, SHUTDOWN), (1, 1, SHUTDOWN_ACK),
         (0, 2, SHUTDOWN_COMPLETE), (0, 0, INIT)),
    # Restarted (RFC 9260 section 5.2.4), aborted with the T bit, with a wrong tag.
    sctp(*ASSOCIATED, (0, 0, chunk(1, 16, 3)), (1, 3, INIT_ACK), (0, 2, COOKIE_ECHO, DATA),
         (1, 3, COOKIE_ACK), (1, 2, chunk(6, flags=1)), (0, 3, ABORT)),
    # Both ends send an INIT (section 5.2.1); a stale cookie.
    sctp((0, 0, INIT), (1, 0, chunk(1, 16, 2)), (1, 1, INIT_ACK), (0, 2, chunk(2, 16, 1)),
         (0, 2, COOKIE_ECHO), (1, 1, COOKIE_ECHO), (1, 1, STALE_COOKIE), (0, 2, COOKIE_ACK)),
    # Another path of an association; one that ctnetlink put in.
    sctp((0, 2, HEARTBEAT), (1, 1, HEARTBEAT_ACK), (0, 2, DATA), (1, 1, HEARTBEAT)),
    sctp((1, 1, DATA), (0, 2, SHUTDOWN), state=4),
    # What must be alone is not.
    sctp((0, 0, INIT, DATA), (0, 0, DATA, INIT), (0, 2, DATA, COOKIE_ECHO), (0, 0)),
    # Authenticated (RFC 4895): only AUTH may come before a COOKIE ECHO.
    sctp((0, 0, INIT), (1, 1, INIT_ACK), (0, 2, AUTH, COOKIE_ECHO, DATA), (1, 1, AUTH, COOKIE_ACK), (0, 2, AUTH),
         (0, 2, AUTH, DATA, COOKIE_ECHO), (0, 2, AUTH, SHUTDOWN)),
    # A chunk that is shorter than its header (section 3.2).
    sctp(*ASSOCIATED, (0, 2, chunk(0, -4)), (0, 2, chunk(3, -1))),
]


def dccp(*packets, state=0):
    """Packets are (end, type, sequence number, acknowledgment number); long numbers."""
    return bytes([LOOSE, state]) + b"".join(
        bytes([end | 2, kind, seq, ack, 0, 0]) for end, kind, seq, ack in packets)


REQUEST, RESPONSE, DATA_ALONE, DATA_ACK, CLOSEREQ, CLOSE, RESET, SYNC, SYNCACK = 0, 1, 2, 4, 5, 6, 7, 8, 9
DCCP_OPENED = ((0, REQUEST, 1, 0), (1, RESPONSE, 9, 1), (0, DATA_ACK, 2, 9), (1, DATA_ACK, 10, 2))

DCCP = [
    dccp(*DCCP_OPENED, (1, CLOSEREQ, 11, 2), (0, CLOSE, 3, 11), (1, RESET, 12, 3),
         (0, REQUEST, 4, 0)),
    # Started anew by the client, then from the other end; with what opens nothing.
    dccp(*DCCP_OPENED, (0, REQUEST, 77, 0), (1, SYNC, 11, 77), (0, RESET, 78, 11)),
    dccp(*DCCP_OPENED, (1, REQUEST, 88, 0), (0, RESPONSE, 99, 88), (1, DATA_ACK, 89, 99)),
    # A Close before any Ack; a SyncAck that opens.
    dccp(*DCCP_OPENED[:2], (0, CLOSE, 2, 9), (1, RESET, 10, 2)),
    dccp(*DCCP_OPENED[:3], (0, SYNC, 3, 9), (1, SYNCACK, 10, 3), (0, DATA_ALONE, 4, 0)),
    dccp((0, DATA_ALONE, 1, 0), (0, 15, 1, 0), (1, RESPONSE, 1, 0)),
    dccp((1, DATA_ACK, 1, 1), (0, CLOSE, 2, 1), state=4),
    # A short header, cut anywhere.
    bytes([LOOSE, 0, 0, 0, 1, 0, 0, 0, 4 * 9, 0, 1, 0, 0, 0, 4 * 28, 0, 1, 0, 0, 0]),
]


def gre(*packets):
    return bytes([LOOSE]) + b"".join(bytes([end]) + struct.pack("!HHH", length, flags, kind)
                                     for end, length, flags, kind in packets)


GRE_TUNNELS = [
    gre((0, 100, 0, 0x800), (1, 100, 0x2000, 0x800), (0, 100, 0xb000, 0x6558)),
    # Shorter than what the flags say; PPTP, with and without its key; an unknown version.
    gre((0, 15, 0xb000, 0x800), (0, 16, 0x7000, 0x800), (0, 4, 0x8000, 0x800)),
    gre((0, 16, 0x3081, 0x880b), (1, 12, 0x2081, 0x880b), (0, 12, 0x0081, 0x880b)),
    gre((0, 4, 0xffff, 0), (0, 3, 0, 0x800)),
]


def key(protonum, source_id, destination_id, l3num=2):
    return struct.pack("=16s2sH16s2sBB", bytes([10, 0, 0, 1]), source_id, l3num,
                       bytes([10, 0, 0, 2]), destination_id, protonum, 0)


KEY = [
    key(6, b"\x10\x00", b"\x00\x50") + bytes([0, 1, 0, 200, 1, 0x3f]),
    key(1, b"\x00\x4d", b"\x08\x00"),
    key(1, b"\x00\x4d", b"\x03\x04"),
    key(58, b"\x00\x4d", b"\x80\x00", 10),
    key(47, b"\x00\x01", b"\x00\x02"),
]

PORT = [
    struct.pack("!HHIHHH", 1024, 65535, 7, 1024, 65535, 1023),
    struct.pack("!HHIHH", 0, 65535, 0xffffffff, 0, 65535),
    struct.pack("!HHIHHH", 600, 600, 3, 600, 511, 512),
    struct.pack("!HHI", 2000, 1000, 0),
]

VALUES = [
    "0", "00255", "65535", "18446744073709551615", "18446744073709551616", "-1", "1e2", " 1",
    "10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "2001:db8::/32", "::ffff:1.2.3.4/128", "fe80::1%lo",
    "1111:2222:3333:4444:5555:6666:7777:8888/129", "80-90", "90-80", "0-65535", "1-2-3",
    "0x1", "0xff/0xff", "0xffffffff/4294967295", "1/0x", "0x100000000",
]

MANY = ["proto tcp src 10.0.0.0/8 dst 2.2.2.2 sport 1-1024 dport 443 state established zone 3",
        "reply-src ::1 reply-dst 2001:db8::/32 family ipv6 nat any status unreplied mark 0x1/0xff",
        "proto 256", "src 10.0.0.1 dst ::1", "proto tcp proto tcp", "mark", "bogus 1"]
ONE = ["proto tcp src 10.0.0.1 dst 10.0.0.2 sport 1 dport 2 zone 7",
       "proto icmpv6 src ::1 dst ::2 type 128 code 0 id 77",
       "proto gre src 1.1.1.1 dst 2.2.2.2", "proto 47 src ::1 dst ::2 sport 1 dport 2",
       "proto tcp src 10.0.0.0/8 dst 10.0.0.2 sport 1-2 dport 2"]
ENTRY = bytes(150)


RECORDS = [
    "ipv4 tcp src=10.0.1.2 dst=10.0.1.1 sport=4001 dport=8081 reply-src=10.0.2.2 reply-dst=10.0.2.1 reply-sport=81 "
    "reply-dport=61234 timeout=431999 state=established scale=7/14 flags=0x3/0xb status=seen_reply,assured mark=0x37 "
    "zone=3 labels=0x80000000000000000000000000000001",
    "ipv4 icmp src=10.0.1.2 dst=10.0.2.2 type=8 code=0 id=77 reply-src=10.0.2.2 reply-dst=10.0.2.1 reply-type=0 "
    "reply-code=0 reply-id=78 timeout=30 status=seen_reply zone-orig=65535",
    "ipv4 sctp src=10.0.1.2 dst=10.0.2.2 sport=1 dport=2 reply-src=10.0.2.2 reply-dst=10.0.1.2 reply-sport=2 "
    "reply-dport=1 timeout=210 state=established vtag=0x1/0xffffffff status=seen_reply,assured,fixed_timeout",
    "ipv6 dccp src=fd09::1 dst=fd09::2 sport=1 dport=4 reply-src=fd09::2 reply-dst=fd09::1 reply-sport=4 reply-dport=1 "
    "timeout=3000 state=open role=1 handshake-seq=281474976710655",
    "ipv6 99 src=:: dst=ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff reply-src=:: reply-dst=:: timeout=4294967295 "
    "mark=0xffffffff zone-reply=1",
]


def checkpoint(records):
    file = b""
    for line in ["ctrack-save 1", *records, f"end {len(records)}"]:
        file += line.encode()
        file += f" crc={zlib.crc32(file):08x}\n".encode()
    return file


def strings(line):
    return b"\0".join(word.encode() for word in line.split())


ARGS = ["-o json proto tcp --sort -bytes", "--output=table all", "--count 10 -h --all",
        "-oconntrack src 10.0.0.1", "--sort=bogus", "-x", "--unknown", "-o", "--count 0",
        "-- all", "proto tcp -- dport 80", "--co 5 -ohjson"]

# ctnetlink (linux/netfilter/nfnetlink_conntrack.h), in the order of bytes of this machine where
# the kernel's is that.
NESTED = 0x8000


def attr(kind, payload):
    whole = struct.pack("=HH", 4 + len(payload), kind) + payload
    return whole + bytes(-len(whole) % 4)


def nest(kind, *attrs):
    return attr(kind | NESTED, b"".join(attrs))


def tuple_of(kind, source, destination, protonum, ids):
    addresses = [ipaddress.ip_address(a) for a in (source, destination)]
    first = 1 if addresses[0].version == 4 else 3
    return nest(kind, nest(1, *[attr(first + i, a.packed) for i, a in enumerate(addresses)]),
                nest(2, attr(1, bytes([protonum])), *[attr(k, v) for k, v in ids]))


def ports(source, destination):
    return [(2, struct.pack("!H", source)), (3, struct.pack("!H", destination))]


def query(kind, number, v6=False):
    first = 7 if v6 else 4
    return [(first, struct.pack("!H", number)), (first + 1, bytes([kind])), (first + 2, b"\0")]


def ct(*attrs, kind=0x100, flags=0, family=2):
    return bytes([0]) + struct.pack("!HH", kind, flags) + bytes([family, 0, 0, 0]) + b"".join(attrs)


ALL = [attr(3, struct.pack("!I", 0x3e)), attr(7, struct.pack("!I", 60)), attr(8, struct.pack("!I", 1)),
       attr(12, struct.pack("!I", 7)), attr(11, struct.pack("!I", 1)),
       nest(9, attr(1, struct.pack("!Q", 12)), attr(2, struct.pack("!Q", 1 << 40)))]
TCP4 = [tuple_of(1, "1.1.1.1", "2.2.2.2", 6, ports(1000, 80)),
        tuple_of(2, "2.2.2.2", "3.3.3.3", 6, ports(80, 2000))]
ICMP6 = [tuple_of(1, "::1", "::2", 58, query(128, 77, True)),
         tuple_of(2, "::2", "::3", 58, query(129, 78, True))]


def stats(*reasons):
    inner = [attr(kind, struct.pack("=I", 5)) for kind in (1, 2, 3, 5)]
    inner += [attr(4, b"\1"), nest(6, *reasons), nest(6)]
    return bytes([1]) + struct.pack("!HH", 40, 0) + bytes(4) + b"".join(inner)


def error(number, length, flags, *attrs):
    return bytes([2]) + struct.pack("!HH", 2, flags) + struct.pack("=iIHHII", number, length, 0, 0, 0, 0) + \
        b"".join(attrs)


CAPPED, TLVS = 0x100, 0x200
CTCTL_NL = [
    ct(*TCP4, *ALL, nest(4, nest(1, attr(1, b"\x03")))),
    ct(*TCP4, *ALL, flags=0x600),
    ct(*TCP4, *ALL, attr(18, b"\0\5"), kind=0x102),
    ct(*ICMP6, *ALL, family=10),
    ct(tuple_of(1, "1.1.1.1", "2.2.2.2", 1, query(8, 77)),
       tuple_of(2, "2.2.2.2", "1.1.1.1", 1, query(0, 77))),
    ct(tuple_of(1, "1.1.1.1", "2.2.2.2", 50, []), tuple_of(2, "2.2.2.2", "1.1.1.1", 50, [])),
    ct(), ct(kind=0x200), ct(family=7),
    stats(attr(1, b"tcp_flags\0"), attr(2, struct.pack("=Q", 9))),
    stats(attr(1, b"x" * 100), attr(2, b"\1")),
    error(-22, 1000, CAPPED | TLVS, attr(1, b"bad tuple\0")),
    error(-22, 20, TLVS, attr(1, b"bad tuple\0")),
    error(-2, 16, 0), error(0, 16, CAPPED), error(-22, 0xffffffff, TLVS),
]

SEEDS = {
    "tcp_segment": TCP_SEGMENT,
    "tcp": TCP,
    "tcp_ends": TCP_ENDS,
    "udp": UDP,
    "icmp": ICMP,
    "proto": PROTO,
    "sctp": SCTP,
    "dccp": DCCP,
    "gre": GRE_TUNNELS,
    "key": KEY,
    "port": PORT,
    "octets": [bytes(range(8)), b"\xff" * 8],
    "ctctl_value": ["\0".join(VALUES).encode()] + [value.encode() for value in VALUES],
    "ctctl_filter": [b"\0" + strings(line) + ENTRY for line in MANY] +
                    [b"\1" + strings(line) for line in ONE] + [b"\2mark"],
    "ctctl_args": [b"\xff" + strings(line) for line in ARGS] +
                  [b"\x05" + strings(line) for line in ARGS],
    "ctctl_nl": CTCTL_NL,
    "ctctl_record": [checkpoint(RECORDS)] + [b"\x01\x02\x03" + record.encode() for record in RECORDS],
}


def main():
    directory = sys.argv[1]
    shutil.rmtree(directory, ignore_errors=True)
    for name, seeds in SEEDS.items():
        os.makedirs(os.path.join(directory, name))
        for number, seed in enumerate(seeds):
            with open(os.path.join(directory, name, str(number)), "wb") as file:
                file.write(seed)


main()
