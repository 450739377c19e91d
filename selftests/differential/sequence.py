# SPDX-License-Identifier: GPL-2.0
"""A sequence: what is sent through the router, and the flow that it makes."""
import dataclasses
from random import Random

import dccp
import gre
import icmp
import pieces
import sctp
import tcp
import udp
import unknown
from flow import DNS, NATS, PORT
from packet import LiteDatagram, Query
from perturb import perturb

# tcp: what honest ends send over a bad network; tcp_hostile: and what others forge
PROTOCOLS = ("tcp", "tcp_hostile", "udp", "dns", "udplite", "sctp", "dccp", "gre", "icmp", "icmpv6", "unknown",
             "fragments")
LONGEST = 24
OTHERS = {"sctp": sctp, "dccp": dccp, "gre": gre, "fragments": pieces}
# In-tree UDP's number goes into the checksum of UDP-Lite, so that every right one is wrong.
SETTINGS = {"tcp_hostile": ((),) * 6 + (("tcp_loose", 0), ("checksum", 0)), "udplite": (("checksum", 0),)}


@dataclasses.dataclass(frozen=True)
class Sequence:
    """name: the seed that makes it. isn: first sequence numbers. setting: a sysctl that is not as usual, its value."""
    name: str
    family: int
    nat: str
    isn: tuple
    packets: tuple
    setting: tuple = ()
    service: int = PORT

    def frames(self, flow):
        isn = dict(zip(("client", "server"), self.isn))
        return [packet.build(flow, isn) for packet in self.packets]

    def shown(self):
        said = "%s: IPv%d, %s" % (self.name, self.family, "no NAT" if self.nat == "none" else self.nat)
        if self.service != PORT:
            said += ", port %d" % self.service
        if self.setting:
            said += ", nf_conntrack_%s=%s" % self.setting
        if any(self.isn):
            said += ", sequence numbers from %d and %d" % self.isn
        return said


def generate(seed, protocol, number):
    name = "%s/%s/%d" % (seed, protocol, number)
    random = Random(name)
    family = {"icmp": 4, "icmpv6": 6}.get(protocol) or random.choice((4, 6))
    nat = random.choice(("none",) * 3 + NATS)
    if protocol in ("unknown", "udplite", "dccp", "gre") and nat == "both":
        # nothing would tell packets apart that are tracked by their addresses
        nat = "none"
    length, service = random.randrange(2, 17), PORT
    if protocol.startswith("tcp"):
        packets = tcp.generate(random, length)
    elif protocol == "udp":
        packets = udp.generate(random, min(length, 10))
    elif protocol == "dns":
        packets = udp.generate(random, min(length, 10))
        service = DNS
    elif protocol in OTHERS:
        packets = OTHERS[protocol].generate(random, min(length, 10))
    elif protocol == "udplite":
        packets = udp.generate(random, min(length, 6), LiteDatagram)
    elif protocol == "unknown":
        packets = unknown.generate(random, min(length, 5))
    else:
        packets = icmp.generate(random, min(length, 8), family)
    packets = perturb(random, packets, family, random.choice((0, 0, 0.1, 0.3, 0.6)), forged=protocol != "tcp")
    isn = (0, 0)
    if random.random() < 0.7:
        isn = tuple(random.choice((random.getrandbits(32), 0xffffff00, 0x7fffff00)) for _ in range(2))
    if nat != "none" and protocol == "icmpv6":
        packets = [packet for packet in packets if not isinstance(packet, Query) or packet.type > 127]
    setting = random.choice(SETTINGS.get(protocol, ((),)))
    return Sequence(name, family, nat, isn, tuple(packets[:LONGEST]), setting, service)
