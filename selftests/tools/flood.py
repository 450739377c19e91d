# SPDX-License-Identifier: GPL-2.0
"""flood.py NS SOURCES DESTINATION DPORT [FLOWS [PROCESSES]]: datagrams of many flows, fast.

SOURCES: IPv4 addresses, comma-separated. A flow is a source address and port; without FLOWS it
goes on until it is killed, whatever happens to the network. Prints how many were sent.
"""
import os
import socket
import struct
import sys
import time

from namespace import open_socket
from packets import UDP, ip


def flood(sock, source, destination, dport, ports):
    """No checksum, which UDP over IPv4 may do without: only the port changes."""
    packet = bytearray(ip(source, destination, UDP, struct.pack("!HHHH", 0, dport, 8, 0)))
    to = destination, 0
    sent = 0
    for port in ports:
        struct.pack_into("!H", packet, 20, port)
        try:
            sock.sendto(packet, to)
            sent += 1
        except OSError:
            # there is no way just now
            time.sleep(0.01)
    return sent


def main():
    namespace, sources, destination, dport = sys.argv[1:5]
    sources = sources.split(",")
    flows = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    processes = int(sys.argv[6]) if len(sys.argv) > 6 else 1
    sock = open_socket(namespace, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    each = flows // processes or 10000
    children = []
    for number in range(1, processes):
        child = os.fork()
        if not child:
            break
        children.append(child)
    else:
        number = 0
    source = sources[number % len(sources)]
    first = 1024 + number // len(sources) * each
    while not flows:
        flood(sock, source, destination, int(dport), range(first, first + each))
    sent = flood(sock, source, destination, int(dport), range(first, first + each))
    if len(children) < processes - 1:
        os._exit(0)
    for child in children:
        os.waitpid(child, 0)
    print(sent * processes)


if __name__ == "__main__":
    main()
