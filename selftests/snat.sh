#!/bin/bash
# snat: to an address, a range of them, a prefix, ports, at random, persistent; for IPv4 and IPv6, in
# postrouting and for what is for the router itself. What the server sees is what counts.

. "$(dirname "$0")/lib.sh"

# seen SOURCE SPORT SERVER DPORT: by what address and port the server sees it; the answer has
# to come back
seen() {
	local from
	sock udp c "$client" "$1" "$2" || return
	sock connect c "$3" "$4"
	sock send c hello
	from=$(sock answer "s$4$(family "$3")" answer) || return
	[ "$(sock receive c)" = "answer $3 $4" ] || echo "no answer; "
	echo "${from#hello }"
}

check_seen() { # DESCRIPTION REGEX SOURCE SPORT SERVER DPORT
	local description=$1 regex=$2
	shift 2
	check_output "$description" "$regex" seen "$@"
}

# many SERVER DPORT: what is seen of connections from seven addresses each
many() {
	local i net=10.0.1.
	[ "$(family "$1")" = 4 ] || net=fd00:1::
	for i in 21 22 23 24 25 26 27; do seen "$net$i" "40$i" "$1" "$2"; done
}

# all_but_same DESCRIPTION REGEX LINES: all match, and they are not all the same
all_but_same() {
	local wrong
	wrong=$(grep -vE "$2" <<<"$3" || true)
	if [ -z "$wrong" ] && [ "$(sort -u <<<"$3" | wc -l)" -gt 1 ]; then ok "$1"; else not_ok "$1" "expected: $2" "$3"; fi
}

each_family() { # FAMILY CLIENT SERVER SECOND-SERVER NET CLIENTS-NET
	local address=${5//./\\.} again
	for port in 1 2 3 4 5 6 7 8; do
		sock udp "s$port$1" "$server" "$3" "$port"
		sock udp "second" "$server" "$4" 3
	done
	check_seen "IPv$1: an address, the port stays" "^${address}10 4000$" "$2" 4000 "$3" 1
	check_output "IPv$1: the entry says so" "^udp .*src=$2 dst=$3 sport=4000 dport=1 .*src=$3 dst=${address}10 sport=1 dport=4000" \
		tracked "$router" family "ipv$1" dport 1 nat snat
	all_but_same "IPv$1: a range of addresses" "^${address}1[0-3] 402[1-7]$" "$(many "$3" 2)"
	seen=$(many "$3" 3)
	all_but_same "IPv$1: persistent: all of them" "^${address}1[0-3] 402[1-7]$" "$seen"
	sock udp "s3$1" "$server" "$4" 3
	again=$(many "$4" 3)
	check_equal "IPv$1: persistent: the same for each client, to whatever server" "$seen" "$again"
	check_seen "IPv$1: a port that is in the range stays" "^${address}10 5042$" "$2" 5042 "$3" 4
	check_seen "IPv$1: a range of ports" "^${address}10 50[0-9][0-9]$" "$2" 4000 "$3" 4
	all_but_same "IPv$1: random" "^${address}10 [0-9]{4,5}$" "$(many "$3" 5 | grep -v ' 402[1-7]$')"
	all_but_same "IPv$1: fully-random, in a range" "^${address}10 50[0-9][0-9]$" "$(many "$3" 6)"
	check_seen "IPv$1: a prefix, the rest stays" "^${address}1[13] 4000$" "${6}25" 4000 "$3" 8
	check_seen "IPv$1: for each address" "^${address}1[02] 4000$" "${6}24" 4000 "$3" 8
	check_seen "IPv$1: but not where it does not begin so" "^${6}23 4000$" "${6}23" 4000 "$3" 8
	check_seen "IPv$1: no rule, no translation" "^$2 4000$" "$2" 4000 "$3" 7
}

topology_router
{
	for i in 21 22 23 24 25 26 27; do printf 'address add %s dev c0\n' "10.0.1.$i/24" "fd00:1::$i/64 nodad"; done
} | ip -n "$client" -batch -
for i in 10 11 12 13; do printf 'address add %s dev r1\n' "10.0.2.$i/24" "fd00:2::$i/64 nodad"; done | ip -n "$router" -batch -
address "$server" s0 10.0.2.3/24 fd00:2::3/64
rules "$router" <<-'END'
	table inet nat {
		chain post {
			type nat hook postrouting priority srcnat
			udp dport 1 snat ip to 10.0.2.10
			udp dport 1 snat ip6 to fd00:2::10
			udp dport 2 snat ip to 10.0.2.10-10.0.2.13
			udp dport 2 snat ip6 to fd00:2::10-fd00:2::13
			udp dport 3 snat ip to 10.0.2.10-10.0.2.13 persistent
			udp dport 3 snat ip6 to fd00:2::10-fd00:2::13 persistent
			udp dport 4 snat ip to 10.0.2.10:5000-5099
			udp dport 4 snat ip6 to [fd00:2::10]:5000-5099
			udp dport 5 snat ip to 10.0.2.10 random
			udp dport 5 snat ip6 to fd00:2::10 random
			udp dport 6 snat ip to 10.0.2.10:5000-5099 fully-random
			udp dport 6 snat ip6 to [fd00:2::10]:5000-5099 fully-random
			udp dport 8 snat ip prefix to ip saddr map { 10.0.1.24/30 : 10.0.2.12/30 }
			udp dport 8 snat ip6 prefix to ip6 saddr map { fd00:1::24/126 : fd00:2::10/126 }
		}
		chain in {
			type nat hook input priority 100
			tcp dport 80 snat ip to 10.0.1.77
			tcp dport 80 snat ip6 to fd00:1::77
		}
	}
END
each_family 4 10.0.1.2 10.0.2.2 10.0.2.3 10.0.2. 10.0.1.
each_family 6 fd00:1::2 fd00:2::2 fd00:2::3 fd00:2:: fd00:1::
in_ns "$router" nft list chain inet nat post >"$work/listed"
for words in "snat ip prefix to ip saddr map { 10.0.1.24/30 : 10.0.2.12/30 }" "snat ip6 prefix to ip6 saddr map { fd00:1::24/126 : fd00:2::10/126 }"; do
	check "it is listed as it was said: $words" grep -qF -e "$words" "$work/listed"
done

for pair in "10.0.1.2 10.0.1.1 10.0.1.77" "fd00:1::2 fd00:1::1 fd00:1::77"; do
	read -r from to as <<<"$pair"
	sock listen l "$router" "$to" 80
	sock tcp c "$client" "$from" 4000
	check "IPv$(family "$to"): in input: a connection is opened" sock connect c "$to" 80
	check_output "IPv$(family "$to"): in input: the router sees the translated source" "^$as 4000$" sock accept s l
	sock send c hello
	check_output "IPv$(family "$to"): in input: what is sent arrives" '^hello$' sock receive s
	sock send s answer
	check_output "IPv$(family "$to"): in input: and the answer" '^answer$' sock receive c
done
check_equal "nothing was refused" "" "$(reasons "$router")"

# A first packet asks each of them, and one that goes is looked for among the others.
chains() { for ((i = 0; i < $1; i++)); do echo "add chain ip many c$i { type nat hook postrouting priority 200; }"; done; }
many() { { echo "add table ip many"; chains "$1"; } | in_ns "$router" nft -f -; }
check_output "no more chains than at a hook of the kernel's own" "Argument list too long" many 1025
check "but some" many 100
