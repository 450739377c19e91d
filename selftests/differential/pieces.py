# SPDX-License-Identifier: GPL-2.0
"""Sequences of datagrams in fragments, all of one datagram in a step."""
import dataclasses
import struct

from packet import Datagram, Packet
from packets import FRAGMENT

# fragments
MORE = 1 << 13


def pieces_of(frame, spans, identification):
    """spans: (first octet, octet behind, is there more?), which need not fit each other."""
    if frame[0] >> 4 == 6:
        header, body = frame[:40], frame[40:]
        for start, stop, more in spans:
            part = struct.pack("!BBHI", header[6], 0, start | more, identification) + body[start:stop]
            yield header[:4] + struct.pack("!HB", len(part), FRAGMENT) + header[7:] + part
        return
    size = (frame[0] & 15) * 4
    header, body = frame[:size], frame[size:]
    for start, stop, more in spans:
        part = body[start:stop]
        place = more * MORE | start // 8
        said = header[:2] + struct.pack("!HHH", size + len(part), identification, place) + header[8:10]
        yield with_sum(said + b"\0\0" + header[12:]) + part


def with_sum(header):
    total = sum(struct.unpack("!%dH" % (len(header) // 2), header))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return header[:10] + struct.pack("!H", ~total & 0xffff) + header[12:]


@dataclasses.dataclass(frozen=True)
class Fragments(Packet):
    """about: what is sent in fragments. spans: see pieces_of()."""
    about: Datagram
    spans: tuple

    def build(self, flow, isn):
        return self.about.build(flow, isn)

    def pieces(self, frame, flow):
        return list(pieces_of(frame, self.spans, flow.identifier))

    def kind(self):
        return self.about.kind() + " in fragments"

    def text(self):
        return "%s, in fragments: %s" % (self.about.text(), ", ".join(
            "%d to %d%s" % (start, stop, " and more" if more else "") for start, stop, more in self.spans))


def spans_of(random, length):
    cuts = sorted({random.randrange(8, length, 8) for _ in range(random.choice((1, 1, 2, 3)))})
    spans = [(start, stop, stop != length) for start, stop in zip([0] + cuts, cuts + [length])]
    dice = random.random()
    if dice < 0.2:
        random.shuffle(spans)
    elif dice < 0.3:
        spans.insert(random.randrange(len(spans)), random.choice(spans))
    elif dice < 0.45:
        spans.pop(random.randrange(len(spans)))
    elif dice < 0.65:
        # it overlaps
        at = random.randrange(len(spans))
        start, stop, more = spans[at]
        spans.insert(random.randrange(len(spans) + 1), random.choice((
            (max(0, start - 8), stop, more), (start, min(stop + 8, length), more), (start, stop + 8, not more),
            (0, length, False))))
    elif dice < 0.7:
        # beyond what can be
        spans.append((65528, 65536, True))
    return tuple(spans)


def generate(random, length):
    packets = []
    for _ in range(length):
        payload = random.choice((16, 33, 100, 1200))
        whole = Datagram(random.choice(("client", "client", "server")), payload=payload)
        packets.append(whole if random.random() < 0.2 else Fragments(whole.side, whole, spans_of(random, payload + 8)))
    return packets
