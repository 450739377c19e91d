#!/bin/bash
# Translated packets have right checksums, whoever makes them: the sender, the device (what is in
# the packet is half a checksum then), nobody (UDP over IPv4 may go without), and for segments
# that are cut up only later.

. "$(dirname "$0")/lib.sh"

offload() { # on|off
	local pair
	for pair in "$client c0" "$router r0" "$router r1" "$server s0"; do
		# shellcheck disable=SC2086
		set -- "$1" $pair
		in_ns "$2" ethtool -K "$3" tx "$1" rx "$1" sg "$1" tso "$1" gso "$1" gro "$1" >/dev/null 2>&1 || true
	done
}

answers() { # DESCRIPTION CLIENT INSIDE OUTSIDE SERVER
	sock udp s "$server" "$5" 53
	sock udp c "$client" "$2" 0
	sock connect c "$5" 53
	sock send c hello
	check_output "$1: a masqueraded datagram" "^hello $4 " sock answer s answer
	check_output "$1: and its answer" "^answer $5 53" sock receive c
	sock udp c "$client" "$2" 0
	sock connect c "$3" 99
	sock send c hello
	check_output "$1: a forwarded datagram" "^hello $4 " sock answer s answer
	check_output "$1: and its answer" "^answer $3 99" sock receive c
}

transfer() { # DESCRIPTION SERVER
	local listen
	listen="TCP$(family "$2")-LISTEN:80,bind=$(bracketed "$2"),reuseaddr"
	rm -f "$work/arrived"
	in_ns "$server" socat -u "$listen" "CREATE:$work/arrived" </dev/null &
	receiver=$!
	background+=($receiver)
	wait_for 30 listens "$server" tcp 80
	check "$1: 8 MiB are sent" in_ns "$client" timeout "$(patience 120)" socat -u "OPEN:$work/blob" "TCP$(family "$2"):$(bracketed "$2"):80"
	wait $receiver || true
	check "$1: and arrive as they were" cmp "$work/blob" "$work/arrived"
}

topology_router
rules "$router" <<-'END'
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat
			udp dport 99 dnat ip to 10.0.2.2:53
			udp dport 99 dnat ip6 to [fd00:2::2]:53
		}
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
head -c 8388608 /dev/urandom >"$work/blob"
for state in on off; do
	offload $state
	answers "offload $state, IPv4" 10.0.1.2 10.0.1.1 10.0.2.1 10.0.2.2
	answers "offload $state, IPv6" fd00:1::2 fd00:1::1 fd00:2::1 fd00:2::2
	transfer "offload $state, IPv4" 10.0.2.2
	transfer "offload $state, IPv6" fd00:2::2
done

for state in on off; do
	offload $state
	sock udp s "$server" 10.0.2.2 53
	sock udp c "$client" 10.0.1.2 0
	sock nochecksum c
	sock connect c 10.0.1.1 99
	sock send c hello
	check_output "offload $state: a datagram without checksum is forwarded" '^hello 10.0.2.1 ' sock answer s answer
	check_output "offload $state: and answered" '^answer 10.0.1.1 99$' sock receive c
done
# to the end of the wire, seen by one who has no socket for it
in_ns "$server" timeout "$(patience 60)" tcpdump -ni s0 -c 1 -vv udp port 53 >"$work/dump" 2>"$work/dump.err" &
wait_for 30 grep -q 'listening on' "$work/dump.err"
sock send c again
check "its checksum is still none" wait_for 30 grep -q 'no cksum' "$work/dump"
check_equal "nothing was refused" "" "$(reasons "$router")"
