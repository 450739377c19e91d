# SPDX-License-Identifier: GPL-2.0
"""ctnetlink_fuzz.py GROUP: requests to ctnetlink that are nonsense, damaged, or nobody's right.

`fuzz` sends the same ones each time, from a seed; FUZZ_REQUESTS says how many. Each is answered, and
whatever they did to the table leaves it such that all that is listed is found by either tuple, and can
be deleted.
"""
import errno
import os
import random
import socket
import struct
import time

import cases
import conntrack as ct
import ctnetlink_expect
from cases import case, equal, expect
from conntrack import A, B, A6, B6, Conntrack
from netlink import CREATE, DUMP, EXCL, NESTED, Netlink, attribute, attributes, be16, be32, u8

SEED, LOOK_EVERY, DEPTH = 9, 2000, 4
COUNT = int(os.environ.get("FUZZ_REQUESTS", 6000))
FAMILIES, VERSIONS = (socket.AF_INET,) * 4 + (socket.AF_INET6, socket.AF_UNSPEC, 7), (0, 0, 1, 9)
FLAGS = (0, CREATE, CREATE, CREATE | EXCL, DUMP, EXCL)
EDGES = (0, 1, 2, 4, 0x7f, 0x80, 0xff)
REQUESTS, EXPECT_REQUESTS = 8, 4
LASTS = ct.timeout(300)


def samples():
    """Bodies of requests that are right: what is sent is made of these."""
    whole, whole6 = ct.tuples() + LASTS, ct.tuples(A6, B6) + LASTS
    labels = attribute(ct.LABELS, bytes(range(16)))
    nat = attribute(ct.NAT_SRC, [attribute(ct.NAT_V4_MIN, b"1234"),
                                 attribute(ct.NAT_PROTO, [be16(ct.NAT_PORT_MIN, 5)])])
    master = attribute(ct.TUPLE_MASTER, [ct.addresses(A, B), ct.ports(ct.TCP, 1000, 80)])
    everything = ct.mark(1, 2) + ct.zone(0) + ct.status(ct.CONFIRMED) + labels + attribute(ct.LABELS_MASK, bytes(16))
    state = ct.tcp(u8(ct.TCP_STATE, ct.TCP_ESTABLISHED), u8(ct.TCP_SCALE_ORIG, 7), u8(ct.TCP_SCALE_REPLY, 7),
                   ct.tcp_flags(ct.TCP_FLAGS_ORIG, 3, 3))
    sctp = attribute(ct.PROTOINFO, [attribute(ct.PROTOINFO_SCTP, [u8(1, 3), be32(2, 1), be32(3, 2)])])
    return (whole, whole6, whole6 + everything, whole + everything, whole + state, whole + nat,
            ct.tuples(sport=7) + LASTS + master, ct.tuples(protocol=ct.SCTP) + LASTS + sctp,
            attribute(ct.TUPLE_ORIG, [ct.addresses(A, B), ct.icmp(7, 8)]) +
            attribute(ct.TUPLE_REPLY, [ct.addresses(B, A), ct.icmp(7, 0)]) + LASTS,
            ct.original(more=ct.tuple_zone(9)) + ct.reply() + LASTS,
            ct.original() + ct.by(ct.BY_SOURCE | ct.BY_PROTOCOL), ct.mark(1, 3), ct.status(2) + ct.status_mask(2),
            attribute(ct.HELP, [attribute(ct.HELP_NAME, b"ftp\0")]) + whole,
            ctnetlink_expect.of(ctnetlink_expect.MASTER) + ctnetlink_expect.of(ctnetlink_expect.TUPLE) +
            ctnetlink_expect.of(ctnetlink_expect.MASK))


def noise(dice, depth=0):
    """Attributes of any kind and content, now and then of another length than they say."""
    octets = b""
    for _ in range(dice.randrange(1, 5)):
        kind = dice.randrange(0, 30) | dice.choice((0, NESTED))
        if depth < DEPTH and dice.random() < .5:
            content = noise(dice, depth + 1)
        else:
            content = dice.randbytes(dice.choice((0, 1, 2, 3, 4, 8, 16)))
        one = attribute(kind, content)
        if dice.random() < .05:
            one = struct.pack("=H", dice.randrange(65536)) + one[2:]
        octets += one
    return octets


def damaged(dice, body):
    """Some octets are others, mostly such as lie at the end of a range; and some may be missing."""
    body = bytearray(body)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        body[dice.randrange(len(body))] = dice.choice(EDGES + (dice.randrange(256),))
    return bytes(body[:dice.choice((len(body), len(body), len(body), dice.randrange(len(body))))])


def shuffled(dice, body):
    """Its attributes in another order, some of them twice, in a nest too many, or of another sample."""
    found = [attribute(kind, content) for kind, content in attributes(body).items()]
    found.append(dice.choice(found))
    found.append(attribute(dice.randrange(1, 30) | NESTED, dice.choice(found)))
    dice.shuffle(found)
    return b"".join(found[:dice.randrange(1, len(found) + 1)])


def any_tuple(dice):
    """A connection that is right, one of many."""
    return ct.tuples(sport=dice.randrange(1, 2000), protocol=dice.choice((ct.TCP, ct.UDP, ct.GRE))) + LASTS + \
        attribute(ct.LABELS, dice.randbytes(16)) + ct.mark(dice.randrange(4))


def body_of(dice, right):
    one = dice.choice(right)
    return dice.choice((noise, lambda dice: damaged(dice, one), lambda dice: shuffled(dice, one), any_tuple,
                        lambda dice: damaged(dice, any_tuple(dice)), lambda dice: one + dice.choice(right)))(dice)


def consistent(tracker, sent):
    """Whether all that is listed is found by either tuple, and is all there is but for what has expired."""
    wrong, began = [], time.monotonic()
    entries = tracker.entries()

    def lasts(entry):
        """A timeout that was damaged may be over since then."""
        return entry.number(ct.TIMEOUT) > time.monotonic() - began + 1

    for entry in entries:
        family = socket.AF_INET6 if ct.IP_V6_SRC in entry.nest(ct.TUPLE_ORIG, ct.TUPLE_IP) else socket.AF_INET
        zone = attribute(ct.ZONE, entry.attributes[ct.ZONE]) if ct.ZONE in entry else b""
        for kind in (ct.TUPLE_ORIG, ct.TUPLE_REPLY):
            answer = tracker.get(attribute(kind, entry.attributes[kind]) + zone, family=family)
            if (answer.error or attributes(answer.messages[0].payload)[ct.ID] != entry.attributes[ct.ID]) and lasts(entry):
                wrong.append((kind, answer.error, entry.payload.hex()))
    identifiers = {entry.attributes[ct.ID] for entry in entries}
    count = tracker.count()
    case(not wrong and len(identifiers) == len(entries) and len(list(filter(lasts, entries))) <= count,
         "after %d requests all of %d connections are found" % (sent, len(entries)), wrong or len(identifiers))


def fuzz(tracker):
    dice, right, errors = random.Random(SEED), samples(), set()
    expectations = Netlink(ctnetlink_expect.SUBSYSTEM)
    overrun = Conntrack(ct.GROUP_NEW | ct.GROUP_UPDATE | ct.GROUP_DESTROY)
    for i in range(COUNT):
        header = {"family": dice.choice(FAMILIES), "version": dice.choice(VERSIONS)}
        body, flags = body_of(dice, right), dice.choice(FLAGS)
        asked, kinds = (expectations, EXPECT_REQUESTS) if dice.random() < .1 else (tracker, REQUESTS)
        # one in eight would be a flush, and too many of them
        kind = dice.choice((ct.NEW, dice.randrange(kinds)))
        try:
            errors.add(asked.talk(kind, flags, body, **header).error)
        except TimeoutError:
            case(False, "a request is answered", (kind, flags, header, body.hex()))
            return
        tracker.unasked.clear()
        if i % LOOK_EVERY == LOOK_EVERY - 1:
            consistent(tracker, i + 1)
    case({0, errno.EINVAL, errno.ENOENT, errno.EEXIST, errno.EOPNOTSUPP, errno.ERANGE} <= errors,
         "each of %d requests is answered" % COUNT, errors)
    expect("and the next, which is right", 0, tracker.delete())
    equal("nothing is left of them", 0, tracker.count())
    for one in (expectations, overrun):
        one.close()


def open_one(tracker):
    """What `forbidden` is to leave alone."""
    expect("there is a connection", 0, tracker.create(ct.tuples() + LASTS))


def is_there(tracker):
    expect("it is still there", 0, tracker.get(ct.original()))
    tracker.flush()


def forbidden(tracker):
    """Without CAP_NET_ADMIN in the user namespace that the network namespace belongs to."""
    for kind, flags, body in [(kind, DUMP, b"") for kind in range(REQUESTS)] + \
            [(kind, CREATE, ct.tuples() + LASTS) for kind in range(REQUESTS)]:
        equal("request %d, flags %x" % (kind, flags), errno.EPERM, tracker.talk(kind, flags, body).error)
    expectations = Netlink(ctnetlink_expect.SUBSYSTEM)
    for kind in range(EXPECT_REQUESTS):
        equal("expectations, request %d" % kind, errno.EPERM, expectations.talk(kind, DUMP).error)
    try:
        Conntrack(ct.GROUP_NEW)
        case(False, "nor can it listen", "it can")
    except PermissionError:
        case(True, "nor can it listen", "")


GROUPS = {group.__name__: group for group in (fuzz, open_one, is_there, forbidden)}

if __name__ == "__main__":
    cases.run(GROUPS, Conntrack())
