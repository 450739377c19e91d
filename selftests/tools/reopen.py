# SPDX-License-Identifier: GPL-2.0
"""reopen.py FLOWS CLIENT SEEN SERVER CLIENT-NS SERVER-NS: connections that are over, opened anew from two CPUs at once.

SEEN: the address that the server sees of the client, with the same port. Each connection begins
and is reset. Then two processes, one a CPU, wait for each other before each flow and send the SYN
of the next one with the same ports. Nobody answers it.
"""
import mmap
import os
import struct
import sys

from namespace import Injector
from packets import TCP, ip, segment


def tcp(source, sport, destination, dport, *about):
    return ip(source, destination, TCP, segment(source, sport, destination, dport, *about))


def send_all(cpu, namespace, packets, shared):
    """shared: a number for each process, the flow that it is ready for."""
    os.sched_setaffinity(0, {cpu})
    mine, other = 8 * cpu, 8 * (1 - cpu)
    injector = Injector()
    for i, packet in enumerate(packets, 1):
        shared[mine:mine + 8] = struct.pack("=q", i)
        while struct.unpack_from("=q", shared, other)[0] < i:
            pass
        injector.send(namespace, packet)


def main():
    flows, client, seen, server, client_ns, server_ns = sys.argv[1:]
    ports = range(20000, 20000 + int(flows))
    injector = Injector()
    for port in ports:
        injector.send(client_ns, tcp(client, port, server, 80, "S", 1000))
        injector.send(server_ns, tcp(server, 80, seen, port, "RA", 0, 1001))
    shared = mmap.mmap(-1, 4096)
    again = [tcp(client, port, server, 80, "S", 100000) for port in ports]
    child = os.fork()
    send_all(0 if child else 1, client_ns, again, shared)
    if child:
        os.waitpid(child, 0)
    else:
        os._exit(0)


if __name__ == "__main__":
    main()
