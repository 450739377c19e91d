# SPDX-License-Identifier: GPL-2.0
"""Makes sequences short and plain, as long as their difference stands.

Loading a tracker costs more than hundreds of sequences do, so that a round tries all that can be tried at once, for
all sequences.
"""
import dataclasses

ROUNDS = 12


class Target:
    """A sequence to be made smaller, and the kind of difference that it must keep."""

    def __init__(self, difference):
        self.kind = difference.kind()
        self.sequence = upto(difference.sequence, difference.step)
        self.phase, self.done = "shorter", False
        self.useful = []

    def candidates(self):
        if self.phase == "shorter":
            return list(shorter(self.sequence))
        if self.phase == "plainer":
            self.useful = list(plainer(self.sequence))
            return [change(self.sequence) for change in self.useful]
        # together: the more of the useful changes the better
        return [applied(self.sequence, self.useful[:count]) for count in range(len(self.useful), 0, -1)]

    def choose(self, candidates, stand):
        """stand: for each candidate whether the difference is still there."""
        standing = [index for index, good in enumerate(stand) if good]
        if self.phase == "shorter":
            if standing:
                self.sequence = min((candidates[i] for i in standing), key=lambda s: len(s.packets))
            else:
                self.phase = "plainer"
        elif self.phase == "plainer":
            self.useful = [self.useful[i] for i in standing]
            self.phase, self.done = "together", not self.useful
        else:
            # one alone was seen to stand
            self.sequence = candidates[standing[0]] if standing else applied(self.sequence, self.useful[:1])
            self.phase = "shorter"


def upto(sequence, step):
    return dataclasses.replace(sequence, packets=sequence.packets[:step + 1])


def shorter(sequence):
    """Without any run of packets but the last one."""
    packets = sequence.packets
    for length in range(len(packets) - 1, 0, -1):
        for start in range(len(packets) - length):
            yield dataclasses.replace(sequence, packets=packets[:start] + packets[start + length:])


def with_packet(index, old, new):
    def change(sequence):
        if sequence.packets[index] != old:
            # another change came first: the rest of it waits for the next round
            return sequence
        return dataclasses.replace(sequence, packets=sequence.packets[:index] + (new,) + sequence.packets[index + 1:])
    return change


def with_field(name, value):
    return lambda sequence: dataclasses.replace(sequence, **{name: value})


def plainer(sequence):
    """Functions that make one thing in it plainer."""
    for name, value in (("nat", "none"), ("isn", (0, 0)), ("family", 4), ("setting", ())):
        if getattr(sequence, name) != value and not (name == "family" and "icmp" in sequence.name):
            yield with_field(name, value)
    for index, packet in enumerate(sequence.packets):
        for simpler in packet.simpler():
            yield with_packet(index, packet, simpler)


def applied(sequence, changes):
    for change in changes:
        sequence = change(sequence)
    return sequence


def shrink(differences, find_kinds, out_of_time):
    """Returns a Target for each difference. find_kinds: of sequences, the kinds of their unexplained differences."""
    targets = [Target(difference) for difference in differences]
    for _ in range(ROUNDS):
        if out_of_time():
            break
        working = [target for target in targets if not target.done]
        tried = [(target, target.candidates()) for target in working]
        found = find_kinds([candidate for _, candidates in tried for candidate in candidates])
        for target, candidates in tried:
            kinds, found = found[:len(candidates)], found[len(candidates):]
            target.choose(candidates, [target.kind == each for each in kinds])
        if not working:
            break
    return targets
