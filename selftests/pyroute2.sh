#!/bin/bash
# A client in another language: python3-pyroute2 speaks ctnetlink without libnetfilter_conntrack. It
# lists, filters, adds, changes, deletes, counts, and hears of it.

. "$(dirname "$0")/lib.sh"

topology_router
rules "$router" <<-'END'
	table inet nat {
		chain marks { type filter hook forward priority 0; udp dport 53 ct mark set 55; }
		chain post { type nat hook postrouting priority srcnat; iifname r0 masquerade; }
	}
END
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout{,_dns}=3000
sock echo udp "$server" 10.0.2.2 53
sock udp c "$client" 10.0.1.2 4001
sock ask c hello 10.0.2.2 53 >/dev/null
tool_cases "$router" pyroute2_client
