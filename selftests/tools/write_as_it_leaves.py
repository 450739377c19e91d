#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""write_as_it_leaves FILE VALUE: writes to a sysctl of a namespace that has nobody left, until it is gone."""
import ctypes
import os
import sys
import time

from namespace import CLONE_NEWNET, enter, home, libc


def main(name, value):
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    file = os.open(name, os.O_WRONLY)
    enter(home)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            os.pwrite(file, value.encode(), 0)
        except OSError:
            return 0
    return "it does not leave"


sys.exit(main(*sys.argv[1:]))
