# SPDX-License-Identifier: GPL-2.0
"""What makes a difference a wanted one, and what all that explains has in common."""
import collections
import os

from trace_text import seen_text

# explains: whether a Difference is of this kind. heals: nothing of it remains once both show the same connection
Known = collections.namedtuple("Known", "name heading explains heals")
KNOWN = []


def known(heading, heals=False):
    def add(function):
        KNOWN.append(Known(function.__name__.replace("_", " "), heading, function, heals))
        return function
    return add


def only(difference, *aspects):
    return set(difference.aspects) <= set(aspects)


def state(entry):
    return entry.state if entry else ""


def has_passed(outcome):
    """Was what left what a rule takes for a packet of a connection?"""
    return any(seen_text(leaving.seen).split()[0] in ("new", "established", "related") for leaving in outcome.leaving)


def stays(difference):
    """ctrack passes or refuses the segment without believing it."""
    change = difference.change
    return change.ours and change.ours_before and \
        change.ours._replace(status=0) == change.ours_before._replace(status=0)


def began_with(difference):
    """The packet that made an entry, or this one."""
    return next((packet for packet, (_, ours) in zip(difference.earlier, difference.history) if ours.entries),
                difference.packet)


def is_invalid(difference):
    """In (in-tree, here). With NAT, invalid packets go nowhere or to the router itself."""
    return not has_passed(difference.theirs), not has_passed(difference.ours)


# names of those that are not believed now: the test then shows what they explain
SUSPECTED = os.environ.get("SUSPECT", "").split(",")


def explanation(difference):
    for each in KNOWN:
        if each.name.replace(" ", "_") not in SUSPECTED and each.explains(difference):
            return each
    return None


def judge(differences, compared):
    """Returns the explanations, the first difference that has none, or None, and how many packets could be compared.

    Behind a difference that leaves something behind, which can't be seen, nothing can be said.
    """
    explanations = []
    for difference in differences:
        found = explanation(difference)
        if not found:
            return explanations, difference, difference.compared
        explanations.append(found)
        if not found.heals:
            return explanations, None, difference.compared
    return explanations, None, compared
