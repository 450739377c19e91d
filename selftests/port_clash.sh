#!/bin/bash
# Two connections that would look alike to the server: the later one gets another port, be it
# translated or the router's own. When no port is left the packet is dropped and counted, and a
# port that becomes free is found at once.
#
# The in-tree tracker tries some ports of a range only, and drops connections while others are
# free; and one that is not translated is dropped when its port is taken.

. "$(dirname "$0")/lib.sh"

# asks NS FROM SPORT SERVER DPORT: whom the server sees; the answer has to come back
asks() {
	local from
	sock udp "c$2-$3" "$1" "$2" "$3" || return
	sock connect "c$2-$3" "$4" "$5"
	again "c$2-$3" "$4" "$5"
}
again() { # SOCKET SERVER DPORT
	local from
	sock send "$1" hello
	from=$(sock answer "s$3" answer) || return
	[ "$(sock receive "$1")" = "answer $2 $3" ] || return
	echo "${from#hello }"
}

clash() { # FAMILY CLIENT SECOND-CLIENT OUTSIDE SERVER ICMP REQUEST
	local said
	for port in 53 54 55; do sock udp "s$port" "$server" "$5" "$port"; done
	check_output "IPv$1: the first client keeps its port" "^$4 4000$" asks "$client" "$2" 4000 "$5" 53
	check_output "IPv$1: the second client gets another" "^$4 [0-9]+$" asks "$client" "$3" 4000 "$5" 53
	said=$output
	check_not "IPv$1: which is another one" [ "$said" = "$4 4000" ]
	check_equal "IPv$1: and keeps it" "$said" "$(again "c$3-4000" "$5" 53)"
	check_equal "IPv$1: as does the first" "$4 4000" "$(again "c$2-4000" "$5" 53)"

	check_output "IPv$1: the router's own port is taken: it gets another" "^$4 [0-9]+$" asks "$router" "$4" 4000 "$5" 53
	check_not "IPv$1: which is another one" grep -qxF -e "$4 4000" -e "$said" "$work/output"
	check_equal "IPv$1: the router's own comes first: it keeps its port" "$4 4001" "$(asks "$router" "$4" 4001 "$5" 53)"
	check_output "IPv$1: and the client gets another" "^$4 [0-9]+$" asks "$client" "$2" 4001 "$5" 53
	check_not "IPv$1: which is another one" [ "$output" = "$4 4001" ]

	sock udp c "$client" "$2" 4002
	sock send c forwarded "$(inside "$1")" 54
	check_equal "IPv$1: a forwarded port" "forwarded $2 4002" "$(sock answer s54 one)"
	sock send c direct "$5" 54
	check_output "IPv$1: and what it is forwarded to, from the same port" "^direct $2 [0-9]+$" sock answer s54 two
	check_equal "IPv$1: answers come from whom was asked" "one $(inside "$1") 54 two $5 54" "$(sock receive c) $(sock receive c)"

	sock listen l "$server" "$5" 80
	for address in "$2" "$3"; do
		sock tcp "c$address" "$client" "$address" 4003
		check "IPv$1: TCP from the same port of $address" sock connect "c$address" "$5" 80
		sock accept s l >/dev/null
		sock send s "to-$address"
		check_output "IPv$1: gets what is for it" "^to-$address$" sock receive "c$address"
	done

	for address in "$2" "$3"; do
		check "IPv$1: a ping with the same identifier from $address" in_ns "$client" ping -nq -c 2 -i 0.01 -W 30 -e 77 -I "$address" "$5"
	done
	check_equal "IPv$1: two queries" 2 "$(tracked "$router" proto "$6" | grep -c "type=$7 code=0 id=77 ")"
}
inside() { case $1 in 4) echo 10.0.1.1 ;; 6) echo fd00:1::1 ;; esac; }

# fill FIRST LAST DPORT: connections from these ports, and where they went
fill() {
	local port
	for ((port = $1; port <= $2; port++)); do asks "$client" 10.0.1.2 "$port" 10.0.2.2 "$3"; done
}

free() { in_ns "$router" ctctl delete proto udp sport "$1" >/dev/null; }

exhaustion() {
	local went missing
	sock udp s99 "$server" 10.0.2.2 99
	went=$(fill 5001 5004 99 | sort)
	check_equal "four ports, four connections" "$(printf '10.0.2.1 %s\n' 6000 6001 6002 6003)" "$went"
	reasons "$router" >/dev/null
	check_not "the fifth one is not let through" eval 'sock udp c5 "$client" 10.0.1.2 5005; sock send c5 hello 10.0.2.2 99; sock receive s99 0.3'
	check_output "which is counted" 'nat_no_port 1' reasons "$router"
	check_no_output "and has no entry" . tracked "$router" sport 5005
	missing=$(tracked "$router" sport 5002 | sed -E 's/.* dport=(60..).*/\1/')
	free 5002
	sock connect c5 10.0.2.2 99
	check_equal "one is deleted: at once it gets through, by the free port" "10.0.2.1 $missing" "$(again c5 10.0.2.2 99)"

	sock udp s98 "$server" 10.0.2.2 98
	went=$(fill 5101 5116 98 | sort)
	check_equal "sixteen ports, sixteen connections" "$(printf '10.0.2.1 %s\n' {7000..7015})" "$went"
	for port in 5101 5107 5116; do
		missing=$(tracked "$router" sport "$port" | sed -E 's/.* dport=(70..).*/\1/')
		free "$port"
		check_equal "fifteen are taken: the free one is found" "10.0.2.1 $missing" "$(asks "$client" 10.0.1.3 "$port" 10.0.2.2 98)"
		missing=$(tracked "$router" sport "$port" | sed -E 's/.* dport=(70..).*/\1/')
	done
}

# Three addresses with two ports each, for one client: what one address has not, another one has,
# unless the client shall keep his.
addresses() {
	local went
	sock udp s97 "$server" 10.0.2.2 97
	went=$(fill 5201 5206 97 | sort)
	check_equal "three addresses with two ports each, six connections" \
		"$(printf '10.8.0.2%d 600%d\n' 0 0 0 1 1 0 1 1 2 0 2 1)" "$went"
	check_not "the seventh one is not let through" heard 5207 97
	sock udp s96 "$server" 10.0.2.2 96
	went=$(fill 5301 5302 96 | sort)
	check_output "persistent: two connections by one address" '^10.8.0.2[0-2] 6000$' \
		echo "$went"
	check_equal "persistent: and both of its ports" \
		"${went%% *} 6000"$'\n'"${went%% *} 6001" "$went"
	check_not "persistent: no third one by another" heard 5303 96
	check_output "both are counted" 'nat_no_port 3' reasons "$router"
}
heard() { # SPORT DPORT: soon?
	sock udp c "$client" 10.0.1.2 "$1"
	sock send c hello 10.0.2.2 "$2"
	sock receive "s$2" 0.3
}

topology_router
# what holds a port holds it to the end, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_udp_timeout{,_dns}=600
address "$client" c0 10.0.1.3/24 fd00:1::3/64
rules "$router" <<-'END'
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat
			ip daddr 10.0.1.1 udp dport 54 dnat ip to 10.0.2.2
			ip6 daddr fd00:1::1 udp dport 54 dnat ip6 to fd00:2::2
		}
		chain post {
			type nat hook postrouting priority srcnat
			iifname != r0 accept
			udp dport 54 accept
			udp dport 99 masquerade to :6000-6003
			udp dport 98 masquerade to :7000-7015
			udp dport 97 snat ip to 10.8.0.20-10.8.0.22:6000-6001
			udp dport 96 snat ip to 10.8.0.20-10.8.0.22:6000-6001 persistent
			masquerade
		}
	}
END
clash 4 10.0.1.2 10.0.1.3 10.0.2.1 10.0.2.2 icmp 8
clash 6 fd00:1::2 fd00:1::3 fd00:2::1 fd00:2::2 icmpv6 128
check_equal "nothing was refused" "" "$(reasons "$router")"
exhaustion
addresses
