#!/bin/bash
# Fragments are put together before they are tracked, and leave in no larger pieces than they came
# in, in whatever order that was; also what is not tracked. Overlapping and endless ones go no
# further, and leave no entry. tools/fragments.py sends and looks.

. "$(dirname "$0")/lib.sh"

mute() { # NS: its own answers would be in the way
	rules "$1" <<-'END'
		table inet mute {
			chain in { type filter hook prerouting priority -500; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; drop; }
		}
	END
}
fragments() { tool_cases "$router" fragments "$client" "$router" "$server" "$@"; }

topology_router
mute "$client"
mute "$server"
rules "$router" <<-'END'
	table inet raw {
		chain pre { type filter hook prerouting priority raw; udp dport 54 notrack; }
	}
	table inet nat {
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
fragments orders
check_equal "a connection in each family, none for what is not tracked" 2 "$(entry_count "$router")"
for address in 10.0.2.2 fd00:2::2; do ip -n "$router" route add $address dev r1 mtu 1300; done
fragments too_large
check_equal "nothing was refused" "" "$(reasons "$router")"
# only these wait for what never comes
set_sysctl "$router" net.ipv4.ipfrag_time=1 net.netfilter.nf_conntrack_frag6_timeout=1
fragments overlapping endless
check_equal "what could not be put together has no entry" 2 "$(entry_count "$router")"
# IPv6 tells the sender what became of them, and nothing of that was ever tracked
check_output "all that was refused are the router's own errors about these" '^(icmp_unrelated [0-9]+ )?ip_reassembly 1$' reasons "$router"
fragments past
check_equal "what the router sends past reassembly has none either" 2 "$(entry_count "$router")"
