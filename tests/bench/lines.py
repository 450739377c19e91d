# SPDX-License-Identifier: GPL-2.0
"""Which cache lines of what a tracker keeps of a flow a packet touches, and what one costs that is in no cache."""
import statistics

from load import Load, Traffic, links, rules
from namespace import namespace
from packets import all_passed, tracked
from tracker import loaded, settle

PACKETS = 100000
# With either tracker; the line behind them is not the flow's, and no packet touches it.
LINES = 4
# Less of what the dearest costs is none.
TOUCHED = 0.25


def without(load, line):
    """Of packets before each of which that line left the caches, the median, in ns."""
    result = load.data(PACKETS, chunk=1, evict=line)
    all_passed(result)
    return result["p50"]


def lines(tracker, _counted, work, protocol):
    """lines: how many are touched; line: what one of these costs that is in no cache."""
    with loaded(tracker, 1), namespace():
        settle()
        links()
        traffic = Traffic(protocol)
        rules(traffic)
        with Load(traffic, 1) as load:
            load.establish(0, 1)
            tracked(1)
            load.data(PACKETS)
            cached = without(load, LINES + 1)
            costs = [without(load, line) - cached for line in range(1, LINES + 1)]
    if max(costs) <= 0:
        raise RuntimeError("no line costs anything: %s" % costs)
    touched = [cost for cost in costs if cost > TOUCHED * max(costs)]
    if work == "line":
        return statistics.mean(touched), "ns", {"costs": costs}
    return len(touched), "lines", {"costs": costs}
