# SPDX-License-Identifier: GPL-2.0
"""IPv6 extension headers in front of a datagram that is masqueraded.

extensions.py CLIENT ROUTER SERVER - the namespaces of topology_router.
"""
import itertools
import struct
import sys

import cases
from cases import case, equal
from fragments import Path
from packets import (DESTINATION_OPTIONS, HOP_BY_HOP, NO_NEXT_HEADER, ROUTING, UDP, checksum,
                     datagram, ip, packed)
from quotes import HOST, Packet, text_of

CLIENT, _, _, SERVER, _, OUTSIDE = HOST[True]
FINAL = "fd00:9::9"
PADDING = struct.pack("!BB4x", 1, 4)
HOP, OPTIONS = (HOP_BY_HOP, PADDING), (DESTINATION_OPTIONS, PADDING)
ports = itertools.count(4000)


def routing(left):
    """A segment routing header (RFC 8754) whose last segment is FINAL."""
    return ROUTING, struct.pack("!BBBBH", 4, left, 0, 0, 0) + packed(FINAL)


def behind(headers, transport):
    """headers: the number of each, and what follows its length."""
    numbers = [number for number, _ in headers] + [UDP]
    chain = b"".join(struct.pack("!BB", following, (len(rest) + 2) // 8 - 1) + rest
                     for following, (_, rest) in zip(numbers[1:], headers))
    return ip(CLIENT, SERVER, numbers[0], chain + transport)


def sum_is_right(packet, destination):
    pseudo = packet.source + packed(destination) + struct.pack("!II", len(packet.payload), UDP)
    return not checksum(pseudo + packet.payload)


def arrives(path, text, headers, final=SERVER):
    """final: whose address is in the pseudo header, RFC 8200 section 8.1."""
    sent = behind(headers, datagram(CLIENT, next(ports), final, 53, b"hello"))
    path.send([sent])
    found = path.to_server.take(lambda data: Packet(data).protocol == UDP)
    if not found:
        case(False, text, "nothing arrives")
        return
    came = Packet(found)
    equal("%s: it is translated" % text, OUTSIDE, text_of(came.source))
    case(sum_is_right(came, final), "%s: its checksum is right" % text, came.data.hex())
    equal("%s: and is as it was before" % text,
          sent[40:came.length].hex(), came.data[40:came.length].hex())


def refused(path, text, packet, reason):
    before = path.reason(reason)
    path.send([packet])
    # it goes on, to where rules may look at it
    path.to_server.take(lambda data: Packet(data).source == packed(CLIENT))
    equal("%s: %s" % (text, reason), before + 1, path.reason(reason))


def main():
    path = Path(*sys.argv[1:4])
    cases.group = "IPv6"
    arrives(path, "hop-by-hop options", [HOP])
    arrives(path, "destination options", [OPTIONS])
    arrives(path, "options of both kinds, and again", [HOP, OPTIONS, OPTIONS])
    arrives(path, "a routing header that is used up", [routing(0)])
    arrives(path, "a routing header that goes on", [routing(1)], FINAL)
    arrives(path, "the same among options", [HOP, OPTIONS, routing(1), OPTIONS], FINAL)
    refused(path, "a routing header that is used up, and the sum of another address",
            behind([routing(0)], datagram(CLIENT, 99, FINAL, 53, b"wrong")), "checksum")
    nothing = behind([OPTIONS], b"")[:40] + struct.pack("!BB", NO_NEXT_HEADER, 0) + PADDING
    refused(path, "options, and no next header", nothing, "ip_extension")


if __name__ == "__main__":
    main()
