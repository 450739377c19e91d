#!/bin/bash
# What has not been used for its timeout is gone: not listed, not used by a packet any more, soon
# not counted any more, and its end is told. What is used stays.

. "$(dirname "$0")/lib.sh"

told() { grep -q "DESTROY.*sport=$1 " "$work/events"; }

# seconds; a slow machine needs more of them between two commands
short=${SELFTEST_DEBUG:+1}2

topology_router
count_states "$router"
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout_dns=300
sock echo udp "$server" 10.0.2.2 53
sock echo udp "$server" fd00:2::2 53
in_ns "$router" conntrack -E </dev/null >"$work/events" 2>&1 &
background+=($!)
wait_for 30 has_listeners "$router"

set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=$short
sock udp c4 "$client" 10.0.1.2 4000
sock ask c4 hello 10.0.2.2 53 >/dev/null
sock udp c6 "$client" fd00:1::2 4001
sock ask c6 hello fd00:2::2 53 >/dev/null
sock udp used "$client" 10.0.1.2 4002
sock connect used 10.0.2.2 53
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=300
sock udp long "$client" 10.0.1.2 4003
sock ask long hello 10.0.2.2 53 >/dev/null
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout=$short
# it may be over before it is looked at: then it begins anew
short_is_shown() {
	! tracked "$router" sport 4000 | grep -qE "^udp +17 ([0-9]|1[0-2]) .*sport=4000" || return 0
	sock ask c4 hello 10.0.2.2 53
	return 1
}
check "a short timeout is shown" wait_for 30 short_is_shown
# one that is used all the while, unless the machine stands still for as long as it lives
begin=${EPOCHREALTIME/./} last=$begin slowest=0
until [ $((last - begin)) -gt $((short * 1500000)) ]; do
	sock send used hello
	sock receive used >/dev/null
	sleep 0.2
	now=${EPOCHREALTIME/./}
	[ $((now - last)) -le $slowest ] || slowest=$((now - last))
	last=$now
done
others='400[23]'
[ $slowest -lt $((short * 900000)) ] || others=4003
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout{,_stream}=300
sock send used hello
check_no_output "it is over: not listed any more" 'sport=400[01]' tracked "$router"
check_output "what was used meanwhile stays" 'packets=[0-9]+' tracked "$router" sport 4002
check_output "as does what lives longer" 'sport=4003' tracked "$router" sport 4003
check "the end is told" wait_for 30 told 4000
check "over IPv6, too" wait_for 30 told 4001
check "and they count no more" wait_for 30 has_entries "$router" 2
check_not "none is told of the others" told "$others"

states "$router" >/dev/null
sock send c4 hello
sock receive c4 >/dev/null
check_equal "the next packet of it is new" "new 1 established 1" "$(states "$router")"
check_output "in a new entry" 'packets=1 .*packets=1 ' tracked "$router" sport 4000

check "conntrack -U sets a timeout" in_ns "$router" conntrack -U -f ipv4 -p udp --orig-port-src 4003 -t 1
check "a timeout that conntrack -U sets holds" wait_for 30 told 4003
