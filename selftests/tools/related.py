# SPDX-License-Identifier: GPL-2.0
"""related.py make|show: in this namespace, make a connection and one that it expected; show which expected which."""
import sys

import conntrack as ct
from conntrack import Conntrack
from netlink import attribute, number, u8

CLIENT, SERVER = "10.0.1.2", "10.0.2.2"
MASTER, RELATED = (5, 21), (6, 2000)


def make(tracker):
    ends = ct.addresses(CLIENT, SERVER)
    expected = attribute(ct.TUPLE_MASTER, [ends, ct.ports(ct.TCP, *MASTER)])
    last = ct.timeout(600) + ct.status(ct.CONFIRMED | ct.SEEN_REPLY | ct.ASSURED) + \
        ct.tcp(u8(ct.TCP_STATE, ct.TCP_ESTABLISHED))
    for (sport, dport), more in ((MASTER, b""), (RELATED, expected)):
        tuples = ct.tuples(CLIENT, SERVER, sport, dport)
        answer = tracker.create(tuples + last + more)
        if answer.error:
            sys.exit("related.py: port %d: errno %d" % (sport, answer.error))


def show(tracker):
    for entry in tracker.entries():
        if ct.TUPLE_MASTER in entry:
            master = number(entry.nest(ct.TUPLE_MASTER, ct.TUPLE_PROTO)[ct.PROTO_SRC_PORT])
            print("%d expected %d" % (master, entry.ports(ct.TUPLE_ORIG)[0]))


{"make": make, "show": show}[sys.argv[1]](Conntrack())
