#!/bin/bash
# ctctl why: what a connection waits for, when it ends and by which sysctl.

. "$(dirname "$0")/lib.sh"

why() { in_ns "$router" ctctl why "$@"; }
waits() { why "${@:2}" | grep -q "^waits  *$1\$"; }

# silence DEVICE: the router drops segments that come in by it, before it tracks them
silence() {
	rules "$router" <<-END
		table ip silent
		delete table ip silent
		table ip silent {
			chain before { type filter hook prerouting priority raw; iifname { $1 } tcp flags ack drop; }
		}
	END
}

topology_router
# what is reset is still there when it is asked about, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_tcp_timeout_close=90
rules "$router" <<-'END'
	table inet nat {
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
# whichever it is by now
few="(unacknowledged|max_retrans)"
sock listen l "$server" 10.0.2.2 80
sock tcp c "$client" 10.0.1.2 4000
sock connect c 10.0.2.2 80
flow="proto tcp src 10.0.1.2 sport 4000 dst 10.0.2.2 dport 80"
# shellcheck disable=SC2086
{
	check_output "its state" "^state +established$" why $flow
	check_output "what it waits for" "^waits +for data, or an end's FIN$" why $flow
	check_output "which timeout ends it" "^ends +in 4[0-9]+ s, .*nf_conntrack_tcp_timeout_established = 432000 s$" why $flow
	check_output "its translation" "^nat +snat 10.0.2.1:4000$" why $flow
	check_output "what it refused: nothing" "^refused +no packet so far$" why $flow
	silence r1
	sock send c hello
	check_output "data that nobody acknowledges: what it waits for" "^waits +for the other end to acknowledge what was sent" why $flow
	check_output "and which timeout ends it" "^ends +in [23][0-9]+ s, .*nf_conntrack_tcp_timeout_$few = 300 s$" why $flow
	check "sent some times, it waits for the same" wait_for 60 waits "for the other end to acknowledge what was sent again and again" $flow
	check_output "and another timeout ends it" "^ends +in [23][0-9]+ s, .*nf_conntrack_tcp_timeout_max_retrans = 300 s$" why $flow
	silence lo
	check "once it is acknowledged, for data again" wait_for 60 waits "for data, or an end's FIN" $flow
	sock segment "$server" 10.0.2.2 80 10.0.2.1 4000 R 1 1
	check_output "why it refused a packet last" "^refused +a packet, the last one for tcp_[a-z]+: TCP .* \(RFC .*\)$" why $flow
	sock reset c
	check_output "after a reset it waits for nothing" "^waits +for nothing: it was reset" why $flow
	check_output "and ends soon" "^ends +in [0-9]?[0-9] s, .*nf_conntrack_tcp_timeout_close = 90 s$" why $flow
}
# ends that only the router knows of
for ns in "$client" "$server"; do
	rules "$ns" <<-'END'
		table inet mute {
			chain in { type filter hook prerouting priority 0; meta l4proto tcp drop; }
		}
	END
done
tcp() { sock segment "$client" 10.0.1.2 5000 10.0.2.2 81 "$@"; }
tcp_reply() { sock segment "$server" 10.0.2.2 81 10.0.2.1 5000 "$@"; }
unacknowledged="nf_conntrack_tcp_timeout_unacknowledged = 300 s$"
tcp S 1000
flow="proto tcp src 10.0.1.2 sport 5000 dst 10.0.2.2 dport 81"
# shellcheck disable=SC2086
{
	check "a SYN: for its answer" wait_for 30 waits "for the server's SYN.ACK" $flow
	check_output "what it is worth" \
		"^worth +it was not answered: it may go when the table is full$" why $flow
	tcp_reply SA 5000 1001
	check "the answer: for the end of the handshake" \
		wait_for 30 waits "for the ACK that ends the handshake" $flow
	tcp A 1001 5001
	check "the end: for data" wait_for 30 waits "for data, or an end's FIN" $flow
	check_output "then it is worth more" \
		"^worth +it is assured: it stays when the table is full$" why $flow
	tcp S 900000
	tcp_reply RA 0 900001
	check "a SYN that is refused in the middle: for who goes on" wait_for 30 waits \
		"for an end to go on: there was a reset that the other may have believed" $flow
	check_output "and which timeout ends it" "^ends +in [23].*$unacknowledged" why $flow
	check_output "it was not refused" "^refused +no packet so far$" why $flow
	tcp A 1001 5001
	check "an end goes on: for data again" wait_for 30 waits "for data, or an end's FIN" $flow
	check_output "for days" "nf_conntrack_tcp_timeout_established = 432000 s$" why $flow
	for _ in 1 2 3 4; do tcp A 1000 5001; done
	check "keepalives: for an answer to them" wait_for 30 waits \
		"for the other end to answer what asks again and again whether it is there" $flow
	check_output "and which timeout ends it" "nf_conntrack_tcp_timeout_max_retrans = 300 s$" why $flow
}
sock segment "$client" 10.0.1.2 5001 10.0.2.2 81 A 1 1
flow="proto tcp src 10.0.1.2 sport 5001 dst 10.0.2.2 dport 81"
# shellcheck disable=SC2086
{
	check "in mid-stream: for the end that was not heard" \
		wait_for 30 waits "for the other end, which was not heard yet" $flow
	check_output "and which timeout ends it" "$unacknowledged" why $flow
}
in_ns "$client" ping -nq -c 1 -W 30 -e 77 10.0.2.2 >/dev/null
flow="proto udp src 10.0.1.2 sport 5 dst 10.0.2.2 dport 6"
# shellcheck disable=SC2086
{
	check "who is given a timeout" in_ns "$router" ctctl add $flow timeout 900
	check_output "has none by name" "^ends +in [89][0-9]+ s, .*was given to it, until a packet comes$" why $flow
}
check_output "a ping" "nf_conntrack_icmp_timeout = 30 s$" why proto icmp src 10.0.1.2 dst 10.0.2.2 type 8 id 77
check_status "what is not there" 1 why proto udp src 10.0.1.2 sport 1 dst 10.0.2.2 dport 1
