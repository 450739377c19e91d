# SPDX-License-Identifier: GPL-2.0
"""SCTP: kinds of difference that are wanted, see known.py."""
from conntrack import ASSURED, SEEN_REPLY
from explanation import began_with, has_passed, is_invalid, known, only, state, stays
from packet import OTHER, Error
from sctp import Chunks
from trace_text import seen_text

OPENING = "CLOSED", "COOKIE_WAIT", "COOKIE_ECHOED"


def words(difference):
    return set(difference.packet.words) if isinstance(difference.packet, Chunks) else set()


def passed(difference, *kinds):
    """Packets with one of these chunks that have."""
    return [packet for packet, (_, ours) in zip(difference.earlier, difference.history)
            if isinstance(packet, Chunks) and set(kinds) & set(packet.words) and has_passed(ours)]


def heard(difference, kind, side):
    return any(packet.side == side for packet in passed(difference, kind))


def offered(difference, kind, side):
    """Tags in INITs, or in INIT ACKs, of an end."""
    return {packet.own for packet in passed(difference, kind) if packet.side == side}


def tags_of(difference, side):
    """For packets to that end."""
    return offered(difference, "init", side) | offered(difference, "init_ack", side)


@known("Lengths of chunks")
def chunks_that_are_too_long(difference):
    return "too_long" in words(difference) and is_invalid(difference)[1]


@known("Who opens")
def who_opens(difference):
    """The end that was not heard first; in-tree never gets out of CLOSED."""
    change = difference.change
    return bool(words(difference)) and state(change.theirs) == "CLOSED" and \
        state(change.ours) in ("COOKIE_WAIT", "COOKIE_ECHOED", "ESTABLISHED") and \
        bool(offered(difference, "init", OTHER[began_with(difference).side]))


@known("An INIT proves nothing", heals=True)
def an_init_prolongs_nothing(difference):
    return "init" in words(difference) and only(difference, "timeout", "timeout set") and stays(difference)


@known("An INIT proves nothing", heals=True)
def a_handshake_prolongs_nothing(difference):
    """Beside an association that may have the same tags."""
    return bool(words(difference) & {"cookie_echo", "cookie_ack"}) and only(difference, "timeout", "timeout set") and \
        stays(difference) and state(difference.change.ours) not in OPENING and \
        bool(passed(difference, "init"))


@known("An INIT proves nothing")
def an_init_replaces_no_tag(difference):
    """In-tree what is sent to an end that has named another one is invalid from then on."""
    packet = difference.packet
    return bool(words(difference)) and is_invalid(difference) == (True, False) and \
        packet.tag in tags_of(difference, OTHER[packet.side]) and \
        bool(offered(difference, "init", OTHER[packet.side]) - {packet.tag})


@known("A handshake beside an association that ends")
def a_handshake_outlives_an_association(difference):
    change = difference.change
    return bool(words(difference)) and state(change.theirs) == "CLOSED" and \
        state(change.ours) in ("COOKIE_WAIT", "COOKIE_ECHOED") and state(change.ours_before) not in OPENING and \
        bool(passed(difference, "init"))


@known("An INIT proves nothing")
def an_init_ends_nothing(difference):
    return words(difference) == {"init"} and only(difference, "state", "timeout", "timeout set") and \
        stays(difference) and state(difference.change.theirs) == "CLOSED"


@known("Stragglers", heals=True)
def stragglers(difference):
    """Of an association that is over, or of a handshake that has gone on from there."""
    change = difference.change
    return bool(words(difference)) and only(difference, "timeout", "timeout set") and stays(difference) and \
        (change.ours.state in OPENING or words(difference) == {"init_ack"})


def opens_in_tree(difference):
    """Is it *new* there? Then it can't be an answer on its entry."""
    return any(seen_text(leaving.seen).startswith("new") for leaving in difference.theirs.leaving)


@known("An INIT that is sent twice")
def two_init_acks(difference):
    """Either may be the one that arrives, and so may its COOKIE ECHO; what was echoed counts."""
    packet = difference.packet
    if not words(difference) or is_invalid(difference) != (True, False):
        return False
    server = packet.side if "init_ack" in packet.words else OTHER[packet.side]
    tags = offered(difference, "init_ack", server) | ({packet.own} - {0})
    return len(tags) > 1 and (words(difference) in ({"init_ack"}, {"cookie_echo"}) or
                              packet.side != server and packet.tag in tags)


@known("An INIT ACK that answers nothing")
def an_init_ack_that_answers_nothing(difference):
    change = difference.change
    return words(difference) == {"init_ack"} and stays(difference) and \
        (is_invalid(difference) == (False, True) and
         (not offered(difference, "init", OTHER[difference.packet.side]) or opens_in_tree(difference)) or
         state(change.ours) == "CLOSED" and state(change.theirs) == "COOKIE_WAIT")


@known("An answered HEARTBEAT", heals=True)
def a_heartbeat_of_the_other_end(difference):
    return "heartbeat" in words(difference) and only(difference, "timeout", "timeout set") and stays(difference) and \
        state(difference.change.ours) in ("HEARTBEAT_SENT", "SHUTDOWN_ACK_SENT") and \
        difference.packet.side != began_with(difference).side


@known("What comes of a SHUTDOWN that is forgotten")
def the_answer_to_a_shutdown_ack(difference):
    return words(difference) == {"shutdown_complete_t"} and is_invalid(difference) == (True, False) and \
        stays(difference) and heard(difference, "shutdown_ack", OTHER[difference.packet.side])


@known("A COOKIE ACK")
def a_cookie_ack_that_answers_nothing(difference):
    """The other end has echoed no cookie."""
    change = difference.change
    return "cookie_ack" in words(difference) and change.theirs and change.theirs.status & ASSURED and \
        change.ours and not change.ours.status & ASSURED and \
        not heard(difference, "cookie_echo", OTHER[difference.packet.side])


@known("An answered HEARTBEAT")
def an_answered_heartbeat(difference):
    change = difference.change
    return "heartbeat_ack" in words(difference) and change.ours and change.ours.status & ASSURED and \
        (not change.theirs or not change.theirs.status & ASSURED or state(change.theirs) in OPENING) and \
        heard(difference, "heartbeat", OTHER[difference.packet.side])


@known("An INIT ACK that answers nothing")
def an_init_that_is_out_of_date(difference):
    """Its receiver, who sends the INIT ACK, has started anew behind it."""
    return words(difference) == {"init_ack"} and stays(difference) and is_invalid(difference) == (False, True) and \
        len(offered(difference, "init", difference.packet.side)) > 1


@known("What begins an entry")
def what_begins_an_entry(difference):
    said = words(difference)
    began = len(difference.theirs.entries) > len(difference.theirs_before[0])
    return bool(said) and said not in ({"init"}, {"heartbeat"}, {"heartbeat_ack"}, {"shutdown_ack"}) and \
        began and len(difference.ours.entries) == len(difference.ours_before[0])


@known("Verification tags")
def a_wrong_tag(difference):
    packet = difference.packet
    if words(difference) and not packet.tag and difference.theirs.entries and not difference.ours.entries:
        return True
    # to the router itself: no rule sees which it is
    unseen = is_invalid(difference) == (True, True) and stays(difference) and \
        only(difference, "state", "timeout", "timeout set")
    if not words(difference) or not unseen and is_invalid(difference) != (False, True):
        return False
    end = packet.side if {"abort_t", "shutdown_complete_t"} & words(difference) else OTHER[packet.side]
    before = difference.change.ours_before
    unheard = end != packet.side and before and not before.status & SEEN_REPLY
    return not packet.tag or unheard or packet.tag not in tags_of(difference, end) or \
        "init_ack" in words(difference) and not packet.own


@known("Verification tags")
def a_heartbeat_names_no_tag(difference):
    """In-tree it does where none is known, so that the right one is wrong."""
    packet = difference.packet
    return bool(words(difference)) and is_invalid(difference) == (True, False) and \
        any(each.tag not in tags_of(difference, OTHER[each.side]) | {packet.tag}
            for each in passed(difference, "heartbeat", "heartbeat_ack"))


@known("Verification tags")
def what_is_beside_a_heartbeat(difference):
    """With a wrong tag. Nothing is believed; in-tree it is invalid or believed, depending on what it is."""
    packet = difference.packet
    return "heartbeat" in words(difference) and len(packet.words) > 1 and stays(difference) and \
        packet.tag not in tags_of(difference, OTHER[packet.side]) and \
        (is_invalid(difference) == (True, False) or only(difference, "state", "timeout", "timeout set"))


@known("Verification tags")
def an_abort_beside_a_heartbeat(difference):
    """In-tree it ends the association, but not its timeout."""
    return "heartbeat" in words(difference) and only(difference, "timeout") and \
        state(difference.change.ours) == "CLOSED" and difference.change.ours.timeout == "sctp_closed"


@known("Chunks before an invalid one")
def chunks_before_an_invalid_one(difference):
    return len(words(difference)) > 1 and is_invalid(difference) == (True, True) and stays(difference) and \
        difference.change.theirs != difference.change.theirs_before


@known("Chunks behind an ABORT")
def the_first_abort_counts(difference):
    return {"abort", "abort_t"} <= words(difference) and \
        (stays(difference) or state(difference.change.ours) == "CLOSED")


@known("Verification tags")
def behind_a_shutdown_ack_of_nothing(difference):
    """In-tree takes its tag for that of the answers."""
    change = difference.change
    return bool(words(difference)) and state(change.ours_before) == "SHUTDOWN_ACK_SENT" and \
        not change.ours_before.status & ASSURED and \
        (not is_invalid(difference)[1] or only(difference, "state", "timeout", "timeout set"))


def answered_by_router(difference, word, in_tree):
    """The router has SCTP and has answered at once what belongs to no association; in-tree found that invalid."""
    change = difference.change
    return words(difference) == {word} and not change.ours_before and \
        only(difference, "state", "status", "timeout", "timeout set") and \
        (state(change.theirs), state(change.ours)) == (in_tree, "CLOSED")


@known("Verification tags")
def a_shutdown_ack_that_the_router_answers(difference):
    return answered_by_router(difference, "shutdown_ack", "SHUTDOWN_ACK_SENT")


@known("A HEARTBEAT that is answered by an ABORT")
def a_heartbeat_that_the_router_answers(difference):
    return answered_by_router(difference, "heartbeat", "HEARTBEAT_SENT")


@known("A HEARTBEAT that is answered by an ABORT")
def a_path_that_was_not_answered_on(difference):
    change = difference.change
    states = state(change.theirs), state(change.ours)
    return bool(words(difference)) and state(change.ours_before) == "HEARTBEAT_SENT" and \
        (states == ("CLOSED", "HEARTBEAT_SENT") or is_invalid(difference) == (True, False) or
         states == ("COOKIE_WAIT", "CLOSED") and "init" in words(difference) or
         states == ("CLOSED", "CLOSED") and "abort" in words(difference) and only(difference, "status"))


@known("A quoted checksum", heals=True)
def a_quoted_checksum(difference):
    packet = difference.packet
    theirs, ours = difference.aspects.get("leaves", ("", ""))
    return isinstance(packet, Error) and isinstance(packet.about, Chunks) and only(difference, "leaves") and \
        difference.sequence.nat != "none" and ours == theirs + " (differently)"
