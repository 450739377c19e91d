#!/bin/bash
# TCP to the letter: each file in tcp/ is a sequence of segments that ends which don't answer by
# themselves send through the router, and says of each what rules see, what becomes of the entry,
# and how it leaves the router. tools/segments.py plays them: as they are; translated on both
# sides, where no segment may get through untranslated, nor to the router's own sockets; and over
# IPv6 with sequence numbers that pass zero.
#
# TCP_EXACT chooses cases by their names.

. "$(dirname "$0")/lib.sh"

here=$(dirname "$0")

# play VARIANT: all cases
play() {
	local names=() name
	for name in ${TCP_EXACT:-$(cd "$here/tcp" && echo *.tcp)}; do names+=("$here/tcp/${name%.tcp}.tcp"); done
	decided_by "$1" python3 -ESsB "$here/tools/segments.py" "$client" "$router" "$server" "$1" "${names[@]}"
}

topology_router
for ns in "$client" "$server"; do
	rules "$ns" <<<'table inet mute { chain in { type filter hook input priority 0; meta l4proto { tcp, udp } drop; }; }'
done
# The state goes with the packet, so that one look tells all. The datagrams that show that
# nothing comes any more are not connections.
rules "$router" <<-'END'
	table inet show {
		chain raw {
			type filter hook prerouting priority raw
			udp dport 9 notrack
		}
		chain pre {
			type filter hook prerouting priority mangle
			meta l4proto != tcp return
			meta nfproto ipv4 ct state new ip dscp set 1
			meta nfproto ipv4 ct state established ip dscp set 2
			meta nfproto ipv4 ct state related ip dscp set 3
			meta nfproto ipv4 ct state invalid ip dscp set 4
			meta nfproto ipv6 ct state new ip6 dscp set 1
			meta nfproto ipv6 ct state established ip6 dscp set 2
			meta nfproto ipv6 ct state related ip6 dscp set 3
			meta nfproto ipv6 ct state invalid ip6 dscp set 4
		}
	}
	table ip nat {
		chain pre {
			type nat hook prerouting priority dstnat
			ip daddr 10.0.1.1 tcp dport 80 dnat to 10.0.2.2:8080
		}
		chain post {
			type nat hook postrouting priority srcnat
			oifname r1 tcp dport 8080 snat to 10.0.2.1:20000-29999
		}
	}
END
# neighbours are resolved before a segment could wait for them
for address in 10.0.2.2 fd00:2::2; do in_ns "$client" ping -nq -c 1 -W 30 "$address" >/dev/null; done
play plain
play nat
play wrapped
