#!/bin/bash
# modules: ctrack
# ctnetlink, asked without a library: what each right request does to connections and what the
# answers and events tell of them; that each wrong one is refused with its errno and a reason;
# that a listing stays whole while the table grows; and what becomes of CTA_* in a verdict of
# nfnetlink_queue, and stands in the messages of nfnetlink_log. Then ctrack's own generic netlink family, through ctctl.

. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2154
# groups GROUP...: the cases of these groups of tools/ctnetlink.py
groups() { tool_cases "$host" ctnetlink "$@"; }

netns host
check_output "ctctl on" '^tracking is on' in_ns "$host" ctctl on
groups creation changes labels deletion timeouts masters protocols filters filters_by_parts zones dumps statistics events \
	event_times reliable expectations wrong_families wrong_tuples wrong_connections wrong_filters \
	unknown_requests counters
# no translation without ctrack_nat, which comes when it is asked for
modprobe=$(sysctl -n kernel.modprobe)
sysctl -qw kernel.modprobe=/nowhere
groups wrong_attributes
sysctl -qw kernel.modprobe="$modprobe"

rules "$host" <<-'END'
	table ip hold {
		chain out {
			type filter hook output priority 0
			udp dport 7 queue num 7
			udp sport 7 queue num 7
			udp dport 6 ct label set 3
			udp dport 6 log group 6
		}
	}
END
groups queued logged
in_ns "$host" nft delete table ip hold
check_no_output "nothing has asked for a translation" '^ctrack_nat' lsmod
groups translations wrong_translations
check_output "the first one has drawn in ctrack_nat" '^ctrack_nat' lsmod

in_ns "$host" ping -nq -c 1 -W 30 127.0.0.1 >/dev/null
check_output "ctctl stats: a connection" '^entries +1 of [1-9][0-9]*$' in_ns "$host" ctctl stats
check_output "ctctl stats: who wants tracking" '^tracking +on, by ctctl on$' in_ns "$host" ctctl stats
check_output "ctctl stats -o json" '"count":1,"max":[0-9]+,"buckets":[0-9]+,"on":true,"rules":0,.*"reasons":\{"' \
	in_ns "$host" ctctl stats -o json
check_output "ctctl off needs a privilege" 'needs CAP_NET_ADMIN' in_ns "$host" unshare --user ctctl off
check_output "ctctl stats does not" '^tracking +on' in_ns "$host" unshare --user ctctl stats
check_output "ctctl off" '^tracking is off' in_ns "$host" ctctl off
in_ns "$host" ctctl flush all >/dev/null
in_ns "$host" ping -nq -c 1 -W 30 127.0.0.1 >/dev/null
check_output "ctctl stats: no connection any more" '^entries +0 of' in_ns "$host" ctctl stats
