#!/bin/bash
# DCCP: states from Request to Reset, translated ports with a right checksum, headers that lie.
# By packets that no socket sends; by sockets as well where the kernel has them.

. "$(dirname "$0")/lib.sh"

mute() { rules "$1" <<<'table inet mute { chain in { type filter hook prerouting priority 0; meta l4proto dccp drop; }; }'; }

each_family() { # FAMILY CLIENT SERVER NAT-SOURCE
	to_server() { sock dccp_packet "$client" "$client_address" 7000 "$server_address" 7 "$@"; }
	to_client() { sock dccp_packet "$server" "$server_address" 7 "$client_address" 7000 "$@"; }
	state_is() { # DESCRIPTION STATES-OF-PACKETS STATE
		check_equal "IPv$1: $2: ct state" "$3" "$(states "$router")"
		check_output "IPv$1: $2: $4" "^dccp +33 [0-9]+ $4 src" tracked "$router" proto dccp sport 7000 dport 7 family "ipv$1"
	}
	local client_address=$2 server_address=$3
	to_server request 100
	state_is "$1" Request "new 1" REQUEST
	to_client response 900 100
	state_is "$1" Response "established 1" RESPOND
	to_server ack 101 900
	state_is "$1" Ack "established 1" PARTOPEN
	to_client dataack 901 101
	state_is "$1" DataAck "established 1" OPEN
	check_output "IPv$1: it is assured" '\[ASSURED\]' tracked "$router" proto dccp sport 7000 family "ipv$1"
	to_server data 102 0 partial
	to_client closereq 903 102
	state_is "$1" CloseReq "established 2" CLOSEREQ
	to_server request 103
	to_server close 104 903
	state_is "$1" Close "established 2" CLOSING
	to_client reset 904 104
	state_is "$1" Reset "established 1" TIMEWAIT

	sock dccp_packet "$client" "$2" 7000 "$3" 8 request 100
	check_output "IPv$1: a masqueraded one arrives, its checksum right" "^$4 ..................*$" sock heard "h$1"
	check_output "IPv$1: its entry" "^dccp +33 [0-9]+ REQUEST src=$2 dst=$3 sport=7000 dport=8 .*src=$3 dst=$4 sport=8 dport=50" \
		tracked "$router" family "ipv$1" nat snat dport 8
	states "$router" >/dev/null
}

# sockets FAMILY CLIENT SERVER NAT-SOURCE
sockets() {
	sock dccp_listen l "$server" "$3" 80 || { skip "this kernel has no DCCP sockets" "IPv$1: sockets"; return; }
	sock dccp c "$client" "$2" 4000
	check "IPv$1: sockets: connected through masquerade" sock connect c "$3" 80
	check_output "IPv$1: sockets: the server sees the router" "^$4 4000$" sock accept s l
	sock send c hello
	check_output "IPv$1: sockets: what is sent arrives" '^hello$' sock receive s
	sock send s answer
	check_output "IPv$1: sockets: and the answer" '^answer$' sock receive c
	check_output "IPv$1: sockets: its entry is open" "^dccp +33 [0-9]+ OPEN src=$2 .*\[ASSURED\]" tracked "$router" proto dccp dport 80 family "ipv$1"
}

topology_router
rules "$router" <<-'END'
	table inet nat {
		chain post {
			type nat hook postrouting priority srcnat
			dccp dport 8 masquerade to :5000-5099
			dccp dport 80 masquerade
		}
	}
END
modprobe -aq dccp dccp_ipv4 dccp_ipv6 || true
sockets 4 10.0.1.2 10.0.2.2 10.0.2.1
sockets 6 fd00:1::2 fd00:2::2 fd00:2::1
check_equal "nothing was refused" "" "$(reasons "$router")"
sock hear h4 "$server" 10.0.2.2 33
sock hear h6 "$server" fd00:2::2 33
mute "$client"
rules "$server" <<-'END'
	table inet mute {
		chain in { type filter hook prerouting priority 0; dccp dport 7 drop; }
		chain out { type filter hook output priority 0; icmp type destination-unreachable drop; icmpv6 type destination-unreachable drop; dccp type reset dccp sport 8 drop; }
	}
END
count_states "$router"
each_family 4 10.0.1.2 10.0.2.2 10.0.2.1
each_family 6 fd00:1::2 fd00:2::2 fd00:2::1
for lie in type offset coverage checksum; do sock dccp_packet "$client" 10.0.1.2 7100 10.0.2.2 7 request 1 0 $lie; done
sock dccp_packet "$client" 10.0.1.2 7100 10.0.2.2 7 ack 1 2
sock dccp_packet "$server" 10.0.2.2 7 10.0.1.2 7000 data 905
check_equal "each wrong one has its reason" "transport_length 1 checksum 1 dccp_offset 1 dccp_type 1 dccp_state 1 dccp_unknown 1" "$(reasons "$router")"
check_equal "and all are invalid" "invalid 6" "$(states "$router")"
set_sysctl "$router" net.netfilter.nf_conntrack_dccp_timeout_request=77
sock dccp_packet "$client" 10.0.1.2 7101 10.0.2.2 7 request 1
check_output "nf_conntrack_dccp_timeout_request holds" '^dccp +33 (7[0-7]|[4-6].) REQUEST' tracked "$router" sport 7101
