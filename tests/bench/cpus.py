# SPDX-License-Identifier: GPL-2.0
"""Two processors: what they get done together, and what one does to the other's packets."""
import os
import statistics
import threading
import time
from contextlib import contextmanager

from load import RULE, UNTRACKED, Load, Traffic, links, rules
from namespace import namespace
from packets import CHUNK, all_passed, all_touched, in_use, tracked
from tracker import get, loaded, settle

DATA = 2000000
# How often both are measured, in turns: what else the computer does lasts longer than that.
REPEATS = 3
SLICE = 100000
NEW = 200000


class Worker(threading.Thread):
    """Does something on one processor, and has what comes of it."""

    def __init__(self, cpu, barrier, function):
        super().__init__()
        self.cpu, self.barrier, self.function = cpu, barrier, function
        self.result = self.error = None

    def run(self):
        os.sched_setaffinity(0, {self.cpu})
        try:
            self.barrier.wait()
            self.result = self.function()
        except Exception as error:  # pylint: disable=broad-except
            self.error = error


def together(*functions):
    barrier = threading.Barrier(len(functions))
    workers = [Worker(cpu, barrier, function) for cpu, function in enumerate(functions)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.error:
            raise RuntimeError("CPU %d: %s" % (worker.cpu, worker.error))
    return [worker.result for worker in workers]


def rate(results):
    """Packets in a microsecond of all of them."""
    return sum(CHUNK * 1000 / result["p50"] for result in results)


def disturbed(results):
    """The part of the time that something else took, on the processor that had most of that."""
    return round(max(1 - result["p50"] * result["chunks"] / result["ns"] for result in results), 2)


@contextmanager
def two_loads(tracker, flows, traffics, rule=RULE):
    with loaded(tracker, 4 * flows), namespace():
        settle()
        links()
        rules(traffics[0], rule=rule)
        with Load(traffics[0], flows) as first, Load(traffics[1], flows) as second:
            yield first, second


def compared(ones, twos):
    """The median of what each two that follow each other say."""
    everything = sum(ones + twos, [])
    for result in everything:
        all_passed(result)
    times = [rate(two) / rate(one) for one, two in zip(ones, twos)]
    return statistics.median(times), "times", {"disturbed": disturbed(everything), "all": times}


def data(loads):
    ones, twos = [], []
    for _ in range(REPEATS):
        ones.append(together(lambda: loads[0].data(DATA, chunk=CHUNK)))
        twos.append(together(*[lambda load=load: load.data(DATA, chunk=CHUNK) for load in loads]))
    return compared(ones, twos)


def established(tracker, flows, bases):
    with two_loads(tracker, flows, [Traffic("udp4", base=base) for base in bases]) as loads:
        for load in loads:
            load.establish(0, flows)
            in_use(load)
        return data(loads)


def touched(tracker):
    """No tracker, but the least that one has to touch for a packet, of one flow."""
    with two_loads(tracker, 1, [Traffic("udp4", touch=1)] * 2, UNTRACKED) as loads:
        for load in loads:
            all_touched(load.data(CHUNK))
        return data(loads)


def new(tracker):
    """From the same number of connections to the same number: what one costs depends on how many there are."""
    traffics = [Traffic("udp4", translated=True, base=base, servers=1) for base in (0, 10000)]
    ones, twos = [], []
    for _ in range(REPEATS):
        with two_loads(tracker, 3 * NEW, traffics) as (load, _):
            load.open(0, NEW)
            ones.append(together(lambda load=load: load.open(NEW, 2 * NEW, chunk=CHUNK)))
        with two_loads(tracker, 3 * NEW, traffics) as loads:
            loads[0].open(0, NEW)
            twos.append(together(*[lambda load=load: load.open(NEW, NEW, chunk=CHUNK) for load in loads]))
    return compared(ones, twos)


PAIRS = {
    "different_flows": lambda tracker: established(tracker, 1000, (0, 1000)),
    "one_flow": lambda tracker: established(tracker, 1, (0, 0)),
    "one_destination": new,
    "touched": touched,
}


def scale(tracker, _counted, _work, what):
    """How many times as much two processors do as one."""
    return PAIRS[what](tracker)


def background():
    """A namespace of its own, in which packets are forwarded."""
    traffic = Traffic("udp4")
    with namespace():
        settle()
        links()
        rules(traffic)
        load = Load(traffic, 1000)
        load.establish(0, 1000)
        load.data(20000)
    return load


def worst(load):
    """The slice of those packets whose p99 is highest, but for one that the computer itself may have disturbed."""
    slices = [together(lambda: load.data(SLICE, chunk=4))[0] for _ in range(2 * DATA // SLICE)]
    return sorted(slices, key=lambda result: result["p99"])[-2]


def removal(tracker, _counted, _work, flows):
    """p99 of packets while another namespace is removed that has many connections, by what it is while all is quiet."""
    flows = int(flows)
    with loaded(tracker, flows):
        with background() as load:
            with namespace():
                settle()
                links()
                rules(Traffic("udp4"))
                doomed = Load(Traffic("udp4"), flows)
                doomed.establish(0, flows)
                tracked(flows)
            quiet = worst(load)
            removed = threading.Timer(0.2, doomed.close)
            removed.start()
            busy = worst(load)
            removed.join()
    return busy["p99"] / quiet["p99"], "times", {"quiet": quiet, "busy": busy}


PORTS = 65536 - 1024


def opened_until(load, count):
    """Some are refused by those who do not find the free ports: until there are as many."""
    first = 0
    while get("count") < count:
        missing = min(count - get("count"), load.flows - first)
        if missing <= 0:
            raise RuntimeError("%d connections of %d flows" % (get("count"), first))
        load.open(first, missing)
        first += missing
    return first


def choice(tracker, counted, percent):
    """What a new connection costs when so much of the one address's ports to the one server is taken."""
    traffic = Traffic("udp4", translated=True, servers=1)
    taken = PORTS * percent // 100
    with loaded(tracker, PORTS), namespace():
        settle()
        links()
        rules(traffic, "203.0.113.1")
        with Load(traffic, 4 * PORTS) as load:
            first = opened_until(load, taken)
            result = load.open(first, 320, chunk=16)
            empty = load.open(first, 320, chunk=16, hooks=0)
    if counted:
        return (result["cycles"] - empty["cycles"]) / 320, result
    return (result["p50"] - empty["p50"]) / 16, result


def ports(tracker, counted, _work):
    """With 99% of the ports taken, by what it is with 1%."""
    few, _ = choice(tracker, counted, 1)
    many, result = choice(tracker, counted, 99)
    return many / few, "times", {"few": few, "many": many, "refused": result["packets"] - result["passed"]}
