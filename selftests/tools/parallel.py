# SPDX-License-Identifier: GPL-2.0
"""parallel.py FLOWS SENDERS SERVER PORT SERVER-NS SENDER-NS: first packets of one flow from two CPUs at once.

SENDERS: addresses, comma-separated; a flow of each of them has the same port. Two processes, one
a CPU, wait for each other before each flow and send one datagram each by the same socket. The
server answers all. Prints how many flows lost a datagram, had two sources, or lost an answer.
"""
import mmap
import os
import select
import socket
import struct
import sys
import time

from namespace import family_of, inside

PATIENCE = 30


def make(namespace, address, port):
    with inside(namespace):
        sock = socket.socket(family_of(address), socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)  # SO_RCVBUFFORCE
    sock.bind((address, port))
    return sock


def send_all(cpu, sockets, shared):
    """shared: a number for each process, the flow that it is ready for."""
    os.sched_setaffinity(0, {cpu})
    mine, other = 8 * cpu, 8 * (1 - cpu)
    for i, sock in enumerate(sockets, 1):
        shared[mine:mine + 8] = struct.pack("=q", i)
        while struct.unpack_from("=q", shared, other)[0] < i:
            pass
        sock.send(b"%d %d" % (i, cpu))


def receive(server, expected):
    """Who sent what, by flow; ends when all is there or nothing comes any more."""
    seen = {}
    while expected and select.select([server], [], [], PATIENCE)[0]:
        data, source = server.recvfrom(100)
        flow, cpu = data.split()
        seen.setdefault(int(flow), []).append((int(cpu), source))
        server.sendto(data, source)
        expected -= 1
    return seen


def answers(sock, expected, deadline):
    """How many came; what is expected may be under way until then."""
    count = 0
    while select.select([sock], [], [], max(0, deadline - time.monotonic()) if count < expected else 0)[0]:
        sock.recv(100)
        count += 1
    return count


def main():
    flows, senders, address, port, server_ns, sender_ns = sys.argv[1:]
    server = make(server_ns, address, int(port))
    senders = senders.split(",")
    sockets = []
    for i in range(int(flows)):
        sock = make(sender_ns, senders[i % len(senders)], 10000 + i // len(senders))
        sock.connect((address, int(port)))
        sockets.append(sock)

    shared = mmap.mmap(-1, 4096)
    child = os.fork()
    if not child:
        send_all(1, sockets, shared)
        os._exit(0)
    send_all(0, sockets, shared)
    os.waitpid(child, 0)

    seen = receive(server, 2 * len(sockets))
    lost = split = unanswered = 0
    deadline = time.monotonic() + PATIENCE
    for i, sock in enumerate(sockets, 1):
        who = seen.get(i, [])
        lost += len({cpu for cpu, _ in who}) != 2
        split += len({source for _, source in who}) > 1
        unanswered += answers(sock, len(who), deadline) != len(who)
    sources = {who[0][1] for who in seen.values()}
    print("%d flows, %d lost, %d split, %d shared, %d unanswered" %
          (len(sockets), lost, split, len(seen) - len(sources), unanswered))


if __name__ == "__main__":
    main()
