#!/bin/bash
# modules: none
# The modules are unloaded while packets flow, with entries in the table, tracking turned on by
# hand, a packet in a queue, and a shaper that asks about packets; then loaded again. Traffic goes on,
# without them. A fragment that waits for the rest with the zone that a rule gave it is waited for.

. "$(dirname "$0")/lib.sh"

load() { modprobe ctrack_nat; }
unload() { modprobe -r ctrack_nat ctrack; }
is_gone() { ! grep -q '^ctrack' /proc/modules; }
busy() { [ "$(entry_count "$router")" -gt 300 ]; }
# where the flood fills a queue on the way, one may be lost
is_held() { sock send c hello 10.0.2.2 9999 && sock held 1 1; }
pings() { wait_for 60 in_ns "$client" ping -nq -c 1 -W 2 "$1"; }

in_use() {
	load
	rules "$router" <<<"table inet nat { chain post { type nat hook postrouting priority srcnat; masquerade; }; }"
	check_not "while a rule needs it, it stays" rmmod ctrack_nat
	rules "$router" <<<"flush ruleset"
	rules "$router" <<<"table inet t { chain f { type filter hook forward priority 0; ct state new; }; }"
	check_not "a rule with ct holds ctrack" rmmod ctrack
	check "but not ctrack_nat" rmmod ctrack_nat
	rules "$router" <<<"flush ruleset"
	check "without rules it goes" rmmod ctrack
	check_status "ctctl says that it is not there" 1 ctctl list
	check_output "and how to have it" "modprobe ctrack_nat" ctctl list
	check "nothing of it is left in /proc/sys" [ ! -e /proc/sys/net/netfilter/nf_conntrack_count ]
}

once() { # ROUND
	load
	in_ns "$router" ctctl on >/dev/null
	in_ns "$client" ctctl on >/dev/null
	ctctl on >/dev/null
	rules "$router" <<-'END'
		table inet nat {
			chain forward { type filter hook forward priority 0; ct state new udp dport 9999 queue num 3; }
			chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
		}
	END
	sock udp c "$client" 10.0.1.2 0
	check "round $1: a packet is held" wait_for 60 is_held
	check "round $1: traffic is tracked" wait_for 60 busy
	pings fd00:2::2
	rules "$router" <<<"delete table inet nat"
	check "round $1: all of it goes" goes
	check "round $1: it has gone" is_gone
	check "round $1: packets pass without it" pings 10.0.2.2
}

# It waits for a score of RCU grace periods, which a busy machine makes long.
goes() { timeout "$(patience 120)" modprobe -r ctrack_nat ctrack; }

zoned_fragment() {
	load
	set_sysctl "$router" net.ipv4.ipfrag_time=2
	rules "$router" <<<"table inet z { chain pre { type filter hook prerouting priority -500; ct zone set 7; }; }"
	sock half first "$client" 10.0.1.2 4000 10.0.2.2 9 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
	rules "$router" <<<"delete table inet z"
	check "with a fragment that has a zone: all of it goes" goes
}

topology_router
rules "$server" <<<"table inet mute { chain in { type filter hook prerouting priority 0; ip protocol udp drop; }; }"
in_use
# A queue that loses its hook looks for the next one, and the kernel warns when there is none.
rules "$router" <<<"table inet behind { chain f { type filter hook forward priority 10; }; }"
spawn python3 -ESsB "$(dirname "$0")/tools/flood.py" "$client" 10.0.1.2 10.0.2.2 53
# A shaper that asks the tracker about each packet that it has not seen, while it comes and goes.
in_ns "$router" tc qdisc add dev r1 root cake nat
sock queue "$router" 3
for round in 1 2 3 4 5; do once $round; done
zoned_fragment
