# SPDX-License-Identifier: GPL-2.0
"""Sequences and what became of them, in words."""
import conntrack as ct
from packet_text import checksum_is_right, ends, message_text, packet_text, quoted
from tracker import REPLY, STATES

STATUS = ((ct.SEEN_REPLY, "replied"), (ct.ASSURED, "assured"), (ct.SOURCE_NAT, "snat"),
          (ct.DESTINATION_NAT, "dnat"), (ct.EXPECTED, "expected"), (ct.DYING_BIT, "dying"),
          (ct.FIXED_TIMEOUT, "fixed timeout"))


def change_text(sent, packet):
    """What the router did to a packet, without numbers."""
    if message_text(packet).split(" id ")[0] != message_text(sent).split(" id ")[0]:
        return "its own " + message_text(packet).split(" id ")[0]
    changed = [name for name, one, other in zip(("source", "destination"), ends(sent), ends(packet)) if one != other]
    inner, was_inner = quoted(packet), quoted(sent)
    if inner and was_inner:
        changed += ["inner " + name for name, one, other
                    in zip(("source", "destination"), ends(was_inner), ends(inner)) if one != other]
    said = "translated" if changed else "as it came"
    if checksum_is_right(packet) != checksum_is_right(sent):
        said += ", checksum now " + ("right" if checksum_is_right(packet) else "wrong")
    return said


def seen_text(dscp):
    state = STATES.get(dscp & (REPLY - 1), "no rule")
    return state + " reply" if dscp & REPLY else state


def status_text(status):
    return " ".join(name for bit, name in STATUS if status & bit) or "-"


def entry_text(entry, step=None):
    said = "%s | %s | %s %s" % (entry.original, entry.reply, entry.state, status_text(entry.status))
    said += " timeout %s" % entry.timeout
    if step is not None:
        said += " set now" if entry.renewed == step else " set in step %d" % (entry.renewed + 1)
    return said


def outcome_lines(sent, step, outcome):
    if not outcome.leaving:
        yield "nothing leaves"
    for leaving in outcome.leaving:
        yield "%s, leaves by %s %s: %s" % (seen_text(leaving.seen), leaving.interface,
                                          change_text(sent, leaving.data), leaving.text or packet_text(leaving.data))
    if not outcome.entries:
        yield "no entry"
    for entry in outcome.entries:
        yield entry_text(entry, step)


def lines(sequence, frames, theirs, ours):
    """The whole sequence; where the trackers agree, once."""
    yield sequence.shown()
    for step, packet in enumerate(sequence.packets):
        yield "%2d %s: %s" % (step + 1, packet.side, packet.text())
        one, other = (list(outcome_lines(frames[step], step, o[step])) for o in (theirs, ours))
        for line in one:
            yield "      %s %s" % ("both:   " if line in other else "in-tree:", line)
        for line in other:
            if line not in one:
                yield "      ctrack:  " + line
