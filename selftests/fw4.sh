#!/bin/bash
# modules: none
# The rules of OpenWrt's firewall, fw4, in its default configuration with a port forward and its reflection: who gets in,
# who gets out, and looking like whom.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"
. "$(dirname "$0")/gateway.sh"

each_way() {
	topology_gateway
	check "$tracker: the rules are taken" in_ns "$gateway" nft -f "$(dirname "$0")/rulesets/fw4.nft"
	check_gateway
	check_gateway_ipv6
}

on_both each_way
