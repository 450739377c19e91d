#!/bin/bash
# nf_conntrack_max of a namespace: what is beyond it takes the place of a connection that was never
# answered, or is dropped and counted; those that are established go on. Other namespaces have
# limits of their own, below that of the initial one.

. "$(dirname "$0")/lib.sh"

# flow PORT [SECONDS]: one exchange
flow() {
	sock udp "c$1" "$client" 10.0.1.2 "$1"
	sock connect "c$1" 10.0.2.2 53
	more "$@"
}
more() { sock send "c$1" hello && sock receive "c$1" "${@:2}" >/dev/null; }
max() { in_ns "$1" cat /proc/sys/net/netfilter/nf_conntrack_max; }

topology_router
for ns in "$router" "$client"; do
	# none is over by itself, however slow the machine
	set_sysctl "$ns" net.netfilter.nf_conntrack_udp_timeout{,_stream,_dns}=600
	in_ns "$ns" ctctl on >/dev/null
done
sock echo udp "$server" 10.0.2.2 53
sock udp sink "$server" 10.0.2.2 54

initial=$(cat /proc/sys/net/netfilter/nf_conntrack_max)
check_equal "a namespace begins with the limit of the initial one" "$initial" "$(max "$router")"
check_not "it can't be raised beyond it" set_sysctl "$router" net.netfilter.nf_conntrack_max=$((initial + 1))
check_not "nor taken away" set_sysctl "$router" net.netfilter.nf_conntrack_max=0
check_equal "it stays" "$initial" "$(max "$router")"
check "it can be lowered" set_sysctl "$router" net.netfilter.nf_conntrack_max=10
check_output "which ctctl stats shows" '^entries +0 of 10$' in_ns "$router" ctctl stats
check_equal "and which is the namespace's own business" "$initial" "$(max "$client")"

for ((port = 4000; port < 4010; port++)); do flow $port; done
sleep 2.1 # what lasts is a stream
for ((port = 4000; port < 4010; port++)); do more $port; done
check_output "ten established" '^entries +10 of 10$' in_ns "$router" ctctl stats
check_not "the eleventh does not get through" flow 4010 0.3
check_equal "which is counted" "table_full 1" "$(reasons "$router")"
said=$(tracked "$router" | grep -c '\[ASSURED\]' || true)
check_equal "none of the ten went for it" 10 "$said"
sock send c4000 still
check_output "they go on" '^still ' sock receive c4000
check_output "the other namespace is not affected" '^entries +1[1-9] of' in_ns "$client" ctctl stats

in_ns "$router" ctctl delete sport 4000 >/dev/null
check "one is deleted: the eleventh gets through" flow 4010

in_ns "$router" ctctl flush all >/dev/null
for ((port = 5000; port < 5040; port++)); do
	sock udp c "$client" 10.0.1.2 $port
	sock send c $port 10.0.2.2 54
done
check "forty that nobody answers: no more than ten are there" [ "$(entry_count "$router")" -le 10 ]
passed=0
dropped=$(reasons "$router")
dropped=$((${dropped#table_full } - 1))
while [ $((passed + dropped)) -lt 40 ] && said=$(sock receive sink); do passed=$((passed + 1)) last=${said%% *}; done
check_equal "each arrived, or was dropped and counted" 40 $((passed + dropped))
check "most took the place of an older one" [ "$passed" -gt 20 ]
check_output "the last one that did is there" "sport=$last " tracked "$router"

sysctl -qw net.netfilter.nf_conntrack_max=5
check_equal "the initial namespace's limit is that of all" 5 "$(max "$router")"
check_equal "of all" 5 "$(max "$client")"
sysctl -qw net.netfilter.nf_conntrack_max="$initial"
check_equal "and when it is taken back each has its own" "10 $initial" "$(max "$router") $(max "$client")"
