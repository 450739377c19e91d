#!/bin/bash
# ICMP and ICMPv6 queries: an entry a query, told apart by their identifier; an answer that
# nobody asked for is invalid. What a link's hosts and routers say about the link is untracked.

. "$(dirname "$0")/lib.sh"

queries() { # FAMILY CLIENT SERVER PROTO NUMBER REQUEST REPLY
	local flow=(proto "$4")
	check "$4: a ping gets through" in_ns "$client" ping -nq -c 1 -W 30 -e 77 "$3"
	check_equal "$4: the request is new, the reply established" "new 1 established 1" "$(states "$router")"
	check_output "$4: it has an entry" \
		"^$4 +$5 (30|[12].) src=$2 dst=$3 type=$6 code=0 id=77 packets=1 .*src=$3 dst=$2 type=$7 code=0 id=77 packets=1" \
		tracked "$router" "${flow[@]}"
	check_no_output "$4: which is not unreplied, nor assured" 'UNREPLIED|ASSURED' tracked "$router" "${flow[@]}"
	check "$4: two more, with the same identifier" in_ns "$client" ping -nq -c 2 -i 0.01 -W 30 -e 77 "$3"
	check_equal "$4: are all established" "established 4" "$(states "$router")"
	check "$4: one with another" in_ns "$client" ping -nq -c 1 -W 30 -e 78 "$3"
	check_equal "$4: is new" "new 1 established 1" "$(states "$router")"
	check_output "$4: and has another entry" "id=78" tracked "$router" "${flow[@]}"
	check_output "$4: which ctctl shows to people" "^$4 +replied .* ${2//./\\.} id 77 +$3 echo .*3/3" \
		in_ns "$router" ctctl list "${flow[@]}"

	sock ping "$server" "$3" "$2" reply 99
	check_equal "$4: an answer that nobody asked for is invalid" "invalid 1" "$(states "$router")"
	check_output "$4: and counted" 'icmp_answer' reasons "$router"
	check_no_output "$4: and has no entry" "id=99" tracked "$router" "${flow[@]}"
}

# An extended echo (RFC 8335): the code of the answer tells what became of the request.
probes() { # FAMILY CLIENT SERVER PROTO REQUEST REPLY
	sock probe "$client" "$2" "$3" 88 1
	check_equal "$4: an extended echo is new, its answer established" "new 1 established 1" "$(states "$router")"
	sock probe "$client" "$2" "$3" 89 9999
	check_equal "$4: so is that of one about an interface that is not there" "new 1 established 1" "$(states "$router")"
	check_output "$4: it has an entry" "type=$5 code=0 id=89 packets=1 .*type=$6 code=0 id=89 packets=1" tracked "$router" proto "$4"
}

# Listeners (RFC 2710, RFC 3810), neighbours and routers (RFC 4861, RFC 3122, RFC 3971), routers of multicast (RFC 4286)
link() {
	local kinds=(130 131 132 143 133 134 135 136 141 142 148 149 151 152 153)
	set_sysctl "$router" net.netfilter.nf_conntrack_checksum=0
	rules "$router" <<-'END'
		table inet link {
			counter untracked {}
			counter otherwise {}
			chain pre {
				type filter hook prerouting priority filter
				ip6 saddr fd00:1::9 ct state untracked counter name untracked drop
				ip6 saddr fd00:1::9 counter name otherwise drop
			}
		}
	END
	for kind in "${kinds[@]}"; do
		sock packet "$client" fd00:1::9 fd00:1::1 58 "$(printf '%02x' "$kind")000000$(printf '%040d' 0)"
	done
	check_equal "icmpv6: what is about the link is untracked" "untracked ${#kinds[@]}" "$(counted "$router" link untracked otherwise)"
	check_no_output "icmpv6: and has no entry" . tracked "$router" src fd00:1::9
	in_ns "$router" nft delete table inet link
	set_sysctl "$router" net.netfilter.nf_conntrack_checksum=1
}

# Who asks chooses the code, and so may not choose where in the table a query belongs.
codes() {
	local code sum
	set_sysctl "$router" net.netfilter.nf_conntrack_icmp_timeout=600
	for ((code = 0; code < 256; code++)); do
		sum=$((0xffff - 0x0800 - code - 7 - 1))
		sock packet "$client" 10.0.1.9 10.0.2.9 1 "$(printf '08%02x%04x00070001' $code $sum)"
	done
	check_equal "icmp: queries of each code have their entry" 256 "$(tracked "$router" src 10.0.1.9 | wc -l)"
}

topology_router
count_states "$router"
queries 4 10.0.1.2 10.0.2.2 icmp 1 8 0
queries 6 fd00:1::2 fd00:2::2 icmpv6 58 128 129
set_sysctl "$server" net.ipv4.icmp_echo_enable_probe=1
probes 4 10.0.1.2 10.0.2.2 icmp 42 43
probes 6 fd00:1::2 fd00:2::2 icmpv6 160 161
link
codes
check_equal "nothing else was refused" "icmp_answer 2" "$(reasons "$router")"
set_sysctl "$router" net.netfilter.nf_conntrack_icmp{,v6}_timeout=90
in_ns "$client" ping -nq -c 1 -W 30 -e 77 10.0.2.2 >/dev/null
in_ns "$client" ping -nq -c 1 -W 30 -e 77 fd00:2::2 >/dev/null
check_output "nf_conntrack_icmp_timeout holds" '^icmp +1 (90|[5-8].) .*id=77' tracked "$router"
check_output "nf_conntrack_icmpv6_timeout holds" '^icmpv6 +58 (90|[5-8].) .*id=77' tracked "$router"
