#!/bin/bash
# conntrack(8), as distributions ship it, on connections of its own making: it creates them
# with all that it has words for, lists them in every format, finds, filters, changes, zeroes and
# deletes them, and says so when there is none.

. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2154
tool() { in_ns "$host" conntrack "$@"; }
listed() { tool -L "$@" 2>/dev/null; }

creates() {
	local created='1 flow entries have been created'
	check_output "-I: TCP, replied and assured" "$created" tool -I -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 10 --dport 20 \
		--state ESTABLISHED -t 3000 -u SEEN_REPLY,ASSURED --mark 5
	check_output "-I: UDP, source translated" "$created" tool -I -p udp -s 1.1.1.1 -d 2.2.2.2 --sport 10 --dport 20 \
		-t 3000 --src-nat 8.8.8.8:99
	check_output "-I: UDP, destination translated" "$created" tool -I -p udp -s 1.1.1.1 -d 2.2.2.2 --sport 11 --dport 20 \
		-t 3000 --dst-nat 9.9.9.9:88
	check_output "-I: ICMP" "$created" tool -I -p icmp -s 1.1.1.1 -d 2.2.2.2 --icmp-type 8 --icmp-code 0 --icmp-id 77 -t 3000
	check_output "-I: IPv6, in a zone" "$created" tool -I -p tcp -s fd00::1 -d fd00::2 --sport 10 --dport 20 \
		--state SYN_SENT -t 3000 -w 7
	check_status "-I: not what is there" 1 tool -I -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 10 --dport 20 \
		--state ESTABLISHED -t 3000
	check_output "-I: not to an address that is used up" 'Address already in use' tool -I -p udp -s 1.1.1.3 -d 2.2.2.2 \
		--sport 10 --dport 20 -t 3000 --src-nat 8.8.8.8:99
}

lists() {
	check_output "-L: TCP" \
		'^tcp +6 [0-9]+ ESTABLISHED src=1.1.1.1 dst=2.2.2.2 sport=10 dport=20 .*src=2.2.2.2 dst=1.1.1.1 sport=20 dport=10 .*\[ASSURED\] mark=5' \
		listed -p tcp
	check_output "-L: source translated" 'src=1.1.1.1 dst=2.2.2.2 sport=10 .* src=2.2.2.2 dst=8.8.8.8 sport=20 dport=99 ' listed -n
	check_output "-L: destination translated" 'src=1.1.1.1 dst=2.2.2.2 sport=11 .* src=9.9.9.9 dst=1.1.1.1 sport=88 ' listed -g
	check_output "-L: ICMP" 'type=8 code=0 id=77 .* type=0 code=0 id=77 ' listed -p icmp
	check_output "-L: IPv6" 'SYN_SENT src=fd00::1 dst=fd00::2 .*zone=7' listed -f ipv6
	check_output "-L -o xml" '<flow><meta direction="original">.*<id>[0-9]+</id>' listed -o xml,id
	check_output "-L -o extended" '^ipv4 +2 +udp +17 ' listed -o extended
	check_equal "-L: all" 5 "$(listed | wc -l)"
	check_equal "-L --mark, of which some bits count" 1 "$(listed --mark 0x4/0x4 | wc -l)"
	check_equal "-L --status" 1 "$(listed --status ASSURED | wc -l)"
	check_equal "-L --zone" 1 "$(listed --zone 7 | wc -l)"
	set_sysctl "$host" net.netfilter.nf_conntrack_timestamp=1
	tool -I -p udp -s 1.1.1.4 -d 2.2.2.2 --sport 10 --dport 20 -t 3000 >/dev/null 2>&1
	check_output "-L -o ktimestamp" 'src=1.1.1.4 .*\[start=[A-Z]' listed -o ktimestamp
	check_output "-D: it" '1 flow entries have been deleted' tool -D -s 1.1.1.4
	check_output "-L dying: none" ' 0 flow entries have been shown' tool -L dying
	check_output "-L unconfirmed: none" ' 0 flow entries have been shown' tool -L unconfirmed
	check_output "-C" '^5$' tool -C
	check_output "-S" '^cpu=0 .*drop=0 ' tool -S
}

changes() {
	local which

	check_output "-G" 'sport=10 dport=20 .* mark=5 ' tool -G -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 10 --dport 20
	check_status "-G: none" 1 tool -G -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 10 --dport 21
	# One at a time: of several, the tool takes what it left unread of the last one's answer
	# for a protocol error, when a second begins in between.
	for which in "-p tcp" "-p icmp" "-p udp --sport 10" "-p udp --sport 11"; do
		# shellcheck disable=SC2086
		check_output "-U $which" '1 flow entries have been updated' tool -U -s 1.1.1.1 $which --mark 9
	done
	check_equal "-U: all have changed" 4 "$(listed --mark 9 | wc -l)"
}

zeroes() {
	in_ns "$host" ctctl on >/dev/null
	in_ns "$host" ping -nq -c 2 -i 0.01 -W 30 -e 78 127.0.0.1 >/dev/null
	check_output "-L -z shows what was counted" 'id=78 packets=[1-9][0-9]* bytes=[1-9]' listed -z
	check_output "and begins to count anew" 'id=78 packets=0 bytes=0 ' listed -p icmp
}

deletes() {
	check_output "-D by zone" '1 flow entries have been deleted' tool -D -f ipv6 -w 7
	check_output "-D by protocol and source" '1 flow entries have been deleted' tool -D -p tcp -s 1.1.1.1
	check_status "-D: none" 1 tool -D -s 9.9.9.9
	check_output "-D: says so" '0 flow entries have been deleted' tool -D -s 9.9.9.9
	check_output "-F" 'table has been emptied' tool -F
	check_output "-L: none" ' 0 flow entries have been shown' tool -L
}

netns host
creates
lists
changes
zeroes
deletes
