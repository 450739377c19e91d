#!/bin/bash
# UDP: unreplied, replied, and assured when it is still in use two seconds after its first packet;
# a question to a name server is over soon after its answer; for IPv4 and IPv6, with the timeouts
# of each.

. "$(dirname "$0")/lib.sh"

exchange() { # FAMILY CLIENT SERVER
	local flow=(family "ipv$1" proto udp sport 4000)
	local to_server="src=$2 dst=$3 sport=4000 dport=5300" to_client="src=$3 dst=$2 sport=5300 dport=4000"
	sock udp c "$client" "$2" 4000
	sock udp s "$server" "$3" 5300
	sock connect c "$3" 5300

	sock send c query
	check_output "IPv$1: a datagram arrives" "^query $2 4000$" sock receive s
	check_equal "IPv$1: it is new" "new 1" "$(states "$router")"
	check_output "IPv$1: its entry is unreplied" "^udp +17 (30|[12].) $to_server .*\[UNREPLIED\] $to_client" tracked "$router" "${flow[@]}"
	sock send c again
	sock receive s >/dev/null
	check_equal "IPv$1: another one is new, too" "new 1" "$(states "$router")"

	sock send s answer "$2" 4000
	check_output "IPv$1: the answer arrives" "^answer $3 5300$" sock receive c
	check_equal "IPv$1: it is established" "established 1" "$(states "$router")"
	check_output "IPv$1: its entry is replied" "^udp +17 (30|[12].) $to_server packets=2 bytes=[0-9]+ $to_client packets=1 bytes" tracked "$router" "${flow[@]}"
	check_no_output "IPv$1: but not assured" ASSURED tracked "$router" "${flow[@]}"

	sleep 2.1 # the time from which on it counts
	sock send c "(empty)"
	check_output "IPv$1: an empty one gets through" "^\(empty\) $2 4000$" sock receive s
	check_equal "IPv$1: it is established" "established 1" "$(states "$router")"
	check_output "IPv$1: it is in use for two seconds: assured" "^udp +17 1(20|[01].) $to_server .*$to_client .*\[ASSURED\]" tracked "$router" "${flow[@]}"
}

# two questions at once, to DNS and to another port
questions() { # FAMILY CLIENT SERVER
	local port
	for port in 53 5353; do
		sock udp c "$client" "$2" 4001
		sock udp s "$server" "$3" $port
		sock connect c "$3" $port
		sock send c A
		sock send c AAAA
		sock receive s >/dev/null
		sock answer s 1.2.3.4 >/dev/null
		sock receive c >/dev/null
		check_output "IPv$1, port $port: one answer" '^udp +17 (300|2..) ' tracked "$router" family "ipv$1" sport 4001 dport $port
		sock send s ::1 "$2" 4001
		sock receive c >/dev/null
	done
	check_output "IPv$1: port 53, both answers: it ends soon" '^udp +17 (100|[4-9].) .*dport=53 .*packets=2 .*packets=2 ' tracked "$router" family "ipv$1" sport 4001 dport 53
	check_output "IPv$1: another port: it does not" '^udp +17 (300|2..) ' tracked "$router" family "ipv$1" sport 4001 dport 5353
}

# RFC 9868 has options behind the datagram, in the same packet; the receiver's checksum is not about them.
surplus() { # FAMILY CLIENT SERVER
	sock udp s "$server" "$3" 5301
	states "$router" >/dev/null
	sock surplus "$client" "$2" 4002 "$3" 5301 hello
	check_output "IPv$1: one that ends before its packet does arrives" "^hello $2 4002$" sock receive s
	check_equal "IPv$1: it is new" "new 1" "$(states "$router")"
}

# From a port to the same: what it sends are its answers.
to_itself() {
	netns self
	count_states "$self" input
	sock udp me "$self" 127.0.0.1 4000
	sock connect me 127.0.0.1 4000
	sock send me one
	sock receive me >/dev/null
	sock send me two
	check_output "who talks to itself hears itself" '^two' sock receive me
	check_equal "and answers" "new 1 established 1" "$(states "$self")"
	check_output "which is seen" 'packets=1 .*packets=1 ' tracked "$self"
}

topology_router
count_states "$router"
exchange 4 10.0.1.2 10.0.2.2
exchange 6 fd00:1::2 fd00:2::2
check_equal "there are two entries" 2 "$(entry_count "$router")"
# so that what is left of them is looked at in time, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout{=300,_stream=300,_dns=100}
questions 4 10.0.1.2 10.0.2.2
questions 6 fd00:1::2 fd00:2::2
surplus 4 10.0.1.2 10.0.2.2
surplus 6 fd00:1::2 fd00:2::2
check_equal "nothing was refused" "" "$(reasons "$router")"

set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout{=100,_stream=500,_dns=60}
sock udp c "$client" 10.0.1.2 4002
sock echo udp "$server" 10.0.2.2 5400
sock echo udp "$server" 10.0.2.2 53
sock ask c one 10.0.2.2 5400 >/dev/null
check_output "nf_conntrack_udp_timeout holds" '^udp +17 (100|[7-9].) ' tracked "$router" sport 4002
sleep 2.1
sock ask c two 10.0.2.2 5400 >/dev/null
check_output "nf_conntrack_udp_timeout_stream holds" '^udp +17 (500|4..) ' tracked "$router" sport 4002
sock udp c "$client" 10.0.1.2 4003
sock ask c name 10.0.2.2 53 >/dev/null
check_output "nf_conntrack_udp_timeout_dns holds" '^udp +17 (60|[45].) ' tracked "$router" sport 4003
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=40
sock udp c "$client" 10.0.1.2 4004
sock ask c name 10.0.2.2 53 >/dev/null
check_output "never longer than nf_conntrack_udp_timeout" '^udp +17 (40|[23].) ' tracked "$router" sport 4004
to_itself
