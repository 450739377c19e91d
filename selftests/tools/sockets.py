# SPDX-License-Identifier: GPL-2.0
"""Sockets in any namespace, moved one step at a time by a shell script.

A line on stdin is a step: a word, and what the method of class Steps with that name takes. The
answer is a line: 0 and what there is to say, or 1 and the name of the error. lib.sh's `sock`
speaks to it; a test does with one process what would otherwise take a hundred.
"""
import errno
import selectors
import socket
import struct
import sys
import threading

import hostile
import packets
import transports
from hold import MARK, NF_ACCEPT, NF_DROP, NF_REPEAT, PAYLOAD, Hold, attribute
from namespace import Injector, family_of, inside, open_socket
from packets import DCCP, SCTP, UDPLITE

IP_RECVERR, IPV6_RECVERR = 11, 25
IP_MTU_DISCOVER, IP_MTU, IPV6_MTU_DISCOVER, IPV6_MTU, PMTUDISC_DO = 10, 14, 23, 24, 2
SO_NO_CHECK = 11
SOCK_DCCP, SOL_DCCP, DCCP_SERVICE = 6, 269, 2
SCTP_SOCKOPT_BINDX_ADD = 100
UDPLITE_SEND_COVERAGE, UDPLITE_RECEIVE_COVERAGE = 10, 11
# for what should come; lib.sh's sock has more of it
PATIENCE = 30.0


class Refused(Exception):
    pass


def text_of(data, address=None):
    text = data.decode("ascii", "replace") or "(empty)"
    return "%s %s %d" % (text, address[0], address[1]) if address else text


class Echo(threading.Thread):
    """Says back what it hears, on any number of sockets."""

    def __init__(self):
        super().__init__(daemon=True)
        self.selector = selectors.DefaultSelector()

    def add(self, sock, step):
        self.selector.register(sock, selectors.EVENT_READ, step)
        if not self.is_alive():
            self.start()

    def datagram(self, sock):
        data, peer = sock.recvfrom(65536)
        sock.sendto(data, peer)

    def connection(self, sock):
        self.selector.register(sock.accept()[0], selectors.EVENT_READ, self.stream)

    def stream(self, sock):
        data = sock.recv(65536)
        if data:
            sock.sendall(data)
        else:
            self.selector.unregister(sock)
            sock.close()

    def run(self):
        while True:
            for key, _ in self.selector.select():
                try:
                    key.data(key.fileobj)
                except OSError:
                    if key.data == self.stream:
                        self.selector.unregister(key.fileobj)
                        key.fileobj.close()


class Steps:
    def __init__(self):
        self.sockets = {}
        self.injector = Injector()
        self.echoes = Echo()
        self.hold = None

    # --- sockets

    def _bound(self, namespace, kind, address, port, protocol=0):
        sock = open_socket(namespace, family_of(address), kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.settimeout(PATIENCE)
        sock.bind((address, int(port)))
        return sock

    def _new(self, name, sock):
        if name in self.sockets:
            self.sockets[name].close()
        self.sockets[name] = sock

    def udp(self, name, namespace, address, port=0):
        """A datagram socket, errors that come for it included."""
        sock = self._bound(namespace, socket.SOCK_DGRAM, address, port)
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        self._new(name, sock)

    def device(self, name, interface):
        """Binds a socket to a device."""
        self.sockets[name].setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())

    def tcp(self, name, namespace, address, port=0):
        self._new(name, self._bound(namespace, socket.SOCK_STREAM, address, port))

    def listen(self, name, namespace, address, port):
        self.tcp(name, namespace, address, port)
        self.sockets[name].listen(64)

    def udplite(self, name, namespace, address, port=0, coverage=0):
        """coverage: octets, of what is sent and at least of what is received; 0: all."""
        sock = self._bound(namespace, socket.SOCK_DGRAM, address, port, UDPLITE)
        for option in (UDPLITE_SEND_COVERAGE, UDPLITE_RECEIVE_COVERAGE):
            sock.setsockopt(UDPLITE, option, int(coverage))
        self._new(name, sock)

    def sctp(self, name, namespace, address, port=0):
        self._new(name, self._bound(namespace, socket.SOCK_STREAM, address, port, SCTP))

    def bindx(self, name, address):
        """Gives an SCTP socket another of its host's addresses, at the same port."""
        sock = self.sockets[name]
        port = sock.getsockname()[1]
        octets = struct.pack("=H", sock.family) + struct.pack("!H", port)
        if sock.family == socket.AF_INET6:
            octets += b"\0" * 4 + packets.packed(address) + b"\0" * 4
        else:
            octets += packets.packed(address) + b"\0" * 8
        sock.setsockopt(SCTP, SCTP_SOCKOPT_BINDX_ADD, octets)

    def sctp_listen(self, name, namespace, address, port):
        self.sctp(name, namespace, address, port)
        self.sockets[name].listen(8)

    def dccp(self, name, namespace, address, port=0):
        sock = self._bound(namespace, SOCK_DCCP, address, port, DCCP)
        sock.setsockopt(SOL_DCCP, DCCP_SERVICE, struct.pack("!I", 1))
        self._new(name, sock)

    def dccp_listen(self, name, namespace, address, port):
        self.dccp(name, namespace, address, port)
        self.sockets[name].listen(8)

    def connect(self, name, address, port, seconds=PATIENCE):
        sock = self.sockets[name]
        sock.settimeout(float(seconds))
        sock.connect((address, int(port)))
        sock.settimeout(PATIENCE)

    def begin(self, name, address, port):
        """Connects without waiting for it."""
        sock = self.sockets[name]
        sock.setblocking(False)
        error = sock.connect_ex((address, int(port)))
        sock.settimeout(PATIENCE)
        if error not in (0, errno.EINPROGRESS):
            raise OSError(error, "")

    def accept(self, name, listener, seconds=PATIENCE):
        self.sockets[listener].settimeout(float(seconds))
        sock, peer = self.sockets[listener].accept()
        sock.settimeout(PATIENCE)
        self._new(name, sock)
        return "%s %d" % peer[:2]

    def send(self, name, text, address=None, port=None):
        """(empty) is a datagram with nothing in it, and xN is N octets."""
        data = text.encode()
        if text == "(empty)":
            data = b""
        elif text[0] == "x" and text[1:].isdigit():
            data = b"x" * int(text[1:])
        if address:
            self.sockets[name].sendto(data, (address, int(port)))
        else:
            self.sockets[name].sendall(data)

    def receive(self, name, seconds=PATIENCE):
        """Says what comes, and from where."""
        sock = self.sockets[name]
        sock.settimeout(float(seconds))
        if sock.type == socket.SOCK_DGRAM:
            return text_of(*sock.recvfrom(65536))
        data = sock.recv(65536)
        return text_of(data) if data else "(end)"

    def ready(self, seconds, *names):
        """Says which one has something to receive, or to accept, first."""
        selector = selectors.DefaultSelector()
        for name in names:
            selector.register(self.sockets[name], selectors.EVENT_READ, name)
        for key, _ in selector.select(float(seconds)):
            return key.data
        raise TimeoutError

    def ask(self, name, text, address, port, seconds=PATIENCE):
        """Connects a datagram socket, sends, and says what is answered."""
        self.connect(name, address, port)
        self.send(name, text)
        return self.receive(name, seconds)

    def answer(self, name, text):
        """Receives, sends the text back, and says from whom it was."""
        data, peer = self.sockets[name].recvfrom(65536)
        self.sockets[name].sendto(text.encode(), peer)
        return text_of(data, peer)

    def local(self, name):
        return "%s %d" % self.sockets[name].getsockname()[:2]

    def peer(self, name):
        return "%s %d" % self.sockets[name].getpeername()[:2]

    def shut(self, name):
        self.sockets[name].shutdown(socket.SHUT_WR)

    def close(self, name):
        self.sockets.pop(name).close()

    def reset(self, name):
        """Ends a connection by a reset."""
        self.sockets[name].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close(name)

    def ttl(self, name, hops):
        sock = self.sockets[name]
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, int(hops))
        else:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, int(hops))

    def whole(self, name):
        """Its packets must not be fragmented."""
        sock = self.sockets[name]
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DO)
        else:
            sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_DO)

    def mtu(self, name):
        sock = self.sockets[name]
        if sock.family == socket.AF_INET6:
            return sock.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU)
        return sock.getsockopt(socket.IPPROTO_IP, IP_MTU)

    def broadcast(self, name):
        self.sockets[name].setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)

    def nochecksum(self, name):
        self.sockets[name].setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)

    def error(self, name, seconds=PATIENCE):
        """Says what ICMP error came: its name, type/code, and who sent it about a packet to whom."""
        sock = self.sockets[name]
        selector = selectors.DefaultSelector()
        # errors are always waited for, and nothing else has to be
        selector.register(sock, selectors.EVENT_READ)
        if not selector.select(float(seconds)):
            raise TimeoutError
        _, ancillary, _, destination = sock.recvmsg(65536, 512, socket.MSG_ERRQUEUE)
        for level, kind, data in ancillary:
            if (level, kind) not in ((socket.IPPROTO_IP, IP_RECVERR), (socket.IPPROTO_IPV6, IPV6_RECVERR)):
                continue
            number, _, icmp_type, code = struct.unpack("=IBBB", data[:7])
            offender = data[16:]
            offender = socket.inet_ntop(socket.AF_INET, offender[4:8]) if sock.family == socket.AF_INET else \
                socket.inet_ntop(socket.AF_INET6, offender[8:24])
            sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            return "%s %d/%d from %s about %s %d" % (errno.errorcode[number], icmp_type, code, offender,
                                                     *destination[:2])
        raise Refused("no error")

    def echo(self, kind, namespace, address, port):
        """A server that says back what it hears."""
        if kind == "udp":
            self.echoes.add(self._bound(namespace, socket.SOCK_DGRAM, address, port), self.echoes.datagram)
            return
        sock = self._bound(namespace, socket.SOCK_STREAM, address, port)
        sock.listen(64)
        self.echoes.add(sock, self.echoes.connection)

    # --- packets

    def segment(self, namespace, source, sport, destination, dport, flags, seq=0, ack=0):
        """Sends a TCP segment that no socket knows of."""
        self.injector.send(namespace, packets.tcp_packet(source, int(sport), destination, int(dport), flags,
                                                         seq=int(seq), ack=int(ack)))

    def half(self, which, namespace, source, sport, destination, dport, text):
        """Sends the first or the second of a datagram's two fragments."""
        fragments = packets.halves(source, int(sport), destination, int(dport), text.encode())
        self.injector.send(namespace, fragments[("first", "second").index(which)])

    def ping(self, namespace, source, destination, kind, identifier, sequence=1, count=1):
        """Sends an echo request or reply, or the same one as often as that."""
        kinds = {"request": (8, 128), "reply": (0, 129)}[kind]
        packet = packets.icmp_packet(source, destination, kinds[packets.is_v6(source)],
                                     rest=int(identifier) << 16 | int(sequence))
        for _ in range(int(count)):
            self.injector.send(namespace, packet)

    def probe(self, namespace, source, destination, identifier, interface):
        """Sends an extended echo request (RFC 8335): is the interface of that number up?"""
        self.injector.send(namespace, packets.probe(source, destination, int(identifier), int(interface)))

    def unreachable(self, namespace, source, destination, *quoted):
        """Sends port unreachable; quoted: source, port, destination and port of a datagram."""
        datagram = packets.udp_packet(quoted[0], int(quoted[1]), quoted[2], int(quoted[3]))
        self.injector.send(namespace, packets.unreachable(source, destination, datagram))

    def redirect(self, namespace, source, destination, how, *quoted):
        """Sends a redirect about a datagram, which is quoted as by unreachable; how: right, or what is wrong."""
        datagram = packets.udp_packet(quoted[0], int(quoted[1]), quoted[2], int(quoted[3]))
        link_address = b"\2\1\2\0\0\0\0\1"
        wrong = {"right": {}, "far": {"ttl": 254}, "code": {"code": 7}, "unquoted": {"quoted": b""},
                 "cut": {"quoted": datagram[:40 if packets.is_v6(source) else 24]},
                 "endless": {"options": b"\2\0" + b"\0" * 6}, "behind": {"options": link_address},
                 "hidden": {"options": link_address * 8}}[how]
        router = "fe80::9" if packets.is_v6(source) else "10.0.1.9"
        self.injector.send(namespace, packets.redirect(source, destination, router, **{"quoted": datagram, **wrong}))

    def chunk(self, namespace, source, sport, destination, dport, vtag, *chunks):
        """Sends an SCTP packet that no socket knows of; chunks: see transports.CHUNKS."""
        self.injector.send(namespace, transports.sctp_packet(source, int(sport), destination, int(dport),
                                                             int(vtag, 0), chunks))

    def dccp_packet(self, namespace, source, sport, destination, dport, kind, seq=0, ack=0, *lies):
        """Sends a DCCP packet that no socket knows of."""
        self.injector.send(namespace, transports.dccp_packet(source, int(sport), destination, int(dport), kind,
                                                             int(seq), int(ack), lies))

    def udplite_packet(self, namespace, source, sport, destination, dport, coverage, lie=""):
        self.injector.send(namespace, transports.udplite_packet(source, int(sport), destination, int(dport),
                                                                int(coverage), lie))

    def surplus(self, namespace, source, sport, destination, dport, text):
        """Sends a datagram that ends before its packet does."""
        message = packets.datagram(source, int(sport), destination, int(dport), text.encode())
        self.injector.send(namespace, packets.ip(source, destination, packets.UDP, message + b"surplus!"))

    def packet(self, namespace, source, destination, protocol, octets=""):
        """Sends a packet of any protocol; octets: what follows the IP header, in hexadecimal."""
        self.injector.send(namespace, packets.ip(source, destination, int(protocol), bytes.fromhex(octets)))

    def hear(self, name, namespace, address, protocol):
        """Hears what comes for an address in a protocol; see heard."""
        sock = open_socket(namespace, family_of(address), socket.SOCK_RAW, int(protocol))
        sock.bind((address, 0))
        self._new(name, sock)

    def heard(self, name, seconds=PATIENCE):
        """From whom a packet came, and its octets behind the IP header."""
        sock = self.sockets[name]
        sock.settimeout(float(seconds))
        octets, peer = sock.recvfrom(65536)
        if sock.family == socket.AF_INET:
            octets = octets[(octets[0] & 15) * 4:]
        return "%s %s" % (peer[0], octets.hex())

    def heard_sum(self, name, destination, seconds=PATIENCE):
        """The same of UDP-Lite or SCTP: from what address and port, to what port, and whether its checksum is right."""
        source, octets = self.heard(name, seconds).split()
        octets = bytes.fromhex(octets)
        right = transports.crc_is_right(octets) if self.sockets[name].proto == SCTP else \
            transports.udplite_is_right(source, destination, octets)
        return "%s %d %d %s" % (source, *struct.unpack_from("!HH", octets), "right" if right else "wrong")

    def hostile(self, namespace, source, destination, name):
        """Sends one of those that hostile.py has."""
        self.injector.send(namespace, hostile.packet(name, source, destination))

    # --- a queue

    def queue(self, namespace, number, connections=""):
        """Holds what rules in the namespace send to the queue; with "connections" it wants to know these, too, for
        which the kernel loads nf_conntrack when there is no tracker."""
        self.hold = Hold(namespace, int(number), bool(connections))

    def unqueue(self):
        """Gives the queue up, with all that is held."""
        self.hold.close()
        self.hold = None

    def held(self, count, seconds=PATIENCE):
        """Waits until so many packets are held."""
        held = self.hold.wait(int(count), float(seconds))
        if held < int(count):
            raise Refused("%d are held" % held)
        return held

    def release(self, index=0):
        self.hold.verdict(int(index), NF_ACCEPT)

    def discard(self, index=0):
        self.hold.verdict(int(index), NF_DROP)

    def change(self, text, index=0):
        """Lets a datagram go on with another text in it."""
        old = self.hold.held[int(index)][1]
        self.hold.verdict(int(index), NF_ACCEPT, attribute(PAYLOAD, packets.datagram_with(old, text.encode())))

    def repeat(self, mark, index=0):
        """Sends it through the same hook once more, with a mark."""
        self.hold.verdict(int(index), NF_REPEAT, attribute(MARK, struct.pack("!I", int(mark))))

    def pass_all(self):
        """Lets everything go on, from now on."""
        self.hold.accept_all()


def step(steps, words):
    if not words or words[0].startswith("_"):
        raise Refused("no step")
    return getattr(steps, words[0])(*words[1:])


def main():
    steps = Steps()
    for line in sys.stdin:
        try:
            answer = step(steps, line.split())
            print(0, "" if answer is None else answer, flush=True)
        except TimeoutError:
            print(1, "timeout", flush=True)
        except OSError as error:
            print(1, errno.errorcode.get(error.errno, str(error)), flush=True)
        except (Refused, AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            print(1, "%s: %r" % (type(error).__name__, str(error)), flush=True)


if __name__ == "__main__":
    main()
