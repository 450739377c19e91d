#!/bin/bash
# ctctl save and restore: what lives goes on after its connections were saved, the table was emptied
# or the modules were loaded anew, and they were restored; and a file that is not whole does nothing.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/download.sh"

here=$(dirname "$0")
ct() { in_ns "$router" ctctl "$@"; }
checkpoint() { python3 -ESsB "$here/tools/checkpoint.py" "$@"; }
# what a connection is, without what changes from one moment to the next, and TCP's flags: it is liberal then
still() { in_ns "$router" ctctl save | sed -E '1d; $d; s/ crc=.*//; s/ timeout=[0-9]+//; s/ flags=[^ ]*//' | sort; }

# The rules of a careful router: what it does not know does not pass, and its own stack says nothing.
careful() {
	rules "$router" <<-'END'
		table inet filter {
			chain in { type filter hook input priority 0; policy drop; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; ct state established accept; }
			chain marks { type filter hook forward priority -1; udp dport 54 ct mark set 0x37; }
			chain forward {
				type filter hook forward priority 0; policy drop
				ct state invalid counter name bad drop
				ct state established,related accept
				iifname r0 tcp flags & (syn | ack) == syn accept
				iifname r0 meta l4proto { udp, icmp, icmpv6 } accept
				iifname r1 tcp dport 81 ct status dnat accept
			}
			counter bad {}
		}
		table inet nat {
			chain pre { type nat hook prerouting priority dstnat; iifname r0 ip daddr 10.0.1.1 tcp dport 8081 dnat ip to 10.0.2.2:81; }
			chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade random; }
		}
	END
}
# nothing passes while nobody tracks
closed() {
	rules "$router" <<-'END'
		table inet closed {
			chain in { type filter hook input priority 0; policy drop; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; }
			chain forward { type filter hook forward priority 0; policy drop; }
		}
	END
}

goes_on() { # DESCRIPTION: the download, that is
	local before
	before=$(downloaded)
	check "$1: the download goes on" wait_for 60 eval "[ \$(downloaded) -gt $((before + 1000000)) ]"
	check "$1: neither end has given up" eval "kill -0 $server_pid && kill -0 $client_pid"
}

open_all() {
	sock listen l "$server" 10.0.2.2 80
	sock tcp ssh "$client" 10.0.1.2 4000
	sock connect ssh 10.0.2.2 80
	sock accept sshd l >/dev/null
	sock listen l6 "$server" fd00:2::2 80
	sock tcp ssh6 "$client" fd00:1::2 4000
	sock connect ssh6 fd00:2::2 80
	sock accept sshd6 l6 >/dev/null
	sock listen l81 "$server" 10.0.2.2 81
	sock tcp dnat "$client" 10.0.1.2 4001
	sock connect dnat 10.0.1.1 8081
	sock accept dnatd l81 >/dev/null
	sock udp dns "$client" 10.0.1.2 4002
	sock udp dnsd "$server" 10.0.2.2 54
	sock connect dns 10.0.2.2 54
	sock send dns hello
	sock answer dnsd hello >/dev/null
	sock receive dns >/dev/null
	in_ns "$client" ping -nq -c 1 -W 30 -e 77 10.0.2.2 >/dev/null
}
# says CLIENT SERVER: one word there, one back
talk() {
	sock send "$1" word && sock receive "$2" >/dev/null && sock send "$2" answer && sock receive "$1" >/dev/null
}
# the server speaks first
talk_back() { sock send "$2" word && sock receive "$1" >/dev/null; }
udp_goes_on() { sock send dns again && sock answer dnsd again >/dev/null && sock receive dns >/dev/null; }
all_go_on() { # DESCRIPTION
	check "$1: idle TCP goes on, the server first" talk_back ssh sshd
	check "$1: and the client" talk ssh sshd
	check "$1: TCP over IPv6" talk ssh6 sshd6
	check "$1: TCP with both ends translated" talk dnat dnatd
	check "$1: UDP" udp_goes_on
	check_equal "$1: nothing was invalid" "" "$(reasons "$router")"
}

topology_router
careful
set_sysctl "$router" net.netfilter.nf_conntrack_{icmp_timeout,icmpv6_timeout,udp_timeout,udp_timeout_stream}=3000
open_all
begin_download
wait_for 60 eval '[ "$(downloaded)" -gt 1000000 ]'

# --- what is saved

before=$(still)
check_output "save says how many" "^[0-9]+ entries saved\$" ct save "$work/file"
check_output "a line has all of a TCP connection" \
	"^ipv4 tcp src=10.0.1.2 dst=10.0.1.1 sport=4001 dport=8081 reply-src=10.0.2.2 reply-dst=10.0.2.1 reply-sport=81 reply-dport=[0-9]+ timeout=4[0-9]+ state=established scale=[0-9]+/[0-9]+ flags=0x[0-9a-f]+/0x[0-9a-f]+ status=seen_reply,assured crc=[0-9a-f]{8}\$" \
	cat "$work/file"
check_output "the mark" "^ipv4 udp .* status=seen_reply mark=0x37 crc=" cat "$work/file"
check_output "an ICMP query that was translated" "^ipv4 icmp .* type=8 code=0 id=77 .* reply-type=0 reply-code=0 reply-id=[0-9]+ " cat "$work/file"
check_equal "to standard output it is the same" "$(wc -l <"$work/file")" "$(ct save | wc -l)"
check_equal "only who saved it can read it" 600 "$(stat -c %a "$work/file")"
check_not "a file that can't be written" ct save "$work/nowhere/file"
check_equal "nothing else is left there" "$work/file" "$(echo "$work"/file*)"

# --- flush and restore

ct flush all >/dev/null
check "restore" ct restore "$work/file"
check_equal "what was there is there again" "$(grep -v 'dport=84' <<<"$before")" "$(still | grep -v 'dport=84')"
goes_on "flush"
all_go_on "flush"
check_output "restore again: all are there" "were there already" ct restore "$work/file"
check_output "and none is made" "^0 entries restored" ct restore "$work/file"

# --- new modules

closed
in_ns "$router" nft -f - <<-'END'
	delete table inet filter
	delete table inet nat
END
ct save "$work/file" >/dev/null
modprobe -r ctrack_nat ctrack
modprobe ctrack_nat
check "restore into modules loaded anew" ct restore "$work/file"
careful
in_ns "$router" nft delete table inet closed
goes_on "reload"
all_go_on "reload"

# --- 100,000, and what lives among them

ct save "$work/file" >/dev/null
live=$(($(wc -l <"$work/file") - 2))
checkpoint 100000 7 "$work/file" >"$work/many"
ct flush all >/dev/null
begin=${EPOCHREALTIME/./}
check_output "100,000 are restored, and what lives" "^$((100000 + live)) entries restored\$" ct restore "$work/many"
restored=$(((${EPOCHREALTIME/./} - begin) / 1000))
all_go_on "100,000"
goes_on "100,000"
begin=${EPOCHREALTIME/./}
check_output "and saved" "^$((100000 + live)) entries saved\$" ct save "$work/again"
saved=$(((${EPOCHREALTIME/./} - begin) / 1000))
echo "# 100,000 entries: $saved ms to save, $restored ms to restore"
# an emulated processor is some twenty times slower, and others use the computer as well
seconds=$(patience 10)
! grep -q 'QEMU TCG' /proc/cpuinfo || seconds=$((seconds * 12))
check "in less than $seconds s each" [ $((saved / 1000 < seconds && restored / 1000 < seconds)) = 1 ]
idle() { sed -n '/ src=10\.7\./s/ timeout=.*//p' "$1" | sort | sha256sum; }
check_equal "they are the same" "$(idle "$work/many")" "$(idle "$work/again")"
head -n -1 "$work/many" >"$work/bad"
check_output "what is not whole is refused" 'line [0-9]+ is missing: .*; nothing is restored' ct restore "$work/bad"
# what lives goes on, and short lives end meanwhile where a processor is emulated
check "and what is there stays" [ "$(entry_count "$router")" -ge 100000 ]
all_go_on "after what was refused"

# --- states and zones that no rule here makes

ct flush all >/dev/null
checkpoint >"$work/all" <<-'END'
	ipv4 tcp src=10.9.0.1 dst=10.9.0.2 sport=1 dport=2 reply-src=10.9.0.2 reply-dst=10.9.0.1 reply-sport=2 reply-dport=1 timeout=3000 state=syn_sent scale=7/0 flags=0x1/0x0
	ipv4 tcp src=10.9.0.1 dst=10.9.0.2 sport=1 dport=2 reply-src=10.9.0.2 reply-dst=10.9.0.1 reply-sport=2 reply-dport=1 timeout=3000 state=time_wait scale=7/14 flags=0x7/0xb status=seen_reply,assured zone=3
	ipv4 tcp src=10.9.0.1 dst=10.9.0.2 sport=1 dport=3 reply-src=10.9.0.2 reply-dst=10.9.0.1 reply-sport=3 reply-dport=1 timeout=3000 state=established scale=0/0 flags=0x0/0x0 status=seen_reply,assured,fixed_timeout mark=0xffffffff zone-orig=4
	ipv4 udp src=10.9.0.1 dst=10.9.0.2 sport=1 dport=4 reply-src=10.9.0.3 reply-dst=10.9.0.9 reply-sport=5 reply-dport=9 timeout=3000 status=seen_reply zone-reply=65535
	ipv4 udplite src=10.9.0.1 dst=10.9.0.2 sport=1 dport=4 reply-src=10.9.0.2 reply-dst=10.9.0.1 reply-sport=4 reply-dport=1 timeout=0
	ipv6 icmpv6 src=fd09::1 dst=fd09::2 type=128 code=0 id=0 reply-src=fd09::2 reply-dst=fd09::1 reply-type=129 reply-code=0 reply-id=0 timeout=3000
	ipv4 icmp src=10.9.0.1 dst=10.9.0.2 type=13 code=0 id=5 reply-src=10.9.0.2 reply-dst=10.9.0.7 reply-type=14 reply-code=0 reply-id=9 timeout=3000 status=seen_reply
	ipv4 sctp src=10.9.0.1 dst=10.9.0.2 sport=1 dport=4 reply-src=10.9.0.2 reply-dst=10.9.0.1 reply-sport=4 reply-dport=1 timeout=3000 state=established vtag=0x1/0xffffffff status=seen_reply,assured
	ipv6 dccp src=fd09::1 dst=fd09::2 sport=1 dport=4 reply-src=fd09::2 reply-dst=fd09::1 reply-sport=4 reply-dport=1 timeout=3000 state=open role=1 handshake-seq=281474976710655 status=seen_reply,assured
	ipv4 gre src=10.9.0.1 dst=10.9.0.2 reply-src=10.9.0.2 reply-dst=10.9.0.1 timeout=3000
	ipv4 99 src=10.9.0.1 dst=10.9.0.2 reply-src=10.9.0.2 reply-dst=10.9.0.8 timeout=3000
END
check_output "every protocol is restored" '^11 entries restored$' ct restore "$work/all"
check_equal "and saved as it was" "$(sed -E '1d; $d; s/ crc=.*//; s/ timeout=[0-9]+//; s/ flags=[^ ]*//' "$work/all" | grep -v udplite | sort)" "$(still)"
ct flush all >/dev/null

# --- what is not wanted as a whole

set_sysctl "$router" net.netfilter.nf_conntrack_max=1000
check_output "more than there may be: refused as a whole" "^.*$((100000 + live)) entries .*1000; nothing is restored" ct restore "$work/many"
check "nothing of it is there" has_entries "$router" 0

# interrupted: what was made is taken back
set_sysctl "$router" net.netfilter.nf_conntrack_max=262144
nsenter --net="/run/netns/$router" ctctl restore "$work/many" >"$work/said" 2>&1 &
restoring=$!
wait_for 60 eval '[ "$(entry_count "$router")" -gt 500 ]' || true
kill -TERM $restoring
status=0
wait $restoring || status=$?
check_equal "interrupted, it fails" 1 $status
check_output "and says so" 'interrupted; what was restored is taken back' cat "$work/said"
check "what was made is taken back" has_entries "$router" 0

# --- what is not whole

check_output "a damaged file: every one of its lines, every octet" '^0 of [0-9]+ damaged files were taken' \
	in_ns "$router" python3 -ESsB "$here/tools/damaged.py" "$work/all"
check "nothing of them is there" has_entries "$router" 0
while IFS='|' read -r what regex text; do
	# shellcheck disable=SC2059
	printf "$text" >"$work/bad"
	check_output "$what" "$regex; nothing is restored" ct restore "$work/bad"
done <<-'END'
	an empty file|line 1 is not 'ctrack-save 1'.*|
	another file|line 1 is not 'ctrack-save 1'.*|hello\n
	another version|line 1 is not 'ctrack-save 1'.*|ctrack-save 2 crc=00000000\n
END
sed -i 5d "$work/all"
check_output "a line is missing" 'line 5 is damaged, or one before it is missing' ct restore "$work/all"
check_output "a word that is not known, by who can make checksums" "line 2 is wrong: bad word 'colour=red'" \
	eval 'checkpoint <<<"ipv4 99 src=10.9.0.1 dst=10.9.0.2 reply-src=10.9.0.2 reply-dst=10.9.0.1 timeout=1 colour=red" | ct restore'
check_output "a number that could be read in two ways" 'line 2 is not as ctctl writes it' \
	eval 'checkpoint <<<"ipv4 99 src=10.9.0.1 dst=10.9.0.2 reply-src=10.9.0.2 reply-dst=10.9.0.1 timeout=01" | ct restore'
check_output "the end is missing" 'line 4 is missing' eval 'head -n 3 "$work/many" | ct restore'
check_output "what the kernel refuses is told by its line" 'line 2 was refused' \
	eval 'checkpoint <<<"ipv4 tcp src=10.9.0.1 dst=10.9.0.2 sport=1 dport=2 reply-src=10.9.0.2 reply-dst=10.9.0.1 reply-sport=2 reply-dport=1 timeout=9 state=established scale=99/0 flags=0x0/0x0" | ct restore'
check "after all of it nothing is there" has_entries "$router" 0
