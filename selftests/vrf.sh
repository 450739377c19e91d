#!/bin/bash
# A VRF has packets pass the hooks twice: once in the lower device, once in the VRF's. Each is
# tracked once, where it belongs to the outside: as it comes in from the lower device, in the zone
# that is set there, and as it goes out to it. The VRF marks what it sends as untracked before;
# what is tracked there all the same is translated, and becomes firm, as it goes out.
#
#    $host (h0) 10.0.1.2 --- 10.0.1.1 (r0, in VRF red) $router

. "$(dirname "$0")/lib.sh"

passes="in_lower in_vrf out_vrf_untracked out_lower_new out_lower_established"

fresh() { # [RULE]: a connection meets no other; RULE is for the nat chain
	in_ns "$router" ctctl flush all >/dev/null
	rules "$router" <<-END
		flush chain inet t nat
		add rule inet t nat ${1:-continue}
	END
	counted "$router" t $passes >/dev/null
}

incoming() {
	fresh
	sock udp c "$host" "$far" 4000
	sock connect c "$near" 7
	sock send c hi
	check_equal "$v: the router is asked, in the VRF" "hi $far 4000" "$(sock answer inside answer)"
	check_equal "$v: and answers" "answer $near 7" "$(sock receive c)"
	check_equal "$v: packets pass twice" "in_lower 1 in_vrf 1 out_vrf_untracked 1 out_lower_established 1" \
		"$(counted "$router" t $passes)"
	check_output "$v: and are tracked once, in the lower device's zone" "packets=1 .*packets=1 .*zone=1" \
		tracked "$router" family "$family" sport 4000
	check_equal "$v: there is no other entry" 1 "$(tracked "$router" family "$family" proto udp | grep -c .)"
	check_output "$v: the router is pinged" " 0% packet loss" in_ns "$host" ping -nq -c 2 -i 0.2 -W 30 "$near"
}

outgoing() { # DESCRIPTION
	fresh 'meta l4proto udp counter name masqueraded masquerade to :6000'
	sock udp c "$router" "$any" 4001
	sock device c red
	sock connect c "$far" 7
	sock send c hi
	check_equal "$v$1: what the router sends by the VRF is masqueraded" "hi $near 6000" "$(sock answer server answer)"
	check_equal "$v$1: and its answer comes back" "answer $far 7" "$(sock receive c)"
	check_equal "$v$1: it is tracked as it leaves by the lower device, and rules are asked once" \
		"in_lower 1 in_vrf 1 out_vrf_untracked 1 out_lower_new 1 masqueraded 1" \
		"$(counted "$router" t $passes masqueraded)"
	check_output "$v$1: it has one entry" "packets=1 .*packets=1 .*zone=1" tracked "$router" family "$family" proto udp nat snat
	check_equal "$v$1: and no other" 1 "$(tracked "$router" family "$family" proto udp | grep -c .)"

	sock tcp c "$router" "$any" 4002
	sock device c red
	fresh 'oifname r0 meta l4proto tcp masquerade to :6001'
	check "$v$1: TCP, too" sock connect c "$far" 80
	check_equal "$v$1: is masqueraded" "$near 6001" "$(sock accept s listener)"
	sock send c hi
	check_equal "$v$1: and hears" hi "$(sock receive s)"
	in_ns "$router" nft add rule inet t in tcp sport 80 reject with tcp reset
	sock send s hi
	check_output "$v$1: a reset of the router's own goes by the VRF, too" '^ECONNRESET$' sock receive s 5
	in_ns "$router" nft flush chain inet t in
	sock reset c

	fresh 'oifname r0 meta l4proto tcp masquerade to :6002'
	sock tcp c "$router" "$any" 4003
	sock device c red
	check "$v$1: one that is tracked on its way to the VRF" sock connect c "$far" 81
	check_equal "$v$1: is masqueraded where it leaves" "$near 6002" "$(sock accept s listener81)"
	sock send c hi
	check_equal "$v$1: and hears" hi "$(sock receive s)"
	sock reset c
}

netns host router
# what is listed stands to the end, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
ip -n "$router" link add red type vrf table 10
ip -n "$router" link set red up
veth "$host" h0 "$router" r0
ip -n "$router" link set r0 master red
address "$router" r0 10.0.1.1/24 fd00:1::1/64
address "$host" h0 10.0.1.2/24 fd00:1::2/64
wait_links "$host" "$router"
# Where the VRF has a queue, the kernel names the lower device also as TCP over IPv6 goes to the
# VRF. A zone that is set for that device has it tracked there: of TCP only port 81 has one.
rules "$router" <<-END
	table inet t {
		$(printf 'counter %s { }; ' $passes masqueraded)
		chain pre {
			type filter hook prerouting priority raw
			iifname r0 tcp sport 81 ct zone set 1
			meta l4proto tcp accept
			iifname r0 ct zone set 1
			iifname red ct zone set 2
			meta l4proto udp iifname r0 counter name in_lower
			meta l4proto udp iifname red counter name in_vrf
		}
		chain out {
			type filter hook output priority raw
			oifname { r0, red } tcp dport 81 ct zone set 1
			meta l4proto tcp accept
			oifname r0 ct zone set 1
			meta l4proto udp oifname red ct state untracked counter name out_vrf_untracked
		}
		chain post {
			type filter hook postrouting priority mangle
			meta l4proto udp oifname r0 ct state new counter name out_lower_new
			meta l4proto udp oifname r0 ct state established counter name out_lower_established
		}
		chain in { type filter hook input priority filter; }
		chain nat { type nat hook postrouting priority srcnat; }
	}
END
for family in ipv4 ipv6; do
	v=IPv${family#ipv} far=10.0.1.2 near=10.0.1.1 any=0.0.0.0
	[ $family = ipv4 ] || far=fd00:1::2 near=fd00:1::1 any=::
	sock udp inside "$router" "$any" 7
	sock device inside red
	sock udp server "$host" "$far" 7
	sock listen listener "$host" "$far" 80
	sock listen listener81 "$host" "$far" 81
	incoming
	outgoing ""
	tc -n "$router" qdisc add dev red root pfifo
	outgoing ", with a queue"
	tc -n "$router" qdisc delete dev red root
done
check_equal "nothing was refused" "" "$(reasons "$router")"
