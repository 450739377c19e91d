#!/bin/bash
# nft's traces name the connection that a packet belongs to (nf_ct_hook's get_id), by the id that listings have.

. "$(dirname "$0")/lib.sh"

# traced ID DIRECTION: does an event name it?
traced() { grep -qE "^$1 $2 [0-9-]+ [0-9]+$" "$work/spawned.1"; }

topology_router
rules "$router" <<-'END'
	table inet watch {
		chain forward {
			type filter hook forward priority filter
			ct state invalid drop
			ip protocol icmp meta nftrace set 1
			counter
		}
	}
END
spawn in_ns "$router" python3 -ESsB "$(dirname "$0")/tools/nft_trace.py"
check "a listener is there" wait_for 30 grep -q ready "$work/spawned.1"
check "a ping" in_ns "$client" ping -c 1 -W 30 10.0.2.2
check "is traced" wait_for 30 grep -qE '^(-|[0-9]+) ' "$work/spawned.1"
if [ "$(printf '%s\n' 6.16 "$(uname -r)" | sort -V | head -n 1)" != 6.16 ]; then
	skip "before Linux 6.16 traces do not name connections"
	exit
fi
id=$(in_ns "$router" ctctl list proto icmp -o json | jq -r .id)
check "an event names the entry's id" wait_for 30 traced "$id" 0
check "and so does one about the answer" wait_for 30 traced "$id" 1
check_equal "none names another one" "" "$(grep -vE "^(ready|- .*|$id .*)$" "$work/spawned.1")"
check_equal "no status has bits that enum ip_conntrack_status has not" "" "$(awk '$3 >= 65536' "$work/spawned.1")"
