#!/bin/bash
# A policy for IPsec is about what leaves, and about what came. So a masquerading router that has a tunnel to the server
# sends through it what it has translated, and lets the answers in: the server answers nothing else.

. "$(dirname "$0")/lib.sh"

# associations NS FROM TO: one each way
associations() {
	local key=0x000102030405060708090a0b0c0d0e0f10111213
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi 0x101 \
		mode tunnel reqid 1 aead 'rfc4106(gcm(aes))' $key 128
	ip -n "$1" xfrm state add src "$3" dst "$2" proto esp spi 0x102 \
		mode tunnel reqid 1 aead 'rfc4106(gcm(aes))' $key 128
}

# policy NS DIRECTION FROM TO [WORD...]: what goes from the one to the other is in the tunnel between them
policy() {
	ip -n "$1" xfrm policy add dir "$2" src "$3" dst "$4" "${@:5}" tmpl src "$3" dst "$4" proto esp mode tunnel reqid 1
}

flush() {
	local ns
	for ns in "$router" "$server"; do
		ip -n "$ns" xfrm policy flush
		ip -n "$ns" xfrm state flush
	done
	in_ns "$router" ctctl flush all
}

# encrypted: how many of the packets that reached the server since it was asked last were in a tunnel
encrypted() { counted "$server" seen encrypted plain; }

# neighbours: router and server need not ask for each other, which the policies would be about as well
neighbours() {
	local mac
	mac=$(ip -n "$server" -o link show s0 | sed 's/.*ether \([^ ]*\).*/\1/')
	ip -n "$router" neighbour replace 10.0.2.2 lladdr "$mac" dev r1
	ip -n "$router" neighbour replace fd00:2::2 lladdr "$mac" dev r1
	mac=$(ip -n "$router" -o link show r1 | sed 's/.*ether \([^ ]*\).*/\1/')
	ip -n "$server" neighbour replace 10.0.2.1 lladdr "$mac" dev s0
	ip -n "$server" neighbour replace fd00:2::1 lladdr "$mac" dev s0
}

topology_router
if ! associations "$router" 10.0.2.1 10.0.2.2 2>/dev/null; then
	skip "this kernel has no ESP with AES-GCM"
	exit 0
fi
ip -n "$router" xfrm state flush
neighbours
rules "$router" <<-'END'
	table inet nat {
		chain output {
			type nat hook output priority -100
			meta nfproto ipv4 udp dport 5353 dnat ip to 10.0.2.2:53
			meta nfproto ipv6 udp dport 5353 dnat ip6 to [fd00:2::2]:53
		}
		chain postrouting {
			type nat hook postrouting priority srcnat
			iifname r0 oifname r1 masquerade
		}
	}
END
rules "$server" <<-'END'
	table inet seen {
		counter encrypted {}
		counter plain {}
		chain count {
			meta secpath exists counter name encrypted accept
			counter name plain
		}
		chain input {
			type filter hook input priority filter
			meta l4proto { tcp, udp } jump count
			icmp type echo-request jump count
			icmpv6 type echo-request jump count
		}
	}
END

refused=0
for family in IPv4 IPv6; do
	case $family in
	IPv4) from=10.0.2.1 to=10.0.2.2 net=10.0.1.0/24 ;;
	IPv6) from=fd00:2::1 to=fd00:2::2 net=fd00:1::/64 ;;
	esac
	version=${family#IPv}
	tcp_server "$server" "$to" 80
	udp_echo "$server" "$to" 53
	check "$family: without a tunnel" in_ns "$client" ping -c 1 -W 30 "$to"
	encrypted >/dev/null

	associations "$router" "$from" "$to"
	associations "$server" "$from" "$to"
	policy "$router" out "$from" "$to"
	policy "$router" fwd "$to" "$from"
	policy "$server" in "$from" "$to"
	policy "$server" out "$to" "$from"
	check "$family: a translated ping goes through the tunnel, and so does its answer" \
		in_ns "$client" ping -c 1 -W 30 "$to"
	check_equal "$family: and not beside it" "encrypted 1" "$(encrypted)"
	check_output "$family: TCP does" '^hello$' \
		in_ns "$client" bash -c "echo hello | socat -t 30 - TCP$version:$(bracketed "$to"):80"
	check_no_output "$family: and not beside it" plain encrypted
	flush

	associations "$router" "$from" "$to"
	associations "$server" "$from" "$to"
	policy "$router" out "$from" "$to" proto udp dport 53
	policy "$router" in "$to" "$from" proto udp sport 53
	policy "$server" in "$from" "$to" proto udp dport 53
	policy "$server" out "$to" "$from" proto udp sport 53
	check_output "$family: a policy for a port is about the translated one" '^hello$' \
		in_ns "$router" bash -c "echo hello | socat -t 5 - UDP$version:$(bracketed "$to"):5353"
	check_equal "$family: and its packet goes through the tunnel" "encrypted 1" "$(encrypted)"
	flush

	associations "$router" "$from" "$to"
	ip -n "$router" xfrm policy add dir out src "$net" dst "$to" \
		tmpl src "$from" dst "$to" proto esp mode tunnel reqid 1
	check "$family: a policy for what it is no longer does not apply" in_ns "$client" ping -c 1 -W 30 "$to"
	check_equal "$family: it goes in plain" "plain 1" "$(encrypted)"
	flush

	ip -n "$router" xfrm policy add dir out src "$from" dst "$to" action block
	check_not "$family: a policy that blocks what it is then is obeyed" in_ns "$client" ping -c 1 -W 1 "$to"
	refused=$((refused + 1))
	check_equal "$family: and is the reason" "nat_policy $refused" "$(reasons "$router")"
	flush
done
