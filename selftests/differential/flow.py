# SPDX-License-Identifier: GPL-2.0
"""Who talks to whom in a sequence: addresses and ports that no other sequence of a batch has.

    client --- (r0) router (r1) --- server

Neither end has an address of its own: what the router sends there is seen, not answered.
"""
import collections
import re

NATS = ("none", "snat", "dnat", "both", "masquerade")
CLIENT, SERVER = "client", "server"
MAX_INDEX = 15000
# the router's own on r1, which masquerade takes
ROUTER = {4: "10.0.2.1", 6: "fd00:0:2::1"}
# so far apart that a packet from a port beside the own one is no other flow's
FIRST_PORT, PORTS, PORT, PORT_BEHIND, DNS = 1024, 4, 80, 8080, 53

Addresses = collections.namedtuple("Addresses", "own other own_port other_port")


def address(family, network, index):
    if family == 6:
        return "fd00:%x::%x" % (network, index + 1)
    return "10.%d.%d.%d" % (network, index + 1 >> 8, index + 1 & 255)


def index_of(port):
    return (port - FIRST_PORT) // PORTS


class Flow:
    """index: in its batch. Which translation a connection gets depends on its client's network."""

    def __init__(self, index, family, nat, service=PORT):
        self.index, self.family, self.nat = index, family, nat
        self.identifier = index + 1
        self.port = FIRST_PORT + PORTS * index
        client = address(family, 10 + NATS.index(nat), index)
        server = address(family, 20, index)
        dport = service
        seen_client, seen_server = client, server
        if nat in ("snat", "both"):
            # by this address no other flow's port can be chosen at random, and be missing there
            seen_client = address(family, 30, index)
        elif nat == "masquerade":
            seen_client = ROUTER[family]
        if nat in ("dnat", "both"):
            seen_server = address(family, 40, index)
            server = address(family, 50, 0)
            dport = PORT_BEHIND
        self.client, self.server = client, server
        # and what packets have besides
        self.ports = {self.port, service, dport}
        self.sides = {
            CLIENT: Addresses(client, seen_server, self.port, service),
            SERVER: Addresses(server, seen_client, dport, self.port),
        }

    def middle(self, side):
        """A router on the way to that side."""
        return address(self.family, 60 if side == CLIENT else 61, 0)

    def has_port(self, port):
        """Or identifier: one that stood in the packets, and was not chosen at random by the router."""
        return port in self.ports

    def without_chosen(self, text):
        """Ports and identifiers that were chosen at random, made equal."""
        return re.sub(r"((?:[0-9]+\.[0-9]+|\]):| id )([0-9]+)",
                      lambda m: m.group() if self.has_port(int(m.group(2))) else m.group(1) + "*", text)
