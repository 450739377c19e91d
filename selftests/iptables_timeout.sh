#!/bin/bash
# modules: none
# iptables' CT --timeout: a connection has the timeouts of the name that a rule gives it, as nfct(8) makes, lists,
# changes and deletes them. What does not fit is refused.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"

nfct_here() { in_ns "$router" nfct "$@"; }

# left SECONDS REGEX: has the one entry that much left? A slow machine takes some of it
left() {
	local left
	left=$(entries "$router" 2>/dev/null | grep -E "$2" | awk '{ print $3 }')
	[ -n "$left" ] && [ "$left" -le "$1" ] && [ "$left" -gt $(($1 - 60)) ]
}

# lives TEXT SECONDS REGEX: what it has left when the last packet has got through
lives() {
	if wait_for 30 left "${@:2}"; then
		ok "$tracker: $1"
	else
		not_ok "$tracker: $1" "expected: $2 or a bit less" "$(entries "$router" 2>&1)"
	fi
}

refused() { # TEXT ERROR COMMAND...
	run in_ns "$router" "${@:3}"
	if [ "$status" != 0 ] && matches "$2"; then
		ok "$tracker: refused: $1"
	else
		not_ok "$tracker: refused: $1" "expected: $2" "$(explain "${@:3}")"
	fi
}

ask() { # FROM SPORT TO PORT
	sock udp c "$client" "$1" "$2"
	sock connect c "$3" "$4"
	sock send c hello
}

connections() { # IPTABLES CLIENT SERVER NAME
	in_ns "$router" "$1-restore" <<-END
		*raw
		-A PREROUTING -p tcp -m tcp --dport 80 -j CT --timeout web$4
		-A PREROUTING -p udp -m udp --dport 53 -j CT --zone 7 --timeout names$4
		COMMIT
	END
	# nf_conntrack's is cut off: "name".
	[ "$tracker" = nf_conntrack ] || check_output "$tracker: $1: the rules are listed" \
		"^-A PREROUTING -p udp -m udp --dport 53 -j CT .*--timeout names$4( |\$)" in_ns "$router" "$1-save" -t raw
	sock listen listener "$server" "$3" 80
	sock tcp "client$4" "$client" "$2" 4000
	sock connect "client$4" "$3" 80
	sock accept "server$4" listener >/dev/null
	lives "$1: TCP, established" 1000 "src=$2 dst=$3 sport=4000 dport=80"
	sock listen other "$server" "$3" 81
	sock tcp u "$client" "$2" 4001
	sock connect u "$3" 81
	lives "$1: another port: as ever" 432000 "src=$2 dst=$3 sport=4001 dport=81"
	sock udp names "$server" "$3" 53
	ask "$2" 5000 "$3" 53
	lives "$1: UDP, not answered" 200 "src=$2 dst=$3 sport=5000 dport=53"
	check_entry "$1: with the zone" "$router" "dport=53 .*zone=7"
}


each_way() {
	topology_router
	rules "$router" <<<'table inet t { chain c { type filter hook forward priority filter; ct state new accept; }; }'
	nfct_here timeout add webv4 inet tcp established 1000 close 7
	nfct_here timeout add webv6 inet6 tcp established 1000 close 7
	nfct_here timeout add namesv4 inet udp unreplied 200 replied 300
	nfct_here timeout add namesv6 inet6 udp unreplied 200 replied 300
	check_output "$tracker: nfct lists them" 'ESTABLISHED = 1000,' nfct_here timeout list
	check_equal "$tracker: all" ".namesv4 = { .namesv6 = { .webv4 = { .webv6 = {" "$(nfct_here timeout list | grep '^\.' | sort | paste -sd ' ')"
	check_output "$tracker: one" 'UNREPLIED = 200,' nfct_here timeout get namesv4
	connections iptables 10.0.1.2 10.0.2.2 v4
	connections ip6tables fd00:1::2 fd00:2::2 v6

	refused "a name that is not there" "No such file|RULE_APPEND failed" iptables -t raw -A PREROUTING -p tcp -j CT --timeout nothing
	refused "a rule for any protocol" "Invalid argument|RULE_APPEND failed" iptables -t raw -A PREROUTING -j CT --timeout webv4
	refused "a rule for another protocol" "Invalid argument|RULE_APPEND failed" iptables -t raw -A PREROUTING -p udp -j CT --timeout webv4
	refused "a rule for all others" "Invalid argument|RULE_APPEND failed" iptables -t raw -A PREROUTING ! -p tcp -j CT --timeout webv4
	refused "a rule for IPv6" "Invalid argument|RULE_APPEND failed" ip6tables -t raw -A PREROUTING -p tcp -j CT --timeout webv4
	refused "the same name again" "" nfct timeout add webv4 inet tcp established 5
	refused "to get one that is not there" "" nfct timeout get nothing
	refused "to delete one that is not there" "" nfct timeout delete nothing

	sock send clientv4 one
	sock receive serverv4 >/dev/null
	check "$tracker: a name is deleted, also one that a rule has" nfct_here timeout delete webv4
	check_no_output "$tracker: it is not listed" webv4 nfct_here timeout list
	sock send clientv4 more
	sock receive serverv4 >/dev/null
	lives "with the next packet its connections are as ever" 432000 "src=10.0.1.2 dst=10.0.2.2 sport=4000 dport=80"
	in_ns "$router" iptables -t raw -F
	nfct_here timeout default-set inet udp unreplied 77
	check_output "$tracker: what others have" 'UNREPLIED = 77,' nfct_here timeout default-get inet udp
	check_equal "$tracker: is the setting" 77 "$(in_ns "$router" sysctl -n net.netfilter.nf_conntrack_udp_timeout)"
}

on_both each_way
load_tracker ctrack
netns host
tool_cases "$host" timeout_names right wrong noise
