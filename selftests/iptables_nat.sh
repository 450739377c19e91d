#!/bin/bash
# modules: ctrack_xt
# iptables' targets that translate, SNAT, DNAT, NETMAP, MASQUERADE and REDIRECT, for IPv4 and IPv6. What counts is whom
# the server sees, and that the answer comes from whom the client asked. Rules are listed as they were given, and those
# that make no sense are refused. The same with iptables-legacy, where the kernel has it.

. "$(dirname "$0")/lib.sh"

# asks NS FROM TO PORT SOCKET: by what address and port SOCKET sees who asks, each time from another port
sport=4000
asks() {
	local from
	sport=$((sport + 1))
	sock udp c "$1" "$2" $sport && sock connect c "$3" "$4" && sock send c hello || return
	from=$(sock answer "$5" answer) || return
	echo "${from#hello }"
	[ "$(sock receive c)" = "answer $3 $4" ]
}

check_asks() { # DESCRIPTION SEEN NS FROM TO PORT SOCKET
	local description=$1 seen=$2
	shift 2
	run asks "$@"
	if [ "$status" = 0 ] && [[ $output =~ ^${seen/SAME/$sport}$ ]]; then
		ok "$description"
	else
		not_ok "$description" "expected: $seen, and an answer" "$(explain "$@")"
	fi
}

check_refused() { # DESCRIPTION COMMAND...
	local description=$1
	shift
	run in_ns "$router" "$@"
	if [ "$status" != 0 ] && matches 'Invalid argument|RULE_APPEND failed'; then
		ok "$description is refused"
	else
		not_ok "$description is refused" "$(explain "$@")"
	fi
}

check_rules() { # IPTABLES RULES
	check "$v: the rules are taken" in_ns "$router" "$1-restore" <<<"*nat"$'\n'"$2"$'\n'COMMIT
	check_equal "$v: and listed as they were given" "$2" "$(in_ns "$router" "$1-save" -t nat | grep '^-A')"
}

check_traffic() { # CLIENT INSIDE OUTSIDE SERVER POOL MAPPED LOOPBACK
	sock udp one "$server" "$4" 1
	sock udp six "$server" "$4" 6
	sock udp nine "$server" "$4" 9
	sock udp router "$router" "$2" 8
	sock udp local "$router" "$7" 8
	check_asks "$v: MASQUERADE" "$3 SAME" "$client" "$1" "$4" 1 one
	check_output "$v: MASQUERADE: the entry says so" "^udp .*src=$1 dst=$4 sport=$sport dport=1 .*src=$4 dst=$3 sport=1 dport=$sport" \
		tracked "$router" src "$1" nat snat dport 1
	check_asks "$v: DNAT, another port" "$3 SAME" "$client" "$1" "$2" 101 one
	check_output "$v: DNAT: the entry says so" "^udp .*src=$1 dst=$2 sport=$sport dport=101 .*src=$4 dst=$3 sport=1 " \
		tracked "$router" src "$1" nat dnat dport 101
	check_asks "$v: SNAT to a range of ports" "$5 500[0-9]" "$client" "$1" "$4" 9 nine
	check_asks "$v: DNAT, each port to its own" "$5 500[0-9]" "$client" "$1" "$2" 209 nine
	# -4 modulo 2^16 is 5 modulo 7
	check_asks "$v: DNAT, from a port before the first" "$1 SAME" "$client" "$1" "$2" 301 six
	check_asks "$v: NETMAP" "$3 SAME" "$client" "$1" "$6" 1 one
	check_asks "$v: REDIRECT" "$1 SAME" "$client" "$1" "$4" 108 router
	check_asks "$v: DNAT of what the router sends" "$3 SAME" "$router" "$3" "$2" 101 one
	check_asks "$v: REDIRECT of what the router sends" "$3 SAME" "$router" "$3" "$4" 108 local
}

check_refusals() { # IPTABLES ADDRESS
	local chain
	for chain in PREROUTING OUTPUT; do
		check_refused "$v: SNAT in $chain" "$1" -t nat -A $chain -j SNAT --to-source "$2"
		check_refused "$v: MASQUERADE in $chain" "$1" -t nat -A $chain -j MASQUERADE
	done
	for chain in POSTROUTING INPUT; do
		check_refused "$v: DNAT in $chain" "$1" -t nat -A $chain -j DNAT --to-destination "$2"
		check_refused "$v: REDIRECT in $chain" "$1" -t nat -A $chain -j REDIRECT
	done
	check_refused "$v: SNAT in the table mangle" "$1" -t mangle -A POSTROUTING -j SNAT --to-source "$2"
	in_ns "$router" "$1" -t nat -N jumped
	in_ns "$router" "$1" -t nat -A jumped -j MASQUERADE
	check_refused "$v: a jump to MASQUERADE from PREROUTING" "$1" -t nat -A PREROUTING -j jumped
}

each_target() { # KIND
	local kind=$1
	topology_router
	v=IPv4$kind
	check_rules "iptables$kind" "$(cat <<'END'
-A PREROUTING -d 10.0.1.1/32 -p udp -m udp --dport 101 -j DNAT --to-destination 10.0.2.2:1
-A PREROUTING -d 10.0.1.1/32 -p udp -m udp --dport 201:210 -j DNAT --to-destination 10.0.2.2:1-10/201
-A PREROUTING -d 10.0.1.1/32 -p udp -m udp --dport 301 -j DNAT --to-destination 10.0.2.2:1-7/305
-A PREROUTING -d 10.9.0.0/24 -j NETMAP --to 10.0.2.0/24
-A PREROUTING -p udp -m udp --dport 108 -j REDIRECT --to-ports 8
-A OUTPUT -d 10.0.1.1/32 -p udp -m udp --dport 101 -j DNAT --to-destination 10.0.2.2:1
-A OUTPUT -p udp -m udp --dport 108 -j REDIRECT --to-ports 8
-A POSTROUTING -s 10.0.1.2/32 -p udp -m udp --dport 9 -j SNAT --to-source 10.0.2.10:5000-5009
-A POSTROUTING -d 10.0.2.2/32 -p udp -m udp --dport 1 -j MASQUERADE
END
	)"
	ip -n "$router" address add 10.0.2.10/24 dev r1
	check_traffic 10.0.1.2 10.0.1.1 10.0.2.1 10.0.2.2 10.0.2.10 10.9.0.2 127.0.0.1
	check_refusals "iptables$kind" 10.0.2.2

	v=IPv6$kind
	check_rules "ip6tables$kind" "$(cat <<'END'
-A PREROUTING -d fd00:1::1/128 -p udp -m udp --dport 101 -j DNAT --to-destination [fd00:2::2]:1
-A PREROUTING -d fd00:1::1/128 -p udp -m udp --dport 201:210 -j DNAT --to-destination [fd00:2::2]:1-10/201
-A PREROUTING -d fd00:1::1/128 -p udp -m udp --dport 301 -j DNAT --to-destination [fd00:2::2]:1-7/305
-A PREROUTING -d fd00:9::/64 -j NETMAP --to fd00:2::/64
-A PREROUTING -p udp -m udp --dport 108 -j REDIRECT --to-ports 8
-A OUTPUT -d fd00:1::1/128 -p udp -m udp --dport 101 -j DNAT --to-destination [fd00:2::2]:1
-A OUTPUT -p udp -m udp --dport 108 -j REDIRECT --to-ports 8
-A POSTROUTING -s fd00:1::2/128 -p udp -m udp --dport 9 -j SNAT --to-source [fd00:2::10]:5000-5009
-A POSTROUTING -d fd00:2::2/128 -p udp -m udp --dport 1 -j MASQUERADE
END
	)"
	ip -n "$router" address add fd00:2::10/64 dev r1 nodad preferred_lft 0
	check_traffic fd00:1::2 fd00:1::1 fd00:2::1 fd00:2::2 fd00:2::10 fd00:9::2 ::1
	check_refusals "ip6tables$kind" fd00:2::2
	check_equal "nothing was refused${kind/-/, }" "" "$(reasons "$router")"
}

each_target ""
if has_legacy; then
	start_again
	each_target -legacy
else
	skip "this kernel has none" "iptables-legacy"
fi
