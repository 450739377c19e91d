#!/bin/bash
# modules: none
# The lines of /proc/net/nf_conntrack, word by word, the heading of /proc/net/stat/nf_conntrack, and
# the names and permissions of the settings: on ctrack as on nf_conntrack.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"

# shellcheck disable=SC2154
make() {
	local words
	while read -r words; do
		# shellcheck disable=SC2086
		check_output "$tracker: conntrack -I $words" '1 flow entries have been created' \
			in_ns "$host" conntrack -I $words -t 3000
	done <<-'END'
		-p tcp -s 10.7.0.1 -d 10.7.0.2 --sport 1 --dport 80 --state SYN_SENT
		-p tcp -s 10.7.0.1 -d 10.7.0.2 --sport 2 --dport 80 --state ESTABLISHED -u ASSURED -m 4294967295
		-p tcp -s fd07::1 -d fd07::2 --sport 3 --dport 80 --state TIME_WAIT -u SEEN_REPLY,ASSURED -w 7
		-p tcp -s 10.7.0.1 -d 10.7.0.2 --sport 4 --dport 80 --state CLOSE -u SEEN_REPLY
		-p udp -s 10.7.0.1 -d 10.7.0.2 --sport 5 --dport 53 --src-nat 10.7.0.9:99
		-p udp -s fd07::1 -d fd07::2 --sport 6 --dport 53 --orig-zone 5
		-p udp -s 10.7.0.1 -d 10.7.0.2 --sport 7 --dport 53 --reply-zone 65535
		-p udplite -s 10.7.0.1 -d 10.7.0.2 --sport 8 --dport 53
		-p icmp -s 10.7.0.1 -d 10.7.0.2 --icmp-type 8 --icmp-code 0 --icmp-id 77
		-p icmpv6 -s fd07::1 -d fd07::2 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 65535
		-p sctp -s 10.7.0.1 -d 10.7.0.2 --sport 9 --dport 8 --state ESTABLISHED --orig-vtag 1 --reply-vtag 2
		-p sctp -s fd07::1 -d fd07::2 --sport 9 --dport 8 --state COOKIE_ECHOED --orig-vtag 1 --reply-vtag 2
		-p dccp -s 10.7.0.1 -d 10.7.0.2 --sport 10 --dport 80 --state OPEN --role client
		-p gre -s 10.7.0.1 -d 10.7.0.2 --srckey 1 --dstkey 65535
		-p 99 -s 10.7.0.1 -d 10.7.0.2
	END
}

# lines: without what is another one each time, and GRE's timeouts, which in-tree an entry has not
# that came by request
lines() {
	in_ns "$host" cat /proc/net/nf_conntrack | sed -E 's/^(([^ ]+ +){4})[0-9]+ /\1SECONDS /
		s/delta-time=[0-9]+/delta-time=AGE/; s/timeout=[0-9]+/timeout=SECONDS/g' | sort
}

# settings DIRECTORY...: here
settings() { for directory; do stat -c '%a %n' "$directory"/nf_*; done; }

look() {
	netns host
	set_sysctl "$host" net.netfilter.nf_conntrack_{acct,timestamp}=1
	make
	lines >"$work/$tracker.lines"
	in_ns "$host" head -n 1 /proc/net/stat/nf_conntrack >"$work/$tracker.heading"
	settings /proc/sys/net /proc/sys/net/netfilter >"$work/$tracker.initial"
	# here a namespace may lower its limit
	in_ns "$host" bash -c "$(declare -f settings); settings /proc/sys/net/netfilter" |
		sed 's#^444 \(.*/nf_conntrack_max\)$#644 \1#' >"$work/$tracker.other"
}

on_both look
# newer kernels have forgotten these protocols
for protocol in 33 136; do
	if grep -qE "unknown +$protocol " "$work/nf_conntrack.lines"; then
		sed -i -E "/^([^ ]+ +){3}$protocol /d" "$work/nf_conntrack.lines" "$work/ctrack.lines"
	fi
done
check "there are lines" [ "$(wc -l <"$work/nf_conntrack.lines")" -ge 13 ]
check_equal "they are the same" "$(cat "$work/nf_conntrack.lines")" "$(cat "$work/ctrack.lines")"
check_equal "so is the heading of the statistics" "$(cat "$work/nf_conntrack.heading")" \
	"$(cat "$work/ctrack.heading")"
# Flow tables are not there; what nf_conntrack_dccp_loose says means nothing.
for where in initial other; do
	check "$where namespace: there are settings" \
		[ "$(wc -l <"$work/nf_conntrack.$where")" -ge 37 ]
	check_equal "$where namespace: here as well, with the same permissions" "" \
		"$(grep -vxFf "$work/ctrack.$where" "$work/nf_conntrack.$where" |
			grep -vE '/nf_(flowtable_|conntrack_dccp_loose)')"
done
