# SPDX-License-Identifier: GPL-2.0
"""Requests that ctnetlink has to refuse: each with its errno, and saying why."""
import errno
import socket
import struct

import conntrack as ct
from cases import case, equal, expect
from conntrack import A, B
from netlink import attribute, be16, be32, u8

LASTS = ct.timeout(300)
# what can't be set when a connection is created, without ctrack_nat; and how long it is
UNSETTABLE = {"COUNTERS_ORIG": 0, "COUNTERS_REPLY": 0, "USE": 4, "SECMARK": 4, "SECCTX": 0, "TIMESTAMP": 0, "FILTER": 0,
              "STATUS_MASK": 4, "NAT_SRC": 0, "NAT_DST": 0}
LENGTHS = {"STATUS": 4, "TIMEOUT": 4, "MARK": 4, "ID": 4, "USE": 4, "SECMARK": 4, "MARK_MASK": 4, "STATUS_MASK": 4,
           "ZONE": 2}
WRONG_LENGTHS = (0, 1, 3, 5, 17, 200)
UNKNOWN, TOO_LONG, TOO_SHORT = 40, 400, 2
NO_REQUEST = 100


def given(*parts):
    """A tuple's attribute, of any parts."""
    return attribute(ct.TUPLE_ORIG, list(parts))


def proto(*parts):
    return attribute(ct.TUPLE_PROTO, list(parts))


V4 = ct.addresses(A, B)
PORTS = ct.ports(ct.TCP, 1, 2)


def wrong_attributes(tracker):
    for name, length in UNSETTABLE.items():
        expect("CTA_%s in a new connection" % name, errno.EOPNOTSUPP,
               tracker.create(ct.tuples() + LASTS + attribute(getattr(ct, name), bytes(length))))
    for name, right in LENGTHS.items():
        answers = [tracker.get(ct.tuples() + attribute(getattr(ct, name), bytes(length))) for length in WRONG_LENGTHS]
        case(all(answer.error in (errno.EINVAL, errno.ERANGE) and answer.text for answer in answers),
             "CTA_%s of other than %d octets" % (name, right), answers)
    for text, body in (("an unknown attribute", ct.original() + attribute(UNKNOWN, b"1234")),
                       ("attribute 0", ct.original() + attribute(0, b"1234")),
                       ("octets behind the last one", ct.original() + b"\1"),
                       ("one longer than the message", ct.original() + struct.pack("=HH", TOO_LONG, ct.STATUS)),
                       ("one shorter than its header", struct.pack("=HH", TOO_SHORT, ct.STATUS) + ct.original())):
        expect(text, errno.EINVAL, tracker.get(body))
    expect("an unknown attribute in a filter", errno.EINVAL, tracker.dump(attribute(UNKNOWN, b"1234")))


def wrong_families(tracker):
    for family in (1, 3, 5, 7, 255):
        expect("get, family %d" % family, errno.EOPNOTSUPP, tracker.get(ct.original(), family=family))
        expect("list, family %d" % family, errno.EOPNOTSUPP, tracker.dump(family=family))
        expect("delete, family %d" % family, errno.EOPNOTSUPP, tracker.delete(family=family, version=1))
    expect("get, no family", errno.EOPNOTSUPP, tracker.get(ct.original(), family=socket.AF_UNSPEC))


def wrong_tuples(tracker):
    both = attribute(ct.TUPLE_IP, [attribute(ct.IP_V4_SRC, b"1234"), attribute(ct.IP_V4_DST, b"1234"),
                                   attribute(ct.IP_V6_SRC, bytes(16))])
    tcp = u8(ct.PROTO_NUM, ct.TCP)
    source, destination = be16(ct.PROTO_SRC_PORT, 1), be16(ct.PROTO_DST_PORT, 2)
    for text, body in (
            ("no tuple", b""),
            ("an empty one", given()),
            ("one that is no nest", attribute(ct.TUPLE_ORIG, b"\xff" * 13)),
            ("with something unknown", given(V4, PORTS, attribute(9, b""))),
            ("no addresses", given(PORTS)),
            ("no destination", given(attribute(ct.TUPLE_IP, [attribute(ct.IP_V4_SRC, b"1234")]), PORTS)),
            ("addresses of both families", given(both, PORTS)),
            ("IPv6 addresses in a request for IPv4", ct.original("::1", "::2")),
            ("no protocol", given(V4)),
            ("no protocol number", given(V4, proto(source, destination))),
            ("a protocol number of no octets", given(V4, proto(attribute(ct.PROTO_NUM, b""), source, destination))),
            ("no destination port", given(V4, proto(tcp, source))),
            ("a port of an octet", given(V4, proto(tcp, u8(ct.PROTO_SRC_PORT, 1), destination))),
            ("an ICMP id for TCP", given(V4, proto(tcp, source, destination, be16(ct.PROTO_ICMP_ID, 1)))),
            ("an ICMP error", given(V4, ct.icmp(7, 3))),
            ("ICMPv6 over IPv4", given(V4, ct.icmpv6(7, 128))),
            ("two zones", given(V4, PORTS, ct.tuple_zone(4)) + ct.zone(5))):
        expect(text, errno.EINVAL, tracker.get(body))
    short = attribute(ct.TUPLE_IP, [attribute(ct.IP_V6_SRC, b"1234"), attribute(ct.IP_V6_DST, b"1234")])
    expect("IPv6 addresses of 4 octets", errno.ERANGE, tracker.get(given(short, PORTS), family=socket.AF_INET6))
    expect("IPv4 addresses in a request for IPv6", errno.EINVAL,
           tracker.get(ct.original(), family=socket.AF_INET6))


def helper(name):
    return attribute(ct.HELP, [attribute(ct.HELP_NAME, name.encode() + b"\0")])


def three(kind, *words):
    return attribute(kind, [be32(1 + i, word) for i, word in enumerate(words)])


def wrong_connections(tracker):
    whole = ct.tuples() + LASTS
    for text, error, body in (
            ("without a tuple", errno.EINVAL, LASTS),
            ("with one tuple", errno.EINVAL, ct.original() + LASTS),
            ("with tuples of two protocols", errno.EINVAL, ct.original() + ct.reply(protocol=ct.UDP) + LASTS),
            ("without a timeout", errno.EINVAL, ct.tuples()),
            ("with an id of one's own", errno.EOPNOTSUPP, whole + attribute(ct.ID, b"1234")),
            ("with a mask and no mark", errno.EINVAL, whole + be32(ct.MARK_MASK, 1)),
            ("with a mask and no labels", errno.EINVAL, whole + attribute(ct.LABELS_MASK, bytes(16))),
            ("with labels of no octet", errno.EINVAL, whole + attribute(ct.LABELS, b"")),
            ("with labels of 6 octets", errno.EINVAL, whole + attribute(ct.LABELS, bytes(6))),
            ("with labels of 20 octets", errno.ERANGE, whole + attribute(ct.LABELS, bytes(20))),
            ("with a mask shorter than its labels", errno.EINVAL,
             whole + attribute(ct.LABELS, bytes(16)) + attribute(ct.LABELS_MASK, bytes(8))),
            ("with a helper", errno.EOPNOTSUPP, whole + helper("ftp")),
            ("with a helper without a name", errno.EINVAL, whole + attribute(ct.HELP, [])),
            ("with a helper's name that does not end", errno.EINVAL,
             whole + attribute(ct.HELP, [attribute(ct.HELP_NAME, b"f")])),
            ("with shifted sequence numbers", errno.EOPNOTSUPP, whole + three(ct.SEQ_ADJ_ORIG, 9, 0, 1)),
            ("shifted in the other direction", errno.EOPNOTSUPP, whole + three(ct.SEQ_ADJ_REPLY, 9, 1, 0)),
            ("shifted by nobody knows what", errno.EINVAL, whole + attribute(ct.SEQ_ADJ_ORIG, [be32(1, 0)])),
            ("that began with a SYN cookie", errno.EOPNOTSUPP, whole + three(ct.SYNPROXY, 1, 0, 0)),
            ("with half a SYN cookie", errno.EINVAL, whole + attribute(ct.SYNPROXY, [be32(1, 0)])),
            ("in no TCP state", errno.ERANGE, whole + ct.tcp(u8(ct.TCP_STATE, 10))),
            ("with a window scale that is too large", errno.ERANGE,
             whole + ct.tcp(u8(ct.TCP_SCALE_ORIG, 15), u8(ct.TCP_SCALE_REPLY, 1))),
            ("with one window scale", errno.EINVAL, whole + ct.tcp(u8(ct.TCP_SCALE_ORIG, 1))),
            ("with TCP flags that are too long", errno.ERANGE, whole + ct.tcp(attribute(ct.TCP_FLAGS_ORIG, b"123"))),
            ("with TCP flags that can't be set", errno.EINVAL,
             whole + ct.tcp(ct.tcp_flags(ct.TCP_FLAGS_ORIG, 0x20, 0x20))),
            ("of UDP in a TCP state", errno.EINVAL,
             ct.tuples(protocol=ct.UDP) + LASTS + ct.tcp(u8(ct.TCP_STATE, ct.TCP_ESTABLISHED))),
            ("of SCTP in a state without verification tags", errno.EINVAL, ct.tuples(protocol=ct.SCTP) + LASTS +
             attribute(ct.PROTOINFO, [attribute(ct.PROTOINFO_SCTP, [u8(1, 3)])])),
            ("of SCTP in no SCTP state", errno.ERANGE, ct.tuples(protocol=ct.SCTP) + LASTS +
             attribute(ct.PROTOINFO, [attribute(ct.PROTOINFO_SCTP, [u8(1, 9), be32(2, 1), be32(3, 2)])])),
            ("of SCTP in a state of DCCP", errno.EINVAL, ct.tuples(protocol=ct.SCTP) + LASTS +
             attribute(ct.PROTOINFO, [attribute(ct.PROTOINFO_DCCP, [u8(1, 1), u8(2, 0)])])),
            ("of DCCP without a role", errno.EINVAL, ct.tuples(protocol=ct.DCCP) + LASTS +
             attribute(ct.PROTOINFO, [attribute(ct.PROTOINFO_DCCP, [u8(1, 1)])])),
            ("of DCCP in no DCCP state", errno.ERANGE, ct.tuples(protocol=ct.DCCP) + LASTS +
             attribute(ct.PROTOINFO, [attribute(ct.PROTOINFO_DCCP, [u8(1, 8), u8(2, 0)])]))):
        expect(text, error, tracker.create(body))
    equal("there is still none", 0, tracker.count())
    expect("TCP flags that the mask leaves out don't count", 0,
           tracker.create(whole + ct.tcp(ct.tcp_flags(ct.TCP_FLAGS_ORIG, 0x20, 0))))
    tracker.flush()
    none = helper("") + three(ct.SEQ_ADJ_ORIG, 0, 0, 0) + three(ct.SEQ_ADJ_REPLY, 0, 0, 0) + three(ct.SYNPROXY, 0, 5, 0)
    expect("no helper and nothing that is shifted", 0, tracker.create(whole + none))
    expect("with another one's reply tuple", errno.EEXIST,
           tracker.create(ct.original("10.9.0.7") + ct.reply() + LASTS))
    tracker.flush()


def wrong_filters(tracker):
    for text, error, body in (
            ("a status of 0", errno.EINVAL, ct.status(0)),
            ("a status mask alone", errno.EINVAL, ct.status_mask(1)),
            ("a mark mask alone", errno.EINVAL, be32(ct.MARK_MASK, 1)),
            ("a timeout", errno.EOPNOTSUPP, LASTS),
            ("a filter that is no nest", errno.EINVAL, be32(ct.FILTER, 1)),
            ("parts that there are not", errno.EINVAL, ct.original() + ct.by(1 << 12)),
            ("a tuple that is missing", errno.EINVAL, ct.by(ct.BY_SOURCE)),
            ("a port without a protocol", errno.EINVAL, ct.original() + ct.by(ct.BY_SOURCE_PORT)),
            ("a zone that is missing", errno.EINVAL, ct.original() + ct.by(ct.BY_ZONE)),
            ("the ICMP type of TCP", errno.EINVAL, ct.original() + ct.by(ct.BY_PROTOCOL | ct.BY_ICMP_TYPE))):
        expect("by " + text, error, tracker.dump(body, family=socket.AF_INET))
    expect("statistics with an attribute", errno.EOPNOTSUPP, tracker.talk(ct.STATS, 0, LASTS))
    for text, kind in (("statistics of CPUs", ct.STATS_CPU), ("the dying ones", ct.DYING),
                       ("the unconfirmed ones", ct.UNCONFIRMED)):
        expect(text + " can only be listed", errno.EOPNOTSUPP, tracker.talk(kind, 0))


def unknown_requests(tracker):
    """What nobody serves is nfnetlink's to refuse."""
    equal("no such request", errno.EINVAL, tracker.talk(NO_REQUEST, 0).error)


GROUPS = {group.__name__: group for group in (wrong_attributes, wrong_families, wrong_tuples, wrong_connections,
                                              wrong_filters, unknown_requests)}
