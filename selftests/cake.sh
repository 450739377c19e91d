#!/bin/bash
# A shaper in front of masquerade that shares the line among hosts (`cake nat`) is told who sends:
# two clients' packets, with one address behind the translation, wait in two queues.

. "$(dirname "$0")/lib.sh"


# flood OPTION EXPECTED DESCRIPTION
flood() {
	in_ns "$router" tc qdisc replace dev r1 root cake bandwidth 64kbit besteffort srchost "$1"
	for _ in {1..12}; do
		sock send a x1000
		sock send b x1000
	done
	check "$3" wait_for 10 holds "$2"
	in_ns "$router" tc qdisc delete dev r1 root
}
holds() { [ "$(in_ns "$router" tc -s -j qdisc show dev r1 | jq '[.[0].tins[] | .sparse_flows + .bulk_flows] | add')" = "$1" ]; }

topology_router
ip -n "$client" address add 10.0.1.3/24 dev c0
rules "$router" <<-'END'
	table inet nat { chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }; }
END
rules "$server" <<-'END'
	table inet mute { chain in { type filter hook prerouting priority raw; udp dport 9 drop; }; }
END
sock udp a "$client" 10.0.1.2 4000
sock connect a 10.0.2.2 9
sock udp b "$client" 10.0.1.3 4000
sock connect b 10.0.2.2 9
flood nonat 1 "without a tracker's help they are one"
flood nat 2 "with it they are two"
