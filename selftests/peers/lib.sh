# shellcheck shell=bash
# What the tests here are made of. Each runs a test or a program of others as it is, on nf_conntrack and then on ctrack:
# what it does on the one it has to do on the other. Most have the name of a selftest that the kernel itself ships.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../trackers.sh"

limit=$(sed -n 's/^# limit: *//p' "$0")

# Half of the time for each, but for what loading and unloading takes.
script_limit=$(((limit - 60) / 2 * ${SELFTEST_DEBUG:+5*}1))

# run_on TRACKER COMMAND...: leaves the command's $output and $status. Processes, namespaces
# and mounts that it does not clear away end with it.
run_on() {
	SECONDS=0
	run unshare --pid --fork --kill-child --mount --mount-proc \
		timeout -k 5 "$script_limit" "${@:2}"
	echo "# on $1: exit status $status after $SECONDS s"
	printf '%s\n' "$output" >"$work/$1"
}

# What it says, or fails in, only on one of them, and why, is in the script.
differs=$(sed -n 's/^# differs: *//p' "$0" | paste -sd '|')

# Some fail without a status. Of a failure that is expected nothing but the status may tell; 2 is kselftest's word for
# one that the script itself expects.
passes() {
	local failed='^(FAIL|ERROR)'
	[ "$status" != 2 ] || failed='^(FAIL|ERROR|XFAIL)'
	! grep -E "$failed" <<<"$output" | grep -qvE -e "${differs:-^$}" || return
	[ "$status" = 0 ] || { [ "$status" -le 2 ] && matches "$failed"; }
}

# Exit status 4 is kselftest's word for "skipped".
outcome() {
	case $status in
	4) echo skips ;;
	124 | 137) echo "did not end in $script_limit s" ;;
	*) if passes; then echo passes; else echo fails; fi ;;
	esac
}

# words TRACKER: what it said, but for names and numbers that are never the same
words() {
	grep -vE -e "${differs:-^$}" "$work/$1" |
		sed -E 's/-[[:alnum:]]{6,8}\b/-X/g; s/tmp\.\w+/tmp.X/g; s/[0-9.]+/N/g' | sort
}

both() {
	local tracker
	for tracker in nf_conntrack ctrack; do
		echo "on $tracker:"
		sed 's/^/  /' "$work/$tracker"
	done
}

# directory_of SCRIPT: where it lies in old or in new kernels
directory_of() {
	local directory
	for directory in /peers/netfilter /peers/net/netfilter /peers/net; do
		[ ! -e "$directory/$1" ] || { echo "$directory"; return; }
	done
	return 1
}

# For tests that run programs on connections of their own, with on_both

# listing: what conntrack(8) lists
# shellcheck disable=SC2154
listing() { in_ns "$router" conntrack -L -f ipv4 -o extended && in_ns "$router" conntrack -L -f ipv6 -o extended; }

# Before that nothing that lets packets through may end: a FIN that gets no further keeps its namespace.
all_closed() { ! listing 2>/dev/null | grep ' tcp ' | grep -v TIME_WAIT; }

# hide_taint: for scripts that do nothing in a kernel that is tainted, as ctrack taints it. That they did not taint it
# themselves, which they look at in the end, the kernel's log tells as well, and selftests/run reads that.
started_by=()
hide_taint() {
	echo 0 >"$work/tainted"
	# shellcheck disable=SC2016
	started_by=(sh -c 'mount --bind "$0" /proc/sys/kernel/tainted && exec "$@"' "$work/tainted")
}

# The kernel's script of this test's name, or another
same_as_nf_conntrack() { # [SCRIPT [ARGUMENT...]]
	local script=${1:-$test_name.sh} directory
	if directory=$(directory_of "$script"); then
		same_with_command "${started_by[@]}" env -C "$directory" "./$script" "${@:2}"
	else
		skip "this kernel's selftests have no $script"
	fi
}

same_with_command() { # COMMAND...
	local expected difference
	# On one processor nft_queue.sh's background jobs find a file removed that they were to read.
	sysctl -qw kernel.sched_child_runs_first=1 2>/dev/null || true
	# TAINT_OOT_MODULE, as ctrack's modules do: some scripts act upon it.
	echo "$((1 << 12))" >/proc/sys/kernel/tainted
	load_tracker nf_conntrack
	run_on nf_conntrack "$@"
	expected=$(outcome)
	unload_tracker nf_conntrack
	load_tracker ctrack
	run_on ctrack "$@"
	unload_tracker ctrack || true # selftests/run looks again
	difference=$(diff <(words nf_conntrack) <(words ctrack) || true)
	case $expected,$(outcome) in
	passes,passes)
		case $difference in
		"") ok "passes" ;;
		*) not_ok "passes, but does not say what it says on nf_conntrack" "$difference" ;;
		esac ;;
	passes,*) not_ok "$(outcome), but passes on nf_conntrack" "$(both)" ;;
	*,passes) ok "passes; on nf_conntrack it $expected" ;;
	skips,skips) skip "$(grep -m 1 SKIP "$work/ctrack" || echo "it skips")" ;;
	*)
		if [ "$(outcome)" != "$expected" ] || [[ $'\n'$difference =~ $'\n> '(FAIL|ERROR) ]]; then
			not_ok "$(outcome), also where nf_conntrack does not" "$(both)"
			return
		fi
		both | sed 's/^/#   /'
		skip "on nf_conntrack it $expected as well" "$(outcome)" ;;
	esac
}
