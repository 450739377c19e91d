#!/bin/bash
# ctctl list -o conntrack is conntrack -L, octet for octet: for scripts that read one of them. Here of
# every protocol, with all that the kernel tells of a connection; tests/ctctl_line_test.c goes on
# from there. And ctctl leaves to the kernel what that can choose, addresses.

. "$(dirname "$0")/lib.sh"

ct() { in_ns "$router" ctctl "$@"; }

# without the seconds, of which each entry has its own: what is left to it, and its age
timeless() { sed -E 's/^([a-z0-9]+ +[0-9]+) [0-9]+/\1/; s/ delta-time=[0-9]+//' "$@" | sort; }

# same: each line, in one of the tries: both may not come to an entry within the same second
same() {
	ct list -o conntrack | sort >"$work/ours"
	in_ns "$router" conntrack -L 2>/dev/null | sort >"$work/theirs"
	grep -xFf "$work/theirs" "$work/ours" >>"$work/same" || true
	diff <(timeless "$work/ours") <(timeless "$work/theirs") && diff <(timeless "$work/ours") <(timeless "$work/same" | uniq) &&
		[ -s "$work/ours" ]
}

add() { ct add "$@" >/dev/null; }

everything() {
	local words
	while read -r words; do
		# shellcheck disable=SC2086
		add $words timeout 3000
	done <<-'END'
		proto tcp src 10.7.0.1 dst 10.7.0.2 sport 1 dport 2 state syn_sent
		proto tcp src 10.7.0.1 dst 10.7.0.2 sport 2 dport 2 state established status assured mark 0xffffffff zone 7
		proto tcp src fd07::1 dst ::1 sport 65535 dport 2 state time_wait status seen_reply
		proto udp src 10.7.0.1 dst 255.255.255.255 sport 1 dport 2 snat 10.7.0.9:99
		proto udplite src fd07:0:0:1::1 dst fd07::1:0:0:1 sport 1 dport 2 mark 1
		proto sctp src 10.7.0.1 dst 10.7.0.2 sport 1 dport 2 state cookie_wait
		proto dccp src 10.7.0.1 dst 10.7.0.2 sport 1 dport 2 state request
		proto icmp src 10.7.0.1 dst 10.7.0.2 type 8 id 5 snat 10.7.0.9
		proto icmpv6 src ::ffff:10.7.0.1 dst fd07::2 type 128 id 65535 status assured
		proto gre src 10.7.0.1 dst 10.7.0.2
		proto gre src 10.7.0.1 dst 10.7.0.2 sport 255 dport 4096
		proto 50 src 10.7.0.1 dst 10.7.0.2 dnat 10.7.0.3
		proto 254 src fd07::1 dst fd07::2 zone 65535
	END
}

traffic() {
	sock udp s "$server" 10.0.2.2 53
	sock udp c "$client" 10.0.1.2 4001
	sock connect c 10.0.2.2 53
	sock send c hello
	sock answer s hello >/dev/null
	sock receive c >/dev/null
	sock udp s5 "$server" 10.0.2.2 55
	sock udp c5 "$client" 10.0.1.2 4005
	sock connect c5 10.0.2.2 55
	sock send c5 hello
}

# Through a socket that keeps them apart: a system call a page takes longer than all else.
writes() {
	in_ns "$router" python3 -ESsB - "$@" <<-'END'
		import socket, subprocess, sys
		ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		with subprocess.Popen(sys.argv[1:], stdout=its):
		    its.close()
		    print(sum(1 for _ in iter(lambda: ours.recv(1 << 20), b"")))
	END
}

topology_router
rules "$router" <<-'END'
	table inet test {
		chain zones { type filter hook prerouting priority raw; iifname r0 udp dport 53 ct original zone set 9; iifname r1 ct original zone set 9; udp dport 55 ct reply zone set 3; }
		chain forward { type filter hook forward priority 0; ct label set 3; ct mark set 0x37; }
	}
END
set_sysctl "$router" net.netfilter.nf_conntrack_{acct,timestamp}=1 \
	net.netfilter.nf_conntrack_udp_timeout{,_stream,_dns}=3000
traffic
everything
check "each line is conntrack -L's" wait_for 30 same
same >/dev/null || diff "$work/ours" "$work/theirs" | sed 's/^/# /'
check_output "ages are shown" 'delta-time=[0-9]+ ' ct list -o conntrack
check_output "counters are" 'packets=[1-9].* packets=' ct list -o conntrack
check_output "a zone of one direction" 'zone-orig=9 ' ct list -o conntrack
check_output "and of the other" 'zone-reply=3 ' ct list -o conntrack
check_equal "how many there are" 15 "$(ct list -o conntrack | wc -l)"
ct list -o conntrack >"$work/file"
check_equal "a file has as many" 15 "$(wc -l <"$work/file")"
check_equal "one source address" 9 "$(ct list -o conntrack src 10.7.0.1 | grep -c ' src=10.7.0.1 dst=')"
check_equal "two addresses" 8 "$(ct list -o conntrack src 10.7.0.1 dst 10.7.0.2 | wc -l)"
check_equal "over IPv6" 1 "$(ct list -o conntrack src fd07::1 dst ::1 | wc -l)"
check_equal "the address behind a translation" 2 "$(ct list -o conntrack reply-dst 10.7.0.9 | wc -l)"
check_equal "a prefix" 9 "$(ct list -o conntrack src 10.7.0.0/24 dst 0.0.0.0/0 | wc -l)"
check_output "deleted by the address behind a translation" '^1 entry deleted$' ct delete reply-src 10.7.0.3 src 10.7.0.1
check_equal "the others are there" 14 "$(ct list -o conntrack | wc -l)"
python3 -ESsB "$(dirname "$0")/tools/flood.py" "$client" 10.0.1.2 10.0.2.2 56 200 >/dev/null
check "200 connections more are listed" wait_for 10 eval '[ "$(ct list -o conntrack | wc -l)" = 214 ]'
check_equal "what is listed is written in one piece" 1 "$(writes ctctl list -o conntrack)"
check_equal "and what is saved" 1 "$(writes ctctl save)"
