# SPDX-License-Identifier: GPL-2.0
"""ctnetlink by hand, so that messages can be wrong in every way; and many at random."""
import errno
import os
import random
import select
import socket
import struct
import sys

NETLINK_NETFILTER = 12
NLMSG_ERROR, NLMSG_DONE = 2, 3
REQUEST, ACK, ROOT, MATCH, CREATE, EXCL = 1, 4, 0x100, 0x200, 0x400, 0x200
DUMP = ROOT | MATCH
NESTED = 0x8000
CTNETLINK, EXPECT, NFTABLES = 1, 2, 10
NEW, GET, DELETE, GET_CTRZERO, GET_STATS_CPU, GET_STATS, GET_DYING, GET_UNCONFIRMED = range(8)

(TUPLE_ORIG, TUPLE_REPLY, STATUS, PROTOINFO, HELP, NAT_SRC, TIMEOUT, MARK, COUNTERS_ORIG, COUNTERS_REPLY, USE, ID,
 NAT_DST, TUPLE_MASTER, SEQ_ADJ_ORIG, SEQ_ADJ_REPLY, SECMARK, ZONE, SECCTX, TIMESTAMP, MARK_MASK, LABELS, LABELS_MASK,
 SYNPROXY, FILTER, STATUS_MASK) = range(1, 27)
TUPLE_IP, TUPLE_PROTO, TUPLE_ZONE = 1, 2, 3
IP_V4_SRC, IP_V4_DST, IP_V6_SRC, IP_V6_DST = 1, 2, 3, 4
PROTO_NUM, PROTO_SRC, PROTO_DST, ICMP_ID, ICMP_TYPE, ICMP_CODE = 1, 2, 3, 4, 5, 6


def attr(kind, payload=b"", length=None):
    """length: what the attribute says, when that is not the truth."""
    length = 4 + len(payload) if length is None else length
    return struct.pack("=HH", length, kind) + payload + b"\0" * (-len(payload) % 4)


def nest(kind, *attributes):
    return attr(kind | NESTED, b"".join(attributes))


def u8(kind, value):
    return attr(kind, bytes([value]))


def be16(kind, value):
    return attr(kind, struct.pack("!H", value))


def be32(kind, value):
    return attr(kind, struct.pack("!I", value))


def address(kind, text):
    return attr(kind, socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text))


def tuple_of(kind, source, destination, proto, sport, dport, *more):
    v6 = ":" in source
    return nest(kind, nest(TUPLE_IP, address(IP_V6_SRC if v6 else IP_V4_SRC, source),
                           address(IP_V6_DST if v6 else IP_V4_DST, destination)),
                nest(TUPLE_PROTO, u8(PROTO_NUM, proto), be16(PROTO_SRC, sport), be16(PROTO_DST, dport)), *more)


ORIG = tuple_of(TUPLE_ORIG, "10.0.1.2", "10.0.2.2", 17, 4000, 53)
REPLY = tuple_of(TUPLE_REPLY, "10.0.2.2", "10.0.1.2", 17, 53, 4000)
ORIG6 = tuple_of(TUPLE_ORIG, "fd00:1::2", "fd00:2::2", 6, 4000, 80)
REPLY6 = tuple_of(TUPLE_REPLY, "fd00:2::2", "fd00:1::2", 6, 80, 4000)
LIFE = be32(TIMEOUT, 100)


class Socket:
    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.bind((0, 0))
        self.sequence = 0

    def ask(self, command, flags, attributes, family=socket.AF_INET, version=0, subsystem=CTNETLINK, cut=0):
        """The name of the error that is answered, OK, or silence."""
        self.sequence += 1
        body = struct.pack("=BBH", family, version, 0) + attributes
        body = body[:len(body) - cut]
        kind = subsystem << 8 | command
        self.socket.send(struct.pack("=IHHII", 16 + len(body), kind, REQUEST | ACK | flags, self.sequence, 0) + body)
        return self.answer()

    def answer(self):
        while select.select([self.socket], [], [], 5)[0]:
            try:
                data = self.socket.recv(1 << 17)
            except OSError as error:
                return errno.errorcode[error.errno]
            while len(data) >= 16:
                length, kind, _, sequence = struct.unpack_from("=IHHI", data)
                if sequence == self.sequence and kind in (NLMSG_ERROR, NLMSG_DONE):
                    error = struct.unpack_from("=i", data, 16)[0] if length >= 20 else 0
                    return errno.errorcode[-error] if error else "OK"
                data = data[(length + 3) & ~3:]
        return "silence"


# What is sent, and the errors that are an answer to it.
WRONG = "EINVAL ERANGE EOPNOTSUPP"
CASES = [
    ("an entry is made", NEW, CREATE | EXCL, ORIG + REPLY + LIFE, "OK"),
    ("the same again", NEW, CREATE | EXCL, ORIG + REPLY + LIFE, "EEXIST"),
    ("an update of it", NEW, 0, ORIG + be32(MARK, 7), "OK"),
    ("an update by its reply tuple alone", NEW, 0, REPLY + be32(MARK, 8), "OK"),
    ("an update of a missing one", NEW, 0, ORIG6 + be32(MARK, 7), "ENOENT"),
    ("get", GET, 0, ORIG, "OK"),
    ("get by the reply tuple", GET, 0, REPLY, "OK"),
    ("get of a missing one", GET, 0, ORIG6, "ENOENT"),
    ("delete of a missing one", DELETE, 0, ORIG6, "ENOENT"),
    ("no attributes: new", NEW, CREATE, b"", "EINVAL"),
    ("no attributes: get", GET, 0, b"", "EINVAL"),
    ("no timeout", NEW, CREATE, ORIG6 + REPLY6, "EINVAL"),
    ("no reply tuple", NEW, CREATE, ORIG6 + LIFE, "EINVAL"),
    ("a tuple without addresses", NEW, CREATE, nest(TUPLE_ORIG, nest(TUPLE_PROTO, u8(PROTO_NUM, 17))) + REPLY + LIFE, WRONG),
    ("a tuple without protocol", NEW, CREATE, nest(TUPLE_ORIG, nest(TUPLE_IP, address(IP_V4_SRC, "10.0.0.1"),
                                                                   address(IP_V4_DST, "10.0.0.2"))) + REPLY + LIFE, WRONG),
    ("an empty tuple", GET, 0, nest(TUPLE_ORIG), WRONG),
    ("a tuple without ports", GET, 0, nest(TUPLE_ORIG, nest(TUPLE_IP, address(IP_V4_SRC, "10.0.0.1"),
                                                            address(IP_V4_DST, "10.0.0.2")),
                                           nest(TUPLE_PROTO, u8(PROTO_NUM, 17))), WRONG),
    ("one address only", GET, 0, nest(TUPLE_ORIG, nest(TUPLE_IP, address(IP_V4_SRC, "10.0.0.1")),
                                      nest(TUPLE_PROTO, u8(PROTO_NUM, 17), be16(PROTO_SRC, 1), be16(PROTO_DST, 2))), WRONG),
    ("an address of two octets", GET, 0, nest(TUPLE_ORIG, nest(TUPLE_IP, attr(IP_V4_SRC, b"\x0a\0"), address(IP_V4_DST, "10.0.0.2")),
                                              nest(TUPLE_PROTO, u8(PROTO_NUM, 17), be16(PROTO_SRC, 1), be16(PROTO_DST, 2))), WRONG),
    ("a port of one octet", GET, 0, nest(TUPLE_ORIG, nest(TUPLE_IP, address(IP_V4_SRC, "10.0.0.1"), address(IP_V4_DST, "10.0.0.2")),
                                         nest(TUPLE_PROTO, u8(PROTO_NUM, 17), u8(PROTO_SRC, 1), be16(PROTO_DST, 2))), WRONG),
    ("a protocol of no octets", GET, 0, nest(TUPLE_ORIG, nest(TUPLE_IP, address(IP_V4_SRC, "10.0.0.1"), address(IP_V4_DST, "10.0.0.2")),
                                             nest(TUPLE_PROTO, attr(PROTO_NUM))), WRONG),
    ("a tuple that is no nest", GET, 0, be32(TUPLE_ORIG, 1), WRONG),
    ("a tuple that is too long for the message", GET, 0, attr(TUPLE_ORIG | NESTED, b"\0" * 4, length=400), WRONG),
    ("an attribute shorter than its header", GET, 0, attr(TUPLE_ORIG, b"", length=2) + ORIG, WRONG),
    ("an unknown attribute", GET, 0, ORIG + be32(99, 1), WRONG + " OK"),
    ("an unknown attribute in a tuple", GET, 0, tuple_of(TUPLE_ORIG, "10.0.1.2", "10.0.2.2", 17, 4000, 53, be32(77, 1)), WRONG + " OK"),
    ("a timeout of two octets", NEW, CREATE, ORIG6 + REPLY6 + be16(TIMEOUT, 100), WRONG),
    ("a mark of one octet", NEW, 0, ORIG + u8(MARK, 1), WRONG),
    ("a status of three octets", NEW, 0, ORIG + attr(STATUS, b"\0\0\1"), WRONG),
    ("a status that takes SEEN_REPLY away", NEW, CREATE, ORIG6 + REPLY6 + LIFE + be32(STATUS, 1 << 9), "EBUSY EINVAL OK"),
    ("a zone of one octet", GET, 0, ORIG + u8(ZONE, 1), WRONG),
    ("a zone where there is none", GET, 0, ORIG + be16(ZONE, 5), "ENOENT"),
    ("IPv6 in an IPv4 message", GET, 0, ORIG6, WRONG + " ENOENT"),
    ("PROTOINFO of another protocol", NEW, 0, ORIG + nest(PROTOINFO, nest(1, u8(1, 3))), WRONG + " OK"),
    ("an unknown TCP state", NEW, CREATE, ORIG6 + REPLY6 + LIFE + nest(PROTOINFO, nest(1, u8(1, 200))), WRONG),
    ("PROTOINFO of no octets", NEW, 0, ORIG + attr(PROTOINFO), WRONG + " OK"),
    ("NAT with an address of two octets", NEW, CREATE, ORIG6 + REPLY6 + LIFE + nest(NAT_SRC, attr(1, b"\1\2")), WRONG),
    ("NAT with ports of three octets", NEW, CREATE, ORIG6 + REPLY6 + LIFE + nest(NAT_SRC, nest(3, attr(1, b"\1\2\3"))), WRONG),
    ("NAT of an entry that is there", NEW, 0, ORIG + nest(NAT_SRC, address(1, "10.0.2.1")), WRONG),
    ("a helper without a name", NEW, 0, ORIG + nest(HELP), WRONG),
    ("a helper with a name without an end", NEW, 0, ORIG + nest(HELP, attr(1, b"ftp" * 30)), WRONG),
    ("labels of three octets", NEW, 0, ORIG + attr(LABELS, b"\1\2\3"), WRONG),
    ("a filter that is no nest", GET, DUMP, be32(FILTER, 1), WRONG),
    ("an empty filter", GET, DUMP, nest(FILTER), WRONG + " OK"),
    ("a filter for everything", GET, DUMP, nest(FILTER, attr(1, b"\xff" * 4), attr(2, b"\xff" * 4)), WRONG + " OK"),
    ("a mark mask without a mark", GET, DUMP, be32(MARK_MASK, 1), WRONG + " OK"),
    ("a status mask without a status", GET, DUMP, be32(STATUS_MASK, 1), WRONG + " OK"),
    ("an expectation without helper", (NEW, EXPECT), CREATE, nest(1, b"") + nest(2, b""), WRONG + " ENOENT"),
    ("get of an expectation", (GET, EXPECT), 0, b"", WRONG + " ENOENT"),
    ("statistics", GET_STATS, 0, b"", "OK"),
    ("statistics of each CPU", GET_STATS_CPU, DUMP, b"", "OK"),
    ("statistics of each CPU without a dump", GET_STATS_CPU, 0, b"", WRONG),
    ("dying ones", GET_DYING, DUMP, b"", "OK"),
    ("unconfirmed ones", GET_UNCONFIRMED, DUMP, b"", "OK"),
    ("dying ones without a dump", GET_DYING, 0, b"", WRONG),
    ("a command that does not exist", 100, 0, b"", WRONG),
    ("a dump", GET, DUMP, b"", "OK"),
    ("delete", DELETE, 0, ORIG, "OK"),
    ("delete again", DELETE, 0, ORIG, "ENOENT"),
]


def check_cases(sock):
    for text, command, flags, attributes, accepted in CASES:
        subsystem = CTNETLINK
        if isinstance(command, tuple):
            command, subsystem = command
        said = sock.ask(command, flags, attributes, subsystem=subsystem)
        if said not in accepted.split():
            print("%s: %s, expected %s" % (text, said, accepted))
    # some may have made it although they look odd
    sock.ask(DELETE, 0, b"")


def mutate(rng, message):
    message = bytearray(message)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        place = rng.randrange(len(message))
        message[place] = rng.choice((0, 1, 2, 4, 0x7f, 0x80, 0xff, rng.randrange(256)))
    return bytes(message)


def check_random(sock, rounds, seed):
    """Valid messages with some octets changed: each is answered."""
    rng = random.Random(seed)
    tcp = nest(PROTOINFO, nest(1, u8(1, 3), u8(2, 1), u8(3, 2), attr(4, b"\1\1"), attr(5, b"\1\1")))
    whole = ORIG + REPLY + LIFE + be32(MARK, 1) + be32(STATUS, 10) + be16(ZONE, 0) + \
        nest(NAT_SRC, address(1, "10.0.2.1"), nest(3, be16(1, 1000), be16(2, 2000)))
    whole6 = ORIG6 + REPLY6 + LIFE + tcp + attr(LABELS, b"\1" * 16) + nest(HELP, attr(1, b"ftp\0"))
    for i in range(rounds):
        attributes = mutate(rng, rng.choice((whole, whole6, ORIG + REPLY + LIFE, ORIG6)))
        command, flags = rng.choice(((NEW, CREATE), (NEW, CREATE | EXCL), (NEW, 0), (GET, 0), (GET, DUMP), (DELETE, 0)))
        said = sock.ask(command, flags, attributes, family=rng.choice((2, 10, 10, 2, 0, 7)), version=rng.choice((0, 0, 0, 9)),
                        cut=rng.choice((0, 0, 0, rng.randrange(len(attributes)))))
        if said == "silence":
            print("no answer to message %d" % i)
            return


def main():
    if sys.argv[1] == "cases":
        check_cases(Socket())
    else:
        check_random(Socket(), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else os.getpid())


if __name__ == "__main__":
    main()
