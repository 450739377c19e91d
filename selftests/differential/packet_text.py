# SPDX-License-Identifier: GPL-2.0
"""IP packets in words."""
import socket
import struct

import packets
from packets import FRAGMENT, ICMP, ICMPV6, TCP, UDP, UDPLITE
from transports import DCCP, SCTP

DESTINATION_OPTIONS = 60
WITH_PORTS = (TCP, UDP, UDPLITE, SCTP, DCCP)
CHECKSUM_AT = {TCP: 16, UDP: 6, UDPLITE: 6, ICMP: 2, ICMPV6: 2}


def is_v4(packet):
    return packet[0] >> 4 == 4


def split(packet):
    """(source, destination, protocol, transport) of an IP packet, or as much as there is of one."""
    if is_v4(packet):
        family, addresses, protocol, header = socket.AF_INET, packet[12:20], packet[9], (packet[0] & 15) * 4
        if packet[6] & 0x1f or packet[7]:
            # it does not start with a header
            protocol = FRAGMENT
    else:
        family, addresses, protocol, header = socket.AF_INET6, packet[8:40], packet[6], 40
        if protocol == DESTINATION_OPTIONS and len(packet) >= 48:
            protocol, header = packet[40], 48
        if protocol == FRAGMENT and len(packet) >= header + 8 and packet[header + 2:header + 4] < b"\0\10":
            # the first one
            protocol, header = packet[header], header + 8
    half = len(addresses) // 2
    return socket.inet_ntop(family, addresses[:half]), socket.inet_ntop(family, addresses[half:]), protocol, \
        packet[header:]


def checksum_is_right(packet):
    source, destination, protocol, message = split(packet)
    place = CHECKSUM_AT.get(protocol)
    if place is None or len(message) < place + 2 or protocol in (UDP, UDPLITE) and message[6:8] == b"\0\0":
        return True
    return packets.with_checksum(source, destination, protocol, message[:place] + b"\0\0" + message[place + 2:],
                                 place) == message


def with_port(address, port):
    return ("[%s]:%d" if packets.is_v6(address) else "%s:%d") % (address, port)


def ends(packet):
    """Source and destination, with ports where there are such."""
    source, destination, protocol, message = split(packet)
    if protocol in WITH_PORTS and len(message) >= 4:
        sport, dport = struct.unpack_from("!HH", message)
        return with_port(source, sport), with_port(destination, dport)
    return source, destination


def ports(packet):
    """Of the packet and of one that it quotes; of ICMP queries the identifier."""
    protocol, message = split(packet)[2:]
    if protocol in WITH_PORTS and len(message) >= 4:
        return struct.unpack_from("!HH", message)
    inner = quoted(packet)
    if inner:
        return ports(inner)
    if protocol in (ICMP, ICMPV6) and len(message) >= 6 and message[0] in (0, 8, 13, 14, 15, 16, 17, 18, 128, 129):
        return struct.unpack_from("!H", message, 4)
    return ()


def message_text(packet):
    protocol, message = split(packet)[2:]
    if protocol == TCP and len(message) >= 14:
        flags = "".join(letter for letter, bit in packets.FLAGS.items() if message[13] & bit)
        return "tcp %s" % flags
    if protocol in (ICMP, ICMPV6) and len(message) >= 8:
        return "icmp type %d code %d id %d seq %d" % (message[0], message[1], *struct.unpack_from("!HH", message, 4))
    names = {UDP: "udp", UDPLITE: "udplite", SCTP: "sctp", DCCP: "dccp", FRAGMENT: "fragment"}
    return names.get(protocol, "protocol %d" % protocol)


def quoted(packet):
    """The packet that an ICMP error quotes, if it is one."""
    protocol, message = split(packet)[2:]
    errors = {ICMP: (3, 4, 5, 11, 12), ICMPV6: range(1, 128)}.get(protocol, ())
    if len(message) > 28 and message[0] in errors or protocol == ICMPV6 and message[:1] == b"\x89":
        if len(message) >= 8 + (20 if is_v4(packet) else 40):
            return message[8:]
    return b""


def packet_text(packet):
    said = "%s > %s %s" % (*ends(packet), message_text(packet))
    inner = quoted(packet)
    if inner:
        said += " [%s > %s]" % ends(inner)
    return said + ("" if checksum_is_right(packet) else " checksum wrong")
