# SPDX-License-Identifier: GPL-2.0
"""ctnetlink.py GROUP...: what ctnetlink does when it is asked, rightly and wrongly, in this namespace.

A group finds the table empty, or flushes it first, and says a line for each of its cases.
"""
import errno
import os
import socket
import time

import cases
import conntrack as ct
import ctnetlink_expect
import ctnetlink_packets
import ctnetlink_reliable
import ctnetlink_wrong
from cases import case, equal, expect
from conntrack import A, A6, B, B6, Conntrack, Entry
from ctnetlink_packets import labels_of
from netlink import (CREATE, DUMP, DUMP_FILTERED, DUMP_INTERRUPTED, ECHO, EXCL, MULTI, attribute, be16,
                     number, u8)

LASTS = ct.timeout(300)
LONGEST = 0xffffffff
OTHER_ID = attribute(ct.ID, b"\1\2\3\4")
REPLIED = ct.CONFIRMED | ct.SEEN_REPLY | ct.ASSURED
V4, V6 = socket.AF_INET, socket.AF_INET6
STANDING, ROUNDS, NEW_IN_ROUND = 500, 10, 80
LATER = 1 << 20
DIFFERENT = 200


# --- one connection

def creation(tracker):
    equal("an empty table is listed", [], tracker.entries())
    expect("what is not there is not found", errno.ENOENT, tracker.get(ct.original()))
    expect("nor changed", errno.ENOENT, tracker.update(ct.tuples() + LASTS))
    expect("nor deleted", errno.ENOENT, tracker.delete(ct.original()))
    state = ct.tcp(u8(ct.TCP_STATE, ct.TCP_ESTABLISHED), u8(ct.TCP_SCALE_ORIG, 7), u8(ct.TCP_SCALE_REPLY, 8),
                   ct.tcp_flags(ct.TCP_FLAGS_ORIG, 3, 3), ct.tcp_flags(ct.TCP_FLAGS_REPLY, 3, 3))
    expect("it is created", 0, tracker.create(ct.tuples() + LASTS + ct.mark(0x55) + state))
    expect("but not where it must not be there yet", errno.EEXIST, tracker.create(ct.tuples() + LASTS, EXCL))
    expect("its original tuple finds it", 0, tracker.get(ct.original()))
    expect("so does its reply tuple", 0, tracker.get(ct.reply()))
    shows_what_was_asked_for(tracker.find(ct.original()))
    tracker.flush()
    tracker.create(ct.tuples() + LASTS + ct.tcp(u8(ct.TCP_STATE, ct.TCP_ESTABLISHED), u8(ct.TCP_SCALE_ORIG, 7),
                                                u8(ct.TCP_SCALE_REPLY, 0)))
    equal("who is given window scales without flags has the flags of both", [b"\1\0", b"\1\0"],
          [tracker.find(ct.original()).nest(ct.PROTOINFO, ct.PROTOINFO_TCP).get(flags)
           for flags in (ct.TCP_FLAGS_ORIG, ct.TCP_FLAGS_REPLY)])
    tracker.flush()


def shows_what_was_asked_for(entry):
    equal("it shows its addresses", [(A, B), (B, A)], [entry.addresses(ct.TUPLE_ORIG), entry.addresses(ct.TUPLE_REPLY)])
    equal("its ports", [(1000, 80), (80, 1000)], [entry.ports(ct.TUPLE_ORIG), entry.ports(ct.TUPLE_REPLY)])
    equal("its status, confirmed", ct.CONFIRMED, entry.number(ct.STATUS))
    equal("its mark", 0x55, entry.number(ct.MARK))
    case(200 <= entry.number(ct.TIMEOUT) <= 300, "what is left of its timeout", entry.number(ct.TIMEOUT))
    equal("its TCP state, window scales and flags",
          {ct.TCP_STATE: b"\3", ct.TCP_SCALE_ORIG: b"\7", ct.TCP_SCALE_REPLY: b"\x08",
           ct.TCP_FLAGS_ORIG: b"\3\0", ct.TCP_FLAGS_REPLY: b"\3\0"}, entry.nest(ct.PROTOINFO, ct.PROTOINFO_TCP))
    equal("that it had no packets", [0, 0], [entry.packets(ct.COUNTERS_ORIG), entry.packets(ct.COUNTERS_REPLY)])
    case(ct.USE in entry and ct.ID in entry, "its id, and who uses it", list(entry.attributes))
    case(ct.ZONE not in entry and ct.TUPLE_MASTER not in entry, "and nothing that it has not", list(entry.attributes))


def changes(tracker):
    tracker.create(ct.tuples() + LASTS + ct.mark(0x55))
    expect("the reply tuple changes a mark under a mask", 0, tracker.update(ct.reply() + ct.mark(0xa00, 0xff00)))
    expect("the original one a status", 0, tracker.update(ct.original() + ct.status(REPLIED)))
    entry = tracker.find(ct.original())
    equal("both are seen", (0xa55, REPLIED), (entry.number(ct.MARK), entry.number(ct.STATUS)))
    expect("not when it has another id", errno.ENOENT, tracker.update(ct.original() + ct.mark(1) + OTHER_ID))
    expect("no translation is added to what is there", errno.EOPNOTSUPP,
           tracker.update(ct.tuples() + attribute(ct.NAT_SRC, [attribute(ct.NAT_V4_MIN, b"1234")])))
    for bits, text in ((REPLIED & ~ct.ASSURED, "assured taken back"), (REPLIED & ~ct.SEEN_REPLY, "reply taken back"),
                       (REPLIED & ~ct.CONFIRMED, "not confirmed"), (REPLIED | ct.EXPECTED, "expected"),
                       (REPLIED | ct.DYING_BIT, "dying"), (REPLIED | ct.SOURCE_NAT, "source NAT"),
                       (REPLIED | ct.TEMPLATE, "template"), (REPLIED | ct.SEQUENCE_ADJUST, "sequence adjust")):
        expect("status, " + text, errno.EBUSY, tracker.update(ct.original() + ct.status(bits)))
    expect("status, a bit that is reserved", errno.EINVAL, tracker.update(ct.original() + ct.status(REPLIED | 1 << 31)))
    entry = tracker.find(ct.original())
    equal("all that left it as it was", (0xa55, REPLIED), (entry.number(ct.MARK), entry.number(ct.STATUS)))
    tracker.flush()


def deletion(tracker):
    tracker.create(ct.tuples() + LASTS)
    expect("not when it has another id", errno.ENOENT, tracker.delete(ct.original() + OTHER_ID))
    expect("sending back what was listed deletes it", 0, tracker.delete(tracker.entries()[0].payload))
    equal("it is gone", [], tracker.entries())
    tracker.create(ct.tuples() + LASTS)
    tracker.create(ct.tuples(sport=1001) + LASTS)
    expect("its reply tuple deletes it, too", 0, tracker.delete(ct.reply()))
    equal("just that one", [1001], [entry.ports(ct.TUPLE_ORIG)[0] for entry in tracker.entries()])
    expect("without a tuple all are deleted", 0, tracker.delete())
    equal("none is left", [], tracker.entries())


def timeouts(tracker):
    expect("created with a timeout of 0", 0, tracker.create(ct.tuples() + ct.timeout(0)))
    equal("it is over at once", [], tracker.entries())
    expect("and gives way to another", 0, tracker.create(ct.tuples() + ct.timeout(LONGEST), EXCL))
    seconds = tracker.find(ct.original()).number(ct.TIMEOUT)
    case(seconds > 20 * 24 * 3600, "the longest timeout is weeks", seconds)
    expect("it is fixed", 0, tracker.update(ct.original() + ct.status(ct.CONFIRMED | ct.FIXED_TIMEOUT)))
    expect("and can't be changed any more", errno.EPERM, tracker.update(ct.original() + LASTS))
    tracker.flush()


def labels(tracker):
    both = labels_of(0, 127)
    expect("created with labels", 0, tracker.create(ct.tuples() + LASTS + attribute(ct.LABELS, both)))
    equal("it has them", both, tracker.find(ct.original()).attributes.get(ct.LABELS))
    tracker.create(ct.tuples(sport=1001) + LASTS + attribute(ct.LABELS, both))
    tracker.create(ct.tuples(sport=1002) + LASTS)
    case(ct.LABELS not in tracker.find(ct.original(sport=1002)), "one without shows none", "some")
    expect("changed under a mask", 0, tracker.update(
        ct.original() + attribute(ct.LABELS, labels_of(5)) + attribute(ct.LABELS_MASK, labels_of(0, 5))))
    equal("they are changed", labels_of(5, 127), tracker.find(ct.original()).attributes.get(ct.LABELS))
    equal("and not another's, which were the same", both,
          tracker.find(ct.original(sport=1001)).attributes.get(ct.LABELS))
    expect("labels that are shorter", 0, tracker.update(ct.original() + attribute(ct.LABELS, labels_of(1)[:4])))
    equal("take the place of all", labels_of(1), tracker.find(ct.original()).attributes.get(ct.LABELS))
    listener = Conntrack(ct.GROUP_UPDATE)
    expect("none any more", 0, tracker.update(ct.original() + attribute(ct.LABELS, labels_of())))
    case(ct.LABELS not in tracker.find(ct.original()), "then none are shown", "some")
    tracker.update(ct.original() + attribute(ct.LABELS, labels_of(77)))
    equal("an event tells them", [None, labels_of(77)],
          [message.attributes.get(ct.LABELS) for message in listener.events()])
    listener.close()
    tracker.flush()
    for i in range(DIFFERENT):
        tracker.create(ct.tuples(sport=1000 + i) + LASTS + attribute(ct.LABELS, (i + 1).to_bytes(16, "big")))
    equal("each of %d has its own" % DIFFERENT,
          {1000 + i: (i + 1).to_bytes(16, "big") for i in range(DIFFERENT)},
          {entry.ports(ct.TUPLE_ORIG)[0]: entry.attributes.get(ct.LABELS) for entry in tracker.entries()})
    tracker.flush()


def masters(tracker):
    tracker.create(ct.tuples(sport=5) + LASTS)
    master = attribute(ct.TUPLE_MASTER, [ct.addresses(A, B), ct.ports(ct.TCP, 5, 80)])
    listener = Conntrack(ct.GROUP_NEW)
    expect("a connection that another one expected", 0, tracker.create(ct.tuples(sport=6) + LASTS + master))
    _, entry = the_event(listener, "it is a new one")
    case(ct.TUPLE_MASTER in entry, "of which is told whose it is", list(entry.attributes))
    listener.close()
    entry = tracker.find(ct.original(sport=6))
    equal("says so", ct.CONFIRMED | ct.EXPECTED, entry.number(ct.STATUS))
    equal("and by which", 5, number(entry.nest(ct.TUPLE_MASTER, ct.TUPLE_PROTO)[ct.PROTO_SRC_PORT]))
    answered = ct.CONFIRMED | ct.SEEN_REPLY
    for text, bits in (("also with a status that leaves it out, as conntrackd's", answered),
                       ("or has it", answered | ct.EXPECTED)):
        tracker.delete(ct.original(sport=6))
        expect(text, 0, tracker.create(ct.tuples(sport=6) + LASTS + master + ct.status(bits)))
        equal("it says so, too", answered | ct.EXPECTED,
              tracker.find(ct.original(sport=6)).number(ct.STATUS))
    expect("not without a master", errno.EBUSY,
           tracker.create(ct.tuples(sport=8) + LASTS + ct.status(ct.CONFIRMED | ct.EXPECTED)))
    nobody = attribute(ct.TUPLE_MASTER, [ct.addresses(A, B), ct.ports(ct.TCP, 7, 80)])
    expect("not by one that is not there", errno.ENOENT, tracker.create(ct.tuples(sport=8) + LASTS + nobody))
    tracker.flush()
    equal("no reference is left behind", 0, tracker.count())
    chain_of_masters(tracker)


def chain_of_masters(tracker):
    """They may go all at once, and that must not take long."""
    tracker.create(ct.tuples(sport=100) + LASTS)
    errors = []
    for port in range(101, 111):
        master = attribute(ct.TUPLE_MASTER, [ct.addresses(A, B), ct.ports(ct.TCP, port - 1, 80)])
        errors.append(tracker.create(ct.tuples(sport=port) + LASTS + master).error)
    equal("eight masters above each other, and no more", [0] * 8 + [errno.EINVAL, errno.ENOENT], errors)
    tracker.flush()
    equal("they all go", 0, tracker.count())


def protocols(tracker):
    def of(source, destination, there, back):
        return attribute(ct.TUPLE_ORIG, [ct.addresses(source, destination), there]) + \
            attribute(ct.TUPLE_REPLY, [ct.addresses(destination, source), back])

    bare = attribute(ct.TUPLE_PROTO, [u8(ct.PROTO_NUM, ct.ESP)])
    kinds = [("ICMP", V4, of(A, B, ct.icmp(7, 8), ct.icmp(7, 0))),
             ("ICMPv6", V6, of(A6, B6, ct.icmpv6(7, 128), ct.icmpv6(7, 129))),
             ("TCP over IPv6", V6, ct.tuples(A6, B6)), ("ESP, without ports", V4, of(A, B, bare, bare))]
    kinds += [("protocol %d" % protocol, V4, ct.tuples(protocol=protocol))
              for protocol in (ct.TCP, ct.UDP, ct.DCCP, ct.GRE, ct.SCTP, ct.UDPLITE)]
    for text, family, body in kinds:
        expect(text, 0, tracker.create(body + LASTS, family=family))
    equal("all are listed", len(kinds), len(tracker.entries()))
    for family, expected in ((V6, 2), (V4, len(kinds) - 2)):
        listed = tracker.entries(family=family)
        equal("family %d is listed by itself" % family, expected, len(listed))
        equal("each as it is found by", [0] * expected,
              [tracker.get(attribute(ct.TUPLE_ORIG, entry.attributes[ct.TUPLE_ORIG]), family=family).error
               for entry in listed])
    expect("version 1 deletes all of a family", 0, tracker.delete(family=V6, version=1))
    equal("and not the others", len(kinds) - 2, len(tracker.entries()))
    expect("version 0 deletes all, whatever the family", 0, tracker.delete(family=V6))
    equal("none is left", [], tracker.entries())


# --- many

def filters(tracker):
    """Of 64 connections every 2nd is TCP, of every 4 two are in zone 3, of every 8 four saw a reply."""
    for i in range(64):
        body = ct.tuples(sport=100 + i, protocol=ct.TCP if i & 1 else ct.UDP) + LASTS + ct.mark(i)
        body += ct.zone(3) if i & 2 else b""
        body += ct.status(ct.CONFIRMED | ct.SEEN_REPLY) if i & 4 else b""
        tracker.create(body)
    nothing = ct.original(A, A)
    for text, expected, body in (
            ("by nothing", 64, b""),
            ("by mark", 1, ct.mark(5)),
            ("by bits of the mark", 16, ct.mark(0x10, 0x30)),
            ("by status", 32, ct.status(ct.SEEN_REPLY)),
            ("by what the status is not", 32, ct.status(0) + ct.status_mask(ct.SEEN_REPLY)),
            ("by zone", 32, ct.zone(3)),
            ("by zone 0", 32, ct.zone(0)),
            ("by protocol", 32, ct.original() + ct.by(ct.BY_PROTOCOL)),
            ("by port", 1, ct.original(sport=101) + ct.by(ct.BY_PROTOCOL | ct.BY_SOURCE_PORT)),
            ("by port of the reply", 1,
             ct.reply(dport=101) + ct.by(ct.BY_PROTOCOL | ct.BY_DESTINATION_PORT, ct.FILTER_REPLY)),
            ("by source", 64, nothing + ct.by(ct.BY_SOURCE)),
            ("by another source", 0, ct.original(B, A) + ct.by(ct.BY_SOURCE)),
            ("by two things", 16, ct.original() + ct.by(ct.BY_PROTOCOL) + ct.zone(3)),
            ("by a tuple in a whole connection", 32,
             nothing + LASTS + ct.status(REPLIED & ~ct.ASSURED) + ct.by(ct.BY_SOURCE))):
        equal("listed " + text, expected, len(tracker.entries(body, family=V4)))
    message = tracker.dump(ct.mark(5)).messages[0]
    equal("a listing says that there is a filter", DUMP_FILTERED, message.flags & DUMP_FILTERED)
    filtered_deletion(tracker)
    tracker.flush()


def filters_by_parts(tracker):
    """By each part of a tuple: of what differs in one of them, one entry stays."""
    def created(original, reply, family=V4):
        tracker.create(attribute(ct.TUPLE_ORIG, original) + attribute(ct.TUPLE_REPLY, reply) + LASTS, family=family)

    there, back = ct.addresses(A, B), ct.addresses(B, A)
    port, away = ct.ports(ct.TCP, 1000, 80), ct.addresses(A, "10.9.0.3")
    created([there, port], [back, ct.ports(ct.TCP, 80, 1000)])
    created([away, port], [ct.addresses("10.9.0.3", A), ct.ports(ct.TCP, 80, 1000)])
    created([there, port, ct.tuple_zone(9)], [back, ct.ports(ct.TCP, 80, 1001)])
    for kind, (request, answer) in (("timestamp", (13, 14)), ("echo", (8, 0))):
        for identifier in (7, 8):
            created([there, ct.icmp(identifier, request)], [back, ct.icmp(identifier, answer)])
    there6, back6 = ct.addresses(A6, B6), ct.addresses(B6, A6)
    for identifier in (7, 8, 9):
        created([there6, ct.icmpv6(identifier, 128)], [back6, ct.icmpv6(identifier, 129)], V6)

    def listed(text, expected, parts, *content, family=V4):
        body = attribute(ct.TUPLE_ORIG, list(content)) + ct.by(parts)
        equal("listed " + text, expected, len(tracker.entries(body, family=family)))

    equal("all are there", 10, len(tracker.entries()))
    listed("by destination", 1, ct.BY_DESTINATION, away)
    listed("by the other one", 6, ct.BY_DESTINATION, there)
    listed("by source and destination", 1, ct.BY_SOURCE | ct.BY_DESTINATION, away)
    listed("by an IPv6 destination", 3, ct.BY_DESTINATION, there6, family=V6)
    listed("by another IPv6 destination", 0, ct.BY_DESTINATION, back6, family=V6)
    listed("by the zone of its direction", 1, ct.BY_ZONE, there, ct.tuple_zone(9))
    listed("by another zone", 0, ct.BY_ZONE, there, ct.tuple_zone(8))
    listed("by zone 0", 6, ct.BY_ZONE, there, ct.tuple_zone(0))
    listed("by ICMP id", 2, ct.BY_PROTOCOL | ct.BY_ICMP_ID, there, ct.icmp(7, 8))
    listed("by ICMP type", 2, ct.BY_PROTOCOL | ct.BY_ICMP_TYPE, there, ct.icmp(7, 13))
    listed("by ICMP type and id", 1, ct.BY_PROTOCOL | ct.BY_ICMP_TYPE | ct.BY_ICMP_ID, there, ct.icmp(8, 8))
    listed("by ICMP code", 4, ct.BY_PROTOCOL | ct.BY_ICMP_CODE, there, ct.icmp(7, 8))
    listed("by another ICMP code", 0, ct.BY_PROTOCOL | ct.BY_ICMP_CODE, there, ct.icmp(7, 8, code=1))
    listed("by ICMPv6 id", 1, ct.BY_PROTOCOL | ct.BY_ICMPV6_ID, there6, ct.icmpv6(8, 128), family=V6)
    listed("by ICMPv6 type", 3, ct.BY_PROTOCOL | ct.BY_ICMPV6_TYPE, there6, ct.icmpv6(1, 128), family=V6)
    listed("by another ICMPv6 type", 0, ct.BY_PROTOCOL | ct.BY_ICMPV6_TYPE, there6, ct.icmpv6(7, 139), family=V6)
    listed("by ICMPv6 code", 0, ct.BY_PROTOCOL | ct.BY_ICMPV6_CODE, there6, ct.icmpv6(7, 128, code=1), family=V6)
    tracker.flush()


def filtered_deletion(tracker):
    for text, left, body in (("port", 63, ct.original(sport=101) + ct.by(ct.BY_PROTOCOL | ct.BY_SOURCE_PORT)),
                             ("mark", 47, ct.mark(0x10, 0x30)), ("zone", 23, ct.zone(3))):
        expect("deleted by " + text, 0, tracker.delete(body))
        equal("the rest stays", left, len(tracker.entries()))
    expect("not by what no filter is made of", errno.EOPNOTSUPP, tracker.delete(ct.mark(0, 0) + LASTS))
    equal("and all stay", 23, len(tracker.entries()))


def zones(tracker):
    zoned = ct.original(more=ct.tuple_zone(9))
    expect("a zone of one direction", 0, tracker.create(zoned + ct.reply() + LASTS))
    expect("it is not found without", errno.ENOENT, tracker.get(ct.original()))
    expect("but with it", 0, tracker.get(zoned))
    expect("and without it the other way", 0, tracker.get(ct.reply()))
    entry = tracker.find(zoned)
    case(ct.ZONE not in entry and ct.TUPLE_ZONE not in entry.nest(ct.TUPLE_REPLY) and
         number(entry.nest(ct.TUPLE_ORIG)[ct.TUPLE_ZONE]) == 9, "it is shown in that direction", entry.attributes)
    expect("another zone has room for the same tuples", 0, tracker.create(ct.tuples() + ct.zone(8) + LASTS, EXCL))
    expect("a third has not: its reply tuple would be in zone 0, too", errno.EEXIST,
           tracker.create(ct.original(more=ct.tuple_zone(7)) + ct.reply() + LASTS))
    expect("nor has a connection whose original tuple would be", errno.EEXIST,
           tracker.create(ct.original(B, A, 80, 1000) + ct.reply(A, B, 1000, 80, more=ct.tuple_zone(7)) + LASTS))
    expect("sending back what was listed deletes it", 0, tracker.delete(entry.payload))
    equal("just that one", [8], [entry.number(ct.ZONE) for entry in tracker.entries()])
    tracker.flush()

    answers = ct.reply(more=ct.tuple_zone(9))
    expect("a zone of the reply direction", 0, tracker.create(ct.original() + answers + LASTS))
    expect("the original tuple is in zone 0", 0, tracker.get(ct.original()))
    expect("the reply tuple is not", errno.ENOENT, tracker.get(ct.reply()))
    expect("but in its zone", 0, tracker.get(answers))
    entry = tracker.find(answers)
    case(ct.ZONE not in entry and ct.TUPLE_ZONE not in entry.nest(ct.TUPLE_ORIG) and
         number(entry.nest(ct.TUPLE_REPLY)[ct.TUPLE_ZONE]) == 9, "it is shown in that direction", entry.attributes)
    expect("deleted by its reply tuple", 0, tracker.delete(answers))
    equal("nothing is left", [], tracker.entries())


def many_of(tracker, first, count):
    """Marked with a number each."""
    for i in range(first, first + count):
        source = "10.10.%d.%d" % (i >> 8 & 255, i & 255)
        tracker.create(ct.tuples(source, dport=80 + (i >= LATER)) + LASTS + ct.mark(i))


def listed_while_growing(tracker):
    """Marks, how many messages they came in, and whether the listing says it was disturbed."""
    listing = Conntrack()
    listing.send(ct.GET, DUMP, family=socket.AF_UNSPEC)
    marks, rounds, interrupted, done = [], 0, False, False
    while not done:
        for message in listing.receive():
            interrupted |= bool(message.flags & DUMP_INTERRUPTED)
            done |= message.is_end
            if not done:
                marks.append(Entry(message.payload).number(ct.MARK))
        if rounds < ROUNDS:
            many_of(tracker, LATER + rounds * NEW_IN_ROUND, NEW_IN_ROUND)
        rounds += 1
    listing.close()
    return marks, rounds, interrupted


def dumps(tracker):
    many_of(tracker, 1, STANDING)
    standing = list(range(1, STANDING + 1))
    marks = [entry.number(ct.MARK) for entry in tracker.entries()]
    equal("each of %d is listed once" % STANDING, standing, sorted(marks))
    marks, rounds, interrupted = listed_while_growing(tracker)
    case(rounds > 2, "a listing takes some messages", rounds)
    equal("each is listed once while the table grows", standing, sorted(mark for mark in marks if mark < LATER))
    equal("nothing had to be begun again", False, interrupted)
    abandoned = Conntrack()
    abandoned.send(ct.GET, DUMP, family=socket.AF_UNSPEC)
    next(abandoned.receive())
    abandoned.close()
    expect("deleted after a listing that was left", 0, tracker.delete())
    equal("none is listed", [], tracker.entries())
    equal("and none is held", 0, tracker.count())


def statistics(tracker):
    tracker.create(ct.tuples() + LASTS)
    equal("how many there are", 1, tracker.count())
    equal("in a message that has always been one of several", MULTI,
          tracker.talk(ct.STATS, 0, family=socket.AF_UNSPEC).messages[0].flags & MULTI)
    equal("a message for each CPU", list(range(os.cpu_count())),
          [message.resource for message in tracker.dump(kind=ct.STATS_CPU).messages])
    equal("with all that conntrack -S shows", [set(ct.OF_A_CPU)] * os.cpu_count(),
          [set(message.attributes) for message in tracker.dump(kind=ct.STATS_CPU).messages])
    equal("no list of those that are dying", [], tracker.entries(kind=ct.DYING))
    equal("nor of unconfirmed ones", [], tracker.entries(kind=ct.UNCONFIRMED))
    tracker.flush()
    equal("none is left", 0, tracker.count())


# --- translation

def to(*content, kind=ct.NAT_SRC):
    return attribute(kind, list(content))


def address(text, kind=ct.NAT_V4_MIN):
    return attribute(kind, socket.inet_pton(V6 if ":" in text else V4, text))


def port_range(first, last):
    return attribute(ct.NAT_PROTO, [be16(ct.NAT_PORT_MIN, first), be16(ct.NAT_PORT_MAX, last)])


def translations(tracker):
    """What the reply comes from and to, and which way is translated."""
    source, destination, both = ct.SOURCE_NAT, ct.DESTINATION_NAT, ct.SOURCE_NAT | ct.DESTINATION_NAT
    other, third = address("8.8.8.8"), address("9.9.9.9")
    for text, body, reply, bits in (
            ("a source", to(other), (B, 80, "8.8.8.8", 1000), source),
            ("a source and port", to(other, port_range(2000, 2000)), (B, 80, "8.8.8.8", 2000), source),
            ("a port alone", to(port_range(2000, 2000)), (B, 80, A, 2000), source),
            ("a first port that is the last one", to(attribute(ct.NAT_PROTO, [be16(ct.NAT_PORT_MIN, 2000)])),
             (B, 80, A, 2000), source),
            ("an empty range of ports", to(other, attribute(ct.NAT_PROTO, [])), (B, 80, "8.8.8.8", 1000), source),
            ("an empty range of ports alone: no destination", to(other) + to(attribute(ct.NAT_PROTO, []), kind=ct.NAT_DST),
             (B, 80, "8.8.8.8", 1000), source),
            ("a destination", to(third, port_range(8080, 8080), kind=ct.NAT_DST), ("9.9.9.9", 8080, A, 1000),
             destination),
            ("both", to(third, kind=ct.NAT_DST) + to(other, address("8.8.8.8", ct.NAT_V4_MAX)) +
             ct.status(ct.CONFIRMED | both | ct.SOURCE_NAT_DONE | ct.DESTINATION_NAT_DONE),
             ("9.9.9.9", 80, "8.8.8.8", 1000), both)):
        expect("to " + text, 0, tracker.create(ct.tuples() + LASTS + body))
        entry = tracker.find(ct.original())
        equal("and shown so", reply, translated_reply(entry))
        equal("with its status", bits, entry.number(ct.STATUS) & both)
        tracker.flush()
    translations_of_ipv6(tracker)


def translations_of_ipv6(tracker):
    other, last = address("fd00::8", ct.NAT_V6_MIN), address("fd00::8", ct.NAT_V6_MAX)
    third = to(address("fd00::9", ct.NAT_V6_MIN), port_range(8080, 8080), kind=ct.NAT_DST)
    for text, body, reply in (
            ("an IPv6 source", to(other), (B6, 80, "fd00::8", 1000)),
            ("the only one of a range, and a port", to(other, last, port_range(2000, 2000)), (B6, 80, "fd00::8", 2000)),
            ("an IPv6 destination and port", third, ("fd00::9", 8080, A6, 1000)),
            ("both", to(other) + third, ("fd00::9", 8080, "fd00::8", 1000))):
        expect("to " + text, 0, tracker.create(ct.tuples(A6, B6) + LASTS + body, family=V6))
        equal("and shown so", reply, translated_reply(tracker.entries(family=V6)[0]))
        tracker.flush()
    for text, body in (("IPv4", to(address("8.8.8.8"))), ("IPv6 and IPv4", to(other, address("8.8.8.8"))),
                       ("addresses in the wrong order", to(other, address("fd00::7", ct.NAT_V6_MAX)))):
        expect("from IPv6 to " + text, errno.EINVAL, tracker.create(ct.tuples(A6, B6) + LASTS + body, family=V6))
    equal("nothing is left of them", 0, tracker.count())


def translated_reply(entry):
    (source, destination), (sport, dport) = entry.addresses(ct.TUPLE_REPLY), entry.ports(ct.TUPLE_REPLY)
    return source, sport, destination, dport


def wrong_translations(tracker):
    for text, body in (
            ("nothing", to()), ("a last address alone", to(address("8.8.8.8", ct.NAT_V4_MAX))),
            ("addresses in the wrong order", to(address("8.8.8.9"), address("8.8.8.8", ct.NAT_V4_MAX))),
            ("IPv6", to(attribute(ct.NAT_V6_MIN, bytes(16)))), ("ports in the wrong order", to(port_range(3, 2))),
            ("port 0", to(port_range(0, 0))), ("something unknown", to(attribute(7, b""))),
            ("a last port alone", to(attribute(ct.NAT_PROTO, [be16(ct.NAT_PORT_MAX, 5)])))):
        expect("to " + text, errno.EINVAL, tracker.create(ct.tuples() + LASTS + body))
    for text, content in (("an address of 2 octets", attribute(ct.NAT_V4_MIN, b"12")),
                          ("a port of 3 octets", attribute(ct.NAT_PROTO, [attribute(ct.NAT_PORT_MIN, b"123")]))):
        answer = tracker.create(ct.tuples() + LASTS + to(content))
        case(answer.error in (errno.EINVAL, errno.ERANGE) and answer.text, "to " + text, answer)
    taken = to(address("8.8.8.8"), port_range(2000, 2000))
    tracker.create(ct.tuples() + LASTS + taken)
    expect("to what is taken", errno.EADDRINUSE, tracker.create(ct.tuples("10.9.0.5") + LASTS + taken))
    tracker.flush()
    equal("nothing is left of them", 0, tracker.count())


# --- what is told

def events(tracker):
    listener = Conntrack(ct.GROUP_NEW | ct.GROUP_UPDATE | ct.GROUP_DESTROY)
    tracker.create(ct.tuples() + LASTS + ct.tcp(u8(ct.TCP_STATE, ct.TCP_SYN_SENT)))
    message, entry = the_event(listener, "one NEW")
    equal("its flags say so", CREATE | EXCL, message.flags & (CREATE | EXCL))
    equal("and whose doing it was", tracker.port, message.port)
    case(ct.PROTOINFO in entry and ct.TIMEOUT in entry and ct.COUNTERS_ORIG not in entry, "it tells what is new",
         list(entry.attributes))
    tracker.update(ct.tuples() + ct.mark(7))
    message, entry = the_event(listener, "one UPDATE")
    equal("which is not a new one", (ct.NEW, 0), (message.kind, message.flags & CREATE))
    equal("with the mark", 7, entry.number(ct.MARK))
    tracker.delete(ct.tuples())
    message, entry = the_event(listener, "one DESTROY")
    equal("which is an end", ct.DELETE, message.kind)
    case(ct.COUNTERS_ORIG in entry, "with what was counted", list(entry.attributes))
    listener.close()
    tracker.unasked.clear()
    tracker.create(ct.tuples() + LASTS, ECHO)
    equal("with ECHO who asked is told without listening", 1, len(tracker.unasked))
    tracker.unasked.clear()
    tracker.talk(ct.DELETE, ECHO, ct.original())
    equal("of the end, too", [ct.DELETE], [message.kind for message in tracker.unasked])
    tracker.unasked.clear()
    tracker.flush()


def event_times(tracker):
    """When something happened is in its event, if entries have times, and in no listing."""
    def three():
        listener = Conntrack(ct.GROUP_NEW | ct.GROUP_UPDATE | ct.GROUP_DESTROY)
        tracker.create(ct.tuples() + LASTS)
        listed = tracker.entries()
        tracker.update(ct.original() + ct.mark(7))
        tracker.delete(ct.original())
        told = [Entry(message.payload) for message in listener.events()]
        listener.close()
        return listed, told

    write_sysctl("timestamp", 1)
    before = time.time_ns()
    listed, told = three()
    times = [entry.number(ct.TIMESTAMP_EVENT) for entry in told if ct.TIMESTAMP_EVENT in entry]
    order = [before, *times, time.time_ns()]
    case(len(times) == 3 and order == sorted(order), "each event has its time", order)
    equal("a listing has none", [False], [ct.TIMESTAMP_EVENT in entry for entry in listed])
    begin, end = ({ct.TIMESTAMP_START}, {ct.TIMESTAMP_START, ct.TIMESTAMP_STOP})
    equal("but when the connection began, as its end has, and that as well", [begin, end],
          [set(entry.nest(ct.TIMESTAMP)) - {ct.TIMESTAMP_PAD} for entry in (listed[0], told[-1])])
    start, stop = (number(told[-1].nest(ct.TIMESTAMP)[kind])
                   for kind in (ct.TIMESTAMP_START, ct.TIMESTAMP_STOP))
    case(before <= start <= stop <= time.time_ns(), "one after the other", (before, start, stop))
    write_sysctl("timestamp", 0)
    equal("no times, no event's time", [False] * 3, [ct.TIMESTAMP_EVENT in entry for entry in three()[1]])
    expect("it is no part of a request", errno.EINVAL,
           tracker.get(ct.original() + attribute(ct.TIMESTAMP_EVENT, before.to_bytes(8, "big"))))


def write_sysctl(name, value):
    with open("/proc/sys/net/netfilter/nf_conntrack_" + name, "w", encoding="ascii") as file:
        file.write("%d\n" % value)


def the_event(listener, text):
    told = listener.events()
    equal(text, 1, len(told))
    return told[0], Entry(told[0].payload)


GROUPS = {group.__name__: group for group in (
    creation, changes, labels, deletion, timeouts, masters, protocols, filters, filters_by_parts, zones, dumps, statistics,
    events, event_times, translations, wrong_translations)}
GROUPS.update(ctnetlink_expect.GROUPS)
GROUPS.update(ctnetlink_packets.GROUPS)
GROUPS.update(ctnetlink_reliable.GROUPS)
GROUPS.update(ctnetlink_wrong.GROUPS)

if __name__ == "__main__":
    cases.run(GROUPS, Conntrack())
