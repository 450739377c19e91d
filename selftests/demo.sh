#!/bin/bash
# A tour of a NAT router that runs on ctrack. Fails when something it shows did not happen.

. "$(dirname "$0")/lib.sh"

started=${EPOCHREALTIME/./}
heading() { printf '\n\n=== %s\n' "$*"; }
say() { printf '\n%s\n' "$*"; }

# prompt NS|'' WORD...: a command as one would type it there
prompt() {
	local line="${1%-*}\$" word
	shift
	for word; do
		case $word in *[!a-zA-Z0-9_.,:/=@%+-]*) word="'$word'" ;; esac
		line+=" $word"
	done
	printf '\n%s\n' "$line"
}

# show NS COMMAND...: the prompt, and what the command really prints
show() {
	local ns=$1
	prompt "$@"
	shift
	in_ns "$ns" "$@" 2>&1 | tee "$work/shown"
	return "${PIPESTATUS[0]}"
}

# expect REGEX: what was shown last has to have it
expect() { grep -qE -e "$1" "$work/shown" || fail "this should be seen above: $1"; }
fail() {
	printf '\nThe demo failed: %s\n' "$1"
	failed=yes
	exit 1
}

quiet_end() {
	local status=$? process name
	trap - EXIT ERR
	set +e
	[ $status = 0 ] || [ -n "${failed:-}" ] || printf '\nThe demo failed: %s\n' "$ended"
	for process in "${background[@]}"; do kill "$process" 2>/dev/null; done
	for name in "${namespaces[@]}"; do
		for process in $(ip netns pids "$name"); do kill -KILL "$process"; done
		ip netns delete "$name"
	done 2>/dev/null
	rm -rf "$work"
	exit $status
}
trap quiet_end EXIT

serve() { # NS ADDRESS PORT DIRECTORY
	spawn in_ns "$1" busybox httpd -f -p "$(bracketed "$2"):$3" -h "$4"
	wait_for 30 listens "$1" tcp "$3" || fail "no web server on port $3"
}

heading "The tracker"
say "The kernel is Debian's own; ctrack takes the place of nf_conntrack and nf_nat in it."
prompt '' uname -r
uname -r
prompt '' modprobe ctrack_nat
modprobe ctrack_nat || fail "ctrack does not load"
no_nf_conntrack() {
	printf '\n$ lsmod | grep -E "ctrack|conntrack|nat"\n'
	lsmod | grep -E 'ctrack|conntrack|nat' | tee "$work/shown"
	expect '^ctrack '
	! grep -qE 'nf_(conntrack|nat)' "$work/shown" || fail "nf_conntrack is loaded"
}
no_nf_conntrack
prompt '' modprobe nf_conntrack
modprobe nf_conntrack 2>&1 && fail "nf_conntrack was not kept out"
printf '\n$ dmesg -t | grep refusing\n'
dmesg -t | grep refusing | tee "$work/shown"
expect 'refusing nf_conntrack'

heading "The network"
say "Three network namespaces, IPv4 and IPv6:

   client 10.0.1.2 ---- 10.0.1.1 router 10.0.2.1 ---- 10.0.2.2 server
          fd00:1::2     fd00:1::1       fd00:2::1     fd00:2::2"
topology_router
# a ping is still listed in the end, however slow the machine
set_sysctl "$router" net.netfilter.nf_conntrack_icmp_timeout=600
# the way back is NAT's business
ip -n "$server" route delete default
ip -n "$server" -6 route delete default
mkdir "$work/www" "$work/home"
echo 'hello from the server' >"$work/www/index.html"
head -c 3000000 /dev/urandom >"$work/www/film"
echo "this is the client's own page" >"$work/home/index.html"
serve "$server" 10.0.2.2 80 "$work/www"
serve "$server" fd00:2::2 80 "$work/www"
serve "$client" 10.0.1.2 8000 "$work/home"
say "The server has no route to the client: without NAT no answer finds its way back."
show "$client" curl -sS -m 1 http://10.0.2.2/ && fail "there was an answer without NAT"

heading "The rules"
say "What any router has: the client may go out and is masqueraded, the server may not
come in, but for port 8080 of the router, which is the client's web server."
cat >"$work/router.nft" <<-'END'
	table inet router {
	    chain forward {
	        type filter hook forward priority filter; policy drop
	        ct state vmap { established : accept, related : accept, invalid : drop }
	        iifname r0 oifname r1 accept
	        ct status dnat accept
	    }
	    chain prerouting {
	        type nat hook prerouting priority dstnat
	        iifname r1 tcp dport 8080 dnat ip to 10.0.1.2:8000
	    }
	    chain postrouting {
	        type nat hook postrouting priority srcnat
	        oifname r1 masquerade
	    }
	}
END
cd "$work"
show "$router" cat router.nft
show "$router" nft -f router.nft || fail "nft refuses the rules"
show "$router" ctctl list
expect '^0 entries$'

heading "What happens while it happens"
say "From now on the router tells of each connection that comes, changes and goes."
printf '\nrouter$ ctctl events >events &\n'
in_ns "$router" ctctl events </dev/null >"$work/events" 2>&1 &
background+=($!)
wait_for 30 has_listeners "$router" || fail "ctctl does not listen"

heading "The client goes out"
show "$client" curl -sS -m 60 http://10.0.2.2/ || fail "no page"
expect '^hello from the server$'
show "$client" curl -sS -m 60 http://\[fd00:2::2\]/ || fail "no page over IPv6"
expect '^hello from the server$'
show "$client" curl -sS -m 120 -o film -w '%{size_download} bytes in %{time_total} s\n' http://10.0.2.2/film ||
	fail "no film"
expect '^3000000 bytes'
prompt "$client" cmp film www/film
cmp film www/film || fail "the film arrived damaged"
show "$client" ping -n -c 1 -W 30 10.0.2.2 || fail "no ping"

heading "The server comes in, by the forwarded port only"
show "$server" curl -sS -m 60 http://10.0.2.1:8080/ || fail "no page through the forwarded port"
expect "client's own page"
show "$server" curl -sS -m 1 http://10.0.2.1:8000/ && fail "there was an answer on a port that is not forwarded"

heading "The table"
say "A connection that stays open, and what was there before:"
sock tcp chat "$client" 10.0.1.2 40000
sock connect chat 10.0.2.2 80
show "$router" ctctl list --sort proto
expect '^tcp +established .*10.0.1.2:40000 +10.0.2.2:80 +snat 10.0.2.1:40000'
expect '^tcp +time_wait .*10.0.2.2:[0-9]+ +10.0.2.1:8080 +dnat 10.0.1.2:8000'
expect '^tcp .*\[fd00:1::2\]:[0-9]+ +\[fd00:2::2\]:80 +snat \[fd00:2::1\]'
expect '^icmp '
say "The same for scripts, and by the tool that everybody has:"
show "$router" ctctl list sport 40000 -o json
expect '"state":"established"'
show "$router" conntrack -L -p tcp --orig-port-src 40000
expect 'ESTABLISHED src=10.0.1.2 .*ASSURED'

heading "One is deleted"
show "$router" ctctl delete proto tcp state established dport 80 || fail "nothing was deleted"
expect '^1 entry deleted$'
show "$router" ctctl list proto tcp state established
expect '^0 of [0-9]+ entries$'

heading "What the router told meanwhile"
told() { grep -q 'destroy .*10.0.1.2:40000' "$work/events"; }
wait_for 30 told || fail "the end of the connection was not told"
prompt "$router" cat events
cp "$work/events" "$work/shown"
grep -E ':40000|:8080|icmp' "$work/shown"
echo "... and $(grep -vcE ':40000|:8080|icmp' "$work/shown") more lines"
expect 'new +tcp +syn_sent +10.0.1.2:40000 -> 10.0.2.2:80 +snat 10.0.2.1:40000'
expect 'update +tcp +established +10.0.1.2:40000'
expect 'new +icmp '

heading "And why it refused what it refused"
say "Each packet that is invalid, or dropped by the tracker, is counted under one reason.
This one belongs to no connection: the answer to a ping that nobody sent."
sock ping "$server" 10.0.2.2 10.0.2.1 reply 7
show "$router" ctctl stats
expect '^icmp_answer +1$'

heading "The end"
no_nf_conntrack
say "All of this took $(((${EPOCHREALTIME/./} - started) / 1000000)) seconds. \`make shell\` starts the same machine, for you."
