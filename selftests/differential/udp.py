# SPDX-License-Identifier: GPL-2.0
"""UDP and UDP-Lite sequences: queries, answers, conversations and one-sided streams."""
from packet import Datagram


def generate(random, length, datagram=Datagram):
    talkative = random.choice((0.1, 0.5, 0.5, 0.9))
    side = "client" if random.random() < 0.9 else "server"
    packets = []
    while len(packets) < length:
        packets.append(datagram(side, payload=random.choice((0, 1, 4, 33))))
        side = "client" if random.random() < talkative else "server"
    return packets
