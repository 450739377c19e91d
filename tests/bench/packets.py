# SPDX-License-Identifier: GPL-2.0
"""What a packet costs: established, new, dropped, translated or not."""
import time

from load import RULE, UNTRACKED, Load, Traffic, links, rules
from namespace import namespace
from tracker import command, get, loaded, settle


CHUNK = 64
# How many packets are measured: of instructions few are enough, because they repeat.
DATA = {True: 20000, False: 400000}
NEW = {True: 5000, False: 50000}
# Where that is more than there are flows, as many are opened again and again.
NEW_LEAST = {True: 1, False: 20000}
# In seconds: what UDP makes a stream has lasted for two.
STREAM_AFTER = 2.5


def cost(result, empty, counted):
    """Of one packet without the load's own: instructions, or ns of the median chunk."""
    if counted:
        return (result["cycles"] - empty["cycles"]) / result["packets"]
    return (result["p50"] - empty["p50"]) / CHUNK


def all_passed(result, wanted=None):
    wanted = result["packets"] if wanted is None else wanted
    if result["passed"] != wanted:
        raise RuntimeError("%d of %d packets passed, not %d" % (result["passed"], result["packets"], wanted))


def tracked(count):
    """ICMPv6 of the devices' own may be there as well."""
    found = get("count")
    if not count <= found <= count + 10:
        raise RuntimeError("%d connections, not %d" % (found, count))


def in_use(load):
    """Its connections go on for a while, each with a packet of either side at the end."""
    time.sleep(STREAM_AFTER)
    all_passed(load.data(2 * load.flows))


def established(load, count):
    load.establish(0, load.flows)
    tracked(load.flows)
    in_use(load)
    first = load.next
    result = load.data(count, chunk=CHUNK)
    all_passed(result)
    return result, load.data(count, first=first, hooks=0, chunk=CHUNK)


def median(results):
    return sorted(results, key=lambda result: result["p50"])[len(results) // 2]


def opened(load, old, dropped, least):
    """New connections beside as many as there are."""
    new = load.flows - old
    load.establish(0, old)
    if dropped:
        command("nft", "insert", "rule", "inet", "bench", "forward", "ct", "state", "new", "drop")
    results = []
    while len(results) * new < least:
        if results and not dropped:
            command("conntrack", "-F")
            load.establish(0, old)
        result = load.open(old, new, chunk=CHUNK)
        all_passed(result, 0 if dropped else new)
        tracked(old if dropped else load.flows)
        results.append(result)
    return median(results), load.open(old, new, hooks=0, chunk=CHUNK)


def untracked(load, count):
    """What is there without any tracker: the hooks, and a rule that asks for something else."""
    result = load.data(count, chunk=CHUNK)
    all_passed(result)
    tracked(0)
    return result, load.data(count, first=0, hooks=0, chunk=CHUNK)


def measure(tracker, counted, work, protocol, flows):
    """WORK/PROTOCOL/FLOWS; work is established, new, dropped, untracked, and _translated the first two."""
    flows = int(flows)
    traffic = Traffic(protocol, translated=work.endswith("_translated"))
    new = min(flows, NEW[counted]) if work.startswith(("new", "dropped")) else 0
    with loaded(tracker, flows + new), namespace():
        settle()
        links()
        rules(traffic, rule=UNTRACKED if work == "untracked" else RULE)
        with Load(traffic, flows + new) as load:
            if new:
                result, empty = opened(load, flows, work == "dropped", NEW_LEAST[counted])
            elif work == "untracked":
                result, empty = untracked(load, DATA[counted])
            else:
                result, empty = established(load, DATA[counted])
    return cost(result, empty, counted), "instructions" if counted else "ns", result
