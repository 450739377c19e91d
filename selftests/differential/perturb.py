# SPDX-License-Identifier: GPL-2.0
"""What networks and bad people do to a sequence: packets lost, repeated, late, changed, and errors about them."""
import dataclasses

from dccp import Dccp
from pieces import Fragments
from gre import Gre
from packet import OTHER, Datagram, Error, Query, Segment
from sctp import Chunks

# type, codes, value of the second word
ERRORS = {
    4: ((3, (0, 1, 3, 4, 13), 1400), (4, (0,), 0), (5, (1,), 0x0a000203), (11, (0, 1), 0), (12, (0,), 0)),
    6: ((1, (0, 3, 4), 0), (2, (0,), 1400), (3, (0, 1), 0), (4, (0, 1), 0), (137, (0,), 0), (100, (0,), 0)),
}
# of numbers that are half the space apart neither is the later one
FAR = (1, -1, 2, 100, -100, 1000, -1000, 30000, 70000, -70000, 1 << 20, 1 << 30, -(1 << 30), (1 << 31) - (1 << 21))
FLAG_MIXES = ("", "S", "SA", "A", "F", "FA", "R", "RA", "SF", "SR", "SFA", "PA", "UA", "FPU", "SU", "FAU", "FR", "P",
              "U", "SRA")
BAD_OPTIONS = ((3,), (3, 0), (3, 1), (5, 10, 1), (8, 200), (3, 3, 15), (3, 3, 255), (0, 3, 3, 7), (253, 4, 1, 2))


def error_about(random, packet, family, side=None):
    """side: who sends it; by default who got the packet."""
    kind, codes, rest = random.choice(ERRORS[family])
    return Error(side or OTHER[packet.side], packet, kind, code=random.choice(codes), rest=rest,
                 quoted=random.choice((8, 8, 8, 20, 28, 500, 7, 4, 3, 0) if random.random() < 0.3 else (8, 28, 500)),
                 middle=random.random() < 0.5, spoil=random.random() < 0.08)


def change_segment(random, segment):
    what = random.choice(("seq", "ack", "flags") * 2 + ("window", "options", "offset", "port", "payload"))
    if what in ("seq", "ack"):
        value = getattr(segment, what) + random.choice(FAR)
    elif what == "window":
        value = random.choice((0, 1, 65535))
    elif what == "flags":
        value = random.choice(FLAG_MIXES)
    elif what == "options":
        value = (random.choice((("raw", random.choice(BAD_OPTIONS)), ("sack", (segment.ack + 1, segment.ack + 100)))),)
    elif what == "offset":
        value = random.choice((0, 4, 5, 15))
    elif what == "port":
        value = 1
    else:
        value = random.choice((0, 1, 1200))
    return dataclasses.replace(segment, **{what: value})


def change(random, packet):
    if isinstance(packet, Fragments):
        about = change(random, packet.about)
        return dataclasses.replace(packet, side=about.side, about=about)
    dice = random.random()
    if dice < 0.1 and not isinstance(packet, Error):
        return dataclasses.replace(packet, wrong_checksum=True)
    if dice < 0.18:
        return dataclasses.replace(packet, cut=random.choice((1, 3, 4, 7, 8, 12, 19, 20)))
    if dice < 0.28:
        return dataclasses.replace(packet, extended=True)
    if dice < 0.34:
        return dataclasses.replace(packet, side=OTHER[packet.side])
    if isinstance(packet, Segment):
        return change_segment(random, packet)
    if isinstance(packet, Datagram):
        return dataclasses.replace(packet, **random.choice((
            {"length": 0}, {"length": 7}, {"length": 8}, {"length": 100}, {"port": 1}, {"no_checksum": True})))
    if isinstance(packet, Query):
        return dataclasses.replace(packet, **random.choice((
            {"code": 1}, {"identifier": 1}, {"type": random.randrange(256)})))
    if isinstance(packet, Chunks):
        return dataclasses.replace(packet, **random.choice((
            {"tag": 0}, {"tag": 0x3333}, {"words": packet.words + ("data",)}, {"words": packet.words + ("abort",)},
            {"words": ("heartbeat",) + packet.words}, {"own": 0x4444})))
    if isinstance(packet, Dccp):
        return dataclasses.replace(packet, **random.choice((
            {"seq": packet.seq + 100}, {"seq": 1 << 47}, {"ack": 1}, {"type": "reset"}, {"lies": ("type",)},
            {"lies": ("coverage",)})))
    if isinstance(packet, Gre):
        return dataclasses.replace(packet, **random.choice((
            {"version": 1}, {"version": 2}, {"flags": 0xffff & ~7}, {"key": 9}, {"flags": packet.flags ^ 0x80})))
    return packet


def perturb(random, packets, family, harshness, forged=True):
    """harshness: the part of the packets to which something happens. forged: also what no network does by itself."""
    result = []
    for packet in packets:
        if random.random() >= harshness:
            result.append(packet)
            continue
        # honest ends know what the router sees; their own network loses
        dice = random.random() if forged else 0.1 + random.random() * 0.35
        if dice < 0.1:
            continue
        if dice < 0.2:
            result += [packet, packet]
        elif dice < 0.45:
            result += [packet, error_about(random, packet, family)]
        elif dice < 0.5:
            result += [packet, error_about(random, packet, family, packet.side)]
        elif dice < 0.6:
            result.insert(random.randrange(len(result) + 1), packet)
        elif dice < 0.8:
            result.append(change(random, packet))
        else:
            # forged beside the true one
            result += [change(random, packet), packet]
    return result
