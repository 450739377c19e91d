#!/bin/bash
# Every key of nft's `ct`, as a rule that matches and one that does not; what is set is set; what
# was added is listed as it was added, as JSON too; and what makes no sense is refused.

. "$(dirname "$0")/lib.sh"

# One flow, 10.0.1.2:4000 to 10.0.1.1:53, forwarded to 10.0.2.2 and masqueraded, two packets
# each way, and one over IPv6. All of these match at least one packet of it.
matching="
		ct state new counter
		ct state established counter
		ct state established,related counter
		ct state != invalid counter
		ct state vmap { established : continue, new : continue } counter
		ct direction original counter
		ct direction reply counter
		ct status snat counter
		ct status dnat counter
		ct status seen-reply counter
		ct status confirmed counter
		ct status assured counter
		ct mark 0x11 counter
		ct mark and 0x10 == 0x10 counter
		ct mark 0x10-0x12 counter
		ct expiration 1s-2m counter
		ct id != 0 counter
		ct l3proto ipv4 counter
		ct original l3proto ipv6 counter
		ct protocol udp counter
		ct reply protocol udp counter
		ct original ip saddr 10.0.1.2 counter
		ct original ip daddr 10.0.1.1 counter
		ct reply ip saddr 10.0.2.2 counter
		ct reply ip daddr 10.0.2.1 counter
		ct original ip6 saddr fd00:1::2 counter
		ct original ip6 daddr fd00:2::2 counter
		ct reply ip6 saddr fd00:2::2 counter
		ct reply ip6 daddr fd00:1::2 counter
		meta l4proto udp ct original proto-src 4000 counter
		meta l4proto udp ct original proto-dst 53 counter
		meta l4proto udp ct reply proto-src 53 counter
		meta l4proto udp ct reply proto-dst 4000-4001 counter
		ct original bytes > 60 counter
		ct reply bytes > 30 counter
		ct bytes > 90 counter
		ct original packets 2 counter
		ct reply packets 2 counter
		ct packets 4 counter
		ct original avgpkt 33 counter
		ct reply avgpkt 33 counter
		ct avgpkt 33 counter
		ct zone 0 counter
		ct original zone 0 counter
		ct reply zone 0 counter
		ct label set 3
		ct label set 127
		ct label 3 counter
		ct label 127 counter
		ct secmark set meta secmark
		ct event set new,destroy
		ct mark set 0x1
		ct mark set ct mark or 0x10
		meta mark set ct mark"

# None of these matches any.
other="
		ct state invalid counter
		ct state untracked counter
		ct state related counter
		ct status expected counter
		ct status dying counter
		ct mark 0x12 counter
		ct label 4 counter
		ct expiration 1h-2h counter
		ct original ip saddr 10.0.2.2 counter
		ct original ip daddr 10.0.2.2 counter
		ct reply ip saddr 10.0.1.1 counter
		ct reply ip daddr 10.0.9.9 counter
		ct original ip6 saddr fd00:2::2 counter
		ct reply ip6 daddr fd00:1::1 counter
		meta l4proto udp ct original proto-src 53 counter
		meta l4proto udp ct reply proto-dst 53 counter
		ct protocol tcp counter
		ct bytes > 1000 counter
		ct packets > 100 counter
		ct avgpkt > 1000 counter
		ct zone 1 counter
		ct helper \"ftp\" counter
		ct helper != \"ftp\" counter"

ruleset="table inet t {
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		iifname \"r0\" ip daddr 10.0.1.1 udp dport 53 dnat ip to 10.0.2.2
		iifname \"nowhere\" tcp dport 81 dnat ip to 10.0.2.2:80
		iifname \"nowhere\" tcp dport 81 dnat ip to 10.0.2.2-10.0.2.9:80-90 random,persistent
		iifname \"nowhere\" tcp dport 81 dnat ip6 to [fd00:2::2]:80
		iifname \"nowhere\" dnat ip to ip daddr . tcp dport map { 10.0.1.1 . 81 : 10.0.2.2 . 80 }
		iifname \"nowhere\" tcp dport 80 redirect to :8080
		iifname \"nowhere\" tcp dport 80 redirect to :8080-8090 fully-random
		iifname \"nowhere\" redirect
	}

	chain post {
		type nat hook postrouting priority srcnat; policy accept;
		oifname \"r1\" meta nfproto ipv4 masquerade
		oifname \"nowhere\" meta l4proto tcp masquerade to :1024-65535 random
		oifname \"nowhere\" masquerade persistent
		oifname \"nowhere\" masquerade fully-random,persistent
		oifname \"nowhere\" snat ip to 10.0.2.1-10.0.2.9
		oifname \"nowhere\" snat ip prefix to ip saddr map { 10.0.1.24/30 : 10.0.2.12/30 }
		oifname \"nowhere\" meta l4proto tcp snat ip to 10.0.2.1:1024-2048 fully-random
		oifname \"nowhere\" snat ip6 to fd00:2::1-fd00:2::9 persistent
	}

	chain forward {
		type filter hook forward priority filter; policy accept;$matching
	}

	chain other {
		type filter hook forward priority filter + 1; policy accept;$other
	}

	chain raw {
		type filter hook prerouting priority raw; policy accept;
		iifname \"nowhere\" notrack
		iifname \"nowhere\" ct zone set 0x1
		iifname \"nowhere\" ct original zone set 65535
		iifname \"nowhere\" ct reply zone set iifname map { \"a\" : 1, \"b\" : 2 }
	}
}"

traffic() {
	local pair from to pause
	sock udp s4 "$server" 10.0.2.2 53
	sock udp s6 "$server" fd00:2::2 53
	for pair in "10.0.1.2 10.0.1.1 s4" "fd00:1::2 fd00:2::2 s6"; do
		read -r from to name <<<"$pair"
		sock udp c "$client" "$from" 4000
		sock connect c "$to" 53
		for pause in 2.1 0; do
			sock send c hello
			sock answer "$name" hello >/dev/null
			sock receive c >/dev/null
			sleep $pause # what lasts is assured
		done
	done
}

# refused DESCRIPTION RULE-IN-CHAIN...: chains of one table
refused() {
	local description=$1
	shift
	run rules "$router" <<<"table inet bad { $*; }"
	if [ "$status" != 0 ]; then ok "refused: $description"; else not_ok "refused: $description" "$*"; fi
	in_ns "$router" nft delete table inet bad 2>/dev/null || true
}

topology_router
# Of port 53: not over between a question and the next, and below two minutes for `ct expiration`.
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout{,_dns}=110
echo "$ruleset" >"$work/ruleset"
set_sysctl "$router" net.netfilter.nf_conntrack_acct=0
check "a ruleset with every key is added" in_ns "$router" nft -f "$work/ruleset"
check_equal "which asks for counters, so that there are some" 1 \
	"$(in_ns "$router" cat /proc/sys/net/netfilter/nf_conntrack_acct)"
in_ns "$router" nft -s list ruleset >"$work/listed"
in_ns "$router" nft -s -j list ruleset >"$work/json"
traffic
in_ns "$router" nft list chain inet t forward >"$work/counted"
check_no_output "each rule that should match does" 'packets 0 ' cat "$work/counted"
check_equal "all of them were there" "$(grep -c counter <<<"$matching")" "$(grep -c 'counter packets' "$work/counted")"
in_ns "$router" nft list chain inet t other >"$work/counted"
check_no_output "each that should not does not" 'packets [1-9]' cat "$work/counted"
check_equal "all of them were there" "$(grep -c counter <<<"$other")" "$(grep -c 'counter packets' "$work/counted")"
check_output "a mark that was set is the connection's" 'mark=17' tracked "$router" sport 4000
mkdir -p /etc/xtables
printf '3 three\n127 last\n' >/etc/xtables/connlabel.conf
check_output "so are labels" 'sport=4000 .*labels=three,last' in_ns "$router" conntrack -L -o labels
rm /etc/xtables/connlabel.conf
id=$(in_ns "$router" conntrack -L -f ipv4 -o id 2>/dev/null |
	sed -nE 's/.* sport=4000 .* id=([0-9]+).*/\1/p')
rules "$router" <<-END
	table inet ids {
		counter same {}
		chain forward { type filter hook forward priority 0; ct id $id counter name same; }
	}
END
sock udp c "$client" 10.0.1.2 4000
sock send c hello 10.0.1.1 53
sock receive s4 >/dev/null
check_equal "the id is the one that conntrack -L shows" "same 1" "$(counted "$router" ids same)"

in_ns "$router" nft flush ruleset
check "what nft lists can be added" in_ns "$router" nft -f "$work/listed"
check_equal "and is listed the same again" "$(cat "$work/listed")" "$(in_ns "$router" nft -s list ruleset)"
in_ns "$router" nft flush ruleset
check "so can what it lists as JSON" in_ns "$router" nft -j -f "$work/json"
check_equal "and is listed the same again" "$(cat "$work/listed")" "$(in_ns "$router" nft -s list ruleset)"
for words in "ct state established,related" "ct original ip saddr 10.0.1.2" "ct reply proto-dst 4000-4001" "ct original avgpkt 33" \
	"masquerade to :1024-65535 random" "redirect to :8080-8090 fully-random" "snat ip6 to fd00:2::1-fd00:2::9 persistent" \
	"dnat ip to 10.0.2.2-10.0.2.9:80-90 random,persistent" "masquerade fully-random,persistent" "ct mark set ct mark | 0x00000010" notrack \
	"ct zone set 1" "ct original zone set 65535" 'ct reply zone set iifname map { "a" : 1, "b" : 2 }' "ct event set new,destroy" "ct secmark set meta secmark" \
	"ct label set 3" "ct label 127" "snat ip prefix to ip saddr map { 10.0.1.24/30 : 10.0.2.12/30 }" \
	"dnat ip to ip daddr . tcp dport map { 10.0.1.1 . 81 : 10.0.2.2 . 80 }"; do
	check "it is listed as it was said: $words" grep -qF -e "$words" "$work/listed"
done
in_ns "$router" nft flush ruleset

nat="type nat hook"
for table in ip ip6 inet; do
	for hook in prerouting input output postrouting; do
		check "a nat chain in $hook, $table" \
			in_ns "$router" nft "table $table nat { chain c { $nat $hook priority 0; }; }"
		check_output "is listed so" "$nat $hook priority (0|filter);" \
			in_ns "$router" nft list table $table nat
		in_ns "$router" nft flush ruleset
	done
done
for hook in prerouting input output; do
	refused "masquerade in $hook" "chain c { $nat $hook priority 0; masquerade; }"
done
for hook in input postrouting; do
	refused "redirect in $hook" "chain c { $nat $hook priority 0; redirect; }"
	refused "dnat in $hook" "chain c { $nat $hook priority 0; dnat ip to 10.0.0.1; }"
done
for hook in prerouting output; do
	refused "snat in $hook" "chain c { $nat $hook priority 0; snat ip to 10.0.0.1; }"
done
refused "masquerade in a filter chain" "chain c { type filter hook postrouting priority 0; masquerade; }"
refused "dnat in a filter chain" "chain c { type filter hook prerouting priority 0; dnat ip to 10.0.0.1; }"
refused "a nat chain in forward" "chain c { $nat forward priority 0; }"
refused "masquerade by a jump from prerouting" "chain m { masquerade; }; chain c { $nat prerouting priority 0; jump m; }"
refused "masquerade by a jump and a goto" "chain m { masquerade; }; chain n { goto m; }; chain c { $nat output priority 0; jump n; }"
refused "redirect by a jump from postrouting" "chain m { redirect; }; chain c { $nat postrouting priority 0; jump m; }"
refused "snat by a jump from a filter chain" "chain m { snat ip to 10.0.0.1; }; chain c { type filter hook forward priority 0; jump m; }"
refused "masquerade by a map" "chain m { masquerade; }; chain c { $nat prerouting priority 0; tcp dport vmap { 80 : jump m }; }"
refused "the state, which can't be set" "chain c { type filter hook prerouting priority raw; ct state set new; }"
refused "ct state in arp" "}; table arp bad { chain c { type filter hook input priority 0; ct state new; }"
check_equal "and nothing is left of them" "" "$(in_ns "$router" nft list ruleset)"
check "a jump from where it makes sense" rules "$router" <<<"table inet t { chain m { masquerade; }; chain c { $nat postrouting priority 0; jump m; }; }"
