#!/bin/bash
# What the host itself answers belongs to the connection that it answers: a rule in output sees it
# as related, whoever is answered gets it translated back to what he knows, and a connection that
# was refused leaves no entry. What answers an untracked packet is untracked.

. "$(dirname "$0")/lib.sh"

# seen DESCRIPTION STATES: of the router's own packets, since it was asked last
seen() { check_equal "$1" "$2" "$(states "$router")"; }

each_family() { # FAMILY CLIENT INSIDE OUTSIDE SERVER
	local unreachable='3/3' prohibited='3/13'
	[ "$1" = 4 ] || unreachable='1/4' prohibited='1/1'
	sock tcp c "$client" "$2" 0
	check_output "IPv$1: a SYN is reset" '^ECONNREFUSED$' sock connect c "$5" 81
	seen "IPv$1: by a related packet" "related 1"
	sock tcp c "$client" "$2" 0
	check_output "IPv$1: a SYN that was forwarded is reset by whom it was sent to" '^ECONNREFUSED$' sock connect c "$3" 8081
	seen "IPv$1: by a related packet" "related 1"
	sock tcp c "$client" "$2" 0
	check_output "IPv$1: one that is for the router is reset" '^ECONNREFUSED$' sock connect c "$3" 82
	seen "IPv$1: by a related packet" "related 1"
	check_equal "IPv$1: none of them has an entry" 0 "$(entry_count "$router")"

	sock udp c "$client" "$2" 4000
	sock connect c "$3" 8081
	sock send c hello
	check_output "IPv$1: a forwarded datagram is refused" "^ECONNREFUSED $unreachable from $3 about $3 8081$" sock error c
	seen "IPv$1: by a related packet" "related 1"
	sock udp c "$client" "$2" 4001
	sock connect c "$5" 86
	sock send c hello
	check_output "IPv$1: one is prohibited" "^(EHOSTUNREACH|EACCES) $prohibited from ($3|$5) about $5 86$" sock error c
	seen "IPv$1: by a related packet" "related 1"
	check_equal "IPv$1: neither has an entry" 0 "$(entry_count "$router")"

	sock tcp c "$client" "$2" 4002
	sock connect c "$3" 8080
	sock accept "a$1" "l$1"
	sock send c hello
	sock receive "a$1" >/dev/null
	check_output "IPv$1: a connection is there" 'ESTABLISHED .*sport=4002' tracked "$router"
	in_ns "$router" nft add element inet filter closed '{ 4002 }'
	states "$router" >/dev/null
	sock send c more
	check_output "IPv$1: reset in its midst, its client hears of it" '^ECONNRESET$' sock receive c
	seen "IPv$1: by a related packet" "related 1"
	check_output "IPv$1: its entry closes" '^tcp +6 (90|[6-8].) CLOSE .*sport=4002' tracked "$router"
	check "IPv$1: which is told" wait_for 30 grep -qE "UPDATE.* CLOSE .*src=$2 .*sport=4002 " "$work/events"
	in_ns "$router" nft flush set inet filter closed

	sock tcp c "$client" "$2" 0
	check_output "IPv$1: an untracked SYN is reset" '^ECONNREFUSED$' sock connect c "$5" 83
	seen "IPv$1: by an untracked packet" "untracked 1"
	sock udp c "$client" "$2" 4003
	sock connect c "$5" 83
	sock send c hello
	check_output "IPv$1: an untracked datagram is refused" "^ECONNREFUSED $unreachable from .* about $5 83$" sock error c
	seen "IPv$1: by an untracked packet" "untracked 1"
	in_ns "$router" ctctl flush all >/dev/null
}

topology_router
set_sysctl "$router" net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.netfilter.nf_conntrack_tcp_timeout_close=90
rules "$router" <<-'END'
	table inet raw {
		chain pre { type filter hook prerouting priority raw; meta l4proto { tcp, udp } th dport 83 notrack; }
	}
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat
			meta l4proto { tcp, udp } th dport 8081 dnat ip to 10.0.2.2:81
			meta l4proto { tcp, udp } th dport 8081 dnat ip6 to [fd00:2::2]:81
			tcp dport 8080 dnat ip to 10.0.2.2:80
			tcp dport 8080 dnat ip6 to [fd00:2::2]:80
		}
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
	table inet filter {
		set closed { type inet_service; }
		chain forward {
			type filter hook forward priority filter
			tcp dport { 81, 83 } reject with tcp reset
			ct state established ct direction original tcp sport @closed reject with tcp reset
			udp dport { 81, 83 } reject with icmpx type port-unreachable
			udp dport 86 reject with icmpx type admin-prohibited
		}
		chain in { type filter hook input priority filter; tcp dport 82 reject with tcp reset; }
	}
END
in_ns "$router" ctctl events -o conntrack >"$work/events" 2>&1 </dev/null &
background+=($!)
wait_for 30 has_listeners "$router"
sock listen l4 "$server" 10.0.2.2 80
count_states "$router" output
each_family 4 10.0.1.2 10.0.1.1 10.0.2.1 10.0.2.2
sock listen l6 "$server" fd00:2::2 80
each_family 6 fd00:1::2 fd00:1::1 fd00:2::1 fd00:2::2
check_equal "nothing was refused" "" "$(reasons "$router")"
