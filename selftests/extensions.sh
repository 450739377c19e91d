#!/bin/bash
# IPv6 extension headers. A datagram behind some of them is translated like any other, also one that
# a routing header sends on from where it goes now: its checksum is made for where it goes in the end,
# which is not where the router sees it go. tools/extensions.py sends and looks.

. "$(dirname "$0")/lib.sh"

topology_router
rules "$server" <<-'END'
	table inet mute {
		chain in { type filter hook prerouting priority -500; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; drop; }
	}
END
rules "$router" <<-'END'
	table inet nat {
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
tool_cases "$router" extensions "$client" "$router" "$server"
check_equal "nothing else was refused" "ip_extension 1 checksum 1" "$(reasons "$router")"
