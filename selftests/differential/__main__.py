# SPDX-License-Identifier: GPL-2.0
"""differential CLIENT ROUTER SERVER: the namespaces of differential.sh, which has the rest of it.

A line "ok - ..." or "not ok - ..." for each case; lines behind it explain. From the environment: SEED, COUNT,
PROTOCOLS, ORDER, SHRINK (seconds), SHOWN (kinds of difference).
"""
import collections
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))

# pylint: disable=wrong-import-position
import known  # pylint: disable=unused-import
import run
import trace_text
from explanation import judge
from laboratory import Laboratory
from sequence import PROTOCOLS, generate
from shrink import shrink

CHUNK = 3000
MOST_SHOWN = int(os.environ.get("SHOWN") or 12)


class Report:
    """Of one protocol."""

    def __init__(self, protocol):
        self.protocol = protocol
        self.sequences, self.packets, self.compared = 0, 0, 0
        self.known = collections.Counter()
        self.unknown = collections.defaultdict(list)

    def add(self, sequence, result):
        self.sequences += 1
        self.packets += len(sequence.packets)
        explanations, unknown, compared = judge(result.differences, result.compared)
        self.compared += compared
        self.known.update(each.name for each in explanations)
        if unknown:
            self.unknown[unknown.kind()].append(unknown)

    def tell(self, seed):
        text = "%s, seed %s: no unexplained difference" % (self.protocol, seed)
        print(("not ok - " if self.unknown else "ok - ") + text)
        print("%d sequences, %d of %d packets compared" % (self.sequences, self.compared, self.packets))
        for name, count in self.known.most_common():
            print("explained %d times: %s" % (count, name))
        sys.stdout.flush()


def tell_unknown(laboratory, report, seconds):
    """What packets and rules see comes first, then what is most frequent. Shrunk."""
    def weight(kind):
        return not {"leaves", "ct state"} & set(report.unknown[kind][0].aspects), -len(report.unknown[kind])

    kinds = sorted(report.unknown, key=weight)
    for kind in kinds:
        print("%5d times: %s" % (len(report.unknown[kind]), kind))
    sys.stdout.flush()
    shown = [min(report.unknown[kind], key=lambda d: d.step) for kind in kinds[:MOST_SHOWN]]
    deadline = time.monotonic() + seconds

    def find_kinds(sequences):
        judged = [judge(result.differences, 0)[1] for result in laboratory.run(sequences)]
        return [unknown and unknown.kind() for unknown in judged]

    targets = shrink(shown, find_kinds, lambda: time.monotonic() > deadline)
    results = laboratory.run([target.sequence for target in targets])
    for target, result in zip(targets, results):
        print("not ok - " + target.kind)
        for line in trace_text.lines(target.sequence, result.frames, result.theirs, result.ours):
            print(line)
    sys.stdout.flush()


def main():
    seed = os.environ.get("SEED") or "1"
    count = int(os.environ.get("COUNT") or 40)
    protocols = (os.environ.get("PROTOCOLS") or ",".join(PROTOCOLS)).split(",")
    order = (os.environ.get("ORDER") or "in-tree,ctrack").split(",")
    seconds = float(os.environ.get("SHRINK") or 30)
    run.pin()
    laboratory = Laboratory(*sys.argv[1:4], order)
    reports = {protocol: Report(protocol) for protocol in protocols}
    work = [(protocol, number) for protocol in protocols for number in range(count)]
    for start in range(0, len(work), CHUNK):
        part = work[start:start + CHUNK]
        sequences = [generate(seed, protocol, number) for protocol, number in part]
        for (protocol, _), sequence, result in zip(part, sequences, laboratory.run(sequences)):
            reports[protocol].add(sequence, result)
        print("%d of %d sequences" % (start + len(part), len(work)))
        sys.stdout.flush()
    for report in reports.values():
        report.tell(seed)
    for report in reports.values():
        if report.unknown:
            tell_unknown(laboratory, report, seconds)
    laboratory.unload()


main()
