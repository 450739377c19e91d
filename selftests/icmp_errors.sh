#!/bin/bash
# ICMP errors are related to the connection that they are about, and go through NAT: who sent the
# packet gets an error about the packet that it sent, not about the translated one. Seen at its
# socket. The server is a router, too, with networks behind it that are small or far away:
#
#    $client --- masquerade, dnat $router --- $server --- (d0, MTU 1300) 10.0.3.0/24

. "$(dirname "$0")/lib.sh"

# hears DESCRIPTION SOCKET REGEX
hears() { check_output "$1" "$3" sock error "$2"; }

through() { # FAMILY CLIENT ROUTER SERVER BEHIND
	local unreachable='3/3' exceeded='11/0' size='3/4'
	[ "$1" = 4 ] || unreachable='1/4' exceeded='3/0' size='2/0'
	states "$router" >/dev/null

	sock udp c "$client" "$2" 4000
	sock connect c "$4" 9
	sock send c hello
	hears "IPv$1: masquerade: a closed port is refused" c "^ECONNREFUSED $unreachable from $4 about $4 9$"
	check_equal "IPv$1: the error is related" "new 1 related 1" "$(states "$router")"
	check_output "IPv$1: the connection was translated" "src=$4 dst=$(outside "$1") " tracked "$router" sport 4000 nat snat

	sock udp c "$client" "$2" 4001
	sock connect c "$3" 99
	sock send c hello
	hears "IPv$1: dnat: the error is about what was sent" c "^ECONNREFUSED $unreachable from ($3|$4) about $3 99$"
	check_equal "IPv$1: the error is related" "new 1 related 1" "$(states "$router")"

	sock udp c "$client" "$2" 4002
	sock ttl c 2
	sock connect c "$5" 9
	sock send c hello
	hears "IPv$1: time exceeded behind us" c "^EHOSTUNREACH $exceeded from $4 about $5 9$"
	check_equal "IPv$1: the error is related" "new 1 related 1" "$(states "$router")"
	sock ttl c 1
	sock send c hello
	hears "IPv$1: time exceeded at the router itself" c "^EHOSTUNREACH $exceeded from $3 about $5 9$"

	# its connection has no entry yet, and never will
	sock udp c "$client" "$2" 4005
	sock ttl c 1
	sock connect c "$3" 99
	sock send c hello
	hears "IPv$1: dnat: time exceeded at the router itself, by a first packet" c "^EHOSTUNREACH $exceeded from $3 about $3 99$"
	check_no_output "IPv$1: which leaves nothing" "sport=4005" tracked "$router"

	sock udp c "$client" "$2" 4003
	sock whole c
	sock connect c "$5" 9
	states "$router" >/dev/null
	sock send c x1400
	hears "IPv$1: too big behind us" c "^EMSGSIZE $size from $4 about $5 9$"
	check_equal "IPv$1: the error is related" "new 1 related 1" "$(states "$router")"
	check_equal "IPv$1: and the path's MTU is learnt" 1300 "$(sock mtu c)"

	check_output "IPv$1: time exceeded for a ping" "From $4 icmp_seq=1 Time (to live )?exceeded" \
		in_ns "$client" ping -n -c 1 -W 30 -t 2 "$5"

	# the client closes its port: its error goes out as the router's
	sock udp s "$server" "$4" 5000
	sock udp c "$client" "$2" 4004
	sock send c hello "$4" 5000
	from=$(sock receive s)
	sock close c
	states "$router" >/dev/null
	# shellcheck disable=SC2086
	sock connect s ${from#hello }
	sock send s hello
	hears "IPv$1: an error about an answer" s "^ECONNREFUSED $unreachable from $(outside "$1") about $(outside "$1") "
	check_equal "IPv$1: the error is related" "established 1 related 1" "$(states "$router")"

	sock tcp c "$client" "$2" 0
	check_output "IPv$1: an error about a SYN" "^ECONNREFUSED$" sock connect c "$4" 7
}
outside() { case $1 in 4) echo 10.0.2.1 ;; 6) echo fd00:2::1 ;; esac; }

topology_router
ip -n "$server" link add d0 mtu 1300 type dummy
address "$server" d0 10.0.3.1/24 fd00:3::1/64
set_sysctl "$server" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
set_sysctl "$client" net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
set_sysctl "$router" net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
ip -n "$router" route add 10.0.3.0/24 via 10.0.2.2
ip -n "$router" route add fd00:3::/64 via fd00:2::2
# a route of its own, which forwarding would lose
ip -n "$server" route replace default via fd00:2::1
rules "$server" <<-'END'
	table inet refuse {
		chain in { type filter hook input priority 0; tcp dport 7 reject with icmpx type port-unreachable; }
	}
END
rules "$router" <<-'END'
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat
			udp dport 99 dnat ip to 10.0.2.2
			udp dport 99 dnat ip6 to fd00:2::2
		}
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
count_states "$router"
through 4 10.0.1.2 10.0.1.1 10.0.2.2 10.0.3.2
through 6 fd00:1::2 fd00:1::1 fd00:2::2 fd00:3::2

states "$router" >/dev/null
sock unreachable "$server" 10.0.2.2 10.0.2.1 10.0.2.1 9999 10.0.2.2 9999
sock unreachable "$server" 10.0.2.2 10.0.1.2 10.0.1.2 9999 10.0.2.2 9999
sock unreachable "$server" fd00:2::2 fd00:1::2 fd00:1::2 9999 fd00:2::2 9999
check_equal "an error about no connection is invalid" "invalid 2" "$(states "$router")"
check_equal "and counted" "icmp_unrelated 3" "$(reasons "$router")"
sock unreachable "$client" 10.0.1.2 10.0.2.2 10.0.1.2 4002 10.0.3.2 9
check_equal "one that is sent to somebody else is invalid, too" "invalid 1" "$(states "$router")"
