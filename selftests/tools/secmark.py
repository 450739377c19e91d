# SPDX-License-Identifier: GPL-2.0
"""secmark.py TABLE CHAIN MARK: adds the rule `meta secmark set MARK` to a chain of an inet table."""
import sys

from nftables import Nftables

INET = 1

if __name__ == "__main__":
    table, chain, mark = sys.argv[1:]
    answer = Nftables(table, INET).set_secmark(chain, int(mark))
    sys.exit(answer.text or answer.error)
