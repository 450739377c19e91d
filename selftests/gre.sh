#!/bin/bash
# GRE and what nobody knows: known by their addresses, translated by their addresses; a tunnel
# that is answered is assured. By the kernel's own tunnels, for IPv4 and IPv6.

. "$(dirname "$0")/lib.sh"

tunnel() { # NS TYPE LOCAL REMOTE ADDRESS
	ip -n "$1" link add t0 type "$2" local "$3" remote "$4"
	ip -n "$1" address add "$5/24" dev t0
	ip -n "$1" link set t0 up
}

# The other end is the router's address where it is masqueraded.
each_family() { # FAMILY TYPE CLIENT ROUTER SERVER
	tunnel "$client" "$2" "$3" "$5" 172.16.0.1
	tunnel "$server" "$2" "$5" "$4" 172.16.0.2
	check "IPv$1: a ping through a tunnel that is masqueraded" in_ns "$client" ping -nq -c 1 -W 30 172.16.0.2
	check_output "IPv$1: its entry is replied, known by its addresses" "^gre +47 (30|[12].) src=$3 dst=$5 srckey=0x0 dstkey=0x0 .*src=$5 dst=$4 srckey=0x0 dstkey=0x0" \
		tracked "$router" family "ipv$1" proto gre
	check "IPv$1: another ping" in_ns "$client" ping -nq -c 1 -W 30 172.16.0.2
	check_output "IPv$1: now it is assured" "^gre +47 1(80|[4-7].) .*\[ASSURED\]" tracked "$router" family "ipv$1" proto gre
	check_output "IPv$1: ctctl lists it without ports" "^gre +assured +1[0-9]+s +$3 +$5 " in_ns "$router" ctctl list family "ipv$1" proto gre
	ip -n "$client" link delete t0
	ip -n "$server" link delete t0

	sock hear "h$1" "$server" "$5" 253
	sock packet "$client" "$3" "$5" 253 68656c6c6f
	check_output "IPv$1: an unknown protocol is masqueraded, too" "^$4 68656c6c6f$" sock heard "h$1"
	check_output "IPv$1: its entry" "^unknown +253 (600|5..) src=$3 dst=$5 .*src=$5 dst=$4 " tracked "$router" family "ipv$1" proto 253
}

topology_router
rules "$router" <<-'END'
	table inet nat { chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }; }
END
each_family 4 gre 10.0.1.2 10.0.2.1 10.0.2.2
each_family 6 ip6gre fd00:1::2 fd00:2::1 fd00:2::2
check_equal "nothing was refused" "" "$(reasons "$router")"
sock packet "$client" 10.0.1.2 10.0.2.2 47 000008
sock packet "$client" 10.0.1.2 10.0.2.2 47 b000080000000000
sock packet "$client" 10.0.1.2 10.0.2.2 47 2001080000000000
check_equal "headers that lie have their reason" "transport_header 1 gre_header 2" "$(reasons "$router")"
set_sysctl "$router" net.netfilter.nf_conntrack_gre_timeout=88 net.netfilter.nf_conntrack_gre_timeout_stream=99
in_ns "$router" ctctl delete proto gre >/dev/null
sock packet "$client" 10.0.1.2 10.0.2.2 47 00000800
check_output "nf_conntrack_gre_timeout holds" '^gre +47 (8[0-8]|[5-7].) ' tracked "$router" proto gre family ipv4
