# SPDX-License-Identifier: GPL-2.0
"""ICMP errors about translated packets, octet for octet.

quotes.py CLIENT ROUTER SERVER GROUP... - the namespaces of topology_translated in translated.sh. A second
address of the client takes each port first, so that the one we look at becomes another.

What the client sent is kept. What of it came to the server is quoted in an error, cut or changed in
some way; the client has to get that error, with its own packet cut or changed in the same way.
"""
import select
import socket
import struct
import sys

import cases
from cases import case, equal
from namespace import Injector, inside
from packets import (DCCP, GRE, ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE, Packet, checksum, datagram, icmp, ip, is_v6, packed,
                     segment)
from transports import dccp_message, sctp_message, udplite_message

ETH_P_ALL, PACKET_OUTGOING = 3, 4
PATIENCE, SILENCE = 30.0, 0.5
EXPERIMENT = 253
# known by their addresses
PLAIN = GRE, EXPERIMENT
HOST = {False: ("10.0.1.2", "10.0.1.3", "10.0.1.1", "10.0.2.2", "10.0.2.9", "10.0.2.1"),
        True: ("fd00:1::2", "fd00:1::3", "fd00:1::1", "fd00:2::2", "fd00:2::9", "fd00:2::1")}


class Wire:
    """Sees what comes to a device, before anything in its namespace can change it."""

    def __init__(self, namespace, device):
        with inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
            self.socket.bind((device, ETH_P_ALL))

    def take(self, wanted, seconds=PATIENCE):
        """The next packet that is wanted, or None."""
        while select.select([self.socket], [], [], seconds)[0]:
            packet, (_, _, kind, *_) = self.socket.recvfrom(65536)
            if kind != PACKET_OUTGOING and len(packet) >= 20 and wanted(packet):
                return packet
        return None


# --- what is sent

def with_options(packet):
    """The same with four octets of options, or a header of destination options."""
    if packet[0] >> 4 == 6:
        length, = struct.unpack_from("!H", packet, 4)
        return packet[:4] + struct.pack("!HB", length + 8, 60) + packet[7:40] + \
            struct.pack("!BBBB4x", packet[6], 0, 1, 4) + packet[40:]
    length, = struct.unpack_from("!H", packet, 2)
    header = b"\x46" + packet[1:2] + struct.pack("!H", length + 4) + packet[4:10] + b"\0\0" + packet[12:20] + b"\1\1\1\1"
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + packet[20:]


def message(protocol, a, b, port):
    """Something that opens a connection, of 40 octets or so."""
    text = b"0123456789abcdefghijklmnopqrstuv"
    if protocol == TCP:
        return segment(a, port, b, 99, "S", seq=1000, payload=text)
    if protocol == UDP:
        return datagram(a, port, b, 99, text)
    if protocol == UDPLITE:
        return udplite_message(a, port, b, 99, 12)
    if protocol == DCCP:
        return dccp_message(a, port, b, 99, "request", 1000, 0)
    if protocol == SCTP:
        return sctp_message(port, 99, 0, ("init:0xc1",))
    if protocol == GRE:
        return b"\0\0\x08\0" + text
    if protocol == EXPERIMENT:
        return text
    return icmp(a, b, 128 if is_v6(a) else 8, 0, port << 16 | 1, text)


def reply(protocol, a, b, port):
    """The answer to what message() makes: from a, the server, to b, the router's port."""
    if protocol == UDP:
        return datagram(a, 53, b, port, b"answer to all that was asked")
    if protocol == UDPLITE:
        return udplite_message(a, 53, b, port, 12)
    if protocol == DCCP:
        return dccp_message(a, 53, b, port, "response", 5000, 1000)
    if protocol == SCTP:
        return sctp_message(53, port, 0xc1, ("init_ack:0x5e",))
    return segment(a, 53, b, port, "SA", seq=5000, ack=1001 + len(message(TCP, b, a, port)) - 20)


def one_hop_on(data):
    """As a packet arrives that left as data."""
    place = 7 if data[0] >> 4 == 6 else 8
    data = data[:place] + bytes([data[place] - 1]) + data[place + 1:]
    if place == 7:
        return data
    length = (data[0] & 15) * 4
    header = data[:10] + b"\0\0" + data[12:length]
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + data[length:]


# --- what becomes of a packet in a quote

def cut(octets):
    return lambda packet: packet.header + packet.payload[:octets]


def flipped(octet, place):
    """place: in the transport header."""
    def shape(packet):
        payload = bytearray(packet.payload)
        payload[place] ^= octet
        return packet.header + bytes(payload)
    return shape


def first_fragment(packet):
    if packet.v6:
        fragment = struct.pack("!BBHI", packet.data[6], 0, 1, 7)
        return packet.data[:6] + b"\x2c" + packet.data[7:40] + fragment + packet.data[40:]
    header = packet.header[:6] + b"\x20\0" + packet.header[8:10] + b"\0\0" + packet.header[12:]
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + packet.payload


def whole(packet):
    return packet.data


CHECK = {TCP: 16, UDP: 6, UDPLITE: 6, DCCP: 6, SCTP: 8, ICMP: 2, ICMPV6: 2}
SHAPES = {
    "whole": whole,
    "8 octets of its transport header": cut(8),
    "9 of them": cut(9),
    "16 of them, up to TCP's checksum": cut(16),
    "12 of them, as DCCP's and SCTP's headers": cut(12),
    "20 of them": cut(20),
    "a first fragment": first_fragment,
}


class Path:
    """The client's wire, the server's wire, and what goes between them."""

    def __init__(self, client, router, server):
        self.names = {"client": client, "router": router, "server": server}
        self.injector = Injector()
        self.wires = {"client": Wire(client, "c0"), "server": Wire(server, "s0")}

    def send(self, at, packet):
        self.injector.send(self.names[at], packet)

    def arrives(self, at, protocol, destination):
        found = self.wires[at].take(lambda data: Packet(data).protocol == protocol and
                                    Packet(data).destination == packed(destination))
        return found and Packet(found)

    def error(self, at, seconds=PATIENCE):
        found = self.wires[at].take(lambda data: Packet(data).is_error(), seconds)
        return found and Packet(found)


def as_quoted(sent, came):
    """What was sent, as a quote of what came becomes it again: SCTP's CRC stays, it covers more than is quoted."""
    packet = Packet(one_hop_on(sent))
    if packet.protocol != SCTP:
        return packet
    return Packet(packet.header + packet.payload[:8] + came.payload[8:12] + packet.payload[12:])


def opened(path, v6, protocol, port, options=False):
    """Opens a connection to the router's address; returns it as a quote has to show it, and as it came."""
    client, other, inside_address, server, _, _ = HOST[v6]
    sent = None
    # without ports, two would look alike at the server
    for source in (client,) if protocol in PLAIN else (other, client):
        sent = ip(source, inside_address, protocol, message(protocol, source, inside_address, port))
        sent = with_options(sent) if options else sent
        path.send("client", sent)
        came = path.arrives("server", protocol, server)
        if not came:
            return Packet(sent), None
    return as_quoted(sent, came), came


def error_packet(source, destination, kind, code, quoted, rest=0):
    protocol = ICMPV6 if is_v6(source) else ICMP
    return ip(source, destination, protocol, icmp(source, destination, kind, code, rest, quoted))


def unreachable(v6):
    return (1, 4) if v6 else (3, 3)


def text_of(address):
    return socket.inet_ntop(socket.AF_INET6 if len(address) == 16 else socket.AF_INET, address)


def same_quote(text, expected, error):
    if not error:
        case(False, text, "nothing came")
        return
    quoted = error.payload[8:]
    case(quoted == expected and error.sums_are_right(), text,
         "%s, sums right: %s, expected: %s" % (quoted.hex(), error.sums_are_right(), expected.hex()))


def name_of(protocol):
    names = {TCP: "TCP", UDP: "UDP", UDPLITE: "UDP-Lite", DCCP: "DCCP", SCTP: "SCTP", GRE: "GRE", ICMP: "ICMP",
             ICMPV6: "ICMPv6"}
    return names.get(protocol, "protocol %s" % protocol)


def protocols(v6):
    return TCP, UDP, UDPLITE, DCCP, SCTP, ICMPV6 if v6 else ICMP, GRE, EXPERIMENT


def without_sum(packet, place):
    """What there is of a packet but its sum, which is at that place of its transport header, or before it if negative."""
    place += packet.length
    return packet.data[:place], packet.data[place + 2:]


# --- groups

def shapes(path, v6):
    client, _, inside_address, server, _, outside = HOST[v6]
    port = 4000
    for protocol in protocols(v6):
        port += 1
        sent, came = opened(path, v6, protocol, port)
        if not came:
            case(False, "%s gets through" % name_of(protocol), "it does not")
            continue
        if protocol not in PLAIN:
            place = 4 if protocol in (ICMP, ICMPV6) else 0
            case(came.payload[place:place + 2] != struct.pack("!H", port), "%s: its port became another" % name_of(protocol),
                 came.data.hex())
        for name, shape in SHAPES.items():
            path.send("server", error_packet(server, outside, *unreachable(v6), shape(came)))
            error = path.error("client")
            same_quote("%s, quoted: %s" % (name_of(protocol), name), shape(sent), error)
            if error:
                equal("%s, quoted: %s: from and to" % (name_of(protocol), name), (inside_address, client),
                      (text_of(error.source), text_of(error.destination)))


def wrong_sums(path, v6):
    """A quote's sums are its sender's and the packet's way's affair."""
    server, outside = HOST[v6][3], HOST[v6][5]
    port = 4010
    for protocol in protocols(v6):
        port += 1
        if protocol in PLAIN:
            continue
        sent, came = opened(path, v6, protocol, port)
        shape = flipped(0x55, len(came.payload) - 1)
        path.send("server", error_packet(server, outside, *unreachable(v6), shape(came)))
        same_quote("%s, quoted with another last octet" % name_of(protocol), shape(sent), path.error("client"))
        place = CHECK[protocol]
        path.send("server", error_packet(server, outside, *unreachable(v6), flipped(0x55, place)(came)))
        error = path.error("client")
        case(error and error.sums_are_right() and
             without_sum(Packet(error.payload[8:], True), place) == without_sum(sent, place),
             "%s, quoted with a wrong checksum" % name_of(protocol), error and error.data.hex())
        if place > 8:
            path.send("server", error_packet(server, outside, *unreachable(v6), cut(place + 1)(came)))
            error = path.error("client")
            case(error and error.sums_are_right() and error.payload[8:-1] == cut(place)(sent),
                 "%s, quoted up to the midst of its checksum" % name_of(protocol), error and error.data.hex())
        if v6:
            continue
        # Windows quotes with 0 what its device has verified
        for said, octets in (("a wrong sum", b"\x12\x34"), ("no sum", b"\0\0")):
            broken = came.data[:10] + octets + came.data[12:]
            path.send("server", error_packet(server, outside, *unreachable(v6), broken))
            error = path.error("client")
            case(error and error.sums_are_right() and
                 without_sum(Packet(error.payload[8:], True), 10 - sent.length) == without_sum(sent, 10 - sent.length),
                 "%s, quoted with %s of the IP header" % (name_of(protocol), said), error and error.data.hex())


def options(path, v6):
    """IP options and extension headers, in the quote and around it."""
    server, outside = HOST[v6][3], HOST[v6][5]
    port = 4020
    for protocol in protocols(v6):
        port += 1
        sent, came = opened(path, v6, protocol, port, options=True)
        if not came:
            case(False, "%s with options gets through" % name_of(protocol), "it does not")
            continue
        for name, shape in SHAPES.items():
            error = error_packet(server, outside, *unreachable(v6), shape(came))
            path.send("server", error)
            same_quote("%s with options, quoted: %s" % (name_of(protocol), name), shape(sent), path.error("client"))
        path.send("server", with_options(error_packet(server, outside, *unreachable(v6), came.data)))
        same_quote("%s with options, in an error with options" % name_of(protocol), sent.data, path.error("client"))


def kinds(path, v6):
    """Each type and code that a standard has, and for IPv6 those of which none is known yet."""
    server, between, outside = HOST[v6][3:]
    sent, came = opened(path, v6, UDP, 4030)
    if v6:
        every = [(1, code) for code in range(8)] + [(2, 0), (3, 0), (3, 1)] + [(4, code) for code in range(4)] + \
            [(100, 0), (101, 0), (127, 0), (77, 3)]
    else:
        every = [(3, code) for code in range(16)] + [(4, 0), (11, 0), (11, 1), (12, 0), (12, 1), (12, 2)]
    for kind, code in every:
        path.send("server", error_packet(server, outside, kind, code, came.data, 1280))
        error = path.error("client")
        same_quote("type %d code %d" % (kind, code), sent.data, error)
        if error:
            equal("type %d code %d: they and the word behind" % (kind, code), (kind, code, 1280),
                  struct.unpack("!BBxxI", error.payload[:8]))
    path.send("server", error_packet(between, outside, *unreachable(v6), came.data))
    same_quote("from a router on the way", sent.data, path.error("client"))
    # RFC 4884: 128 octets of the quote, then an object of 8 octets
    padded = came.data + bytes(128 - len(came.data))
    extension = struct.pack("!BBHHBBI", 0x20, 0, 0xdead, 8, 1, 1, 0xcafef00d)
    path.send("server", error_packet(server, outside, 1 if v6 else 3, 0, padded + extension, 16 << 24 if v6 else 32 << 16))
    same_quote("with an extension", sent.data + bytes(128 - len(sent.data)) + extension, path.error("client"))


def answers(path, v6):
    """The client's errors, about what the server sent to it."""
    client, _, inside_address, server, _, outside = HOST[v6]
    number = 4040
    for protocol in TCP, UDP, UDPLITE, DCCP, SCTP:
        number += 1
        _, came = opened(path, v6, protocol, number)
        port, = struct.unpack("!H", came.payload[:2])
        answer = ip(server, outside, protocol, reply(protocol, server, outside, port))
        path.send("server", answer)
        heard = path.arrives("client", protocol, client)
        if not heard:
            case(False, "%s's answer gets through" % name_of(protocol), "it does not")
            continue
        answer = as_quoted(answer, heard)
        for name, shape in SHAPES.items():
            path.send("client", error_packet(client, inside_address, *unreachable(v6), shape(heard)))
            error = path.error("server")
            text = "about %s's answer, quoted: %s" % (name_of(protocol), name)
            same_quote(text, shape(answer), error)
            if error:
                equal("%s: from and to" % text, (outside, server), (text_of(error.source), text_of(error.destination)))


def refused(path, v6):
    """What no error can be made of goes on as it is, to the router itself, which is not asked here."""
    server, outside = HOST[v6][3], HOST[v6][5]
    _, came = opened(path, v6, UDP, 4050)
    _, segment_came = opened(path, v6, TCP, 4051)
    for text, quoted in (("7 octets of UDP", cut(7)(came)), ("4 octets of TCP", cut(4)(segment_came)),
                         ("no transport header", came.header),
                         ("a later fragment", later_fragment(came)),
                         ("an error", error_packet(outside, server, *unreachable(v6), came.data))):
        path.send("server", error_packet(server, outside, *unreachable(v6), quoted))
        case(not path.error("client", SILENCE), "%s: not passed on" % text, "it was")


def later_fragment(packet):
    data = bytearray(first_fragment(packet))
    if packet.v6:
        data[42:44] = struct.pack("!H", 64)
    else:
        data[6:8] = struct.pack("!H", 8)
    return bytes(data)


GROUPS = {"shapes": shapes, "wrong_sums": wrong_sums, "options": options, "kinds": kinds, "answers": answers,
          "refused": refused}


def main():
    path = Path(*sys.argv[1:4])
    for v6 in (False, True):
        for group in sys.argv[4:]:
            cases.group = "IPv6" if v6 else "IPv4"
            GROUPS[group](path, v6)


if __name__ == "__main__":
    main()
