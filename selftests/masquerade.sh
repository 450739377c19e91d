#!/bin/bash
# masquerade: what leaves has the router's address on the way out, for IPv4 and IPv6. When that
# address is deleted or the device goes down, its connections go, because their answers could
# not come back, and other ones stay. One whose packets leave by another device goes, too; what is
# only about it, an error or a reset, may leave by any.

. "$(dirname "$0")/lib.sh"

# asks SERVER PORT [FROM SPORT]: by what address and port the server sees the client
asks() {
	sock udp c "$client" "${3:-$2}" "${4:-4000}" || return
	sock connect c "$1" "$2"
	sock send c hello
	sock answer "s$(family "$1")$2" answer
	[ "$(sock receive c)" = "answer $1 $2" ]
}

each_family() { # FAMILY CLIENT OUTSIDE SERVER
	sock udp "s${1}53" "$server" "$4" 53
	sock udp "s${1}54" "$server" "$4" 54
	check_output "IPv$1: the server sees the router, the port stays" "^hello $3 4000$" asks "$4" 53 "$2"
	check_output "IPv$1: the entry says so" "^udp .*src=$2 dst=$4 sport=4000 dport=53 .*src=$4 dst=$3 sport=53 dport=4000" \
		tracked "$router" family "ipv$1" nat snat
	check_output "IPv$1: to a range of ports" "^hello $3 50[0-9][0-9]$" asks "$4" 54 "$2"

	sock listen l "$server" "$4" 80
	sock tcp c "$client" "$2" 4000
	check "IPv$1: a connection is opened" sock connect c "$4" 80
	check_output "IPv$1: the server sees the router" "^$3 4000$" sock accept s l
	sock send c hello
	check_output "IPv$1: what is sent arrives" '^hello$' sock receive s
	sock send s answer
	check_output "IPv$1: and what is sent back" '^answer$' sock receive c
	check "IPv$1: a ping" in_ns "$client" ping -nq -c 1 -W 30 "$4"
	check_output "IPv$1: is masqueraded, too" "src=$4 dst=$3 " tracked "$router" family "ipv$1" proto "$5" nat snat
}

masqueraded() { # N FILTER...: there are so many
	local wanted=$1 said
	shift
	said=$(tracked "$router" nat snat "$@")
	[ "$(grep -c . <<<"$said")" = "$wanted" ]
}

topology_router
# all of them stay until their address goes, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_{udp_timeout,udp_timeout_dns,icmp_timeout,icmpv6_timeout}=600
rules "$router" <<-'END'
	table inet nat {
		chain post {
			type nat hook postrouting priority srcnat
			oifname r1 udp dport 54 masquerade to :5000-5099
			oifname r1 masquerade
		}
	}
END
each_family 4 10.0.1.2 10.0.2.1 10.0.2.2 icmp
each_family 6 fd00:1::2 fd00:2::1 fd00:2::2 icmpv6

check_equal "nothing was refused" "" "$(reasons "$router")"

# one that leaves by another device, and one that leaves by the same untranslated
in_ns "$client" ping -nq -c 1 -W 30 10.0.1.1 >/dev/null
in_ns "$router" ping -nq -c 1 -W 30 10.0.2.2 >/dev/null
ip -n "$router" address add 10.0.2.9/24 dev r1
ip -n "$router" address delete 10.0.2.9/24 dev r1
check "another address of the device goes: all stay" masqueraded 8
ip -n "$router" address delete 10.0.2.1/24 dev r1
check "the IPv4 address goes, and its connections with it" wait_for 30 masqueraded 0 family ipv4
check "those over IPv6 stay" masqueraded 4 family ipv6
check_output "and those that are not masqueraded" 'dst=10.0.1.1 ' tracked "$router" proto icmp
ip -n "$router" address delete fd00:2::1/64 dev r1
check "the IPv6 address goes, and its connections with it" wait_for 30 masqueraded 0

address "$router" r1 10.0.2.1/24 fd00:2::1/64
check_output "the address is back: the same again" "^hello 10.0.2.1 4000$" asks 10.0.2.2 53 10.0.1.2
check_output "over IPv6, too" "^hello fd00:2::1 4000$" asks fd00:2::2 53 fd00:1::2
check "there are two" masqueraded 2

# With the first address of a network those go that were added later, all in one: more than are
# noted one by one.
set_sysctl "$router" net.ipv4.conf.all.promote_secondaries=0 net.ipv4.conf.r1.promote_secondaries=0
for host in {100..120}; do
	echo "address add 10.0.2.$host/24 dev r1"
done | ip -n "$router" -batch -
ip -n "$router" address delete 10.0.2.1/24 dev r1
check_equal "many addresses go at once" "" "$(ip -n "$router" -4 -o address show dev r1)"
check "and the connections of each with them" wait_for 30 masqueraded 1
check "those over IPv6 stay" masqueraded 1 family ipv6

address "$router" r1 10.0.2.1/24
check_output "the address is back once more" "^hello 10.0.2.1 4000$" asks 10.0.2.2 53 10.0.1.2
check "there are two" masqueraded 2
ip -n "$router" link set r1 down
check "the device goes down, and they go" wait_for 30 masqueraded 0
check_output "the others stay" 'dst=10.0.1.1 ' tracked "$router" proto icmp

# Two uplinks: who asks leaves by the second one, the router itself speaks by the first.
start_again
topology_router
veth "$router" r2 "$server" s2
address "$router" r2 10.0.4.1/24 fd00:4::1/64
address "$server" s2 10.0.4.2/24 fd00:4::2/64
address "$server" lo 10.0.9.9/32 fd00:9::9/128
wait_links "$router" "$server"
set_sysctl "$router" net.netfilter.nf_conntrack_{udp_timeout,udp_timeout_dns,tcp_timeout_close}=600 \
	net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
ip -n "$router" -batch - <<-END
	route add default via 10.0.2.2
	route add default via fd00:2::2
	route add default via 10.0.4.2 table 2
	route add default via fd00:4::2 table 2
	route add 10.0.1.2 dev r0 mtu 1350
	route add fd00:1::2 dev r0 mtu 1350
END
rules "$router" <<-'END'
	table inet nat {
		chain post { type nat hook postrouting priority srcnat; oifname { r1, r2 } masquerade; }
	}
	table inet filter {
		set closed { type inet_service; }
		chain forward {
			type filter hook forward priority filter
			ct direction reply tcp sport @closed reject with tcp reset
		}
	}
END

uplinks() { # FAMILY CLIENT FIRST SECOND FAR TOO-BIG
	ip -n "$router" "-$1" rule add iif r0 table 2
	sock udp s "$server" "$5" 53
	sock udp c "$client" "$2" 4000
	sock connect c "$5" 53
	sock send c hello
	check_equal "IPv$1: what asks leaves by the second uplink" "hello $4 4000" "$(sock answer s answer)"
	check_equal "IPv$1: and is answered" "answer $5 53" "$(sock receive c)"
	sock whole s
	sock connect s "$4" 4000
	sock send s x1400
	check_output "IPv$1: an answer is too big, which its sender is told by the first uplink" \
		"^EMSGSIZE $6 from $4 about $4 4000$" sock error s 5
	check_output "IPv$1: the connection stays" "dst=$4 sport=53 dport=4000" tracked "$router" family "ipv$1" proto udp

	sock listen l "$server" "$5" 80
	sock tcp t "$client" "$2" 4000
	sock connect t "$5" 80
	check_equal "IPv$1: a connection leaves by the second uplink" "$4 4000" "$(sock accept a l)"
	in_ns "$router" nft add element inet filter closed '{ 80 }'
	sock send a hello
	check_output "IPv$1: the router resets it by the first one" '^ECONNRESET$' sock receive a 5
	check_output "IPv$1: and its entry closes" ' CLOSE .*sport=80 dport=4000' tracked "$router" family "ipv$1" proto tcp
	in_ns "$router" nft flush set inet filter closed
	sock reset t
	check_equal "IPv$1: nothing was refused" "$refused" "$(reasons "$router")"

	sock udp s "$server" "$5" 53
	ip -n "$router" "-$1" rule delete iif r0 table 2
	sock send c lost
	check_no_output "IPv$1: its own next packet leaves by the first one: the connection goes" \
		"sport=4000 dport=53" tracked "$router" family "ipv$1" proto udp
	case $refused in '') refused="nat_route 1" ;; *) refused="nat_route 2" ;; esac
	check_equal "IPv$1: and the packet with it" "$refused" "$(reasons "$router")"
	sock send c hello
	check_equal "IPv$1: the one after that begins anew" "hello $3 4000" "$(sock answer s answer)"
	check_equal "IPv$1: and is answered" "answer $5 53" "$(sock receive c)"
}
refused=
uplinks 4 10.0.1.2 10.0.2.1 10.0.4.1 10.0.9.9 3/4
uplinks 6 fd00:1::2 fd00:2::1 fd00:4::1 fd00:9::9 2/0
