#!/bin/bash
# A namespace goes while packets flow through it, with entries in its table, a packet in a queue,
# and rules that refer to it all. Nothing is left of it.

. "$(dirname "$0")/lib.sh"

once() { # ROUND
	local held=
	netns gateway
	veth "$client" c0 "$gateway" g0
	address "$client" c0 10.0.1.2/24
	address "$gateway" g0 10.0.1.1/24
	ip -n "$gateway" link add d0 type dummy
	address "$gateway" d0 10.0.2.1/24
	ip -n "$gateway" neighbour add 10.0.2.2 lladdr 02:00:00:00:00:02 dev d0
	ip -n "$client" route add default via 10.0.1.1
	set_sysctl "$gateway" net.ipv4.ip_forward=1
	rules "$gateway" <<-'END'
		table inet nat {
			chain forward { type filter hook forward priority 0; ct state invalid drop; udp dport 9999 queue num 3; }
			chain post { type nat hook postrouting priority srcnat; oifname d0 masquerade; }
		}
	END
	sock queue "$gateway" 3
	sock udp c "$client" 10.0.1.2 0
	! wait_for 60 is_held || held=yes
	wait_for 60 busy "$gateway" || true
	check "round $1: traffic flows through it, and a packet is held" [ "$(entry_count "$gateway")" -gt 100 ] && [ "$held" = yes ]
	ip netns delete "$gateway"
	sock unqueue
	sock close c
	namespaces=("$client")
	# its devices go later than its name
	wait_for 60 without_link "$client" c0
}
without_link() { ! ip -n "$1" link show "$2"; }
busy() { [ "$(entry_count "$1")" -gt 500 ]; }
# where the flood fills a queue on the way, one may be lost
is_held() { sock send c hello 10.0.2.2 9999 && sock held 1 1; }

netns client
spawn python3 -ESsB "$(dirname "$0")/tools/flood.py" "$client" 10.0.1.2 10.0.2.2 53
for round in 1 2 3 4 5; do once $round; done
kill "${background[0]}"
# it says so when it waits for more than ten seconds; and no module that waits can be unloaded
check_not "nothing waits for what is left of them" eval 'dmesg | grep "waiting for"'
