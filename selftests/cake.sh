#!/bin/bash
# A shaper that shares the line among hosts (`cake nat`) is told who sends and who receives behind the
# translation, where all have one address: the packets of each client wait in a queue of their own. In
# front of masquerade packets have their connection; where they come in, from the server, none yet.

. "$(dirname "$0")/lib.sh"

clients="2 3 4 5"

# queues DEVICE: how many have packets, or had
queues() { in_ns "$router" tc -s -j qdisc show dev "$1" | jq '[.[0].tins[] | .sparse_flows + .bulk_flows] | add'; }
holds() { [ "$(queues "$1")" = "$2" ]; }

# sends: each client to the server, or the server to each client
client_sends() { for n in $clients; do sock send "c$n" x1000; done; }
server_sends() { for n in $clients; do sock send s x1000 10.0.2.1 "400$n"; done; }

# flood DEVICE BY WHO-SENDS OPTION QUEUES DESCRIPTION: a packet leaves in a second, and the last in half a minute,
# so that they wait for who counts them
flood() {
	local many
	in_ns "$router" tc qdisc replace dev "$1" root cake bandwidth 8kbit besteffort "$2" "$4"
	for many in {1..6}; do "$3"; done
	check "$6" wait_for 30 holds "$1" "$5"
	in_ns "$router" tc qdisc delete dev "$1" root
}

# fixed NS DEVICE ADDRESS OTHER-NS OTHER-DEVICE: whose link address needs not to be asked for
fixed() {
	ip -n "$1" neighbour replace "$3" dev "$2" nud permanent \
		lladdr "$(ip -n "$4" -j link show "$5" | jq -r '.[0].address')"
}

topology_router
# nothing but the test's packets is to wait in a queue
set_sysctl "$router" net.ipv6.conf.all.disable_ipv6=1
set_sysctl "$server" net.ipv6.conf.all.disable_ipv6=1
fixed "$router" r1 10.0.2.2 "$server" s0
fixed "$server" s0 10.0.2.1 "$router" r1
rules "$router" <<-'END'
	table inet nat { chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }; }
END
# what the server sends is of the connections that the clients have begun
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
sock udp s "$server" 10.0.2.2 9
for n in $clients; do
	[ "$n" = 2 ] || ip -n "$client" address add "10.0.1.$n/24" dev c0
	sock udp "c$n" "$client" "10.0.1.$n" "400$n"
	sock connect "c$n" 10.0.2.2 9
done
flood r1 srchost client_sends nonat 1 "going out, without a tracker's help all clients are one"
flood r1 srchost client_sends nat 4 "going out, with it each is one"

ip -n "$router" link add i0 type ifb
address "$router" i0
in_ns "$router" tc qdisc add dev r1 handle ffff: ingress
in_ns "$router" tc filter add dev r1 parent ffff: matchall action mirred egress redirect dev i0
flood i0 dsthost server_sends nonat 1 "coming in, without a tracker's help all clients are one"
flood i0 dsthost server_sends nat 4 "coming in, with it each is one"
