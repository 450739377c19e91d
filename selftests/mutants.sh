#!/bin/bash
# Packets that are changed at random, thousands of them: cut short, with lengths that lie, odd options,
# chains of extension headers, errors about such packets. They are of connections that a NAT router
# knows, from both sides. Nothing of them is passed on but what was sent, translated; nobody sees an
# address of the other side; and no entry stays behind. See tools/mutants.py and tools/mutate.py.
#
#    make check KERNELS=uml TESTS=mutants SELFTEST_ENVIRONMENT='MUTANTS=20000;SEED=42;SELFTEST_LIMIT=3000'

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/translated.sh"

topology_translated
set_sysctl "$router" net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
rules "$router" <<-'END'
	table inet filter {
		chain forward {
			type filter hook forward priority filter; policy drop
			ct state { established, related } accept
			iifname r0 ct state new accept
		}
		chain input {
			type filter hook input priority filter
			# the router answers neither about the other side, nor to there
			iifname r0 ip daddr 10.0.2.1 drop
			iifname r0 ip saddr 10.0.2.0/24 drop
			iifname r0 ip6 daddr fd00:2::1 drop
			iifname r0 ip6 saddr fd00:2::/64 drop
			iifname r1 ip daddr 10.0.1.1 drop
			iifname r1 ip saddr 10.0.1.0/24 drop
			iifname r1 ip6 daddr fd00:1::1 drop
			iifname r1 ip6 saddr fd00:1::/64 drop
		}
	}
END
# an honest connection beside them
for ns in "$client" "$server"; do in_ns "$ns" nft insert rule inet mute in tcp dport { 7, 4321 } accept; done
for family in 4 6; do
	to=10.0.2.2 from=10.0.1.3
	[ $family = 4 ] || to=fd00:2::2 from=fd00:1::3
	sock listen "l$family" "$server" "$to" 7
	sock tcp "c$family" "$client" "$from" 4321
	sock connect "c$family" "$to" 7
	sock accept "s$family" "l$family" >/dev/null
done
mutants() { tool_cases "$router" mutants "$client" "$router" "$server" "$@"; }
mutants "${SEED:-1}" "${MUTANTS:-1000}" 4000
met=$(reasons "$router")
for reason in transport_header transport_length checksum tcp_offset tcp_flags icmp_type icmp_inner icmp_unrelated \
	sctp_chunk sctp_vtag dccp_offset dccp_type gre_header; do
	check "some are refused as $reason" grep -qw "$reason" <<<"$met"
done
# Once more, when nobody looks at checksums, and shapers ask about packets before IP has looked at them.
set_sysctl "$router" net.netfilter.nf_conntrack_checksum=0
for device in r0 r1; do
	ip -n "$router" link add "i$device" type ifb
	ip -n "$router" link set "i$device" up
	in_ns "$router" tc qdisc add dev "i$device" root cake unlimited nat
	in_ns "$router" tc qdisc add dev "$device" handle ffff: ingress
	in_ns "$router" tc filter add dev "$device" parent ffff: matchall action mirred egress redirect dev "i$device"
done
mutants "${SEED:-1}-unchecked" "${MUTANTS:-1000}" 5000

for family in 4 6; do
	sock send "c$family" hello
	check_output "IPv$family: a connection that was open all the time still is" '^hello$' sock receive "s$family"
done
in_ns "$router" ctctl flush all >/dev/null
check "all entries go" wait_for 30 has_entries "$router" 0
