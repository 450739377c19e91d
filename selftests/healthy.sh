#!/bin/bash
# Connections of real sockets, all of them in order, over a network that loses, doubles, delays
# and reorders: no packet of any is invalid, each octet arrives, and each connection ends as its
# ends meant it. Forwarded and with the router's own sockets, with and without NAT, IPv4 and
# IPv6, all at once. What kinds of connections there are: see plays[] in tools/streams.c.
#
# Resets are left out: who aborts also resets what comes late, doubled SYN/ACKs among it, with
# numbers that the other end has left behind. It drops them, and so they are invalid.
#
# HEALTHY says how many connections, 10,000 with `make check-healthy`.

. "$(dirname "$0")/lib.sh"

ways=6
each=$(((${HEALTHY:-1200} + ways - 1) / ways)) # of the ways
at_once=60
# Each device, on its way out: there are two on each way.
network="limit 20000 delay 5ms 5ms loss 2% duplicate 2% reorder 5%"

devices() { printf '%s\n' "$client c0" "$router r0" "$router r1" "$server s0"; }

impair() {
	local ns device
	while read -r ns device; do
		# shellcheck disable=SC2086
		tc -n "$ns" qdisc add dev "$device" root netem $network
	done < <(devices)
}

# "DEVICE" of each on which netem did nothing
unimpaired() {
	local ns device
	while read -r ns device; do
		tc -n "$ns" -s qdisc show dev "$device" | grep -qE 'dropped [1-9]' || echo "$device"
	done < <(devices)
}

# The client's ports come again while their last connection is in TIME_WAIT; Fast Open; and no
# limit to challenge ACKs, of which so many connections need more.
hosts() {
	local ns
	for ns in "$client" "$router" "$server"; do
		set_sysctl "$ns" net.ipv4.tcp_tw_reuse=1 net.ipv4.tcp_fastopen=3 \
			net.ipv4.tcp_challenge_ack_limit=100000
	done
}

# An invalid packet is counted in each hook that it comes through, and shown in the end.
watch_invalid() {
	local hook
	rules "$router" <<-END
		table inet watch {
			counter invalid {}
			counter looked_at {}
			chain seen {
				meta l4proto != tcp return
				counter name looked_at
				tcp flags & rst == 0 ct state invalid counter name invalid log group 5
			}
			$(for hook in prerouting input forward output postrouting; do
				echo "chain $hook { type filter hook $hook priority mangle; jump seen; }"
			done)
		}
	END
	spawn in_ns "$router" tcpdump -Snli nflog:5
	shown=$work/spawned.${#background[@]}
	wait_for 30 grep -q listening "$shown"
	# what comes in, as far as its headers go: the trace that makes a test in tcp/ necessary
	spawn in_ns "$router" tcpdump -Q in -B 16384 -s 120 -nw "$work/trace" -i any tcp
	tracer=$!
	wait_for 30 grep -q listening "$work/spawned.${#background[@]}"
}

# trace PORT PORT: what came in of a connection
trace() {
	kill "$tracer" 2>/dev/null || true # which writes what it still has
	wait_for 30 gone "$tracer" || true
	tcpdump -Snr "$work/trace" "port $1 and port $2" 2>/dev/null | tail -n 100
}

# The first invalid packets, and all of the connection of the very first
explain_invalid() {
	local ports
	wait_for 30 grep -q 'Flags' "$shown" || true
	grep Flags "$shown" | head -n 20
	ports=$(sed -nE 's/.* IP6? [^ ]+\.([0-9]+) > [^ ]+\.([0-9]+): .*/\1 \2/p' "$shown" | head -n 1)
	# shellcheck disable=SC2086
	[ -z "$ports" ] || trace $ports
}

# Connections to 10.0.1.1 and fd00:1::1 from port 8200 on are the server's, and it sees the
# router: both of its addresses are translated.
nat() {
	rules "$router" <<-'END'
		table inet nat {
			chain pre {
				type nat hook prerouting priority dstnat
				iifname r0 tcp dport 8200-8299 ip daddr 10.0.1.1 dnat to 10.0.2.2
				iifname r0 tcp dport 8200-8299 ip6 daddr fd00:1::1 dnat to fd00:2::2
				iifname r0 tcp dport 8300-8399 redirect
			}
			chain post {
				type nat hook postrouting priority srcnat
				oifname r1 tcp dport 8200-8299 masquerade to :20000-29999
			}
		}
	END
}

# way NAME NS LISTEN CONNECT PORT: connections from the client, in the background
way() {
	{
		in_ns "$client" "$(dirname "$0")/tools/streams" "$client" "$2" "$3" "$4" "$5" $each $at_once
		echo "exit status $?"
	} >"$work/$1.said" 2>"$work/$1.errors" &
	background+=($!)
	running+=($!)
	names+=("$1")
}

# completed NAME: all of it
completed() {
	local said ports
	said=$(cat "$work/$1.said" "$work/$1.errors")
	if [ "$said" = "$each connections, 0 wrong"$'\n'"exit status 0" ]; then
		ok "$1: $each connections, and each is right"
		return
	fi
	ports=$(sed -nE 's/^port ([0-9]+) to port ([0-9]+): .*/\1 \2/p' <<<"$said" | head -n 1)
	# shellcheck disable=SC2086
	not_ok "$1: $each connections, and each is right" "$said" "$([ -z "$ports" ] || trace $ports)"
}

# The machine is taken for dead when it says nothing for long.
progress() {
	local process
	for process in "${running[@]}"; do
		while ! wait_for 20 gone "$process"; do
			echo "# still at it: $(in_ns "$router" ctctl stats | tr -s ' \n' ' ' | cut -c 1-100), entries: $(entry_count "$router")"
		done
	done
}
gone() { ! kill -0 "$1"; }

topology_router
hosts
impair
watch_invalid
nat
running=() names=()
way forwarded "$server" 10.0.2.2 10.0.2.2 8000
way forwarded6 "$server" fd00:2::2 fd00:2::2 8100
way translated "$server" 10.0.2.2 10.0.1.1 8200
way translated6 "$server" fd00:2::2 fd00:1::1 8250
way redirected "$router" 10.0.1.1 10.0.2.9 8300
way local6 "$router" fd00:1::1 fd00:1::1 8400
progress
for name in "${names[@]}"; do completed "$name"; done
check_equal "the network was bad on each device" "" "$(unimpaired)"
counts=$(counted "$router" watch looked_at invalid)
case $counts in
*invalid*) not_ok "none of their packets is invalid: $counts" "$(explain_invalid)" ;;
*) ok "none of their packets is invalid: $counts" ;;
esac
check_output "and there were many" '^looked_at [0-9]{5}' echo "$counts"
check_equal "nothing was refused" "" "$(reasons "$router" | sed -E 's/(^| )tcp_reset [0-9]+//')"
