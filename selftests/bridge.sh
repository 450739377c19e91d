#!/bin/bash
# With br_netfilter what crosses a bridge passes the IP families' rules: it is tracked and translated
# as if it were forwarded. What is flooded to several ports is one connection; so is what the bridge
# cuts into fragments again.

. "$(dirname "$0")/lib.sh"

each_family() { # FAMILY A B PROTO
	sock echo udp "$b" "$3" 53
	tcp_server "$b" "$3" 80
	states "$bridge" >/dev/null
	check "IPv$1: a ping crosses" in_ns "$a" ping -nq -c 1 -W 30 "$3"
	check_equal "IPv$1: the request is new, the reply established" "new 1 established 1" "$(states "$bridge")"
	check_output "IPv$1: it has an entry" "src=$2 dst=$3 type" tracked "$bridge" family "ipv$1" proto "$4"
	check "IPv$1: a large ping crosses" in_ns "$a" ping -nq -c 1 -W 30 -s 4000 "$3"
	check_equal "IPv$1: of which both are one packet" "new 1 established 1" "$(states "$bridge")"
	sock tcp c "$a" "$2" 4000
	check "IPv$1: a connection is let through" sock connect c "$3" 80
	sock send c hello
	check_output "IPv$1: and answered" '^hello$' sock receive c
	check_output "IPv$1: it has an entry" "ESTABLISHED src=$2 dst=$3 sport=4000" tracked "$bridge"
	sock tcp c "$b" "$3" 4001
	check_output "IPv$1: none the other way" '^timeout$' sock connect c "$2" 80 1
	check_no_output "IPv$1: of which nothing is left" "sport=4001" tracked "$bridge"
	sock udp c "$a" "$2" 4002
	check_output "IPv$1: a port is forwarded" "^hello $3 9953$" sock ask c hello "$3" 9953
	check_output "IPv$1: its entry" "dst=$3 sport=4002 dport=9953 .*src=$3 dst=$2 sport=53 dport=4002" tracked "$bridge"
}

netns a b c bridge
modprobe br_netfilter
ip -n "$bridge" link add br0 type bridge
for ns in a b c; do
	veth "${!ns}" e0 "$bridge" "p$ns"
	ip -n "$bridge" link set "p$ns" master br0 up
done
ip -n "$bridge" link set br0 up
address "$a" e0 10.0.1.1/24 fd00:1::1/64
address "$b" e0 10.0.1.2/24 fd00:1::2/64
address "$c" e0 10.0.1.3/24 fd00:1::3/64
wait_links "$a" "$b" "$c" "$bridge"
set_sysctl "$bridge" net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
# what is listed stands to the end, however slow the machine
set_sysctl "$bridge" net.netfilter.nf_conntrack_udp_timeout{,_dns}=600
count_states "$bridge"
rules "$bridge" <<-'END'
	table inet filter {
		chain forward {
			type filter hook forward priority 10; policy drop
			ct state established,related,untracked accept
			meta protocol ip ip saddr 10.0.1.1 accept
			meta protocol ip6 ip6 saddr fd00:1::1 accept
		}
	}
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat
			udp dport 9953 dnat ip to 10.0.1.2:53
			udp dport 9953 dnat ip6 to [fd00:1::2]:53
		}
	}
END
each_family 4 10.0.1.1 10.0.1.2 icmp
each_family 6 fd00:1::1 fd00:1::2 icmpv6

sock udp all_b "$b" 10.0.1.255 5000
sock udp all_c "$c" 10.0.1.255 5000
sock udp c "$a" 10.0.1.1 4003
sock broadcast c
sock send c everybody 10.0.1.255 5000
check_output "a broadcast arrives at one" '^everybody 10.0.1.1 4003$' sock receive all_b
check_output "and at the other" '^everybody 10.0.1.1 4003$' sock receive all_c
check_equal "and has one entry" 1 "$(tracked "$bridge" sport 4003 | grep -c .)"
# The bridge takes it as well (nf_ct_hook's confirm): one packet, by two ways at once.
address "$bridge" br0 10.0.1.9/24
sock udp all_bridge "$bridge" 10.0.1.255 5000
sock udp c "$a" 10.0.1.1 4004
sock broadcast c
sock send c everybody 10.0.1.255 5000
for who in all_bridge all_b all_c; do
	check_output "one that the bridge takes as well arrives: $who" '^everybody 10.0.1.1 4004$' sock receive $who
done
check_equal "and has one entry" 1 "$(tracked "$bridge" sport 4004 | grep -c .)"
check_equal "nothing was refused" "" "$(reasons "$bridge")"
modprobe -r br_netfilter
