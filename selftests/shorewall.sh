#!/bin/bash
# modules: none
# Shorewall's rules for two interfaces, with port forwarding: who gets in, who gets out, and looking like whom.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"
. "$(dirname "$0")/gateway.sh"

each_way() {
	topology_gateway
	check "$tracker: the rules are taken" in_ns "$gateway" iptables-restore "$(dirname "$0")/rulesets/shorewall.rules"
	check_gateway
	forget_recent "$gateway"
}

on_both each_way
