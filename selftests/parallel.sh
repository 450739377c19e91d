#!/bin/bash
# The first packets of one UDP flow, sent from two CPUs at once: none is lost and both are of one
# connection, forwarded or sent by the host itself, with and without masquerade.
#
# The trace behind it: a resolver sends its A and AAAA queries by one socket,
#    10.0.1.2:10000 > 10.0.2.2:53  A?
#    10.0.1.2:10000 > 10.0.2.2:53  AAAA?
# before either has an entry. In-tree, both get one, the later of which clashes at the last hook:
# the packet is lost when it was translated in another way, and the resolver waits 5 seconds.

. "$(dirname "$0")/lib.sh"

flows=150

at_once() { # DESCRIPTION SENDER-NS SENDERS SERVER PORT WHERE
	in_ns "$6" ctctl flush all >/dev/null
	check_output "$1: none is lost" "^$flows flows, 0 lost, 0 split, 0 shared, 0 unanswered$" \
		python3 -ESsB "$(dirname "$0")/tools/parallel.py" "$flows" "$3" "$4" "$5" "$server" "$2"
	check_equal "$1: an entry a flow" "$flows" "$(tracked "$6" proto udp dport "$5" | grep -c .)"
}

masquerade() { # NS INTERFACE
	rules "$1" <<<"table inet nat { chain post { type nat hook postrouting priority srcnat; oifname $2 masquerade; }; }"
}

# The same of SYNs that open a connection anew: the later one finds that the old connection is over already.
anew() { # DESCRIPTION CLIENT SEEN SERVER
	in_ns "$router" ctctl flush all >/dev/null
	rules "$server" <<-'END'
		table inet seen
		delete table inet seen
		table inet seen {
			counter syns {}
			chain in { type filter hook input priority filter; tcp dport 80 counter name syns drop; }
		}
	END
	python3 -ESsB "$(dirname "$0")/tools/reopen.py" "$flows" "$2" "$3" "$4" "$client" "$server"
	check_equal "$1: no SYN is lost" "syns $((3 * flows))" "$(counted "$server" seen syns)"
	check_equal "$1: each began anew" "$flows" "$(tracked "$router" proto tcp | grep -c SYN_SENT)"
}

topology_router
address "$client" c0 10.0.1.3/24 fd00:1::3/64
# the first must be there when the last is counted, however slow the machine
for ns in "$router" "$client"; do set_sysctl "$ns" net.netfilter.nf_conntrack_udp_timeout{,_dns}=600; done
in_ns "$router" ctctl on >/dev/null
at_once "IPv4, forwarded" "$client" 10.0.1.2,10.0.1.3 10.0.2.2 53 "$router"
at_once "IPv6, forwarded" "$client" fd00:1::2,fd00:1::3 fd00:2::2 53 "$router"
masquerade "$router" r1
at_once "IPv4, masqueraded" "$client" 10.0.1.2,10.0.1.3 10.0.2.2 54 "$router"
at_once "IPv6, masqueraded" "$client" fd00:1::2,fd00:1::3 fd00:2::2 54 "$router"
set_sysctl "$router" net.netfilter.nf_conntrack_tcp_timeout_{close,syn_sent}=600
anew "IPv4, anew" 10.0.1.2 10.0.2.1 10.0.2.2
anew "IPv6, anew" fd00:1::2 fd00:2::1 fd00:2::2
in_ns "$client" ctctl on >/dev/null
at_once "IPv4, sent by the host" "$client" 10.0.1.2,10.0.1.3 10.0.2.2 55 "$client"
masquerade "$client" c0
at_once "IPv4, sent by the host, masqueraded" "$client" 10.0.1.2,10.0.1.3 10.0.2.2 56 "$client"
check_equal "nothing was refused" "" "$(reasons "$router")$(reasons "$client")"
