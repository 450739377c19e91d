#!/bin/bash
# modules: none
# limit: 260
# conntrackd's own tests, which conntrack-tools ships as well: statistics, and connections that are carried over TCP,
# with no cache at either end.

. "$(dirname "$0")/lib.sh"

mkdir -p /peers/conntrack-tools/src /var/lock
ln -sf /usr/sbin/conntrack /usr/sbin/conntrackd /peers/conntrack-tools/src/
same_with_command env -C /peers/conntrack-tools/tests/conntrackd PYTHONPATH=/peers/python python3 conntrackd-tests.py
check_output "there are some" 'passed tests: [5-9]' cat "$work/ctrack"
