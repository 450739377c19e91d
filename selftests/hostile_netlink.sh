#!/bin/bash
# ctnetlink messages with attributes that are short, unknown, of the wrong kind or not there: each
# gets an errno, and none harms anybody. Last, many messages with some octets changed at random;
# the seed is always the same, and 'no answer' would name the message.

. "$(dirname "$0")/lib.sh"

ctnetlink() { in_ns "$router" python3 -ESsB "$(dirname "$0")/tools/ctnetlink.py" "$@"; }

netns router
ip -n "$router" address add 10.0.2.1/24 dev lo
rules "$router" <<<"table inet nat { chain post { type nat hook postrouting priority 100; oifname r1 masquerade; }; }"
sock udp own "$router" 10.0.2.1 4000
sock udp peer "$router" 10.0.2.1 53
sock ask own hello 10.0.2.1 53 0.1 >/dev/null || true
check_no_output "each wrong message gets its errno" . ctnetlink cases
check_output "it told of flushing at the end: nothing is left" '^0$' entry_count "$router"

sock send own hello
check "a connection is still tracked" wait_for 2 has_entries "$router" 1
check_no_output "1500 messages with changed octets are all answered" . ctnetlink random 1500 42
check "everything can be deleted then" in_ns "$router" ctctl flush all
check "and nothing is left" wait_for 5 has_entries "$router" 0
