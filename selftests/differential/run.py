# SPDX-License-Identifier: GPL-2.0
"""Runs a batch of sequences through the router, step by step, and tells what became of each packet."""
import collections
import os
import select
import socket
import struct
import time

import packets
from conntrack import (ASSURED, DESTINATION_NAT, DYING_BIT, EXPECTED, FIXED_TIMEOUT, PROTO_DST_PORT, PROTO_ICMP_CODE,
                       PROTO_ICMP_ID, PROTO_ICMP_TYPE, PROTO_ICMPV6_CODE, PROTO_ICMPV6_ID, PROTO_ICMPV6_TYPE,
                       PROTO_NUM, PROTO_SRC_PORT, PROTOINFO, PROTOINFO_DCCP, PROTOINFO_SCTP, PROTOINFO_TCP,
                       SEEN_REPLY, SOURCE_NAT, STATUS, TCP_STATE, TIMEOUT, TUPLE_IP, TUPLE_ORIG, TUPLE_PROTO,
                       TUPLE_REPLY, Conntrack)
from pieces import Fragments
from flow import CLIENT, MAX_INDEX, SERVER, Flow, index_of
from namespace import inside
from netlink import attributes, number
from packet_text import DESTINATION_OPTIONS, is_v4, packet_text, ports, with_port
from tracker import which_timeout

ETH_P_ALL, SOL_PACKET, IGNORE_OUTGOING, SO_RCVBUFFORCE = 3, 263, 23, 33
ETHERNET = {4: b"\x08\x00", 6: b"\x86\xdd"}
# locally administered; the shell gives them to the interfaces
MAC = {"c0": b"\2\0\0\0\1\2", "r0": b"\2\0\0\0\1\1", "r1": b"\2\0\0\0\2\1", "s0": b"\2\0\0\0\2\2"}
INTERFACES = {CLIENT: ("c0", "r0"), SERVER: ("s0", "r1")}
BUFFER, PATIENCE = 64 << 20, 30
TCP_STATES = ("NONE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT",
              "CLOSE", "SYN_SENT2")
SCTP_STATES = ("NONE", "CLOSED", "COOKIE_WAIT", "COOKIE_ECHOED", "ESTABLISHED", "SHUTDOWN_SENT", "SHUTDOWN_RECD",
               "SHUTDOWN_ACK_SENT", "HEARTBEAT_SENT", "HEARTBEAT_ACKED")
DCCP_STATES = ("NONE", "REQUEST", "RESPOND", "PARTOPEN", "OPEN", "CLOSEREQ", "CLOSING", "TIMEWAIT", "IGNORE", "INVALID")
# in each the state has the same number
STATES = {PROTOINFO_TCP: TCP_STATES, PROTOINFO_SCTP: SCTP_STATES, PROTOINFO_DCCP: DCCP_STATES}
# of the status; the rest is each tracker's own business
STATUS_SEEN = EXPECTED | SEEN_REPLY | ASSURED | SOURCE_NAT | DESTINATION_NAT | DYING_BIT | FIXED_TIMEOUT

# original, reply: text. status: bits. state: TCP's, or "". timeout, renewed: which, and in which step.
Entry = collections.namedtuple("Entry", "original reply status state timeout renewed")
# interface: the router's. seen: the DSCP that rules gave it. data: the packet, without that. text: what is compared
# instead of data, where that has something that no two runs have in common.
Leaving = collections.namedtuple("Leaving", "interface seen data text")
# of a step: entries and leaving
Outcome = collections.namedtuple("Outcome", "entries leaving")


class End:
    """An interface that packets are sent from and seen at."""

    def __init__(self, namespace, side):
        self.side = side
        name, self.router_interface = INTERFACES[side]
        with inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        self.socket.bind((name, ETH_P_ALL))
        self.header = MAC[self.router_interface] + MAC[name]

    def send(self, packet):
        self.socket.send(self.header + ETHERNET[packet[0] >> 4] + packet)

    def receive(self):
        """Packets until a marker comes: what was sent before it is through by then."""
        seen = []
        while True:
            if not select.select([self.socket], [], [], PATIENCE)[0]:
                raise TimeoutError("no packet reaches the %s" % self.side)
            packet = self.socket.recv(65536)[14:]
            if identifier(packet) == MARKER.identifier and not is_own(packet):
                return seen
            seen.append(packet)


MARKER = Flow(MAX_INDEX, 4, "none")


def marker(side):
    way = MARKER.sides[side]
    return packets.ip(way.own, way.other, packets.UDP,
                      packets.datagram(way.own, way.own_port, way.other, way.other_port), identifier=MARKER.identifier)


def identifier(packet):
    """The IP identifier or flow label: index of the flow, and one."""
    return struct.unpack_from("!H", packet, 4)[0] if is_v4(packet) else \
        struct.unpack_from("!I", packet)[0] & 0xfffff


def split_dscp(packet):
    """The DSCP, and the packet without it and what follows from it."""
    if is_v4(packet):
        return packet[1] >> 2, packet[:1] + b"\0" + packet[2:10] + b"\0\0" + packet[12:]
    word = struct.unpack_from("!I", packet)[0]
    plain = struct.pack("!I", word & ~(0xff << 20)) + packet[4:]
    at = 40
    following = packet[6]
    if following == DESTINATION_OPTIONS:
        following, at = packet[40], 48
    if following == packets.FRAGMENT:
        # another identification each time
        plain = plain[:at + 4] + bytes(4) + plain[at + 8:]
    return word >> 22 & 63, plain


def is_own(packet):
    """Did the router itself make it? All others have passed it, and one hop with it."""
    return packet[8 if is_v4(packet) else 7] == 64


def tuple_text(data):
    """Of a CTA_TUPLE: (its text, addresses, identifiers)"""
    found = attributes(data)
    addresses = [socket.inet_ntop(socket.AF_INET if len(a) == 4 else socket.AF_INET6, a)
                 for a in attributes(found[TUPLE_IP]).values()]
    proto = attributes(found[TUPLE_PROTO])
    protocol = number(proto[PROTO_NUM])
    if PROTO_SRC_PORT in proto:
        ids = [number(proto[PROTO_SRC_PORT]), number(proto[PROTO_DST_PORT])]
        return "%d %s > %s" % (protocol, *map(with_port, addresses, ids)), addresses, ids
    for ident, kind, code in ((PROTO_ICMP_ID, PROTO_ICMP_TYPE, PROTO_ICMP_CODE),
                              (PROTO_ICMPV6_ID, PROTO_ICMPV6_TYPE, PROTO_ICMPV6_CODE)):
        if ident in proto:
            value = number(proto[ident])
            return "%d %s > %s type %d code %d id %d" % (protocol, addresses[0], addresses[1], number(proto[kind]),
                                                        number(proto[code]), value), addresses, [value]
    return "%d %s > %s" % (protocol, addresses[0], addresses[1]), addresses, []


class Batch:
    """Sequences, a flow for each."""

    def __init__(self, sequences):
        self.sequences = sequences
        self.flows = [Flow(index, s.family, s.nat, s.service) for index, s in enumerate(sequences)]
        self.frames = [s.frames(flow) for s, flow in zip(sequences, self.flows)]
        for flow, frames in zip(self.flows, self.frames):
            flow.ports.update(port for frame in frames for port in ports(frame))
        self.steps = max((len(f) for f in self.frames), default=0)
        # addresses that several flows share don't tell them from each other
        users = collections.Counter()
        for flow in self.flows:
            users.update({flow.client, flow.server})
        self.owner = {}
        for flow in self.flows:
            for address in (flow.client, flow.server):
                if users[address] == 1 or address == flow.client:
                    self.owner[address] = flow.index
        self.tuples = {}

    def of_packet(self, packet):
        if not is_own(packet):
            index = identifier(packet) - 1
            return index if 0 <= index < len(self.flows) else None
        # the router's own: an answer to somebody
        place, family = ((16, socket.AF_INET) if is_v4(packet) else (24, socket.AF_INET6))
        return self.owner.get(socket.inet_ntop(family, packet[place:place + (4 if is_v4(packet) else 16)]))

    def leaving(self, index, interface, packet):
        dscp, data = split_dscp(packet)
        if is_own(packet):
            return Leaving(interface, 0, data, packet_text(data))
        text = packet_text(data) if any(not self.flows[index].has_port(port) for port in ports(data)) else ""
        return Leaving(interface, dscp, data, self.flows[index].without_chosen(text))

    def of_tuple(self, data, index=None):
        """(text, index) of a CTA_TUPLE. index: when it is known already."""
        if (data, index) not in self.tuples:
            text, addresses, ids = tuple_text(data)
            owners = [index] if index is not None else [self.owner[a] for a in addresses if a in self.owner]
            owners += [index_of(each) for each in ids if 0 <= index_of(each) < len(self.flows)]
            owner = owners[0] if owners else None
            self.tuples[data, index] = text if owner is None else self.flows[owner].without_chosen(text), owner
        return self.tuples[data, index]

    def entry(self, data):
        """(index, Entry) of a message of a dump."""
        found = attributes(data)
        original, index = self.of_tuple(found[TUPLE_ORIG])
        reply, _ = self.of_tuple(found[TUPLE_REPLY], index)
        state = ""
        if PROTOINFO in found:
            for protocol, names in STATES.items():
                told = attributes(attributes(found[PROTOINFO]).get(protocol, b""))
                if TCP_STATE in told:
                    state = names[number(told[TCP_STATE])]
        return index, Entry(original, reply, number(found[STATUS]) & STATUS_SEEN, state,
                            *which_timeout(number(found[TIMEOUT])))


class Router:
    """Where batches are run."""

    def __init__(self, client, router, server):
        self.router = router
        self.ends = {CLIENT: End(client, CLIENT), SERVER: End(server, SERVER)}

    def run(self, tracker, batch):
        """Returns for each sequence a list of Outcome, one for each packet."""
        outcomes = [[] for _ in batch.sequences]
        with inside(self.router):
            control = Conntrack()
        control.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        control.flush()
        for step in range(batch.steps):
            tracker.step(step)
            self.one_step(control, batch, step, outcomes)
        control.flush()
        control.close()
        return outcomes

    def one_step(self, control, batch, step, outcomes):
        for sequence, flow, frames in zip(batch.sequences, batch.flows, batch.frames):
            if step < len(frames):
                packet = sequence.packets[step]
                for piece in packet.pieces(frames[step], flow):
                    self.ends[packet.side].send(piece)
        leaving = collections.defaultdict(list)
        for side in (CLIENT, SERVER):
            self.ends[side].send(marker(side))
        for side in (CLIENT, SERVER):
            end = self.ends[side]
            for packet in end.receive():
                index = batch.of_packet(packet)
                if index is not None:
                    leaving[index].append(batch.leaving(index, end.router_interface, packet))
        if any(step < len(s.packets) and isinstance(s.packets[step], Fragments) for s in batch.sequences):
            # what lacks a part must not wait for that of a later step; many timers take longer than some
            time.sleep(1.2 + len(batch.sequences) // 1000 * 0.3)
        entries = collections.defaultdict(list)
        for message in control.dump().messages:
            index, entry = batch.entry(message.payload)
            entries[index].append(entry)
        for index, frames in enumerate(batch.frames):
            if step < len(frames):
                outcomes[index].append(Outcome(tuple(sorted(entries[index])), tuple(leaving[index])))


def pin():
    """To one processor: then packets stay in their order."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
