#!/bin/bash
# modules: none
# limit: 900
# kube-proxy's rules in its iptables mode, for a thousand services and more: who reaches a service by which address, from
# a pod, the node and outside, and what the pod behind it sees.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"

pod() { # NAME ADDRESS
	netns "$1"
	veth "${!1}" eth0 "$node" "veth$1"
	address "${!1}" eth0 "$2/24"
	ip -n "${!1}" route add default via 10.244.0.1
	ip -n "$node" link set "veth$1" master cni0 up
	ip -n "$node" link set "veth$1" type bridge_slave hairpin on
}

# outside (10.0.1.2) --- (10.0.1.1) node (10.244.0.1) === one (10.244.0.2), two (10.244.0.3)
topology_node() {
	netns outside node
	veth "$outside" o0 "$node" eth0
	address "$outside" o0 10.0.1.2/24 10.0.1.3/24
	address "$node" eth0 10.0.1.1/24
	ip -n "$node" link add cni0 type bridge
	address "$node" cni0 10.244.0.1/24
	pod one 10.244.0.2
	pod two 10.244.0.3
	wait_links "$outside" "$node" "$one" "$two"
	ip -n "$outside" route add 10.96.0.0/16 via 10.0.1.1
	ip -n "$node" route add default via 10.0.1.2
	modprobe br_netfilter
	set_sysctl "$node" net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
}

# whom NS FROM TO DPORT: which pod answers, and whom it sees; both pods listen
whom() {
	local pod seen
	sock tcp c "$1" "$2" 0 && sock connect c "$3" "$4" || return
	pod=$(sock ready 30 one two) && seen=$(sock accept s "$pod") || return
	sock send s answer && sock receive c >/dev/null && sock close c && sock close s && echo "$pod ${seen% *}"
}

# check_whom DESCRIPTION SEEN NS FROM TO DPORT: often, and until both pods have had their turn. One has none of
# twelve in one run of two thousand.
check_whom() {
	local i answered=
	for ((i = 0; i < 60; i++)); do
		[ $i -lt 12 ] || [[ $answered != *one* || $answered != *two* ]] || break
		answered+=$(whom "${@:3}" || echo "no answer")$'\n'
		[[ $answered != *"no answer"* ]] || break
	done
	check_equal "$tracker: $1" "$(printf '%s\n' "one $2" "two $2")" "$(sort -u <<<"${answered%$'\n'}")"
}

each_way() {
	topology_node
	python3 -ESsB "$(dirname "$0")/tools/kube_proxy.py" 1000 >"$work/rules"
	check "$tracker: $(grep -c '^-A' "$work/rules") rules are taken" in_ns "$node" iptables-restore --noflush "$work/rules"
	sock listen one "$one" 10.244.0.2 8080
	sock listen two "$two" 10.244.0.3 8080

	check_whom "from the node to a service" 10.244.0.1 "$node" 10.0.1.1 10.96.0.1 80
	check_entry "its entries say so" "$node" "^tcp .*src=10.0.1.1 dst=10.96.0.1 sport=[0-9]+ dport=80 .*src=10.244.0.[23] dst=10.244.0.1 sport=8080 "
	check_whom "from outside to a node port" 10.244.0.1 "$outside" 10.0.1.2 10.0.1.1 30080
	check_entry "its entries say so" "$node" "^tcp .*src=10.0.1.2 dst=10.0.1.1 sport=[0-9]+ dport=30080 .*src=10.244.0.[23] dst=10.244.0.1 sport=8080 "
	check_whom "from outside to a service" 10.244.0.1 "$outside" 10.0.1.2 10.96.0.1 80
	run whom "$one" 10.244.0.2 10.96.0.1 80
	while [ "$status" = 0 ] && [[ $output = two* ]]; do run whom "$one" 10.244.0.2 10.96.0.1 80; done
	check_equal "$tracker: from a pod to a service, and back to itself" "one 10.244.0.1" "$output"
	while [ "$status" = 0 ] && [[ $output = one* ]]; do run whom "$one" 10.244.0.2 10.96.0.1 80; done
	check_equal "$tracker: from a pod to a service that is another" "two 10.244.0.2" "$output"
	check_equal "$tracker: a client stays where it was" 1 \
		"$(for i in 1 2 3 4 5 6 7 8; do whom "$outside" 10.0.1.3 10.96.0.2 80 || true; done | sort -u | wc -l)"
	forget_recent "$node"
}

on_both each_way
