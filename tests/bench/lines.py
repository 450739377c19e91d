# SPDX-License-Identifier: GPL-2.0
"""Which cache lines of what a tracker keeps of a flow a packet waits for, and what one costs that is in no cache."""
import statistics

from load import Load, Traffic, links, rules
from namespace import namespace
from packets import all_passed, tracked
from tracker import loaded, settle

RUNS, PACKETS = 9, 20000
# With either tracker; the line behind them is not the flow's, and no packet touches it.
LINES = 4
# Less of what the dearest costs: it is not touched, or was asked for so early that nothing waits.
WAITED = 0.25


def mean(load, line):
    """Of packets before each of which that line left the caches, in ns; the clock's steps are too long for a median."""
    result = load.data(PACKETS, chunk=1, evict=line)
    all_passed(result)
    return result["ns"] / PACKETS


def costs_of(load):
    """What each line costs that is in no cache. Measured in turn, and of all turns the least disturbed."""
    runs = [[mean(load, line) for line in range(1, LINES + 2)] for _ in range(RUNS)]
    *lacking, cached = map(min, zip(*runs))
    return [lack - cached for lack in lacking]


def lines(tracker, _counted, work, protocol):
    """lines: how many are waited for; line: what one of these costs that is in no cache."""
    with loaded(tracker, 1), namespace():
        settle()
        links()
        traffic = Traffic(protocol)
        rules(traffic)
        with Load(traffic, 1) as load:
            load.establish(0, 1)
            tracked(1)
            load.data(PACKETS)
            costs = costs_of(load)
    if max(costs) <= 0:
        raise RuntimeError("no line costs anything: %s" % costs)
    waited = [cost for cost in costs if cost > WAITED * max(costs)]
    if work == "line":
        return statistics.mean(waited), "ns more", {"costs": costs}
    return len(waited), "lines", {"costs": costs}
