#!/bin/bash
# Packets that are cut short, lie about their lengths or quote what nobody sent: each is invalid
# and counted once, under its own reason; none has an entry, changes one or harms anybody. They
# come from the server to the client, which has a connection there that they could be about.

. "$(dirname "$0")/lib.sh"

declare -A before=()

# newly: which reasons were counted since it was asked last
newly() {
	local words i
	read -ra words < <(reasons "$router")
	said=
	for ((i = 0; i < ${#words[@]}; i += 2)); do
		more=$((words[i + 1] - ${before[${words[i]}]:-0}))
		[ $more = 0 ] || said+=" ${words[i]} $more"
		before[${words[i]}]=${words[i + 1]}
	done
	said=${said# }
}

hostile() { # NS SOURCE DESTINATION PACKET REASON
	sock hostile "$1" "$2" "$3" "$4"
	newly
	check_equal "IPv$(family "$2"): $4: $5" "$5 1" "$said"
}

each() { # lines of PACKET REASON [4|6]
	local packet reason only
	while read -r packet reason only; do
		[ "$only" = 6 ] || hostile "$server" 10.0.2.2 10.0.1.2 "$packet" "$reason"
		[ "$only" = 4 ] || hostile "$server" fd00:2::2 fd00:1::2 "$packet" "$reason"
	done
}

topology_router
count_states "$router"
# the two connections of this test outlive it, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
sock udp s4 "$server" 10.0.2.2 80
sock udp s6 "$server" fd00:2::2 80
sock udp c4 "$client" 10.0.1.2 4000
sock udp c6 "$client" fd00:1::2 4000
sock connect c4 10.0.2.2 80
sock connect c6 fd00:2::2 80
sock send c4 hello
sock send c6 hello
sock answer s4 hello >/dev/null
sock answer s6 hello >/dev/null
# who gets the packets must not answer: that would be counted, too
rules "$client" <<-'END'
	table inet mute {
		chain in { type filter hook prerouting priority 0; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; drop; }
	}
END
standing=$(tracked "$router" | sed -E 's/^([a-z]+ +[0-9]+) [0-9]+/\1/')
states "$router" >/dev/null

each <<-'END'
	tcp_3_octets transport_header
	tcp_4_octets transport_header
	tcp_19_octets transport_header
	tcp_offset_4 tcp_offset
	tcp_offset_0 tcp_offset
	tcp_offset_15 tcp_offset
	tcp_no_flags tcp_flags
	tcp_syn_fin tcp_flags
	tcp_syn_rst tcp_flags
	tcp_christmas tcp_flags
	tcp_fin_alone tcp_flags
	tcp_checksum checksum
	udp_3_octets transport_header
	udp_7_octets transport_header
	udp_length_7 transport_length
	udp_length_0 transport_length
	udp_length_large transport_length
	udp_checksum checksum
	icmp_7_octets transport_header
	icmp_1_octet transport_header
	icmp_checksum checksum
	icmp_type icmp_type
	icmp_answer icmp_answer
	error_quotes_nothing icmp_inner
	error_quotes_garbage icmp_inner
	error_quotes_half_a_header icmp_inner
	error_quotes_no_ports icmp_inner
	error_quotes_an_error icmp_inner
	error_quotes_the_other_family icmp_inner
	error_quotes_a_fragment icmp_inner 4
	error_quotes_ihl_4 icmp_inner 4
	error_header_too_long icmp_inner 4
	error_about_nothing icmp_unrelated
	error_about_another icmp_unrelated
	extension_too_long ip_extension 6
	extension_alone ip_extension 6
	extension_before_nothing transport_header 6
END
said=$(states "$router")
check_equal "all of them were invalid" "" "$(sed -E 's/^invalid [0-9]+$//' <<<"$said")"
check_equal "the two connections are as they were" "$standing" "$(tracked "$router" | sed -E 's/^([a-z]+ +[0-9]+) [0-9]+/\1/')"
check_equal "there are no others" 2 "$(entry_count "$router")"

set_sysctl "$router" net.netfilter.nf_conntrack_checksum=0
sock hostile "$server" 10.0.2.2 10.0.1.2 udp_checksum
check_equal "nf_conntrack_checksum=0: checksums are the receiver's business" "new 1" "$(states "$router")"
newly
check_equal "and not counted" "" "$said"
