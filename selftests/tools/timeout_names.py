# SPDX-License-Identifier: GPL-2.0
"""timeout_names.py GROUP...: what the subsystem of nfnetlink for timeouts with a name says, asked rightly and wrongly."""
import errno
import random
import socket

import cases
from cases import case, equal, expect
from netlink import CREATE, DUMP, EXCL, Netlink, attribute, be16, be32, u8

SUBSYSTEM = 8
NEW, GET, DELETE, DEFAULT_SET, DEFAULT_GET = range(5)
NAME, L3PROTO, L4PROTO, DATA, USE = range(1, 6)
REPLACE = 0x100
TCP, UDP, ESP = 6, 17, 50
IPV4, IPV6, BRIDGE = 2, 10, 7
REQUESTS = 6000


def name(text):
    return attribute(NAME, text.encode() + b"\0")


def about(l3, l4, *seconds):
    data = [be32(place, value) for place, value in enumerate(seconds, 1)]
    return be16(L3PROTO, l3) + u8(L4PROTO, l4) + attribute(DATA, data)


class Timeouts(Netlink):
    def __init__(self):
        super().__init__(SUBSYSTEM)

    def ask(self, kind, body=b"", flags=0):
        return self.talk(kind, flags, body, family=socket.AF_UNSPEC)

    def names(self):
        return sorted(said.attributes[NAME][:-1].decode() for said in self.ask(GET, flags=DUMP).messages)


def right(nl):
    good = name("one") + about(IPV4, UDP, 11, 12)
    expect("a name", 0, nl.ask(NEW, good, CREATE | EXCL))
    expect("the same again", errno.EEXIST, nl.ask(NEW, good, CREATE | EXCL))
    expect("the same again, if need be", errno.EBUSY, nl.ask(NEW, good, CREATE))
    expect("the same, changed", 0, nl.ask(NEW, name("one") + about(IPV4, UDP, 21), REPLACE))
    expect("the same, for another protocol", errno.EINVAL, nl.ask(NEW, name("one") + about(IPV4, TCP, 21), REPLACE))
    expect("the same, for another family", errno.EINVAL, nl.ask(NEW, name("one") + about(IPV6, UDP, 21), REPLACE))
    many = ["n%d" % i for i in range(300)]
    case(all(nl.ask(NEW, name(n) + about(IPV6, TCP, 1), CREATE).error == 0 for n in many), "300 more", "")
    equal("they are listed", sorted(many + ["one"]), nl.names())
    expect("one is deleted", 0, nl.ask(DELETE, name("n7")))
    expect("it is gone", errno.ENOENT, nl.ask(DELETE, name("n7")))
    equal("the others are there", 300, len(nl.names()))
    expect("all are deleted", 0, nl.ask(DELETE))
    equal("none is there", [], nl.names())


def wrong(nl):
    good = about(IPV4, UDP, 1)
    for text, error, body in (
            ("no name", errno.EINVAL, good),
            ("no protocol", errno.EINVAL, name("x") + attribute(DATA, [be32(1, 1)])),
            ("no timeouts", errno.EINVAL, name("x") + be16(L3PROTO, IPV4) + u8(L4PROTO, UDP)),
            ("a name that is too long", errno.EINVAL, name("x" * 32) + good),
            ("a name without an end", errno.EINVAL, attribute(NAME, b"xxxx") + good),
            ("no protocol of the network", errno.EINVAL, name("x") + about(BRIDGE, UDP, 1)),
            ("a protocol without timeouts of its own", errno.EOPNOTSUPP, name("x") + about(IPV4, ESP, 1)),
            ("a state that UDP has not", errno.EINVAL, name("x") + about(IPV4, UDP, 1, 2, 3)),
            ("longer than jiffies can count", errno.ERANGE, name("x") + about(IPV4, UDP, 1 << 31)),
            ("too short", errno.EINVAL, name("x") + be16(L3PROTO, IPV4) + u8(L4PROTO, UDP) +
             attribute(DATA, [be16(1, 1)])),
            ("an attribute without a meaning", errno.EINVAL, name("x") + good + attribute(9, b"1234"))):
        expect(text, error, nl.ask(NEW, body, CREATE))
    expect("to get what is not there", errno.ENOENT, nl.ask(GET, name("x")))
    expect("to get nothing", errno.EINVAL, nl.ask(GET))
    expect("defaults of no protocol", errno.EINVAL, nl.ask(DEFAULT_SET, attribute(DATA, [be32(1, 1)])))
    equal("nothing of it is there", [], nl.names())


def noise(nl):
    """The same each time. Each is answered."""
    dice = random.Random(8)
    whole = name("one") + about(IPV4, UDP, 11, 12)
    for _ in range(REQUESTS):
        body = bytearray(whole)
        for _ in range(dice.choice((1, 2, 4))):
            body[dice.randrange(len(body))] = dice.choice((0, 1, 4, 0x7f, 0x80, 0xff, dice.randrange(256)))
        body = bytes(body[:dice.choice((len(body), len(body), dice.randrange(len(body))))])
        kind = dice.choice((NEW, NEW, NEW, GET, DELETE, DEFAULT_GET))
        nl.ask(kind, body, dice.choice((0, CREATE, CREATE | EXCL, REPLACE)))
    expect("%d damaged requests later: all are deleted" % REQUESTS, 0, nl.ask(DELETE))
    equal("none is there", [], nl.names())


def main():
    cases.run({"right": right, "wrong": wrong, "noise": noise}, Timeouts())


main()
