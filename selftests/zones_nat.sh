#!/bin/bash
# NAT where customers have the same addresses: `ct original zone set` tells them apart on the way
# out, and answers come back in zone 0 to the address that they share. So ports clash there, and
# only there. In zones of both directions nothing does.
#
#    $alice 10.0.1.2 --- (a0)
#                              $router (r1) 10.0.2.1 --- 10.0.2.2 $server
#    $bob   10.0.1.2 --- (b0)

. "$(dirname "$0")/lib.sh"

customer() { # DEVICE MARK NS
	local version
	veth "$router" "$1" "$3" e0
	address "$router" "$1" 10.0.1.1/24 fd00:1::1/64
	edge "$3" e0 1
	for version in -4 -6; do ip -n "$router" $version rule add fwmark "$2" lookup "1$2"; done
	ip -n "$router" route add 10.0.1.0/24 dev "$1" table "1$2"
	ip -n "$router" -6 route add fd00:1::/64 dev "$1" table "1$2"
}

# zones RULE: how packets get their zone; the mark of a connection brings its answers back
zones() {
	in_ns "$router" ctctl flush all >/dev/null
	rules "$router" <<-END
		flush chain inet t zones
		add rule inet t zones $1
	END
}

asks() { # NAME PORT: as whom the server sees its datagram
	sock connect "$1" "$to" "$2"
	sock send "$1" hi
	sock answer server answer
}

# zones_and_ports FILTER...: of each entry, the latter being where its answers go
zones_and_ports() {
	tracked "$router" "$@" | awk '{
		for (i = 1; i <= NF; i++)
			if ($i ~ /^zone/) zone = $i; else if ($i ~ /^dport=/) port = substr($i, 7)
		print zone, port
	}' | sort | xargs
}

shared_address() {
	local port
	zones 'ct original zone set iifname map { a0 : 1, b0 : 2 }'
	sock udp alice "$alice" "$from" 4000
	sock udp bob "$bob" "$from" 4000
	check_equal "$v: the first keeps its port" "hi $outside 4000" "$(asks alice 7)"
	check_equal "$v: and is answered" "answer $to 7" "$(sock receive alice)"
	run asks bob 7
	port=${output##* }
	check "$v: the second, from the same address and port, gets another" [ "$port" != 4000 ]
	check_equal "$v: and is answered" "answer $to 7" "$(sock receive bob)"
	check_equal "$v: the zones are those of the way out" "zone-orig=1 4000 zone-orig=2 $port" \
		"$(zones_and_ports family "$family" sport 4000)"
	check_equal "$v: the first goes on as it began" "hi $outside 4000" "$(asks alice 7)"
	sock receive alice >/dev/null

	in_ns "$router" ctctl delete zone 1 >/dev/null
	sock udp alice "$alice" "$from" 4001
	rules "$router" <<<"insert rule inet t post udp sport 4001 oifname r1 masquerade to :$port"
	sock connect alice "$to" 7
	sock send alice hi
	check_not "$v: a port that the other zone has is taken" sock receive alice 0.3
	check_equal "$v: that is the reason" "nat_no_port $((refused += 1))" "$(reasons "$router")"
	in_ns "$router" ctctl delete zone 2 >/dev/null
	sock send alice hi
	check_equal "$v: until it is released" "hi $outside $port" "$(sock answer server answer)"

	check_output "$v: pings of both" " 0% packet loss" in_ns "$alice" ping -nq -c 2 -i 0.2 -W 30 "$to"
	check_output "$v: are told apart" " 0% packet loss" in_ns "$bob" ping -nq -c 2 -i 0.2 -W 30 "$to"
	sock udp alice "$alice" "$from" 4002
	sock connect alice "$to" 9
	sock send alice hi
	check_output "$v: an error finds the zone that its packet came from" "^ECONNREFUSED .* about $to 9$" sock error alice
}

# Who sets such zones tells answers apart by other means; here nobody answers.
separate() {
	zones 'ct zone set iifname map { a0 : 1, b0 : 2 }'
	sock udp alice "$alice" "$from" 4003
	sock udp bob "$bob" "$from" 4003
	sock send alice hi "$to" 7
	sock send bob hi "$to" 7
	check_equal "$v: in zones of its own the first keeps its port" "hi $outside 4003" "$(sock receive server)"
	check_equal "$v: and so does the second" "hi $outside 4003" "$(sock receive server)"
	check_equal "$v: there are two entries" "zone=1 4003 zone=2 4003" \
		"$(zones_and_ports family "$family" sport 4003)"
}

inwards() {
	zones 'ct reply zone set iifname map { a0 : 1, b0 : 2, r1 : 1 }'
	sock udp inside "$alice" "$from" 55
	sock udp c "$server" "$to" 4004
	sock connect c "$outside" 55
	sock send c hi
	check_equal "$v: dnat into a zone of the reply direction" "hi $to 4004" "$(sock answer inside answer)"
	check_equal "$v: is answered from there" "answer $outside 55" "$(sock receive c)"
	check_output "$v: and shown" "zone-reply=1" tracked "$router" family "$family" dport 55 nat dnat
}

netns router alice bob server
set_sysctl "$router" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
# what is listed stands to the end, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
customer a0 1 "$alice"
customer b0 2 "$bob"
veth "$router" r1 "$server" s0
address "$router" r1 10.0.2.1/24 fd00:2::1/64
edge "$server" s0 2
wait_links "$router" "$alice" "$bob" "$server"
rules "$router" <<-'END'
	table inet t {
		chain zones { }
		chain raw {
			type filter hook prerouting priority raw
			jump zones
			meta mark set iifname map { a0 : 1, b0 : 2 }
		}
		chain pre {
			type nat hook prerouting priority dstnat
			iifname r1 udp dport 55 ct mark set 1 meta mark set 1 dnat ip to 10.0.1.2
			iifname r1 udp dport 55 ct mark set 1 meta mark set 1 dnat ip6 to fd00:1::2
		}
		chain back {
			type filter hook prerouting priority dstnat - 1
			ct direction reply meta mark set ct mark
		}
		chain post {
			type nat hook postrouting priority srcnat
			oifname r1 ct mark set meta mark masquerade
		}
	}
END
refused=0
for family in ipv4 ipv6; do
	v=IPv${family#ipv} from=10.0.1.2 outside=10.0.2.1 to=10.0.2.2
	[ $family = ipv4 ] || from=fd00:1::2 outside=fd00:2::1 to=fd00:2::2
	sock udp server "$server" "$to" 7
	shared_address
	separate
	inwards
done
check_equal "nothing else was refused" "nat_no_port 2" "$(reasons "$router")"
