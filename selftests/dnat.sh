#!/bin/bash
# dnat: an address, an address and a port, from a map, to the router itself, and what the router
# itself sends; for IPv4 and IPv6. Who asked sees answers from whom it asked.

. "$(dirname "$0")/lib.sh"

# connects NS FROM TO DPORT LISTENER: over TCP; says whom the server saw, then what it sent back
connects() {
	sock tcp c "$1" "$2" 0 && sock connect c "$3" "$4" && sock accept s "$5" && sock send c hello &&
		sock receive s && sock send s answer && sock receive c
}

check_connects() { # DESCRIPTION SEEN NS FROM TO DPORT LISTENER
	local description=$1 seen=$2
	shift 2
	run connects "$@"
	if [ "$status" = 0 ] && [[ $output == "$seen "*$'\nhello\nanswer' ]]; then
		ok "$description"
	else
		not_ok "$description" "expected: $seen PORT, hello, answer" "$(explain "$@")"
	fi
}

each_family() { # FAMILY CLIENT ROUTER OUTSIDE SERVER SECOND-SERVER
	local v=IPv$1
	sock listen web "$server" "$5" 80
	sock listen second "$server" "$6" 81
	sock listen router "$router" "$4" 82
	sock listen inside "$router" "$3" 83
	sock udp dns "$server" "$5" 53

	check_connects "$v: a port is forwarded" "$2" "$client" "$2" "$3" 8080 web
	check_output "$v: the entry says so" "^tcp .*src=$2 dst=$3 sport=[0-9]+ dport=8080 .*src=$5 dst=$2 sport=80 dport=[0-9]+ " \
		tracked "$router" family "ipv$1" dport 8080 nat dnat
	check_connects "$v: an address, the port stays" "$2" "$client" "$2" "$4" 80 web
	check_connects "$v: a map, one port" "$2" "$client" "$2" "$3" 8001 web
	check_connects "$v: a map, another" "$2" "$client" "$2" "$3" 8002 second
	check_connects "$v: to the router itself" "$2" "$client" "$2" "$5" 8082 router
	check_connects "$v: what the router sends" "$4" "$router" "$4" "$3" 8080 web
	check_connects "$v: what the router sends, to itself" "$4" "$router" "$4" "$5" 8083 inside

	sock udp c "$client" "$2" 4000
	sock connect c "$3" 53
	sock send c query
	check_output "$v: a datagram is forwarded" "^query $2 4000$" sock answer dns answer
	check_output "$v: the answer comes from whom was asked" "^answer $3 53$" sock receive c
}

topology_router
address "$server" s0 10.0.2.3/24 fd00:2::3/64
rules "$router" <<-'END'
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat
			jump forwards
			ip daddr 10.0.2.1 tcp dport 80 dnat ip to 10.0.2.2
			ip6 daddr fd00:2::1 tcp dport 80 dnat ip6 to fd00:2::2
			tcp dport 8082 dnat ip to 10.0.2.1:82
			tcp dport 8082 dnat ip6 to [fd00:2::1]:82
			ip daddr 10.0.1.1 udp dport 53 dnat ip to 10.0.2.2
			ip6 daddr fd00:1::1 udp dport 53 dnat ip6 to fd00:2::2
		}
		chain out {
			type nat hook output priority -100
			jump forwards
			tcp dport 8083 dnat ip to 10.0.1.1:83
			tcp dport 8083 dnat ip6 to [fd00:1::1]:83
		}
		chain forwards {
			ip daddr 10.0.1.1 tcp dport 8080 dnat ip to 10.0.2.2:80
			ip6 daddr fd00:1::1 tcp dport 8080 dnat ip6 to [fd00:2::2]:80
			dnat ip to ip daddr . tcp dport map { 10.0.1.1 . 8001 : 10.0.2.2 . 80, 10.0.1.1 . 8002 : 10.0.2.3 . 81 }
			dnat ip6 to ip6 daddr . tcp dport map { fd00:1::1 . 8001 : fd00:2::2 . 80, fd00:1::1 . 8002 : fd00:2::3 . 81 }
		}
	}
END
each_family 4 10.0.1.2 10.0.1.1 10.0.2.1 10.0.2.2 10.0.2.3
each_family 6 fd00:1::2 fd00:1::1 fd00:2::1 fd00:2::2 fd00:2::3
check_equal "nothing was refused" "" "$(reasons "$router")"
