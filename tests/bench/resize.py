# SPDX-License-Identifier: GPL-2.0
"""What of a resize is on a packet's way."""
import os
import re
import time
from contextlib import contextmanager

from load import Load, Traffic, links, rules
from namespace import namespace
from packets import all_passed
from tracker import command, loaded, settle

TRACEFS = "/sys/kernel/tracing/"
# The one function that moves buckets. Of both tables, its second and third argument, the order, their first member.
PROBE = "p:bench/replace ctrack:ctrack_table_replace from=+0(%si):u32 to=+0(%dx):u32"
SEEN = re.compile(r"^.*?-(\d+) +\[\d+\].* from=(\d+) to=(\d+)$", re.MULTILINE)
# So many flows remain when a table shrinks.
FEW = 100


def write(file, text, flags=os.O_TRUNC):
    """Not by open(), which seeks: some of these files refuse that."""
    control = os.open(TRACEFS + file, os.O_WRONLY | flags)
    try:
        os.write(control, text.encode())
    finally:
        os.close(control)


@contextmanager
def watched():
    """Inside, resizes are noted."""
    write("kprobe_events", PROBE, os.O_APPEND)
    try:
        write("trace", "")
        write("events/bench/replace/enable", "1")
        yield
    finally:
        write("events/bench/replace/enable", "0")
        write("kprobe_events", "-:bench/replace", os.O_APPEND)


def resizes():
    """Of each: the process on whose behalf it ran, and the orders of both tables."""
    with open(TRACEFS + "trace", encoding="utf-8") as trace:
        return [tuple(map(int, found)) for found in SEEN.findall(trace.read())]


def until(load, happened):
    """Sends packets until then; the worker runs between them."""
    deadline = time.monotonic() + 60
    while not any(happened(*resize[1:]) for resize in resizes()):
        if time.monotonic() > deadline:
            raise RuntimeError("the table was not resized, but so: %s" % resizes())
        load.open(0, FEW, chunk=1)


def moved(_tracker, _counted, _work, protocol, flows):
    """The most buckets that one packet moved, of a table that grew from nothing, and shrank again, under packets."""
    flows = int(flows)
    traffic = Traffic(protocol)
    with loaded("ctrack", flows), watched(), namespace():
        settle()
        links()
        rules(traffic)
        with Load(traffic, flows) as load:
            all_passed(load.open(0, flows, chunk=1))
            until(load, lambda before, after: after > before and flows <= 4 << after)
            command("ctctl", "flush", "all")
            until(load, lambda before, after: after < before)
        seen = resizes()
    # the load's packets are sent by this process, within its writes
    ours = [1 << before for pid, before, _ in seen if pid == os.getpid()]
    workers = [1 << before for pid, before, _ in seen if pid != os.getpid()]
    return max(ours, default=0), "buckets", {"resizes": len(seen), "by_workers": sum(workers)}
