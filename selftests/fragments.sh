#!/bin/bash
# Datagrams that are larger than a packet arrive whole, through masquerade and dnat, both ways.
# Only the first fragment has ports.

. "$(dirname "$0")/lib.sh"

each_family() { # FAMILY CLIENT INSIDE OUTSIDE SERVER
	local text
	printf -v text '%4000s' ''
	text=${text// /x}
	sock udp s "$server" "$5" 53
	sock udp c "$client" "$2" 4000
	sock connect c "$5" 53
	sock send c x4000
	check_equal "IPv$1: 4000 octets, masqueraded" "$text $4 4000" "$(sock answer s x4000)"
	sock send s x4000 "$4" 4000
	sock receive c >/dev/null
	check_equal "IPv$1: and back" "$text $5 53" "$(sock receive c)"
	check_output "IPv$1: a datagram counts as one packet" "sport=4000 dport=53 packets=1 bytes=40[0-9]+ .*packets=2 bytes" \
		tracked "$router" family "ipv$1"
	check_equal "IPv$1: the first is new" "new 1 established 2" "$(states "$router")"

	sock udp c "$client" "$2" 4001
	sock connect c "$3" 99
	sock send c x4000
	check_equal "IPv$1: forwarded" "$text $2 4001" "$(sock answer s hello)"
	check_output "IPv$1: and answered" "^hello $3 99$" sock receive c
	states "$router" >/dev/null
	check_equal "IPv$1: there are two entries" 2 "$(tracked "$router" family "ipv$1" proto udp | grep -c .)"
	check "IPv$1: a large ping" in_ns "$client" ping -nq -c 1 -W 30 -s 5000 "$5"
	states "$router" >/dev/null
}

topology_router
count_states "$router"
rules "$router" <<-'END'
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat
			udp dport 99 dnat ip to 10.0.2.2:53
			udp dport 99 dnat ip6 to [fd00:2::2]:53
		}
		chain post { type nat hook postrouting priority srcnat; udp dport 53 udp sport 4000 masquerade; meta l4proto { icmp, icmpv6 } masquerade; }
	}
END
# On a slow machine the first is not to be over before the last is counted.
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=300
each_family 4 10.0.1.2 10.0.1.1 10.0.2.1 10.0.2.2
each_family 6 fd00:1::2 fd00:1::1 fd00:2::1 fd00:2::2
check_equal "nothing was refused" "" "$(reasons "$router")"
