# SPDX-License-Identifier: GPL-2.0
"""What ctnetlink tells of connections that packets opened: on the loopback device, which is tracked.

The group `queued` needs a rule that sends what is to and from port 7 to queue 7, and `logged` one that
logs what is to port 6 to group 6.
"""
import socket
import struct

import conntrack as ct
from cases import case, equal
from conntrack import Entry
from netlink import PATIENCE, Netlink, attribute, be16, be32, number, u8

HOST, COUNTED_PORT, QUEUED_PORT = "127.0.0.1", 9, 7
DATAGRAM, OCTETS = b"0123456789", 38
FLOWS = 300

LOG, LOG_CONFIG, LOG_GROUP, LOGGED_PORT = 4, 1, 6, 6
LOG_COMMAND, LOG_MODE, LOG_THRESHOLD, LOG_FLAGS = 1, 2, 5, 6
LOG_CONNECTION, LOG_CONNECTION_INFO, LOG_WITH_CONNECTION = 18, 19, 4

QUEUE, QUEUE_NUMBER = 3, 7
QUEUE_VERDICT, QUEUE_CONFIG = 1, 2
CONFIG_COMMAND, CONFIG_PARAMETERS, CONFIG_MASK, CONFIG_FLAGS = 1, 2, 4, 5
COMMAND_BIND, COPY_META, WITH_CONNECTION = 1, 1, 2
PACKET_HEADER, VERDICT_HEADER, CONNECTION, CONNECTION_INFO = 1, 2, 11, 12
INFO_NEW, INFO_ESTABLISHED_REPLY = 2, 3
ACCEPT = 1


def labels_of(*bits):
    return sum(1 << bit for bit in bits).to_bytes(16, "little")


def flow(sport, dport=COUNTED_PORT):
    return ct.original(HOST, HOST, sport, dport, ct.UDP)


def bound(port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(PATIENCE)
    sock.bind((HOST, port))
    return sock


def send(sport, count=1):
    with bound(sport) as sock:
        for _ in range(count):
            sock.sendto(DATAGRAM, (HOST, COUNTED_PORT))


def counts(entry):
    """Packets and bytes of both directions."""
    return [number(entry.nest(kind)[part]) for kind in (ct.COUNTERS_ORIG, ct.COUNTERS_REPLY)
            for part in (ct.COUNTERS_PACKETS, ct.COUNTERS_BYTES)]


def counters(tracker):
    with bound(COUNTED_PORT):
        send(4000, 3)
        for text, kind, packets in (("packets and bytes are shown", ct.GET, 3), ("also by GET_CTRZERO", ct.GET_ZERO, 3),
                                    ("which begins to count anew", ct.GET, 0)):
            answer = tracker.talk(kind, 0, flow(4000))
            equal(text, [packets, packets * OCTETS, 0, 0], counts(Entry(answer.messages[0].payload)))
        send(4000)
        equal("it goes on from there", [1, OCTETS, 0, 0], counts(tracker.entries()[0]))
        tracker.flush()
        for i in range(FLOWS):
            send(5000 + i)
    for text, kind, packets in (("a listing of many by GET_CTRZERO misses none", ct.GET_ZERO, 1),
                                ("and leaves none", ct.GET, 0)):
        equal(text, [packets] * FLOWS, [entry.packets() for entry in tracker.entries(kind=kind)])
    tracker.flush()


class Queue(Netlink):
    """Packets that a rule holds until there is a verdict, with their connections."""

    def __init__(self):
        super().__init__(QUEUE)
        self.ask(QUEUE_CONFIG, attribute(CONFIG_COMMAND, bytes([COMMAND_BIND, 0, 0, 0])))
        self.ask(QUEUE_CONFIG, attribute(CONFIG_PARAMETERS, struct.pack("!IB", 0, COPY_META)) +
                 be32(CONFIG_MASK, WITH_CONNECTION) + be32(CONFIG_FLAGS, WITH_CONNECTION))

    def ask(self, kind, body):
        answer = self.talk(kind, 0, body, family=socket.AF_UNSPEC, resource=QUEUE_NUMBER)
        if answer.error:
            raise OSError(answer.error, "queue")

    def next(self):
        """A packet's id, how it stands to its connection, and that."""
        if not self.unasked:
            self.unasked.extend(self.receive())
        found = self.unasked.pop(0).attributes
        return number(found[PACKET_HEADER][:4]), number(found[CONNECTION_INFO]), Entry(found[CONNECTION])

    def accept(self, packet, *about):
        """about: attributes of the connection."""
        self.ask(QUEUE_VERDICT, attribute(VERDICT_HEADER, struct.pack("!II", ACCEPT, packet)) +
                 attribute(CONNECTION, list(about)))


def queued(tracker):
    queue = Queue()
    server, client = bound(QUEUED_PORT), bound(4000)
    opening(queue, server, client)
    entry = tracker.find(flow(4000, QUEUED_PORT))
    equal("then the connection has it", 0x70, entry.number(ct.MARK))
    seconds = entry.number(ct.TIMEOUT)
    case(2000 < seconds <= 3000, "and the timeout that came with it", seconds)
    further(queue, server, client)
    entry = tracker.find(flow(4000, QUEUED_PORT))
    equal("a verdict changes a mark under a mask", 0x75, entry.number(ct.MARK))
    equal("and sets a status", ct.CONFIRMED | ct.ASSURED, entry.number(ct.STATUS))
    seconds = entry.number(ct.TIMEOUT)
    case(seconds < 2000, "the packet has brought its protocol's timeout", seconds)
    backwards(queue, server, client)
    entry = tracker.find(flow(4000, QUEUED_PORT))
    equal("and changed nothing", 0x75, entry.number(ct.MARK))
    queue.close()
    tracker.flush()


def opening(queue, server, client):
    client.sendto(DATAGRAM, (HOST, QUEUED_PORT))
    packet, info, entry = queue.next()
    equal("a queued packet comes with its connection", ((HOST, HOST), (4000, QUEUED_PORT)),
          (entry.addresses(ct.TUPLE_ORIG), entry.ports(ct.TUPLE_ORIG)))
    equal("to which it is new", INFO_NEW, info)
    equal("and which is not confirmed", 0, entry.number(ct.STATUS))
    case(ct.TIMEOUT not in entry, "nor has a timeout", list(entry.attributes))
    queue.accept(packet, ct.mark(0x70), ct.timeout(3000))
    equal("a verdict with a mark lets it go on", DATAGRAM, server.recv(100))


def further(queue, server, client):
    client.sendto(DATAGRAM, (HOST, QUEUED_PORT))
    packet, _, entry = queue.next()
    equal("the next packet shows that mark", 0x70, entry.number(ct.MARK))
    equal("and a connection that is confirmed", ct.CONFIRMED, entry.number(ct.STATUS))
    queue.accept(packet, ct.status(entry.number(ct.STATUS) | ct.ASSURED), ct.mark(0x5, 0xf))
    server.recv(100)


def backwards(queue, server, client):
    server.sendto(DATAGRAM, (HOST, 4000))
    packet, info, _ = queue.next()
    equal("an answer is known as one", INFO_ESTABLISHED_REPLY, info)
    queue.accept(packet, ct.mark(0xff), attribute(ct.HELP, []))
    equal("what can't be granted does not hold it up", DATAGRAM, client.recv(100))


class Log(Netlink):
    """Packets that a rule logs, with their connections."""

    def __init__(self):
        super().__init__(LOG)
        for setting in (u8(LOG_COMMAND, COMMAND_BIND), attribute(LOG_MODE, struct.pack("!IBx", 0, COPY_META)),
                        be32(LOG_THRESHOLD, 1), be16(LOG_FLAGS, LOG_WITH_CONNECTION)):
            answer = self.talk(LOG_CONFIG, 0, setting, family=socket.AF_UNSPEC, resource=LOG_GROUP)
            if answer.error:
                raise OSError(answer.error, "log")

    def next(self):
        """How a packet stands to its connection, and that."""
        while not self.unasked:
            self.unasked.extend(self.receive())
        found = self.unasked.pop(0).attributes
        return number(found[LOG_CONNECTION_INFO]), Entry(found[LOG_CONNECTION])


def logged(tracker):
    log = Log()
    with bound(LOGGED_PORT), bound(4000) as client:
        for expected in (0, ct.CONFIRMED):
            client.sendto(DATAGRAM, (HOST, LOGGED_PORT))
            info, entry = log.next()
            equal("a packet is logged with its connection", ((HOST, HOST), (4000, LOGGED_PORT)),
                  (entry.addresses(ct.TUPLE_ORIG), entry.ports(ct.TUPLE_ORIG)))
            equal("to which it is new", INFO_NEW, info)
            equal("and which has this status", expected, entry.number(ct.STATUS))
            equal("and the label that a rule set", labels_of(3), entry.attributes.get(ct.LABELS))
    log.close()
    tracker.flush()


GROUPS = {group.__name__: group for group in (counters, queued, logged)}
