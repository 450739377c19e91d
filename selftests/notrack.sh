#!/bin/bash
# notrack: no entry, no translation, and `ct state untracked`; for what is forwarded and for what
# the router sends itself. Everything else is tracked as ever.

. "$(dirname "$0")/lib.sh"

each_family() { # FAMILY CLIENT OUTSIDE SERVER
	sock echo udp "$server" "$4" 53
	sock echo udp "$server" "$4" 54
	states "$router" >/dev/null
	sock udp c "$client" "$2" 4000
	check_output "IPv$1: it gets through" "^query $4 53$" sock ask c query "$4" 53
	check_equal "IPv$1: untracked, both ways" "untracked 2" "$(states "$router")"
	check_no_output "IPv$1: no entry" . tracked "$router" family "ipv$1"
	sock udp c "$router" "$3" 4000
	check_output "IPv$1: so does what the router sends" "^query $4 53$" sock ask c query "$4" 53
	check_no_output "IPv$1: no entry" . tracked "$router" family "ipv$1"
	states "$router" >/dev/null
	sock udp c "$client" "$2" 4000
	check_output "IPv$1: another port" "^query $4 54$" sock ask c query "$4" 54
	check_equal "IPv$1: is tracked" "new 1 established 1" "$(states "$router")"
	check_output "IPv$1: and translated" "src=$4 dst=$3 " tracked "$router" family "ipv$1" nat snat
}

topology_router
rules "$router" <<-'END'
	table inet raw {
		chain pre { type filter hook prerouting priority raw; udp dport 53 notrack; udp sport 53 notrack; }
		chain out { type filter hook output priority raw; udp dport 53 notrack; }
	}
	table inet nat { chain post { type nat hook postrouting priority srcnat; oifname r1 udp dport 54 masquerade; }; }
END
count_states "$router"
each_family 4 10.0.1.2 10.0.2.1 10.0.2.2
each_family 6 fd00:1::2 fd00:2::1 fd00:2::2
check_equal "nothing was refused" "" "$(reasons "$router")"

rules "$router" <<<'flush table inet raw'
states "$router" >/dev/null
sock udp c "$client" 10.0.1.2 4000
sock ask c query 10.0.2.2 53 >/dev/null
check_equal "without the rule it is tracked" "new 1 established 1" "$(states "$router")"
