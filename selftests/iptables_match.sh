#!/bin/bash
# modules: ctrack_xt
# iptables' matches conntrack, state, connmark, connbytes and helper see a question, its answer and one more question as
# they are, for IPv4 and IPv6; CONNMARK, CT and NOTRACK do what they say. What makes no sense is refused. The same with
# iptables-legacy, where the kernel has it.

. "$(dirname "$0")/lib.sh"

# Three packets pass the router: client to server, back, and client to server once more. Before each rule is how many
# of them it matches; rules are listed as they are given.
hits_of() { # CLIENT ROUTER SERVER ALL
	cat <<-END
		1 -m state --state NEW
		2 -m state --state ESTABLISHED
		3 -m state --state NEW,ESTABLISHED
		0 -m state --state INVALID,UNTRACKED
		1 -m conntrack --ctstate NEW
		2 -m conntrack ! --ctstate NEW
		2 -m conntrack --ctstate RELATED,ESTABLISHED
		3 -m conntrack --ctstate DNAT
		0 -m conntrack --ctstate SNAT
		3 -m conntrack --ctproto 17
		0 -m conntrack ! --ctproto 17
		3 -m conntrack --ctorigsrc $1
		0 -m conntrack --ctorigsrc $2
		3 -m conntrack --ctorigdst $2
		3 -m conntrack --ctreplsrc $3
		0 -m conntrack ! --ctreplsrc $4
		3 -m conntrack --ctrepldst $1
		3 -m conntrack --ctorigsrcport 4000
		0 -m conntrack ! --ctorigsrcport 4000
		3 -m conntrack --ctorigdstport 50:99
		0 -m conntrack --ctorigdstport 100:200
		3 -m conntrack --ctreplsrcport 53
		3 -m conntrack --ctrepldstport 3999:4000
		2 -m conntrack --ctdir ORIGINAL
		1 -m conntrack --ctdir REPLY
		2 -m conntrack --ctstatus SEEN_REPLY
		0 -m conntrack --ctstatus NONE
		0 -m conntrack --ctstatus ASSURED
		3 -m conntrack --ctexpire 1:30
		0 -m conntrack --ctexpire 31:1000
		2 -m conntrack --ctstate ESTABLISHED --ctproto 17 --ctorigsrc $1
		1 -m connbytes --connbytes 1:1 --connbytes-mode packets --connbytes-dir both
		1 -m connbytes --connbytes 2 --connbytes-mode packets --connbytes-dir original
		2 -m connbytes --connbytes 1 --connbytes-mode packets --connbytes-dir reply
		3 -m connbytes --connbytes 20:70 --connbytes-mode avgpkt --connbytes-dir both
		0 -m connbytes --connbytes 1000 --connbytes-mode bytes --connbytes-dir both
		3 -m connmark --mark 0x7
		3 -m connmark --mark 0x3/0xb
		0 -m connmark ! --mark 0x7
		3 -m mark --mark 0x70
		3 -m connlabel ! --label "40"
		3 -m connlabel --label "41" --set
		3 -m connlabel --label "41"
		0 -m helper --helper ftp
	END
}

# counted_rules IPTABLES TABLE: "PACKETS RULE" of those in FORWARD
counted_rules() { in_ns "$router" "$1-save" -c -t filter | sed -n 's/^\[\([0-9]*\):[0-9]*\] -A FORWARD /\1 /p'; }

ask() { # FROM SPORT TO PORT
	sock udp c "$client" "$1" "$2"
	sock connect c "$3" "$4"
	sock send c question
}

asked_again() { # FROM TO: a question, its answer, and another question
	ask "$1" 4000 "$2" 77 && sock answer s answer && sock receive c && sock send c question && sock receive s
}

# at_once COMMAND...: did it take less than two seconds, or did it fail?
at_once() {
	local begin=${EPOCHREALTIME/./}
	"$@" >"$work/heard" || return 0
	[ $((${EPOCHREALTIME/./} - begin)) -lt 1900000 ]
}

check_matches() { # IPTABLES CLIENT ROUTER SERVER ALL
	local hits to=$4
	[ "$(family "$4")" = 4 ] || to=[$4]
	hits=$(hits_of "${@:2}")
	in_ns "$router" "$1-restore" <<-END
		*mangle
		-A PREROUTING -i r0 -p udp --dport 77 -j CONNMARK --set-xmark 0x7/0xffffffff
		-A PREROUTING -i r0 -p udp --dport 77 -j MARK --set-mark 0x70
		-A PREROUTING -i r0 -p udp --dport 78 -j MARK --set-mark 0x1234
		-A PREROUTING -i r0 -p udp --dport 78 -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff
		-A PREROUTING -i r1 -j CONNMARK --restore-mark
		-A FORWARD -i r1 -m mark --mark 0x7 -j MARK --set-mark 0x70
		COMMIT
		*nat
		-A PREROUTING -d $3 -p udp --dport 77 -j DNAT --to-destination $to:53
		COMMIT
		*filter
		$(sed -E 's/^[0-9]+/-A FORWARD/' <<<"$hits")
		COMMIT
	END
	sock udp s "$server" "$4" 53
	# What takes two seconds is a stream, and matches other rules: once more.
	until at_once asked_again "$2" "$3"; do
		in_ns "$router" "$1" -Z FORWARD
		in_ns "$router" ctctl flush all >/dev/null
	done
	check_equal "$v: each rule matches what it should, and is listed as it was given" "$hits" "$(counted_rules "$1")"
	ask "$2" 4000 "$4" 78
	check_output "$v: CONNMARK saves the bits that it shall" "mark=52 " tracked "$router" src "$2" dport 78
	in_ns "$router" "$1" -F FORWARD
}

check_before() { # IPTABLES CLIENT SERVER
	in_ns "$router" "$1-restore" <<-END
		*raw
		-A PREROUTING -p udp --dport 101 -j CT --zone 5
		-A PREROUTING -p udp --dport 102 -j CT --zone-orig 6
		-A PREROUTING -p udp --dport 103 -j MARK --set-mark 7
		-A PREROUTING -p udp --dport 103 -j CT --zone mark
		-A PREROUTING -p udp --dport 104 -j CT --notrack
		-A PREROUTING -p udp --dport 105 -j NOTRACK
		-A PREROUTING -p udp --dport 106 -j CT --ctevents mark,destroy
		-A PREROUTING -p udp --dport 107 -j CT --ctevents new
		COMMIT
		*filter
		-A FORWARD -p udp -m state --state UNTRACKED
		COMMIT
	END
	spawn in_ns "$router" conntrack -E -p udp -f "ipv$(family "$2")"
	events=$work/spawned.${#background[@]}
	wait_for 30 has_listeners "$router" "$((++heard))"
	for port in 101 102 103 104 105 106 107; do ask "$2" 5000 "$3" $port; done
	check_output "$v: CT --zone" "dport=101 .*zone=5" tracked "$router" src "$2" dport 101
	check_output "$v: CT --zone-orig" "dport=102 .*zone-orig=6" tracked "$router" src "$2" dport 102
	check_output "$v: CT --zone mark" "dport=103 .*zone=7" tracked "$router" src "$2" dport 103
	check_equal "$v: CT --notrack and NOTRACK have no entry" "" "$(tracked "$router" src "$2" dport 104-105)"
	check_equal "$v: and their packets are untracked" "2 -p udp -m state --state UNTRACKED" "$(counted_rules "$1")"
	check "$v: CT --ctevents: a wanted event is told" wait_for 30 grep -q "NEW.*dport=107" "$events"
	check_not "$v: CT --ctevents: an unwanted one is not" grep -q "dport=106" "$events"
}

# check_refused DESCRIPTION ERROR COMMAND...
check_refused() {
	local description=$1 error=$2
	shift 2
	run in_ns "$router" "$@"
	if [ "$status" != 0 ] && matches "$error|RULE_APPEND failed"; then
		ok "$v: $description is refused"
	else
		not_ok "$v: $description is refused" "$(explain "$@")"
	fi
}

check_refusals() { # IPTABLES
	check_refused "CT outside of raw" "Invalid argument" "$1" -t mangle -A PREROUTING -j CT --zone 1
	check_refused "NOTRACK outside of raw" "Invalid argument" "$1" -t mangle -A PREROUTING -j NOTRACK
	check_refused "CT with a helper that is not there" "No such file|No chain/target/match" "$1" -t raw -A PREROUTING -p tcp -j CT --helper none
	check_refused "CT with a timeout that is not there" "No such file|No chain/target/match" "$1" -t raw -A PREROUTING -p tcp -j CT --timeout none
	check_refused "CONNSECMARK outside of mangle and security" "Invalid argument" "$1" -A FORWARD -j CONNSECMARK --save
}

each_match() { # KIND
	topology_router
	heard=0
	v=IPv4$1
	check_matches "iptables$1" 10.0.1.2 10.0.1.1 10.0.2.2 0.0.0.0/0
	check_before "iptables$1" 10.0.1.2 10.0.2.2
	check_refusals "iptables$1"
	v=IPv6$1
	check_matches "ip6tables$1" fd00:1::2 fd00:1::1 fd00:2::2 ::/0
	check_before "ip6tables$1" fd00:1::2 fd00:2::2
	check_refusals "ip6tables$1"
}

each_match ""
if has_legacy; then
	start_again
	each_match -legacy
else
	skip "this kernel has none" "iptables-legacy"
fi
