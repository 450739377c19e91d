# SPDX-License-Identifier: GPL-2.0
"""Kinds of difference that are wanted, each with the heading in Documentation/differences.rst that says why."""
import known_sctp  # pylint: disable=unused-import
import known_tcp  # pylint: disable=unused-import
from conntrack import ASSURED, SEEN_REPLY
from dccp import Dccp
from explanation import has_passed, is_invalid, known, only, state, stays
from flow import DNS
from gre import Gre
from packet import Datagram, Error, LiteDatagram, Query
from pieces import Fragments
from trace_text import seen_text


@known("Invalid packets of a translated connection", heals=True)
def an_invalid_packet_is_dropped(difference):
    """It is invalid in-tree as well; what else leaves, of a packet in fragments, does so here, too."""
    return set(difference.aspects) == {"leaves"} and difference.sequence.nat != "none" and difference.gone and \
        all(seen_text(leaving.seen) in ("invalid", "no rule") for leaving in difference.gone)


@known("Its timeouts")
def timeouts_of_gre(difference):
    return isinstance(difference.packet, Gre) and only(difference, "timeout set", "timeout") and \
        difference.change.theirs.timeout == difference.change.ours.timeout


@known("What is a stream", heals=True)
def what_is_a_stream(difference):
    """Two runs do not take the same time, and what is sent in pieces takes more than a second."""
    change = difference.change
    packet = difference.packet.about if isinstance(difference.packet, Fragments) else difference.packet
    return isinstance(packet, Datagram) and only(difference, "status", "timeout") and \
        change.theirs.status & change.ours.status & SEEN_REPLY and \
        {change.theirs.timeout, change.ours.timeout} <= {"udp", "udp_stream"}


@known("A datagram that ends before its packet does")
def a_shorter_datagram(difference):
    """Its checksum is made for the packet, as in-tree has it; who gets it, the router as well, takes it for wrong."""
    packet = difference.packet.about if isinstance(difference.packet, Fragments) else difference.packet
    to_router = is_invalid(difference) == (True, True) and \
        only(difference, "entries", "timeout", "timeout set") and (not difference.change.ours or stays(difference))
    return isinstance(packet, Datagram) and not isinstance(packet, LiteDatagram) and \
        8 <= packet.length < 8 + packet.payload and (is_invalid(difference) == (False, True) or to_router)


@known("A fragment that can't be put together", heals=True)
def a_fragment_of_broken_length(difference):
    """The kernel leaves it to its receiver. In-tree the first one has ports, and so a connection and its translation."""
    return difference.sequence.family == 6 and isinstance(difference.packet, Fragments) and \
        any(start == 0 and more and stop % 8 for start, stop, more in difference.packet.spans) and \
        any(seen_text(leaving.seen) == "invalid" or "icmp type 4 code 0" in leaving.text
            for leaving in difference.ours.leaving)


@known("A question to a name server", heals=True)
def a_question_to_a_name_server(difference):
    """Answered, here its life is short, and answers alone make no stream."""
    change = difference.change
    return isinstance(difference.packet, Datagram) and difference.sequence.service == DNS and \
        only(difference, "status", "timeout", "timeout set") and change.theirs and change.ours and \
        change.theirs.status & change.ours.status & SEEN_REPLY and \
        {change.theirs.timeout, change.ours.timeout} <= {"udp", "udp_stream", "udp_dns"}


@known("Newer kernels")
def newer_kernels_have_no_dccp(difference):
    packet = difference.packet.about if isinstance(difference.packet, Error) else difference.packet
    theirs = difference.theirs.entries + (difference.theirs_before[0] or ())
    return isinstance(packet, Dccp) and theirs and all(entry.timeout == "generic" for entry in theirs)


def dccp_type(difference):
    return difference.packet.type if isinstance(difference.packet, Dccp) else ""


@known("Retransmissions while a connection closes", heals=True)
def what_comes_while_a_connection_closes(difference):
    return dccp_type(difference) in ("close", "data", "ack", "dataack") and \
        is_invalid(difference) == (True, False) and \
        state(difference.change.ours_before) in ("CLOSEREQ", "CLOSING", "TIMEWAIT")


@known("Retransmissions while a connection closes", heals=True)
def a_reset_that_comes_again(difference):
    return dccp_type(difference) == "reset" and only(difference, "timeout", "timeout set") and stays(difference) and \
        state(difference.change.ours) == "TIMEWAIT"


@known("A Close in RESPOND")
def a_close_in_respond(difference):
    change = difference.change
    return dccp_type(difference) == "close" and is_invalid(difference) == (True, False) and \
        (state(change.ours_before), state(change.ours)) == ("RESPOND", "CLOSING")


@known("A SyncAck in PARTOPEN")
def a_syncack_in_partopen(difference):
    change = difference.change
    return dccp_type(difference) == "syncack" and only(difference, "state", "status", "timeout", "timeout set") and \
        (state(change.ours_before), state(change.ours)) == ("PARTOPEN", "OPEN")


@known("A Request in TIMEWAIT")
def a_request_in_timewait(difference):
    return dccp_type(difference) == "request" and state(difference.change.ours_before) == "TIMEWAIT"


@known("A Reset without an answer")
def a_reset_without_an_answer(difference):
    change = difference.change
    return dccp_type(difference) == "reset" and not change.theirs and state(change.ours) == "TIMEWAIT"


@known("An end that is forged")
def an_end_that_is_forged(difference):
    """It acknowledges what the other end never sent, or what we saw of that one was not its own."""
    numbers = [packet.seq for packet in difference.sequence.packets if isinstance(packet, Dccp)]
    return dccp_type(difference) in ("closereq", "close", "reset") and stays(difference) and \
        max(abs(seq - difference.packet.ack) for seq in numbers) >= 1 << 24


@known("A Reset of a client that waits for the Response")
def a_reset_in_request(difference):
    change = difference.change
    return dccp_type(difference) == "reset" and state(change.ours_before) == state(change.ours) == "REQUEST" and \
        stays(difference) and state(change.theirs) in ("TIMEWAIT", "")


@known("A Response that comes late")
def a_response_that_comes_late(difference):
    return dccp_type(difference) == "response" and stays(difference) and \
        state(difference.change.theirs) == "RESPOND" and state(difference.change.ours) not in ("REQUEST", "TIMEWAIT")


@known("Requests alone", heals=True)
def requests_alone(difference):
    return dccp_type(difference) == "request" and only(difference, "timeout", "timeout set") and stays(difference)


@known("When it is assured")
def when_it_is_assured(difference):
    change = difference.change
    return bool(dccp_type(difference)) and only(difference, "status") and \
        change.theirs.status ^ change.ours.status == ASSURED


@known("Data offset")
def a_header_that_is_too_short(difference):
    return bool(dccp_type(difference)) and "offset" in difference.packet.lies and \
        is_invalid(difference) == (False, True)


@known("Data offset", heals=True)
def a_header_that_is_cut(difference):
    return bool(dccp_type(difference)) and difference.packet.cut > 0 and is_invalid(difference)[1] and \
        not difference.theirs.leaving


@known("A checksum within 8 octets", heals=True)
def a_checksum_within_eight_octets(difference):
    packet = difference.packet
    theirs, ours = difference.aspects.get("leaves", ("", ""))
    return isinstance(packet, Error) and isinstance(packet.about, Dccp) and 8 <= packet.quoted < 12 and \
        only(difference, "leaves") and difference.sequence.nat != "none" and ours == theirs + " (differently)"


@known("Version 1")
def pptp_without_its_helper(difference):
    packet = difference.packet.about if isinstance(difference.packet, Error) else difference.packet
    return isinstance(packet, Gre) and any(
        isinstance(each, Gre) and each.version == 1 for each in difference.earlier + (packet,))


@known("Unknown versions")
def versions_that_nobody_knows(difference):
    packet = difference.packet.about if isinstance(difference.packet, Error) else difference.packet
    return isinstance(packet, Gre) and difference.sequence.nat != "none" and any(
        isinstance(each, Gre) and each.version > 1 for each in difference.earlier + (packet,))


@known("Headers")
def nat_wants_eight_octets(difference):
    packet = difference.packet
    return isinstance(packet, Gre) and packet.cut and packet.cut < 8 and difference.sequence.nat != "none" and \
        not difference.theirs.leaving


@known("Headers")
def a_short_header(difference):
    packet = difference.packet
    return isinstance(packet, Gre) and packet.cut and not has_passed(difference.ours) and \
        difference.change.ours == difference.change.ours_before


@known("UDP-Lite")
def newer_kernels_have_no_udp_lite(difference):
    packet = difference.packet.about if isinstance(difference.packet, Error) else difference.packet
    theirs = difference.theirs.entries + (difference.theirs_before[0] or ())
    return isinstance(packet, LiteDatagram) and theirs and all(entry.timeout == "generic" for entry in theirs)


@known("What an error has to quote", heals=True)
def a_short_quote(difference):
    return isinstance(difference.packet, Error) and difference.packet.quoted < 8 and \
        set(difference.aspects) <= {"leaves", "ct state"}


@known("Extended echo and node information")
def extended_echo_and_node_information(difference):
    packet = difference.packet.about if isinstance(difference.packet, Error) else difference.packet
    return isinstance(packet, Query) and packet.type in (42, 43, 139, 140, 160, 161)


@known("What a link says about itself", heals=True)
def what_a_link_says_about_itself(difference):
    packet = difference.packet
    return difference.sequence.family == 6 and isinstance(packet, Query) and \
        packet.type in (141, 142, 148, 149, 151, 152, 153)
