# SPDX-License-Identifier: GPL-2.0
"""Where two trackers part."""
import collections
import dataclasses

import trace_text as trace
from conntrack import SEEN_REPLY
from packet_text import ends
from sequence import Sequence

NOTHING = ((), ())
# of a connection: an Entry or None, in-tree before the packet and behind it, and so here
Change = collections.namedtuple("Change", "theirs_before theirs ours_before ours")


@dataclasses.dataclass
class Difference:
    """In a step, after so many packets were compared. aspects: name to what it is in-tree and here, in words."""
    sequence: Sequence
    step: int
    frame: bytes
    theirs: tuple
    ours: tuple
    theirs_before: tuple
    ours_before: tuple
    compared: int
    aspects: dict
    # (in-tree, here) of each step before
    history: list

    @property
    def packet(self):
        return self.sequence.packets[self.step]

    @property
    def earlier(self):
        """Packets."""
        return self.sequence.packets[:self.step]

    @property
    def change(self):
        """Of a connection that differs, rather the packet's, rather one that was there already; or of the first one."""
        outcomes = self.theirs_before, self.theirs, self.ours_before, self.ours
        # also when it was opened anew from the other side
        by_key = [{tuple(sorted(entry[:2])): entry for entry in outcome[0]} for outcome in outcomes]
        keys = {key for each in by_key for key in each}
        way = "%s > %s" % ends(self.frame)
        first = min(keys, default=None, key=lambda key: (by_key[1].get(key) == by_key[3].get(key),
                                                         not any(way in text for text in key),
                                                         key not in by_key[2], key))
        return Change(*(each.get(first) for each in by_key))

    @property
    def gone(self):
        """What leaves in-tree and not here, when here nothing else leaves."""
        ours = [compared(leaving) for leaving in self.ours.leaving]
        gone = []
        for leaving in self.theirs.leaving:
            if compared(leaving) in ours:
                ours.remove(compared(leaving))
            else:
                gone.append(leaving)
        return [] if ours else gone

    @property
    def answer(self):
        """What the first packet that leaves with ctrack is."""
        return trace.change_text(self.frame, self.ours.leaving[0].data) if self.ours.leaving else "nothing"

    def kind(self):
        """Differences of one kind are explained, and shrunk, together."""
        return "%s from the %s in %s: %s" % (
            self.packet.kind(), self.packet.side, state_text(self.change.theirs_before),
            ", ".join("%s: %s, not %s" % (name, ours, theirs) for name, (theirs, ours) in self.aspects.items()))


def state_text(entry):
    if not entry:
        return "no entry"
    return entry.state or ("replied" if entry.status & SEEN_REPLY else "unreplied")


def compared(leaving):
    return leaving.interface, leaving.text or leaving.data.hex()


def leaving_text(frame, outcome):
    return " and ".join(sorted("%s %s" % (leaving.interface, trace.change_text(frame, leaving.data))
                               for leaving in outcome.leaving)) or "nothing"


def seen_text(outcome):
    return " and ".join(sorted(trace.seen_text(leaving.seen) for leaving in outcome.leaving)) or "nothing"


def entries_text(outcome):
    return "%d" % len(outcome.entries)


def renewed_text(entry, step):
    return "now" if entry.renewed == step else "before"


def aspects_of(frame, step, theirs, ours):
    """Empty when there is no difference."""
    if theirs == ours:
        return {}
    found = {}

    def add(name, one, other):
        # the last word is what the data says, not what it is called here
        found[name] = (one, other) if one != other else (one, other + " (differently)")

    if sorted(map(compared, theirs.leaving)) != sorted(map(compared, ours.leaving)):
        add("leaves", leaving_text(frame, theirs), leaving_text(frame, ours))
    elif seen_text(theirs) != seen_text(ours):
        add("ct state", seen_text(theirs), seen_text(ours))
    keys = [[(e.original, e.reply) for e in outcome.entries] for outcome in (theirs, ours)]
    if keys[0] != keys[1]:
        add("entries", entries_text(theirs), entries_text(ours))
        return found
    for one, other in zip(theirs.entries, ours.entries):
        if one.state != other.state:
            add("state", one.state, other.state)
        if one.status != other.status:
            add("status", trace.status_text(one.status & ~other.status), trace.status_text(other.status & ~one.status))
        if one.timeout != other.timeout:
            add("timeout", one.timeout, other.timeout)
        elif one.renewed != other.renewed:
            add("timeout set", renewed_text(one, step), renewed_text(other, step))
    return found


def differences(sequence, frames, theirs, ours):
    """The first one, and after each the next one once both trackers agree on all entries again.

    Returns them, and how many packets were compared.
    """
    found, compared_packets = [], 0
    agreed = True
    before = NOTHING, NOTHING
    for step, (one, other) in enumerate(zip(theirs, ours)):
        if agreed:
            compared_packets += 1
            aspects = aspects_of(frames[step], step, one, other)
            if aspects:
                found.append(Difference(sequence, step, frames[step], one, other, *before, compared_packets, aspects,
                                        list(zip(theirs[:step], ours[:step]))))
        agreed = one.entries == other.entries
        before = one, other
    return found, compared_packets
