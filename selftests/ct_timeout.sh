#!/bin/bash
# nft's `ct timeout`: a connection that a rule gave one lives by it in all its states, for as long
# as the object is there; what was added is listed as it was added; what makes no sense is refused.
# What nft has no words for, other protocols, is asked for without it.

. "$(dirname "$0")/lib.sh"

# groups GROUP...: of tools/ct_timeout.py
groups() { tool_cases "$router" ct_timeout "$@"; }

# left SECONDS FILTER...: has the one entry that much left? A slow machine takes some of it
left() {
	local seconds=$1 left
	shift
	run tracked "$router" "$@"
	left=$(awk '{ print $3 }' <<<"$output")
	[ -n "$left" ] && [ "$left" -le "$seconds" ] && [ "$left" -gt $((seconds - 60)) ]
}

# lives TEXT SECONDS FILTER...: what it has left when the last packet has got through
lives() {
	local text=$1 seconds=$2
	shift 2
	if wait_for 30 left "$seconds" "$@"; then
		ok "$text"
	else
		not_ok "$text" "expected: $seconds or a bit less" "entry: $output"
	fi
}

tcp() { # FAMILY CLIENT SERVER
	local flow=(family "ipv$1" sport 4000)
	sock listen listener "$server" "$3" 80
	sock tcp c "$client" "$2" 4000
	sock connect c "$3" 80
	sock accept s listener >/dev/null
	lives "IPv$1: TCP, established" 1000 "${flow[@]}"
	sock shut c
	sock receive s >/dev/null
	lives "IPv$1: TCP, half closed" 700 "${flow[@]}" # CLOSE_WAIT
	sock close s
	sock receive c >/dev/null
	lives "IPv$1: TCP, closed" 500 "${flow[@]}" # TIME_WAIT
	sock close c
	sock tcp c "$client" "$2" 4001
	sock connect c "$3" 80
	sock accept s listener >/dev/null
	sock reset s
	sock receive c >/dev/null 2>&1 || true
	lives "IPv$1: TCP, reset" 400 family "ipv$1" sport 4001
	sock close c
	sock close listener

	sock tcp c "$client" "$2" 4002
	sock listen listener "$server" "$3" 81
	sock connect c "$3" 81
	lives "IPv$1: another port: as ever" 432000 family "ipv$1" sport 4002
}

udp() { # FAMILY CLIENT SERVER
	local flow=(family "ipv$1" proto udp sport 5000)
	sock udp c "$client" "$2" 5000
	sock udp s "$server" "$3" 53
	sock connect c "$3" 53
	sock send c one
	lives "IPv$1: UDP, not answered" 200 "${flow[@]}"
	sock answer s two >/dev/null
	sock receive c >/dev/null
	lives "IPv$1: UDP, answered: DNS has nothing shorter" 200 "${flow[@]}"
	sleep 2.1 # what lasts is a stream
	sock send c three
	sock receive s >/dev/null
	lives "IPv$1: UDP, a stream" 300 "${flow[@]}"
}

topology_router
rules "$router" <<-'END'
	table inet t {
		ct timeout web { protocol tcp; policy = { established: 1000, close_wait: 700, time_wait: 500, close: 400 }; }
		ct timeout names { protocol udp; policy = { unreplied: 200, replied: 300 }; }
		chain c {
			type filter hook forward priority filter
			tcp dport 80 ct timeout set "web"
			udp dport 53 ct timeout set "names"
			# nothing of this is for them
			meta l4proto udp ct timeout set "web"
			tcp dport 80 ct timeout set "names"
		}
	}
END
in_ns "$router" nft list ruleset >"$work/listed"
for words in 'ct timeout web \{' 'protocol tcp' 'established ?: ?(1000s?|16m40s), close_wait ?: ?(700s?|11m40s), time_wait ?: ?(500s?|8m20s), close ?: ?(400s?|6m40s)' \
	'unreplied ?: ?(200s?|3m20s), replied ?: ?(300s?|5m)' 'tcp dport 80 ct timeout set "web"'; do
	check_output "it is listed: $words" "$words" cat "$work/listed"
done
in_ns "$router" nft flush ruleset
check "what nft lists can be added" in_ns "$router" nft -f "$work/listed"
check_equal "and is listed the same again" "$(cat "$work/listed")" "$(in_ns "$router" nft list ruleset)"

tcp 4 10.0.1.2 10.0.2.2
tcp 6 fd00:1::2 fd00:2::2
udp 4 10.0.1.2 10.0.2.2
udp 6 fd00:1::2 fd00:2::2

# an object that changes, and one that goes
rules "$router" <<<'table inet t { ct timeout names { protocol udp; policy = { unreplied: 800, replied: 900 }; }; }'
sock send c four
sock receive s >/dev/null
lives "it is added again: connections have it as it is now" 900 family ipv6 sport 5000
check_not "an object that a rule needs can't be deleted" in_ns "$router" nft delete ct timeout inet t names
in_ns "$router" nft flush chain inet t c
lives "no rule gives it any more: they keep it" 900 family ipv6 sport 5000
check "then it can be deleted" in_ns "$router" nft delete ct timeout inet t names
lives "what is left stays" 900 family ipv6 sport 5000
back_to_defaults() {
	sock send c five
	sock receive s >/dev/null
	[ "$(tracked "$router" family ipv6 sport 5000 | awk '{ print $3 }')" -le 120 ]
}
check "with the next packet they are as ever" wait_for 30 back_to_defaults
check "many come and go" eval 'for i in {1..40}; do echo "add ct timeout inet t many$i { protocol udp; policy = { replied: ${i} }; }"; done | rules "$router" &&
	for i in {1..40}; do echo "delete ct timeout inet t many$i"; done | rules "$router"'
# never committed: the packet that would have it is dropped
rules "$router" <<-'END'
	table inet t {
		ct timeout gone { protocol udp; policy = { unreplied: 5 }; }
		chain c { udp dport 99 ct timeout set "gone" drop; }
	}
END
sock udp d "$client" 10.0.1.2 5099
sock send d lost 10.0.2.2 99
check_equal "what is dropped leaves nothing" "" "$(tracked "$router" sport 5099)"

in_ns "$router" nft flush ruleset
rules "$router" <<<'table ip t { chain c { type filter hook output priority filter; }; }'
groups protocols changes wrong
in_ns "$router" ping -nq -c 1 -W 30 10.0.2.2 >/dev/null
lives "ICMP" 401 proto icmp
in_ns "$router" python3 -ESsB -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 50).sendto(b'12345678', ('10.0.2.2', 0))"
lives "ESP, by the generic one" 601 proto 50
sock udp u "$router" 10.0.2.1 6000
sock send u other 10.0.2.2 6001
lives "what is of another protocol is as ever" 30 sport 6000
refused() { check_not "refused: $1" rules "$router" <<<"$2"; }
refused "a state that UDP has not" 'table ip t { ct timeout bad { protocol udp; policy = { established: 1 }; }; }'
refused "a protocol that nft has no name for" 'table ip t { ct timeout bad { protocol esp; policy = { replied: 1 }; }; }'
refused "in a table of bridges" 'table bridge t { ct timeout bad { protocol udp; policy = { replied: 1 }; }; }'
refused "an object that is not there" 'add rule ip t c ct timeout set "nowhere"'
