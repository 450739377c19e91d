#!/bin/bash
# modules: none
# limit: 900
# What iptables' matches and targets say and do in cases that iptables_match and iptables_nat leave
# out: with the same rules and the same packets, the same on nf_conntrack and on ctrack.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"

# A question, its answer and another question pass the router. Before each rule is how many of them
# it matches.
hits_of() { # QUESTION ANSWER: octets of these packets
	local all=$((2 * $1 + $2)) average=$((($1 + $2) / 2)) m=--connbytes-mode d=--connbytes-dir
	cat <<-END
		2 -m conntrack --ctstatus CONFIRMED
		1 -m conntrack ! --ctstatus CONFIRMED
		1 -m conntrack ! --ctstatus SEEN_REPLY
		0 -m conntrack --ctstatus EXPECTED
		0 -m conntrack ! --ctorigdstport 50:99
		3 -m conntrack ! --ctreplsrcport 78:200
		2 -m conntrack ! --ctexpire 1000 --ctdir ORIGINAL
		1 -m connbytes ! --connbytes 2:3 $m packets $d both
		1 -m connbytes ! --connbytes 2 $m packets $d both
		1 -m connbytes --connbytes $1:$1 $m bytes $d both
		2 -m connbytes --connbytes $1:$1 $m bytes $d original
		2 -m connbytes --connbytes $2:$2 $m bytes $d reply
		1 -m connbytes --connbytes $all:$all $m bytes $d both
		3 -m connbytes --connbytes $1:$1 $m avgpkt $d original
		2 -m connbytes --connbytes $2:$2 $m avgpkt $d reply
		2 -m connbytes --connbytes $average:$average $m avgpkt $d both
		3 -m connmark --mark 0x50
		0 -m connmark ! --mark 0x50/0xf0
		0 -m connlabel ! --label 41 --set
		3 -m connlabel --label 41
		3 -m helper ! --helper ftp
	END
}

# matched IPTABLES TABLE CHAIN [WORDS]: how many packets each rule that has the words matched
matched() {
	in_ns "$router" "$1-save" -c -t "$2" 2>/dev/null |
		sed -n "s/^\[\([0-9]*\):[0-9]*\] -A $3 .*${4:-}.*/\1/p"
}

# each_rule HITS COUNTED...: what was counted instead of what should be, before each rule
each_rule() {
	local hits=$1 count
	count=$(wc -l <<<"$hits")
	shift
	paste -d ' ' <(printf '%s\n' "${@:1:count}") <(sed -E 's/^[0-9]+ //' <<<"$hits")
}

counting() { # IPTABLES CLIENT SERVER QUESTION ANSWER
	local hits mark="-A PREROUTING -p udp --dport 78 -j CONNMARK"
	hits=$(hits_of "$4" "$5")
	set_sysctl "$router" net.netfilter.nf_conntrack_acct=0
	check "$tracker: $v: the rules are taken" in_ns "$router" "$1-restore" <<-END
		*mangle
		-A PREROUTING -p udp --dport 77 -j CONNMARK --set-mark 5 --left-shift-mark 4
		-A PREROUTING -p udp --dport 78 -j MARK --set-mark 0x1234
		$mark --save-mark --nfmask 0xff0 --ctmask 0xff --right-shift-mark 4
		$mark --restore-mark --nfmask 0xff00 --ctmask 0xff --left-shift-mark 8
		COMMIT
		*filter
		$(sed -E 's/^[0-9]+/-A FORWARD/' <<<"$hits")
		-A FORWARD -p udp --dport 78 -m mark --mark 0x2334 -m connmark --mark 0x23
		COMMIT
	END
	check_equal "$tracker: $v: connbytes has packets counted" 1 \
		"$(in_ns "$router" cat /proc/sys/net/netfilter/nf_conntrack_acct)"
	sock udp s "$server" "$3" 77
	sock udp c "$client" "$2" 4000
	sock connect c "$3" 77
	sock send c question
	sock answer s answer >/dev/null
	sock receive c >/dev/null
	sock send c question
	sock receive s >/dev/null
	# shellcheck disable=SC2046
	check_equal "$tracker: $v: each rule matches what it should" "$hits" \
		"$(each_rule "$hits" $(matched "$1" filter FORWARD))"
	sock udp c "$client" "$2" 4001
	sock send c question "$3" 78
	check_equal "$tracker: $v: CONNMARK saves and restores what it has shifted" 1 \
		"$(matched "$1" filter FORWARD '--mark 0x2334')"
	in_ns "$router" "$1-restore" <<<$'*mangle\nCOMMIT\n*filter\nCOMMIT'
}

# Eight clients, each with a flow to one server. Whose node it is by the match cluster both trackers
# have to agree on.
many_clients() { # IPTABLES NET SERVER SHORT LONG
	local i rule="-A FORWARD -p udp --dport 79 -m connlimit" node="-A FORWARD -p udp -m cluster"
	in_ns "$router" "$1-restore" <<-END
		*filter
		$rule --connlimit-above 3 --connlimit-daddr --connlimit-mask $5
		$rule --connlimit-upto 3 --connlimit-daddr --connlimit-mask $5
		$rule --connlimit-above 1 --connlimit-saddr --connlimit-mask $5
		$rule --connlimit-above 3 --connlimit-saddr --connlimit-mask $4
		$rule --connlimit-upto 3 --connlimit-saddr --connlimit-mask 0
		COMMIT
		*mangle
		$node --cluster-total-nodes 3 --cluster-local-node 1 --cluster-hash-seed 0x1234
		$node --cluster-total-nodes 3 --cluster-local-node 2 --cluster-hash-seed 0x1234
		$node --cluster-total-nodes 3 ! --cluster-local-node 2 --cluster-hash-seed 0x1234
		$node --cluster-total-nodes 3 --cluster-local-nodemask 6 --cluster-hash-seed 0x4321
		COMMIT
	END
	sock udp s "$server" "$3" 79
	for i in {1..8} {1..8}; do
		sock udp "m$i" "$client" "${2}2$i" 4100
		sock send "m$i" hello "$3" 79
		sock receive s >/dev/null
	done
	check_equal "$tracker: $v: connlimit, of a destination, a source and of networks" \
		"13 3 0 13 3" "$(matched "$1" filter FORWARD | paste -sd ' ')"
	matched "$1" mangle FORWARD | paste -sd ' ' >"$work/$v.$tracker"
	check_output "$tracker: $v: cluster: each flow is of one node, and stays so" \
		'^([0-9]*[02468] ?){4}$' cat "$work/$v.$tracker"
	in_ns "$router" "$1-restore" <<<$'*mangle\nCOMMIT\n*filter\nCOMMIT'
}

# seen FROM SPORT TO DPORT SOCKET: by what address and port SOCKET sees it; the answer has to come
# back
seen() {
	local from
	sock udp c "$client" "$1" "$2" && sock connect c "$3" "$4" && sock send c hello || return
	from=$(sock answer "$5" answer) || return
	[ "$(sock receive c)" = "answer $3 $4" ] || echo "no answer; "
	echo "${from#hello }"
}
each_client() { # TO DPORT SOCKET: what is seen of six of them
	local i
	for i in 1 2 3 4 5 6; do seen "${net}2$i" "420$i" "$@"; done
}

each_taken() { # TO DPORT: which of the server's sockets from s600 to s609 hears six of them
	local i socket
	for i in 1 2 3 4 5 6; do
		sock udp c "$client" "${net}2$i" 4400
		sock send c hello "$@"
		socket=$(sock ready 30 s60{0..9}) || return
		sock receive "$socket" >/dev/null
		echo "$socket"
	done
}

# all_but_same DESCRIPTION REGEX LINES: all match, and they are not all the same
all_but_same() {
	local wrong
	wrong=$(grep -vE "$2" <<<"$3" || true)
	if [ -z "$wrong" ] && [ "$(sort -u <<<"$3" | wc -l)" -gt 1 ]; then
		ok "$tracker: $v: $1"
	else
		not_ok "$tracker: $v: $1" "expected: $2" "$3"
	fi
}

translating() { # IPTABLES NET POOL ROUTER INSIDE SERVER SECOND PREFIX
	local net=$2 port first ports
	ports=$(bracketed "$6"):600-609
	check "$tracker: $v: the nat rules are taken" in_ns "$router" "$1-restore" <<-END
		*nat
		-A PREROUTING -p udp --dport 606 -j DNAT --to-destination $ports --random
		-A INPUT -p udp --dport 7 -j SNAT --to-source ${2}77
		-A POSTROUTING -p udp --dport 2 -j SNAT --to-source ${3}10-${3}13 --persistent
		-A POSTROUTING -p udp --dport 3 -j MASQUERADE --random-fully
		-A POSTROUTING -p udp --dport 4 -j SNAT --to-source ${2}21-${2}28
		-A POSTROUTING -p udp --dport 5 -j SNAT --to-source ${3}10 --random
		-A POSTROUTING -p udp --dport 8 -s ${2}20/$8 -j NETMAP --to ${3}20/$8
		-A POSTROUTING -p udp --dport 9 -j MASQUERADE --to-ports 5000-5099
		COMMIT
	END
	for port in 2 3 4 5 8 9; do sock udp "s$port" "$server" "$6" $port; done
	sock udp second "$server" "$7" 2
	sock udp inside "$router" "$5" 7
	first=$(each_client "$6" 2 s2)
	all_but_same "SNAT --persistent: an address of the range, the port stays" \
		"^${3//./\\.}1[0-3] 420[1-6]$" "$first"
	check_equal "$tracker: $v: it is the same to another server" "$first" \
		"$(each_client "$7" 2 second)"
	all_but_same "MASQUERADE --random-fully: other ports" \
		"^$4 [0-9]+$" "$(each_client "$6" 3 s3 | grep -v ' 420[1-6]$')"
	check_equal "$tracker: $v: SNAT: who is in the range already stays as he is" \
		"$(printf "${net}2%d 420%d\n" 1 1 2 2 3 3 4 4 5 5 6 6)" "$(each_client "$6" 4 s4)"
	all_but_same "SNAT --random: other ports" \
		"^${3//./\\.}10 [0-9]+$" "$(each_client "$6" 5 s5 | grep -v ' 420[1-6]$')"
	check_equal "$tracker: $v: NETMAP of sources" \
		"$(printf "${3}2%d 420%d\n" 1 1 2 2 3 3 4 4 5 5 6 6)" "$(each_client "$6" 8 s8)"
	all_but_same "MASQUERADE --to-ports" "^$4 50[0-9][0-9]$" "$(each_client "$6" 9 s9)"
	check_equal "$tracker: $v: SNAT in INPUT" \
		"${2}77 4300" "$(seen "${net}21" 4300 "$5" 7 inside)"
	for port in {600..609}; do sock udp "s$port" "$server" "$6" "$port"; done
	all_but_same "DNAT --random: other ports, also where it is one of them" \
		'^s60[0-9]$' "$(each_taken "$6" 606)"
	in_ns "$router" "$1-restore" <<<$'*nat\nCOMMIT'
}

before() { # IPTABLES CLIENT SERVER
	in_ns "$router" "$1-restore" <<-END
		*raw
		-A PREROUTING -p udp --dport 101 -j CT --zone-reply 6
		COMMIT
		*mangle
		-A PREROUTING -m conntrack --ctstate NEW
		COMMIT
	END
	sock udp c "$client" "$2" 4500
	sock send c hello "$3" 101
	check_entry "$v: CT --zone-reply" "$router" "dport=101 .*zone-reply=6"
	in_ns "$router" "$1-restore" <<<$'*raw\nCOMMIT\n*mangle\nCOMMIT'
}

each_way() {
	local i
	topology_router
	for i in {1..8}; do
		printf 'address add %s dev c0\n' "10.0.1.2$i/24" "fd00:1::2$i/64 nodad"
	done | ip -n "$client" -batch -
	address "$server" s0 10.0.2.3/24 fd00:2::3/64
	v=IPv4
	counting iptables 10.0.1.2 10.0.2.2 36 34
	many_clients iptables 10.0.1. 10.0.2.2 24 32
	translating iptables 10.0.1. 10.8.0. 10.0.2.1 10.0.1.1 10.0.2.2 10.0.2.3 28
	before iptables 10.0.1.2 10.0.2.2
	v=IPv6
	counting ip6tables fd00:1::2 fd00:2::2 56 54
	many_clients ip6tables fd00:1:: fd00:2::2 64 128
	translating ip6tables fd00:1:: fd00:8:: fd00:2::1 fd00:1::1 fd00:2::2 fd00:2::3 124
	before ip6tables fd00:1::2 fd00:2::2
}

on_both each_way
for v in IPv4 IPv6; do
	check_equal "$v: cluster: ctrack's nodes are nf_conntrack's" \
		"$(cat "$work/$v.nf_conntrack")" "$(cat "$work/$v.ctrack")"
done
