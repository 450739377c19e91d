#!/bin/bash
# A connection of which no packet left the last hook yet is `new`, whoever sends: a rule that
# accepts `established,related` lets nothing through before another rule let the first packet
# through. The first packets are held in a queue while others come by.

. "$(dirname "$0")/lib.sh"

held_then() { # FAMILY CLIENT SERVER
	sock udp c "$client" "$2" 4000
	sock udp s "$server" "$3" 53
	sock connect c "$3" 53
	states "$router" >/dev/null
	sock send c first
	check "IPv$1: 1 held" sock held 1
	check_equal "IPv$1: the first packet is new, and held" "new 1" "$(states "$router")"
	sock send c second
	check "IPv$1: 2 held" sock held 2
	check_equal "IPv$1: so is the second one" "new 1" "$(states "$router")"
	check_equal "IPv$1: they share an entry" 1 "$(entry_count "$router")"
	check_no_output "IPv$1: which is not listed yet" . tracked "$router"

	sock send s early "$2" 4000
	check "IPv$1: 3 held" sock held 3
	check_equal "IPv$1: a packet the other way is new, too" "new 1" "$(states "$router")"
	sock unreachable "$server" "$3" "$2" "$2" 4000 "$3" 53
	check_not "IPv$1: an error about it is not related" grep -E 'related|established' <<<"$(states "$router")"

	sock release
	check_output "IPv$1: let go, the first arrives" "^first $2 4000$" sock receive s
	check_output "IPv$1: there is an entry" "src=$2 dst=$3 sport=4000 dport=53" tracked "$router"
	sock release
	check_output "IPv$1: so does the second" "^second $2 4000$" sock receive s
	sock release
	check_output "IPv$1: and that from the other side" "^early $3 53$" sock receive c
	check_equal "IPv$1: still one entry" 1 "$(entry_count "$router")"
	states "$router" >/dev/null
	sock send s answer "$2" 4000
	sock receive c >/dev/null
	check_equal "IPv$1: what comes now is established" "established 1" "$(states "$router")"
	sock send c third
	sock receive s >/dev/null
	check_equal "IPv$1: both ways" "established 1" "$(states "$router")"

	sock udp c "$client" "$2" 4001
	sock connect c "$3" 53
	sock send c first
	sock send c second
	check "IPv$1: 2 held" sock held 2
	check_equal "IPv$1: two of another flow are held" 2 "$(entry_count "$router")"
	sock discard
	check_equal "IPv$1: one is dropped: its entry stays for the other" 2 "$(entry_count "$router")"
	sock discard
	check "IPv$1: the last one is dropped: it goes" wait_for 30 has_entries "$router" 1
	in_ns "$router" ctctl flush all >/dev/null
}

refused_then() { # FAMILY CLIENT SERVER
	sock udp c "$client" "$2" 4002
	sock udp s "$server" "$3" 54
	states "$router" >/dev/null
	sock send c first "$3" 54
	sock send s early "$2" 4002
	sock send c second "$3" 54
	check_equal "IPv$1: each is new when those before were dropped" "new 3" "$(states "$router")"
	check_equal "IPv$1: and none leaves an entry" 0 "$(entry_count "$router")"
}

topology_router
# what is counted stands to the end, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout{,_dns}=600
# as in the kernel's own examples: established first, then what may be new
rules "$router" <<-'END'
	table inet filter {
		chain forward {
			type filter hook forward priority 10; policy drop
			ct state established,related accept
			udp dport 53 queue num 7
			udp sport 53 queue num 7
		}
	}
END
count_states "$router"
sock queue "$router" 7
held_then 4 10.0.1.2 10.0.2.2
held_then 6 fd00:1::2 fd00:2::2
refused_then 4 10.0.1.2 10.0.2.2
refused_then 6 fd00:1::2 fd00:2::2
