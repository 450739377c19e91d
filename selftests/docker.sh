#!/bin/bash
# modules: none
# Docker's rules for its bridge, as it writes them: containers, a published port, and who reaches it by what way.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"

# container NAME ADDRESS: on the bridge, as Docker connects it when it has no proxy
container() {
	netns "$1"
	veth "${!1}" eth0 "$host" "veth$1"
	address "${!1}" eth0 "$2/16"
	ip -n "${!1}" route add default via 172.17.0.1
	ip -n "$host" link set "veth$1" master docker0 up
	ip -n "$host" link set "veth$1" type bridge_slave hairpin on
}

# outside (10.0.1.2) --- (10.0.1.1) host (172.17.0.1) === web (172.17.0.2), other (172.17.0.3)
topology_docker() {
	netns outside host
	veth "$outside" o0 "$host" eth0
	address "$outside" o0 10.0.1.2/24
	address "$host" eth0 10.0.1.1/24
	ip -n "$host" link add docker0 type bridge
	address "$host" docker0 172.17.0.1/16
	container web 172.17.0.2
	container other 172.17.0.3
	wait_links "$outside" "$host" "$web" "$other"
	modprobe br_netfilter
	set_sysctl "$host" net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.ipv4.conf.docker0.route_localnet=1
}

each_way() {
	topology_docker
	check "$tracker: the rules are taken" in_ns "$host" iptables-restore "$(dirname "$0")/rulesets/docker.rules"
	sock listen web "$web" 172.17.0.2 80
	sock listen hidden "$web" 172.17.0.2 81
	sock listen out "$outside" 10.0.1.2 80

	check_connects "from outside to the published port" 10.0.1.2 "$outside" 10.0.1.2 10.0.1.1 8080 web
	check_entry "its entry says so" "$host" "^tcp .*src=10.0.1.2 dst=10.0.1.1 sport=[0-9]+ dport=8080 .*src=172.17.0.2 dst=10.0.1.2 sport=80 "
	ip -n "$outside" route add 172.17.0.0/16 via 10.0.1.1
	sock tcp c "$outside" 10.0.1.2 0
	check_not "$tracker: from outside to another port" sock connect c 172.17.0.2 81 1
	check_connects "from a container to the outside" 10.0.1.1 "$web" 172.17.0.2 10.0.1.2 80 out
	check_entry "its entry says so" "$host" "^tcp .*src=172.17.0.2 dst=10.0.1.2 sport=[0-9]+ dport=80 .*src=10.0.1.2 dst=10.0.1.1 sport=80 "
	check_connects "from one container to another" 172.17.0.3 "$other" 172.17.0.3 172.17.0.2 81 hidden
	check_connects "from one container to another's published port" 172.17.0.3 "$other" 172.17.0.3 10.0.1.1 8080 web
	check_connects "from a container to its own published port" 172.17.0.1 "$web" 172.17.0.2 10.0.1.1 8080 web
	check_entry "its entry says so" "$host" "^tcp .*src=172.17.0.2 dst=10.0.1.1 sport=[0-9]+ dport=8080 .*src=172.17.0.2 dst=172.17.0.1 sport=80 "
	check_connects "from the host" 172.17.0.1 "$host" 10.0.1.1 10.0.1.1 8080 web
	check_connects "from the host, by its loopback address" 172.17.0.1 "$host" 127.0.0.1 127.0.0.1 8080 web
}

on_both each_way
