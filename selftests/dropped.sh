#!/bin/bash
# What rules drop or reject leaves no entry, wherever they do it: a port scan fills no table.

. "$(dirname "$0")/lib.sh"

send_all() { # NS V4-SOURCE V6-SOURCE V4 V6
	sock udp c "$1" "$2" 0
	sock send c hello "$4" 9 || true
	sock udp c "$1" "$3" 0
	sock send c hello "$5" 9 || true
	sock segment "$1" "$2" 4000 "$4" 9 S || true
	sock segment "$1" "$3" 4000 "$5" 9 S || true
	sock ping "$1" "$2" "$4" request 7 || true
	sock ping "$1" "$3" "$5" request 7 || true
}

dropped() { # DESCRIPTION HOOK PRIORITY VERDICT NS V4-SOURCE V6-SOURCE V4 V6
	local description=$1
	rules "$router" <<-END
		table inet refuse {
			counter seen {}
			chain refuse {
				type filter hook $2 priority $3
				icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
				ct direction original meta l4proto { udp, tcp, icmp, icmpv6 } counter name seen $4
			}
		}
	END
	shift 4
	send_all "$@" >/dev/null
	check_equal "$description: they are" "seen 6" "$(counted "$router" refuse seen)"
	check "$description: no entry" wait_for 30 has_entries "$router" 0
	rules "$router" <<<"delete table inet refuse"
}

topology_router
rules "$router" <<<"table inet nat { chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }; }"
from_client=("$client" 10.0.1.2 fd00:1::2)
from_router=("$router" 10.0.2.1 fd00:2::1)
dropped "dropped in prerouting" prerouting -150 drop "${from_client[@]}" 10.0.2.2 fd00:2::2
dropped "dropped in forward" forward 0 drop "${from_client[@]}" 10.0.2.2 fd00:2::2
dropped "dropped in postrouting" postrouting 0 drop "${from_client[@]}" 10.0.2.2 fd00:2::2
dropped "dropped behind the translation" postrouting 200 drop "${from_client[@]}" 10.0.2.2 fd00:2::2
dropped "dropped in input" input 0 drop "${from_client[@]}" 10.0.1.1 fd00:1::1
dropped "dropped in output" output 0 drop "${from_router[@]}" 10.0.2.2 fd00:2::2
dropped "rejected in forward" forward 0 reject "${from_client[@]}" 10.0.2.2 fd00:2::2
dropped "rejected in input" input 0 reject "${from_client[@]}" 10.0.1.1 fd00:1::1
check_equal "nothing else was refused" "" "$(reasons "$router")"
# the one that is reset by the server would be over in ten seconds
set_sysctl "$router" net.netfilter.nf_conntrack_tcp_timeout_close=600
send_all "${from_client[@]}" 10.0.2.2 fd00:2::2
check "without the rules each has an entry" wait_for 30 has_entries "$router" 6
