# SPDX-License-Identifier: GPL-2.0
"""ct_timeout.py GROUP...: what nf_tables does when it is asked for `ct timeout` objects, rightly and wrongly.

There is a table t of the family ip with a chain c.
"""
import errno

import cases
import nftables
from cases import case, equal
from netlink import attribute, be16, be32
from nftables import TIMEOUT_DATA, l3proto, l4proto, seconds

ICMP, TCP, UDP, DCCP, GRE, ESP, ICMPV6, SCTP, UDPLITE, GENERIC = 1, 6, 17, 33, 47, 50, 58, 132, 136, 255
IPV4, IPV6, BRIDGE = 2, 10, 7
TCP_SECONDS = (101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111)


def refused(nft, text, error, *data):
    """nf_tables says no more than a number."""
    answer = nft.add("bad", *data)
    equal(text + ": " + cases.NAMES[error], error, answer.error)


def protocols(nft):
    for name, number, values in (("tcp", TCP, TCP_SECONDS), ("udp", UDP, (201, 202)), ("udplite", UDPLITE, (301, 302)),
                                 ("icmp", ICMP, (401,)), ("icmpv6", ICMPV6, (501,)), ("generic", GENERIC, (601,)),
                                 ("sctp", SCTP, range(701, 709)), ("dccp", DCCP, range(801, 808)),
                                 ("gre", GRE, (901, 902))):
        equal(name + " is added", 0, nft.add(name, l4proto(number), seconds(*values)).error)
        equal("and says what it was told", (IPV4, number, dict(enumerate(values, 1))), nft.timeouts(name))
    equal("one that has no meaning any more may be set", 0, nft.add("old", l4proto(SCTP), seconds(*[None] * 8, 9)).error)
    equal("and is not there", {1: 10, 2: 70, 3: 70, 4: 210, 5: 70, 6: 70, 7: 70, 8: 30}, nft.timeouts("old")[2])
    nft.add("some", l4proto(TCP), seconds(None, None, 77))
    equal("what is not given is the namespace's", {1: 120, 2: 60, 3: 77, 4: 120, 5: 60, 6: 30, 7: 120, 8: 10, 9: 120,
                                                   10: 300, 11: 300}, nft.timeouts("some")[2])
    for name in ("icmp", "udplite", "generic"):
        equal("a rule with " + name, 0, nft.set_timeout("c", name).error)


def changes(nft):
    nft.add("changed", l4proto(UDP), seconds(11, 12))
    equal("it is added again", 0, nft.add("changed", l4proto(UDP), seconds(21, 22)).error)
    equal("and says what it was told last", (IPV4, UDP, {1: 21, 2: 22}), nft.timeouts("changed"))


def wrong(nft):
    good = seconds(1)
    refused(nft, "no protocol", errno.EINVAL, good)
    refused(nft, "no timeouts", errno.EINVAL, l4proto(UDP))
    refused(nft, "a protocol without timeouts of its own", errno.EOPNOTSUPP, l4proto(ESP), good)
    refused(nft, "no protocol of the network", errno.EINVAL, l3proto(BRIDGE), l4proto(UDP), good)
    refused(nft, "IPv6 in a table for IPv4", errno.EINVAL, l3proto(IPV6), l4proto(UDP), good)
    refused(nft, "a state that UDP has not", errno.EINVAL, l4proto(UDP), seconds(1, 2, 3))
    refused(nft, "a state that TCP has not", errno.EINVAL, l4proto(TCP), seconds(*TCP_SECONDS, 1))
    refused(nft, "attribute 0", errno.EINVAL, l4proto(UDP), attribute(TIMEOUT_DATA, [be32(0, 1)]))
    refused(nft, "too short", errno.EINVAL, l4proto(UDP), attribute(TIMEOUT_DATA, [be16(1, 1)]))
    refused(nft, "too long", errno.EINVAL, l4proto(UDP), attribute(TIMEOUT_DATA, [attribute(1, b"12345678")]))
    refused(nft, "longer than jiffies can count", errno.ERANGE, l4proto(UDP), seconds(1 << 31))
    refused(nft, "timeouts that are no attributes", errno.EINVAL, l4proto(UDP), attribute(TIMEOUT_DATA | 0x8000, b"1234"))
    try:
        case(False, "nothing of it is there", nft.timeouts("bad"))
    except IndexError:
        case(True, "nothing of it is there", "")


def main():
    nft = nftables.Nftables("t")
    cases.run({"protocols": protocols, "changes": changes, "wrong": wrong}, nft)


main()
