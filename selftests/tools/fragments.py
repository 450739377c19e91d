# SPDX-License-Identifier: GPL-2.0
"""Fragments as they leave one wire and come out of the other.

fragments.py CLIENT ROUTER SERVER GROUP... - the namespaces of topology_router, where the router
masquerades, but for the port 54, which it does not track.
"""
import socket
import struct
import subprocess
import sys
import time

import cases
from cases import case, equal
from namespace import Injector, inside
from packets import UDP, checksum, datagram, ip, is_v6, packed
from quotes import EXPERIMENT, HOST, PATIENCE, SILENCE, Packet, Wire, text_of

FRAGMENT = 44
IP_NODEFRAG = 22
DONT_FRAGMENT, MORE = 0x4000, 0x2000
TRACKED, UNTRACKED = 53, 54
TEXT = bytes(range(256)) * 12
# the largest packet; IPv6 has no path with a smaller MTU than 1280
LARGEST = {False: 620, True: 1320}
numbers = iter(range(0x1000, 0x10000))


def piece(source, destination, number, start, part, more, flags=0):
    if is_v6(source):
        header = struct.pack("!BBHI", UDP, 0, start | more, number)
        return ip(source, destination, FRAGMENT, header + part)
    packet = bytearray(ip(source, destination, UDP, part, fragment=start // 8 | (MORE if more else 0) | flags))
    packet[4:6] = struct.pack("!H", number)
    return bytes(packet)


def cut_up(source, destination, message, largest, flags=0):
    room = (largest - (48 if is_v6(source) else 20)) & ~7
    number = next(numbers)
    return [piece(source, destination, number, start, message[start:start + room], start + room < len(message), flags)
            for start in range(0, len(message), room)]


class Piece(Packet):
    """What came, and whether there is more of it."""

    def __init__(self, data):
        super().__init__(data)
        if self.v6:
            place, = struct.unpack_from("!H", data, 42)
            self.more = bool(place & 1)
        else:
            place, = struct.unpack_from("!H", data, 6)
            self.more = bool(place & MORE)


class Path:
    def __init__(self, client, router, server):
        self.client, self.router = client, router
        self.injector = Injector()
        self.from_client, self.to_server = Wire(client, "c0"), Wire(server, "s0")

    def send(self, pieces):
        for packet in pieces:
            self.injector.send(self.client, packet)

    def arrived(self, v6, seconds=PATIENCE):
        """The pieces of the next datagram at the server."""
        def wanted(data):
            return data[6] == FRAGMENT if data[0] >> 4 == 6 else data[9] == UDP
        pieces = []
        while not pieces or pieces[-1].more:
            data = self.to_server.take(lambda data: data[0] >> 4 == (6 if v6 else 4) and wanted(data), seconds)
            if not data:
                break
            pieces.append(Piece(data))
        return pieces

    def counter(self, v6, name):
        """What the router's stack has counted."""
        with inside(self.router):
            if v6:
                with open("/proc/thread-self/net/snmp6", encoding="ascii") as file:
                    return dict((line.split()[0], int(line.split()[1])) for line in file)["Ip6" + name]
            values = {}
            for path in "snmp", "netstat":
                with open("/proc/thread-self/net/" + path, encoding="ascii") as file:
                    lines = [line.split() for line in file]
                for names, numbers_ in zip(lines[::2], lines[1::2]):
                    if names[0] in ("Ip:", "IpExt:"):
                        values.update(zip(names[1:], map(int, numbers_[1:])))
            return values[name]

    def reason(self, name):
        """How many packets ctrack refused for it."""
        said = subprocess.run(["nsenter", "--net=/run/netns/" + self.router, "ctctl", "stats"], check=True,
                              capture_output=True, text=True).stdout
        pairs = (line.split() for line in said.splitlines())
        return next((int(pair[1]) for pair in pairs if pair[:1] == [name]), 0)

    def timed_out(self, v6, count):
        """Waits until the router has given up so many datagrams."""
        deadline = time.monotonic() + PATIENCE
        while self.counter(v6, "ReasmTimeout") < count:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def check_arrived(path, v6, text, sent, port):
    """The datagram is there, right, and in no larger pieces than it was sent in."""
    client, outside = HOST[v6][0], HOST[v6][5]
    source = outside if port == TRACKED else client
    pieces = path.arrived(v6)
    whole = b"".join(p.payload for p in pieces)
    case(whole[8:] == TEXT, "%s: it arrives" % text, len(whole))
    if not pieces:
        return
    pseudo = pieces[0].source + pieces[0].destination + struct.pack("!II", len(whole), UDP)
    case(not checksum(pseudo + whole), "%s: with its checksum right" % text, whole[:8].hex())
    equal("%s: from" % text, packed(source).hex(), pieces[0].source.hex())
    largest = max(len(p.data) for p in pieces)
    case(largest <= max(len(p) for p in sent), "%s: in no larger pieces than it was sent in" % text, largest)


def orders(path, v6):
    client, _, _, server, _, _ = HOST[v6]
    for port in TRACKED, UNTRACKED:
        message = datagram(client, 4000, server, port, TEXT)
        name = "tracked" if port == TRACKED else "untracked"
        for text, order in (("in order", lambda p: p), ("backwards", lambda p: p[::-1]),
                            ("the first one last", lambda p: p[1:] + p[:1]), ("one twice", lambda p: p[:2] + p[1:])):
            sent = cut_up(client, server, message, LARGEST[v6])
            path.send(order(sent))
            check_arrived(path, v6, "%s, %s" % (name, text), sent, port)
    if not v6:
        sent = cut_up(client, server, datagram(client, 4000, server, TRACKED, TEXT), LARGEST[v6], DONT_FRAGMENT)
        path.send(sent)
        check_arrived(path, v6, "not to be cut again", sent, TRACKED)


def overlapping(path, v6):
    client, _, _, server, _, _ = HOST[v6]
    refused = path.reason("ip_reassembly")
    fails, timeouts = path.counter(v6, "ReasmFails"), path.counter(v6, "ReasmTimeout")
    message = datagram(client, 4002, server, TRACKED, TEXT)
    number = next(numbers)
    room = 600
    pieces = [piece(client, server, number, start, message[start:start + room], start + room < len(message))
              for start in range(0, len(message), room)]
    # behind the first one, into the second
    forged = piece(client, server, number, 0, b"\0" * (room + 8), True)
    path.send(pieces[:1] + [forged] + pieces[1:])
    case(not path.arrived(v6, SILENCE), "overlapping ones: nothing arrives", "it does")
    if v6:
        equal("overlapping ones: counted as ip_reassembly", refused + 1, path.reason("ip_reassembly"))
    else:
        case(path.counter(v6, "ReasmFails") > fails, "overlapping ones: counted as ReasmFails", fails)
        equal("overlapping ones: counted as ReasmOverlaps", 1, path.counter(v6, "ReasmOverlaps"))
    case(path.timed_out(v6, timeouts + 1), "overlapping ones: what came behind has no beginning", timeouts)


def endless(path, v6):
    """The router waits for a second."""
    client, _, _, server, _, _ = HOST[v6]
    before = path.counter(v6, "ReasmFails"), path.counter(v6, "ReasmTimeout")
    for _ in range(20):
        path.send(cut_up(client, server, datagram(client, 4003, server, TRACKED, TEXT), LARGEST[v6])[:-1])
    path.timed_out(v6, before[1] + 20)
    now = path.counter(v6, "ReasmFails"), path.counter(v6, "ReasmTimeout")
    counted = now[0] - before[0], now[1] - before[1]
    # one whose sending took longer than that is two
    case(min(counted) >= 20, "without an end: counted as ReasmFails and ReasmTimeout", counted)
    case(not path.arrived(v6, SILENCE), "without an end: nothing arrives", "it does")


def too_large(path, v6):
    """The router's way to the server has become smaller than the pieces, which nobody may cut again."""
    client, _, _, server, _, _ = HOST[v6]
    sent = cut_up(client, server, datagram(client, 4000, server, TRACKED, TEXT), 1400, 0 if v6 else DONT_FRAGMENT)
    path.send(sent)
    found = path.from_client.take(lambda data: Packet(data).is_error())
    if not found:
        case(False, "larger than the next link: an error comes", "none does")
        return
    error = Packet(found)
    equal("larger than the next link: the error", (2, 0, 1300) if v6 else (3, 4, 1300),
          (*struct.unpack("!BB", error.payload[:2]), struct.unpack_from("!I", error.payload, 4)[0] & 0xffff))
    quoted = Packet(error.payload[8:])
    equal("larger than the next link: is about what the client sent", (packed(client), packed(server)),
          (quoted.source, quoted.destination))


def past(path, v6):
    """The router's own, sent past what puts them together: the first alone is no packet.

    None is translated, or they would no longer belong together.
    """
    if v6:
        return
    _, _, inside_address, server, _, _ = HOST[v6]
    refused = path.reason("ip_fragment")
    with inside(path.router):
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    raw.setsockopt(socket.IPPROTO_IP, IP_NODEFRAG, 1)
    for fragment in MORE, 1:
        packet = ip(inside_address, server, EXPERIMENT, b"8 octets", fragment=fragment)
        raw.sendto(packet, (server, 0))
        came = path.to_server.take(lambda data: Packet(data).protocol == EXPERIMENT)
        equal("past reassembly: from", inside_address, came and text_of(Packet(came).source))
    equal("past reassembly: counted as ip_fragment", refused + 2, path.reason("ip_fragment"))


GROUPS = {"past": past, "orders": orders, "overlapping": overlapping, "endless": endless,
          "too_large": too_large}


def main():
    path = Path(*sys.argv[1:4])
    for v6 in (False, True):
        for group in sys.argv[4:]:
            cases.group = "IPv6" if v6 else "IPv4"
            GROUPS[group](path, v6)


if __name__ == "__main__":
    main()
