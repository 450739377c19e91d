#!/bin/bash
# An ICMP error about a translated packet comes to the packet's sender with a quote of what that
# one sent, octet for octet, however much is quoted and whatever a router on the way did to it. An
# error is never lost because of a sum that is wrong, or cut off, in its quote. With less than 8
# octets of a header that has ports (RFC 792), with a fragment that is not the first and with
# another error no connection is found. tools/quotes.py sends and compares.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/translated.sh"

topology_translated
count_states "$router"
tool_cases "$router" quotes "$client" "$router" "$server" shapes wrong_sums options kinds answers
check_equal "nothing was refused" "" "$(reasons "$router")"
check_no_output "what was passed on was new, established or related" 'invalid|untracked' states "$router"
tool_cases "$router" quotes "$client" "$router" "$server" refused
check_equal "these were, and counted" "icmp_inner 10" "$(reasons "$router")"
