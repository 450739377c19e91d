#!/bin/bash
# Zones: who has the same addresses in another zone is somebody else. Two customers with the same
# networks share a router, which tells them apart by the device:
#
#    $alice 10.0.1.2 --- (a0)          (a1) --- 10.0.2.2 $anna
#                              $router
#    $bob   10.0.1.2 --- (b0)          (b1) --- 10.0.2.2 $boris

. "$(dirname "$0")/lib.sh"

site() { # DEVICE TABLE CLIENT SERVER: a customer
	local version end
	veth "$router" "${1}0" "$3" e0
	veth "$router" "${1}1" "$4" e0
	address "$router" "${1}0" 10.0.1.1/24 fd00:1::1/64
	address "$router" "${1}1" 10.0.2.1/24 fd00:2::1/64
	edge "$3" e0 1
	edge "$4" e0 2
	for version in -4 -6; do
		for end in 0 1; do
			ip -n "$router" $version rule add iif "$1$end" lookup "$2"
		done
	done
	ip -n "$router" route add 10.0.1.0/24 dev "${1}0" table "$2"
	ip -n "$router" route add 10.0.2.0/24 dev "${1}1" table "$2"
	ip -n "$router" -6 route add fd00:1::/64 dev "${1}0" table "$2"
	ip -n "$router" -6 route add fd00:2::/64 dev "${1}1" table "$2"
}

# zoned RULE...: what is done to the packets of either customer, and before reassembly
zoned() {
	in_ns "$router" ctctl flush all >/dev/null
	rules "$router" <<-END
		table inet zoned
		delete table inet zoned
		table inet zoned {
			map zones { typeof iifname : ct zone; elements = { a0 : 1, a1 : 1, b0 : 257, b1 : 257 }; }
			chain pre { type filter hook prerouting priority -500; $1; }
			chain later { type filter hook prerouting priority raw; ${2:-}; }
			chain out { type filter hook output priority raw; ${3:-}; }
		}
	END
	states "$router" >/dev/null
}

# zones_of FILTER...: "ZONE ZONE" of the entries, as they are shown
zones_of() { tracked "$router" "$@" | sed -nE 's/.* (zone[a-z-]*=[0-9]+).*/\1/p' | sort | tr '\n' ' '; }

both() { # TEXT PORT: alice and bob ask; what they hear
	sock ask alice "$1" "$to" "$2"
	sock ask bob "$1" "$to" "$2"
}

two_connections() {
	zoned 'ct zone set iifname map @zones'
	sock udp alice "$alice" "$from" 4000
	sock udp bob "$bob" "$from" 4000
	check_equal "$v: both customers are answered" "hi $to 7"$'\n'"hi $to 7" "$(both hi 7)"
	check_equal "$v: and have a connection each" "new 2 established 2" "$(states "$router")"
	check_equal "$v: in their zones" "zone=1 zone=257 " "$(zones_of family "$family")"
	check_equal "$v: conntrack -L finds one by its zone" 1 "$(in_ns "$router" conntrack -L -f "$family" --zone 257 2>/dev/null | grep -c zone=257)"
	check_output "$v: ctctl get, too" "zone=257" in_ns "$router" ctctl get proto udp src "$from" dst "$to" sport 4000 dport 7 zone 257 -o conntrack
	check_not "$v: in zone 0 there is none" in_ns "$router" ctctl get proto udp src "$from" dst "$to" sport 4000 dport 7
	in_ns "$router" ctctl delete zone 1 >/dev/null
	check_equal "$v: flushed is one alone" "zone=257 " "$(zones_of family "$family")"
	both hi 7 >/dev/null
	check_equal "$v: whose connection begins anew" "new 1 established 3" "$(states "$router")"

	sock udp alice "$alice" "$from" 4001
	sock udp bob "$bob" "$from" 4001
	sock connect alice "$to" 9
	sock connect bob "$to" 54
	sock send alice hi
	sock send bob hi
	check_output "$v: an error is related in its zone" "^ECONNREFUSED .* about $to 9$" sock error alice
	check_equal "$v: and was forwarded as such" "new 2 related 1" "$(states "$router")"
}

fragments() {
	local letters=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
	sock half first "$alice" "$from" 4002 "$to" 55 "$letters"
	sock half second "$bob" "$from" 4002 "$to" 55 "${letters//a/b}"
	sock half second "$alice" "$from" 4002 "$to" 55 "$letters"
	sock half first "$bob" "$from" 4002 "$to" 55 "${letters//a/b}"
	check_equal "$v: fragments of two zones are not mixed" "$letters $from 4002" "$(sock receive anna)"
	check_equal "$v: on either side" "${letters//a/b} $from 4002" "$(sock receive boris)"
	check_equal "$v: and tracked in their zones" "zone=1 zone=257 " "$(zones_of family "$family" sport 4002)"
}

one_direction() {
	zoned 'iifname a0 ct original zone set 7'
	sock udp alice "$alice" "$from" 4003
	check_output "$v: a zone of the original direction" "^hi " sock ask alice hi "$to" 7
	sock send alice hi
	sock receive alice >/dev/null
	check_equal "$v: answers are in zone 0, and known" "new 1 established 3" "$(states "$router")"
	check_equal "$v: it is shown" "zone-orig=7 " "$(zones_of family "$family")"
	check_equal "$v: rules can tell" "original 4" "$(counted "$router" told original reply)"

	zoned 'iifname { a0, a1 } ct reply zone set 8'
	sock udp alice "$alice" "$from" 4003
	check_output "$v: a zone of the reply direction" "^hi " sock ask alice hi "$to" 7
	check_equal "$v: is that of answers" "new 1 established 1" "$(states "$router")"
	check_equal "$v: it is shown" "zone-reply=8 " "$(zones_of family "$family")"
	check_equal "$v: rules can tell" "reply 2" "$(counted "$router" told original reply)"

	zoned 'iifname a0 ct reply zone set 8'
	sock udp alice "$alice" "$from" 4003
	check_not "$v: an answer in another zone is none" sock ask alice hi "$to" 7 0.5
	check_equal "$v: but would begin a connection that is there" "reply_taken $((refused += 1))" "$(reasons "$router")"
	counted "$router" told >/dev/null
}

first_and_last() {
	zoned 'iifname a0 ct zone set 1; iifname a0 ct zone set 2'
	sock udp alice "$alice" "$from" 4004
	sock ask alice hi "$to" 7 >/dev/null
	check_equal "$v: the first rule that sets a zone is heard" "zone=1 " "$(zones_of family "$family")"
	zoned 'ct zone set iifname map @zones' 'notrack'
	sock udp alice "$alice" "$from" 4004
	sock ask alice hi "$to" 7 >/dev/null
	check_equal "$v: what has a zone can be untracked" "untracked 2" "$(states "$router")"
	zoned 'notrack' 'ct zone set iifname map @zones'
	sock udp alice "$alice" "$from" 4004
	sock ask alice hi "$to" 7 >/dev/null
	check_equal "$v: and what is untracked can have a zone" "new 1 established 1" "$(states "$router")"
}

# Templates that packets keep are not written to by those that come meanwhile.
held() {
	zoned 'ct zone set iifname map @zones' 'udp dport 56 queue num 3'
	sock queue "$router" 3 connections
	sock udp alice "$alice" "$from" 4005
	sock udp bob "$bob" "$from" 4005
	sock connect alice "$to" 56
	sock connect bob "$to" 56
	sock send alice held
	sock send bob held
	check "$v: packets are held before they are tracked" sock held 2
	sock udp other "$bob" "$from" 4006
	sock ask other hi "$to" 7 >/dev/null
	sock release
	sock release
	check_output "$v: they go on" "^held $from 4005$" sock receive hold_a
	check_output "$v: both" "^held $from 4005$" sock receive hold_b
	check_equal "$v: each in its zone" "zone=1 zone=257 " "$(zones_of family "$family" sport 4005)"
	sock unqueue
}

on_lo() {
	zoned 'return' '' 'oifname lo ct zone set 9'
	sock echo udp "$router" "$self" 7
	sock udp c "$router" "$self" 4007
	check_output "$v: on lo" "^hi " sock ask c hi "$self" 7
	check_output "$v: each packet is tracked once" "packets=1 .*packets=1 .*zone=9" tracked "$router" zone 9 family "$family"
}

netns router alice anna bob boris
set_sysctl "$router" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
site a 11 "$alice" "$anna"
site b 12 "$bob" "$boris"
wait_links "$router" "$alice" "$anna" "$bob" "$boris"
# what is listed stands to the end, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
count_states "$router"
rules "$router" <<-'END'
	table inet told {
		counter original {}
		counter reply {}
		chain forward {
			type filter hook forward priority filter
			ct zone 7 ct original zone 7 ct reply zone 0 counter name original
			ct zone 8 ct original zone 0 ct reply zone 8 counter name reply
		}
	}
END
refused=0
for family in ipv4 ipv6; do
	v=IPv${family#ipv} from=10.0.1.2 to=10.0.2.2 self=127.0.0.1
	[ $family = ipv4 ] || from=fd00:1::2 to=fd00:2::2 self=::1
	for host in "$anna" "$boris"; do
		sock echo udp "$host" "$to" 7
		sock udp "s$host" "$host" "$to" 54
	done
	sock udp anna "$anna" "$to" 55
	sock udp boris "$boris" "$to" 55
	sock udp hold_a "$anna" "$to" 56
	sock udp hold_b "$boris" "$to" 56
	two_connections
	fragments
	one_direction
	first_and_last
	held
	on_lo
done
check_equal "nothing else was refused" "reply_taken 2" "$(reasons "$router")"
