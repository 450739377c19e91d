#!/bin/bash
# modules: none
# The table nat of iptables-legacy comes when it is asked for, is asked in turn with the chains of nft and of iptables-nft,
# and goes with its namespace; the other tables see the same connections. On nf_conntrack as on ctrack. What the targets and
# matches do is in iptables_nat and iptables_match.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"

# heard SPORT SECONDS: which of the server's sockets hears what the client sends to port 100, and from whom
heard() {
	local socket seen
	sock udp c "$client" "$from" "$1" && sock connect c "$to" 100 && sock send c hello || return
	if socket=$(sock ready "$2" one two) && seen=$(sock receive "$socket"); then
		echo "$socket ${seen#hello }"
	else
		echo nobody
	fi
}
sport=4000
check_heard() { # DESCRIPTION WHO
	local seconds=30
	[ "$2" != nobody ] || seconds=0.5
	sport=$((sport + 1))
	check_equal "$tracker: $v: $1" "$2" "$(heard $sport $seconds | sed "s/ $sport\$//")"
}

nft_to_one() { # PRIORITY
	rules "$router" <<<"table inet mine { chain pre { type nat hook prerouting priority $1; udp dport 100 dnat $ip to $to_one; }; }"
}

# the table translates to the second socket, the others to the first
in_turn() {
	in_ns "$router" "$v-legacy" -t nat -A PREROUTING -p udp --dport 100 -j DNAT --to-destination "$to_two"
	check_heard "the table is asked" "two $from"
	check_entry "$v: its entry says so" "$router" "^udp .*src=$from dst=$to sport=$sport dport=100 .*src=$to dst=$from sport=2 dport=$sport "
	nft_to_one -110
	check_heard "nft's chain with a lower priority is asked before" "one $from"
	in_ns "$router" nft flush ruleset
	nft_to_one -90
	check_heard "one with a higher priority afterwards" "two $from"
	in_ns "$router" nft flush ruleset
	nft_to_one -100
	check_heard "of two with the same priority the newer one is asked first" "one $from"
	in_ns "$router" nft flush ruleset
	in_ns "$router" "$v" -t nat -A PREROUTING -p udp --dport 100 -j DNAT --to-destination "$to_one"
	check_heard "also when that is iptables-nft's" "one $from"
	in_ns "$router" nft flush ruleset
	in_ns "$router" "$v-legacy" -t nat -A POSTROUTING -p udp -j SNAT --to-source "$router_to"
	check_heard "the table's chains translate both ends" "two $router_to"
}

# A mark that one table gives a connection, and what it has become, is what another one sees.
other_tables() {
	in_ns "$router" "$v-legacy-restore" <<-END
		*raw
		-A PREROUTING -p udp --dport 100 -j CT --zone 7
		COMMIT
		*mangle
		-A PREROUTING -p udp -m conntrack --ctstate NEW -j CONNMARK --set-mark 5
		COMMIT
		*filter
		-A FORWARD -p udp -m connmark --mark 5 -m conntrack --ctstate DNAT --ctorigdstport 100 -j ACCEPT
		-A FORWARD -p udp -j DROP
		COMMIT
	END
	check_heard "the other tables let it through" "two $router_to"
	check_entry "$v: its entry has what they gave it" "$router" "^udp .*sport=$sport dport=100 .*mark=5 .*zone=7 "
	in_ns "$router" "$v-legacy" -I FORWARD -m connmark --mark 5 -j DROP
	check_heard "or not" nobody
	in_ns "$router" "$v-legacy" -F
}

# The module stays as long as there is a rule.
module_of() { if [ "$tracker" = ctrack ]; then echo ctrack_iptable_nat; else echo "${v%tables}table_nat"; fi; }
in_use() {
	check_output "$tracker: $v: with rules in the table the module can't be unloaded" "in use|Resource temporarily unavailable" \
		rmmod "$(module_of)"
	in_ns "$router" "$v-legacy" -t nat -F
	check_heard "without them nobody translates" nobody
}

each_way() {
	topology_router
	check_no_output "$tracker: no table is there before it is asked for" '^nat$' in_ns "$router" cat /proc/net/ip_tables_names
	v=iptables ip=ip from=10.0.1.2 to=10.0.2.2 to_one=10.0.2.2:1 to_two=10.0.2.2:2 router_to=10.0.2.1
	each_family
	v=ip6tables ip=ip6 from=fd00:1::2 to=fd00:2::2 to_one=[fd00:2::2]:1 to_two=[fd00:2::2]:2 router_to=fd00:2::1
	each_family
	check_output "$tracker: then it is" '^nat$' in_ns "$router" cat /proc/net/ip_tables_names
	check "$tracker: the table's module can be unloaded with its table" rmmod "$(module_of)"
	check_no_output "$tracker: of which nothing is left" '^nat$' in_ns "$router" cat /proc/net/ip6_tables_names
	in_ns "$router" iptables-legacy-restore <<-'END' || not_ok "$tracker: the table comes back"
		*nat
		-A POSTROUTING -j MASQUERADE
		COMMIT
	END
	# with a rule in it, that start_again's end of the namespace has to take away
}
each_family() {
	sock udp one "$server" "$to" 1
	sock udp two "$server" "$to" 2
	in_turn
	other_tables
	in_use
}

if has_legacy; then
	modprobe -a ip_tables ip6_tables
	on_both each_way
else
	skip "this kernel has no iptables-legacy"
fi
