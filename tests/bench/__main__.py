# SPDX-License-Identifier: GPL-2.0
"""Runs in the virtual machine: measures what each word says, and prints a line of JSON for each result.

`counted` has instructions counted instead of time; rounds=N repeats the words that follow; what else a word says
is WORK/ARGUMENT/..., a line of ROWS.
"""
import json
import mmap
import sys
import time
import traceback

import cpus
import forward
import lines
import packets
import resize
import tables
import tracing
from tracker import command, trackers_of

ROWS = {
    "established": packets.measure,
    "established_translated": packets.measure,
    "new": packets.measure,
    "new_translated": packets.measure,
    "dropped": packets.measure,
    "untracked": packets.measure,
    "touched": packets.measure,
    "forwarded": forward.forwarded,
    "forwarded_untracked": forward.forwarded,
    "lines": lines.lines,
    "line": lines.lines,
    "fill": tables.fill,
    "longest": tables.longest,
    "ports": cpus.ports,
    "moved": resize.moved,
    "tracing": tracing.tracing,
    "memory": tables.memory,
    "memory_all": tables.memory,
    "dump": tables.dump,
    "dump_conntrack": tables.dump,
    "delete": tables.delete,
    "delete_conntrack": tables.delete,
    "idle": tables.idle,
    "lateness": tables.lateness,
    "scale": cpus.scale,
    "removal": cpus.removal,
}


def measure(word, number, counted):
    """With both trackers, each of them first in its turn; or with the only one that does it."""
    arguments = word.split("/")
    for name in trackers_of(word) if number % 2 else reversed(trackers_of(word)):
        began = time.monotonic()
        try:
            value, unit, details = ROWS[arguments[0]](name, counted, *arguments)
        except RuntimeError as error:
            raise RuntimeError("with %s: %s" % (name, error)) from None
        print(json.dumps({"row": word, "tracker": name, "value": value, "unit": unit,
                          "took": round(time.monotonic() - began, 1), "details": details}), flush=True)


def touch_memory(size):
    """User-mode Linux has its memory from the computer page by page, as it writes to it. Whoever came first would pay."""
    with mmap.mmap(-1, size) as memory:
        for page in range(0, size, mmap.PAGESIZE):
            memory[page] = 1


def main(words):
    count, failed = 1, False
    counted = "counted" in words
    if not counted:
        touch_memory(3 << 30)
    command("modprobe", "-a", "hookload", "dummy")
    for word in words:
        if word.startswith("rounds="):
            count = int(word[7:])
        elif word != "counted":
            try:
                for number in range(count):
                    measure(word, number, counted)
            except (RuntimeError, OSError, KeyError):
                print("# %s: %s" % (word, traceback.format_exc(-1).strip().replace("\n", "\n# ")), flush=True)
                failed = True
    return failed


sys.exit(main(sys.argv[1:]))
