# SPDX-License-Identifier: GPL-2.0
"""segments.py CLIENT-NS ROUTER-NS SERVER-NS VARIANT FILE...: TCP segment by segment, through a router.

A file is a case. Its first line says what is shown; the comment below it shows the trace that made it
necessary. Then a line each is a segment, and behind the colon what becomes of it:

    > SA 5000+100 ack 1001 win 512 ws 7 sackok sack 1200-1300    : established SYN_RECV 60

`>` the client sends it, `<` the server. The first number is the sequence number, with the octets of data if
there are any. `=0` is a number that stays as it is written: the others are moved in the variant
`wrapped`, so that they pass zero. Behind the colon: `new`, `established` or `invalid`, as a rule sees it
before it is routed; the state that the entry is in then, or `none`; its timeout in seconds, if it was
begun anew just now, or what it is `below`; `unreplied` or `assured`; and the reason that is counted.
What isn't said is as it was with the segment before.

    sysctl tcp_loose 0          a sysctl of nf_conntrack_*, from here to the end of the case
    only plain                  not in the other variants
    forget                      all entries are deleted

A segment that is not invalid leaves the router as it came in, translated if the variant is `nat`. An
invalid one does so too, but never untranslated where there is a translation: there it may be dropped.
"""
import os
import socket
import struct
import subprocess
import sys
import time

import conntrack as ct
import packets
from conntrack import Conntrack, Entry
from namespace import Injector, inside, open_socket

ETH_P_ALL, PACKET_OUTGOING = 3, 4
ETHERNET, PATIENCE, FENCE_PORT = 14, 30, 9
STATES = {number: name for number, name in enumerate(
    ("NONE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",
     "SYN_SENT2"))}
# what the rules write into DSCP
SEEN = {1: "new", 2: "established", 3: "related", 4: "invalid", 5: "untracked"}
WRAP = 2 ** 32
# the shortest timeout is ten seconds
LONG = 5


class Wrong(Exception):
    """A segment fared otherwise than the case says."""


class Captured:
    """An IP packet with TCP or UDP, as it arrived."""

    def __init__(self, packet):
        if packet[0] >> 4 == 6:
            self.protocol, self.dscp, self.at = packet[6], struct.unpack_from("!H", packet)[0] >> 6 & 0x3f, 40
            self.source, self.destination = (socket.inet_ntop(socket.AF_INET6, packet[i:i + 16]) for i in (8, 24))
        else:
            self.protocol, self.dscp, self.at = packet[9], packet[1] >> 2, 20
            self.source, self.destination = (socket.inet_ntoa(packet[i:i + 4]) for i in (12, 16))
            packet = packet[:struct.unpack_from("!H", packet, 2)[0]]
        self.transport = packet[self.at:]
        if self.protocol in (packets.TCP, packets.UDP):
            self.sport, self.dport = struct.unpack_from("!HH", self.transport)

    @property
    def ends(self):
        return self.source, self.sport, self.destination, self.dport

    @property
    def rest(self):
        """What no translation touches."""
        return self.transport[4:16] + self.transport[18:]

    def checksum_is_right(self):
        pseudo = packets.packed(self.source) + packets.packed(self.destination) + \
            struct.pack("!IHBB", len(self.transport), 0, 0, packets.TCP)
        return packets.checksum(pseudo + self.transport) == 0

    def __str__(self):
        flags = self.transport[13]
        letters = "".join(letter for letter, bit in packets.FLAGS.items() if flags & bit)
        return "%s:%d > %s:%d %s %d ack %d" % (*self.ends, letters, *struct.unpack_from("!II", self.transport, 4))


class Edge:
    """The end of a cable, in a namespace: what arrives there."""

    def __init__(self, namespace, device):
        self.namespace = namespace
        self.socket = open_socket(namespace, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        with inside(namespace):
            self.socket.bind((device, ETH_P_ALL))

    def receive(self, seconds):
        """The next packet with TCP or UDP; None when none comes in that time."""
        self.socket.settimeout(seconds) if seconds else self.socket.setblocking(False)
        while True:
            try:
                frame, address = self.socket.recvfrom(65536)
            except (TimeoutError, BlockingIOError):
                return None
            if address[2] == PACKET_OUTGOING or frame[12:14] not in (b"\x08\x00", b"\x86\xdd"):
                continue
            packet = Captured(frame[ETHERNET:])
            if packet.protocol in (packets.TCP, packets.UDP):
                return packet


class Variant:
    """Addresses and ports of a connection, as each end sees them."""

    def __init__(self, name, wrapped=False, v6=False, translated=False):
        self.name, self.wrapped, self.translated = name, wrapped, translated
        net = "fd00:%d::%d" if v6 else "10.0.%d.%d"
        self.client, self.server = net % (1, 2), net % (2, 2)
        self.called = net % (1, 1) if translated else self.server
        self.outside = net % (2, 1) if translated else self.client
        self.dport, self.server_port = 80, 8080 if translated else 80
        # so that 1000 and 5000, which most cases begin with, are just before zero
        self.base = {">": WRAP - 1050, "<": WRAP - 5020} if wrapped else {">": 0, "<": 0}


VARIANTS = {variant.name: variant for variant in (
    Variant("plain"), Variant("nat", translated=True), Variant("wrapped", wrapped=True, v6=True))}


class Segment:
    """A line of a case."""

    def __init__(self, line):
        self.line = line
        sent, _, said = line.partition(":")
        words = sent.split()
        self.way, self.flags = words[0], words[1]
        sequence, _, length = words[2].partition("+")
        self.sequence, self.length = sequence, int(length or 0)
        self.ack, self.window, self.options = "=0", 65535, b""
        self._read(words[3:])
        self.seen, self.state, self.timeout, self.below, self.status, self.reason = None, None, None, None, None, None
        self._expect(said.split())

    def _read(self, words):
        words = iter(words)
        for word in words:
            if word == "ack":
                self.ack = next(words)
            elif word == "win":
                self.window = int(next(words))
            elif word == "ws":
                self.options += bytes([1, 3, 3, int(next(words))])
            elif word == "sackok":
                self.options += bytes([1, 1, 4, 2])
            elif word == "sack":
                self.sack = next(words).split("-")
                self.options += bytes([1, 1, 5, 10]) + b"\0" * 8
            else:
                raise ValueError(word)

    def _expect(self, words):
        words = iter(words)
        for word in words:
            if word in SEEN.values():
                self.seen = word
            elif word in STATES.values() or word == "none":
                self.state = word
            elif word.isdigit():
                self.timeout = int(word)
            elif word == "below":
                self.below = int(next(words))
            elif word in ("assured", "unreplied", "replied"):
                self.status = word
            elif word.startswith("tcp_"):
                self.reason = word
            else:
                raise ValueError(word)

    def numbers(self, base):
        """Sequence and acknowledgment number."""
        def number(text, way):
            if text.startswith("="):
                return int(text[1:])
            return (int(text) + base[way]) % WRAP
        other = "<" if self.way == ">" else ">"
        if hasattr(self, "sack"):
            edges = struct.pack("!II", *(number(edge, other) for edge in self.sack))
            self.options = self.options[:-8] + edges
        return number(self.sequence, self.way), number(self.ack, other)


class Case:
    def __init__(self, path):
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.steps, self.only = [], None
        with open(path) as file:
            lines = file.read().splitlines()
        self.title = lines[0].lstrip("# ")
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "only":
                self.only = words[1:]
            else:
                self.steps.append((number, Segment(line) if words[0] in "<>" else words))


class Router:
    """What there is between the ends, and what is known there."""

    def __init__(self, client, router, server):
        self.namespace = router
        self.edges = {">": Edge(client, "c0"), "<": Edge(server, "s0")}
        self.injector = Injector()
        self.fences, self.counted = 0, {}
        with inside(router):
            self.tracker = Conntrack()

    def sysctl(self, name, value):
        """Sets it; returns what it was."""
        path = "/proc/sys/net/netfilter/nf_conntrack_" + name
        try:
            with inside(self.namespace), open(path, "r+") as file:
                old = file.read().strip()
                file.seek(0)
                file.write(value)
        except FileNotFoundError:
            raise Wrong("there is no " + path) from None
        return old

    def reasons(self):
        """How often each was counted since this was asked last."""
        said = subprocess.run(["nsenter", "--net=/run/netns/" + self.namespace, "ctctl", "stats"],
                              stdout=subprocess.PIPE, check=True, text=True).stdout
        pairs = (line.split() for line in said.splitlines())
        now = {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[0].startswith("tcp_")}
        found = {name: count - self.counted.get(name, 0) for name, count in now.items()}
        self.counted = now
        return {name: count for name, count in found.items() if count}

    def entry(self, source, sport, destination, dport):
        answer = self.tracker.get(ct.original(source, destination, sport, dport),
                                  family=socket.AF_INET6 if ":" in source else socket.AF_INET)
        return Entry(answer.messages[0].payload) if answer.messages else None

    def forget(self):
        self.tracker.flush()

    def carry(self, way, packet, variant):
        """Sends it. Returns what arrived at the other end, and what came back, before a datagram that follows
        it on the same way has arrived: all that ever will."""
        near, far = self.edges[way], self.edges["<" if way == ">" else ">"]
        ends = (variant.client, variant.server) if way == ">" else (variant.server, variant.client)
        self.fences += 1
        mark = b"%d" % self.fences
        self.injector.send(near.namespace, packet)
        self.injector.send(near.namespace, packets.udp_packet(ends[0], FENCE_PORT, ends[1], FENCE_PORT, mark))
        arrived, came_back = [], []
        while True:
            found = far.receive(PATIENCE)
            if not found:
                raise Wrong("the router carries nothing any more")
            if found.protocol == packets.UDP:
                if found.transport[8:8 + len(mark)] == mark:
                    break
                continue
            arrived.append(found)
        while True:
            found = near.receive(0)
            if not found:
                return arrived, came_back
            if found.protocol == packets.TCP:
                came_back.append(found)


class Play:
    """A case, played in a variant on a connection of its own."""

    def __init__(self, router, case, variant, sport):
        self.router, self.case, self.variant, self.sport = router, case, variant, sport
        # where the server sees the client; a translation chooses it
        self.outside = variant.outside, sport
        self.settings, self.counted, self.answered = {}, {}, False
        self.seen, self.state = "new", "none"

    def run(self):
        try:
            for number, step in self.case.steps:
                if isinstance(step, Segment):
                    self.step(step)
                else:
                    getattr(self, step[0])(*step[1:])
        except Wrong as wrong:
            raise Wrong("line %d, %s" % (number, wrong)) from None
        finally:
            for name, value in self.settings.items():
                self.router.sysctl(name, value)
            found = self.router.reasons()
        self.compare_reasons(found)

    def sysctl(self, name, value):
        old = self.router.sysctl(name, value)
        self.settings.setdefault(name, old)

    def forget(self):
        self.router.forget()

    def compare_reasons(self, found):
        if self.answered:
            # the answers of the router itself belong to nothing, either
            found.pop("tcp_midstream", None)
            self.counted.pop("tcp_midstream", None)
        if found != self.counted:
            raise Wrong("reasons counted: %s, expected: %s" % (found or "none", self.counted or "none"))

    def step(self, segment):
        variant = self.variant
        self.seen = segment.seen or self.seen
        self.state = segment.state or self.state
        if segment.reason:
            self.counted[segment.reason] = self.counted.get(segment.reason, 0) + 1
        known = self.entry()
        to_server = variant.client, self.sport, variant.called, variant.dport
        to_client = variant.server, variant.server_port, *self.outside
        source, sport, destination, dport = to_server if segment.way == ">" else to_client
        sequence, ack = segment.numbers(variant.base)
        packet = packets.tcp_packet(source, sport, destination, dport, segment.flags, seq=sequence, ack=ack,
                                    window=segment.window, options=segment.options,
                                    offset=5 + len(segment.options) // 4, payload=b"x" * segment.length)
        began = time.monotonic()
        arrived, came_back = self.router.carry(segment.way, packet, variant)
        self.compare(segment, Captured(packet), arrived, came_back, known)
        self.compare_entry(segment, began)

    def entry(self):
        return self.router.entry(self.variant.client, self.sport, self.variant.called, self.variant.dport)

    def compare(self, segment, sent, arrived, came_back, known):
        if self.seen == "invalid" and self.variant.translated:
            if not known:
                # there is no connection: it is for the router itself, which answers as it likes
                if arrived:
                    raise Wrong("%s arrives" % arrived[0])
                self.answered = self.answered or bool(came_back)
                return
            if not arrived:
                if came_back:
                    raise Wrong("untranslated, the router took it for its own and answered %s" % came_back[0])
                return
        if came_back:
            raise Wrong("%s comes back" % came_back[0])
        if len(arrived) != 1:
            raise Wrong("%d of it arrive: %s" % (len(arrived), ", ".join(map(str, arrived))))
        found = arrived[0]
        if found.rest != sent.rest or not found.checksum_is_right():
            raise Wrong("something else arrives: %s" % found)
        if segment.way == ">" and self.seen == "new" and self.variant.translated:
            if found.source != self.variant.outside:
                raise Wrong("not translated: %s" % found)
            self.outside = found.source, found.sport
        ends = (*self.outside, self.variant.server, self.variant.server_port) if segment.way == ">" else \
            (self.variant.called, self.variant.dport, self.variant.client, self.sport)
        if found.ends != ends:
            raise Wrong("it arrives as %s" % found)
        seen = SEEN.get(found.dscp, "nothing")
        if seen != self.seen:
            raise Wrong("a rule sees %s" % seen)

    def compare_entry(self, segment, began):
        entry = self.entry()
        if not entry:
            if self.state != "none":
                raise Wrong("there is no entry, expected: %s" % self.state)
            return
        state = STATES[ct.number(entry.nest(ct.PROTOINFO, ct.PROTOINFO_TCP)[ct.TCP_STATE])]
        if state != self.state:
            raise Wrong("the entry is %s, expected: %s" % (state, self.state))
        timeout, slack = entry.number(ct.TIMEOUT), time.monotonic() - began + 1
        if segment.timeout is not None and not segment.timeout - slack <= timeout <= segment.timeout:
            raise Wrong("timeout %d, expected: %d" % (timeout, segment.timeout))
        if segment.below is not None and timeout > segment.below:
            raise Wrong("timeout %d, expected: not above %d" % (timeout, segment.below))
        status = entry.number(ct.STATUS)
        found = "assured" if status & ct.ASSURED else "replied" if status & ct.SEEN_REPLY else "unreplied"
        if segment.status and segment.status != found:
            raise Wrong("the entry is %s, expected: %s" % (found, segment.status))


def played(router, case, variant, sport):
    """What is wrong, if anything. What took long may have met a timeout on its way, and is played once more."""
    for port in sport, sport + 1000, sport + 2000:
        began = time.monotonic()
        try:
            Play(router, case, variant, port).run()
        except Wrong as wrong:
            found = str(wrong)
        else:
            return None
        if time.monotonic() - began < LONG:
            break
    return found


def main():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    client, router, server, name, *files = sys.argv[1:]
    variant = VARIANTS[name]
    router = Router(client, router, server)
    router.reasons()
    for sport, path in enumerate(sorted(files), 10000):
        case = Case(path)
        if case.only and name not in case.only:
            continue
        text = "%s: %s: %s" % (name, case.name, case.title)
        wrong = played(router, case, variant, sport)
        print("not ok - %s\n# found: %s" % (text, wrong) if wrong else "ok - " + text, flush=True)


if __name__ == "__main__":
    main()
