#!/bin/bash
# Why packets are refused: for each kind of broken packet a line of ctctl trace, with the reason
# that is counted and what rules it.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trace_lib.sh"

# refused TEXT EVENT REASON REGEX: the next refused packet
refused() {
	local line
	wait_for 30 eval '[ "$(wc -l <"$work/refused")" -gt '"$seen"' ]' || true
	seen=$((seen + 1))
	line=$(sed -n "${seen}p" "$work/refused")
	if [[ $line =~ ^[0-9:.]+\ \ $2\ +([^ ].*)?\ $3:\ .*\(.*\)$ && $line =~ $4 ]]; then
		ok "$1: $3"
	else
		not_ok "$1: $3" "expected: a line $2, $3, $4" "actual:   ${line:-(none)}"
	fi
}

topology_router
has_kprobes || { skip "this kernel has no kprobes"; exit; }
rules "$router" <<-'END'
	table inet nat {
		chain post { type nat hook postrouting priority srcnat; oifname r1 udp dport 9 masquerade to :4001-4001; }
	}
END
# who gets the packets must not answer: that would be refused, too
for ns in "$client" "$server"; do
	rules "$ns" <<-'END'
		table inet mute {
			chain in { type filter hook prerouting priority 0; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; drop; }
		}
	END
done
seen=0
trace_to refused "$router" event invalid,drop
trace_to steps "$router" event packet
trace_to searches "$router" event search
trace_to ports "$router" oif r1 reason nat_no_port
trace_to elsewhere "$router" oif r0 reason nat_no_port
trace_to windows "$router" reason tcp_window
while read -r packet reason; do
	sock hostile "$server" 10.0.2.2 10.0.1.2 "$packet"
	refused "$packet" invalid "$reason" "10\.0\.2\.2.* -> 10\.0\.1\.2"
done <<-'END'
	tcp_checksum checksum
	tcp_19_octets transport_header
	tcp_offset_4 tcp_offset
	tcp_syn_fin tcp_flags
	udp_length_7 transport_length
	icmp_answer icmp_answer
	error_quotes_garbage icmp_inner
	error_about_nothing icmp_unrelated
END
sock hostile "$server" fd00:2::2 fd00:1::2 extension_alone
refused "extension_alone" invalid ip_extension "RFC 8200"
sock udp a "$client" 10.0.1.2 4000
sock send a hello 10.0.2.2 9
sock udp b "$client" 10.0.1.2 4002
sock send b hello 10.0.2.2 9
refused "no free port" drop nat_no_port "udp +10.0.1.2:4002 -> 10.0.2.2:9 "
check "how a port was found is told, too" \
	wait_for 30 told searches ' search +udp +10.0.1.2:4000 -> 10.0.2.2:9 +another port is found, tries: 1$'
check "and that none was" \
	wait_for 30 told searches ' search +udp +10.0.1.2:4002 -> 10.0.2.2:9 +no other port is free, tries: 1$'
check "oif: what would have left by that device" wait_for 30 told ports ' drop '
check_equal "and by no other" "" "$(trace_of elsewhere)"

# two ends that only the router knows of
tcp() { sock segment "$client" 10.0.1.2 5000 10.0.2.2 80 "$@"; }
tcp_reply() { sock segment "$server" 10.0.2.2 80 10.0.1.2 5000 "$@"; }
tcp S 1000 0
tcp_reply SA 5000 1001
tcp A 1001 5001
tcp_reply A 90000000 1001
refused "out of window" invalid tcp_window "RFC 9293 .*nf_conntrack_tcp_be_liberal"
tcp R 900000000 0
refused "a reset off sequence" invalid tcp_reset "RFC 5961"
tcp A 1001 90000000
refused "an acknowledgment of nothing" invalid tcp_ack "10.0.1.2:5000 -> 10.0.2.2:80"
sock segment "$server" 10.0.2.2 80 10.0.1.2 6000 SA 1 1
refused "a SYN/ACK out of nowhere" invalid tcp_midstream "10.0.2.2:80 -> 10.0.1.2:6000"
check "the connection that refuses says in which state" wait_for 30 told steps "in established it is refused, tcp_window"
wait_for 30 told windows ' invalid ' || true
check_equal "reason: what has it, and nothing else" "packet invalid" "$(events windows)"

# an assured connection does not make room
in_ns "$router" ctctl delete proto udp >/dev/null
set_sysctl "$router" net.netfilter.nf_conntrack_max=1
sock segment "$client" 10.0.1.2 5001 10.0.2.2 80 S 1000 0
refused "a full table" drop table_full "10.0.1.2:5001 -> 10.0.2.2:80"
# shellcheck disable=SC2046,SC2183
check_equal "what is counted is told, each once" "$(printf '%s %s\n' $(reasons "$router") | sort)" \
	"$(sed -nE 's/.*  ([a-z][a-z0-9_]*): .*/\1/p' "$work/refused" | sort | uniq -c |
		awk '{ print $2, $1 }' | sort)"
