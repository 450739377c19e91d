#!/bin/bash
# TCP from SYN_SENT to TIME_WAIT and CLOSE: what rules see of each packet, and what the entry
# shows, with its timeout. First between real sockets, then segment by segment, so that every
# state can be looked at:
#    > S, < SA, > A, > FA, < A, < FA, > A, > S       open, close, open again
#    > S, < RA                                       refused
#    > S, < S                                        both open at once
#    > A                                             in mid-stream

. "$(dirname "$0")/lib.sh"

# shows FAMILY TEXT SECONDS STATE [REGEX]: the one entry's state, timeout and flags. A machine that is slow, or
# stands still, takes some of the seconds.
shows() {
	local family=$1 text=$2 seconds=$3 state=$4
	check_output "IPv$family: $text" "^tcp +6 $seconds $state .*${5:-}" tracked "$router" "${flow[@]}"
}

between_sockets() { # FAMILY CLIENT SERVER
	flow=(family "ipv$1" dport 80)
	sock listen listener "$server" "$3" 80
	sock tcp c "$client" "$2" 4000
	check "IPv$1: a connection is opened" sock connect c "$3" 80
	sock accept s listener >/dev/null
	check_equal "IPv$1: its SYN is new, all else established" "new 1 established 2" "$(states "$router")"
	sock send c hello
	check_output "IPv$1: what is sent arrives" '^hello$' sock receive s
	shows "$1" "ESTABLISHED" '43(2000|19..)' ESTABLISHED "src=$2 dst=$3 sport=4000 dport=80 .*src=$3 dst=$2 .*\[ASSURED\]"
	sock shut c
	check_output "IPv$1: the server hears the end" '^\(end\)$' sock receive s
	sock close s
	sock receive c >/dev/null
	shows "$1" "closed: TIME_WAIT" '1(20|[01].)' TIME_WAIT
	sock close c

	sock tcp c "$client" "$2" 4001
	sock connect c "$3" 80
	sock accept s listener >/dev/null
	sock reset s
	flow=(family "ipv$1" sport 4001)
	check_output "IPv$1: a reset arrives" ECONNRESET sock receive c
	shows "$1" "reset: CLOSE" '(90|[6-8].)' CLOSE
	check_output "IPv$1: no server: refused" ECONNREFUSED eval "sock tcp c $client $2 4002 && sock connect c $3 81"
	flow=(family "ipv$1" sport 4002)
	shows "$1" "refused: CLOSE" '(90|[6-8].)' CLOSE
	check_no_output "IPv$1: no packet was invalid" invalid states "$router"
}

# to_server FLAGS SEQ ACK, to_client FLAGS SEQ ACK
to_server() { sock segment "$client" "$from" "$sport" "$to" 80 "$@"; }
to_client() { sock segment "$server" "$to" 80 "$from" "$sport" "$@"; }

flow_is() { # SPORT
	sport=$1
	flow=(src "$from" sport "$sport")
}

segment_by_segment() { # FAMILY CLIENT SERVER
	from=$2 to=$3
	flow_is 5000
	states "$router" >/dev/null
	to_server S 100 0
	shows "$1" "SYN: SYN_SENT" '1(20|[01].)' SYN_SENT '\[UNREPLIED\]'
	to_client SA 500 101
	shows "$1" "SYN/ACK: SYN_RECV" '(60|[45].)' SYN_RECV
	to_server A 101 501
	shows "$1" "ACK: ESTABLISHED" '43(2000|19..)' ESTABLISHED '\[ASSURED\]'
	to_server FA 101 501
	shows "$1" "FIN: FIN_WAIT" '1(20|[01].)' FIN_WAIT
	to_client A 501 102
	shows "$1" "ACK: CLOSE_WAIT" '(60|[45].)' CLOSE_WAIT
	to_client FA 501 102
	shows "$1" "FIN: LAST_ACK" '(30|[12].)' LAST_ACK
	to_server A 102 502
	shows "$1" "ACK: TIME_WAIT" '1(20|[01].)' TIME_WAIT '\[ASSURED\]'
	check_equal "IPv$1: one packet new, six established" "new 1 established 6" "$(states "$router")"
	to_server S 90000 0
	shows "$1" "SYN: opened again, and nothing is left of the last one" '1(20|[01].)' SYN_SENT '\[UNREPLIED\]'
	check_equal "IPv$1: which is new" "new 1" "$(states "$router")"

	flow_is 5001
	to_server S 100 0
	to_client RA 0 101
	shows "$1" "reset answers SYN: CLOSE" '(90|[6-8].)' CLOSE

	flow_is 5002
	to_server S 100 0
	to_client S 500 0
	shows "$1" "both send SYN: SYN_SENT2" '1(20|[01].)' SYN_SENT2
	to_server SA 100 501
	to_client SA 500 101
	to_server A 101 501
	shows "$1" "and open: ESTABLISHED" '43(2000|19..)' ESTABLISHED
	states "$router" >/dev/null

	flow_is 5003
	to_server A 100 500
	shows "$1" "in mid-stream: ESTABLISHED, not for days" '(300|2[5-9].)' ESTABLISHED '\[UNREPLIED\]'
	check_equal "IPv$1: which is new" "new 1" "$(states "$router")"
	to_client A 500 100
	to_server A 100 500
	shows "$1" "and answered: for days" '43(2000|19..)' ESTABLISHED '\[ASSURED\]'
	check_equal "IPv$1: which is established" "established 2" "$(states "$router")"

	flow_is 5004
	to_client SA 500 101
	to_client FA 500 101
	check_equal "IPv$1: an answer, an end to nothing: invalid" "invalid 2" "$(states "$router")"
	check_no_output "IPv$1: and no entry" . tracked "$router" "${flow[@]}"
}

topology_router
# ten seconds are soon over; see timeouts.sh for what they are by themselves
set_sysctl "$router" net.netfilter.nf_conntrack_tcp_timeout_close=90
count_states "$router"
between_sockets 4 10.0.1.2 10.0.2.2
between_sockets 6 fd00:1::2 fd00:2::2

# from here on no host answers
for ns in "$client" "$server"; do
	rules "$ns" <<<'table inet mute { chain in { type filter hook input priority 0; tcp dport != 0 drop; }; }'
done
segment_by_segment 4 10.0.1.2 10.0.2.2
segment_by_segment 6 fd00:1::2 fd00:2::2
check_equal "each invalid one was counted" "tcp_midstream 4" "$(reasons "$router")"
set_sysctl "$router" net.netfilter.nf_conntrack_tcp_loose=0
flow_is 5003
states "$router" >/dev/null
in_ns "$router" ctctl delete all >/dev/null
to_server A 100 500
check_equal "nf_conntrack_tcp_loose=0: what is in mid-stream is invalid" "invalid 1" "$(states "$router")"
