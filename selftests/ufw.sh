#!/bin/bash
# modules: none
# ufw's rules for a gateway, with the nat rules in before.rules that its manual describes: who gets in, who gets out, and
# looking like whom.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"
. "$(dirname "$0")/gateway.sh"

each_way() {
	topology_gateway
	check "$tracker: the rules are taken" in_ns "$gateway" iptables-restore "$(dirname "$0")/rulesets/ufw.rules"
	check "$tracker: those for IPv6 as well" in_ns "$gateway" ip6tables-restore "$work/ufw6.rules"
	check_gateway
	check_gateway_ipv6
}

# User-mode Linux has no match `hl`, by which neighbours are told from others.
modprobe -q xt_hl && without= || without='-m hl --hl-eq [0-9]* '
sed "s/${without:-^$}//" "$(dirname "$0")/rulesets/ufw6.rules" >"$work/ufw6.rules"
on_both each_way
