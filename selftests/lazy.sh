#!/bin/bash
# A namespace is tracked from its first rule with ct or nat, or from `ctctl on`, and no longer
# than that: without rules nothing is there to pay for.

. "$(dirname "$0")/lib.sh"

port=4000
# check_flows DESCRIPTION EXPECTED: of two flows, which have an entry
check_flows() {
	local said dump
	port=$((port + 1))
	sock udp c "$client" 10.0.1.2 $port
	sock ask c hello 10.0.2.2 53 >/dev/null
	sock udp c "$client" fd00:1::2 $port
	sock ask c hello fd00:2::2 53 >/dev/null
	dump=$(tracked "$router" sport $port 2>/dev/null)
	said=none
	[[ $dump != *dst=10.0.2.2* ]] || said=IPv4
	[[ $dump != *dst=fd00:2::2* ]] || said=${said/none}IPv6
	check_equal "$1" "$2" "$said"
}

topology_router
# one to the port of DNS would be over in ten seconds, when its entry is looked for
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout{,_dns}=600
sock echo udp "$server" 10.0.2.2 53
sock echo udp "$server" fd00:2::2 53
check_flows "no rule: no entry" none
rules "$router" <<<"table inet filter { chain forward { type filter hook forward priority 0; udp dport 53 counter; }; }"
check_flows "a rule that asks for nothing: no entry" none
check_output "ctctl list says that tracking is off, and how to turn it on" "tracking is off .*ctctl on" in_ns "$router" ctctl list
check_output "and so do its statistics" "^tracking +off" in_ns "$router" ctctl stats

rules "$router" <<<"add rule inet filter forward ct state new counter"
check_flows "the first ct rule: there are" IPv4IPv6
check_output "ctctl stats says why" "^tracking +on, by 1 rule$" in_ns "$router" ctctl stats
rules "$router" <<<"add rule inet filter forward ct mark 1 counter"
rules "$router" <<<"flush chain inet filter forward"
check_flows "without them: none" none

rules "$router" <<<"table ip filter4 { chain forward { type filter hook forward priority 0; ct state new counter; }; }"
check_flows "a rule for IPv4: entries for IPv4" IPv4
rules "$router" <<<"table ip6 filter6 { chain forward { type filter hook forward priority 0; ct state new counter; }; }"
check_flows "and one for IPv6" IPv4IPv6
rules "$router" <<<"delete table ip filter4"
check_flows "only the one for IPv6" IPv6
rules "$router" <<<"flush ruleset"
check_flows "no ruleset: none" none

rules "$router" <<<"table inet nat { chain post { type nat hook postrouting priority 100; }; }"
check_flows "a nat chain: there are" IPv4IPv6
check_output "ctctl on, too" "^tracking is on" in_ns "$router" ctctl on
check_output "it can be said twice" "^tracking is on" in_ns "$router" ctctl on
check_output "ctctl off does not take it from the chain" "^tracking stays on .* for [0-9]+ rule" in_ns "$router" ctctl off
check_flows "there still are" IPv4IPv6
in_ns "$router" ctctl on >/dev/null
rules "$router" <<<"delete table inet nat"
check_flows "on, without a chain: there are" IPv4IPv6
check_output "ctctl off" "^tracking is off" in_ns "$router" ctctl off
check_flows "off: none" none
check_equal "another namespace has none of all that" 0 "$(entry_count "$client")"
