# SPDX-License-Identifier: GPL-2.0
"""The sequence space of a TCP connection, as the packets of a sequence have it. Numbers as in Segment."""
from packet import MASK, OTHER, Segment

# What lies further back is not this connection's: the window of RFC 7323 is a quarter of it.
LONG_SINCE = 1 << 24
HEADER = 20


def after(one, other):
    """Is one number later than the other?"""
    return 0 < (one - other & MASK) < 1 << 31


def is_from(number, first):
    """Is it the first one, or not much later?"""
    return (number - first & MASK) < LONG_SINCE


def data_of(segment):
    """Options that the header's length leaves out are data."""
    if segment.offset < 5:
        return segment.payload
    return segment.payload + len(segment.option_bytes({"client": 0, "server": 0})) - (segment.offset * 4 - 20)


def end_of(segment):
    return segment.seq + data_of(segment) + ("S" in segment.flags) + ("F" in segment.flags)


def is_readable(segment):
    return segment.offset < 0 or segment.offset >= 5 and data_of(segment) >= 0


def segments(packets, side=None, flags=""):
    """Those that are readable, of the connection itself."""
    return [packet for packet in packets if isinstance(packet, Segment) and packet.side in (side or packet.side) and
            set(flags) <= set(packet.flags) and
            not (0 < packet.cut < HEADER or packet.port) and is_readable(packet)]


def scale(packets, side):
    """How far that side's windows are shifted, if it is known."""
    values = [[dict(packet.options).get("wscale") for packet in segments(packets, each, "S")][-1:] or [None]
              for each in (side, OTHER[side])]
    return 0 if [None] in values else values[0][0]


def limits(packets, side):
    """Up to where the other side's windows have let this one send, but for those of SYNs."""
    shift = scale(packets, OTHER[side])
    for packet in segments(packets, OTHER[side], "A"):
        yield packet.ack + max(1, packet.window << (0 if "S" in packet.flags else shift))


def overshoots(packets, segment):
    """Does it begin behind all windows that were offered? Before the first ACK there is none."""
    return not any(after(limit, segment.seq) for limit in limits(packets, segment.side))


def sent(packets, side, number):
    """Has this side sent what ends with this number?"""
    return any((end_of(packet) - number) & MASK == 0 for packet in segments(packets, side))


def acknowledged(packets, side, number):
    """Has the other side acknowledged what ends with this number, not long since?"""
    return any(is_from(packet.ack, number) for packet in segments(packets, OTHER[side], "A"))
