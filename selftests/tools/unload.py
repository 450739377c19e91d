# SPDX-License-Identifier: GPL-2.0
"""unload.py MODULE: tries for a second to unload it, from when a function of ctrack gets a probe.

Programs that look and unload, one after the other, are too slow to meet a session that is just
beginning. Prints "waiting", then "unloaded" or the last error.
"""
import ctypes
import errno
import os
import sys
import time

PROBES = "/sys/kernel/debug/kprobes/list"
LIBC = ctypes.CDLL(None, use_errno=True)


def is_probed():
    with open(PROBES, "rb") as probes:
        return b"ctrack_" in probes.read()


def main():
    print("waiting", flush=True)
    while not is_probed():
        pass
    end = time.monotonic() + 1
    while LIBC.delete_module(sys.argv[1].encode(), os.O_NONBLOCK):
        if time.monotonic() > end:
            print(errno.errorcode[ctypes.get_errno()], flush=True)
            return
    print("unloaded", flush=True)


if __name__ == "__main__":
    main()
