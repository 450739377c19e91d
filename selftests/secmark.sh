#!/bin/bash
# A connection keeps the security mark of a packet for those that follow, and rules ask for it. Where there is a
# security module that has a name for the mark, listings have it.

. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2154
ask() { sock ask c hello 10.0.2.2 53 >/dev/null; }

topology_router
# nft takes no number right behind `secmark`
rules "$router" <<-'END'
	table inet t {
		counter five {}
		counter six {}
		counter back {}
		chain marks {}
		chain forward {
			type filter hook forward priority filter
			ct direction original jump marks
			ct direction original meta secmark and 0xffff != 0 ct secmark set meta secmark
			ct secmark and 0xffff == 5 counter name five
			ct secmark and 0xffff == 6 counter name six
			ct direction reply meta secmark set ct secmark
			ct direction reply meta secmark and 0xffff == 5 counter name back
		}
	}
END
# one connection to the end, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout{,_dns}=600
sock echo udp "$server" 10.0.2.2 53
sock udp c "$client" 10.0.1.2 4000
ask
check_equal "no mark, nothing matches" "" "$(counted "$router" t five six back)"
check "packets get the mark 5" in_ns "$router" python3 -ESsB "$(dirname "$0")/tools/secmark.py" t marks 5
ask
check_equal "so has the connection, and gives it to the answer" "five 2 back 1" "$(counted "$router" t five six back)"
rules "$router" <<<"flush chain inet t marks"
ask
check_equal "it keeps it" "five 2 back 1" "$(counted "$router" t five six back)"
check "packets get the mark 6" in_ns "$router" python3 -ESsB "$(dirname "$0")/tools/secmark.py" t marks 6
ask
check_equal "so has the connection then" "six 2" "$(counted "$router" t five six back)"

# what the security module, if there is one, says that we are
context=$(cat /proc/self/attr/current 2>/dev/null | tr -d '\0\n')
if [ -n "$context" ]; then
	rules "$router" <<-END
		flush chain inet t marks
		add secmark inet t named { "${context%% *}"; }
		add rule inet t marks meta secmark set "named"
	END
	sock udp c "$client" 10.0.1.2 4001
	ask
	named=" sport=4001 .* mark=0 secctx=${context%% *} (zone=0 )?use="
	check_output "conntrack -L has the name of the mark" "$named" in_ns "$router" conntrack -L
	check_output "so has ctctl dump" "$named" tracked "$router"
	check_output "and /proc/net/nf_conntrack" "$named" in_ns "$router" cat /proc/net/nf_conntrack
	rules "$router" <<<"flush chain inet t marks"
	sock udp c "$client" 10.0.1.2 4002
	ask
	check_output "no mark, no name" " sport=4002 .* mark=0 zone=0 use=" \
		in_ns "$router" cat /proc/net/nf_conntrack
else
	skip "this kernel has no security module" "the name of the mark in listings"
fi
