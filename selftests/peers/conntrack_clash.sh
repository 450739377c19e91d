#!/bin/bash
# modules: none
# limit: 660
# A hundred packets of a flow at once, from as many threads, with and without a translation: each is answered, and by
# the same server. Here they share an entry from the first one on (differences.rst), so that nothing has to be resolved:
# what the script, after ten times, calls an expected failure. In-tree some are lost, or resolved, and it says so.
# differs: ^(PASS|XFAIL|INFO): .*clash resolution|^INFO: did not receive|^cpu=|^got|^timed out

. "$(dirname "$0")/lib.sh"

# stand_in PROGRAM <<EOF: a script that is found instead of it
mkdir "$work/bin"
stand_in() {
	cat >"$work/bin/$1"
	chmod +x "$work/bin/$1"
}

# An old nft knows the priority dstnat in prerouting alone.
stand_in nft <<-'END'
	#!/bin/sh
	[ "$1" = -f ] || exec /usr/sbin/nft "$@"
	sed 's/hook output priority dstnat/hook output priority -100/' | /usr/sbin/nft "$@"
END
# Its threads spin until there are all of them: half a minute, unless the one that starts them goes first.
directory=$(directory_of udpclash || true)
if [ -n "$directory" ]; then
	[ -e "$directory/udpclash.real" ] || mv "$directory/udpclash" "$directory/udpclash.real"
	stand_in udpclash <<-END
		#!/bin/sh
		exec chrt --reset-on-fork --fifo 1 $directory/udpclash.real "\$@"
	END
	ln -sf "$work/bin/udpclash" "$directory/udpclash"
fi
started_by=(env PATH="$work/bin:$PATH")
same_as_nf_conntrack
if [ -n "$directory" ]; then
	check_no_output "each packet is answered by whom it went to" '^(INFO|timed out|reply from wrong)' cat "$work/ctrack"
	check_output "there are answers" '^got 128 of 128 replies' cat "$work/ctrack"
fi
