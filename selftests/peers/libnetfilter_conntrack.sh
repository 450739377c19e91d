#!/bin/bash
# modules: none
# limit: 200
# The programs that libnetfilter_conntrack is tried out with (utils/) and explained by (examples/), each on what the ones
# before it have left. They say, hear and leave what they do on nf_conntrack.

. "$(dirname "$0")/lib.sh"

programs=/peers/libnetfilter_conntrack
# There is no helper here; expectations are refused alike where there are none.
echo 'install nf_conntrack_ftp /bin/false' >/etc/modprobe.d/no-helper.conf

cat >$programs/all <<-'END'
	cd "${0%/*}"
	sysctl -qw net.netfilter.nf_conntrack_acct=1
	# Without a rule about labels nf_conntrack has none.
	nft -f - <<<"table inet labels { chain labels { type filter hook forward priority 0; ct label 5 accept; }; }"
	told=$(mktemp -d)
	listeners="conntrack_events conntrack_filter nfct-mnl-event ctexp_events expect_events nfexp-mnl-event"
	for listener in $listeners; do
		stdbuf -oL ./$listener >$told/$listener 2>&1 &
	done
	until [ "$(awk '$2 == 12 && $4 !~ /^0+$/' /proc/net/netlink | wc -l)" -ge 6 ]; do sleep 0.05; done
	while read -r program argument; do
		echo "Executing: $program $argument"
		./$program $argument
		echo "exit status $?"
		/usr/sbin/conntrack -L -o extended,labels 2>/dev/null | sed 's/^/leaves /'
	done <<-PROGRAMS
		conntrack_create
		conntrack_create
		conntrack_get
		conntrack_update
		conntrack_dump
		conntrack_dump_filter
		conntrack_dump_filter_tuple
		conntrack_delete
		conntrack_delete
		conntrack_get
		conntrack_create_nat
		conntrack_dump
		conntrack_flush_filter
		conntrack_flush
		conntrack_master
		conntrack_flush
		conntrack_grp_create
		expect_create
		expect_create_nat
		expect_create_userspace
		expect_get
		expect_dump
		expect_delete
		expect_flush
		conntrack_flush
		nfct-mnl-create
		nfct-mnl-create
		nfct-mnl-get
		nfct-mnl-dump
		nfct-mnl-set-label 5
		nfct-mnl-dump-labels
		nfct-mnl-set-label 127
		nfct-mnl-set-label -1
		nfct-mnl-del
		nfct-mnl-del
		nfct-mnl-get
		conntrack_create
		nfexp-mnl-dump
		nfct-mnl-flush
	PROGRAMS
	kill $(jobs -p) 2>/dev/null
	nft delete table inet labels
	for listener in $listeners; do
		echo "Executing: $listener"
		cat $told/$listener
	done
END

# words TRACKER: each line with the program that says it, without what is never the same, such as in which order a flush
# comes to connections
words() {
	sed -E 's/ [0-9]+ ([A-Z]\w+ )?src=/ N \1src=/; s/ (use|id)=[0-9]+//g; s/<(id|timeout|use)>[^<]*/<\1>/g; s/<when>.*<\/when>//' "$work/$1" |
		awk '/^Executing: / { command = sprintf("%03d %s", ++number, $0) } { print command ": " $0 }' | sort
}

same_with_command bash $programs/all
check_equal "each of them was run" 45 "$(grep -c '^Executing: ' "$work/ctrack")"
check "and some were told" grep -q '\[DESTROY\]' "$work/ctrack"
