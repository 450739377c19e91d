# SPDX-License-Identifier: GPL-2.0
"""Sequences of protocols that a tracker knows nothing of: ESP, PIM and one that nobody has."""
from packet import Unknown

NUMBERS = (50, 103, 200)


def generate(random, length):
    number = random.choice(NUMBERS)
    return [Unknown(random.choice(("client", "client", "server")), number, payload=random.choice((0, 1, 20)))
            for _ in range(length)]
