#!/bin/bash
# Events: what conntrack -E and ctctl events tell of a connection, in its order, to each who
# listens in the namespace.

. "$(dirname "$0")/lib.sh"

listeners=0
# listen_to NAME NS COMMAND...: its output goes to $work/NAME; ready on return
listen_to() {
	local name=$1 ns=$2
	shift 2
	in_ns "$ns" "$@" </dev/null >>"$work/$name" 2>"$work/$name.err" &
	background+=($!)
	listeners=$((listeners + 1))
	wait_for 30 has_listeners "$ns" $listeners
}

# words NAME SED: what the listener has said
words() { sed -nE "$2" "$work/$1" | tr '\n' ' '; }
heard() { [ "$(grep -ciE "$2" "$work/$1")" -ge "$3" ]; }

# Whether CLOSE_WAIT is seen depends on when the server acknowledges the client's end.
connection() { # CLIENT SERVER PORT: one from beginning to end
	sock tcp c "$client" "$1" "$3"
	sock connect c "$2" 80
	sock accept s listener >/dev/null
	sock send c hello
	sock receive s >/dev/null
	sock shut c
	sock receive s >/dev/null
	sock close s
	sock receive c >/dev/null
	sock close c
}

topology_router
rules "$router" <<-'END'
	table inet nat {
		chain marks { type filter hook forward priority 0; udp dport 54 ct mark set 0x11; udp dport 55 ct event set destroy; }
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
listen_to conntrack "$router" conntrack -E
listen_to id "$router" conntrack -E -o id,ktimestamp -e NEW,DESTROY
listen_to ctctl "$router" ctctl events
listen_to json "$router" ctctl events -o json
listen_to udp "$router" ctctl events proto udp --count 3
listeners=0
listen_to other "$client" ctctl events

for pair in "10.0.1.2 10.0.2.2" "fd00:1::2 fd00:2::2"; do
	read -r from to <<<"$pair"
	v=IPv$(family "$from")
	sock listen listener "$server" "$to" 80
	connection "$from" "$to" 4000
	in_ns "$router" ctctl delete family "${v,,}" >/dev/null
	check "$v: conntrack -E hears its end" wait_for 30 heard conntrack DESTROY 1
	wait_for 30 heard json destroy 1 || true
	wait_for 30 heard ctctl destroy 1 || true
	wait_for 30 heard id destroy 1 || true
	check_equal "$v: conntrack -E tells a connection's life in its order" \
		"NEW SYN_SENT UPDATE SYN_RECV UPDATE ESTABLISHED UPDATE FIN_WAIT UPDATE LAST_ACK UPDATE TIME_WAIT DESTROY " \
		"$(words conntrack 's/^ *\[([A-Z]+)\] +tcp +6 ([0-9]+ )?([A-Z_]+ )?.*/\1 \3/p' | sed 's/ src=//; s/  */ /g; s/DESTROY TIME_WAIT/DESTROY/; s/UPDATE CLOSE_WAIT //')"
	check_equal "$v: as does ctctl events" \
		"new syn_sent update syn_recv update established update fin_wait update last_ack update time_wait destroy " \
		"$(words ctctl 's/^[0-9:.]+ +([a-z]+) +tcp +([a-z_]+) .*/\1 \2/p' | sed 's/destroy [a-z_-]*/destroy/; s/update close_wait //')"
	check_equal "$v: and as JSON" \
		"new syn_sent update syn_recv update established update fin_wait update last_ack update time_wait destroy " \
		"$(words json 's/^.*"event":"([a-z]+)".*"state":"([a-z_]+)".*/\1 \2/p' | sed 's/destroy [a-z_-]*/destroy/; s/update close_wait //')"
	outside=10.0.2.1
	[ "$v" = IPv4 ] || outside=fd00:2::1
	check_output "$v: NEW tells both directions" "\[NEW\] .*src=$from dst=$to sport=4000 dport=80 .*src=$to dst=$outside sport=80 dport=4000" \
		cat "$work/conntrack"
	check_output "$v: DESTROY tells what was counted" "\[DESTROY\] .*src=$from .* packets=[1-9][0-9]* bytes=[1-9][0-9]* .*packets=[1-9][0-9]* bytes" \
		cat "$work/conntrack"
	check_equal "$v: the id of the first event is that of the last" 1 \
		"$(sed -nE 's/.* id=([0-9]+).*/\1/p' "$work/id" | sort -u | wc -l)"
	for name in conntrack ctctl json id; do : >"$work/$name"; done
done

sock echo udp "$server" 10.0.2.2 54
sock udp c "$client" 10.0.1.2 4000
for i in 1 2; do sock ask c $i 10.0.2.2 54 >/dev/null; done
sleep 2.1 # then it is a stream
sock ask c 3 10.0.2.2 54 >/dev/null
check "ctctl events --count ends" wait_for 30 eval '! pgrep -f "ctctl events proto udp" >/dev/null'
check_equal "its FILTER lets through what it names" "new update update" "$(words udp 's/^[0-9:.]+ +([a-z]+) +udp .*/\1/p' | sed 's/ $//')"
check "NEW has the mark that rules set" wait_for 30 heard conntrack '\[NEW\] +udp .* mark=17' 1
check_equal "who listens in another namespace hears nothing" "" "$(cat "$work/other")"

sock echo udp "$server" 10.0.2.2 55
sock udp c "$client" 10.0.1.2 4003
sock ask c hello 10.0.2.2 55 >/dev/null
in_ns "$router" ctctl delete sport 4003 >/dev/null
check "ct event set: the event that is wanted comes" wait_for 30 heard conntrack 'DESTROY.* sport=4003' 1
check_equal "and no other" 1 "$(grep -c 'sport=4003' "$work/conntrack")"

set_sysctl "$router" net.netfilter.nf_conntrack_events=0
sock udp c "$client" 10.0.1.2 4001
sock ask c hello 10.0.2.2 54 >/dev/null
in_ns "$router" ctctl delete sport 4001 >/dev/null
set_sysctl "$router" net.netfilter.nf_conntrack_events=1
sock udp c "$client" 10.0.1.2 4002
sock ask c hello 10.0.2.2 54 >/dev/null
check "nf_conntrack_events=1: events come" wait_for 30 heard conntrack 'sport=4002' 1
check_no_output "nf_conntrack_events=0: none came" 'sport=4001' grep -v ' DESTROY' "$work/conntrack"

# a listener who does not read: the kernel drops what does not fit, and the numbers tell how much
in_ns "$router" ctctl flush all >/dev/null
listeners=$(listeners "$router")
nsenter --net="/run/netns/$router" ctctl events proto udp -o json </dev/null >"$work/slow" 2>"$work/slow.err" &
slow=$!
background+=($slow)
wait_for 30 has_listeners "$router" $((listeners + 1))
kill -STOP $slow
python3 -ESsB "$(dirname "$0")/tools/checkpoint.py" 40000 7 | in_ns "$router" ctctl restore >/dev/null
kill -CONT $slow
check "a slow listener is told that events were lost" wait_for 100 grep -q 'events came too fast and [1-9][0-9]* were lost' "$work/slow.err"
in_ns "$router" ctctl add proto udp src 10.6.0.1 sport 1 dst 10.6.0.2 dport 1 timeout 3000 >/dev/null
check "and hears what comes then" wait_for 100 grep -q 10.6.0.1 "$work/slow"
check_output "what it heard and what it lost is all there was, by its numbers" '^40001 40001 ' python3 -c '
import json, sys
heard = lost = last = 0
for line in open(sys.argv[1]):
    event = json.loads(line)
    if event["event"] == "lost":
        assert event["lost"] == event["seq"] - last > 0, (event, last)
        lost += event["lost"]
    else:
        assert event["seq"] == last + 1, (event, last)
        heard += 1
    last = event["seq"]
print(heard + lost, last, heard, lost)' "$work/slow"
