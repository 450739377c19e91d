# SPDX-License-Identifier: GPL-2.0
"""Sockets in another network namespace: they stay there when the process leaves it again."""
import contextlib
import ctypes
import os
import socket

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def enter(fd):
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(name):
    fd = os.open("/run/netns/" + name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter(fd)
        yield
    finally:
        os.close(fd)
        enter(home)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def open_socket(name, family, kind, protocol=0):
    with inside(name):
        return socket.socket(family, kind, protocol)


class Injector:
    """Sends IP packets as they are, lies included. They take the way of the namespace's own."""

    def __init__(self):
        self.sockets = {}

    def send(self, name, packet):
        v6 = packet[0] >> 4 == 6
        key = name, v6
        if key not in self.sockets:
            self.sockets[key] = open_socket(name, socket.AF_INET6 if v6 else socket.AF_INET,
                                            socket.SOCK_RAW, socket.IPPROTO_RAW)
        address = packet[24:40] if v6 else packet[16:20]
        address = socket.inet_ntop(socket.AF_INET6 if v6 else socket.AF_INET, address)
        self.sockets[key].sendto(packet, (address, 0))
