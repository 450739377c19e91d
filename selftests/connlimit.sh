#!/bin/bash
# modules: ctrack_xt
# nft's `ct count` and iptables' connlimit count the connections that there are now, each address's by itself where the
# rule says so: one too many is not let through, and when one ends there is room for another.

. "$(dirname "$0")/lib.sh"

# opens NAME FROM TO PORT [SECONDS]
opens() {
	sock tcp "$1" "$client" "$2" 0
	sock connect "$1" "$3" "$4" "${5:-5}" || { sock close "$1"; return 1; }
}
stays_out() { ! opens "$@" 1; }

ended() { ! tracked "$router" state established sport "$1" dport "$2" | grep -q .; }

# two_at_most DESCRIPTION FROM OTHER TO PORT: OTHER is not counted with FROM
two_at_most() {
	local port
	sock listen l "$server" "$4" "$5"
	check "$1: a first connection" opens a "$2" "$4" "$5"
	check "$1: a second one" opens b "$2" "$4" "$5"
	check "$1: no third one" stays_out c "$2" "$4" "$5"
	check "$1: nor when it tries once more" stays_out c "$2" "$4" "$5"
	sock send b still
	sock accept x l
	sock accept y l
	check_output "$1: the ones that are there go on" "^still$" sock receive y
	[ -z "$3" ] || check "$1: one of another address" opens d "$3" "$4" "$5"
	port=$(sock local a)
	sock reset a
	wait_for 30 ended "${port#* }" "$5"
	check "$1: another, when one has ended" opens e "$2" "$4" "$5"
	check "$1: and no more than that" stays_out f "$2" "$4" "$5"
}

# counted_once DESCRIPTION PORT HITS-COMMAND...: of eight flows, all of which pass, the last one
# sends most; then only it is left
counted_once() {
	local description=$1 port=$2 flow packet packets=34
	shift 2
	sock udp s "$server" 10.0.2.2 "$port"
	for flow in {1..8}; do sock udp "u$flow" "$client" 10.0.1.2 "500$flow"; done
	for ((packet = 1; packet <= packets; packet++)); do
		sock send "u$((packet < 8 ? packet : 8))" hello 10.0.2.2 "$port"
		sock receive s >/dev/null
	done
	check_equal "$description: the third flow is too many" $((packets - 2)) "$("$@")"
	in_ns "$router" ctctl delete sport 5001-5007 dport "$port" >/dev/null
	sock send u8 hello 10.0.2.2 "$port"
	sock receive s >/dev/null
	check_equal "$description: each is counted once: one is not too many" $((packets - 2)) \
		"$("$@")"
}
nft_hits() { # [COUNTER]
	in_ns "$router" nft list counter inet filter "${1:-many}" | awk '$1 == "packets" { print $2 }'
}
iptables_hits() {
	in_ns "$router" iptables-save -c -t filter | sed -n 's/^\[\([0-9]*\):.*--dport 87 .*/\1/p'
}

# crowd FLOWS: one after another, because those of one jiffy are not all counted
crowd() {
	in_ns "$client" python3 -ESsB - "$1" <<-'END'
		import socket, sys, time
		for port in range(20000, 20000 + int(sys.argv[1])):
		    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
		        sock.bind(("10.0.1.2", port))
		        sock.sendto(b"hello", ("10.0.2.2", 88))
		    time.sleep(0.02)
	END
}

# no packet has to clear away after all that have ended
forgotten_in_turns() {
	local hits
	sock udp s88 "$server" 10.0.2.2 88
	crowd 300
	hits=$(nft_hits crowd)
	check_equal "many end" "300 entries deleted" "$(in_ns "$router" ctctl delete dport 88)"
	sock udp c "$client" 10.0.1.2 5009
	sock send c hello 10.0.2.2 88
	sleep 0.1
	check_equal "a packet does not forget them all" $((hits + 1)) "$(nft_hits crowd)"
	sock send c hello 10.0.2.2 88
	sleep 0.1
	check_equal "the next one forgets the rest: one is not too many" $((hits + 1)) "$(nft_hits crowd)"
}

topology_router
address "$client" c0 10.0.1.3/24 fd00:1::3/64
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
rules "$router" <<-'END'
	table inet filter {
		counter many {}
		counter crowd {}
		set clients { type ipv4_addr; flags dynamic; size 65535; }
		chain forward {
			type filter hook forward priority 0
			tcp dport 81 ct state new ct count over 2 drop
			tcp dport 82 ct state new add @clients { ip saddr ct count over 2 } drop
			udp dport 86 ct count over 2 counter name many
			udp dport 88 ct count over 2 counter name crowd
		}
	}
END
in_ns "$router" iptables -A FORWARD -p tcp --dport 84 --syn -m connlimit --connlimit-above 2 -j DROP
in_ns "$router" iptables -A FORWARD -p tcp --dport 85 -m state --state NEW -m connlimit --connlimit-upto 2 --connlimit-mask 24 -j ACCEPT
in_ns "$router" iptables -A FORWARD -p tcp --dport 85 -m state --state NEW -j DROP
in_ns "$router" ip6tables -A FORWARD -p tcp --dport 84 --syn -m connlimit --connlimit-above 2 -j DROP
in_ns "$router" iptables -A FORWARD -p udp --dport 87 -m connlimit --connlimit-above 2

check_output "nft lists what it was given" "ct count over 2 drop" in_ns "$router" nft list chain inet filter forward
two_at_most "ct count" 10.0.1.2 '' 10.0.2.2 81
two_at_most "ct count of a set's element" 10.0.1.2 10.0.1.3 10.0.2.2 82
two_at_most "connlimit" 10.0.1.2 10.0.1.3 10.0.2.2 84
two_at_most "connlimit, IPv6" fd00:1::2 fd00:1::3 fd00:2::2 84
two_at_most "connlimit of a network" 10.0.1.2 '' 10.0.2.2 85
check "connlimit of a network: no other address of it either" stays_out g 10.0.1.3 10.0.2.2 85
counted_once "ct count that drops nothing" 86 nft_hits
counted_once "connlimit that drops nothing" 87 iptables_hits
forgotten_in_turns
check_equal "nothing was refused" "" "$(reasons "$router")"
