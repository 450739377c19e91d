#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""write_as_it_leaves FILE VALUE: writes to a sysctl of a namespace that has nobody left, until it is gone."""
import ctypes
import os
import sys
import time

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def enter(result):
    if result:
        raise OSError(ctypes.get_errno(), "no other namespace")


def main(name, value):
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    enter(libc.unshare(CLONE_NEWNET))
    file = os.open(name, os.O_WRONLY)
    enter(libc.setns(home, CLONE_NEWNET))
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            os.pwrite(file, value.encode(), 0)
        except OSError:
            return 0
    return "it does not leave"


sys.exit(main(*sys.argv[1:]))
