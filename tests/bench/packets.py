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
# Where that is more than there are flows, as many are opened again and again; what is dropped is quickly.
NEW_LEAST = {True: 1, False: 20000}
DROPPED_LEAST = {True: 1, False: 2000000}
# How often. Of times the least counts: what else the computer's cores do lasts from a tenth of a second to minutes.
TIMES = {True: 1, False: 10}
# In seconds: what UDP makes a stream has lasted for two.
STREAM_AFTER = 2.5
# No rule asks for a connection there.
WITHOUT = ("untracked", "touched")


def cost(result, empty, counted):
    """Of one packet without the load's own: instructions, or ns of the median chunk."""
    if counted:
        return (result["cycles"] - empty["cycles"]) / result["packets"]
    return (result["p50"] - empty["p50"]) / CHUNK


def all_passed(result, wanted=None):
    wanted = result["packets"] if wanted is None else wanted
    if result["passed"] != wanted:
        raise RuntimeError("%d of %d packets passed, not %d" % (result["passed"], result["packets"], wanted))


def all_touched(result):
    if result["touched"] != result["packets"]:
        raise RuntimeError("%d of %d packets touched something" % (result["touched"], result["packets"]))


def tracked(count):
    """ICMPv6 of the devices' own may be there as well."""
    found = get("count")
    if not count <= found <= count + 10:
        raise RuntimeError("%d connections, not %d" % (found, count))


def in_use(load):
    """Its connections go on for a while, each with a packet of either side at the end."""
    time.sleep(STREAM_AFTER)
    all_passed(load.data(2 * load.flows))


def least(results):
    """Of runs that send as much, the one that was disturbed least."""
    return min(results, key=lambda result: result["p50"])


def data(load, counted):
    """What data takes, and what the load itself takes of that."""
    count, times = DATA[counted], range(TIMES[counted])
    first = load.next
    results = [load.data(count, chunk=CHUNK) for _ in times]
    for result in results:
        all_passed(result)
    return least(results), least([load.data(count, first=first, hooks=0, chunk=CHUNK) for _ in times])


def established(load, counted):
    load.establish(0, load.flows)
    tracked(load.flows)
    in_use(load)
    return data(load, counted)


def opened(load, old, dropped, counted):
    """New connections beside as many as there are."""
    new = load.flows - old
    times = max(1, (DROPPED_LEAST if dropped else NEW_LEAST)[counted] // new)
    load.establish(0, old)
    if dropped:
        command("nft", "insert", "rule", "inet", "bench", "forward", "ct", "state", "new", "drop")
    results = []
    while len(results) < times:
        if results and not dropped:
            command("conntrack", "-F")
            load.establish(0, old)
        results.append(load.open(old, new, chunk=CHUNK))
        all_passed(results[-1], 0 if dropped else new)
        tracked(old if dropped else load.flows)
    return least(results), least([load.open(old, new, hooks=0, chunk=CHUNK) for _ in range(times)])


def untracked(load, counted):
    """What is there without any tracker: the hooks, and a rule that asks for something else. It may touch something."""
    result, empty = data(load, counted)
    if load.traffic.more.get("touch"):
        all_touched(result)
    tracked(0)
    return result, empty


def measure(tracker, counted, work, protocol, flows):
    """WORK/PROTOCOL/FLOWS; work is established, new, dropped, untracked, touched, and _translated the first two."""
    flows = int(flows)
    traffic = Traffic(protocol, translated=work.endswith("_translated"), touch=int(work == "touched"))
    new = min(flows, NEW[counted]) if work.startswith(("new", "dropped")) else 0
    with loaded(tracker, flows + new), namespace():
        settle()
        links()
        rules(traffic, rule=UNTRACKED if work in WITHOUT else RULE)
        with Load(traffic, flows + new) as load:
            if new:
                result, empty = opened(load, flows, work == "dropped", counted)
            elif work in WITHOUT:
                result, empty = untracked(load, counted)
            else:
                result, empty = established(load, counted)
    return cost(result, empty, counted), "instructions" if counted else "ns", result
