#!/bin/bash
# modules: ctrack_xt
# What rulesets ask for and ctrack does not have, helpers, expectations, SYN proxies and flow tables, is refused, whole
# transactions with it, and the kernel's log says what is missing. The kernel's own modules for it do not come instead.

. "$(dirname "$0")/lib.sh"

# says_why REGEX: the kernel's log does, since it was asked last
said=0
says_why() {
	local lines
	lines=$(dmesg | tail -n "+$((said + 1))")
	said=$(dmesg | wc -l)
	grep -E "$1" <<<"$lines"
}

# check_absent DESCRIPTION ERROR REGEX COMMAND...: it fails with that error, and the log has that line
check_absent() {
	local description=$1 error=$2 regex=$3
	shift 3
	says_why '' >/dev/null || true
	run in_ns "$router" "$@"
	if [ "$status" != 0 ] && matches "$error" && says_why "$regex" >/dev/null; then
		ok "$description is refused, and the log says why"
	else
		not_ok "$description is refused, and the log says why" "expected: $error; in the log: $regex" "$(explain "$@")" \
			"log: $(dmesg | tail -n 3)"
	fi
}

nft_file() { # TEXT
	cat >"$work/rules" <<<"$1"
	echo "$work/rules"
}

topology_router
none='there is no ct helper "ftp": ctrack has none yet'
in_ns "$router" nft add table inet t
check_absent "nft's ct helper, in a table" "No such file" "$none" nft add ct helper inet t h '{ type "ftp" protocol tcp; }'
check_absent "nft's ct expectation" "Operation not supported|Not supported" 'there is no ct expectation: ctrack has no expectations yet' \
	nft add ct expectation inet t e '{ protocol tcp; dport 5432; timeout 1h; size 12; l3proto ip; }'
check_absent "nft's synproxy" "Operation not supported|Not supported" 'there is no synproxy: ctrack does not adjust sequence numbers' \
	nft -f "$(nft_file 'table inet t { chain c { type filter hook forward priority filter; synproxy mss 1460 wscale 7 timestamp sack-perm; }; }')"
check_absent "nft's object synproxy" "Operation not supported|Not supported" 'there is no synproxy' \
	nft add synproxy inet t s '{ mss 1460; wscale 7; timestamp sack-perm; }'
for family in ip ip6 inet; do
	check_absent "nft's flowtable, of $family" "Operation not supported|Not supported" 'there is no flowtable: ctrack offloads no flows yet' \
		nft -f "$(nft_file "table $family f {
			flowtable t { hook ingress priority filter; devices = { r0, r1 }; }
			chain c { type filter hook forward priority filter; ct state established flow add @t; }
		}")"
done
check_equal "nothing of it is there" "table inet t {"$'\n'"}" "$(in_ns "$router" nft list ruleset)"

# firewalld's zone `internal` has the service samba-client, which has a helper
awk '{ print } /^table inet firewalld/ { print "\tct helper helper-netbios-ns-udp {\n\t\ttype \"netbios-ns\" protocol udp\n\t\tl3proto ip\n\t}" }
	/chain filter_IN_internal_allow/ { print "\t\tudp dport 137 ct helper set \"helper-netbios-ns-udp\"" }' \
	"$(dirname "$0")/rulesets/firewalld.nft" >"$work/firewalld"
check_absent "a ruleset with a helper" "No such file" 'there is no ct helper "netbios-ns": ctrack has none yet' nft -f "$work/firewalld"
check_equal "the whole of it" "table inet t {"$'\n'"}" "$(in_ns "$router" nft list ruleset)"
check "without it, it is taken" in_ns "$router" nft -f "$(dirname "$0")/rulesets/firewalld.nft"
in_ns "$router" nft flush ruleset

for v in iptables ip6tables; do
	check_absent "$v: CT --helper" "No such file|RULE_APPEND failed" 'CT: there is no helper "ftp"' \
		"$v" -t raw -A PREROUTING -p tcp --dport 21 --syn -j CT --helper ftp
	check_absent "$v: SYNPROXY" "Operation not supported|Not supported|RULE_APPEND failed" 'there is no SYNPROXY: ctrack does not adjust sequence numbers' \
		"$v" -A FORWARD -p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460
	check_no_output "$v: no rule is there" '^-A' in_ns "$router" "$v-save"
done

for module in nf_synproxy_core nft_synproxy nf_flow_table nft_flow_offload nfnetlink_cthelper nf_conntrack_ftp; do
	if modinfo "$module" >/dev/null 2>&1; then
		check_absent "the kernel's own $module" "" 'refusing nf_conntrack: ctrack tracks connections here' modprobe "$module"
	else
		skip "this kernel has none" "the kernel's own $module"
	fi
done
check_no_output "none of it is there" '^(nf_synproxy|nft_synproxy|nf_flow|nft_flow|ip6?t_SYNPROXY|nf_conntrack)' lsmod
