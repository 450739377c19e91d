# shellcheck shell=bash
# The network that firewalls are written for: a gateway whose local network is behind its one address, port 8080 of which
# is a server's there. After lib.sh and trackers.sh. Each ruleset in rulesets/ that is for it was made for the same wishes:
# whoever is inside may go out, masqueraded, and to the published port as well; the gateway answers pings; nobody else
# comes in.

# host_inside NAME NUMBER
host_inside() {
	netns "$1"
	veth "${!1}" eth0 "$gateway" "veth$1"
	address "${!1}" eth0 "192.168.1.$2/24" "fd00:2::$2/64"
	ip -n "${!1}" route add default via 192.168.1.1
	ip -n "${!1}" route add default via fd00:2::1
	ip -n "$gateway" link set "veth$1" master br-lan up
}

# outside (10.0.1.2, fd00:1::2) --- (eth0: 10.0.1.1, fd00:1::1) gateway (br-lan: 192.168.1.1, fd00:2::1) === web (.2), other (.3)
topology_gateway() {
	netns outside gateway
	veth "$outside" o0 "$gateway" eth0
	address "$outside" o0 10.0.1.2/24 fd00:1::2/64
	address "$gateway" eth0 10.0.1.1/24 fd00:1::1/64
	ip -n "$outside" route add 192.168.1.0/24 via 10.0.1.1
	ip -n "$outside" route add fd00:2::/64 via fd00:1::1
	ip -n "$gateway" link add br-lan type bridge
	address "$gateway" br-lan 192.168.1.1/24 fd00:2::1/64
	host_inside web 2
	host_inside other 3
	wait_links "$outside" "$gateway" "$web" "$other"
	set_sysctl "$gateway" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	# What br_netfilter, if it is there, would translate on the bridge, that would not send back by the port it came from.
	[ ! -e /proc/sys/net/bridge ] || set_sysctl "$gateway" net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0
}

listen_all() {
	sock listen web "$web" 192.168.1.2 80
	sock listen hidden "$web" 192.168.1.2 81
	sock listen out "$outside" 10.0.1.2 80
	sock listen own "$gateway" 10.0.1.1 23
}

# check_closed DESCRIPTION NS FROM TO DPORT: it is refused, or nothing answers
check_closed() {
	sock tcp c "$2" "$3" 0
	check_not "$tracker: $1" sock connect c "$4" "$5" 1
	sock close c
}

check_gateway() {
	listen_all
	check_connects "from inside to the outside" 10.0.1.1 "$other" 192.168.1.3 10.0.1.2 80 out
	check_entry "its entry says so" "$gateway" \
		"^tcp .*src=192.168.1.3 dst=10.0.1.2 sport=[0-9]+ dport=80 .*src=10.0.1.2 dst=10.0.1.1 sport=80 "
	check "$tracker: a ping from inside to the outside" in_ns "$other" ping -nq -c 1 -W 30 10.0.1.2
	check "$tracker: one from outside to the gateway" in_ns "$outside" ping -nq -c 1 -W 30 10.0.1.1
	sock udp u "$other" 192.168.1.3 0
	sock connect u 10.0.1.2 99
	sock send u nobody
	check_output "$tracker: what the outside refuses, is heard inside" ECONNREFUSED sock receive u

	check_connects "from outside to the published port" 10.0.1.2 "$outside" 10.0.1.2 10.0.1.1 8080 web
	check_entry "its entry says so" "$gateway" \
		"^tcp .*src=10.0.1.2 dst=10.0.1.1 sport=[0-9]+ dport=8080 .*src=192.168.1.2 dst=10.0.1.2 sport=80 "
	check_closed "not from outside to who is inside" "$outside" 10.0.1.2 192.168.1.2 81
	check_closed "nor to another port of the gateway" "$outside" 10.0.1.2 10.0.1.1 23

	check_connects "from the gateway to the outside" 10.0.1.1 "$gateway" '' 10.0.1.2 80 out
	check_connects "from the gateway to who is inside" 192.168.1.1 "$gateway" '' 192.168.1.2 81 hidden

	check_connects "from inside to the published port" 192.168.1.1 "$other" 192.168.1.3 10.0.1.1 8080 web
	check_entry "its entry says so" "$gateway" \
		"^tcp .*src=192.168.1.3 dst=10.0.1.1 sport=[0-9]+ dport=8080 .*src=192.168.1.2 dst=192.168.1.1 sport=80 "
	check_connects "from who publishes it to itself" 192.168.1.1 "$web" 192.168.1.2 10.0.1.1 8080 web
	check_entry "its entry says so" "$gateway" \
		"^tcp .*src=192.168.1.2 dst=10.0.1.1 sport=[0-9]+ dport=8080 .*src=192.168.1.2 dst=192.168.1.1 sport=80 "
}

# IPv6 is not translated.
check_gateway_ipv6() {
	sock listen hidden "$web" fd00:2::2 81
	sock listen out "$outside" fd00:1::2 80
	check_connects "IPv6, from inside to the outside" fd00:2::3 "$other" fd00:2::3 fd00:1::2 80 out
	check_entry "its entry says so" "$gateway" "^tcp .*src=fd00:2::3 dst=fd00:1::2 sport=[0-9]+ dport=80 .*src=fd00:1::2 dst=fd00:2::3 sport=80 "
	check_closed "IPv6, not from outside to who is inside" "$outside" fd00:1::2 fd00:2::2 81
	check "$tracker: IPv6, a ping from outside to the gateway" in_ns "$outside" ping -nq -c 1 -W 30 fd00:1::1
}
