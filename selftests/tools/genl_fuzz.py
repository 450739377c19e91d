# SPDX-License-Identifier: GPL-2.0
"""genl_fuzz.py GROUP: ctrack's own generic netlink family, asked for nonsense and by who may not.

`fuzz` sends the same damaged requests each time; `own` asks as root of a user namespace, which rules its
network but not the machine; `forbidden` without any right.
"""
import errno
import random
import socket
import struct

import cases
import conntrack as ct
from cases import case, equal, expect
from netlink import ACK, HEADER, NETLINK_EXT_ACK, PATIENCE, REQUEST, SOL_NETLINK, Netlink, attribute, attributes, u8

NETLINK_GENERIC, CONTROL, GET_FAMILY, FAMILY_ID, FAMILY_NAME = 16, 16, 3, 1, 2
STATS, ON, OFF, TRACE, LATENCY, WHY = range(1, 7)
FILTER, FILTER_REASON, EVERYWHERE = 13, 14, 15
CONNECTION, FAMILY = 21, 22
SEED, COUNT = 11, 6000
GENERIC_HEADER = struct.Struct("=BBH")
LASTS = ct.timeout(300)


class Family(Netlink):
    """A socket that speaks to it; an answer's body is the generic header and all behind it."""

    def __init__(self):
        super().__init__(0)
        self.socket.close()
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.socket.bind((0, 0))
        self.socket.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.socket.settimeout(PATIENCE)
        self.family = CONTROL
        answer = self.ask(GET_FAMILY, attribute(FAMILY_NAME, b"ctrack\0"))
        self.family = struct.unpack("=H", attributes(answer.messages[0].payload)[FAMILY_ID])[0]

    def send(self, kind, flags, body=b"", **header):
        self.sequence += 1
        body = GENERIC_HEADER.pack(kind, 1, 0) + body
        self.socket.send(HEADER.pack(HEADER.size + len(body), self.family, flags | REQUEST, self.sequence, 0) + body)

    def ask(self, command, body=b""):
        return self.talk(command, ACK, body)


def about(tuples=ct.original()):
    return attribute(CONNECTION, [tuples]) + u8(FAMILY, socket.AF_INET)


def samples():
    return (about(), about(ct.reply()), about(ct.original() + ct.zone(0)), about(ct.original(more=ct.tuple_zone(3))),
            attribute(FILTER, bytes(range(204))), attribute(FILTER_REASON, b"tcp_ack\0"), attribute(EVERYWHERE, b""))


def damaged(dice, body):
    body = bytearray(body)
    for _ in range(dice.choice((0, 1, 2, 4))):
        body[dice.randrange(len(body))] = dice.choice((0, 1, 4, 0x7f, 0x80, 0xff, dice.randrange(256)))
    return bytes(body[:dice.choice((len(body), len(body), dice.randrange(len(body) + 1)))])


def fuzz(family):
    tracker, dice, errors = ct.Conntrack(), random.Random(SEED), set()
    expect("there is a connection", 0, tracker.create(ct.tuples() + LASTS))
    for _ in range(COUNT):
        command = dice.choice((STATS, WHY, WHY, WHY, dice.randrange(7, 12)))
        try:
            errors.add(family.ask(command, damaged(dice, dice.choice(samples()))).error)
        except TimeoutError:
            case(False, "each of %d damaged requests is answered" % COUNT, command)
            return
    case({0, errno.EINVAL, errno.ENOENT, errno.EOPNOTSUPP} <= errors, "each of %d damaged requests is answered" % COUNT, errors)
    expect("and the next, which is right", 0, family.ask(WHY, about()))
    expect("statistics with an attribute that means nothing", errno.EINVAL, family.ask(STATS, u8(FAMILY, 2)))
    tracker.delete()
    expect("it holds nothing", errno.ENOENT, family.ask(WHY, about()))
    equal("nothing is left", 0, tracker.count())


def own(family):
    for text, command in (("on", ON), ("off", OFF), ("statistics", STATS)):
        expect("in a network of one's own: " + text, 0, family.ask(command))
    expect("why a packet was refused", errno.ENOENT, family.ask(WHY, about()))
    for text, command in (("a trace", TRACE), ("latency", LATENCY)):
        equal("but no probes, which are the machine's: " + text, errno.EPERM, family.ask(command).error)


def forbidden(family):
    expect("in another's network: statistics", 0, family.ask(STATS))
    for text, command, body in (("on", ON, b""), ("off", OFF, b""), ("why a packet was refused", WHY, about()),
                                ("a trace", TRACE, b""), ("latency", LATENCY, b"")):
        equal("but nothing else: " + text, errno.EPERM, family.ask(command, body).error)


if __name__ == "__main__":
    cases.run({group.__name__: group for group in (fuzz, own, forbidden)}, Family())
