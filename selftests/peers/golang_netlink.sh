#!/bin/bash
# modules: none
# limit: 600
# The netlink library that Docker, Kubernetes and Cilium look after connections with (golang_netlink.go): it reads the
# attributes of a connection in the order in which nf_conntrack writes them, and sends all of them back to delete it. It
# says and does what it does on nf_conntrack.

. "$(dirname "$0")/lib.sh"

golang() { in_ns "$router" /peers/golang_netlink "$@"; }

# note COMMAND...: for the comparison: what the program just said, and what it left
note() {
	printf '%s\n' "Executing: $*" "$output"
	[ "$status" = 0 ] || echo "exit status $status"
	listing 2>/dev/null | sed 's/^/leaves /'
} >>"$work/$tracker"

lists() { # FAMILY COUNT
	check "$tracker: IPv$1: it lists" golang list "$1"
	note list "$1"
	check_equal "$tracker: IPv$1: as many as there are" "$2" "$(grep -c src= <<<"$output")"
}

# The library counts what it asked for, and keeps errors to itself.
deletes() { # FAMILY COUNT FIELD=VALUE...
	local before
	before=$(entry_count "$router")
	check_output "$tracker: IPv$1: it deletes $2 by ${*:3}" "^deleted: $2$" golang delete "$1" "${@:3}"
	note delete "$1" "${@:3}"
	check "$tracker: IPv$1: $2 are gone" wait_for 30 has_entries "$router" $((before - $2))
}

flushes() {
	check "$tracker: it flushes" golang flush
	note flush
	check "$tracker: and nothing is left" wait_for 30 has_entries "$router" 0
}

# traffic FAMILY CLIENT INSIDE OUTSIDE SERVER: seven connections
# shellcheck disable=SC2154
traffic() {
	sock udp c "$client" "$2" 4001
	check "$tracker: IPv$1: UDP, masqueraded" sock ask c hello "$5" 5000
	sock udp c "$client" "$2" 4002
	check "$tracker: IPv$1: UDP whose destination is translated, too" sock ask c hello "$3" 99
	sock udp c "$client" "$2" 4003
	check "$tracker: IPv$1: UDP to the router itself" sock ask c hello "$3" 5000
	sock udp c "$client" "$2" 4004
	sock udp s "$server" "$5" 9
	sock send c hello "$5" 9
	check "$tracker: IPv$1: UDP without an answer" sock receive s
	check "$tracker: IPv$1: a ping" in_ns "$client" ping -c 1 -W 30 "$5"
	sock listen "l$1" "$server" "$5" 80
	check_connects "IPv$1: TCP" "$4" "$client" "$2" "$5" 80 "l$1"
	check_connects "IPv$1: TCP whose destination is translated, too" "$4" "$client" "$2" "$3" 8080 "l$1"
	check "$tracker: IPv$1: both are closed" wait_for 30 all_closed
}

each_tracker() {
	topology_router
	rules "$router" <<-'END'
		table inet nat {
			chain marks { type filter hook forward priority filter; udp dport 5000 ct mark set 55; }
			chain pre {
				type nat hook prerouting priority dstnat
				udp dport 99 dnat ip to 10.0.2.2:5000
				udp dport 99 dnat ip6 to [fd00:2::2]:5000
				tcp dport 8080 dnat ip to 10.0.2.2:80
				tcp dport 8080 dnat ip6 to [fd00:2::2]:80
			}
			chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
		}
	END
	set_sysctl "$router" net.netfilter.nf_conntrack_{acct,timestamp}=1 net.netfilter.nf_conntrack_{udp,icmp,icmpv6}_timeout=600
	sock echo udp "$server" 10.0.2.2 5000
	sock echo udp "$server" fd00:2::2 5000
	sock echo udp "$router" 10.0.1.1 5000
	sock echo udp "$router" fd00:1::1 5000
	traffic 4 10.0.1.2 10.0.1.1 10.0.2.1 10.0.2.2
	traffic 6 fd00:1::2 fd00:1::1 fd00:2::1 fd00:2::2

	lists 4 7
	lists 6 7
	deletes 4 0 orig-src=10.0.1.3
	deletes 4 1 protocol=17 dport=5000 orig-dst=10.0.2.2
	deletes 4 1 protocol=6 dport=8080
	deletes 4 1 protocol=17 sport=4002 reply-src=10.0.2.2
	deletes 4 3 reply-any=10.0.2.1
	lists 4 1
	lists 6 7
	deletes 6 1 protocol=58
	deletes 6 2 protocol=6
	deletes 6 2 orig-dst=fd00:1::1
	lists 6 2
	flushes
	lists 4 0
	lists 6 0
}

# words TRACKER: each line with the command that it is of, without what is never the same: how many segments TCP needs, the
# ports that a socket chooses, ping's numbers, times, and the order of a list
words() {
	sed -E '/\btcp\b/s/(packets|bytes)=[0-9]+/\1=N/g; s/port=[0-9]{5}/port=N/g; s/ [0-9]+ ([A-Z]\w+ )?src=/ N \1src=/
		s/ (use|id|delta-time)=[0-9]+//g; s/timeout=[0-9]+/timeout=N/; s/start=2[^=]* stop=/start=N stop=/' "$work/$1" |
		awk '/^Executing: / { command = sprintf("%02d %s", ++number, $0) } { print command ": " $0 }' | sort
}

on_both each_tracker
check_equal "it says and leaves the same" "" "$(diff <(words nf_conntrack) <(words ctrack) || true)"
