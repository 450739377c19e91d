#!/bin/bash
# The FILTER words of ctctl trace: a session with one that holds is told, one with another value is not.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trace_lib.sh"

# WORD, a value that holds when the connection becomes firm, one that does not
words() {
	cat <<-'END'
		proto     udp              tcp
		family    ipv4             ipv6
		src       10.0.1.0/24      10.0.1.128/25
		dst       10.0.2.2         10.0.2.3
		sport     3999-4000        4001-4002
		dport     53               54
		reply-src 10.0.2.2         10.0.2.3
		reply-dst 10.0.2.1         10.0.1.2
		state     unreplied        assured
		status    snat             dnat
		mark      0x5/0xf          0x6/0xf
		zone      7                8
		nat       snat             dnat
		iif       r0               r1
		oif       r1               r0
	END
}

# each VALUE-NUMBER: sessions with the words' first or second values, and one without words
each() {
	local word values
	while read -r word values; do
		# shellcheck disable=SC2086
		set -- "$1" $values
		# no packet comes in or goes out where a connection becomes firm
		case $word in
		iif | oif) trace_to "$word" "$router" event translate "$word" "${!1}" ;;
		*) trace_to "$word" "$router" event commit "$word" "${!1}" ;;
		esac
	done < <(words)
	trace_to all "$router" event commit
	sock send c hello 10.0.2.2 53
	sock receive s >/dev/null
	wait_for 30 told all ' commit '
}

topology_router
has_kprobes || { skip "this kernel has no kprobes"; exit; }
rules "$router" <<-'END'
	table inet t {
		chain first { type filter hook prerouting priority raw; ct zone set 7; }
		chain between { type filter hook forward priority filter; ct mark set 0x15; }
		chain last { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
sock udp s "$server" 10.0.2.2 53
sock udp c "$client" 10.0.1.2 4000
each 2
while read -r word holds other; do check "$word $holds: it is told" wait_for 30 told "$word" 4000; done < <(words)
stop_traces
in_ns "$router" ctctl delete all >/dev/null
each 3
while read -r word holds other; do check_equal "$word $other: it is not" "" "$(trace_of "$word")"; done < <(words)
