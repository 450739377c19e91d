# SPDX-License-Identifier: GPL-2.0
"""What many connections cost as a whole: memory, listing, deleting, filling, keeping them."""
import glob
import os
import tempfile
import time
from contextlib import contextmanager

from load import Load, Traffic, links, rules
from namespace import namespace
from packets import all_passed, tracked
from tracker import command, get, loaded, put, settle, wait_until

# How often memory is looked at until what is free before and after is the same but for a part.
MEMORY_TRIES = 4
MEMORY_AGREES = 0.02
# What the load itself keeps of a translated flow, see struct load_end.
LOAD_END = 20


@contextmanager
def filled(tracker, flows, protocol="udp4", translated=False, spare=0, **settings):
    """Inside there are as many established connections; the load has room for some more."""
    traffic = Traffic(protocol, translated=translated)
    with loaded(tracker, flows + spare), namespace():
        settle(**settings)
        links()
        rules(traffic)
        with Load(traffic, flows + spare) as load:
            if flows:
                load.establish(0, flows)
            tracked(flows)
            yield load


def free_memory_now():
    command("sync")
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("3")
    time.sleep(3)
    with open("/proc/meminfo", encoding="ascii") as file:
        lines = dict(line.split(":") for line in file)
    return int(lines["MemFree"].split()[0]) * 1024


def free_memory():
    """In octets, when nothing is left to be freed: what came before may take a while to go."""
    before = free_memory_now()
    for _ in range(40):
        now = free_memory_now()
        if abs(now - before) <= 1 << 20:
            return now
        before = now
    raise RuntimeError("free memory does not settle")


def memory(tracker, _counted, work, flows):
    """Of a connection, its part of the table included; memory_all has all on that can be."""
    flows, everything = int(flows), work == "memory_all"
    settings = {"acct": 1, "timestamp": 1} if everything else {}
    # what is there from the first time on is not the connections'
    with filled(tracker, 1000):
        pass
    for _ in range(MEMORY_TRIES):
        before = free_memory()
        with filled(tracker, flows, translated=everything, **settings):
            during = free_memory()
        after = free_memory()
        # else what was there before has gone meanwhile, or something has come
        if abs(after - before) < MEMORY_AGREES * (before - during):
            break
    else:
        raise RuntimeError("of %d octets %d were free again" % (before - during, after - during))
    used = before - during
    return used / flows - everything * LOAD_END, "octets", {"used": used}


def timed(*words):
    """How long it takes, and how many lines it writes to a file."""
    with tempfile.NamedTemporaryFile() as listing:
        began = time.monotonic()
        command("sh", "-c", " ".join(words) + " >%s 2>/dev/null" % listing.name)
        return time.monotonic() - began, int(command("wc", "-l", listing.name).split()[0])


def dump(tracker, _counted, work, flows):
    """dump: each by its own program, in the same format. dump_conntrack: both by conntrack."""
    own = tracker == "ctrack" and work == "dump"
    with filled(tracker, int(flows)):
        took, lines = timed(*(("ctctl", "list", "-o", "conntrack") if own else ("conntrack", "-L")))
    if not int(flows) <= lines <= int(flows) + 10:
        raise RuntimeError("%d lines, not %s" % (lines, flows))
    return took, "s", {"lines": lines}


def delete(tracker, _counted, work, flows):
    """All of one source address; delete: each by its own program, delete_conntrack: both by conntrack."""
    own = tracker == "ctrack" and work == "delete"
    with filled(tracker, int(flows)):
        took, _ = timed(*(("ctctl", "delete", "src", "10.0.1.7") if own else ("conntrack", "-D", "-s", "10.0.1.7")))
        tracked(int(flows) - 50)
    return took, "s", {}


def fill(tracker, counted, _work, protocol, flows):
    """A new connection while a table grows from empty: all that runs meanwhile, in or out of a packet's way."""
    flows = int(flows)
    with filled(tracker, 0, protocol, spare=flows) as load:
        result = load.open(0, flows, chunk=1)
        all_passed(result)
        time.sleep(0.1)
        empty = load.open(0, flows, chunk=1, hooks=0)
    return (result["elapsed"] - empty["elapsed"]) / flows, "instructions" if counted else "ns", result


def longest(tracker, counted, _work, protocol, flows):
    """The packet that took longest while the table grew from empty."""
    flows = int(flows)
    with filled(tracker, 0, protocol, spare=flows) as load:
        result = load.open(0, flows, chunk=1)
        all_passed(result)
    return result["max"], "instructions" if counted else "ns", result


def kernel_times():
    """In seconds, by thread of the kernel's own."""
    times = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="ascii") as file:
                name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if name.startswith(("kworker", "ksoftirqd")):
            fields = rest.split()
            # not a thread that has got the number of another
            thread = path, fields[19]
            times[thread] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return times


def idle(tracker, _counted, _work, flows):
    """CPU time of the kernel's threads in a minute in which nothing happens."""
    with filled(tracker, int(flows)):
        time.sleep(3)
        began = kernel_times()
        time.sleep(60)
        # one that has ended meanwhile is not there to tell
        used = sum(took - began.get(thread, 0) for thread, took in kernel_times().items())
        tracked(int(flows))
    return used * 1000, "ms/min", {}


def lateness(tracker, _counted, _work, flows):
    """How long after its timeout the last of 1,000 is still there, among many idle ones."""
    flows, timeout = int(flows), 5
    with filled(tracker, flows, spare=1000) as load:
        put("udp_timeout", timeout)
        load.open(flows, 1000)
        over = time.monotonic() + timeout
        tracked(flows + 1000)
        wait_until(lambda: get("count") <= flows + 10, 240)
        late = time.monotonic() - over
    return max(late, 0), "s", {}
