#!/bin/bash
# What TCP sends through a tunnel over UDP may be longer than UDP's own length can say, as long as
# it is not cut into segments: the length is zero then. It is tracked and translated like any other.
#
#    $client (v0) fd00:9::1 --- $router --- fd00:9::2 (v0) $server

. "$(dirname "$0")/lib.sh"

# tunnel NS LOCAL REMOTE ADDRESS
tunnel() {
	ip -n "$1" link add v0 type vxlan id 7 local "$2" remote "$3" dstport 4789 nolearning
	address "$1" v0 "$4"
}

# big NS IF: it sends packets of three times what usually is the most
big() { ip -n "$1" link set "$2" gso_max_size 196608 gro_max_size 196608 2>/dev/null; }

all_big() {
	big "$client" c0 && big "$router" r0 && big "$router" r1 && big "$server" s0 &&
		big "$client" v0 && big "$server" v0
}

topology_router
tunnel "$client" fd00:1::2 fd00:2::2 fd00:9::1/64
tunnel "$server" fd00:2::2 fd00:1::2 fd00:9::2/64
all_big || {
	skip "this kernel's tunnels send nothing as long as that"
	exit 0
}
rules "$router" <<-'END'
	table inet seen {
		counter large { }
		counter invalid { }
		chain forward {
			type filter hook forward priority filter
			iifname r0 udp length 0 counter name large
			ct state invalid counter name invalid
		}
	}
	table inet nat { chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }; }
END
head -c 33554432 /dev/urandom >"$work/blob"
in_ns "$server" socat -u "TCP6-LISTEN:80,reuseaddr" "CREATE:$work/arrived" </dev/null &
receiver=$!
background+=("$receiver")
wait_for 30 listens "$server" tcp 80
check "32 MiB are sent" in_ns "$client" timeout "$(patience 120)" \
	socat -u -b 1048576 "OPEN:$work/blob" "TCP6:[fd00:9::2]:80"
wait "$receiver" || true
check "and arrive as they were" cmp "$work/blob" "$work/arrived"
check_output "in packets without a length" '^large [1-9]' counted "$router" seen large
check_equal "none is invalid" "" "$(counted "$router" seen invalid)"
check_output "they are of one connection, translated" \
	"src=fd00:1::2 dst=fd00:2::2 .*dport=4789 .*src=fd00:2::2 dst=fd00:2::1 " tracked "$router" proto udp nat snat
check_equal "nothing was refused" "" "$(reasons "$router")"
