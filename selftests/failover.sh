#!/bin/bash
# limit: 600
# Two routers that share addresses by keepalived and connections by conntrackd, set up as Documentation/failover.rst says.
# What goes through one goes on through the other when the first one dies: a download, UDP and TCP that was idle,
# translated and not, whoever speaks first. So it does when a router that came back is given its role again.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/download.sh"

page=$(dirname "$0")/../Documentation/failover.rst

# on_page NAME: the block of that name
on_page() {
	awk -v name="   :name: $1" '
		$0 == name { found = 1; next }
		found && /^[^ ]/ { exit }
		found && (seen || NF) { seen = 1; sub(/^   /, ""); print }' "$page"
}

# --- routers

declare -A main=() # the process that holds a router's mounts, and so its daemons

# on ROUTER COMMAND...: there, with its own /run and /etc/{conntrackd,keepalived}
on() { nsenter --target "${main[$1]}" --net --mount "${@:2}"; }

configuration() { # SIDE MODE
	local etc=$work/$1 file
	mkdir "$etc"
	for file in conntrackd.conf keepalived.conf failover.sh nftables.conf; do on_page $file >"$etc/$file"; done
	if [ "$2" = NOTRACK ]; then
		on_page notrack >"$etc/mode"
		sed -i -e "/Mode FTFW {/{r $etc/mode" -e 'N; d}' "$etc/conntrackd.conf"
		on_page failover-notrack.sh >"$etc/failover.sh"
		sed -i 's/snat ip to .*/masquerade/' "$etc/nftables.conf"
	fi
	# what the page says of the right one
	[ "$1" = left ] || sed -i -e 's/10\.9\.9\.1$/10.9.9.X/; s/10\.9\.9\.2$/10.9.9.1/; s/10\.9\.9\.X$/10.9.9.2/' \
		-e 's/priority 150/priority 100/' "$etc/conntrackd.conf" "$etc/keepalived.conf"
	chmod 755 "$etc/failover.sh"
}

# boot SIDE NUMBER: a machine that knows nothing
boot() {
	local side=$1 ns port
	netns "$side"
	ns=${!side}
	for port in inside outside sync; do
		veth "$ns" $port "$switches" "$port-$side"
		ip -n "$switches" link set "$port-$side" master $port up
	done
	on_page failover.conf | in_ns "$ns" sysctl -qp -
	# what is idle lasts, however slow the machine
	set_sysctl "$ns" net.netfilter.nf_conntrack_{udp_timeout,udp_timeout_stream,icmp_timeout}=600
	address "$ns" inside "10.0.1.25$2/24"
	address "$ns" outside "10.9.2.25$2/24"
	address "$ns" sync "10.9.9.$2/30"
	wait_links "$ns"
	# not in_ns: $! shall be that very process
	nsenter --net="/run/netns/$ns" unshare --mount sh -c "
		mount -t tmpfs none /run
		mkdir -p /etc/conntrackd /etc/keepalived
		mount --bind $work/$side /etc/conntrackd
		mount --bind $work/$side /etc/keepalived
		exec sleep 1000000" &
	background+=($!)
	main[$side]=$!
	wait_for 60 on "$side" test -e /etc/keepalived/keepalived.conf
	on "$side" nft -f /etc/keepalived/nftables.conf
}
serve() { # SIDE
	spawn on "$1" conntrackd
	wait_for 60 on "$1" conntrackd -s
	spawn on "$1" keepalived --vrrp --dont-fork --log-console
}
is_primary() { # SIDE
	ip -n "${!1}" -o address show dev outside | grep -q ' 10.0.2.1/24 ' &&
		ip -n "${!1}" -o address show dev inside | grep -q ' 10.0.1.1/24 '
}
# dies SIDE: from one moment to the next
dies() {
	local process port
	for process in $(ip netns pids "${!1}"); do kill -KILL "$process"; done
	{ wait "${main[$1]}"; } 2>/dev/null || true
	for port in inside outside sync; do ip -n "$switches" link delete "$port-$1"; done
}
# hands_over SIDE: as when keepalived is stopped on it
hands_over() { on "$1" sh -c 'kill $(cat /run/keepalived.pid)'; }

# --- hosts

network() { # MODE
	local port
	netns client server switches
	for port in inside outside sync; do
		ip -n "$switches" link add $port type bridge
		ip -n "$switches" link set $port up
	done
	veth "$client" c0 "$switches" client
	veth "$server" s0 "$switches" server
	ip -n "$switches" link set client master inside up
	ip -n "$switches" link set server master outside up
	edge "$client" c0 1
	edge "$server" s0 2
	address "$client" c0 10.0.1.3/24
	configuration left "$1"
	configuration right "$1"
	boot left 1
	boot right 2
	serve left
	wait_for 60 is_primary left
	serve right
}

has_downloaded() { [ "$(downloaded)" -gt "$1" ]; }
download_goes_on() {
	wait_for 60 has_downloaded $(($(downloaded) + 1000000)) && kill -0 $server_pid && kill -0 $client_pid
}

related() { in_ns "$1" python3 -ESsB "$(dirname "$0")/tools/related.py" "$2"; } # NAMESPACE make|show

# Two hosts with the same ports, so that the second gets other ones: a router that knew nothing would give it its own.
open_all() {
	local host
	# with the router itself, before all others
	sock listen own "$left" 10.0.1.1 22
	sock tcp admin "$client" 10.0.1.2 0
	sock connect admin 10.0.1.1 22
	sock listen l "$server" 10.0.2.2 80
	sock listen l6 "$server" fd00:2::2 80
	sock listen l85 "$server" 10.0.2.2 85
	sock udp dnsd "$server" 10.0.2.2 54
	for host in 2 3; do
		sock tcp "ssh$host" "$client" "10.0.1.$host" 4000
		sock connect "ssh$host" 10.0.2.2 80
		sock accept "sshd$host" l >/dev/null
		sock udp "dns$host" "$client" "10.0.1.$host" 4000
		sock connect "dns$host" 10.0.2.2 54
		sock send "dns$host" hello
		dns_seen[$host]=$(sock answer dnsd hello)
		sock receive "dns$host" >/dev/null
		in_ns "$client" ping -nq -c 1 -W 30 -e 77 -I "10.0.1.$host" 10.0.2.2 >/dev/null
	done
	sock tcp ssh6 "$client" fd00:1::2 4000
	sock connect ssh6 fd00:2::2 80
	sock accept sshd6 l6 >/dev/null
	# no helper is there that makes one of these
	related "$left" make
	begin_download
	wait_for 60 has_downloaded 1000000
}

# --- what is known where

open_connections() { # how many of each kind a list on stdin has
	grep -E '^(udp|icmp) |\[ASSURED\]' |
		sed -nE 's/^(\w+) .* src=(10\.0\.1|fd00:1:).* (dport=(80|54|84)|type=8 code=0 id=77) .*/\1 \2 \3/p' |
		sort | uniq -c | tr -s ' \n' ' '
}
all_connections=" 2 icmp 10.0.1 type=8 code=0 id=77 2 tcp 10.0.1 dport=80 1 tcp 10.0.1 dport=84 1 tcp fd00:1: dport=80"
all_connections+=" 2 udp 10.0.1 dport=54 "
# known SIDE kernel|-e: in its kernel or, of the other one's, in its external cache
known() { if [ "$2" = kernel ]; then entries "$1"; else on "$1" conntrackd "$2"; fi; }
knows_all() { [ "$(known "$@" | open_connections)" = "$all_connections" ]; }
knows_none_to() { ! known "$1" "$2" | grep -q "dst=$3 "; }
entries() { in_ns "${!1}" conntrack -L 2>/dev/null; }
# translations SIDE: what answers are sent to; conntrackd does not tell that of a ping
translations() {
	entries "$1" | sed -nE 's/.* (src=10.0.1.[23] .*dport=(80|54)) .* (dst=[0-9.]+) .*(dport=[0-9]+) .*/\1 \3 \4/p' | sort
}

# --- all goes on

first_server() { sock send "sshd$1" word && sock receive "ssh$1"; }
first_client() { sock send "ssh$1" word && sock receive "sshd$1"; }
dns_first_server() {
	local address port
	read -r _ address port <<<"${dns_seen[$1]}"
	sock send dnsd word "$address" "$port" && sock receive "dns$1"
}
dns_first_client() {
	sock send "dns$1" hello
	[ "$(sock answer dnsd hello)" = "${dns_seen[$1]}" ] && sock receive "dns$1"
}

all_go_on() { # DESCRIPTION
	check "$1: the download goes on" download_goes_on
	check "$1: idle TCP, the server speaks first" first_server 2
	check "$1: and the client" first_client 2
	check "$1: with another port, the client speaks first" first_client 3
	check "$1: and the server" first_server 3
	check "$1: over IPv6, the server speaks first" first_server 6
	check "$1: and the client" first_client 6
	check "$1: UDP, the server speaks first" dns_first_server 2
	check "$1: and the client" dns_first_client 2
	check "$1: with another port, the client speaks first" dns_first_client 3
	check "$1: and the server" dns_first_server 3
}
new_connection() {
	sock tcp new "$client" 10.0.1.2 0 && sock connect new 10.0.2.2 85 && sock accept newd l85 &&
		sock send new word && sock receive newd
}

dns_seen=() # whom the server sees, by host

fails_over() { # MODE kernel|-e: where right has what left tells it
	network "$1"
	open_all
	check "$1: the backup hears of all connections" wait_for 60 knows_all right "$2"
	check "$1: but not of those with the router itself" knows_none_to right "$2" 10.0.1.1
	check_not "$1: which were there" knows_none_to left kernel 10.0.1.1
	before=$(translations left)
	check_equal "$1: four are translated" 4 "$(wc -l <<<"$before")"
	check "$1: and it is the backup" wait_for 60 eval 'is_primary left && ! is_primary right'
	dies left
	check "$1: the primary dies: the backup has the addresses" wait_for 60 is_primary right
	check "$1: and the connections in its kernel" wait_for 60 knows_all right kernel
	check_equal "$1: with their translations" "$before" "$(translations right)"
	check_equal "$1: and whose a related one is" "5 expected 6" "$(related "$right" show)"
	all_go_on "$1"
	check "$1: new ones are made" new_connection
}

fails_over FTFW -e
boot left 1
serve left
check "FTFW: the first router is back, and hears of all connections" wait_for 60 knows_all left -e
check "FTFW: it does not take the addresses" eval 'is_primary right && ! is_primary left'
hands_over right
check "FTFW: the second gives it the addresses" wait_for 60 is_primary left
check "FTFW: it has the connections in its kernel" wait_for 60 knows_all left kernel
check_equal "FTFW: with their translations" "$before" "$(translations left)"
check_equal "FTFW: and whose a related one is" "5 expected 6" "$(related "$left" show)"
all_go_on "FTFW, back again"
check "FTFW, back again: new ones are made" new_connection
start_again

rm -r "$work/left" "$work/right"
fails_over NOTRACK kernel
