# SPDX-License-Identifier: GPL-2.0
"""Packets that an nft rule with `queue` holds, until they are told to go on."""
import select
import socket
import struct
import threading

from namespace import open_socket

NETLINK_NETFILTER, SO_RCVBUFFORCE = 12, 33
QUEUE_PACKET, QUEUE_VERDICT, QUEUE_CONFIG = 3 << 8, 3 << 8 | 1, 3 << 8 | 2
CONFIG_COMMAND, CONFIG_PARAMS, CONFIG_MASK, CONFIG_FLAGS, COMMAND_BIND, COPY_PACKET, WITH_CONNECTION = 1, 2, 4, 5, 1, 2, 2
PACKET_HEADER, VERDICT_HEADER, MARK, PAYLOAD = 1, 2, 3, 10
NF_DROP, NF_ACCEPT, NF_REPEAT = 0, 1, 4


def attribute(kind, payload):
    return struct.pack("=HH", 4 + len(payload), kind) + payload + b"\0" * (-len(payload) % 4)


class Hold:
    """What is held, oldest first: the number of each, and its octets from the IP header on."""

    def __init__(self, name, number, connections=False):
        self.number = number
        self.held = []
        self.closing, self.accepting = False, None
        self.socket = open_socket(name, socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.socket.bind((0, 0))
        self.request(QUEUE_CONFIG, attribute(CONFIG_COMMAND, struct.pack("!BBH", COMMAND_BIND, 0, 0)))
        self.request(QUEUE_CONFIG, attribute(CONFIG_PARAMS, struct.pack("!IB", 0xffff, COPY_PACKET)))
        if connections:
            self.request(QUEUE_CONFIG, attribute(CONFIG_FLAGS, struct.pack("!I", WITH_CONNECTION)) +
                         attribute(CONFIG_MASK, struct.pack("!I", WITH_CONNECTION)))

    def request(self, kind, attributes):
        body = struct.pack("!BBH", socket.AF_UNSPEC, 0, self.number) + attributes
        self.socket.send(struct.pack("=IHHII", 16 + len(body), kind, 1, 0, 0) + body)

    def take(self, message):
        while len(message) >= 20:
            length, kind = struct.unpack("=IH", message[:6])
            if kind == QUEUE_PACKET:
                self.take_packet(message[20:length])
            message = message[(length + 3) & ~3:]

    def take_packet(self, attributes):
        while len(attributes) >= 4:
            length, kind = struct.unpack("=HH", attributes[:4])
            if kind == PACKET_HEADER:
                self.held.append([struct.unpack("!I", attributes[4:8])[0], b""])
            elif kind == PAYLOAD:
                self.held[-1][1] = attributes[4:length]
            attributes = attributes[(length + 3) & ~3:]

    def wait(self, count, seconds):
        while len(self.held) < count:
            if not select.select([self.socket], [], [], seconds)[0]:
                break
            self.take(self.socket.recv(65536))
        return len(self.held)

    def verdict(self, index, verdict, more=b""):
        """more: attributes, such as another payload."""
        packet, _ = self.held.pop(index)
        self.request(QUEUE_VERDICT, attribute(VERDICT_HEADER, struct.pack("!II", verdict, packet)) + more)

    def accept_all(self):
        """Whatever comes from now on, until the queue is given up."""
        def accept():
            while not self.closing:
                if self.wait(1, 0.1):
                    self.verdict(0, NF_ACCEPT)
        self.accepting = threading.Thread(target=accept, daemon=True)
        self.accepting.start()

    def close(self):
        """Gives the queue up, with all that is held."""
        self.closing = True
        if self.accepting:
            self.accepting.join()
        self.socket.close()
