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
        batches = [Batch(sequences[start:start + BATCH]) for start in range(0, len(sequences), BATCH)]
        done = []
        for name in self.order:
            self.load(name)
            done.append((name == "ctrack", [outcome for batch in batches
                                            for outcome in self.router.run(self.loaded, batch)]))
        self.order.reverse()
        theirs, ours = (outcomes for _, outcomes in sorted(done, key=lambda each: each[0]))
        frames = [each for batch in batches for each in batch.frames]
        return [Result(*differences(*each), *each[1:]) for each in zip(sequences, frames, theirs, ours)]
