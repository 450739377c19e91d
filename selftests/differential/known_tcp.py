# SPDX-License-Identifier: GPL-2.0
"""TCP: kinds of difference that are wanted, see known.py."""
from conntrack import SEEN_REPLY
from explanation import began_with, has_passed, is_invalid, known, only, state, stays
from packet import OTHER, Segment
from space import acknowledged, after, data_of, end_of, is_from, overshoots, segments, sent
from trace_text import seen_text

# In-tree an acknowledgment is old when it lies that far back.
OLD = 66000

def is_from_server(difference):
    """Does it go in reply direction?"""
    return any("reply" in seen_text(leaving.seen) for outcome in (difference.ours, difference.theirs)
               for leaving in outcome.leaving)


def is_segment(difference, kind):
    """kind: R, S, SA, FA or A, or several. A reset may have more flags."""
    packet = difference.packet
    if not isinstance(packet, Segment):
        return False
    flags = "".join(flag for flag in "RSFA" if flag in packet.flags)
    kinds = (kind,) if isinstance(kind, str) else kind
    return flags in kinds or "R" in kinds and flags[:1] == "R"


def is_synack(packet):
    return isinstance(packet, Segment) and set("SA") <= set(packet.flags)


def segments_before(difference, flags, side=None):
    return segments(difference.earlier, side, flags)


def believed(difference):
    """Packets that have prolonged the life of an entry in-tree."""
    return [packet for step, (packet, (theirs, _)) in enumerate(zip(difference.earlier, difference.history))
            if any(entry.renewed == step for entry in theirs.entries)]


def stays_in_tree(difference):
    change = difference.change
    return change.theirs and change.theirs == change.theirs_before


def came_before(difference):
    """Did the same segment?"""
    def what(segment):
        return segment.seq, segment.ack, data_of(segment), segment.window
    return any(what(each) == what(difference.packet)
               for each in segments(difference.earlier, difference.packet.side, difference.packet.flags))


def syns(difference):
    return [packet for packet in segments_before(difference, "S") if "A" not in packet.flags]


def was_simultaneous(difference):
    """Did both sides send a SYN?"""
    return {"client", "server"} <= {packet.side for packet in syns(difference)}


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


@known("Simultaneous open", heals=True)
def a_synack_of_each_end_counts(difference):
    return is_segment(difference, "SA") and only(difference, "timeout set", "timeout") and \
        state(difference.change.ours) == "SYN_RECV" and was_simultaneous(difference)


@known("Simultaneous open", heals=True)
def a_simultaneous_open_is_prolonged(difference):
    return is_segment(difference, "S") and only(difference, "timeout set", "timeout") and \
        state(difference.change.ours) == "SYN_SENT2"


@known("Simultaneous open")
def a_simultaneous_open_is_remembered(difference):
    change = difference.change
    return is_segment(difference, "A") and state(change.theirs_before) == state(change.theirs) == "SYN_RECV" and \
        state(change.ours) == "ESTABLISHED" and only(difference, "state", "status", "timeout") and \
        was_simultaneous(difference)


@known("What comes late of an opening", heals=True)
def what_comes_late_of_an_opening(difference):
    """The server's SYN or the client's SYN/ACK, of a connection that has gone on from there."""
    packet = difference.packet
    return is_segment(difference, ("S", "SA")) and is_invalid(difference) == (True, False) and stays(difference) and \
        (is_segment(difference, "SA") != is_from_server(difference)) and \
        (any(is_from(end_of(each), end_of(packet)) for each in segments_before(difference, "", packet.side)) or
         acknowledged(difference.earlier, packet.side, end_of(packet)) or
         state(difference.change.ours) == "SYN_RECV")


@known("What comes late of an opening")
def both_opened_after_all(difference):
    """The client answers a SYN that came behind the server's SYN/ACK."""
    return is_segment(difference, "SA") and is_invalid(difference) == (True, False) and \
        state(difference.change.ours_before) == state(difference.change.ours) == "SYN_RECV" and \
        was_simultaneous(difference)


@known("SACK in a SYN", heals=False)
def sack_in_a_synack(difference):
    return is_segment(difference, "SA") and any(name == "sack" for name, _ in difference.packet.options) and \
        is_invalid(difference) == (True, False)


@known("A reset in answer to a SYN")
def a_reset_in_answer_to_a_syn(difference):
    packet = difference.packet
    return is_segment(difference, "R") and stays(difference) and \
        state(difference.change.ours_before) in ("SYN_SENT", "SYN_SENT2") and \
        not ("A" in packet.flags and sent(segments_before(difference, "S")[-1:], OTHER[packet.side], packet.ack))


@known("A reset in answer to a SYN")
def the_routers_reset_of_something_else(difference):
    """Than the SYN, which it does not acknowledge."""
    change = difference.change
    return is_segment(difference, ("A", "FA", "SA")) and difference.answer.startswith("its own tcp R") and \
        state(change.ours) in ("SYN_SENT", "SYN_SENT2") and stays(difference) and not change.theirs


@known("A reset in answer to a SYN")
def a_reset_behind_the_own_syn(difference):
    change = difference.change
    packet = difference.packet
    return is_segment(difference, "R") and change.theirs == change.theirs_before and \
        state(change.ours_before) in ("SYN_SENT", "SYN_SENT2") and state(change.ours) == "CLOSE" and \
        sent(difference.earlier, packet.side, packet.seq)


@known("Resets while a connection closes")
def a_reset_while_a_connection_closes(difference):
    """Believed, or not, but never invalid."""
    return is_segment(difference, "R") and not is_invalid(difference)[1] and \
        state(difference.change.ours_before) in ("FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE") and \
        (stays(difference) or state(difference.change.ours) == "CLOSE")


def is_exact(difference):
    """Is it the next number that the other end can expect?"""
    packet = difference.packet
    return sent(difference.earlier, packet.side, packet.seq) or \
        any(packet.seq == ack.ack for ack in segments(difference.earlier, OTHER[packet.side], "A"))


@known("A reset in the middle of a connection")
def a_reset_with_exactly_the_next_number(difference):
    """In-tree it needs to be what was acknowledged last, and a right acknowledgment."""
    return is_segment(difference, "R") and state(difference.change.ours) == "CLOSE" and is_exact(difference) and \
        state(difference.change.ours_before) in ("ESTABLISHED", "SYN_RECV")


@known("A reset in the middle of a connection")
def a_reset_that_fits_the_window(difference):
    """It leaves the entry; for a while, when it refuses a SYN that passed."""
    change = difference.change
    return is_segment(difference, "R") and not is_invalid(difference)[1] and \
        state(change.ours_before) == state(change.ours) in ("ESTABLISHED", "SYN_RECV") and \
        (stays(difference) or change.ours.timeout in ("unacknowledged", "syn_recv")) and \
        (state(change.theirs) in ("CLOSE", "") or only(difference, "timeout", "timeout set", "leaves", "ct state"))


@known("A reset in the middle of a connection")
def a_reset_is_no_data(difference):
    """In-tree what is before its number has to be acknowledged."""
    return isinstance(difference.packet, Segment) and only(difference, "timeout") and \
        difference.change.theirs.timeout == "unacknowledged" and \
        difference.change.ours.timeout in ("established", "max_retrans") and \
        bool(segments_before(difference, "R"))


@known("A reset in the middle of a connection")
def a_forged_reset(difference):
    """In-tree believes it where it does not know what was acknowledged, or only looks at the window."""
    return is_segment(difference, "R") and is_invalid(difference)[1] and stays(difference) and \
        state(difference.change.ours) in ("ESTABLISHED", "SYN_RECV") and \
        (overshoots(difference.earlier, difference.packet) or
         any(after(each.ack, difference.packet.seq)
             for each in segments_before(difference, "A", OTHER[difference.packet.side])))


@known("A handshake that is repeated late")
def a_handshake_that_is_repeated_late(difference):
    """In-tree believes the SYN/ACK; here the connection stays as it is."""
    return is_segment(difference, "SA") and stays(difference) and state(difference.change.theirs) == "SYN_RECV" and \
        state(difference.change.ours) != "SYN_SENT"


@known("A handshake that is repeated late")
def a_late_syn(difference):
    return is_segment(difference, "S") and stays(difference) and \
        state(difference.change.ours) in ("TIME_WAIT", "CLOSE") and not is_invalid(difference)[1] and \
        acknowledged(difference.earlier, difference.packet.side, end_of(difference.packet))


@known("A SYN/ACK for another SYN")
def a_syn_ack_for_another_syn(difference):
    packet = difference.packet
    sent_before = segments(difference.earlier, OTHER[packet.side], "S")
    return is_segment(difference, "SA") and stays(difference) and \
        state(difference.change.ours_before) in ("SYN_SENT", "SYN_SENT2") and sent_before and \
        (packet.ack != end_of(sent_before[-1]) or
         any(0 < end_of(each) - packet.ack < 0x10000 for each in sent_before))


@known("A SYN/ACK for another SYN")
def another_syn_with_a_lower_number(difference):
    change = difference.change
    return is_segment(difference, "S") and state(change.ours_before) == "SYN_SENT" and \
        not is_invalid(difference)[1] and change.theirs == change.theirs_before and syns(difference)


@known("A SYN/ACK for another SYN")
def a_syn_ack_for_a_syn_with_a_lower_number(difference):
    return is_segment(difference, "SA") and state(difference.change.ours) == "SYN_RECV" and \
        state(difference.change.theirs) == "SYN_SENT" and len({packet.seq for packet in syns(difference)}) > 1 and \
        sent(syns(difference), OTHER[difference.packet.side], difference.packet.ack)


@known("A SYN/ACK for another SYN")
def the_last_syn_counts(difference):
    """Not the one with the highest number."""
    own = segments_before(difference, "S", difference.packet.side)
    return is_segment(difference, ("A", "FA")) and not is_invalid(difference)[1] and \
        any(after(each.seq, own[-1].seq) for each in own)


@known("A second SYN/ACK with another sequence number")
def a_second_syn_ack(difference):
    return is_segment(difference, "A") and is_invalid(difference) == (True, False) and \
        state(difference.change.ours_before) == "SYN_RECV" and state(difference.change.ours) == "ESTABLISHED" and \
        len({(packet.seq, end_of(packet)) for packet in segments_before(difference, "SA")}) > 1


@known("A reset in the middle of a connection")
def a_reset_is_not_acknowledged(difference):
    """In-tree what is before its number counts as sent."""
    packet = difference.packet
    return is_segment(difference, ("A", "FA")) and is_invalid(difference) == (False, True) and stays(difference) and \
        any(not after(packet.ack, each.seq) for each in segments_before(difference, "R", OTHER[packet.side]))


@known("Windows of Fast Open")
def a_server_goes_on_before_the_ack(difference):
    """In-tree no window is known before an ACK."""
    change = difference.change
    side = difference.packet.side
    return is_segment(difference, ("A", "FA")) and change.theirs == change.theirs_before and \
        not is_invalid(difference)[1] and bool(segments_before(difference, "S", side)) and \
        not segments(believed(difference), OTHER[side], "A")


@known("What overshoots a window")
def what_overshoots_a_window(difference):
    """In-tree it is not believed. Here it is where it may be a probe or a FIN."""
    change = difference.change
    return is_segment(difference, ("A", "FA")) and change.theirs == change.theirs_before and \
        not is_invalid(difference)[1] and overshoots(believed(difference), difference.packet)


@known("What overshoots a window")
def what_fits_behind_what_overshot(difference):
    """The other way round: in-tree a window that was overshot is wider from then on, and so here what was believed."""
    packets = believed(difference)
    return is_segment(difference, ("A", "FA")) and any(
        overshoots(packets[:at], packet) or overshoots(packets[:at], Segment(packet.side, "A", seq=end_of(packet)))
        for at, packet in enumerate(packets) if isinstance(packet, Segment))


@known("An ACK that overtakes its SYN/ACK")
def an_ack_that_overtakes_its_synack(difference):
    """Here it is believed, and so what it says counts."""
    opened = segments(difference.earlier, flags="S")
    if not isinstance(difference.packet, Segment) or not opened:
        return False
    side = OTHER[opened[0].side]
    early = segments(difference.sequence.packets[:difference.step + 1], side)
    early = early[:next((at for at, each in enumerate(early) if "S" in each.flags), len(early))]
    return (difference.packet.side == side or only(difference, "timeout")) and any(
        set(each.flags) & set("SFRA") == {"A"} and each.ack in (syn.seq + 1, end_of(syn)) for each in early
        for syn in opened)


@known("An old segment")
def an_old_acknowledgment(difference):
    """Here it may be older by a window."""
    change = difference.change
    packet = difference.packet
    return is_segment(difference, ("A", "FA")) and change.theirs == change.theirs_before and \
        not any(is_invalid(difference)) and \
        any(after(end_of(each) - OLD, packet.ack) for each in segments(difference.earlier, OTHER[packet.side]))


@known("An old segment")
def an_old_segment(difference):
    """It ends where the other end had everything."""
    packet = difference.packet
    return is_segment(difference, ("A", "FA")) and stays(difference) and not is_invalid(difference)[1] and \
        (acknowledged(difference.earlier, packet.side, end_of(packet)) or
         any(after(each.ack, packet.ack) for each in segments_before(difference, "A", packet.side)))


@known("After a reset")
def nothing_is_out_of_window_after_a_reset(difference):
    change = difference.change
    return is_segment(difference, ("A", "FA")) and state(change.ours_before) == state(change.ours) == "CLOSE" and \
        is_invalid(difference) == (True, False)


@known("An invalid segment changes nothing")
def an_invalid_segment_changes_nothing(difference):
    change = difference.change
    return isinstance(difference.packet, Segment) and change.ours == change.ours_before and \
        only(difference, "timeout", "leaves") and change.theirs.timeout == "unacknowledged" and \
        is_invalid(difference) == (True, True)


@known("An invalid segment changes nothing")
def an_invalid_segment_between_the_same(difference):
    """Here the retransmissions before it are not forgotten."""
    return is_segment(difference, ("A", "FA")) and only(difference, "timeout") and came_before(difference) and \
        difference.change.ours.timeout == "max_retrans" and \
        any(not has_passed(outcome) for outcomes in difference.history for outcome in outcomes)


@known("An invalid segment changes nothing")
def an_invalid_segment_behind_a_syn(difference):
    """Here the SYN that passed before it is not forgotten, and this is its answer."""
    return is_segment(difference, "SA") and stays_in_tree(difference) and \
        state(difference.change.ours) == "SYN_RECV" and \
        any(end_of(syn) == difference.packet.ack for syn in syns(difference)) and \
        any(not has_passed(theirs) for theirs, _ in difference.history[difference.earlier.index(syns(difference)[-1]):])


@known("An invalid segment changes nothing")
def a_synack_that_is_not_believed_changes_nothing(difference):
    """In-tree its numbers are believed all the same, as long as the connection is not open."""
    return isinstance(difference.packet, Segment) and any(
        is_synack(packet) and ours.entries and
        all(entry.state in ("SYN_SENT", "SYN_SENT2", "SYN_RECV") and entry.renewed != step for entry in ours.entries)
        for step, (packet, (_, ours)) in enumerate(zip(difference.earlier, difference.history)))


@known("A FIN that is sent again")
def a_fin_that_is_sent_again(difference):
    own = [packet for packet in segments_before(difference, "F") if packet.side == difference.packet.side]
    return is_segment(difference, "FA") and bool(own) and state(difference.change.theirs) == "LAST_ACK" and \
        state(difference.change.ours) == state(difference.change.ours_before) in ("FIN_WAIT", "CLOSE_WAIT")


@known("Retransmissions")
def a_fin_counts_as_a_retransmission(difference):
    return isinstance(difference.packet, Segment) and only(difference, "timeout") and \
        difference.change.ours.timeout == "max_retrans" and "F" in difference.packet.flags and \
        came_before(difference)


def picked_up(difference):
    """Did the entry begin with an ACK?"""
    first = began_with(difference)
    return isinstance(first, Segment) and set("SFRA") & set(first.flags) == {"A"}


@known("Retransmissions")
def what_is_between_counts(difference):
    """In-tree only ACKs are compared with each other."""
    return is_segment(difference, "A") and only(difference, "timeout") and came_before(difference) and \
        difference.change.theirs.timeout == "max_retrans"


@known("A closed window")
def a_closed_window(difference):
    """In-tree it shortens the entry's life."""
    return isinstance(difference.packet, Segment) and only(difference, "timeout") and \
        difference.change.theirs.timeout == "max_retrans" and difference.packet.window == 0


@known("In mid-stream")
def timeouts_in_mid_stream(difference):
    usual = {"established", "unacknowledged", "max_retrans"}
    return isinstance(difference.packet, Segment) and only(difference, "timeout", "timeout set") and \
        picked_up(difference) and \
        (difference.change.theirs.timeout == difference.change.ours.timeout or
         {difference.change.theirs.timeout, difference.change.ours.timeout} <= usual)


@known("In mid-stream")
def windows_stay_liberal(difference):
    """Here also when both ends have started anew."""
    return is_segment(difference, ("A", "FA")) and picked_up(difference) and is_invalid(difference) == (True, False)


@known("In mid-stream", heals=True)
def a_reset_that_is_not_believed(difference):
    """It passes like anything else, and shows that somebody is there."""
    return is_segment(difference, "R") and picked_up(difference) and stays(difference) and \
        is_invalid(difference) == (True, False)


@known("In mid-stream")
def a_syn_of_either_end(difference):
    """Nobody knows which one is the client. When it is answered, the connection is another."""
    return is_segment(difference, ("S", "SA")) and picked_up(difference) and is_invalid(difference) == (True, False)


@known("Windows of Fast Open")
def data_of_a_syn_is_outstanding(difference):
    return isinstance(difference.packet, Segment) and only(difference, "timeout") and \
        difference.change.ours.timeout == "unacknowledged" and \
        any(data_of(packet) > 0 for packet in segments_before(difference, "S"))
