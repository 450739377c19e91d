#!/bin/bash
# UDP: unreplied, replied, and assured as soon as the one who began sends again after an
# answer; for IPv4 and IPv6, with the timeouts of each.

. "$(dirname "$0")/lib.sh"

exchange() { # FAMILY CLIENT SERVER
	local flow=(family "ipv$1" proto udp sport 4000)
	local to_server="src=$2 dst=$3 sport=4000 dport=53" to_client="src=$3 dst=$2 sport=53 dport=4000"
	sock udp c "$client" "$2" 4000
	sock udp s "$server" "$3" 53
	sock connect c "$3" 53

	sock send c query
	check_output "IPv$1: a datagram arrives" "^query $2 4000$" sock receive s
	check_equal "IPv$1: it is new" "new 1" "$(states "$router")"
	check_output "IPv$1: its entry is unreplied" "^udp +17 (30|2.) $to_server .*\[UNREPLIED\] $to_client" tracked "$router" "${flow[@]}"
	sock send c again
	sock receive s >/dev/null
	check_equal "IPv$1: another one is new, too" "new 1" "$(states "$router")"

	sock send s answer "$2" 4000
	check_output "IPv$1: the answer arrives" "^answer $3 53$" sock receive c
	check_equal "IPv$1: it is established" "established 1" "$(states "$router")"
	check_output "IPv$1: its entry is replied" "^udp +17 (30|2.) $to_server packets=2 bytes=[0-9]+ $to_client packets=1 bytes" tracked "$router" "${flow[@]}"
	check_no_output "IPv$1: but not assured" ASSURED tracked "$router" "${flow[@]}"
	sock send s another "$2" 4000
	sock receive c >/dev/null
	check_no_output "IPv$1: nor after another answer" ASSURED tracked "$router" "${flow[@]}"

	sock send c "(empty)"
	check_output "IPv$1: an empty one gets through" "^\(empty\) $2 4000$" sock receive s
	check_equal "IPv$1: both are established" "established 2" "$(states "$router")"
	check_output "IPv$1: now it is assured" "^udp +17 1(20|1.) $to_server .*$to_client .*\[ASSURED\]" tracked "$router" "${flow[@]}"
}

topology_router
count_states "$router"
exchange 4 10.0.1.2 10.0.2.2
exchange 6 fd00:1::2 fd00:2::2
check_equal "there are two entries" 2 "$(entry_count "$router")"
check_equal "nothing was refused" "" "$(reasons "$router")"
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=10 net.netfilter.nf_conntrack_udp_timeout_stream=500
sock udp c "$client" 10.0.1.2 4001
sock echo udp "$server" 10.0.2.2 54
sock ask c one 10.0.2.2 54 >/dev/null
check_output "nf_conntrack_udp_timeout holds" '^udp +17 (10|[7-9]) ' tracked "$router" sport 4001
sock ask c two 10.0.2.2 54 >/dev/null
check_output "nf_conntrack_udp_timeout_stream holds" '^udp +17 (500|49.) ' tracked "$router" sport 4001
