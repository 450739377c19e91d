#!/bin/bash
# modules: none
# What conntrack -S counts, on ctrack as on nf_conntrack.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"

# statistic NAME: of all CPUs
statistic() { in_ns "$router" conntrack -S | grep -oE "[[:space:]]$1=[0-9]+" | awk -F = '{ sum += $2 } END { print sum }'; }
statistics() { local name; for name; do printf '%s=%s ' "$name" "$(statistic "$name")"; done; }
words() { in_ns "$router" conntrack -S | sed -n 1p | grep -oE '[a-z_]+=' | xargs; }
check_statistics() { # DESCRIPTION NAME=NUMBER...
	local description=$tracker:\ $1
	shift
	check_equal "$description" "$* " "$(statistics "${@%=*}")"
}

counts() {
	local max
	topology_router
	address "$client" c0 10.0.1.3/24
	rules "$router" <<-'END_OF_RULES'
		table inet nat {
			chain forward { type filter hook forward priority 0; ct state invalid accept; }
			chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
		}
	END_OF_RULES
	set_sysctl "$router" net.netfilter.nf_conntrack_tcp_loose=0
	check_equal "$tracker: what there is of a CPU" \
		"cpu= found= invalid= insert= insert_failed= drop= early_drop= error= search_restart= clash_resolve= chaintoolong=" "$(words)"
	check_statistics "nothing yet" invalid=0 insert=0 insert_failed=0 drop=0 error=0 found=0

	sock segment "$client" 10.0.1.2 5000 10.0.2.2 99 R 1
	check_statistics "a segment out of the middle of nothing is invalid" invalid=1 error=0 drop=0
	sock unreachable "$server" 10.0.2.2 10.0.1.2 10.0.1.2 5000 10.0.2.2 99
	check_statistics "an ICMP error about nothing is an error" invalid=1 error=1 drop=0

	sock udp s "$server" 10.0.2.2 53
	sock udp a "$client" 10.0.1.2 4000
	sock send a first 10.0.2.2 53
	sock receive s >/dev/null
	check_statistics "a port that is free" found=0
	sock udp b "$client" 10.0.1.3 4000
	sock send b second 10.0.2.2 53
	sock receive s >/dev/null
	check "$tracker: a port that was found taken" [ "$(statistic found)" -ge 1 ]

	in_ns "$router" conntrack -I -p udp -s 1.1.1.1 -d 2.2.2.2 --sport 1 --dport 2 -t 100 >/dev/null 2>&1
	# nf_conntrack counts only those that were made by request
	case $tracker in
	ctrack) check_statistics "what was inserted" insert=3 ;;
	*) check_statistics "what was inserted" insert=1 ;;
	esac

	sock listen l "$server" 10.0.2.2 80
	sock tcp c "$client" 10.0.1.2 4001
	sock connect c 10.0.2.2 80
	in_ns "$router" conntrack -D -p udp >/dev/null 2>&1
	max=$(cat /proc/sys/net/netfilter/nf_conntrack_max)
	sysctl -qw net.netfilter.nf_conntrack_max=1
	sock send a again 10.0.2.2 53
	check_not "$tracker: no entry for it, no way through" sock receive s 0.2
	sysctl -qw net.netfilter.nf_conntrack_max="$max"
	check_statistics "it was dropped" drop=1 insert_failed=0 invalid=1 error=1
}

on_both counts
