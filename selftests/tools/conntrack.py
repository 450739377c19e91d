# SPDX-License-Identifier: GPL-2.0
"""The words of ctnetlink, without their prefixes: requests, attributes, and connections made of them."""
import socket

from netlink import CREATE, DUMP, Netlink, attribute, attributes, be16, be32, host32, number, u8

SUBSYSTEM = 1
NEW, GET, DELETE, GET_ZERO, STATS_CPU, STATS, DYING, UNCONFIRMED = range(8)
GROUP_NEW, GROUP_UPDATE, GROUP_DESTROY = 1, 2, 4

(TUPLE_ORIG, TUPLE_REPLY, STATUS, PROTOINFO, HELP, NAT_SRC, TIMEOUT, MARK, COUNTERS_ORIG, COUNTERS_REPLY, USE, ID,
 NAT_DST, TUPLE_MASTER, SEQ_ADJ_ORIG, SEQ_ADJ_REPLY, SECMARK, ZONE, SECCTX, TIMESTAMP, MARK_MASK, LABELS, LABELS_MASK,
 SYNPROXY, FILTER, STATUS_MASK, TIMESTAMP_EVENT) = range(1, 28)
TUPLE_IP, TUPLE_PROTO, TUPLE_ZONE = 1, 2, 3
IP_V4_SRC, IP_V4_DST, IP_V6_SRC, IP_V6_DST = 1, 2, 3, 4
(PROTO_NUM, PROTO_SRC_PORT, PROTO_DST_PORT, PROTO_ICMP_ID, PROTO_ICMP_TYPE, PROTO_ICMP_CODE, PROTO_ICMPV6_ID,
 PROTO_ICMPV6_TYPE, PROTO_ICMPV6_CODE) = range(1, 10)
PROTOINFO_TCP, PROTOINFO_DCCP, PROTOINFO_SCTP = 1, 2, 3
TCP_STATE, TCP_SCALE_ORIG, TCP_SCALE_REPLY, TCP_FLAGS_ORIG, TCP_FLAGS_REPLY = 1, 2, 3, 4, 5
COUNTERS_PACKETS, COUNTERS_BYTES = 1, 2
NAT_V4_MIN, NAT_V4_MAX, NAT_PROTO, NAT_V6_MIN, NAT_V6_MAX = 1, 2, 3, 4, 5
NAT_PORT_MIN, NAT_PORT_MAX = 1, 2
FILTER_ORIG, FILTER_REPLY = 1, 2
TIMESTAMP_START, TIMESTAMP_STOP, TIMESTAMP_PAD = 1, 2, 3
HELP_NAME = 1
STATS_ENTRIES = 1
# of a CPU; the numbers that are missing mean nothing any more
(STATS_FOUND, STATS_INVALID, STATS_INSERT, STATS_INSERT_FAILED, STATS_DROP, STATS_EARLY_DROP, STATS_ERROR,
 STATS_SEARCH_RESTART, STATS_CLASH_RESOLVE, STATS_CHAIN_TOOLONG) = OF_A_CPU = (2, 4, *range(8, 16))

(EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED, SOURCE_NAT, DESTINATION_NAT, SEQUENCE_ADJUST, SOURCE_NAT_DONE,
 DESTINATION_NAT_DONE, DYING_BIT, FIXED_TIMEOUT, TEMPLATE) = (1 << bit for bit in range(12))

# parts of a tuple, as FILTER_* name them
(BY_SOURCE, BY_DESTINATION, BY_ZONE, BY_PROTOCOL, BY_SOURCE_PORT, BY_DESTINATION_PORT, BY_ICMP_TYPE, BY_ICMP_CODE,
 BY_ICMP_ID, BY_ICMPV6_TYPE, BY_ICMPV6_CODE, BY_ICMPV6_ID) = (1 << bit for bit in range(12))

ICMP, TCP, UDP, DCCP, GRE, ESP, ICMPV6, SCTP, UDPLITE = 1, 6, 17, 33, 47, 50, 58, 132, 136
TCP_SYN_SENT, TCP_ESTABLISHED = 1, 3
A, B = "10.9.0.1", "10.9.0.2"
A6, B6 = "fd00:9::1", "fd00:9::2"


def addresses(source, destination):
    v6 = ":" in source
    family = socket.AF_INET6 if v6 else socket.AF_INET
    return attribute(TUPLE_IP, [attribute(IP_V6_SRC if v6 else IP_V4_SRC, socket.inet_pton(family, source)),
                                attribute(IP_V6_DST if v6 else IP_V4_DST, socket.inet_pton(family, destination))])


def ports(protocol, source, destination):
    return attribute(TUPLE_PROTO, [u8(PROTO_NUM, protocol), be16(PROTO_SRC_PORT, source),
                                   be16(PROTO_DST_PORT, destination)])


def icmp(identifier, kind, code=0):
    return attribute(TUPLE_PROTO, [u8(PROTO_NUM, ICMP), be16(PROTO_ICMP_ID, identifier), u8(PROTO_ICMP_TYPE, kind),
                                   u8(PROTO_ICMP_CODE, code)])


def icmpv6(identifier, kind, code=0):
    return attribute(TUPLE_PROTO, [u8(PROTO_NUM, ICMPV6), be16(PROTO_ICMPV6_ID, identifier),
                                   u8(PROTO_ICMPV6_TYPE, kind), u8(PROTO_ICMPV6_CODE, code)])


def original(source=A, destination=B, sport=1000, dport=80, protocol=TCP, more=b""):
    return attribute(TUPLE_ORIG, [addresses(source, destination), ports(protocol, sport, dport), more])


def reply(source=B, destination=A, sport=80, dport=1000, protocol=TCP, more=b""):
    return attribute(TUPLE_REPLY, [addresses(source, destination), ports(protocol, sport, dport), more])


def tuples(source=A, destination=B, sport=1000, dport=80, protocol=TCP):
    return original(source, destination, sport, dport, protocol) + reply(destination, source, dport, sport, protocol)


def mark(value, mask=None):
    return be32(MARK, value) + (b"" if mask is None else be32(MARK_MASK, mask))


def status(value):
    return be32(STATUS, value)


def timeout(seconds):
    return be32(TIMEOUT, seconds)


def status_mask(value):
    return be32(STATUS_MASK, value)


def zone(identifier):
    return be16(ZONE, identifier)


def tuple_zone(identifier):
    return be16(TUPLE_ZONE, identifier)


def tcp(*content):
    return attribute(PROTOINFO, [attribute(PROTOINFO_TCP, list(content))])


def tcp_flags(kind, flags, mask):
    return attribute(kind, bytes([flags, mask]))


def by(parts, kind=FILTER_ORIG):
    return attribute(FILTER, [host32(kind, parts)])


class Entry:
    """A connection, as its attributes tell of it."""

    def __init__(self, payload):
        self.payload = payload
        self.attributes = attributes(payload)

    def __contains__(self, kind):
        return kind in self.attributes

    def number(self, kind):
        return number(self.attributes[kind])

    def nest(self, *path):
        """The attributes within one, or within one of that."""
        found = self.attributes
        for kind in path:
            found = attributes(found[kind])
        return found

    def addresses(self, kind):
        """Source and destination of a tuple."""
        found = self.nest(kind, TUPLE_IP)
        if IP_V6_SRC in found:
            return tuple(socket.inet_ntop(socket.AF_INET6, found[end]) for end in (IP_V6_SRC, IP_V6_DST))
        return socket.inet_ntoa(found[IP_V4_SRC]), socket.inet_ntoa(found[IP_V4_DST])

    def ports(self, kind):
        found = self.nest(kind, TUPLE_PROTO)
        return number(found[PROTO_SRC_PORT]), number(found[PROTO_DST_PORT])

    def packets(self, kind=COUNTERS_ORIG):
        return number(self.nest(kind)[COUNTERS_PACKETS])


class Conntrack(Netlink):
    """Asks for connections, by all that is right and wrong."""

    def __init__(self, groups=0):
        super().__init__(SUBSYSTEM, groups)

    def get(self, body=b"", **header):
        return self.talk(GET, 0, body, **header)

    def find(self, body):
        """The connection that a request is about."""
        return Entry(self.get(body).messages[0].payload)

    def create(self, body=b"", flags=0, **header):
        return self.talk(NEW, CREATE | flags, body, **header)

    def update(self, body=b"", **header):
        return self.talk(NEW, 0, body, **header)

    def delete(self, body=b"", **header):
        return self.talk(DELETE, 0, body, **header)

    def dump(self, body=b"", kind=GET, family=socket.AF_UNSPEC):
        return self.talk(kind, DUMP, body, family=family)

    def entries(self, body=b"", **header):
        answer = self.dump(body, **header)
        if answer.error:
            raise OSError(answer.error, "dump: " + answer.text)
        return [Entry(message.payload) for message in answer.messages]

    def flush(self):
        return self.delete()

    def count(self):
        """How many there are, listed or not."""
        message = self.talk(STATS, 0, family=socket.AF_UNSPEC).messages[0]
        return number(message.attributes[STATS_ENTRIES])

    def events(self):
        """What has been told by now: requests do so before they are answered."""
        self.socket.setblocking(False)
        told = []
        try:
            while True:
                told.extend(self.receive())
        except BlockingIOError:
            return told
