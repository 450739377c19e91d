#!/bin/bash
# What ends a connection is told with its cause, each of those that there are, and what becomes of the table.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trace_lib.sh"

flow() { # PORT [DPORT]: the first packet of one
	sock udp "c$1" "$client" 10.0.1.2 "$1"
	sock send "c$1" hello 10.0.2.2 "${2:-53}"
	sock receive s >/dev/null
}

# ended TEXT EVENT PORT WORDS
ended() { check "$1: $4" wait_for 30 told ends " $2 +[a-z]+ +10.0.1.2:$3 -> 10.0.2.2:.*$4"; }

forgotten() {
	rules "$router" <<<"table inet refuse { chain forward { type filter hook forward priority 0; udp dport 9 drop; }; }"
	trace_to followed "$router" --follow dport 9
	sock udp c "$client" 10.0.1.2 4000
	sock send c hello 10.0.2.2 9
	ended "a rule drops its first packet" forget 4000 "it goes with its packet, which did not get through, in unreplied"
	check "--follow ends with it" wait_for 30 eval '! kill -0 "${traces[1]}"'
	check_equal "and has shown it whole" "create packet forget" "$(events followed)"
	rules "$router" <<<"delete table inet refuse"
}

tcp() { sock segment "$client" 10.0.1.2 5000 10.0.2.2 80 "$@"; }

reopened() {
	trace_to again "$router" sport 5000 event packet,create,kill
	tcp S 1000
	sock segment "$server" 10.0.2.2 80 10.0.2.1 5000 SA 5000 1001
	tcp A 1001 5001
	tcp R 1001
	tcp S 90000
	ended "its ends begin anew" kill 5000 "its ends have begun a new one, in close"
	wait_for 30 eval '[ "$(grep -c "none becomes syn_sent" "$work/again")" = 2 ]' || true
	check_equal "the packet that ends it is told once, as the first of the next" \
		"create packet packet packet packet kill create packet" "$(events again)"
}

translated() {
	flow 4001
	ip -n "$router" link add r2 type dummy
	address "$router" r2 10.0.3.1/24
	ip -n "$router" route add 10.0.2.2 dev r2
	sock send c4001 hello 10.0.2.2 53
	ended "its way leads elsewhere" kill 4001 "it leaves by another device than it was masqueraded for"
	ip -n "$router" link delete r2
	flow 4002
	ip -n "$router" address delete 10.0.2.1/24 dev r1
	ended "its address is deleted" kill 4002 "the address it was masqueraded with is gone"
	address "$router" r1 10.0.2.1/24
	flow 4003
	rules "$router" <<<"delete table inet nat"
	rmmod ctrack_nat
	ended "who translated it is unloaded" kill 4003 "ctrack_nat is being unloaded"
}

in_time() {
	set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=1
	flow 4004
	ended "its time is over" expire 4004 "its timeout was over, in unreplied"
	set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
	flow 4005
	in_ns "$router" ctctl delete sport 4005 >/dev/null
	ended "it is deleted" kill 4005 "it was deleted by a request, in unreplied"
}

many() { python3 -ESsB "$(dirname "$0")/tools/flood.py" "$client" 10.0.1.2 10.0.2.2 53 700 >/dev/null; }

table() {
	# by a factor of two or four, and when depends on who is faster
	many
	check "the table grows" wait_for 30 told ends ' resize +[0-9]+ buckets become (512|1024)$'
	in_ns "$router" ctctl flush all >/dev/null
	check "and shrinks" wait_for 30 told ends ' resize +(512|1024) buckets become (64|128)$'
	set_sysctl "$router" net.netfilter.nf_conntrack_max=10
	many
	ended "it makes room" evict '[0-9]+' "the table was full, and it was worth the least, in unreplied"
}

# seen from the initial namespace
namespace_ends() {
	local name=ended-$$
	trace_to everywhere "" --all event kill proto icmp
	ip netns add "$name"
	ip -n "$name" link set lo up
	in_ns "$name" ctctl on >/dev/null
	in_ns "$name" ping -nq -c 1 -W 30 127.0.0.1 >/dev/null
	ip netns delete "$name"
	check "its namespace ends" wait_for 30 told everywhere ' kill .*its namespace ends, or ctrack is being unloaded'
}

topology_router
has_kprobes || { skip "this kernel has no kprobes"; exit; }
rules "$router" <<<"table inet nat { chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }; }"
# keeps ctrack there without the rule above, and who gets the segments must not answer
in_ns "$router" ctctl on >/dev/null
for ns in "$client" "$server"; do
	rules "$ns" <<<"table inet mute { chain in { type filter hook prerouting priority 0; meta l4proto tcp drop; }; }"
done
# none is over by itself, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=600
sock udp s "$server" 10.0.2.2 53
trace_to ends "$router" event forget,expire,evict,kill,resize
forgotten
reopened
translated
in_time
table
namespace_ends
