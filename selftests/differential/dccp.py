# SPDX-License-Identifier: GPL-2.0
"""DCCP sequences: a connection from Request to Reset, and what does not belong there."""
import dataclasses

from packet import Packet
from transports import DCCP, DCCP_TYPES, dccp_message

OPENING = (("client", "request"), ("server", "response"), ("client", "ack"))
TALK = (("client", "dataack"), ("server", "ack"), ("server", "dataack"), ("client", "data"), ("client", "sync"),
        ("server", "syncack"))
CLOSINGS = ((("server", "closereq"), ("client", "close"), ("server", "reset")),
            (("client", "close"), ("server", "reset")), (("client", "reset"),),
            (("server", "close"), ("client", "reset")))


@dataclasses.dataclass(frozen=True)
class Dccp(Packet):
    """lies: see transports.dccp_message()."""
    type: str
    seq: int = 1
    ack: int = 1
    lies: tuple = ()
    wrong_checksum: bool = False
    cut: int = 0

    place = 6

    def build(self, flow, isn):
        way = flow.sides[self.side]
        return self.wrap(flow, DCCP, self.finish(dccp_message(
            way.own, way.own_port, way.other, way.other_port, self.type, self.seq, self.ack, self.lies)))

    def kind(self):
        return "dccp " + self.type

    def text(self):
        said = "%s seq %d ack %d" % (self.type, self.seq, self.ack)
        if self.lies:
            said += " lies: " + " ".join(self.lies)
        return said + self.notes()


def generate(random, length):
    script = list(OPENING) + [random.choice(TALK) for _ in range(random.choice((0, 1, 3)))]
    if random.random() < 0.7:
        script += random.choice(CLOSINGS)
    if random.random() < 0.1:
        script = script[random.randrange(len(script)):]
    packets, numbers = [], {"client": 100, "server": 900}
    while script and len(packets) < length:
        dice = random.random()
        if dice < 0.86 or not packets:
            side, kind = script.pop(0)
        elif dice < 0.93:
            packets.append(random.choice(packets))
            continue
        else:
            side, kind = random.choice(("client", "server")), random.choice(DCCP_TYPES)
        numbers[side] += 1
        other = numbers["server" if side == "client" else "client"]
        lies = (random.choice(("type", "offset", "coverage", "checksum")),) if random.random() < 0.03 else ()
        packets.append(Dccp(side, kind, seq=numbers[side], ack=other, lies=lies))
    return packets
