#!/bin/bash
# Packets that a program has had in its hands (nf_ct_hook's update): changed, sent through the hook
# once more, dropped. They stay in their connection and are translated like any others; so is a
# stream whose large segments are cut up for the program.

. "$(dirname "$0")/lib.sh"

each_family() { # FAMILY CLIENT INSIDE OUTSIDE SERVER
	# forward: before the source is translated, behind the destination
	sock queue "$router" 7 connections
	sock udp s "$server" "$5" 53
	sock udp c "$client" "$2" 4000
	sock connect c "$3" 99
	sock send c short
	check "IPv$1: the first packet is held" sock held 1
	sock change something-much-longer
	check_output "IPv$1: it arrives with another text, translated" "^something-much-longer $4 4000$" sock receive s
	check_output "IPv$1: its entry is there" "sport=4000 dport=99 .*src=$5 dst=$4 " tracked "$router"
	sock send s query "$4" 4000
	check "IPv$1: the answer is held" sock held 1
	sock change no
	check_output "IPv$1: it comes with another text, translated" "^no $3 99$" sock receive c
	sock send c gone
	check "IPv$1: one more is held" sock held 1
	sock discard
	sock send c again
	check "IPv$1: and another one" sock held 1
	sock repeat 5
	check_output "IPv$1: of which the one that was not dropped arrives" "^again $4 4000$" sock receive s
	check_equal "IPv$1: there is one entry" 1 "$(entry_count "$router")"

	sock udp c "$client" "$2" 4001
	sock connect c "$3" 99
	sock send c first
	sock send c second
	check "IPv$1: two first packets are held" sock held 2
	sock change second-one 1
	check_output "IPv$1: the second is first" "^second-one $4 4001$" sock receive s
	sock repeat 5
	check_output "IPv$1: the first one follows" "^first $4 4001$" sock receive s
	check_equal "IPv$1: they are one connection" 2 "$(entry_count "$router")"

	sock pass_all
	in_ns "$server" socat -u "TCP$1-LISTEN:80,bind=$(bracketed "$5"),reuseaddr" "CREATE:$work/arrived" </dev/null &
	receiver=$!
	background+=("$receiver")
	wait_for 30 listens "$server" tcp 80
	check "IPv$1: a stream through the queue" in_ns "$client" timeout "$(patience 120)" socat -u "OPEN:$work/blob" "TCP$1:$(bracketed "$3"):80"
	wait "$receiver" || true
	check "IPv$1: arrives whole" cmp "$work/blob" "$work/arrived"
	rm "$work/arrived"
	sock unqueue
	in_ns "$router" ctctl flush all >/dev/null
}

topology_router
# what is counted stands to the end, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout{,_dns}=600
head -c 1000000 /dev/urandom >"$work/blob"
rules "$router" <<-'END'
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat
			udp dport 99 dnat ip to 10.0.2.2:53
			udp dport 99 dnat ip6 to [fd00:2::2]:53
			tcp dport 80 dnat ip to 10.0.2.2
			tcp dport 80 dnat ip6 to fd00:2::2
		}
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
	table inet hold {
		chain forward {
			type filter hook forward priority filter
			meta mark != 5 udp dport 53 queue num 7
			udp sport 53 queue num 7
			tcp dport 80 queue num 7
			tcp sport 80 queue num 7
		}
	}
END
each_family 4 10.0.1.2 10.0.1.1 10.0.2.1 10.0.2.2
each_family 6 fd00:1::2 fd00:1::1 fd00:2::1 fd00:2::2
check_equal "nothing was refused" "" "$(reasons "$router")"
