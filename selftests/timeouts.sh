#!/bin/bash
# The timeouts and the options of the protocols as sysctls: under their usual names, with their usual
# values, in each namespace its own, for who is root there; what is no such value is refused.

. "$(dirname "$0")/lib.sh"

dir=/proc/sys/net/netfilter
netns here other
tool_cases "$here" sysctls "$other"

# whoever is root in a namespace of his own
own() { unshare --user --map-root-user --net sh -c "echo $2 >$dir/nf_conntrack_$1 && cat $dir/nf_conntrack_$1"; }
check_output "who made a namespace sets a timeout" '^77$' own udp_timeout 77
check_output "an option" '^5$' own tcp_max_retrans 5
check_output "the log" '^255$' own log_invalid 255
check_output "a lower limit" '^100$' own max 100
check_not "not a higher one" own max 1000000000
check_not "nor the number of buckets" own buckets 100
check_output "who is nobody there does not" PermissionError in_ns "$here" python3 -ESsB -c \
	"import os; os.setuid(65534); open('$dir/nf_conntrack_udp_timeout', 'w')"
