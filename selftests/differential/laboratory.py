# SPDX-License-Identifier: GPL-2.0
"""Puts sequences through both trackers."""
import collections

from compare import differences
from run import Batch, Router
from tracker import Tracker

# differences, packets compared, frames sent, outcomes in-tree and of ctrack
Result = collections.namedtuple("Result", "differences compared frames theirs ours")

# as many as are done long before tracker.STEP seconds are over
BATCH = 1000


class Laboratory:
    """order: the names of the trackers, the one that comes first first. The last one stays for the next time."""

    def __init__(self, client, router, server, order):
        self.router = Router(client, router, server)
        self.namespace, self.order = router, list(order)
        self.loaded = None

    def load(self, name):
        if self.loaded and self.loaded.name == name:
            return
        self.unload()
        self.loaded = Tracker(name, self.namespace)
        self.loaded.load()

    def unload(self):
        if self.loaded:
            self.loaded.unload()
        self.loaded = None

    def run(self, sequences):
        """Returns a Result for each sequence."""
        groups = collections.defaultdict(list)
        for index, sequence in enumerate(sequences):
            groups[sequence.setting].append(index)
        batches = [(setting, indices[start:start + BATCH]) for setting, indices in groups.items()
                   for start in range(0, len(indices), BATCH)]
        batches = [(setting, indices, Batch([sequences[i] for i in indices])) for setting, indices in batches]
        runs = []
        for name in self.order:
            self.load(name)
            outcomes = [None] * len(sequences)
            for setting, indices, batch in batches:
                for index, outcome in zip(indices, self.run_batch(setting, batch)):
                    outcomes[index] = outcome
            runs.append((name == "ctrack", outcomes))
        self.order.reverse()
        theirs, ours = (outcomes for _, outcomes in sorted(runs, key=lambda each: each[0]))
        frames = [None] * len(sequences)
        for _, indices, batch in batches:
            for index, each in zip(indices, batch.frames):
                frames[index] = each
        return [Result(*differences(*each), *each[1:]) for each in zip(sequences, frames, theirs, ours)]

    def run_batch(self, setting, batch):
        if setting:
            self.loaded.set(*setting)
        outcomes = self.router.run(self.loaded, batch)
        if setting:
            # all of them are on by default
            self.loaded.set(setting[0], 1)
        return outcomes
