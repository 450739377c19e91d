#!/bin/bash
# modules: none
# Rules of nft and of iptables in one namespace: of their nat chains the one with the lower priority is asked first and,
# where they are the same, the one that came last; what it leaves alone is the other's. Filters of both have to let a
# packet pass, and each sees what the other one did.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"

# asks SECONDS FROM SPORT TO PORT: which of the server's sockets hears it, and from whom
asks() {
	local socket seen
	sock udp c "$client" "$2" "$3" && sock connect c "$4" "$5" && sock send c hello || return
	if socket=$(sock ready "$1" one two plain) && seen=$(sock receive "$socket"); then
		echo "$socket ${seen#hello }"
	else
		echo "nobody"
	fi
}
sport=4000
check_heard() { # DESCRIPTION WHO PORT
	sport=$((sport + 1))
	check_equal "$tracker: $1" "$2 $sport" "$(asks 30 10.0.1.2 $sport 10.0.2.2 "$3")"
}
check_unheard() { # DESCRIPTION PORT
	sport=$((sport + 1))
	check_equal "$tracker: $1" nobody "$(asks 0.5 10.0.1.2 $sport 10.0.2.2 "$2")"
}

nft_to_one() { # FAMILY HOOK-PRIORITY
	rules "$router" <<-END
		table $1 mine {
			chain pre { type nat hook prerouting priority $2; udp dport { 101, 103 } dnat ip to 10.0.2.2:1; }
		}
	END
}
iptables_to_two() { in_ns "$router" iptables -t nat -A PREROUTING -p udp -m multiport --dports 101,102 -j DNAT --to-destination 10.0.2.2:2; }
iptables_gone() { in_ns "$router" nft delete table ip nat; }
nft_gone() { in_ns "$router" nft delete table "$1" mine; }

destinations() { # FAMILY
	nft_to_one "$1" "dstnat - 10"
	iptables_to_two
	check_heard "$1: nft is before iptables" "one 10.0.1.2" 101
	check_heard "$1: what nft leaves alone is iptables'" "two 10.0.1.2" 102
	nft_gone "$1"
	check_heard "$1: nft's chain goes, and iptables has its turn" "two 10.0.1.2" 101
	nft_to_one "$1" "dstnat + 10"
	check_heard "$1: iptables is before nft" "two 10.0.1.2" 101
	check_heard "$1: what iptables leaves alone is nft's" "one 10.0.1.2" 103
	nft_gone "$1"
	nft_to_one "$1" dstnat
	check_heard "$1: the same priority, nft came last" "one 10.0.1.2" 101
	iptables_gone
	iptables_to_two
	check_heard "$1: the same priority, iptables came last" "two 10.0.1.2" 101
	nft_gone "$1"
	iptables_gone
}

sources() {
	rules "$router" <<-'END'
		table ip mine {
			chain post { type nat hook postrouting priority srcnat - 1; udp dport 9 udp sport < 4100 snat to 10.0.2.77; }
		}
	END
	in_ns "$router" iptables -t nat -A POSTROUTING -p udp --dport 9 -j SNAT --to-source 10.0.2.78
	check_heard "nft translates the source before iptables" "plain 10.0.2.77" 9
	nft_gone ip
	check_heard "then iptables does" "plain 10.0.2.78" 9
	iptables_to_two
	rules "$router" <<<'table inet mine { chain post { type nat hook postrouting priority srcnat; udp dport 2 masquerade; }; }'
	check_heard "the one the destination, the other the source" "two 10.0.2.1" 102
	check_entry "its entry has both" "$router" "^udp .*src=10.0.1.2 dst=10.0.2.2 sport=$sport dport=102 .*src=10.0.2.2 dst=10.0.2.1 sport=2 dport=$sport "
	nft_gone inet
	iptables_gone
}

filters() {
	in_ns "$router" iptables-restore <<-'END'
		*mangle
		-A PREROUTING -p udp --dport 9 -m conntrack --ctstate NEW -j CONNMARK --set-mark 5
		COMMIT
		*filter
		-A FORWARD -p udp --dport 9 -m connmark --mark 5 -j ACCEPT
		-A FORWARD -p udp --dport 1 -m connmark --mark 6 -j ACCEPT
		-A FORWARD -p udp -j DROP
		COMMIT
	END
	rules "$router" <<-'END'
		table inet mine {
			chain marks {
				type filter hook prerouting priority mangle + 5
				udp dport 1 ct state new ct mark set 6
			}
			chain seen {
				type filter hook forward priority filter + 5
				ct mark 5 counter
				udp sport 4999 drop
			}
		}
	END
	check_heard "both accept" "plain 10.0.1.2" 9
	check_output "$tracker: nft sees iptables' mark" "ct mark 0x0*5 counter packets 1 " in_ns "$router" nft list chain inet mine seen
	check_heard "iptables sees nft's mark" "one 10.0.1.2" 1
	check_unheard "iptables drops what nft accepts" 2
	sport=4998
	check_unheard "nft drops what iptables accepts" 9
	check_output "$tracker: iptables lists its own" "-A FORWARD -p udp -m udp --dport 9 -m connmark --mark 0x5 -j ACCEPT" \
		in_ns "$router" iptables-save
	check "$tracker: it may go, nft's stays" in_ns "$router" iptables -F FORWARD
	check_heard "and nothing is dropped by it" "two 10.0.1.2" 2
}

each_way() {
	sport=4000
	topology_router
	ip -n "$router" address add 10.0.2.77/32 dev r1
	ip -n "$router" address add 10.0.2.78/32 dev r1
	sock udp one "$server" 10.0.2.2 1
	sock udp two "$server" 10.0.2.2 2
	sock udp plain "$server" 10.0.2.2 9
	destinations ip
	destinations inet
	sources
	filters
}

on_both each_way
