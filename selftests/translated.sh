# shellcheck shell=bash
# The network that tools/quotes.py knows: that of topology_router, where the router forwards what comes
# for its address on the client's side to the server and masquerades it, so that each sees the other at
# an address and a port that are not its own; and neither answers by itself. After lib.sh.

# shellcheck disable=SC2154
topology_translated() {
	local ns
	topology_router
	ip -n "$client" address add 10.0.1.3/24 dev c0
	ip -n "$client" address add fd00:1::3/64 dev c0 nodad
	for ns in "$client" "$server"; do
		rules "$ns" <<-'END'
			table inet mute {
				chain in { type filter hook prerouting priority raw; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; drop; }
			}
		END
	done
	# nobody's connection is over before it was asked about
	set_sysctl "$router" net.netfilter.nf_conntrack_{udp_timeout,icmp_timeout,icmpv6_timeout,gre_timeout}=600 \
		net.netfilter.nf_conntrack_sctp_timeout_{closed,cookie_wait,cookie_echoed}=600
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
}
