#!/bin/bash
# An ICMP error about a translated packet comes to the packet's sender with a quote of what that
# one sent, octet for octet, however much is quoted and whatever a router on the way did to it. An
# error is never lost because of a sum that is wrong, or cut off, in its quote. With less than 8
# octets of a header that has ports (RFC 792), with a fragment that is not the first and with
# another error no connection is found. tools/quotes.py sends and compares.

. "$(dirname "$0")/lib.sh"

mute() { # NS: its own answers would be in the way
	rules "$1" <<-'END'
		table inet mute {
			chain in { type filter hook prerouting priority raw; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; drop; }
		}
	END
}

topology_router
ip -n "$client" address add 10.0.1.3/24 dev c0
ip -n "$client" address add fd00:1::3/64 dev c0 nodad
mute "$client"
mute "$server"
count_states "$router"
rules "$router" <<-'END'
	table ip nat {
		chain pre {
			type nat hook prerouting priority dstnat
			iifname r0 ip daddr 10.0.1.1 meta l4proto { tcp, udp, udplite, dccp, sctp } th dport 99 dnat to 10.0.2.2:53
			iifname r0 ip daddr 10.0.1.1 dnat to 10.0.2.2
		}
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
	table ip6 nat {
		chain pre {
			type nat hook prerouting priority dstnat
			iifname r0 ip6 daddr fd00:1::1 meta l4proto { tcp, udp, udplite, dccp, sctp } th dport 99 dnat to [fd00:2::2]:53
			iifname r0 ip6 daddr fd00:1::1 dnat to fd00:2::2
		}
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
tool_cases "$router" quotes "$client" "$router" "$server" shapes wrong_sums options kinds answers
check_equal "nothing was refused" "" "$(reasons "$router")"
check_no_output "what was passed on was new, established or related" 'invalid|untracked' states "$router"
tool_cases "$router" quotes "$client" "$router" "$server" refused
check_equal "these were, and counted" "icmp_inner 10" "$(reasons "$router")"
