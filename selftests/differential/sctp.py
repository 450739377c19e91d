# SPDX-License-Identifier: GPL-2.0
"""SCTP sequences: an association from INIT to SHUTDOWN COMPLETE, and what does not belong there."""
import dataclasses

from packet import OTHER, Packet
from transports import SCTP, sctp_message

TAGS = {"client": 0x1111, "server": 0x2222}
WORDS = ("data", "init", "init_ack", "sack", "heartbeat", "heartbeat_ack", "abort", "abort_t", "shutdown",
         "shutdown_ack", "cookie_echo", "cookie_ack", "shutdown_complete", "shutdown_complete_t", "length_0",
         "too_long")
OPENING = (("client", "init"), ("server", "init_ack"), ("client", "cookie_echo"), ("server", "cookie_ack"))
TALK = (("client", "data"), ("server", "sack"), ("server", "data"), ("client", "sack"), ("client", "heartbeat"),
        ("server", "heartbeat_ack"))
CLOSING = (("client", "shutdown"), ("server", "shutdown_ack"), ("client", "shutdown_complete"))


@dataclasses.dataclass(frozen=True)
class Chunks(Packet):
    """words: of transports.CHUNKS. tag: the verification tag; own: what an INIT or INIT ACK offers."""
    words: tuple
    tag: int = 0
    own: int = 0
    wrong_checksum: bool = False
    cut: int = 0

    place = 8

    def build(self, flow, isn):
        way = flow.sides[self.side]
        words = ["%s:%d" % (word, self.own) for word in self.words]
        return self.wrap(flow, SCTP, self.finish(sctp_message(way.own_port, way.other_port, self.tag, words)))

    def kind(self):
        return "sctp " + "+".join(self.words)

    def text(self):
        return "%s tag %x own %x" % (" ".join(self.words), self.tag, self.own) + self.notes()


def packet(side, word, tag=None):
    """tag: when it is not the right one."""
    tags = {"init": 0, "shutdown_complete_t": TAGS[side], "abort_t": TAGS[side]}
    return Chunks(side, (word,), tags.get(word, TAGS[OTHER[side]]) if tag is None else tag,
                  TAGS[side] if word in ("init", "init_ack") else 0)


def generate(random, length):
    script = list(OPENING) + [random.choice(TALK) for _ in range(random.choice((0, 1, 3)))]
    if random.random() < 0.7:
        script += CLOSING
    if random.random() < 0.1:
        script = [(OTHER[side], word) for side, word in script]
    if random.random() < 0.15:
        script = script[random.randrange(len(script)):]
    packets = []
    while script and len(packets) < length:
        dice = random.random()
        if dice < 0.86 or not packets:
            packets.append(packet(*script.pop(0)))
        elif dice < 0.92:
            packets.append(random.choice(packets))
        elif dice < 0.97:
            packets.append(packet(random.choice(("client", "server")), random.choice(WORDS)))
        else:
            packets.append(packet(random.choice(("client", "server")), random.choice(WORDS),
                                  random.choice((0, 1, *TAGS.values()))))
    return packets
