# SPDX-License-Identifier: GPL-2.0
"""ICMP and ICMPv6 sequences: queries of all types with their answers, and what is neither."""
from packet import Query

ANSWERS = {4: {8: 0, 13: 14, 15: 16, 17: 18}, 6: {128: 129}}
# Advertisements and solicitations of routers, what is no more used and what never was
OTHERS = {4: (0, 9, 10, 6, 14, 30, 40, 255), 6: (129, 130, 131, 133, 135, 136, 139, 143, 144, 145, 155, 160, 200)}


def generate(random, length, family):
    answers = ANSWERS[family]
    kind = random.choice([next(iter(answers))] * 3 + list(answers))
    if random.random() < 0.15:
        kind = random.choice(OTHERS[family])
    packets = []
    for number in range(length):
        side, what = "client", kind
        dice = random.random()
        if dice < 0.45 and packets:
            side, what = "server", answers.get(kind, kind)
        elif dice < 0.50:
            side = "server"
        elif dice < 0.55:
            what = answers.get(kind, kind)
        elif dice < 0.60:
            what = random.choice(OTHERS[family])
        packets.append(Query(side, what, sequence=number, payload=random.choice((0, 8, 56))))
    return packets
