# SPDX-License-Identifier: GPL-2.0
"""Kinds of difference that are wanted, each with the heading in Documentation/differences.rst that says why."""
import collections

from conntrack import SEEN_REPLY
from packet import Datagram, Error, Query, Segment

# explains: whether a Difference is of this kind
Known = collections.namedtuple("Known", "name heading explains")
KNOWN = []


def known(heading):
    def add(function):
        KNOWN.append(Known(function.__name__.replace("_", " "), heading, function))
        return function
    return add


def only(difference, *aspects):
    return set(difference.aspects) <= set(aspects)


def state(entry):
    return entry.state if entry else ""


def is_segment(difference, kind):
    """kind: R, S, SA, FA or A. A reset may have more flags."""
    packet = difference.packet
    if not isinstance(packet, Segment):
        return False
    flags = "".join(flag for flag in "RSFA" if flag in packet.flags)
    return flags == kind or kind == "R" and flags[:1] == "R"


def was_simultaneous(difference):
    """Did both sides send a SYN?"""
    return {"client", "server"} <= {packet.side for packet in difference.sequence.packets[:difference.step]
                                    if isinstance(packet, Segment) and "S" in packet.flags and "A" not in packet.flags}


@known("A reset without an answer")
def a_reset_without_an_answer(difference):
    """From an end, or from the router itself, which is no server for what it is sent."""
    change = difference.change
    answered = change.theirs_before and change.theirs_before.status & SEEN_REPLY
    return not answered and not change.theirs and state(change.ours) == "CLOSE" and \
        (is_segment(difference, "R") or difference.answer.startswith("its own tcp R"))


@known("A SYN in CLOSE")
def a_syn_in_close(difference):
    """With NAT the next connection of the other end has other addresses: the old one is just gone."""
    change = difference.change
    refused = difference.answer.startswith("its own tcp R")
    return is_segment(difference, "S") and state(change.ours_before) == "CLOSE" and \
        (not change.ours or state(change.ours) == "SYN_SENT" or refused)


@known("A SYN in TIME_WAIT")
def a_syn_in_time_wait(difference):
    change = difference.change
    return is_segment(difference, "S") and state(change.ours_before) == "TIME_WAIT" and \
        state(change.ours) == "SYN_SENT"


@known("Simultaneous open")
def a_simultaneous_open_is_prolonged(difference):
    return is_segment(difference, "S") and only(difference, "timeout set", "timeout") and \
        state(difference.change.ours) == "SYN_SENT2"


@known("Simultaneous open")
def a_simultaneous_open_is_remembered(difference):
    change = difference.change
    return is_segment(difference, "A") and state(change.theirs_before) == state(change.theirs) == "SYN_RECV" and \
        state(change.ours) == "ESTABLISHED" and only(difference, "state", "status", "timeout") and \
        was_simultaneous(difference)


@known("Nothing of the following is checked yet: sequence numbers of segments and of resets. In-tree does.")
def windows_are_not_checked(difference):
    """Invalid in-tree, or let pass without being believed, or a timeout that follows from what is outstanding."""
    change = difference.change
    if not isinstance(difference.packet, Segment) or not change.theirs:
        return False
    invalid = "invalid" in difference.aspects.get("ct state", ("",))[0]
    ignored = change.theirs_before and change.theirs._replace(status=0) == change.theirs_before._replace(status=0)
    return invalid or ignored or \
        change.theirs.timeout in ("unacknowledged", "max_retrans") or \
        is_segment(difference, "R") and change.theirs.timeout == "close"


@known("What is a stream")
def what_is_a_stream(difference):
    change = difference.change
    return isinstance(difference.packet, Datagram) and only(difference, "status", "timeout") and \
        change.theirs.status & change.ours.status & SEEN_REPLY


@known("ICMPv6 redirects")
def icmpv6_redirects(difference):
    packet = difference.packet
    return difference.sequence.family == 6 and isinstance(packet, (Query, Error)) and packet.type == 137


@known("Multicast router discovery")
def multicast_router_discovery(difference):
    packet = difference.packet
    return difference.sequence.family == 6 and isinstance(packet, Query) and 151 <= packet.type <= 153


def explanation(difference):
    for each in KNOWN:
        if each.explains(difference):
            return each
    return None
