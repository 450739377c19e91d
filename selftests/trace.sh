#!/bin/bash
# ctctl trace: what is decided about a flow, from its first packet to its end, with its translation;
# and why packets are refused. Where the kernel has no kprobes it says so.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trace_lib.sh"

without_kprobes() {
	check_status "a kernel without kprobes: there is no trace" 1 in_ns "$router" ctctl trace --time 1
	check_output "and it says why" "ctctl: tracing failed: this kernel has no kprobes" in_ns "$router" ctctl trace --time 1
	check_output "nor a latency" "ctctl: measuring failed: this kernel has no kprobes" in_ns "$router" ctctl latency --count 1
	check "the tracker itself is unharmed" in_ns "$client" ping -nq -c 1 -W 30 10.0.2.2
}

flow() {
	sock listen listener "$server" 10.0.2.2 80
	trace_to flow "$router" src 10.0.1.2 sport 4000
	trace_to json "$router" src 10.0.1.2 sport 4000 -o json
	trace_to followed "$router" --follow dport 80
	trace_to none "$router" src 10.0.1.2 sport 4001
	sock tcp c "$client" 10.0.1.2 4000
	sock connect c 10.0.2.2 80
	sock accept s listener >/dev/null
	sock send c hello
	sock receive s >/dev/null
	in_ns "$router" ctctl delete sport 4000 >/dev/null
	check "its end is told" wait_for 30 told flow ' kill '
	check_equal "a flow's events come in their order" \
		"create packet bind translate commit packet translate packet translate" \
		"$(events flow | cut -d ' ' -f 1-9)"
	check_output "the first packet" \
		" packet +tcp +10.0.1.2:4000 -> 10.0.2.2:80  original, [0-9]+ octets, SYN seq [0-9]+ len 0 win [0-9]+; none becomes syn_sent, for 120 s" trace_of flow
	check_output "its translation" " bind +tcp +10.0.1.2:4000 -> 10.0.2.2:80  source becomes 10.0.2.1:4000" trace_of flow
	check_output "how a packet is rewritten" " translate .* original, source becomes 10.0.2.1:4000" trace_of flow
	check_output "and its answer" " translate .* reply, destination becomes 10.0.1.2:4000" trace_of flow
	check_output "the handshake's end" " packet .* original, .* ACK seq .*; syn_recv becomes established, for [0-9]+ s" trace_of flow
	check_output "what ended it" " kill .* it was deleted by a request, in established" trace_of flow
	check "JSON: as many" wait_for 30 told json '"event":"kill"'
	check_equal "JSON: has the fields that scripts rely on" "" "$(missing_fields json)"
	check_equal "JSON: and of each event what is its own" "$(members_of_events)" \
		"$(for event in create packet bind translate kill; do members $event; done)"
	check_equal "JSON: the namespace, the devices, and the way" \
		"$(number_of_router) $(number_of r0) $(number_of r1) original 10.0.2.1" \
		"$(first translate '"\(.netns) \(.iif) \(.oif) \(.direction) \(.target.src)"')"
	check "--follow ends with the connection" wait_for 30 eval '! pgrep -f -- "trace --follow" >/dev/null'
	check_equal "--follow shows the same" "$(events flow)" "$(events followed)"
	check_equal "a filter that does not match shows nothing" "" "$(trace_of none)"
	stop_traces
}

missing_fields() { # NAME
	jq -r 'select((has("time") and has("cpu") and has("seq") and has("event") and has("reason") and has("text") and
		.orig.src == "10.0.1.2" and .orig.sport == 4000) | not)' <"$work/$1"
}

first() { jq -rs "map(select(.event == \"$1\"))[0] | $2" <"$work/json"; } # EVENT EXPRESSION
# members EVENT: but those that all have
members() { first "$1" "\"$1: \" + (keys - $always | join(\" \"))"; }
always='["time", "cpu", "seq", "netns", "lost", "event", "reason", "text", "family", "proto",
	"orig"]'
members_of_events() { # as Documentation/tracing.rst has them
	cat <<-'END'
		create: id mark reply state timeout zone
		packet: before direction id iif length mark oif reply state timeout zone
		bind: id mark reply state timeout zone
		translate: direction id iif length mark oif reply state target timeout zone
		kill: cause id mark reply state timeout zone
	END
}

number_of_router() { stat -Lc %i "/run/netns/$router"; }
number_of() { ip -n "$router" -o link show "$1" | cut -d : -f 1; }

related() {
	trace_to related "$router" event related
	sock udp u "$client" 10.0.1.2 4100
	sock send u hello 10.0.2.2 9
	check "an ICMP error: about which connection it is" wait_for 30 told related \
		' related +udp +10.0.1.2:4100 -> 10.0.2.2:9 +an ICMP error about it, in reply dir'
	stop_traces
}

topology_router
rules "$router" <<-'END'
	table inet nat {
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
if ! has_kprobes; then
	without_kprobes
	exit
fi
flow
related
