#!/bin/bash
# 20,000 connections in a few seconds, from two CPUs: the table grows under the packets, loses
# none, shows each once, and shrinks when they are gone. A listing misses none of those that
# stand, while it grows and while it shrinks.

. "$(dirname "$0")/lib.sh"

flows=20000
standing=200
buckets() { in_ns "$router" ctctl stats | sed -nE 's/^buckets +([0-9]+).*/\1/p'; }
smaller() { [ "$(buckets)" -lt "$1" ]; }

topology_router
address "$client" c0 10.0.1.3/24 10.0.1.4/24
rules "$router" <<<"table inet nat { chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }; }"
rules "$server" <<<"table inet mute { chain in { type filter hook prerouting priority 0; ip protocol udp drop; }; }"
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
small=$(buckets)
# none may be lost on the way: while an address is looked for, or before a slow machine gets to it
sysctl -qw net.core.netdev_max_backlog=100000
in_ns "$client" ping -nq -c 1 -W 30 10.0.2.2 >/dev/null
in_ns "$router" ctctl flush all >/dev/null
flood() { python3 -ESsB "$(dirname "$0")/tools/flood.py" "$client" "$@"; }
# what one address has, again and again
watch() { while :; do in_ns "$router" ctctl list -o conntrack src 10.0.1.4 | wc -l; done >"$work/watched"; }
watched() { [ "$(wc -l <"$work/watched")" -gt "$1" ]; }

check_output "some stand before" "^$standing$" flood 10.0.1.4 10.0.2.2 53 $standing 1
small=$(buckets)
watch &
watcher=$!
wait_for 60 watched 0
check_output "$flows are sent" "^$flows$" flood 10.0.1.2,10.0.1.3 10.0.2.2 53 $flows 2
wait_for 60 watched "$(wc -l <"$work/watched")"
kill $watcher
check_equal "a listing by an address shows all that stand, while the table grows" $standing "$(sort -u "$work/watched")"
all=$((flows + standing))
check_equal "all of them have an entry" $all "$(entry_count "$router")"
large=$(buckets)
check "the table has grown, from $small to $large buckets" [ "$large" -gt $((small * 16)) ]

tracked "$router" >"$work/dump"
check_equal "a dump shows as many" $all "$(wc -l <"$work/dump")"
check_equal "each of them once" $all "$(grep -oE 'src=10.0.1.[2-4] dst=10.0.2.2 sport=[0-9]+' "$work/dump" | sort -u | wc -l)"
check_equal "each by a port of its own" $all "$(grep -oE 'dst=10.0.2.1 sport=53 dport=[0-9]+' "$work/dump" | sort -u | wc -l)"
check_output "conntrack -C counts them" "^$all$" in_ns "$router" conntrack -C
check_equal "nothing was refused" "" "$(reasons "$router")"

watch &
watcher=$!
wait_for 60 watched 0
in_ns "$router" ctctl delete src 10.0.1.2 >/dev/null
in_ns "$router" ctctl delete src 10.0.1.3 >/dev/null
check "when they are gone the table shrinks" wait_for 60 smaller $((large / 4))
wait_for 60 watched "$(wc -l <"$work/watched")"
kill $watcher
check_equal "a listing by an address shows all that stand, while it shrinks" $standing "$(sort -u "$work/watched")"
check "flush" in_ns "$router" ctctl flush all
check "all are gone" wait_for 60 has_entries "$router" 0
sock udp s "$server" fd00:2::2 53
sock udp c "$client" fd00:1::2 4000
sock send c hello fd00:2::2 53
check_output "it still works" "^hello fd00:2::1 4000$" sock receive s
