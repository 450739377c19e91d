#!/bin/bash
# SCTP: real associations through the router and through its translations, their states from
# INIT to SHUTDOWN COMPLETE, and packets whose tags or chunks are wrong; for IPv4 and IPv6.

. "$(dirname "$0")/lib.sh"

# one CLIENT SPORT SERVER DPORT: a message and its answer; says by what address the server sees it
one() {
	sock sctp c "$client" "$1" "$2" || return
	sock connect c "$3" "$4" || return
	sock accept s "l$4$(family "$3")" || return
	sock send c hello
	[ "$(sock receive s)" = hello ] || echo "nothing arrives"
	sock send s answer
	[ "$(sock receive c)" = answer ] || echo "no answer"
}

# stream TEXT FAMILY SERVER PORT: a million octets
stream() {
	local receiver
	in_ns "$server" socat -u "SCTP$2-LISTEN:$4,bind=$(bracketed "$3"),reuseaddr" "CREATE:$work/arrived" </dev/null &
	receiver=$!
	background+=("$receiver")
	wait_for 30 listens "$server" sctp "$4"
	check "IPv$2: a stream, $1" in_ns "$client" timeout "$(patience 120)" socat -u "OPEN:$work/blob" "SCTP$2:$(bracketed "$3"):$4"
	wait "$receiver" || true
	check "IPv$2: a stream, $1: it arrives whole" cmp "$work/blob" "$work/arrived"
	rm -f "$work/arrived"
}

# offloads on|off NS IF: whether the device makes checksums, and cuts up what is larger than a packet
offloads() { in_ns "$2" ethtool -K "$3" tx-checksum-sctp "$1" tx-sctp-segmentation "$1" >/dev/null; }

is_listed() { tracked "$router" "${@:2}" | grep -qE -e "$1"; }

each_family() { # FAMILY CLIENT SERVER NAT-SOURCE NAT-DESTINATION
	local flow=(family "ipv$1" proto sctp sport 4000)
	for port in 1 2 3 4; do sock sctp_listen "l$port$1" "$server" "$3" $port; done
	check_output "IPv$1: an association is forwarded" "^$2 4000$" one "$2" 4000 "$3" 1
	check_output "IPv$1: its entry is established" "^sctp +132 (210|20.|1..) ESTABLISHED src=$2 dst=$3 sport=4000 dport=1 .*src=$3 dst=$2 sport=1 dport=4000 .*\[ASSURED\]" \
		tracked "$router" "${flow[@]}"
	check_output "IPv$1: ctctl finds it by its state" '"proto":"sctp","state":"established"' \
		in_ns "$router" ctctl list "${flow[@]}" state established -o json
	sock shut c
	sock close c
	sock close s
	check "IPv$1: it is closed" wait_for 30 is_listed "^sctp +132 [0-9]+ CLOSED" "${flow[@]}"

	check_output "IPv$1: snat" "^$4 4100$" one "$2" 4100 "$3" 2
	check_output "IPv$1: snat, another port" "^$4 50[0-9][0-9]$" one "$2" 4101 "$3" 3
	check_output "IPv$1: its entry says so" "^sctp .* ESTABLISHED src=$2 dst=$3 sport=4101 dport=3 .*src=$3 dst=$4 sport=3 dport=50" \
		tracked "$router" family "ipv$1" nat snat dport 3
	sock sctp c "$client" "$2" 4102
	check "IPv$1: dnat" sock connect c "$5" 99
	check_output "IPv$1: dnat: the server sees the client" "^$2 4102$" sock accept s "l4$1"
	sock send c hello
	check_output "IPv$1: dnat: what is sent arrives" '^hello$' sock receive s
	sock sctp c "$client" "$2" 4103
	check_output "IPv$1: a port that nobody listens at: refused at once" ECONNREFUSED sock connect c "$3" 9
}

topology_router
rules "$router" <<-'END'
	table inet nat {
		chain post {
			type nat hook postrouting priority srcnat
			sctp dport 2 masquerade
			sctp dport { 3, 6 } snat ip to 10.0.2.1:5000-5099
			sctp dport { 3, 6 } snat ip6 to [fd00:2::1]:5000-5099
		}
		chain pre {
			type nat hook prerouting priority dstnat
			ip daddr 10.0.1.1 sctp dport 99 dnat ip to 10.0.2.2:4
			ip6 daddr fd00:1::1 sctp dport 99 dnat ip6 to [fd00:2::2]:4
		}
	}
END
rules "$router" <<-'END'
	table inet seen {
		counter large {}
		chain forward { type filter hook forward priority filter; sctp dport 6 meta length > 2000 counter name large; }
	}
END
# a state is there when it is looked at, however slow the machine
defaults=$(in_ns "$router" sysctl net.netfilter | grep conntrack_sctp_timeout_ | tr -d ' ')
set_sysctl "$router" net.netfilter.nf_conntrack_sctp_timeout_{closed,cookie_wait,cookie_echoed,shutdown_sent,shutdown_recd,shutdown_ack_sent}=600
head -c 1000000 /dev/urandom >"$work/blob"
each_family 4 10.0.1.2 10.0.2.2 10.0.2.1 10.0.1.1
each_family 6 fd00:1::2 fd00:2::2 fd00:2::1 fd00:1::1

# What comes with a wrong checksum is not mended by translating its port, where nobody has looked at it before.
damaged() { # FAMILY CLIENT SERVER NAT-SOURCE
	sock hear h "$server" "$3" 132
	sock chunk "$client" "$2" 4200 "$3" 3 0 init:0xc1 crc
	check_output "IPv$1: a checksum that is wrong is so behind the translation" "^$4 50[0-9][0-9] 3 wrong$" sock heard_sum h "$3"
	sock close h
}
set_sysctl "$router" net.netfilter.nf_conntrack_checksum=0
damaged 4 10.0.1.2 10.0.2.2 10.0.2.1
damaged 6 fd00:1::2 fd00:2::2 fd00:2::1
set_sysctl "$router" net.netfilter.nf_conntrack_checksum=1

# What is larger than a packet is cut up behind the translation, and its checksums are made there;
# or by the router, so that the server looks at them; or by the client, and translation keeps them right.
for version in 4 6; do
	to=10.0.2.2
	[ $version = 4 ] || to=fd00:2::2
	counted "$router" seen large >/dev/null
	stream "left to devices" $version "$to" 6
	check_output "IPv$version: of which there were larger ones than packets" "large" counted "$router" seen large
	offloads off "$router" r1
	stream "checksums by the router" $version "$to" 6
	offloads off "$client" c0
	stream "checksums by the client" $version "$to" 6
	offloads on "$router" r1
	offloads on "$client" c0
done
in_ns "$router" nft delete table inet seen
check_equal "nothing was refused" "" "$(reasons "$router")"

# From here on nobody answers but the test.
for ns in "$client" "$server"; do
	rules "$ns" <<-'END'
		table inet mute { chain in { type filter hook prerouting priority 0; meta l4proto sctp drop; }; }
	END
done
count_states "$router"
to_server() { sock chunk "$client" 10.0.1.2 7000 10.0.2.2 7 "$@"; }
to_client() { sock chunk "$server" 10.0.2.2 7 10.0.1.2 7000 "$@"; }
state_is() { # DESCRIPTION STATES-OF-PACKETS STATE
	check_equal "$1: ct state" "$2" "$(states "$router")"
	check_output "$1: $3" "^sctp +132 [0-9]+ $3 src" tracked "$router" proto sctp sport 7000
}
to_server 0 init:0xc1
state_is "INIT" "new 1" CLOSED
to_client 0xc1 init_ack:0x5e
state_is "INIT ACK" "established 1" COOKIE_WAIT
to_server 0x5e cookie_echo data
state_is "COOKIE ECHO" "established 1" COOKIE_ECHOED
to_client 0xc1 cookie_ack sack
state_is "COOKIE ACK" "established 1" ESTABLISHED
to_client 0xbad data
state_is "a wrong tag" "invalid 1" ESTABLISHED
to_server 0 init:0xbad
to_client 0xbad abort
to_client 0xc1 data
to_server 0x5e data
state_is "a forged INIT, and what follows from it" "established 4" ESTABLISHED
to_server 0x5e shutdown
state_is "SHUTDOWN" "established 1" SHUTDOWN_SENT
to_client 0xc1 shutdown_ack
state_is "SHUTDOWN ACK" "established 1" SHUTDOWN_ACK_SENT
to_server 0x5e shutdown_complete
state_is "SHUTDOWN COMPLETE" "established 1" CLOSED
in_ns "$router" ctctl delete proto sctp sport 7000 >/dev/null
to_server 0x5e heartbeat
state_is "HEARTBEAT on another path" "new 1" HEARTBEAT_SENT
to_client 0xc1 heartbeat_ack
state_is "HEARTBEAT ACK" "established 1" ESTABLISHED
to_client 0x5e abort_t
state_is "ABORT that reflects the tag" "established 1" CLOSED
in_ns "$router" ctctl delete proto sctp sport 7000 >/dev/null
to_server 0x5e data
to_server 0 init:0xc1 data
to_server 0 init:0
to_server 0x5e length_0
to_server 0x5e sack too_long
to_server 0 init:0xc1 crc
check_equal "each wrong one has its reason" "checksum 1 sctp_chunk 2 sctp_bundle 1 sctp_vtag 2 sctp_unknown 1" "$(reasons "$router")"
check_equal "and all are invalid" "invalid 6" "$(states "$router")"

# What was lost behind us comes again when T1 or T2 is over, in many a stack after three seconds.
# shellcheck disable=SC2086
set_sysctl "$router" $defaults
to_lossy() { sock chunk "$client" 10.0.1.2 "$1" 10.0.2.2 7 "${@:2}"; }
from_lossy() { sock chunk "$server" 10.0.2.2 7 10.0.1.2 "$1" "${@:2}"; }
for port in 7003 7004; do
	to_lossy $port 0 init:0xc1
	from_lossy $port 0xc1 init_ack:0x5e
	to_lossy $port 0x5e cookie_echo
done
from_lossy 7004 0xc1 cookie_ack
to_lossy 7004 0x5e shutdown
sleep 3.5
states "$router" >/dev/null
to_lossy 7003 0x5e cookie_echo
from_lossy 7003 0xc1 cookie_ack
check_output "a COOKIE ECHO that comes again completes the handshake" "^sctp +132 [0-9]+ ESTABLISHED " tracked "$router" sport 7003
to_lossy 7004 0x5e shutdown
from_lossy 7004 0xc1 shutdown_ack
check_output "a SHUTDOWN that comes again is answered" "^sctp +132 [0-9]+ SHUTDOWN_ACK_SENT src=10.0.1.2" tracked "$router" sport 7004
sleep 3.5
from_lossy 7004 0xc1 shutdown_ack
to_lossy 7004 0x5e shutdown_complete
check_output "and so is its answer" "^sctp +132 [0-9]+ CLOSED " tracked "$router" sport 7004
check_equal "all of it belongs to its association" "established 6" "$(states "$router")"

# What is refused of a translated association does not reach the router itself, who would abort it.
rules "$router" <<<'table ip nat { chain post { type nat hook postrouting priority srcnat; oifname r1 ip protocol sctp masquerade; }; }'
rules "$server" <<-'END'
	table inet heard {
		counter from_router {}
		chain in { type filter hook prerouting priority -10; ip saddr 10.0.2.1 counter name from_router; }
	}
END
to_router() { sock chunk "$server" 10.0.2.2 7 10.0.2.1 7002 "$@"; }
sock chunk "$client" 10.0.1.2 7002 10.0.2.2 7 0 init:0xc1
to_router 0xc1 init_ack:0x5e
to_router 0xc1 sack too_long
to_router 0xc1 data crc
check_equal "what is wrong with a translated one has its reason, too" \
	"checksum 2 sctp_chunk 3 sctp_bundle 1 sctp_vtag 2 sctp_unknown 1" "$(reasons "$router")"
check_equal "and nobody answers" "from_router 1" "$(counted "$server" heard from_router)"
in_ns "$router" nft delete table ip nat

set_sysctl "$router" net.netfilter.nf_conntrack_sctp_timeout_established=500
# conntrack 1.4.7 turns the octets of a tag around: these are 0x5e and 0xc1.
in_ns "$router" conntrack -I -p sctp -s 10.0.1.9 -d 10.0.2.2 --sport 7001 --dport 7 -t 1000 --state COOKIE_ECHOED \
	--orig-vtag 1577058304 --reply-vtag 3238002688 >/dev/null 2>&1 || not_ok "conntrack -I"
check_output "conntrack -I puts in a state" "^sctp +132 (1000|9..) COOKIE_ECHOED src=10.0.1.9" tracked "$router" sport 7001
sock chunk "$server" 10.0.2.2 7 10.0.1.9 7001 0xc1 cookie_ack
check_output "from which it goes on, with nf_conntrack_sctp_timeout_established" "^sctp +132 (500|4..) ESTABLISHED src=10.0.1.9" \
	tracked "$router" sport 7001
