#!/bin/bash
# masquerade: what leaves has the router's address on the way out, for IPv4 and IPv6. When that
# address is deleted or the device goes down, its connections go, because their answers could
# not come back, and other ones stay.

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
