# SPDX-License-Identifier: GPL-2.0
"""Network namespaces of this process."""
import ctypes
import os
from contextlib import contextmanager

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
FIRST = os.open("/proc/1/ns/net", os.O_RDONLY)


def check(result):
    if result:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def leave():
    """For the first one."""
    check(LIBC.setns(FIRST, CLONE_NEWNET))


@contextmanager
def namespace():
    """Inside is a new one; it is gone when nothing refers to it any more."""
    check(LIBC.unshare(CLONE_NEWNET))
    try:
        yield
    finally:
        leave()


@contextmanager
def inside(file):
    """Inside it is the namespace that an open file stands for."""
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        check(LIBC.setns(file, CLONE_NEWNET))
        try:
            yield
        finally:
            check(LIBC.setns(before, CLONE_NEWNET))
    finally:
        os.close(before)
