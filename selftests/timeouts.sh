#!/bin/bash
# The timeouts and the options of the protocols as sysctls: under their usual names, with their usual
# values, in each namespace its own, for who is root there; what is no such value is refused.

. "$(dirname "$0")/lib.sh"

dir=/proc/sys/net/netfilter
value() { in_ns "$1" cat "$dir/nf_conntrack_$2"; }
# put NS NAME VALUE: by a write, so that what sysctl(8) makes of it is no matter
put() { in_ns "$1" sh -c "echo '$3' >$dir/nf_conntrack_$2" 2>/dev/null; }

# NAME DEFAULT LOWEST HIGHEST; the highest of a timeout is what jiffies can count
settings() {
	cat <<-'END'
		tcp_timeout_syn_sent 120 0 -
		tcp_timeout_syn_recv 60 0 -
		tcp_timeout_established 432000 0 -
		tcp_timeout_fin_wait 120 0 -
		tcp_timeout_close_wait 60 0 -
		tcp_timeout_last_ack 30 0 -
		tcp_timeout_time_wait 120 0 -
		tcp_timeout_close 10 0 -
		tcp_timeout_max_retrans 300 0 -
		tcp_timeout_unacknowledged 300 0 -
		udp_timeout 30 0 -
		udp_timeout_stream 120 0 -
		udp_timeout_dns 10 0 -
		icmp_timeout 30 0 -
		icmpv6_timeout 30 0 -
		sctp_timeout_closed 10 0 -
		sctp_timeout_cookie_wait 3 0 -
		sctp_timeout_cookie_echoed 3 0 -
		sctp_timeout_established 210 0 -
		sctp_timeout_shutdown_sent 3 0 -
		sctp_timeout_shutdown_recd 3 0 -
		sctp_timeout_shutdown_ack_sent 3 0 -
		sctp_timeout_heartbeat_sent 30 0 -
		dccp_timeout_request 240 0 -
		dccp_timeout_respond 480 0 -
		dccp_timeout_partopen 480 0 -
		dccp_timeout_open 43200 0 -
		dccp_timeout_closereq 64 0 -
		dccp_timeout_closing 64 0 -
		dccp_timeout_timewait 240 0 -
		gre_timeout 30 0 -
		gre_timeout_stream 180 0 -
		generic_timeout 600 0 -
		acct 1 0 1
		checksum 1 0 1
		timestamp 0 0 1
		events 1 0 2
		log_invalid 0 0 255
		tcp_loose 1 0 1
		tcp_be_liberal 0 0 1
		tcp_max_retrans 3 0 255
		tcp_ignore_invalid_rst 0 0 1
	END
}

netns here other
while read -r name default lowest highest; do
	check_equal "$name: $default" "$default" "$(value "$here" "$name")"
	beyond=$((${highest/-/2147483646} + 1))
	if [ "$highest" = - ]; then highest=$((default + 1)); fi
	wrong=
	for bad in -1 $beyond 4294967296 x; do
		! put "$here" "$name" "$bad" || wrong+=" $bad"
	done
	check_equal "$name: $lowest to $highest and no further" "" "$wrong"
	check_equal "$name: which left it as it was" "$default" "$(value "$here" "$name")"
	put "$here" "$name" "$lowest"
	said=$(value "$here" "$name")
	put "$here" "$name" "$highest"
	check_equal "$name: it is set" "$lowest $highest" "$said $(value "$here" "$name")"
	check_equal "$name: the other namespace has its own" "$default" "$(value "$other" "$name")"
done < <(settings)

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
