# SPDX-License-Identifier: GPL-2.0
"""Two processors: what they get done together, and what one does to the other's packets."""
import os
import threading
import time

from load import Load, Traffic, links, rules
from namespace import namespace
from packets import CHUNK, all_passed, in_use, tracked
from tracker import get, loaded, settle

DATA = 2000000
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


def established_pair(loads):
    for load in loads:
        load.establish(0, load.flows)
        in_use(load)
    one = together(lambda: loads[0].data(DATA, chunk=CHUNK))
    two = together(*[lambda load=load: load.data(DATA, chunk=CHUNK) for load in loads])
    for result in one + two:
        all_passed(result)
    return rate(two) / rate(one), disturbed(one + two)


def new_pair(loads):
    """New ones, from the same number of connections on."""
    one = together(lambda: loads[0].open(0, NEW, chunk=CHUNK))
    two = together(*[lambda load=load: load.open(NEW, NEW, chunk=CHUNK) for load in loads])
    for result in one + two:
        all_passed(result)
    return rate(two) / rate(one), disturbed(one + two)


# The flows of each of the two, and what they do.
PAIRS = {
    "different_flows": (1000, (0, 1000), {}, established_pair),
    "one_flow": (1, (0, 0), {}, established_pair),
    "one_destination": (2 * NEW, (0, 10000), {"servers": 1}, new_pair),
}


def scale(tracker, _counted, _work, what):
    """How many times as much two processors do as one."""
    flows, bases, more, pair = PAIRS[what]
    translated = what == "one_destination"
    with loaded(tracker, 4 * flows), namespace():
        settle()
        links()
        traffics = [Traffic("udp4", translated=translated, base=base, **more) for base in bases]
        rules(traffics[0])
        with Load(traffics[0], flows) as first, Load(traffics[1], flows) as second:
            times, other = pair((first, second))
    return times, "times", {"disturbed": other}


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
