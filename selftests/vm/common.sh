# shellcheck shell=bash
# What the scripts of selftests/vm share. Sourced, never run.

set -eu
export LC_ALL=C
# Not the programs that a user has put before the system's.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
vm_dir=$top/selftests/vm
cache=${CTRACK_CACHE:-/var/cache/ctrack}

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

# kernel_dir SERIES: where setup leaves vmlinuz, release, headers and lib/modules
kernel_dir() { echo "$cache/kernels/$1"; }

is_series() { case $1 in 6.1 | 6.12 | 7.3 | debug | uml | uml-debug) ;; *) return 1 ;; esac; }

# about_kprobes TEST...: those of them that are
about_kprobes() {
	local test
	for test; do ! grep -qs '^\. .*trace_lib\.sh' "$top/selftests/$test.sh" || echo "$test"; done
}

# One set-up at a time: who comes second finds it done.
set_up_alone() {
	[ -z "${CTRACK_LOCKED:-}" ] || return 0
	mkdir -p "$cache"
	exec 8>"$cache/.lock"
	flock 8
	export CTRACK_LOCKED=yes
}

# quietly LABEL COMMAND...: one line instead of a page, unless it fails. Not to
# be called in a condition, where a function would not stop at its first error.
quietly() {
	local label=$1 log status
	shift
	log=$(mktemp)
	say "setup: $label"
	set +e
	(set -e; "$@") </dev/null >"$log" 2>&1
	status=$?
	set -e
	[ $status = 0 ] || tail -n 40 "$log" >&2
	rm -f "$log"
	[ $status = 0 ] || die "$label: failed"
}
