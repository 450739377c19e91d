#!/bin/bash
# UDP-Lite: as UDP, with translated ports, and checksums that cover a part of the datagram.

. "$(dirname "$0")/lib.sh"

sockets() { # FAMILY CLIENT SERVER NAT-SOURCE
	sock udplite s "$server" "$3" 80 12 || { skip "this kernel has no UDP-Lite sockets" "IPv$1: sockets"; return; }
	sock udplite c "$client" "$2" 4000 12
	sock connect c "$3" 80
	sock send c hello
	check_output "IPv$1: a masqueraded datagram of a socket" "^hello $4 50[0-9][0-9]$" sock answer s answer
	check_output "IPv$1: and its answer" "^answer $3 80$" sock receive c
}

each_family() { # FAMILY CLIENT SERVER NAT-SOURCE WRONG-CHECKSUMS-BEFORE
	local before=''
	[ "$5" = 0 ] || before="transport_length 1 checksum $5"
	sock hear "h$1" "$server" "$3" 136
	sock udplite_packet "$client" "$2" 4001 "$3" 81 12
	check_output "IPv$1: a datagram whose header and more is covered" "^$2 0fa10051000c" sock heard "h$1"
	check_output "IPv$1: its entry" "^udplite +136 (30|[12].) src=$2 dst=$3 sport=4001 dport=81 .*\[UNREPLIED\] src=$3 dst=$2" \
		tracked "$router" family "ipv$1" dport 81
	sock udplite_packet "$client" "$2" 4001 "$3" 81 12 outside
	check_output "IPv$1: damage outside of it is nothing to us" "^$2 0fa10051000c" sock heard "h$1"
	check_equal "IPv$1: nothing is refused" "$before" "$(reasons "$router")"
	for coverage in 8 12 24 0; do
		sock udplite_packet "$client" "$2" 4002 "$3" 80 "$coverage"
		check_output "IPv$1: translated, $coverage octets covered: its checksum is right" "^$4 50[0-9][0-9] 80 right$" \
			sock heard_sum "h$1" "$3"
	done
	sock udplite_packet "$client" "$2" 4001 "$3" 81 12 inside
	sock udplite_packet "$client" "$2" 4001 "$3" 81 0 outside
	check_equal "IPv$1: damage inside, or where all is covered" "${before:+transport_length 1 }checksum $(($5 + 2))" \
		"$(reasons "$router")"
	set_sysctl "$router" net.netfilter.nf_conntrack_checksum=0
	sock udplite_packet "$client" "$2" 4001 "$3" 81 7
	check_equal "IPv$1: a coverage that there is not" "transport_length $((1 + $5 / 2)) checksum $(($5 + 2))" \
		"$(reasons "$router")"
	set_sysctl "$router" net.netfilter.nf_conntrack_checksum=1
}

topology_router
rules "$router" <<-'END'
	table inet nat { chain post { type nat hook postrouting priority srcnat; udplite dport 80 masquerade to :5000-5099; }; }
END
sockets 4 10.0.1.2 10.0.2.2 10.0.2.1
sockets 6 fd00:1::2 fd00:2::2 fd00:2::1
check_equal "nothing was refused" "" "$(reasons "$router")"
each_family 4 10.0.1.2 10.0.2.2 10.0.2.1 0
each_family 6 fd00:1::2 fd00:2::2 fd00:2::1 2
