# SPDX-License-Identifier: GPL-2.0
"""Packets of SCTP, DCCP and UDP-Lite as bytes, right unless asked otherwise."""
import struct

from packets import DCCP, SCTP, UDPLITE, checksum, ip, packed

DCCP_TYPES = ("request", "response", "data", "ack", "dataack", "closereq", "close", "reset", "sync", "syncack")


def _crc_of_octet(octet):
    for _ in range(8):
        octet = octet >> 1 ^ (0x82f63b78 if octet & 1 else 0)
    return octet


CRC = [_crc_of_octet(octet) for octet in range(256)]


def crc32c(data):
    crc = 0xffffffff
    for octet in data:
        crc = crc >> 8 ^ CRC[(crc ^ octet) & 255]
    return crc ^ 0xffffffff


def chunk(kind, flags=0, body=b"", length=None):
    length = 4 + len(body) if length is None else length
    return struct.pack("!BBH", kind, flags, length) + body + b"\0" * (-len(body) % 4)


# What a word of a test means; a tag may stand behind a colon.
CHUNKS = {
    "data": lambda tag: chunk(0, 3, struct.pack("!IHHI", 1, 0, 0, 0) + b"hello"),
    "init": lambda tag: chunk(1, 0, struct.pack("!IIHHI", tag, 65536, 1, 1, 1)),
    "init_ack": lambda tag: chunk(2, 0, struct.pack("!IIHHI", tag, 65536, 1, 1, 1) + struct.pack("!HHI", 7, 8, 0)),
    "sack": lambda tag: chunk(3, 0, struct.pack("!IIHH", 1, 65536, 0, 0)),
    "heartbeat": lambda tag: chunk(4, 0, struct.pack("!HHI", 1, 8, 0)),
    "heartbeat_ack": lambda tag: chunk(5, 0, struct.pack("!HHI", 1, 8, 0)),
    "abort": lambda tag: chunk(6),
    "abort_t": lambda tag: chunk(6, 1),
    "shutdown": lambda tag: chunk(7, 0, struct.pack("!I", 1)),
    "shutdown_ack": lambda tag: chunk(8),
    "cookie_echo": lambda tag: chunk(10, 0, b"cookie!"),
    "cookie_ack": lambda tag: chunk(11),
    "shutdown_complete": lambda tag: chunk(14),
    "shutdown_complete_t": lambda tag: chunk(14, 1),
    "length_0": lambda tag: chunk(3, 0, b"\0" * 12, 0),
    "too_long": lambda tag: chunk(3, 0, b"\0" * 12, 17),
    "crc": lambda tag: b"",
}


def sctp_message(sport, dport, vtag, words):
    """The word crc: the checksum is wrong."""
    body = b""
    for word in words:
        name, _, tag = word.partition(":")
        body += CHUNKS[name](int(tag or "0", 0))
    crc = crc32c(struct.pack("!HHII", sport, dport, vtag, 0) + body)
    if "crc" in words:
        crc ^= 1
    return struct.pack("!HHI", sport, dport, vtag) + struct.pack("<I", crc) + body


def crc_is_right(message):
    return len(message) >= 12 and message[8:12] == struct.pack("<I", crc32c(message[:8] + b"\0\0\0\0" + message[12:]))


def sctp_packet(source, sport, destination, dport, vtag, words):
    return ip(source, destination, SCTP, sctp_message(sport, dport, vtag, words))


def partly_covered(source, destination, protocol, message, place, covered):
    pseudo = packed(source) + packed(destination) + struct.pack("!IHBB", len(message), 0, 0, protocol)
    total = checksum(pseudo + message[:covered]) or 0xffff
    return message[:place] + struct.pack("!H", total) + message[place + 2:]


def dccp_message(source, sport, destination, dport, kind, seq, ack, lies=()):
    """lies: type, offset, coverage or checksum; partial is true, and covers the header only."""
    number = DCCP_TYPES.index(kind)
    words = 4 + (2 if kind not in ("request", "data") else 0) + (kind in ("request", "response", "reset"))
    coverage = 15 if "coverage" in lies else "partial" in lies
    header = struct.pack("!HHBBHBB", sport, dport, 3 if "offset" in lies else words, coverage, 0,
                         (10 if "type" in lies else number) << 1 | 1, 0) + seq.to_bytes(6, "big")
    if kind not in ("request", "data"):
        header += struct.pack("!H", 0) + ack.to_bytes(6, "big")
    header = header.ljust(words * 4, b"\0")
    message = partly_covered(source, destination, DCCP, header + b"hello...", 6,
                             len(header) if "partial" in lies else len(header) + 8)
    if "partial" in lies:
        message = message[:-1] + b"!"
    if "checksum" in lies:
        message = message[:6] + bytes([message[6] ^ 0x55]) + message[7:]
    return message


def dccp_packet(source, sport, destination, *about, **more):
    return ip(source, destination, DCCP, dccp_message(source, sport, destination, *about, **more))


def udplite_message(source, sport, destination, dport, coverage, lie=""):
    """lie: inside, an octet that is covered is wrong; outside, one that is not."""
    message = struct.pack("!HHHH", sport, dport, coverage, 0) + b"0123456789abcdef"
    message = partly_covered(source, destination, UDPLITE, message, 6, coverage or len(message))
    if lie:
        place = 8 if lie == "inside" else len(message) - 1
        message = message[:place] + b"!" + message[place + 1:]
    return message


def udplite_is_right(source, destination, message):
    coverage, = struct.unpack_from("!H", message, 4)
    return message == partly_covered(source, destination, UDPLITE, message[:6] + b"\0\0" + message[8:], 6,
                                     coverage or len(message))


def udplite_packet(source, sport, destination, *about):
    return ip(source, destination, UDPLITE, udplite_message(source, sport, destination, *about))
