#!/bin/bash
# Path MTU discovery through NAT. A stream in either direction meets a link that is too small for its
# segments, behind a router with which it has nothing to do but the errors that this one sends; or at
# the NAT router itself, whose errors tell each end of the addresses that it knows.
#
#    $client --- masquerade, dnat $router --- $server --- $far

. "$(dirname "$0")/lib.sh"

head -c 400000 /dev/urandom >"$work/blob"

# transfer DESCRIPTION FROM TO ADDRESS CONNECT-PORT LISTEN-ADDRESS LISTEN-PORT
transfer() {
	local text=$1 from=$2 to=$3 address=$4 port=$5 listen
	listen="TCP$(family "$6")-LISTEN:$7,bind=$(bracketed "$6"),reuseaddr"
	rm -f "$work/arrived"
	in_ns "$to" socat -u "$listen" "CREATE:$work/arrived" </dev/null &
	receiver=$!
	background+=("$receiver")
	wait_for 30 listens "$to" tcp "$7"
	check "$text: is sent" in_ns "$from" timeout "$(patience 120)" socat -u "OPEN:$work/blob" "TCP$(family "$address"):$(bracketed "$address"):$port"
	wait "$receiver" || true
	check "$text: arrives whole" cmp "$work/blob" "$work/arrived"
}

learnt() { # DESCRIPTION NS ADDRESS MTU
	check_output "$1" "mtu $4( |$)" ip -n "$2" route get "$3"
}

each_family() { # FAMILY CLIENT INSIDE OUTSIDE FAR
	# first, because what the client learns about its way there it tells in its segment size
	transfer "IPv$1: a stream to a forwarded port" "$far" "$client" "$4" 8080 "$2" 80
	learnt "IPv$1: its sender has learnt of the router's own small link" "$far" "$4" 1350

	states "$router" >/dev/null
	transfer "IPv$1: a stream to a host behind a small link" "$client" "$far" "$5" 80 "$5" 80
	learnt "IPv$1: the client has learnt of it" "$client" "$5" 1300
	check_output "IPv$1: by a related error" 'related [1-9]' states "$router"
}

topology_router
netns far
veth "$server" s1 "$far" f0
set_sysctl "$server" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
address "$server" s1 10.0.3.1/24 fd00:3::1/64
edge "$far" f0 3
wait_links "$server" "$far"
ip -n "$server" route replace default via fd00:2::1
ip -n "$router" route add 10.0.3.0/24 via 10.0.2.2
ip -n "$router" route add fd00:3::/64 via fd00:2::2
# routes, because a small device would also refuse what comes in
for address in 10.0.3.2 fd00:3::2; do ip -n "$server" route add $address dev s1 mtu 1300; done
for address in 10.0.1.2 fd00:1::2; do ip -n "$router" route add $address dev r0 mtu 1350; done
for ns in "$client" "$router" "$server" "$far"; do
	set_sysctl "$ns" net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
done
count_states "$router"
rules "$router" <<-'END'
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat
			iifname r1 tcp dport 8080 dnat ip to 10.0.1.2:80
			iifname r1 tcp dport 8080 dnat ip6 to [fd00:1::2]:80
		}
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
each_family 4 10.0.1.2 10.0.1.1 10.0.2.1 10.0.3.2
each_family 6 fd00:1::2 fd00:1::1 fd00:2::1 fd00:3::2
check_equal "nothing was refused" "" "$(reasons "$router")"
