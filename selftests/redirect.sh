#!/bin/bash
# redirect: what comes in, or is sent by the router itself, ends at a port of the router; for
# IPv4 and IPv6. The client sees answers from whom it asked.

. "$(dirname "$0")/lib.sh"

each_family() { # FAMILY CLIENT ROUTER SERVER LOCAL
	sock listen l "$router" "$3" 81
	sock tcp c "$client" "$2" 4000
	check "IPv$1: a connection is opened" sock connect c "$4" 80
	check_output "IPv$1: the router gets it" "^$2 4000$" sock accept s l
	check_equal "IPv$1: by its address on the way in" "$3 81" "$(sock local s)"
	sock send c hello
	check_output "IPv$1: what is sent arrives" '^hello$' sock receive s
	sock send s answer
	check_output "IPv$1: and what is sent back" '^answer$' sock receive c
	check_output "IPv$1: the entry says so" "^tcp .*src=$2 dst=$4 sport=4000 dport=80 .*src=$3 dst=$2 sport=81 dport=4000" \
		tracked "$router" family "ipv$1" nat dnat

	sock udp u "$router" "$3" 53
	sock udp c "$client" "$2" 4001
	sock connect c "$4" 53
	sock send c query
	check_output "IPv$1: the port stays when none is given" "^query $2 4001$" sock answer u answer
	check_output "IPv$1: the answer comes from whom was asked" "^answer $4 53$" sock receive c

	sock listen l "$router" "$5" 81
	sock tcp c "$router" "$6" 4000
	check "IPv$1: what the router sends is redirected" sock connect c "$4" 80
	check_output "IPv$1: to itself" "^$6 4000$" sock accept s l
	sock send s answer
	check_output "IPv$1: and comes back" '^answer$' sock receive c
}

topology_router
rules "$router" <<-'END'
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat
			iifname r0 tcp dport 80 redirect to :81
			iifname r0 udp dport 53 redirect
		}
		chain out { type nat hook output priority -100; tcp dport 80 redirect to :81; }
	}
END
each_family 4 10.0.1.2 10.0.1.1 10.0.2.2 127.0.0.1 10.0.2.1
each_family 6 fd00:1::2 fd00:1::1 fd00:2::2 ::1 fd00:2::1
check_equal "nothing was refused" "" "$(reasons "$router")"
