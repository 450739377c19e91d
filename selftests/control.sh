#!/bin/bash
# What people and scripts control a tracker with: every verb and FILTER word of ctctl, what it
# says to mistakes, and conntrack(8) beside it, which has to see the same entries.

. "$(dirname "$0")/lib.sh"

ct() { in_ns "$router" ctctl "$@"; }
conntrack_() { in_ns "$router" conntrack "$@"; }
lines() { ct dump "$@" | grep -c . || true; }

# said DESCRIPTION STATUS REGEX COMMAND...: one line on stderr, nothing else
said() {
	local description=$1 expected=$2 regex=$3 status=0 out
	shift 3
	out=$("$@" 2>"$work/stderr") || status=$?
	if [ "$status" = "$expected" ] && [ "${out:-0 entries deleted}" = "0 entries deleted" ] && [ "$(wc -l <"$work/stderr")" = 1 ] && grep -qE -e "$regex" "$work/stderr"; then
		ok "$description"
	else
		not_ok "$description" "expected: $regex, alone on stderr; exit status $expected" "command: $*" \
			"exit status: $status" "stdout: $out" "stderr: $(cat "$work/stderr")"
	fi
}

# nine entries, of all kinds
populate() {
	local port pause
	for port in 53 54 55; do sock udp "s$port" "$server" 10.0.2.2 $port; done
	sock udp c1 "$client" 10.0.1.2 4001
	sock ask c1 hello 10.0.2.2 53 0 >/dev/null 2>&1 || true
	sock udp c2 "$client" 10.0.1.2 4002
	sock connect c2 10.0.2.2 54
	sock send c2 hello
	sock answer s54 hello >/dev/null
	sock receive c2 >/dev/null
	sock udp c3 "$client" 10.0.1.2 4003
	sock connect c3 10.0.2.2 55
	for pause in 2.1 0; do
		sock send c3 hello
		sock answer s55 hello >/dev/null
		sock receive c3 >/dev/null
		sleep $pause # what lasts is a stream
	done
	sock udp s6 "$server" fd00:2::2 53
	sock udp c6 "$client" fd00:1::2 4004
	sock connect c6 fd00:2::2 53
	sock send c6 hello
	sock listen l "$server" 10.0.2.2 80
	sock tcp c80 "$client" 10.0.1.2 4005
	sock connect c80 10.0.2.2 80
	sock accept s80 l >/dev/null
	sock tcp c8080 "$client" 10.0.1.2 4006
	sock connect c8080 10.0.1.1 8080
	sock accept s8080 l >/dev/null
	sock reset s8080
	in_ns "$client" ping -nq -c 1 -W 30 -e 77 10.0.2.2 >/dev/null
	in_ns "$client" ping -nq -c 1 -W 30 -e 78 fd00:2::2 >/dev/null
	sock udp own "$router" 10.0.2.1 4009
	sock send own hello 10.0.2.2 53
}

filters() {
	local number filter
	while read -r number filter; do
		# shellcheck disable=SC2086
		check_equal "FILTER $filter" "$number" "$(lines $filter)"
	done <<-'END'
		9
		5 proto udp
		2 proto tcp
		1 proto icmp
		1 proto 58
		6 src 10.0.1.2
		7 src 10.0.0.0/8
		1 src 10.0.2.0/24
		6 dst 10.0.2.2
		2 dst fd00:2::/64
		2 reply-src 10.0.2.2 proto tcp
		6 reply-dst 10.0.2.1
		1 sport 4001
		3 sport 4001-4003
		3 dport 53
		1 dport 8000-9000
		1 state established
		1 state close
		3 state unreplied
		3 state replied
		1 state assured proto udp
		3 status assured
		3 status unreplied
		1 status dnat
		1 mark 0x37
		1 mark 55
		2 mark 0x1/0x1
		9 zone 0
		0 zone 1
		2 family ipv6
		7 nat snat
		1 nat dnat
		8 nat any
		1 proto udp src 10.0.1.2 dport 55 nat snat status assured mark 0x37
		0 proto tcp dport 53
	END
}

json() {
	ct list -o json >"$work/json"
	ct stats -o json >>"$work/json"
	check "list and stats -o json" python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
stats = lines.pop()
assert len(lines) == 9, len(lines)
keys = {"id", "family", "proto", "state", "status", "timeout", "mark", "zone", "nat", "orig", "reply"}
for entry in lines:
    assert set(entry) == keys, entry
    assert entry["family"] in ("ipv4", "ipv6") and entry["nat"] in (None, "snat", "dnat", "both"), entry
    for flow in (entry["orig"], entry["reply"]):
        more = {"type", "code", "id"} if entry["proto"].startswith("icmp") else {"sport", "dport"}
        assert set(flow) == {"src", "dst", "packets", "bytes"} | more, flow
assert len({entry["id"] for entry in lines}) == 9
stream = [e for e in lines if e["orig"].get("dport") == 55][0]
assert set(stream["status"]) >= {"seen_reply", "assured", "confirmed", "snat"}, stream
assert (stream["state"], stream["mark"], stream["zone"], stream["nat"]) == ("assured", 0x37, 0, "snat"), stream
assert 60 < stream["timeout"] <= 3000, stream
assert stream["orig"] == {"src": "10.0.1.2", "dst": "10.0.2.2", "sport": 4003, "dport": 55, "packets": 2, "bytes": 66}, stream
assert stream["reply"] == {"src": "10.0.2.2", "dst": "10.0.2.1", "sport": 55, "dport": 4003, "packets": 2, "bytes": 66}, stream
ping = [e for e in lines if e["proto"] == "icmp"][0]
assert (ping["orig"]["type"], ping["orig"]["code"], ping["orig"]["id"], ping["reply"]["type"]) == (8, 0, 77, 0), ping
assert [e for e in lines if e["nat"] == "dnat"][0]["reply"]["src"] == "10.0.2.2"
assert {k: stats[k] for k in ("count", "on")} == {"count": 9, "on": False}, stats
assert stats["max"] > 0 and stats["buckets"] > 0 and stats["rules"] > 0, stats
assert stats["opened"] == 9 and stats["evicted"] == 0, stats
assert stats["shape"]["looked"] == stats["buckets"] and 1 <= stats["shape"]["longest"] <= 18, stats
assert isinstance(stats["reasons"], dict) and "nat_no_port" in stats["reasons"] and not any(stats["reasons"].values()), stats
' "$work/json"
}

metrics() {
	ct stats -o prometheus >"$work/metrics"
	check "stats -o prometheus is what a scraper reads" python3 -c '
import re, sys
values, types = {}, {}
for line in open(sys.argv[1]):
    if line.startswith("# TYPE "):
        name, kind = line.split()[2:]
        types[name] = kind
    elif not line.startswith("# HELP "):
        name, labels, value = re.fullmatch(r"([a-z_]+)(\{reason=\"[a-z0-9_]+\"\})? ([0-9]+)\n", line).groups()
        values[name + (labels or "")] = int(value)
        assert types[name] == ("counter" if name.endswith("_total") else "gauge"), name
assert values["ctrack_entries"] == 9 and values["ctrack_opened_total"] == 9, values
assert values["ctrack_entries_limit"] > 0 and values["ctrack_refused_packets_total{reason=\"nat_no_port\"}"] == 0, values
' "$work/metrics"
}

additions() {
	local words conntrack
	while IFS='|' read -r words conntrack; do
		# shellcheck disable=SC2086
		check_output "add $words" '^1 entry added$' ct add $words
		check_output "which makes one" "^$conntrack" ct dump src 10.7.0.1
		ct delete src 10.7.0.1 >/dev/null
	done <<-'END'
		proto udp src 10.7.0.1 sport 1 dst 10.7.0.2 dport 2 timeout 3000|udp +17 (3000|29..) src=10.7.0.1 dst=10.7.0.2 sport=1 dport=2 .*\[UNREPLIED\] src=10.7.0.2 dst=10.7.0.1 sport=2 dport=1
		proto tcp src 10.7.0.1 sport 1 dst 10.7.0.2 dport 2 timeout 3000 state established status assured mark 0x10 zone 7|tcp +6 (3000|29..) ESTABLISHED src=10.7.0.1 .*\[ASSURED\] mark=16 zone=7
		proto tcp src 10.7.0.1 sport 1 dst 10.7.0.2 dport 2 timeout 3000 state syn_sent snat 10.7.0.9:99 dnat 10.7.0.8|tcp +6 (3000|29..) SYN_SENT src=10.7.0.1 .* src=10.7.0.8 dst=10.7.0.9 sport=2 dport=99
		proto icmp src 10.7.0.1 dst 10.7.0.2 type 8 id 5 timeout 3000 snat 10.7.0.9|icmp +1 (3000|29..) src=10.7.0.1 dst=10.7.0.2 type=8 code=0 id=5 .* src=10.7.0.2 dst=10.7.0.9 type=0 code=0 id=
		proto gre src 10.7.0.1 dst 10.7.0.2 timeout 3000|gre +47 (3000|29..) src=10.7.0.1
	END
	ct add proto udp src 10.7.0.1 sport 1 dst 10.7.0.2 dport 2 timeout 3000 >/dev/null
	said "add what is there" 1 'such a connection already' ct add proto udp src 10.7.0.1 sport 1 dst 10.7.0.2 dport 2 timeout 3000
	said "add what has another one's answers" 1 'failed' ct add proto udp src 10.7.0.3 sport 1 dst 10.7.0.2 dport 2 timeout 3000 snat 10.7.0.1:1
	ct delete src 10.7.0.1 >/dev/null
	check_equal "nothing else is left" 9 "$(lines)"
}

list() {
	ct list --sort sport >"$work/list"
	check_output "list: a heading" '^PROTO +STATE +TIMEOUT +SOURCE +DESTINATION +NAT +PACKETS +BYTES .*MARK$' cat "$work/list"
	check_output "list: a row" '^udp +assured +[0-9dhms]+ +10\.0\.1\.2:4003 +10\.0\.2\.2:55 +snat 10\.0\.2\.1:4003 +2/2 +66/66 +0x37$' cat "$work/list"
	check_output "list: IPv6" '^udp .* \[fd00:1::2\]:4004 +\[fd00:2::2\]:53 +snat \[fd00:2::1\]:4004' cat "$work/list"
	check_output "list: what ends it" '^9 entries$' tail -n 1 "$work/list"
	check_output "list with a FILTER: how many of how many" '^2 of 9 entries$' ct list proto tcp
	check_equal "list --sort" "4001 4002 4003 4004 4005 4006 4009" \
		"$(sed -nE 's/^(udp|tcp) .*:(40..) +[^ ]+:[0-9]+ .*/\2/p' "$work/list" | tr '\n' ' ' | sed 's/ $//')"
	check_equal "and the other way" "4009 4006" \
		"$(ct list --sort -sport | sed -nE 's/^(udp|tcp) .*:(40..) +[^ ]+:[0-9]+ .*/\2/p' | head -n 2 | tr '\n' ' ' | sed 's/ $//')"
	check_output "list -o conntrack" '^udp +17 [0-9]+ src=10.0.1.2 .*mark=55' ct list dport 55 -o conntrack
	check_output "options before the words" '^\{.*"sport":4003' ct list -o json dport 55
}

get() {
	check_output "get by the original direction" 'sport=4003 dport=55' ct get proto udp src 10.0.1.2 dst 10.0.2.2 sport 4003 dport 55 -o conntrack
	check_output "get by the reply direction" '4003 +10.0.2.2:55' ct get proto udp src 10.0.2.2 dst 10.0.2.1 sport 55 dport 4003
	check_output "get over IPv6" '"sport":4004' ct get proto udp src fd00:1::2 dst fd00:2::2 sport 4004 dport 53 -o json
	check_output "get a ping" '"id":77' ct get proto icmp src 10.0.1.2 dst 10.0.2.2 type 8 code 0 id 77 -o json
	said "get what is absent" 1 'no such connection' ct get proto udp src 10.0.1.2 dst 10.0.2.2 sport 4003 dport 56
	said "get with too few words" 2 'dport' ct get proto udp src 10.0.1.2 dst 10.0.2.2 sport 4003
}

# escape sequences are for terminals
plain() {
	local words
	while read -r words; do
		# shellcheck disable=SC2086
		check_no_output "into a pipe without colours: $words" $'\033' ct $words
	done <<-'END'
		list
		list --sort src
		dump
		list -o json
		stats --all
		stats -o prometheus
		--help
		list --help
		why proto udp src 10.0.1.2 dst 10.0.2.2 sport 4003 dport 55
	END
}

mistakes() {
	local word command
	while read -r word command; do
		# shellcheck disable=SC2086
		said "a bad word is named: $command" 2 "'?${word}'?.*expected" ct $command
	done <<-'END'
		lisst lisst
		prot list prot tcp
		tpc list proto tpc
		99999 list sport 99999
		5-3 list sport 5-3
		10.0.0.0/33 list src 10.0.0.0/33
		sport list sport
		sport list sport 1 sport 2
		xml list -o xml
		--sorted list --sorted
		colour list --sort colour
		everything delete
		everything delete mark 0/0
		flush flush
		all delete all sport 1
		half flush half
		mark list mark 0x1/
		--count list --count 5
		prometheus list -o prometheus
		second save first second
		timeout add proto udp src 10.0.0.1 sport 1 dst 10.0.0.2 dport 2
		dport add proto udp src 10.0.0.1 sport 1 dst 10.0.0.2 timeout 3
		timeout list timeout 3
		snat add proto udp src 10.0.0.1 sport 1 dst 10.0.0.2 dport 2 timeout 3 snat fd00::1
		state add proto udp src 10.0.0.1 sport 1 dst 10.0.0.2 dport 2 timeout 3 state established
		0 events --count 0
	END
	said "what is in no family" 2 expected ct list src 10.0.0.1 dst fd00::1
}

without() {
	said "who is not root is told so" 1 'CAP_NET_ADMIN.*root' nsenter --net="/run/netns/$router" -S 65534 -G 65534 ctctl list
	check "but may see statistics" nsenter --net="/run/netns/$router" -S 65534 -G 65534 ctctl stats
	check_output "no tracking in a namespace: list says how to have it" "tracking is off .*ctctl on" in_ns "$client" ctctl list
	check "which is no failure" in_ns "$client" ctctl list
	said "nothing there to delete" 1 'no connection' in_ns "$client" ctctl delete all
}

# the manual's examples but for those of trace, which trace_examples runs
examples() {
	local words
	while read -r words; do
		# shellcheck disable=SC2086
		case $words in
		*"| jq"*)
			in_ns "$router" bash -c "${words/events/events --count 2}" >"$work/bytes" &
			background+=($!)
			wait_for 30 has_listeners "$router"
			ct add proto udp src 10.7.0.1 sport 1 dst 10.7.0.2 dport 2 timeout 60 >/dev/null
			ct delete src 10.7.0.1 >/dev/null
			wait $! || true
			check_equal "$words" 0 "$(cat "$work/bytes")" ;;
		"ctctl add "*)
			check_output "$words" '^1 entry added$' in_ns "$router" $words
			check_output "with the translation" ' dst=192.0.2.1 .* src=10.0.0.2 dst=192.0.2.9 sport=8080 dport=1 ' ct dump src 192.0.2.9
			ct delete src 192.0.2.9 >/dev/null ;;
		"ctctl list "*) check "$words" in_ns "$router" $words ;;
		"ctctl get "*) check_output "$words" 'no such connection' in_ns "$router" $words ;;
		"ctctl delete "*) check_output "$words" 'no connection matches' in_ns "$router" $words ;;
		"ctctl trace "*) ;;
		*) not_ok "no test knows what '$words' does" ;;
		esac
	done < <(sed -n '/^\.SH EXAMPLES/,/^\.SH SEE/{s/\\-/-/g; /^ctctl /p}' "$(dirname "$0")/../Documentation/ctctl.8")
}

# status SIGNAL COMMAND...: that with which it ends when it is sent the signal while it listens
signalled() {
	local signal=$1 before
	shift
	before=$(listeners "$router")
	nsenter --net="/run/netns/$router" ctctl "$@" >/dev/null 2>"$work/stderr" &
	wait_for 30 has_listeners "$router" $((before + 1))
	kill "-$signal" $!
	wait $!
}

ends() {
	check "a reader that has seen enough is no failure: list" bash -o pipefail -c "nsenter --net=/run/netns/$router ctctl list | head -n 1"
	check "nor one of statistics" bash -o pipefail -c "nsenter --net=/run/netns/$router ctctl stats --all | head -n 1"
	said "what can't be written is a failure: list" 1 'cannot write what was found: No space left' in_ns "$router" sh -c 'exec ctctl list >/dev/full'
	said "and save" 1 'No space left' in_ns "$router" sh -c 'exec ctctl save >/dev/full'
	said "and statistics" 1 'cannot write what was found: No space left' in_ns "$router" sh -c 'exec ctctl stats >/dev/full'
	said "and help" 1 'cannot write what was found: No space left' sh -c 'exec ctctl --help >/dev/full'
	check "events that are interrupted end well" signalled INT events
	check_equal "and say nothing" "" "$(cat "$work/stderr")"
	check "as do those that are terminated" signalled TERM events -o json
}

# the entries, without what changes from one moment to the next
still() { sed -E 's/^([a-z0-9]+ +[0-9]+) [0-9]+/\1/; s/ use=[0-9]+//; s/^(unknown|ipv[46] +[0-9]+) +//; s/ +$//' | sort; }

beside() {
	check_equal "conntrack -L shows what ctctl dump shows" "$(ct dump | still)" "$(conntrack_ -L 2>/dev/null | still)"
	check_equal "conntrack -L -f ipv6, too" "$(ct dump family ipv6 | still)" "$(conntrack_ -L -f ipv6 2>/dev/null | still)"
	check_output "conntrack -L -p, with a filter" '^udp .*dport=55 ' conntrack_ -L -p udp --orig-port-dst 55
	check_equal "conntrack -L -m" 1 "$(conntrack_ -L -m 0x37 2>/dev/null | grep -c dport=55)"
	check_equal "conntrack -L -n" "$(ct dump nat snat | wc -l)" "$(conntrack_ -L -n 2>/dev/null | wc -l)"
	check_output "conntrack -G" 'dport=55 .*ASSURED' conntrack_ -G -p udp -s 10.0.1.2 -d 10.0.2.2 --sport 4003 --dport 55
	check_not "conntrack -G of what is absent" conntrack_ -G -p udp -s 10.0.1.2 -d 10.0.2.2 --sport 4003 --dport 56
	check_output "conntrack -C" '^9$' conntrack_ -C
	check_equal "conntrack -S has a line a CPU" "$(nproc)" "$(conntrack_ -S | grep -c '^cpu=')"
	check_output "conntrack -S counts" 'insert_failed=0 drop=0' conntrack_ -S

	check "conntrack -I" conntrack_ -I -p udp -s 10.0.1.2 -d 10.0.2.2 --sport 5001 --dport 53 -t 1000 -m 5
	check_output "makes an entry" '^udp +17 (1000|9..) src=10.0.1.2 dst=10.0.2.2 sport=5001 dport=53 .*src=10.0.2.2 dst=10.0.1.2 sport=53 dport=5001 .*mark=5' \
		ct dump sport 5001
	check_not "conntrack -I of what is there" conntrack_ -I -p udp -s 10.0.1.2 -d 10.0.2.2 --sport 5001 --dport 53 -t 1000
	check "conntrack -U" conntrack_ -U -p udp -s 10.0.1.2 -d 10.0.2.2 --sport 5001 --dport 53 -m 6
	check_output "changes it" 'mark=6' ct dump sport 5001
	check "conntrack -I of a TCP connection, translated" conntrack_ -I -p tcp -s 10.0.1.2 -d 10.0.1.1 --sport 5002 --dport 81 -t 1000 \
		--state ESTABLISHED -u SEEN_REPLY,ASSURED --dst-nat 10.0.2.2:80
	check_output "makes one" '^tcp +6 (1000|9..) ESTABLISHED .*sport=5002 dport=81 .*src=10.0.2.2 dst=10.0.1.2 sport=80 dport=5002 .*\[ASSURED\]' \
		ct dump sport 5002 nat dnat
	check_output "conntrack -D" '1 flow entries have been deleted' conntrack_ -D -p udp --orig-port-src 5001
	check_equal "it is gone" 0 "$(lines sport 5001)"
	check_not "conntrack -D of what is absent" conntrack_ -D -p udp --orig-port-src 5001
}

deletion() {
	check_output "delete says how many" '^1 entry deleted$' ct delete sport 4001
	check_equal "it is gone" 0 "$(lines sport 4001)"
	said "delete what is gone" 1 'no connection matches' ct delete sport 4001
	check_output "delete by more words" '^2 entries deleted$' ct delete proto tcp src 10.0.1.2 dport 80-8080 dst 10.0.0.0/8
	check_output "delete all" '^[1-9] entries deleted$' ct delete all
	check_equal "all are gone" 0 "$(lines)"
	sock send own hello 10.0.2.2 53
	check_output "flush all" '^all entries deleted$' ct flush all
	check_equal "all are gone" 0 "$(lines)"
	check "flush of nothing is no failure" ct flush all
	sock send own hello 10.0.2.2 53
	check "conntrack -F" conntrack_ -F
	check_equal "all are gone" 0 "$(lines)"
	check_output "help says what a verb takes" 'usage: ctctl list' ct list --help
}

topology_router
rules "$router" <<-'END'
	table inet nat {
		chain marks { type filter hook forward priority 0; udp dport 55 ct mark set 0x37; udp dport 54 ct mark set 0x11; }
		chain pre { type nat hook prerouting priority dstnat; ip daddr 10.0.1.1 tcp dport 8080 dnat ip to 10.0.2.2:80; }
		chain post { type nat hook postrouting priority srcnat; iifname r0 ct status dnat accept; iifname r0 masquerade; }
	}
END
# none may expire meanwhile
set_sysctl "$router" net.netfilter.nf_conntrack_{tcp_timeout_close,udp_timeout,udp_timeout_stream,udp_timeout_dns,icmp_timeout,icmpv6_timeout}=3000
populate
filters
json
metrics
list
get
plain
mistakes
without
examples
ends
additions
beside
in_ns "$router" ctctl delete sport 5002 >/dev/null
deletion
