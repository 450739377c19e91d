#!/bin/bash
# nf_conntrack_log_invalid: an invalid packet is logged with its reason, through what the namespace
# logs with, if it is of the protocol that was asked for; 255 is all.

. "$(dirname "$0")/lib.sh"

log="net.netfilter.nf_conntrack_log_invalid"
logged() { grep -c "$1" "$work/nflog" || true; }
lines_of() { [ "$(logged "$1")" -ge "$2" ]; }
# kernel_log TEXT: how many lines of the kernel's log have it
kernel_log() { dmesg | grep -c "$1" || true; }
invalid() { # SOURCE DESTINATION: a segment of no connection, and an answer to no query
	sock segment "$client" "$1" 4000 "$2" 80 SA 1 1
	sock ping "$client" "$1" "$2" reply 77
}

topology_router
rules "$router" <<<'table inet t { chain c { type filter hook forward priority 0; ct state invalid drop; }; }'
sysctl -qw net.netfilter.nf_log_all_netns=1
modprobe nfnetlink_log
set_sysctl "$router" net.netfilter.nf_log.{2,10}=nfnetlink_log
in_ns "$router" python3 -ESsB -u "$(dirname "$0")/tools/nflog.py" </dev/null >"$work/nflog" 2>&1 &
background+=($!)
wait_for 30 grep -q ready "$work/nflog"

check_equal "it is off" 0 "$(in_ns "$router" sysctl -n $log)"
invalid 10.0.1.2 10.0.2.2
for value in -1 256 all; do check_not "it can't be $value" set_sysctl "$router" $log=$value; done

set_sysctl "$router" $log=6
invalid 10.0.1.2 10.0.2.2
invalid fd00:1::2 fd00:2::2
check "6: TCP is logged, with the reason" wait_for 30 lines_of '^ctrack: invalid (tcp_[a-z]*): TCP segment .*: $' 2
set_sysctl "$router" $log=1
invalid 10.0.1.2 10.0.2.2
check "1: ICMP is logged" wait_for 30 lines_of '^ctrack: invalid (icmp_answer): ICMP answer without a query: $' 1
check_equal "and before, while it was off, nothing was" 3 "$(logged ctrack:)"
set_sysctl "$router" $log=255
invalid 10.0.1.2 10.0.2.2
invalid fd00:1::2 fd00:2::2
check "255: all are" wait_for 30 lines_of ctrack: 7
check_equal "the client's own business is not affected" 0 "$(in_ns "$client" sysctl -n $log)"
set_sysctl "$router" $log=0
invalid 10.0.1.2 10.0.2.2
check_output "all were counted, logged or not" 'icmp_answer 7' reasons "$router"

# Written to while its namespace leaves: who writes must not wait for a module that waits for that.
leaves_while_it_is_written() {
	for _ in {1..10}; do
		rmmod nf_log_syslog 2>/dev/null || true
		timeout -k 1 20 python3 -ESsB "$(dirname "$0")/tools/write_as_it_leaves.py" "/proc/sys/${log//.//}" 255 || return
	done
}
check "a namespace leaves while it is written" leaves_while_it_is_written

# a router that chose nothing has the kernel's log
netns other
check_equal "in a new namespace it is off" 0 "$(in_ns "$other" sysctl -n $log)"
rmmod nf_log_syslog 2>/dev/null || true
set_sysctl "$router" net.netfilter.nf_log.{2,10}=NONE
set_sysctl "$router" $log=255
check "who wants a log gets the kernel's" wait_for 30 grep -q '^nf_log_syslog ' /proc/modules
invalid 10.0.1.2 10.0.2.2
invalid fd00:1::2 fd00:2::2
check "a line of it has reason, device and addresses" wait_for 30 eval \
	'dmesg | grep -q "ctrack: invalid (icmp_answer): ICMP answer without a query: IN=r0 OUT= .*SRC=10.0.1.2 DST=10.0.2.2 "'
check "IPv6, too" wait_for 30 eval 'dmesg | grep -q "ctrack: invalid (tcp_.*SRC=fd00:0001:.*DPT=80"'

rules "$router" <<<'table ip nat { chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }; }'
sock listen listener "$server" 10.0.2.2 80
sock tcp c "$client" 10.0.1.2 4001
sock connect c 10.0.2.2 80
sock segment "$server" 10.0.2.2 80 10.0.2.1 4001 SF 1 1
check "what is dropped, of a translated connection, is said to be" wait_for 30 eval \
	'dmesg | grep -q "ctrack: dropped (tcp_flags): .*SRC=10.0.2.2 .*DPT=4001 "'

# A flood: in one step, because in five seconds a hundred may be logged.
before=$(kernel_log "ctrack: invalid")
sock ping "$client" 10.0.1.2 10.0.2.2 reply 77 1 500
check_output "a flood is counted" 'icmp_answer 509' reasons "$router"
check "and not all of it is logged" [ $(($(kernel_log "ctrack: invalid") - before)) -lt 500 ]
