# SPDX-License-Identifier: GPL-2.0
"""Packets that mutate.py changes, through a NAT router: what comes out is what went in, translated, or nothing.

mutants.py CLIENT ROUTER SERVER SEED COUNT PORT - the namespaces of topology_translated in translated.sh. Each mutant has
a number where routers leave it as it is, IPv4's identification or IPv6's flow label, so that each that arrives is
compared with what was sent. PORT and some behind it are the client's.

SEED/FAMILY/NUMBER is all that makes a mutant: 7 and 2000 send 7/4/1000 to 7/4/2999, then 7/6/1000 to 7/6/2999.
"""
import os
import random
import select
import socket
import struct
import sys

import cases
from cases import case
from mutate import CHECK, halves, joined, mutant, put
from namespace import inside
from packets import (DCCP, GRE, ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE, Packet, checksum, datagram, icmp, ip, packed,
                     segment)
from quotes import (ETH_P_ALL, HOST, PACKET_OUTGOING, PATIENCE, PLAIN, Path, error_packet, message, name_of, opened,
                    protocols, reply)
from transports import crc_is_right, dccp_message, sctp_message, udplite_message

SO_RCVBUFFORCE = 33
# what the router makes itself has 64 or 255
HOPS = 50
FIRST_TAG = 1000
LAST = b"the last one"
BATCH = 50
SHOWN = 5
# how many of what more() says end a connection
ENDS = {TCP: 2, DCCP: 2, SCTP: 2}
OTHER = {"client": "server", "server": "client"}


class Link:
    """One end of a cable: sends to the other end and hears what comes, whatever it is."""

    def __init__(self, namespace, device, router, far_device):
        self.socket = self.bound(namespace, device)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 23)
        far = self.bound(router, far_device)
        self.addresses = far.getsockname()[4] + self.socket.getsockname()[4]
        far.close()

    @staticmethod
    def bound(namespace, device):
        with inside(namespace):
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        sock.bind((device, ETH_P_ALL))
        return sock

    def send(self, packet):
        self.socket.send(self.addresses + (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00") + packet)

    def arrived(self, seconds=0.0):
        while select.select([self.socket], [], [], seconds)[0]:
            frame, (_, _, kind, *_) = self.socket.recvfrom(65536)
            if kind != PACKET_OUTGOING and frame[12:14] in (b"\x08\x00", b"\x86\xdd"):
                yield frame[14:]


# --- what is changed: packets of connections that the router knows, and errors about them

def more(protocol, side, a, b, sport, dport):
    """What follows the handshake, from one side."""
    client = side == "client"
    if protocol == TCP:
        seq, ack = (1033, 5001) if client else (5001, 1033)
        return [segment(a, sport, b, dport, flags, seq=seq, ack=ack, payload=payload)
                for flags, payload in (("A", b""), ("PA", b"hello"), ("FA", b""), ("RA", b""))]
    if protocol == DCCP:
        seq, ack = (1001, 5000) if client else (5001, 1001)
        kinds = ("ack", "dataack", "data", "close", "reset") if client else ("data", "sync", "closereq", "reset")
        return [dccp_message(a, sport, b, dport, kind, seq, ack) for kind in kinds]
    if protocol == SCTP:
        chunks = (("cookie_echo", "data"), ("data", "sack"), ("heartbeat",), ("shutdown",), ("abort",)) if client else \
            (("cookie_ack", "sack", "data"), ("heartbeat_ack",), ("shutdown_ack",), ("abort_t",))
        return [sctp_message(sport, dport, 0x5e if client else 0xc1, words) for words in chunks]
    if protocol in (ICMP, ICMPV6):
        kind = {(ICMP, True): 8, (ICMP, False): 0, (ICMPV6, True): 128, (ICMPV6, False): 129}[protocol, client]
        return [icmp(a, b, kind, 0, sport << 16 | number, b"hello") for number in (1, 2)]
    if protocol == GRE:
        return [bytes.fromhex(text) for text in ("0000080068656c6c6f", "2000080000000001", "b000080000000007000000000000",
                                                 "3081880b0004000700000001000000016869")]
    if protocol == UDP:
        return [datagram(a, sport, b, dport, b"hello"), datagram(a, sport, b, dport)]
    if protocol == UDPLITE:
        return [udplite_message(a, sport, b, dport, coverage) for coverage in (0, 8)]
    return [b"hello, " * 3]


def errors(side, quoted, v6):
    """All kinds, to whom the quoted packet came from."""
    _, _, inside_address, server, _, outside = HOST[v6]
    a, b = (HOST[v6][0], inside_address) if side == "client" else (server, outside)
    kinds = ((1, 4, 0), (2, 0, 1280), (3, 0, 0), (4, 1, 40)) if v6 else \
        ((3, 3, 0), (3, 4, 576), (4, 0, 0), (5, 1, 0x0a000203), (11, 0, 0), (12, 0, 20 << 24))
    return [error_packet(a, b, kind, code, quoted, rest) for kind, code, rest in kinds]


def seeds(path, v6, port):
    """Opens connections; returns for each side what it may say about them. Of some, two: one that nobody ends."""
    client, _, inside_address, server, _, outside = HOST[v6]
    said = {"client": [], "server": []}
    for protocol, left_out in [(protocol, 0) for protocol in protocols(v6)] + list(ENDS.items()):
        port += 1
        _, came = opened(path, v6, protocol, port)
        if not came:
            raise TimeoutError("%s does not get through" % name_of(protocol))
        query = protocol in (ICMP, ICMPV6)
        its_port, = struct.unpack_from("!H", came.payload, 4 if query else 0)
        texts = [message(protocol, client, inside_address, port)]
        texts += more(protocol, "client", client, inside_address, port, 99)
        forth = [ip(client, inside_address, protocol, text) for text in texts]
        texts = [] if query or protocol in PLAIN else [reply(protocol, server, outside, its_port)]
        texts += more(protocol, "server", server, outside, its_port if query else 53, its_port)
        back = [ip(server, outside, protocol, text) for text in texts]
        # on to where all of it may be said
        back += back[:max(0, 2 - len(back))]
        for side, to, packet in ("server", client, back[0]), ("client", server, forth[1]), ("server", client, back[1]):
            path.send(side, packet)
            heard = path.arrives(OTHER[side], protocol, to)
            if not heard:
                raise TimeoutError("what the %s says by %s does not get through" % (side, name_of(protocol)))
        said["client"] += forth[:len(forth) - left_out] + errors("client", heard.data, v6)
        said["server"] += back[:len(back) - left_out] + errors("server", came.data, v6)
    return said


# --- what may become of it

def residue(addresses, octets):
    """What stays as it is when a checksum among the octets makes up for all that changes."""
    return checksum(addresses + octets) % 0xffff


def same_sums(sent, came):
    """A packet, or a quote of one: its checksums are as right or as wrong as they were."""
    if not sent.v6 and residue(b"", sent.header) != residue(b"", came.header):
        return False
    place = CHECK.get(sent.protocol)
    if sent.protocol == SCTP:
        return True
    if place is None or len(sent.payload) < place + 2:
        return True
    if sent.protocol == UDP and sent.payload[6:8] == b"\0\0":
        return came.payload[6:8] == b"\0\0"
    if sent.protocol == ICMP:
        return residue(b"", sent.payload) == residue(b"", came.payload)
    return residue(sent.source + sent.destination, sent.payload) == residue(came.source + came.destination, came.payload)


def without(octets, places):
    for place, length in places:
        octets = put(octets, place, b"\0" * max(0, min(length, len(octets) - place)))
    return octets


def fixed(packet, quoted=False):
    """All of it that neither a router nor translation changes."""
    end = packet.length
    places = [(7, 33)] if packet.v6 else [(8, 1), (10, 10)]
    # routers write into IPv4's options, and clear what is behind their end
    if not packet.v6 and not quoted:
        places.append((20, end - 20))
    if packet.protocol in (TCP, UDP, UDPLITE, DCCP, SCTP):
        places.append((end, 4))
    if packet.protocol in (ICMP, ICMPV6) and not packet.is_error():
        places.append((end + 4, 2))
    if packet.protocol in CHECK:
        places.append((end + CHECK[packet.protocol], 2))
    if packet.protocol == SCTP and not quoted:
        places.append((end + 8, 4))
    return without(packet.data, places)


def quote_of(packet):
    return Packet(packet.payload[8:], True) if packet.is_error() and len(packet.payload) > 8 else None


def difference(sent, came):
    """What is wrong with what came of a mutant, or None."""
    if not came.whole or sent.length != came.length or len(sent.data) != len(came.data):
        return "another length"
    if not same_sums(sent, came):
        return "other sums"
    if sent.protocol == SCTP and crc_is_right(sent.payload) != crc_is_right(came.payload):
        return "its CRC"
    before, after = quote_of(sent), quote_of(came)
    if not before:
        return None if fixed(sent) == fixed(came) else "something else was changed"
    if fixed(sent)[:sent.length + 8] != fixed(came)[:sent.length + 8]:
        return "something before the quote was changed"
    if not before.whole:
        return "a quote that can't be read"
    if not after or fixed(before, True) != fixed(after, True):
        return "something else was changed in the quote"
    return None if same_sums(before, after) else "other sums in the quote"


class Judge:
    """Looks at all that comes to either end."""

    def __init__(self, v6, seed):
        self.v6, self.seed = v6, seed
        self.sent = {}
        # what comes in two, as it was sent: the first that came
        self.pieces = {}
        self.wrong = {"untranslated": [], "changed": [], "misquoted": []}
        self.passed = {}
        self.quoted = 0
        client, other, inside_address, server, _, outside = (packed(address) for address in HOST[v6])
        # what must not be seen, where
        self.foreign = {"server": (client, other, inside_address), "client": (outside,)}
        self.addresses = {"server": (outside, inside_address, server), "client": (inside_address, outside, client)}
        self.last = set()

    def tag(self, data):
        return struct.unpack_from("!I", data)[0] & 0xfffff if self.v6 else struct.unpack_from("!H", data, 4)[0]

    def found(self, kind, tag, text, data):
        sent = self.sent[tag][1].hex() if tag in self.sent else "by nobody"
        self.wrong[kind].append("%s/%d/%d: %s: %s, sent: %s" % (self.seed, 6 if self.v6 else 4, tag, text, data.hex(), sent))

    def look(self, side, data):
        """At a packet that came to the end of the cable at that side."""
        if (data[0] >> 4 == 6) != self.v6 or len(data) < (40 if self.v6 else 20):
            return
        came = Packet(data)
        if came.payload.endswith(LAST):
            self.last.add(side)
        tag = self.tag(data)
        quoted = quote_of(came)
        self.look_for_foreign(side, tag, came, quoted)
        if data[7 if self.v6 else 8] == HOPS - 1 and tag in self.sent and self.sent[tag][0] == OTHER[side]:
            self.compare(side, tag, came)
        elif quoted and quoted.length <= len(quoted.data) and self.tag(quoted.data) in self.sent:
            self.compare_quote(side, self.tag(quoted.data), quoted, came)

    def look_for_foreign(self, side, tag, came, quoted):
        foreign = self.foreign[side]
        if came.source in foreign or quoted and len(quoted.data) >= 40 and \
                (quoted.source in foreign or quoted.destination in foreign):
            self.found("untranslated", tag, "to the %s" % side, came.data)

    def compare(self, side, tag, came):
        sent = Packet(self.sent[tag][1])
        if tag in self.pieces:
            first, self.pieces[tag] = self.pieces[tag], came.data
            whole = first and joined(first, came.data)
            if not whole:
                return
            came = Packet(whole)
            self.look_for_foreign(side, tag, came, quote_of(came))
        if sent.fragment or came.fragment:
            return
        source, old, new = self.addresses[side]
        wrong = difference(sent, came)
        if came.source != source or came.destination == old or came.destination not in (new, sent.destination):
            wrong = "wrong addresses"
        if wrong:
            self.found("changed", tag, wrong, came.data)
        kind = "an error" if came.is_error() else name_of(came.protocol)
        for kind in [kind] + ["in fragments"] * (tag in self.pieces):
            self.passed[side, kind] = self.passed.get((side, kind), 0) + 1

    def compare_quote(self, side, tag, quoted, came):
        """The router itself answers: about what was sent, and with the addresses that it was sent with."""
        from_side, data = self.sent[tag]
        sent = Packet(data)
        # an error may come late, about one of the run before that had the same number
        if fixed(sent)[:len(quoted.data)] != fixed(quoted)[:len(sent.data)]:
            return
        self.quoted += 1
        if from_side == side and (quoted.source, quoted.destination) != (sent.source, sent.destination):
            self.found("misquoted", tag, "to the %s" % side, came.data)


def can_be_halved(data):
    packet = Packet(data)
    if not packet.whole or packet.fragment or len(data) <= packet.length + 16:
        return False
    said, = struct.unpack_from("!H", data, 4 if packet.v6 else 2)
    return said == len(data) - 40 if packet.v6 else said == len(data) and not data[6]


def send_all(links, judge, said, count):
    generator = random.Random("%s/%d" % (judge.seed, 6 if judge.v6 else 4))
    for tag in range(FIRST_TAG, FIRST_TAG + count):
        side = generator.choice(("client", "server"))
        data = mutant(generator, generator.choice(said[side]), tag, 1 if generator.random() < 0.02 else HOPS)
        if data:
            judge.sent[tag] = side, data
            pieces = [data]
            if generator.random() < 0.1 and can_be_halved(data):
                pieces = halves(generator, data, tag)
                judge.pieces[tag] = None
            for piece in pieces:
                links[side].send(piece)
        if tag % BATCH == 0:
            for end, link in links.items():
                for came in link.arrived():
                    judge.look(end, came)


def finish(path, links, judge, port):
    """What is still under way is followed by a packet each way that nobody has changed."""
    client, _, inside_address, server, _, outside = HOST[judge.v6]
    _, came = opened(path, judge.v6, UDP, port)
    its_port, = struct.unpack_from("!H", came.payload)
    path.send("client", ip(client, inside_address, UDP, datagram(client, port, inside_address, 99, LAST)))
    path.send("server", ip(server, outside, UDP, datagram(server, 53, outside, its_port, LAST)))
    for end, link in links.items():
        for came in link.arrived(PATIENCE):
            judge.look(end, came)
            if end in judge.last:
                break


def say(judge):
    for kind, text in (("untranslated", "nothing is seen of the other side's addresses"),
                       ("changed", "what is passed on is what was sent, translated"),
                       ("misquoted", "what the router answers is about what was sent")):
        wrong = judge.wrong[kind]
        case(not wrong, text, "%d, as %s" % (len(wrong), " | ".join(wrong[:SHOWN])))
    case(judge.quoted, "it does answer", "it did not")
    for side in ("client", "server"):
        kinds = [name_of(protocol) for protocol in protocols(judge.v6)] + ["an error", "in fragments"]
        missing = [kind for kind in kinds if not judge.passed.get((side, kind))]
        case(not missing, "some of each kind are passed on to the %s" % side, "none of %s" % missing)
        case(side in judge.last, "an honest one gets to the %s behind them" % side, "it does not")


def main():
    names, seed, count, port = sys.argv[1:4], sys.argv[4], int(sys.argv[5]), int(sys.argv[6])
    # so that packets come in the order in which they are sent
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    client, router, server = names
    links = {"client": Link(client, "c0", router, "r0"), "server": Link(server, "s0", router, "r1")}
    for v6 in (False, True):
        cases.group = "IPv%d" % (6 if v6 else 4)
        judge = Judge(v6, seed)
        send_all(links, judge, seeds(Path(*names), v6, port), count)
        # its ears are not full of mutants
        finish(Path(*names), links, judge, port + 99)
        say(judge)


if __name__ == "__main__":
    main()
