#!/bin/bash
# modules: none
# limit: 860
# The test suite that conntrack-tools ships: some hundred commands of conntrack(8), one after the other. What each says,
# its exit status, and the table that it leaves are those that it has on nf_conntrack.

. "$(dirname "$0")/lib.sh"

# The programs of the suite run ../../src/conntrack: this one. What a command leaves that writes into another one is told
# by the other one.
mkdir -p /peers/conntrack-tools/src
rm -f /peers/conntrack-tools/src/conntrack
cat >/peers/conntrack-tools/src/conntrack <<-'END'
	#!/bin/bash
	/usr/sbin/conntrack "$@"
	status=$?
	[ ! -p /dev/stdout ] || exit $status
	echo "exit status $status"
	for family in ipv4 ipv6; do /usr/sbin/conntrack -L -f $family -o extended 2>/dev/null | sed 's/^/leaves /'; done
	exit $status
END
chmod +x /peers/conntrack-tools/src/conntrack

# cli-test.sh has a verb for each command, to be called by hand: in an order in which there is something to do for each.
cat >/peers/conntrack-tools/all <<-'END'
	cd "${0%/*}/tests/conntrack"
	sysctl -qw net.netfilter.nf_conntrack_acct=1
	./test
	for verb in new new get change get delete new-simple dump new-nat flush new-nat dump output change delete delete \
		get new dump-expect create-expect get-expect delete-expect flush-expect dump-expect flush; do
		echo "Executing: cli-test.sh $verb"
		PATH=../../src:$PATH bash cli-test.sh $verb
	done
	echo "Executing: bulk-load-stress.sh"
	./bulk-load-stress.sh -spc 1000 -ci
END

# words TRACKER: each line with the command that says it. What is left of a timeout, ids and how many use an entry are
# never the same, nor is the order of a list.
words() {
	sed -E 's/ [0-9]+ ([A-Z]\w+ )?src=/ N \1src=/; s/ (use|id)=[0-9]+//g; s/^(real|user|sys) [0-9.]+$/\1/' "$work/$1" |
		awk '/Executing: / { command = sprintf("%03d %s", ++number, $0) } { print command ": " $0 }' | sort
}

commands() { grep -c 'Executing: ' "$work/ctrack"; }

same_with_command bash /peers/conntrack-tools/all
check "there are some hundred commands" [ "$(commands)" -gt 250 ]
