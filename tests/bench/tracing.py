# SPDX-License-Identifier: GPL-2.0
"""What tracing costs a packet: while nobody asks, while somebody asks for others, and while it is told."""
import functools
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager

from load import Load, Traffic, links, rules
from namespace import namespace
from packets import CHUNK, all_passed, cost, tracked
from tracker import command, loaded, settle

FLOWS = 1000
# In one run no more than a session has room for; between two, it is read.
RUNS, PACKETS = 21, 512
# Built without tracing, see Kbuild.
UNTRACED = "/bench/untraced/ctrack.ko"
# What is asked for: all packets go to or come from port 443.
SESSIONS = {"off": ("dport", "1"), "unmatched": ("dport", "1"), "matched": ("dport", "443")}


def per_packet(load):
    """Instructions: the median of some runs, so that a tick of the clock is no part of it."""
    runs = []
    for _ in range(RUNS):
        first = load.next
        result = load.data(PACKETS, chunk=CHUNK)
        all_passed(result)
        runs.append(cost(result, load.data(PACKETS, first=first, hooks=0, chunk=CHUNK), True))
        time.sleep(0.2)
    return statistics.median(runs)


@contextmanager
def established():
    """Inside there are connections; the load is theirs."""
    with loaded("ctrack", FLOWS, modules=("ctrack",)), namespace():
        settle()
        links()
        traffic = Traffic("udp4")
        rules(traffic)
        with Load(traffic, FLOWS) as load:
            load.establish(0, FLOWS)
            tracked(FLOWS)
            load.data(FLOWS)
            yield load


@functools.lru_cache(None)
def untraced():
    """Of a packet, with a ctrack that has no tracing."""
    command("modprobe", "-a", *command("modinfo", "-F", "depends", UNTRACED).strip().split(","))
    # what is there is not loaded again, and is unloaded by its name
    command("insmod", UNTRACED)
    with established() as load:
        return per_packet(load)


@contextmanager
def session(told, words):
    """Inside, ctctl traces, into that file."""
    with subprocess.Popen(("ctctl", "trace", *words), stdout=told, stderr=subprocess.PIPE, text=True) as tracer:
        try:
            said = tracer.stderr.readline()
            if said != "ctctl: tracing\n":
                raise RuntimeError("ctctl trace: %s" % said)
            yield
        finally:
            tracer.terminate()
            tracer.wait()


def check_told(told, wanted):
    """What was lost costs less than what is told."""
    told.seek(0)
    count = told.read().count(b"\n")
    if not wanted * 0.99 <= count <= wanted:
        raise RuntimeError("%d packets were told, not %d" % (count, wanted))


def tracing(_tracker, _counted, _work, what):
    """How many instructions more a packet has than with a ctrack without tracing."""
    with established() as load, tempfile.TemporaryFile() as told:
        with session(told, SESSIONS[what]):
            value = per_packet(load)
            time.sleep(1)
        check_told(told, RUNS * PACKETS if what == "matched" else 0)
        if what == "off":
            # as it is when somebody has asked, and asks no more
            value = per_packet(load)
    return round(value - untraced()), "instructions", {"traced": value, "untraced": untraced()}
