# SPDX-License-Identifier: GPL-2.0
"""Packets that an nft rule with `queue` holds, until they are told to go on."""
import select
import socket
import struct

from namespace import open_socket

NETLINK_NETFILTER = 12
QUEUE_PACKET, QUEUE_VERDICT, QUEUE_CONFIG = 3 << 8, 3 << 8 | 1, 3 << 8 | 2
CONFIG_COMMAND, CONFIG_PARAMS, COMMAND_BIND, COPY_META = 1, 2, 1, 1
PACKET_HEADER, VERDICT_HEADER = 1, 2
NF_DROP, NF_ACCEPT = 0, 1


def attribute(kind, payload):
    return struct.pack("=HH", 4 + len(payload), kind) + payload + b"\0" * (-len(payload) % 4)


class Hold:
    """What is held, oldest first."""

    def __init__(self, name, number):
        self.number = number
        self.held = []
        self.socket = open_socket(name, socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.bind((0, 0))
        self.request(QUEUE_CONFIG, attribute(CONFIG_COMMAND, struct.pack("!BBH", COMMAND_BIND, 0, 0)))
        self.request(QUEUE_CONFIG, attribute(CONFIG_PARAMS, struct.pack("!IB", 0, COPY_META)))

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
                self.held.append(struct.unpack("!I", attributes[4:8])[0])
            attributes = attributes[(length + 3) & ~3:]

    def wait(self, count, seconds):
        while len(self.held) < count:
            if not select.select([self.socket], [], [], seconds)[0]:
                break
            self.take(self.socket.recv(65536))
        return len(self.held)

    def verdict(self, index, accept):
        packet = self.held.pop(index)
        self.request(QUEUE_VERDICT, attribute(VERDICT_HEADER, struct.pack("!II", NF_ACCEPT if accept else NF_DROP, packet)))
