# SPDX-License-Identifier: GPL-2.0
"""Matches and targets of xtables, asked for without iptables, which would send no more than what makes sense: rules that
are wrong in one thing each. A line for each rule says what became of it, for the trackers to be compared."""
import errno
import os
import socket
import struct
import sys

from netlink import Netlink, attribute, be32
from nftables import (EXPRESSION_DATA, EXPRESSION_NAME, LIST_ELEMENT, NEW_RULE, RULE_CHAIN, RULE_EXPRESSIONS, RULE_TABLE,
                      Nftables, text)

COMPAT_SUBSYSTEM, COMPAT_GET = 11, 0
MATCH, TARGET = 0, 1
NAME, REVISION, INFO, TYPE = 1, 2, 3, 3
RULE_COMPAT, COMPAT_PROTOCOL, COMPAT_FLAGS, INVERTED = 5, 1, 2, 2
FAMILIES = {"ip": socket.AF_INET, "ip6": socket.AF_INET6, "inet": 1, "arp": 3}
TCP, UDP = 6, 17
CHAINS = {"nat": ("prerouting", "input", "output", "postrouting"), "mangle": ("prerouting", "forward", "postrouting"),
          "raw": ("prerouting", "output"), "filter": ("forward",), "security": ("forward",)}

# flags of a range
MAP_IPS, SPECIFIED = 1, 2
ANY = bytes(16)


def aligned(data):
    """As XT_ALIGN() has it."""
    return data + bytes(-len(data) % 8)


def conntrack(revision, match=0, invert=0):
    masks = struct.pack("=HH", 0, 0) if revision > 1 else bytes(2)
    return bytes(128 + 8 + 2 + 8) + struct.pack("=HH", match, invert) + masks + (bytes(8) if revision > 2 else b"")


def connbytes(what=0, direction=0, low=1, high=2):
    return struct.pack("=QQBB", low, high, what, direction)


def connlabel(bit=1, options=0):
    return struct.pack("=HH", bit, options)


def connlimit(flags=0):
    return ANY + struct.pack("=IIQ", 1, flags, 0)


def cluster(nodes=2, mask=1, flags=0):
    return struct.pack("=IIII", nodes, mask, 7, flags)


def connmark(invert=0):
    return struct.pack("=IIB", 1, 1, invert)


def helper(name=b"ftp"):
    return struct.pack("=i30s", 0, name)


def set_connmark(revision, mode=0, direction=0, bits=0):
    last = bytes([mode]) if revision == 1 else bytes([direction, bits, mode])
    return struct.pack("=III", 1, 1, 1) + last


def ct(revision, flags=0, name=b"", timeout=b""):
    plain = struct.pack("=HHII16s", flags, 0, 0, 0, name)
    return (aligned(plain + struct.pack("32s", timeout)) if revision else aligned(plain)) + bytes(8)


def old_range(flags=0, count=1):
    return struct.pack("=IIIIHH", count, flags, 0, 0, 0, 0)


def new_range(flags=0):
    return struct.pack("=I", flags) + ANY + ANY + bytes(4)


def newest_range(flags=0):
    return new_range(flags) + bytes(2)


# what iptables 1.8.9 to 1.8.13 may send: kind, name, revision, what makes sense, and the families that have it
MATCHES = [(MATCH, "conntrack", revision, conntrack(revision), ("ip", "ip6", "inet")) for revision in (1, 2, 3)] + [
    (MATCH, "state", 0, bytes(4), ("ip", "ip6", "inet")),
    (MATCH, "connmark", 1, connmark(), ("ip", "ip6", "inet")),
    (MATCH, "connbytes", 0, connbytes(), ("ip", "ip6", "inet")),
    (MATCH, "connlimit", 1, connlimit(), ("ip", "ip6")),
    (MATCH, "connlabel", 0, connlabel(), ("ip", "ip6", "inet")),
    (MATCH, "helper", 0, helper(), ("ip", "ip6", "inet")),
    (MATCH, "cluster", 0, cluster(), ("ip", "ip6"))]
NAT_TARGETS = [
    (TARGET, "SNAT", 0, old_range(), ("ip",)), (TARGET, "SNAT", 1, new_range(), ("ip", "ip6", "inet")),
    (TARGET, "SNAT", 2, newest_range(), ("ip", "ip6", "inet")),
    (TARGET, "DNAT", 0, old_range(), ("ip",)), (TARGET, "DNAT", 1, new_range(), ("ip", "ip6", "inet")),
    (TARGET, "DNAT", 2, newest_range(), ("ip", "ip6", "inet")),
    (TARGET, "NETMAP", 0, old_range(MAP_IPS), ("ip",)), (TARGET, "NETMAP", 0, new_range(MAP_IPS), ("ip6",)),
    (TARGET, "MASQUERADE", 0, old_range(), ("ip",)), (TARGET, "MASQUERADE", 0, new_range(), ("ip6",)),
    (TARGET, "REDIRECT", 0, old_range(), ("ip",)), (TARGET, "REDIRECT", 0, new_range(), ("ip6",))]
OTHER_TARGETS = [
    (TARGET, "CONNMARK", 1, set_connmark(1), ("ip", "ip6")), (TARGET, "CONNMARK", 2, set_connmark(2), ("ip", "ip6")),
    (TARGET, "CONNSECMARK", 0, bytes([1]), ("ip", "ip6")),
    (TARGET, "CT", 0, ct(0), ("ip", "ip6")), (TARGET, "CT", 1, ct(1), ("ip", "ip6")), (TARGET, "CT", 2, ct(2), ("ip", "ip6")),
    (TARGET, "NOTRACK", 0, b"", ("ip", "ip6"))]
ALL = MATCHES + NAT_TARGETS + OTHER_TARGETS
# where a target may be at all
PLACES = {"SNAT": ("nat", "postrouting"), "MASQUERADE": ("nat", "postrouting"), "DNAT": ("nat", "prerouting"),
          "REDIRECT": ("nat", "prerouting"), "NETMAP": ("nat", "prerouting"), "CONNSECMARK": ("mangle", "forward"),
          "CT": ("raw", "prerouting"), "NOTRACK": ("raw", "prerouting")}
ANYWHERE = ("mangle", "forward")

sockets = {}


def table_of(family, table):
    if (family, table) not in sockets:
        sockets[family, table] = Nftables(table, FAMILIES[family])
    return sockets[family, table]


def said(error):
    return errno.errorcode.get(error, str(error)) if error else "taken"


def rule(what, family, place, kind, name, revision, info, compat=b""):
    """Tries to add one, and says what became of it."""
    table, chain = place
    data = [text(NAME, name), be32(REVISION, revision), attribute(INFO, aligned(info))]
    element = attribute(LIST_ELEMENT, [text(EXPRESSION_NAME, ("match", "target")[kind]), attribute(EXPRESSION_DATA, data)])
    answer = table_of(family, table).change(NEW_RULE, text(RULE_TABLE, table) + text(RULE_CHAIN, chain) +
                                            attribute(RULE_EXPRESSIONS, [element]) + compat)
    print("%s %s %d in %s %s %s, %s: %s" % (("match", "target")[kind], name, revision, family, table, chain, what,
                                            said(answer.error)))


def protocol(number, flags=0):
    return attribute(RULE_COMPAT, [be32(COMPAT_PROTOCOL, number), be32(COMPAT_FLAGS, flags)])


def each(extensions, *families):
    for kind, name, revision, info, at in extensions:
        for family in families or ("ip", "ip6", "inet"):
            if family in at:
                yield family, PLACES.get(name, ANYWHERE), kind, name, revision, info


def revisions():
    """Which are there, as iptables asks before it chooses one."""
    netlink = Netlink(COMPAT_SUBSYSTEM)
    for kind, name in sorted({extension[:2] for extension in ALL}):
        for family in ("ip", "ip6"):
            for revision in range(5):
                body = text(NAME, name) + be32(REVISION, revision) + be32(TYPE, kind)
                answer = netlink.talk(COMPAT_GET, 0, body, family=FAMILIES[family])
                print("%s %s %d of %s: %s" % (("match", "target")[kind], name, revision, family, said(answer.error)))


def good():
    for family, place, kind, name, revision, info in each(ALL):
        rule("as it should be", family, place, kind, name, revision, info)


def sizes():
    """A size that is no multiple of 8 is rounded up by those who send it."""
    for family, place, kind, name, revision, info in each(ALL, "ip", "ip6"):
        rule("too long", family, place, kind, name, revision, aligned(info) + bytes(8))
        if info:
            rule("an unknown revision", family, place, kind, name, 9, info)


def places():
    for family, _, kind, name, revision, info in each(NAT_TARGETS + OTHER_TARGETS):
        for table, chains in CHAINS.items():
            for chain in chains if family != "inet" or table == "nat" else ():
                rule("there", family, (table, chain), kind, name, revision, info)


def other_families():
    for kind, name, revision, info, at in ALL:
        rule("there", "arp", ("filter", "input"), kind, name, revision, info)
        if "inet" not in at:
            rule("there", "inet", ("nat", "prerouting"), kind, name, revision, info)


def flags_of_ranges():
    pack = {(0, "ip"): old_range, (0, "ip6"): new_range, (1, "ip"): new_range, (1, "ip6"): new_range,
            (2, "ip"): newest_range, (2, "ip6"): newest_range}
    for family, place, kind, name, revision, _ in each(NAT_TARGETS, "ip", "ip6"):
        for flags in (0, MAP_IPS, SPECIFIED, MAP_IPS | SPECIFIED, 4, 8, 0x10, 0x1f, 0x20, 0x21, 0x40, 0x41, 0x80, 0x81,
                      0x80000000, 0x80000001):
            rule("flags %#x" % flags, family, place, kind, name, revision, pack[revision, family](flags))
        if pack[revision, family] == old_range:
            for count in (0, 2, 0xffffffff):
                rule("%d ranges" % count, family, place, kind, name, revision, old_range(MAP_IPS, count))


def words():
    """Everything else that can be wrong."""
    for family in ("ip", "ip6"):
        for revision in (1, 2, 3):
            for flags in (1 << 13, 1 << 14, 1 << 15, 0xffff):
                rule("asks for %#x" % flags, family, ANYWHERE, MATCH, "conntrack", revision, conntrack(revision, flags))
                rule("inverts %#x" % flags, family, ANYWHERE, MATCH, "conntrack", revision, conntrack(revision, 0, flags))
        for what, direction in ((2, 2), (3, 0), (0, 3), (255, 0), (0, 255)):
            rule("mode %d, direction %d" % (what, direction), family, ANYWHERE, MATCH, "connbytes", 0,
                 connbytes(what, direction))
        rule("bounds swapped", family, ANYWHERE, MATCH, "connbytes", 0, connbytes(0, 0, 9, 1))
        for bit, options in ((127, 3), (128, 0), (65535, 0), (1, 4), (128, 4), (1, 0x8000)):
            rule("bit %d, options %#x" % (bit, options), family, ANYWHERE, MATCH, "connlabel", 0, connlabel(bit, options))
        for flags in (3, 4, 0x80000000):
            rule("flags %#x" % flags, family, ANYWHERE, MATCH, "connlimit", 1, connlimit(flags))
        for nodes, mask, flags in ((0, 0, 0), (0, 1, 0), (1, 1, 1), (1, 2, 0), (2, 4, 0), (32, 0xffffffff, 0), (33, 1, 0),
                                   (0xffffffff, 1, 0), (2, 1, 2), (2, 1, 0x80000000)):
            rule("%d nodes, mask %#x, flags %#x" % (nodes, mask, flags), family, ANYWHERE, MATCH, "cluster", 0,
                 cluster(nodes, mask, flags))
        rule("inverted by 255", family, ANYWHERE, MATCH, "connmark", 1, connmark(255))
        rule("a name that does not end", family, ANYWHERE, MATCH, "helper", 0, helper(b"f" * 30))
        for mode in (2, 3, 255):
            for revision in (1, 2):
                rule("mode %d" % mode, family, ANYWHERE, TARGET, "CONNMARK", revision, set_connmark(revision, mode))
        for direction, bits in ((1, 31), (2, 0), (255, 0), (0, 32), (0, 255)):
            rule("shifted %d by %d" % (direction, bits), family, ANYWHERE, TARGET, "CONNMARK", 2,
                 set_connmark(2, 0, direction, bits))
        for mode in (0, 2, 3, 255):
            rule("mode %d" % mode, family, ("mangle", "forward"), TARGET, "CONNSECMARK", 0, bytes([mode]))
        targets_of_ct(family)


def targets_of_ct(family):
    def try_ct(what, revision, info, compat=b""):
        rule(what, family, ("raw", "prerouting"), TARGET, "CT", revision, info, compat)

    for revision in (0, 1, 2):
        for flags in (1, 2, 4, 8, 0xc, 0x10, 0x1e, 0x1f, 0x20, 0x8000):
            try_ct("flags %#x" % flags, revision, ct(revision, flags))
        for compat in (b"", protocol(TCP), protocol(TCP, INVERTED)):
            try_ct("a helper that is not there", revision, ct(revision, 0, b"none"), compat)
        try_ct("a helper's name that does not end", revision, ct(revision, 0, b"n" * 16), protocol(TCP))
        try_ct("a wrong helper of what is not tracked", revision, ct(revision, 1, b"n" * 16))
    for revision in (1, 2):
        for compat in (b"", protocol(TCP), protocol(TCP, INVERTED)):
            try_ct("timeouts that are not there", revision, ct(revision, 0, b"", b"none"), compat)
        try_ct("timeouts whose name does not end", revision, ct(revision, 0, b"", b"n" * 32), protocol(TCP))
        for compat in (b"", protocol(TCP), protocol(UDP), protocol(TCP, INVERTED)):
            for name in (b"ip", b"ip6"):
                try_ct("timeouts of TCP over %s" % name.decode(), revision, ct(revision, 0, b"", name), compat)
        try_ct("a helper and timeouts, both wrong", revision, ct(revision, 0, b"none", b"none"), protocol(TCP))


GROUPS = {"revisions": revisions, "good": good, "sizes": sizes, "places": places, "other_families": other_families,
          "flags_of_ranges": flags_of_ranges, "words": words}

if __name__ == "__main__":
    for group in sys.argv[1:]:
        GROUPS[group]()
    sys.stdout.flush()
    os._exit(0)
