# SPDX-License-Identifier: GPL-2.0
"""ctnetlink's other subsystem, expectations: there are none, and each request says so."""
import errno
import os
import socket

import conntrack as ct
from cases import equal, expect
from conntrack import A, B
from netlink import CREATE, DUMP, EXCL, Netlink, attribute, be16, be32, number

SUBSYSTEM = 2
NEW, GET, DELETE, STATS_CPU = range(4)
MASTER, TUPLE, MASK, TIMEOUT, ID, HELP_NAME, ZONE, FLAGS, CLASS, NAT, FN = range(1, 12)
# the multicast groups of expectations, as bits
GROUPS_OF_ALL = 8 | 16 | 32
LASTS = ct.timeout(300)


def of(kind, source=A, destination=B, sport=5, dport=80):
    return attribute(kind, [ct.addresses(source, destination), ct.ports(ct.TCP, sport, dport)])


def expectations(tracker):
    socket_of_all = Netlink(SUBSYSTEM, GROUPS_OF_ALL)

    def ask(kind, flags, body=b"", family=socket.AF_INET):
        return socket_of_all.talk(kind, flags, body, family=family)

    tracker.create(ct.tuples(sport=5) + LASTS)
    whole = of(TUPLE, sport=0) + of(MASK, "255.255.255.255", "255.255.255.255", 0, 0xffff) + be32(TIMEOUT, 60)
    for text, error, answer in (
            ("all are listed", 0, ask(GET, DUMP)),
            ("those of a connection", 0, ask(GET, DUMP, of(MASTER))),
            ("those of one that is not there", errno.ENOENT, ask(GET, DUMP, of(MASTER, sport=6))),
            ("those of one in another zone", errno.ENOENT, ask(GET, DUMP, of(MASTER) + be16(ZONE, 3))),
            ("found by its tuple", errno.ENOENT, ask(GET, 0, of(TUPLE))),
            ("found by its master", errno.ENOENT, ask(GET, 0, of(MASTER))),
            ("found by nothing", errno.EINVAL, ask(GET, 0)),
            ("found by half a tuple", errno.EINVAL, ask(GET, 0, attribute(TUPLE, [ct.addresses(A, B)]))),
            ("created for a connection without helper", errno.EOPNOTSUPP,
             ask(NEW, CREATE | EXCL, whole + of(MASTER))),
            ("created for one that is not there", errno.ENOENT, ask(NEW, CREATE, whole + of(MASTER, sport=6))),
            ("created for none", errno.EINVAL, ask(NEW, CREATE, whole)),
            ("changed", errno.ENOENT, ask(NEW, 0, whole + of(MASTER))),
            ("deleted", errno.ENOENT, ask(DELETE, 0, of(TUPLE))),
            ("deleted, those of a helper", 0, ask(DELETE, 0, attribute(HELP_NAME, b"ftp\0"))),
            ("deleted, all", 0, ask(DELETE, 0)),
            ("a helper's name that is too long", errno.EINVAL, ask(DELETE, 0, attribute(HELP_NAME, b"f" * 16 + b"\0"))),
            ("a helper's name that does not end", errno.EINVAL, ask(DELETE, 0, attribute(HELP_NAME, b"ftp"))),
            ("an unknown attribute", errno.EINVAL, ask(GET, 0, of(TUPLE) + attribute(12, b""))),
            ("a short one", errno.EINVAL, ask(GET, 0, of(TUPLE) + attribute(ID, b"12"))),
            ("another family", errno.EOPNOTSUPP, ask(GET, DUMP, family=7)),
            ("counters that are not listed", errno.EOPNOTSUPP, ask(STATS_CPU, 0))):
        expect(text, error, answer)
        equal(text + ": none is shown", [], answer.messages)
    counted = ask(STATS_CPU, DUMP).messages
    equal("a message for each CPU", list(range(os.cpu_count())), [message.resource for message in counted])
    equal("in which nothing is counted", [{1: 0, 2: 0, 3: 0}] * len(counted),
          [{kind: number(value) for kind, value in message.attributes.items()} for message in counted])
    socket_of_all.close()
    tracker.flush()


GROUPS = {"expectations": expectations}
