#!/bin/bash
# Redirects, real and forged. One is related to the connection that it quotes, or invalid. ICMPv6's
# must come from a router on the link (RFC 4861 section 8.1), and may have options in front of the
# quote. About a connection that is translated, or might be yet, they are dropped: the router that
# they name means nothing on the other side.

. "$(dirname "$0")/lib.sh"

link_local() { ip -n "$1" -6 -o address show dev "$2" scope link -tentative | sed -nE 's/.* inet6 ([^/]*).*/\1/p'; }
has_link_local() { [ -n "$(link_local "$1" "$2")" ]; }

refused() { # in the order of their names
	local -a words
	read -ra words <<<"$(reasons "$client")"
	printf '%s %s\n' "${words[@]}" | sort | paste -sd ' '
}

# forged RESULT FROM HOW QUOTED...: a redirect to the client, and what its input sees
forged() {
	local result=$1 from=$2 how=$3
	shift 3
	sock redirect "$router" "$from" "$1" "$how" "$@"
	check_equal "from $from, $how: $result" "$result 1" "$(states "$client")"
}

topology_router
has_link_local "$router" r0 || check "the router has a link-local address" wait_for 30 has_link_local "$router" r0
has_link_local "$server" s0 || check "so has the server" wait_for 30 has_link_local "$server" s0
from=$(link_local "$router" r0)
count_states "$client" input
ip -n "$client" route add 10.0.1.43 via 10.0.1.1
ip -n "$client" route add fd00:1::42 via fd00:1::1
ip -n "$client" route add fd00:1::43 via fd00:1::1
# the router knows where 43 is, and says so in the redirect
ip -n "$router" neighbour add 10.0.1.43 lladdr 02:00:00:00:00:43 dev r0 nud permanent
ip -n "$router" neighbour add fd00:1::43 lladdr 02:00:00:00:00:43 dev r0 nud permanent
# and does not give up on 42 while the ping waits, which would be one more error
set_sysctl "$router" net.ipv6.neigh.r0.retrans_time_ms=60000
for address in 10.0.1.43 fd00:1::42 fd00:1::43; do
	in_ns "$client" ping -nq -c 1 -W 1 $address >/dev/null 2>&1 || true
	check_equal "a ping to $address is redirected: related" "related 1" "$(states "$client")"
	# it must not become unreachable later
	ip -n "$router" neighbour replace $address lladdr 02:00:00:00:00:42 dev r0 nud permanent
done

sock udp c "$client" 10.0.1.2 4000
sock send c hello 10.0.2.2 53
sock udp c "$client" fd00:1::2 4000
sock send c hello fd00:2::2 53
check_equal "two connections are refused" "related 2" "$(states "$client")"
forged related 10.0.1.1 right 10.0.1.2 4000 10.0.2.2 53
forged invalid 10.0.1.1 right 10.0.1.2 4001 10.0.2.2 53
forged invalid 10.0.1.1 unquoted 10.0.1.2 4000 10.0.2.2 53
forged invalid 10.0.1.1 cut 10.0.1.2 4000 10.0.2.2 53
check_equal "the reasons" "icmp_inner 2 icmp_unrelated 1" "$(refused)"
forged related "$from" right fd00:1::2 4000 fd00:2::2 53
forged related "$from" behind fd00:1::2 4000 fd00:2::2 53
forged invalid "$from" right fd00:1::2 4001 fd00:2::2 53
check_equal "the reasons" "icmp_inner 2 icmp_unrelated 2" "$(refused)"
forged invalid "$from" unquoted fd00:1::2 4000 fd00:2::2 53
forged invalid "$from" cut fd00:1::2 4000 fd00:2::2 53
forged invalid "$from" endless fd00:1::2 4000 fd00:2::2 53
forged invalid "$from" hidden fd00:1::2 4000 fd00:2::2 53
check_equal "the reasons" "icmp_inner 6 icmp_unrelated 2" "$(refused)"
forged invalid "$from" far fd00:1::2 4000 fd00:2::2 53
forged invalid "$from" code fd00:1::2 4000 fd00:2::2 53
forged invalid fd00:1::1 right fd00:1::2 4000 fd00:2::2 53
check_equal "the reasons" "icmp_inner 6 icmp_redirect 3 icmp_unrelated 2" "$(refused)"

rules "$router" <<-'END'
	table inet nat {
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
in_ns "$client" ping -nq -c 1 -W 1 -e 501 10.0.1.43 >/dev/null 2>&1 || true
check_equal "before a packet is through the nat chains, nobody is redirected" "" "$(states "$client")"
check_equal "which is counted" "nat_redirect 1" "$(reasons "$router")"
in_ns "$client" ping -nq -c 1 -W 1 -e 501 10.0.1.43 >/dev/null 2>&1 || true
check_equal "then they are: related" "related 1" "$(states "$client")"

sock udp c "$client" 10.0.1.2 4002
sock send c hello 10.0.2.2 53
sock udp c "$client" fd00:1::2 4002
sock send c hello fd00:2::2 53
count_states "$router" input
sock redirect "$server" 10.0.2.2 10.0.2.1 right 10.0.2.1 4002 10.0.2.2 53
sock redirect "$server" "$(link_local "$server" s0)" fd00:2::1 right fd00:2::1 4002 fd00:2::2 53
check_equal "about a translated connection they are dropped, and counted" "nat_redirect 3" "$(reasons "$router")"
check_equal "before any rule sees them" "" "$(states "$router")"
