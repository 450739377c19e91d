#!/bin/bash
# modules: none
# ctrack and nf_conntrack want the same place: whoever comes second is refused, with a line in
# the log that says what to unload; and once the first has gone it gets the place.

. "$(dirname "$0")/lib.sh"

said_since() { # MARK REGEX
	dmesg | sed "1,/$1/d" | grep -E "$2"
}
mark() {
	mark="beside: $RANDOM$RANDOM"
	echo "$mark" >/dev/kmsg
}

is_loaded() { [ -e "/sys/module/$1" ]; }

netns ns
check "ctrack first" modprobe ctrack_nat
mark
check_not "nf_conntrack is refused" modprobe nf_conntrack
check_output "with a line that says what to unload" 'refus.*nf_conntrack.*modprobe -r ctrack_nat ctrack' said_since "$mark" .
check_not "it is not there" is_loaded nf_conntrack
check_not "nor is what needs it" modprobe nft_ct
check_not "nor this" modprobe nf_conntrack_netlink
check "rules get ctrack's ct" rules "$ns" <<<"table inet t { chain c { type filter hook output priority 0; ct state new; }; }"
check_not "and none of the kernel's own" is_loaded nft_ct
rules "$ns" <<<"flush ruleset"
check "ctrack goes" modprobe -r ctrack_nat ctrack
check "then nf_conntrack comes" modprobe nf_conntrack

mark
check_not "ctrack is refused" modprobe ctrack
check_output "with a line that says what to unload" 'nf_conntrack is there already.*modprobe -r nf_conntrack' said_since "$mark" .
check_not "it is not there" is_loaded ctrack
check_not "nor is ctrack_nat" modprobe ctrack_nat
check "modules of nf_conntrack come" modprobe -a nf_conntrack_netlink nft_ct nft_masq nft_chain_nat
check "and work" rules "$ns" <<<"table inet t { chain c { type nat hook postrouting priority 100; ct state new masquerade; }; }"
check_output "without ctrack" '^0$' in_ns "$ns" conntrack -C
key="proto udp src 10.0.0.1 dst 10.0.0.2 sport 1 dport 2"
for words in list dump "get $key" "add $key timeout 9" "delete all" "flush all" events save stats trace "why $key" latency on off; do
	# shellcheck disable=SC2086
	check_output "which ctctl knows: $words" '^ctctl: ctrack is not loaded; run: modprobe ctrack_nat$' in_ns "$ns" ctctl $words
	check_status "and fails: $words" 1 in_ns "$ns" ctctl $words
done
rules "$ns" <<<"flush ruleset"
check "they go" modprobe -r nft_masq nft_ct nft_chain_nat nf_conntrack_netlink nf_nat nf_conntrack
check "then ctrack comes" modprobe ctrack_nat
check "and works" rules "$ns" <<<"table inet t { chain c { type nat hook postrouting priority 100; ct state new masquerade; }; }"
rules "$ns" <<<"flush ruleset"
check "and goes" modprobe -r ctrack_nat ctrack
