# SPDX-License-Identifier: GPL-2.0
"""pyroute2_client.py: what pyroute2, a client that shares no code with libnetfilter_conntrack, does here.

There is a connection of UDP from 10.0.1.2:4001 to 10.0.2.2:53, translated to 10.0.2.1, with mark 55.
"""
import errno
import os
import socket
import sys

sys.path.append("/usr/lib/python3/dist-packages")

import cases  # noqa: E402
from cases import case, equal  # noqa: E402
from pyroute2.netlink.exceptions import NetlinkError  # noqa: E402
from pyroute2.netlink.nfnetlink.nfctsocket import NFCTAttrTuple, NFCTSocket  # noqa: E402

NEW, UPDATE, DESTROY = 1, 2, 4
MSG_NEW, MSG_DELETE = 0x100, 0x102


def pair(sport):
    orig = NFCTAttrTuple(saddr="10.9.0.1", daddr="10.9.0.2", proto=socket.IPPROTO_UDP, sport=sport, dport=9)
    return orig, orig.reverse()


def described(message):
    """A connection in a few words."""
    orig = NFCTAttrTuple.from_netlink(socket.AF_INET, message.get_attr("CTA_TUPLE_ORIG"))
    reply = NFCTAttrTuple.from_netlink(socket.AF_INET, message.get_attr("CTA_TUPLE_REPLY"))
    return (f"{orig.proto} {orig.saddr}:{orig.sport} {orig.daddr}:{orig.dport} "
            f"{reply.saddr}:{reply.sport} {reply.daddr}:{reply.dport}")


def refusal(function, *arguments, **named):
    try:
        function(*arguments, **named)
    except NetlinkError as error:
        return error.code
    return 0


def listing(tracker):
    entries = list(tracker.dump())
    equal("it lists the connection", ["17 10.0.1.2:4001 10.0.2.2:53 10.0.2.2:53 10.0.2.1:4001"],
          [described(entry) for entry in entries])
    entry = entries[0]
    equal("with its mark", 55, entry.get_attr("CTA_MARK"))
    counters = [entry.get_attr(f"CTA_COUNTERS_{way}").get_attr("CTA_COUNTERS_PACKETS") for way in ("ORIG", "REPLY")]
    equal("and its counters", [1, 1], counters)
    timeout = entry.get_attr("CTA_TIMEOUT")
    case(0 < timeout <= 3000, "and a timeout that runs", timeout)
    equal("it lists by mark", 1, len(list(tracker.dump(mark=55))))
    equal("and none of another mark", 0, len(list(tracker.dump(mark=56))))
    by_port = NFCTAttrTuple(proto=socket.IPPROTO_UDP, dport=53)
    equal("it lists by a part of the tuple", 1, len(list(tracker.dump(tuple_orig=by_port))))
    other = NFCTAttrTuple(proto=socket.IPPROTO_UDP, dport=54)
    equal("and none with another", 0, len(list(tracker.dump(tuple_orig=other))))


def changes(tracker, listener):
    orig, reply = pair(1)
    tracker.entry("add", timeout=3000, tuple_orig=orig, tuple_reply=reply)
    equal("it adds one", 2, len(list(tracker.dump())))
    equal("not twice", errno.EEXIST, refusal(tracker.entry, "add", timeout=3000, tuple_orig=orig, tuple_reply=reply))
    tracker.entry("set", mark=7, tuple_orig=orig)
    equal("it sets a mark", 7, list(tracker.entry("get", tuple_orig=orig))[0].get_attr("CTA_MARK"))
    tracker.entry("del", tuple_orig=orig)
    equal("it deletes it", errno.ENOENT, refusal(tracker.entry, "get", tuple_orig=orig))
    events = []
    while len(events) < 3:
        events += [(event["header"]["type"], described(event)) for event in listener.get()]
    text = "17 10.9.0.1:1 10.9.0.2:9 10.9.0.2:9 10.9.0.1:1"
    equal("and hears of all three", [(MSG_NEW, text), (MSG_NEW, text), (MSG_DELETE, text)], events)


def statistics(tracker):
    count = list(tracker.count())[0]
    equal("it counts", 1, count.get_attr("CTA_STATS_GLOBAL_ENTRIES"))
    limit = list(tracker.conntrack_max_size())[0].get_attr("CTA_STATS_GLOBAL_MAX_ENTRIES")
    case(limit > 0, "and knows the limit", limit)
    equal("it has a message for each CPU", os.cpu_count(), len(list(tracker.stat())))
    tracker.flush()
    equal("it flushes", [], list(tracker.dump()))


def main():
    cases.group = "pyroute2"
    tracker, listener = NFCTSocket(), NFCTSocket()
    tracker.bind()
    listener.bind(groups=NEW | UPDATE | DESTROY)
    listing(tracker)
    changes(tracker, listener)
    statistics(tracker)


main()
