# SPDX-License-Identifier: GPL-2.0
"""trace_sessions.py COUNT: opens trace sessions and closes them, one after another, as fast as it goes.

Each wants another event than the one before, or all of them; so probes are put up and taken down
each time. The next one is open before the last is closed, every second time. What there is under
traffic without end has to be told: else it fails. Prints how many sessions there were.
"""
import select
import socket
import struct
import sys

from netlink import ACK, ERROR, HEADER, REQUEST, SOL_NETLINK, attribute, attributes

NETLINK_GENERIC, NETLINK_NO_ENOBUFS = 16, 5
GENL_HEADER = struct.Struct("=BBxx")
CONTROL, GET_FAMILY, FAMILY_ID, FAMILY_NAME = 16, 3, 1, 2
TRACE, FILTER, RECORD = 4, 13, 16
EVENTS = 14
ALL = (1 << EVENTS) - 1
# Packets that go through connections, and are translated.
UNDER_TRAFFIC = 1 << 0 | 1 << 6
PATIENCE = 30


def request(sock, family, command, content):
    body = GENL_HEADER.pack(command, 1) + content
    sock.send(HEADER.pack(HEADER.size + len(body), family, REQUEST | ACK, 1, 0) + body)


def messages(sock):
    """Those of one packet: what they are, and what they have."""
    packet = sock.recv(65536)
    while len(packet) >= HEADER.size:
        length, kind = HEADER.unpack_from(packet)[:2]
        yield kind, packet[HEADER.size:length]
        packet = packet[(length + 3) & ~3:]


def answer(sock):
    """What is said until the request is acknowledged; what is told before may have left no room for that."""
    said = []
    while not any(RECORD in message for message in said):
        for kind, body in messages(sock):
            if kind != ERROR:
                said.append(attributes(body[GENL_HEADER.size:]))
                continue
            error = -struct.unpack_from("=i", body)[0]
            if error:
                raise OSError(error, "the request is refused")
            return said
    return said


def open_socket():
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    sock.bind((0, 0))
    # What finds no room is no error of the socket's.
    sock.setsockopt(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)
    sock.settimeout(PATIENCE)
    return sock


def family_number():
    with open_socket() as sock:
        request(sock, CONTROL, GET_FAMILY, attribute(FAMILY_NAME, b"ctrack\0"))
        return struct.unpack("=H", answer(sock)[0][FAMILY_ID])[0]


def begin(family, events):
    """struct ctrack_trace_filter of nf/uapi_trace.h; nothing but the events is given."""
    sock = open_socket()
    request(sock, family, TRACE, attribute(FILTER, struct.pack("=II188x", 0, events)))
    told = any(RECORD in said for said in answer(sock))
    if events & UNDER_TRAFFIC and not told and not select.select([sock], [], [], PATIENCE)[0]:
        raise TimeoutError("a session of the events %#x is told nothing" % events)
    return sock


def main():
    count, family, before = int(sys.argv[1]), family_number(), None
    for number in range(count):
        which = number % (EVENTS + 1)
        sock = begin(family, 1 << which if which < EVENTS else ALL)
        if before:
            before.close()
        if number % 2:
            before = sock
        else:
            before = None
            sock.close()
    if before:
        before.close()
    print("%d sessions" % count)


if __name__ == "__main__":
    main()
