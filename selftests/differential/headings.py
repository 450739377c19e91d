#!/usr/bin/env -S python3 -ESsB
# SPDX-License-Identifier: GPL-2.0
"""headings.py DOCUMENT: does each explanation stand there, on a line by itself? TAP, for selftests/vm/unit."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))

# pylint: disable=wrong-import-position
import known  # pylint: disable=unused-import
from explanation import KNOWN


def main():
    with open(sys.argv[1], encoding="utf-8") as document:
        lines = {line.strip() for line in document}
    print("1..%d" % len(KNOWN))
    for number, each in enumerate(KNOWN, 1):
        print("%s %d - %s: %s" % ("ok" if each.heading in lines else "not ok", number, each.name, each.heading))


main()
