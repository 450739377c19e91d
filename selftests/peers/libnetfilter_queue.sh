#!/bin/bash
# modules: none
# limit: 600
# The program that libnetfilter_queue is explained by, nf-queue, which gives the connection of each packet the mark 42 along
# with its verdict: what it has had in its hands arrives, translated, and it says what it says on nf_conntrack.

. "$(dirname "$0")/lib.sh"

serve() {
	# shellcheck disable=SC2154
	in_ns "$router" stdbuf -oL /peers/libnetfilter_queue/nf-queue 7 </dev/null >"$work/$tracker" 2>&1 &
	background+=($!)
	wait_for 30 has_queue
}
# Packets are copied to it, which it asks for last.
has_queue() { in_ns "$router" grep -qE '^ *7 +[0-9]+ +[0-9]+ +2 ' /proc/net/netfilter/nfnetlink_queue; }

# each_family FAMILY CLIENT OUTSIDE SERVER
# shellcheck disable=SC2154
each_family() {
	local protocol
	sock udp s "$server" "$4" 5000
	sock udp c "$client" "$2" 4000
	sock connect c "$4" 5000
	# of lengths by which they are known below
	sock send c x100
	check_output "$tracker: IPv$1: a first datagram arrives, translated" "^x{100} $3 4000$" sock receive s
	sock send s x200 "$3" 4000
	check_output "$tracker: IPv$1: the answer, too" "^x{200} $4 5000$" sock receive c
	sock send c x300
	check_output "$tracker: IPv$1: and another one" "^x{300} $3 4000$" sock receive s
	sock listen "l$1" "$server" "$4" 5000
	check_connects "IPv$1: a TCP connection" "$3" "$client" "$2" "$4" 5000 "l$1"
	for protocol in udp tcp; do
		check_output "$tracker: IPv$1: the entry of $protocol is translated, and has the mark" \
			" $protocol .* src=$2 dst=$4 sport=[0-9]+ dport=5000 .*src=$4 dst=$3 sport=5000 dport=[0-9]+ .*mark=42 " listing
	done
}

each_tracker() {
	topology_router
	# What is sent twice is answered as if it had been sent once.
	set_sysctl "$client" net.ipv4.tcp_dsack=0
	set_sysctl "$server" net.ipv4.tcp_dsack=0
	rules "$router" <<-'END'
		table inet queues {
			chain held { meta l4proto { tcp, udp } ct original proto-dst 5000 queue num 7; }
			chain pre { type filter hook prerouting priority mangle; jump held; }
			chain forward { type filter hook forward priority filter; jump held; }
			chain nat { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
			chain post { type filter hook postrouting priority srcnat + 1; jump held; }
		}
	END
	set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
	serve
	each_family 4 10.0.1.2 10.0.2.1 10.0.2.2
	each_family 6 fd00:1::2 fd00:2::1 fd00:2::2
	check "$tracker: the connections end" wait_for 30 all_closed
}

# words TRACKER: what it said, once: TCP acknowledges by itself, or again, when it likes. Packets have numbers.
words() { sed -E 's/\bid=[0-9]+/id=N/' "$work/$1" | grep -vE ' len (52|72)\b' | sort -u; }

on_both each_tracker
check_equal "it says the same" "$(words nf_conntrack)" "$(words ctrack)"
check_equal "it has had each datagram at each of three hooks" 18 "$(words ctrack | grep -cE ' len [123](28|48)\b')"
