#!/bin/bash
# The examples of Documentation/tracing.rst and ctctl(8) do what is said there, and other tools' probes
# reach the functions that are listed, with their arguments.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trace_lib.sh"

page=$(dirname "$0")/../Documentation/tracing.rst
manual=$(dirname "$0")/../Documentation/ctctl.8
tracefs=/sys/kernel/tracing

# the lines of the page's first example
shown() { sed -n '/^    # ctctl trace /,/^[^ ]/s/^    \([0-9]\)/\1/p' "$page"; }

# without what is another each time
plain() { sed -E 's/^[0-9:.]+ //; s/ (seq|ack|win) [0-9]+/ \1 N/g'; }

flow() {
	local count words
	count=$(shown | wc -l)
	words=$(sed -n 's/^    # ctctl trace //p' "$page")
	# shellcheck disable=SC2086
	trace_to flow "$router" $words --count "$count"
	sock listen listener "$server" 10.0.2.2 80
	sock tcp c "$client" 10.0.1.2 4000
	sock connect c 10.0.2.2 80
	wait_for 30 eval '[ "$(wc -l <"$work/flow")" = '"$count"' ]' || true
	check_equal "ctctl trace $words" "$(shown | plain)" "$(trace_of flow | plain)"
	check "--count: then it ends" wait_for 30 eval '! kill -0 "${traces[0]}"'
	stop_traces
}

# "ctctl trace" commands: in the page's text and in the manual
commands() {
	sed -n 's/.*``\(ctctl trace [^`]*\)``.*/\1/p' "$page"
	sed -n '/^\.SH EXAMPLES/,/^\.SH SEE/{s/\\-/-/g; /^ctctl trace /p}' "$manual"
}

questions() {
	local command number=0
	while read -r command; do
		# shellcheck disable=SC2086
		check "$command: is understood" trace_to "example$((number++))" "$router" ${command#ctctl trace}
	done < <(commands)
	sock hostile "$client" 10.0.1.2 10.0.2.2 tcp_syn_fin
	check "why is a packet dropped that should pass?" wait_for 30 told example0 " drop .* tcp_flags: .*[(]"
	in_ns "$router" ctctl delete sport 4000 >/dev/null
	check "why does this connection end?" wait_for 30 told example1 " kill .* it was deleted by a request"
	sock listen secure "$server" 10.0.2.2 443
	sock tcp s "$client" 10.0.1.2 4443
	sock connect s 10.0.2.2 443
	in_ns "$router" ctctl delete sport 4443 >/dev/null
	check "what happens to the next connection to that port, to its end?" wait_for 30 told example2 " kill "
	check_output "from its beginning" "^create packet bind translate commit .* kill$" events example2
	check "then it is over" wait_for 30 eval '! kill -0 "${traces[2]}"'
	stop_traces
}

# functions: "NAME ARGUMENTS" of each that the page lists
functions() {
	awk '/^\.\. code-block:: c/ { inside = 1; next } inside && /^[^ ]/ { exit } inside' "$page" | tr -d '\n' |
		tr ';' '\n' | sed -nE 's/.*[ *](ctrack_[a-z_]+)\((.*)\)$/\1 \2/p' | awk '{ print $1, gsub(",", "") + 1 }'
}

# Who writes kprobe_events does what perf and bpftrace do.
others_probes() {
	local function count arguments number refused='' example
	[ -e $tracefs/kprobe_events ] || mount -t tracefs none $tracefs 2>/dev/null || true
	[ -e $tracefs/kprobe_events ] || { skip "this kernel has no kprobe_events" "other tools' probes"; return; }
	while read -r function count; do
		arguments=
		for ((number = 1; number <= count; number++)); do arguments+=" \$arg$number"; done
		echo "p:others/$function $function$arguments" >>$tracefs/kprobe_events || refused+=" $function"
	done < <(functions)
	check_equal "each function can be probed by others" "" "$refused"
	check_equal "all of them" "$(functions | wc -l)" "$(grep -c others/ $tracefs/kprobe_events)"
	example=$(sed -nE "s/.*'kprobe:(ctrack_[a-z_]+) [{] @\[arg([0-9])\] = count.*/\1 \2/p" "$page")
	echo "p:others/example ${example% *} reason=\$arg$((${example#* } + 1)):u32" >>$tracefs/kprobe_events
	echo 1 >$tracefs/events/others/example/enable
	sock hostile "$client" 10.0.1.2 10.0.2.2 tcp_checksum
	check "the page's bpftrace example: its argument is the reason" \
		wait_for 30 grep -qE "example: .* reason=$(checksum_reason)$" $tracefs/trace
	echo 0 >$tracefs/events/others/example/enable
	echo >$tracefs/kprobe_events
}

# the number of a reason is its place in the list
checksum_reason() { in_ns "$router" ctctl stats -o json | jq -r '.reasons | keys_unsorted | index("checksum") + 1'; }

topology_router
has_kprobes || { skip "this kernel has no kprobes"; exit; }
rules "$router" <<-'END'
	table inet nat {
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
flow
questions
others_probes
