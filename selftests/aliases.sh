#!/bin/bash
# modules: none
# The first rule or tool that needs connection tracking draws in ctrack, whatever it asks for, and none of the kernel's
# own modules, which have the same aliases.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"

all_loaded() {
	lsmod | awk '/^(ctrack|nf_conntrack|nf_nat|nft_ct|nft_(chain_)?nat|nft_masq|nft_redir|xt_conntrack|xt_nat|ip6?table_nat)/ { print $1 }' |
		sort | xargs
}

# resolved ALIAS: what modprobe would load, dependencies aside
resolved() { modprobe -R "$1" 2>/dev/null | xargs; }

aliases_of_both() {
	local module alias wrong=''
	# shellcheck disable=SC2086,SC2154
	for alias in $(modinfo -F alias ${in_tree#nf_conntrack} ctrack ctrack_nat ctrack_xt $legacy | sort -u); do
		module=$(resolved "$alias")
		[[ $module =~ ^ctrack(_nat|_xt|_iptable_nat)?$ ]] || wrong+="$alias: $module; "
		aliases=$((${aliases:-0} + 1))
	done
	check_equal "each alias of ctrack, or of a module that it replaces, leads to ctrack alone" "" "$wrong"
	check "there are many" [ "$aliases" -ge 60 ]
}

# first_use MODULES COMMAND...: which then are loaded. Whether it succeeds is not looked at: a masquerade in a
# chain that is not for NAT is refused after its module has come.
first_use() {
	local modules=$1
	shift
	in_ns "$ns" "$@" >/dev/null 2>&1 || true
	check_equal "$*" "$modules" "$(all_loaded)"
	in_ns "$ns" nft flush ruleset
	# shellcheck disable=SC2086
	modprobe -qr $legacy ctrack_xt ctrack_nat ctrack || true
	unload_tracker nf_conntrack
}

rule() { first_use "$1" nft "table $2 t { chain c { type filter hook postrouting priority 0; $3; }; }"; }

legacy=
! has_legacy || legacy=ctrack_iptable_nat
netns ns
aliases_of_both
check_equal "nothing is loaded" "" "$(all_loaded)"
first_use ctrack conntrack -L
first_use ctrack conntrack -L expect
first_use ctrack conntrack -S
first_use ctrack nfct list timeout
for family in ip ip6 inet; do
	rule ctrack $family "ct state new"
	rule "ctrack ctrack_nat" $family masquerade
	rule "ctrack ctrack_nat" $family "tcp dport 80 redirect to :8080"
	first_use "ctrack ctrack_nat" nft "table $family t { chain c { type nat hook postrouting priority 0; }; }"
done
rule ctrack inet notrack
rule ctrack inet "ct count 3"
rule "ctrack ctrack_nat" ip "snat to 10.0.0.1"
rule "ctrack ctrack_nat" inet "snat ip6 to fd00::1"
first_use ctrack nft "table inet t { ct timeout o { protocol tcp; policy = { close : 3 }; }; }"
first_use ctrack nft "table inet t { ct helper o { type \"ftp\" protocol tcp; }; }"
first_use ctrack nft "table inet t { ct expectation o { protocol tcp; dport 5432; timeout 1h; size 12; }; }"
for family in ip ip6 inet; do
	first_use ctrack nft "table $family t { flowtable o { hook ingress priority 0; devices = { lo }; }; }"
done
for v in iptables ip6tables; do
	first_use "ctrack ctrack_nat ctrack_xt" $v -A FORWARD -m conntrack --ctstate NEW
	first_use "ctrack ctrack_nat ctrack_xt" $v -A FORWARD -j CONNMARK --restore-mark
	first_use "ctrack ctrack_nat ctrack_xt" $v -t raw -A PREROUTING -j CT --notrack
	first_use "ctrack ctrack_nat ctrack_xt" $v -t nat -A POSTROUTING -j MASQUERADE
	[ -z "$legacy" ] || first_use "ctrack ctrack_iptable_nat ctrack_nat ctrack_xt" \
		sh -c "$v-legacy -t nat -A POSTROUTING -j MASQUERADE; $v-legacy -t nat -F"
done
