#!/bin/bash
# An SCTP association of hosts that have two networks each: the second path is tracked from its
# heartbeats on, and when the first one is cut, the association goes on by it. All of it is the work of
# the kernel's own SCTP, at both ends.
#
#           10.0.1.0/24          10.0.2.0/24
#    $client ----------- $router ----------- $server
#           -----------         -----------
#           10.0.3.0/24          10.0.4.0/24

. "$(dirname "$0")/lib.sh"

second_path() {
	veth "$client" c1 "$router" r2
	veth "$router" r3 "$server" s1
	address "$router" r2 10.0.3.1/24 fd00:3::1/64
	address "$router" r3 10.0.4.1/24 fd00:4::1/64
	address "$client" c1 10.0.3.2/24 fd00:3::2/64
	address "$server" s1 10.0.4.2/24 fd00:4::2/64
	wait_links "$client" "$router" "$server"
	ip -n "$client" route add 10.0.4.0/24 via 10.0.3.1 src 10.0.3.2
	ip -n "$client" route add fd00:4::/64 via fd00:3::1 src fd00:3::2
	ip -n "$server" route add 10.0.3.0/24 via 10.0.4.1 src 10.0.4.2
	ip -n "$server" route add fd00:3::/64 via fd00:4::1 src fd00:4::2
}

# path_is STATE A B: is there a path of that state, whichever end was heard first?
path_is() { tracked "$router" proto sctp | grep -qE "^sctp +132 [0-9]+ $1 src=($2 dst=$3|$3 dst=$2) "; }

each_family() { # FAMILY CLIENT SERVER CLIENT-2 SERVER-2
	sock sctp_listen l "$server" "$3" 7
	sock bindx l "$5"
	sock sctp c "$client" "$2" 4000
	sock bindx c "$4"
	check "IPv$1: an association is made" sock connect c "$3" 7
	sock accept s l >/dev/null
	check "IPv$1: its first path is established" path_is ESTABLISHED "$2" "$3"
	check "IPv$1: heartbeats alone establish the second one" wait_for 30 path_is ESTABLISHED "$4" "$5"
	rules "$router" <<-'END'
		table inet cut {
			chain in {
				type filter hook prerouting priority raw
				iifname { r0, r1 } meta l4proto sctp drop
			}
		}
	END
	sock send c hello
	check_output "IPv$1: what is sent when the first one is cut arrives by the second" '^hello$' sock receive s 30
	sock send s answer
	check_output "IPv$1: and so does the answer" '^answer$' sock receive c 30
	check "IPv$1: which is established still" path_is ESTABLISHED "$4" "$5"
	in_ns "$router" nft delete table inet cut
	sock close c
	check_output "IPv$1: the association ends" '^\(end\)$' sock receive s 30
	sock close s
	sock close l
}

topology_router
second_path
rules "$router" <<-'END'
	table inet filter {
		chain forward {
			type filter hook forward priority filter; policy drop
			ct state { established, related } accept
			ct state new meta l4proto sctp accept
		}
	}
END
modprobe sctp
for ns in "$client" "$server"; do
	set_sysctl "$ns" net.sctp.rto_min=100 net.sctp.rto_initial=200 net.sctp.rto_max=1000 net.sctp.hb_interval=200
done
each_family 4 10.0.1.2 10.0.2.2 10.0.3.2 10.0.4.2
each_family 6 fd00:1::2 fd00:2::2 fd00:3::2 fd00:4::2
check_equal "nothing was refused" "" "$(reasons "$router")"
