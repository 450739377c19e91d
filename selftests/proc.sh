#!/bin/bash
# What programs read and write in /proc: /proc/net/nf_conntrack and /proc/net/stat/nf_conntrack, in the
# words that they look for, and the sysctls that node_exporter reads and kube-proxy writes.

. "$(dirname "$0")/lib.sh"

sys=/proc/sys/net
listing() { in_ns "$router" cat /proc/net/nf_conntrack; }
count_listing() { listing | wc -l; }

# every pair of protocol and address family, with and without an answer
populate() {
	sock echo udp "$server" 10.0.2.2 53
	sock udp c1 "$client" 10.0.1.2 4001
	sock ask c1 hello 10.0.2.2 53 >/dev/null
	sock udp s6 "$server" fd00:2::2 54
	sock udp c6 "$client" fd00:1::2 4002
	sock send c6 hello fd00:2::2 54
	sock listen l "$server" 10.0.2.2 80
	sock tcp c80 "$client" 10.0.1.2 4005
	sock connect c80 10.0.2.2 80
	sock accept s80 l >/dev/null
	in_ns "$client" ping -nq -c 1 -W 30 -e 77 10.0.2.2 >/dev/null
	in_ns "$client" ping -nq -c 1 -W 30 -e 78 fd00:2::2 >/dev/null
}

lines() {
	local regex what='packets=[0-9]+ bytes=[0-9]+ '
	while read -r regex; do
		check_output "a line like ${regex%% src=*}" "^${regex//COUNTS /$what}\$" listing
	done <<-'END'
		ipv4     2 udp      17 2[0-9]{3} src=10.0.1.2 dst=10.0.2.2 sport=4001 dport=53 COUNTS src=10.0.2.2 dst=10.0.2.1 sport=53 dport=4001 COUNTS mark=55 zone=0 use=2
		ipv6     10 udp      17 2[0-9]{3} src=fd00:0001:0000:0000:0000:0000:0000:0002 dst=fd00:0002:(0000:){5}0002 sport=4002 dport=54 COUNTS \[UNREPLIED\] src=fd00:0002:.* sport=54 dport=4002 COUNTS mark=0 zone=0 use=2
		ipv4     2 tcp      6 4319[0-9]+ ESTABLISHED src=10.0.1.2 dst=10.0.2.2 sport=4005 dport=80 COUNTS src=10.0.2.2 dst=10.0.2.1 sport=80 dport=4005 COUNTS \[ASSURED\] mark=0 zone=0 use=2
		ipv4     2 icmp     1 2[0-9]{3} src=10.0.1.2 dst=10.0.2.2 type=8 code=0 id=77 COUNTS src=10.0.2.2 dst=10.0.2.1 type=0 code=0 id=77 COUNTS mark=0 zone=0 use=2
		ipv6     10 icmpv6   58 2[0-9]{3} src=fd00.* type=128 code=0 id=78 COUNTS src=fd00.* type=129 code=0 id=78 COUNTS mark=0 zone=0 use=2
	END
	in_ns "$router" ctctl add proto gre src 10.9.0.1 dst 10.9.0.2 timeout 3000 >/dev/null
	in_ns "$router" ctctl add proto 99 src 10.9.0.1 dst 10.9.0.2 timeout 3000 zone 7 >/dev/null
	check_output "GRE has keys and both timeouts" \
		'^ipv4     2 gre      47 [0-9]+ timeout=30, stream_timeout=180 src=10.9.0.1 dst=10.9.0.2 srckey=0x0 dstkey=0x0 ' listing
	check_output "a protocol without a name, a zone" '^ipv4     2 unknown  99 [0-9]+ src=10.9.0.1 .* mark=0 zone=7 use=2$' listing
	set_sysctl "$router" net.netfilter.nf_conntrack_acct=0
	check_no_output "nobody counts: no counters" 'packets=' listing
	set_sysctl "$router" net.netfilter.nf_conntrack_acct=1
	check_equal "they are the lines of the same table: conntrack -L" \
		"$(in_ns "$router" conntrack -L 2>/dev/null | grep -cE 'sport=4001|sport=4005|id=77')" "$(listing | grep -cE 'sport=4001|sport=4005|id=77')"
	check_equal "in another namespace there are none" "" "$(in_ns "$client" cat /proc/net/nf_conntrack)"
	check "who goes to another namespace reads what is there" in_ns "$router" python3 -c '
import ctypes, os, sys
def lines():
    with open("/proc/net/nf_conntrack") as f: return f.readlines()
assert lines()
assert not ctypes.CDLL(None).setns(os.open("/run/netns/" + sys.argv[1], os.O_RDONLY), 0x40000000)
assert not lines(), lines()' "$client"
	check "who is root in a user namespace reads that of its network" \
		unshare --user --map-root-user --net sh -c '[ "$(cat /proc/net/nf_conntrack | wc -l)" = 0 ] && test -r /proc/net/nf_conntrack'
	check_not "who is not root reads none" nsenter --net="/run/netns/$router" -S 65534 -G 65534 cat /proc/net/nf_conntrack
	check_output "it is for root alone" '^440 ' in_ns "$router" stat -c '%a %U' /proc/net/nf_conntrack
}

# entries COUNT NET: makes them
entries() { python3 -ESsB "$(dirname "$0")/tools/checkpoint.py" "$@" | in_ns "$router" ctctl restore >/dev/null; }

# 20,000 entries read by small pieces, while some of them go, others come and the table grows
many() {
	in_ns "$router" ctctl flush all >/dev/null
	entries 20000 7
	check_equal "20,000 entries, 20,000 lines" 20000 "$(count_listing)"
	check_equal "none is there twice" 20000 "$(listing | sort -u | wc -l)"
	# one octet more than a page is no page
	check_equal "by pieces of 1,000 octets, too" 20000 "$(in_ns "$router" dd if=/proc/net/nf_conntrack bs=1000 2>/dev/null | sort -u | wc -l)"
	exec {reader}< <(in_ns "$router" dd if=/proc/net/nf_conntrack bs=500 2>/dev/null)
	entries 30000 11 &
	cat <&$reader >"$work/read"
	wait $!
	exec {reader}<&-
	check_equal "while the table grows under the reader: nothing is lost" 20000 \
		"$(grep -o 'src=10.7.[0-9.]* dst=10.8.0.1 ' "$work/read" | sort -u | wc -l)"
	check_equal "and nothing there twice" 20000 "$(grep -c 'src=10.7.[0-9.]* dst=10.8.0.1 ' "$work/read")"
	check "read again from its beginning" in_ns "$router" python3 -c '
f = open("/proc/net/nf_conntrack")
first = [f.readline() for i in range(1000)]
f.seek(0)
again = [f.readline() for i in range(1000)]
assert [l.split("src=")[1] for l in first] == [l.split("src=")[1] for l in again]'
	# an open file holds no namespace and no module back
	in_ns "$router" sh -c 'exec 3</proc/net/nf_conntrack; read -r line <&3; sleep 300' &
	background+=($!)
	in_ns "$router" ctctl flush all >/dev/null
	check "a reader who sleeps keeps a few entries at most" [ "$(entry_count "$router")" -le 64 ]
}

stat_file() {
	local header='entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart'
	local file=/proc/net/stat/nf_conntrack
	sum_hex() { in_ns "$router" python3 -c "print(sum(int(l.split()[$1], 16) for l in list(open('$file'))[1:]))"; }
	check_equal "its heading" "$header" "$(in_ns "$router" head -n 1 $file)"
	check_equal "a line for each CPU" "$(nproc)" "$(in_ns "$router" tail -n +2 $file | grep -cE '^[0-9a-f]{8}( {1,2}[0-9a-f]{8}){16}$')"
	check_equal "each has the number of entries first" "$(printf '%08x' "$(entry_count "$router")")" \
		"$(in_ns "$router" sed -n '2s/ .*//p' $file)"
	in_ns "$client" hping3 -q -c 3 -i u1000 -A -M 5 -p 99 10.0.2.2 >/dev/null 2>&1 || true
	check_equal "invalid is what conntrack -S says" \
		"$(in_ns "$router" conntrack -S | grep -oE ' invalid=[0-9]+' | tr -dc '0-9\n' | paste -sd + | python3 -c 'print(eval(input()))')" "$(sum_hex 4)"
}

# what node_exporter's conntrack collector opens, and how: by name, as numbers
node_exporter() {
	check "node_exporter's reading" in_ns "$router" python3 -c '
import os
def number(name): return int(open("/proc/sys/net/netfilter/" + name).read().strip())
assert number("nf_conntrack_count") > 0
assert number("nf_conntrack_max") >= number("nf_conntrack_count")
lines = open("/proc/net/stat/nf_conntrack").read().splitlines()
names = lines[0].split()
assert len(names) == 17
for line in lines[1:]:
    fields = [int(field, 16) for field in line.split()]
    assert len(fields) == 17
    values = dict(zip(names, fields))
    assert values["entries"] == number("nf_conntrack_count"), values'
}

# kube-proxy sets these in the initial namespace, each by a write of its own
kube_proxy() {
	local max
	max=$(cat $sys/netfilter/nf_conntrack_max)
	check "kube-proxy's writes" python3 -c '
def write(name, value):
    with open("/proc/sys/net/netfilter/" + name, "w") as f: f.write(str(value))
    assert int(open("/proc/sys/net/netfilter/" + name).read()) == value, name
write("nf_conntrack_max", 131072)
write("nf_conntrack_tcp_timeout_established", 86400)
write("nf_conntrack_tcp_timeout_close_wait", 3600)
write("nf_conntrack_tcp_be_liberal", 1)
write("nf_conntrack_udp_timeout", 40)
write("nf_conntrack_udp_timeout_stream", 180)
write("nf_conntrack_tcp_be_liberal", 0)'
	check_equal "net.nf_conntrack_max is the same limit" 131072 "$(cat $sys/nf_conntrack_max)"
	check "which can be written there as well" sysctl -qw net.nf_conntrack_max="$max"
	check_equal "and is read here" "$max" "$(cat $sys/netfilter/nf_conntrack_max)"
}

permissions() {
	local name mode
	while read -r name mode; do
		check_equal "nf_conntrack_$name: $mode" "$mode" \
			"$(stat -c %a "$sys/netfilter/nf_conntrack_$name") $(in_ns "$router" stat -c %a "$sys/netfilter/nf_conntrack_$name")"
	done <<-'END'
		max 644 644
		buckets 644 444
		count 444 444
		expect_max 644 444
		acct 644 644
		timestamp 644 644
		events 644 644
		log_invalid 644 644
		checksum 644 644
		tcp_loose 644 644
		tcp_be_liberal 644 644
		tcp_max_retrans 644 644
		tcp_ignore_invalid_rst 644 644
	END
	for name in tcp_timeout_{syn_sent,syn_recv,established,fin_wait,close_wait,last_ack,time_wait,close,max_retrans,unacknowledged} \
		udp_timeout udp_timeout_stream icmp_timeout icmpv6_timeout generic_timeout gre_timeout gre_timeout_stream \
		sctp_timeout_{closed,cookie_wait,cookie_echoed,established,shutdown_sent,shutdown_recd,shutdown_ack_sent,heartbeat_sent}; do
		[ "$(stat -c %a "$sys/netfilter/nf_conntrack_$name")" = 644 ] || missing+=" $name"
	done
	check_equal "all timeouts are there" "" "${missing:-}"
	check_no_output "sysctl -a reads all of it" 'error|cannot|denied' sysctl -a -r nf_conntrack
	check_not "net.nf_conntrack_max is the initial namespace's alone" in_ns "$router" cat $sys/nf_conntrack_max
	check_not "whoever is root in a namespace of his own does not write expect_max" \
		unshare --user --map-root-user --net sh -c "echo 1 >$sys/netfilter/nf_conntrack_expect_max"
	check "expect_max keeps what is written" eval "echo 77 >$sys/netfilter/nf_conntrack_expect_max"
	check_equal "everywhere" "77 77" "$(cat $sys/netfilter/nf_conntrack_expect_max) $(in_ns "$router" cat $sys/netfilter/nf_conntrack_expect_max)"
	for number in -1 0; do
		check_not "but not $number" eval "echo $number >$sys/netfilter/nf_conntrack_expect_max"
	done
}

# the initial namespace's table: what is written is the least it takes
buckets() {
	local file=$sys/netfilter/nf_conntrack_buckets
	ctctl on >/dev/null
	check_equal "a table begins with 64 buckets" 64 "$(cat $file)"
	check "it can be told to have more" eval "echo 5000 >$file"
	check_equal "and does, a power of two" 8192 "$(cat $file)"
	sleep 3
	check_equal "also when nothing is in it" 8192 "$(cat $file)"
	check_not "not more than there can be" eval "echo 100000000 >$file"
	check "to have fewer again" eval "echo 1 >$file"
	check "which it has in the end" wait_for 30 eval "[ \$(cat $file) = 64 ]"
	ctctl off >/dev/null
}

topology_router
rules "$router" <<-'END'
	table inet nat {
		chain marks { type filter hook forward priority 0; udp dport 53 ct mark set 55; }
		chain post { type nat hook postrouting priority srcnat; iifname r0 masquerade; }
	}
END
# so that none is over before it is looked at
set_sysctl "$router" net.netfilter.nf_conntrack_{udp_timeout,udp_timeout_dns,icmp_timeout,icmpv6_timeout}=2999
populate
lines
stat_file
node_exporter
many
kube_proxy
permissions
buckets
