#!/bin/bash
# A tunnel that ends at the router itself. What goes through it is a connection, and what it is
# packed into, which the router sends and receives, is another one; each packet is counted once in
# each. Translating the one leaves the other as it is.

. "$(dirname "$0")/lib.sh"

tunnel() { # NS TYPE LOCAL REMOTE ADDRESS
	ip -n "$1" link add t0 type "$2" local "$3" remote "$4" "${mode[@]}"
	address "$1" t0 "$5"
}

# through TYPE OUTER-ENTRY ROUTER SERVER CLIENT NEAR FAR LENGTH
through() {
	local mode=()
	[ "$2" != ip6tnl ] || mode=(mode any)
	tunnel "$router" "$2" "$4" "$5" "$7/$9"
	tunnel "$server" "$2" "$5" "$4" "$8/$9"
	check "$1: pings go through" in_ns "$client" ping -nq -c 3 -i 0.2 -W 30 "$8"
	check_output "$1: what goes through is one connection, translated, each packet counted once" \
		"^icmp.* src=$6 dst=$8 .* packets=3 .*src=$8 dst=$7 .* packets=3 " tracked "$router" src "$6"
	check_output "$1: the tunnel is another one, and not translated" \
		"^$3 .* src=$4 dst=$5 .*packets=3 .*src=$5 dst=$4 .*packets=3 " tracked "$router" src "$4"
	check_equal "$1: there are no others" 2 "$(entry_count "$router")"
	ip -n "$router" link delete t0
	ip -n "$server" link delete t0
	in_ns "$router" ctctl flush all >/dev/null
}

topology_router
# the devices' own messages would be in the tunnel's count
for ns in "$router" "$server"; do
	rules "$ns" <<-'END'
		table inet quiet {
			chain out {
				type filter hook output priority raw
				oifname t0 icmpv6 type != { echo-request, echo-reply } drop
			}
		}
	END
done
rules "$router" <<-'END'
	table inet nat { chain post { type nat hook postrouting priority srcnat; oifname t0 masquerade; }; }
END
inner4=(10.0.1.2 172.16.0.1 172.16.0.2 24)
inner6=(fd00:1::2 fd00:9::1 fd00:9::2 64)
through "IPv4 in IPv4" ipip 'unknown +4' 10.0.2.1 10.0.2.2 "${inner4[@]}"
through "IPv4 in GRE" gre 'gre +47' 10.0.2.1 10.0.2.2 "${inner4[@]}"
through "IPv6 in IPv4" sit 'unknown +41' 10.0.2.1 10.0.2.2 "${inner6[@]}"
through "IPv6 in IPv6" ip6tnl 'unknown +41' fd00:2::1 fd00:2::2 "${inner6[@]}"
through "IPv4 in IPv6" ip6tnl 'unknown +4' fd00:2::1 fd00:2::2 "${inner4[@]}"
through "IPv6 in GRE over IPv6" ip6gre 'gre +47' fd00:2::1 fd00:2::2 "${inner6[@]}"
check_equal "nothing was refused" "" "$(reasons "$router")"
