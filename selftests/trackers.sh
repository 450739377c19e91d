# shellcheck shell=bash
# For tests that begin with no tracker, and do the same on nf_conntrack and on ctrack. After lib.sh.

in_tree="nf_conntrack nfnetlink_cttimeout nf_conntrack_netlink nft_ct nft_chain_nat nft_nat nft_masq nft_redir xt_conntrack xt_state
	xt_connmark xt_connbytes xt_connlabel xt_connlimit xt_cluster xt_helper xt_CT xt_CONNSECMARK xt_nat xt_MASQUERADE xt_NETMAP
	xt_REDIRECT"

# load_tracker nf_conntrack|ctrack
load_tracker() {
	# shellcheck disable=SC2086
	case $1 in
	nf_conntrack)
		modprobe -a $in_tree
		# by its file, because its name leads to ctrack's
		! has_legacy || modprobe -C /dev/null -a iptable_nat ip6table_nat ;;
	ctrack) modprobe ctrack_xt ;;
	esac
}

# unload_tracker nf_conntrack|ctrack: when what is left of the namespaces is gone. One whose FIN can reach nobody any more
# stays for two minutes.
unload_tracker() { wait_for 200 with_its_holders "$1"; }

# with_its_holders MODULE: unloads it and what needs it
with_its_holders() {
	local holder
	for holder in "/sys/module/$1/holders/"*; do
		[ ! -e "$holder" ] || with_its_holders "${holder##*/}"
	done
	[ ! -e "/sys/module/$1" ] || rmmod "$1"
}

# on_both FUNCTION: calls it with either, $tracker says with which
on_both() {
	for tracker in nf_conntrack ctrack; do
		load_tracker "$tracker"
		"$@"
		start_again
		unload_tracker "$tracker"
	done
}

# connects NS FROM TO DPORT LISTENER: over TCP; says whom the listener saw, and what both heard. An empty FROM is any.
connects() {
	sock tcp c "$1" "${2:-0.0.0.0}" 0 && sock connect c "$3" "$4" && sock accept s "$5" && sock send c hello &&
		sock receive s && sock send s answer && sock receive c && sock close c && sock close s
}

check_connects() { # DESCRIPTION SEEN NS FROM TO DPORT LISTENER
	local description=$tracker:\ $1 seen=$2
	shift 2
	run connects "$@"
	if [ "$status" = 0 ] && [[ $output =~ ^$seen\ [0-9]+$'\n'hello$'\n'answer$ ]]; then
		ok "$description"
	else
		not_ok "$description" "expected: $seen PORT, hello, answer" "$(explain "$@")"
	fi
}

# check_entry DESCRIPTION NS REGEX: there is such an entry, as `conntrack -L` has it
check_entry() { check_output "$tracker: $1" "$3" entries "$2"; }
entries() {
	if [ "$tracker" = ctrack ]; then tracked "$1"; else in_ns "$1" conntrack -L; fi
}

# forget_recent NS: nobody's last visit is known there any more. Of a namespace that is left
# with some lockdep complains in xt_recent, and looks no further.
forget_recent() {
	in_ns "$1" nft flush ruleset
	wait_for 30 has_no_recent "$1"
}
has_no_recent() { [ -z "$(in_ns "$1" ls /proc/net/xt_recent)" ]; }
