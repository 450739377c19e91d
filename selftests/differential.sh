#!/bin/bash
# modules: none
# The same generated packet sequences through nf_conntrack and through ctrack: after each packet
# the connection, what a rule sees and what leaves the router are the same, or differ in a way that
# Documentation/differences.rst explains. From the environment: SEED, COUNT (sequences of each
# protocol), PROTOCOLS, ORDER, for example ORDER=ctrack,in-tree.

. "$(dirname "$0")/lib.sh"

# $client (c0) --- (r0) $router (r1) --- (s0) $server; the ends have no addresses and never answer
topology() {
	local ns network
	netns client router server
	for ns in "$client" "$router" "$server"; do
		set_sysctl "$ns" net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	done
	set_sysctl "$router" net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0
	veth "$client" c0 "$router" r0
	veth "$router" r1 "$server" s0
	ip -n "$client" link set c0 address 02:00:00:00:01:02 up
	ip -n "$server" link set s0 address 02:00:00:00:02:02 up
	ip -n "$router" link set r0 address 02:00:00:00:01:01 up
	ip -n "$router" link set r1 address 02:00:00:00:02:01 up
	set_sysctl "$router" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 \
		net.ipv6.icmp.ratelimit=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.r0.rp_filter=0 \
		net.ipv4.conf.r1.rp_filter=0 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.r0.send_redirects=0 \
		net.ipv4.conf.r1.send_redirects=0 net.ipv4.ipfrag_time=1
	{
		echo "address add 10.0.1.1/24 dev r0"
		echo "address add 10.0.2.1/24 dev r1"
		echo "address add fd00:0:1::1/64 dev r0 nodad"
		echo "address add fd00:0:2::1/64 dev r1 nodad"
		echo "neighbour add 10.0.1.2 lladdr 02:00:00:00:01:02 dev r0 nud permanent"
		echo "neighbour add 10.0.2.2 lladdr 02:00:00:00:02:02 dev r1 nud permanent"
		echo "neighbour add fd00:0:1::2 lladdr 02:00:00:00:01:02 dev r0 nud permanent"
		echo "neighbour add fd00:0:2::2 lladdr 02:00:00:00:02:02 dev r1 nud permanent"
		for network in 10 11 12 13 14 30 60; do routes "$network" 1; done
		for network in 20 40 50 61; do routes "$network" 2; done
	} | ip -n "$router" -batch -
	in_ns "$router" ethtool -K r0 tx off >/dev/null
	in_ns "$router" ethtool -K r1 tx off >/dev/null
	wait_links "$client" "$router" "$server"
}
routes() { # NETWORK SIDE: see flow.py
	echo "route add 10.$1.0.0/16 via 10.0.$2.2"
	printf 'route add fd00:%x::/32 via fd00:0:%d::2\n' "$1" "$2"
}

# Cases come line by line, what explains them behind them.
cases() {
	local line
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok "${line#ok - }" ;;
		"not ok - "*) not_ok "${line#not ok - }" ;;
		*) printf '#   %s\n' "$line" ;;
		esac
	done
}

topology
compare() {
	python3 -ESsB "$(dirname "$0")/differential" "$client" "$router" "$server" 2>&1 || echo "not ok - it ends early"
}
cases < <(compare)
