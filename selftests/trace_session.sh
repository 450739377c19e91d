#!/bin/bash
# limit: 900
# Trace sessions: each is told what it asked for, of its own namespace; what is lost is counted;
# and whatever becomes of who reads, no probe is left behind.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trace_lib.sh"

debugfs=/sys/kernel/debug
probes() { grep -c ctrack $debugfs/kprobes/list || true; }
has_probes() { [ "$(probes)" -gt 0 ]; }
no_probes() { [ "$(probes)" = 0 ]; }
flood() { spawn python3 -ESsB "$(dirname "$0")/tools/flood.py" "$client" 10.0.1.2 10.0.2.2 53; }

socket_full() { in_ns "$router" awk '$2 == 16 && $5 > 900000 { full = 1 } END { exit !full }' /proc/net/netlink; }

# twin_of DEVICE: one of the initial namespace, with the number of that one of the router's
twin_of() {
	local number
	number=$(ip -n "$router" -o link show "$1" | cut -d : -f 1)
	ip link add twin index "$number" type dummy 2>/dev/null || true
	ip -o link | sed -n "s/^$number: \([^:@]*\).*/\1/p"
}

filters() {
	trace_to one "$router" proto udp dport 53 event packet
	trace_to two "$router" dst 10.0.2.2 dport 54-55 event create,commit
	trace_to in "$router" iif r0 dport 53 event packet
	trace_to out "$router" iif r1 dport 53 event packet
	trace_to leaving "$router" oif r1 dport 53 event translate
	trace_to fresh "$router" dport 53 state unreplied event packet
	trace_to elsewhere "$client"
	trace_to all "" --all event packet dport 53 -o json
	trace_to twin "" --all event packet iif "$(twin_of r0)"
	sock echo udp "$server" 10.0.2.2 53
	sock echo udp "$server" 10.0.2.2 54
	sock udp c "$client" 10.0.1.2 4000
	sock ask c hello 10.0.2.2 53 >/dev/null
	sock ask c hello 10.0.2.2 54 >/dev/null
	check "a session is told what it asked for" wait_for 30 told two ' commit '
	check "another one as well" wait_for 30 told one 'reply,'
	# each session has a reader of its own
	wait_for 30 told in 'original, ' && wait_for 30 told out 'reply, ' && wait_for 30 told leaving 'original, ' &&
		wait_for 30 told fresh ' packet ' || true
	check_equal "all of it, and nothing else" "packet packet" "$(events one)"
	check_equal "with another filter, other things" "create commit" "$(events two)"
	check_output "iif: what came in by that device" "original, " trace_of in
	check_no_output "and by no other" "reply, " trace_of in
	check_output "iif: the answer came in by the other" "reply, " trace_of out
	check_output "oif: what goes out by that device" "original, source becomes" trace_of leaving
	check_no_output "and by no other" "reply, " trace_of leaving
	check_equal "state: as the packet leaves it" "packet" "$(events fresh)"
	check_equal "a session of another namespace sees nothing of it" "" "$(trace_of elsewhere)"
	check "one of the initial namespace sees all" wait_for 30 told all 'reply, '
	check_equal "and where it is" "$(stat -Lc %i "/run/netns/$router")" \
		"$(jq -r .netns <"$work/all" | sort -u)"
	check_equal "a device there is not taken for the one that has its number here" "" \
		"$(trace_of twin)"
	check_status "but no other may" 1 in_ns "$router" ctctl trace --all --time 1
	check_status "a device that is not there is named" 2 in_ns "$router" ctctl trace iif nosuch0
	check_status "as is an event" 2 in_ns "$router" ctctl trace event packets
	check_status "and a reason" 2 in_ns "$router" ctctl trace reason bad_luck
	stop_traces
	check "when all have ended, no probe is left" wait_for 30 no_probes
}

only_needed() {
	trace_to drops "$router" event drop
	check_output "a session arms what its events need" "ctrack_packet_refuse" cat $debugfs/kprobes/list
	check_no_output "and nothing else" "ctrack_conn_packet" grep ctrack $debugfs/kprobes/list
	check_output "what hears it can't be probed itself" "\srefuse_enter" cat $debugfs/kprobes/blacklist
	stop_traces
}

at_most_sixteen() {
	local i
	for ((i = 0; i < 16; i++)); do trace_to "session$i" "$router" event resize; done
	check_output "a 17th session is refused" "16 sessions already" in_ns "$router" ctctl trace --time 1
	kill "${traces[0]}"
	check "when one has ended there is room for another" wait_for 30 in_ns "$router" ctctl trace --time 1 event resize
	stop_traces
}

unprivileged() {
	local verb
	for verb in trace latency; do
		check_output "ctctl $verb: root of a user namespace may not make the machine's packets slow" "needs CAP_NET_ADMIN" \
			in_ns "$router" unshare --user --map-root-user --net ctctl $verb --time 1 --count 1
	done
	check "no probe is left of that" no_probes
}

# What stands in the way of probes, see selftests/modules/obstacle.c
obstacles() {
	local measuring
	trace_to kills "$router" event kill
	trace_to creates "$router" event create
	check "a module that stands in the way is loaded" modprobe obstacle
	spawn in_ns "$client" ctctl latency --time 1 --count 2
	measuring=$work/spawned.${#background[@]}
	wait_for 30 grep -q "^ctctl: measuring$" "$measuring"
	echo 5 >/sys/module/obstacle/parameters/miss
	check "what was missed is said, though there is nothing else to tell" \
		wait_for 30 grep -q ": 5 calls of probed functions were missed so far" "$work/kills.err"
	check "who measures is told, too" \
		wait_for 30 grep -q ": [1-9][0-9]* were missed so far" "$measuring"
	check_output "a function that must not be probed: that is said" "a function can't be probed, see the kernel's log" \
		in_ns "$router" ctctl trace event drop --time 1
	check_output "and which one it is" "ctrack: ctrack_packet_refuse can't be probed: -22" dmesg
	check_status "and fails" 1 in_ns "$router" ctctl trace --time 1
	sock udp c "$client" 10.0.1.2 4300
	sock send c hello 10.0.2.2 53
	check "the tracker itself is unharmed, as are sessions that do not need it" wait_for 30 told creates ' create .*4300'
	check_equal "who does not need what was missed is not told of it" "ctctl: tracing" "$(cat "$work/creates.err")"
	check_equal "nobody is told what did not happen" "" "$(trace_of kills)"
	stop_traces
	check "the module goes" modprobe -r obstacle
	check "then it can be probed" in_ns "$router" ctctl trace event drop --time 1
	check "and no probe is left" wait_for 30 no_probes
}

killed() {
	trace_to killed "$router"
	check "while a reader is there, so are probes" has_probes
	kill -KILL "${traces[0]}"
	wait "${traces[0]}" 2>/dev/null || true
	traces=()
	check "a reader that is killed leaves none" wait_for 30 no_probes
}

lost() {
	trace_to slow "$router" -o json
	kill -STOP "${traces[0]}"
	flood
	check "a reader that does not read has a full socket" wait_for 60 socket_full
	sleep 3
	kill -CONT "${traces[0]}"
	check "what is lost is said" wait_for 60 grep -q "[1-9][0-9]* records were lost so far" "$work/slow.err"
	check "and behind which record" wait_for 30 told slow '"lost":[1-9]'
	kill "${background[-1]}"
	stop_traces
	check_equal "records are numbered without a gap" "" "$(jq -r .seq <"$work/slow" | awk '$1 != NR' | head -n 1)"
}

# on each processor, the same flows
flood_all() {
	local processor
	floods=()
	for ((processor = 0; processor < $(nproc); processor++)); do
		spawn taskset -c $processor python3 -ESsB "$(dirname "$0")/tools/flood.py" "$client" 10.0.1.2 10.0.2.2 53
		floods+=("${background[-1]}")
	done
}

told_of_all() {
	local processor
	for ((processor = 0; processor < $(nproc); processor++)); do told everywhere "\"cpu\":$processor," || return 1; done
}

# A case for some of them, so that the test is not silent for too long.
often() { # TIMES: opened and closed under traffic
	local left=$1 count jumps=/proc/sys/debug/kprobes-optimization
	# The debug kernel makes probes of jumps, where others have ftrace, and waits until each task has slept
	# before it does. A flood keeps the others from that.
	[ -z "$SELFTEST_DEBUG" ] || [ ! -e $jumps ] || echo 0 >$jumps
	flood_all
	trace_to everywhere "$router" event packet -o json
	check "there is traffic on all processors: $(nproc)" wait_for 60 told_of_all
	stop_traces
	while [ "$left" -gt 0 ]; do
		count=$((left < 30 ? left : 30))
		left=$((left - count))
		check_output "$count sessions, one after another, under traffic, $left to come" \
			"^$count sessions$" \
			in_ns "$router" python3 -ESsB "${0%/*}/tools/trace_sessions.py" $count
	done
	trace_to after "$router" event packet
	check "a session after them is told what happens" wait_for 30 told after ' packet '
	stop_traces
	check "--time ends, however much is told" in_ns "$router" timeout 60 ctctl trace event packet --time 1
	kill "${floods[@]}"
	check "no probe is left" wait_for 30 no_probes
	check "packets pass" in_ns "$client" ping -nq -c 1 -W 30 10.0.2.2
}

# which kprobes at a function's beginning are made of, where a kernel has it
ftrace_turned_off() {
	sysctl -qw kernel.ftrace_enabled=0 || { skip "it has none" "ftrace is turned off"; return; }
	check_output "ftrace is turned off: that is said" "are off, see .* kernel.ftrace_enabled" \
		in_ns "$router" ctctl trace --time 1
	sysctl -qw kernel.ftrace_enabled=1
	check "turned on again it works" in_ns "$router" ctctl trace --time 1
}

turned_off() {
	echo 0 >$debugfs/kprobes/enabled
	check_output "kprobes are turned off: that is said" "are off, see kprobes/enabled in " \
		in_ns "$router" ctctl trace --time 1
	check_status "and fails" 1 in_ns "$router" ctctl trace --time 1
	check "the tracker itself is unharmed" in_ns "$client" ping -nq -c 1 -W 30 10.0.2.2
	echo 1 >$debugfs/kprobes/enabled
	ftrace_turned_off
	trace_to interrupted "$router" event packet proto icmp
	echo 0 >$debugfs/kprobes/enabled
	in_ns "$client" ping -nq -c 1 -W 30 10.0.2.2 >/dev/null
	echo 1 >$debugfs/kprobes/enabled
	in_ns "$client" ping -nq -c 1 -W 30 10.0.2.2 >/dev/null
	check "turned on again it works" wait_for 30 told interrupted 'reply, '
	check_equal "a session that was open meanwhile heard nothing then" "packet packet" "$(events interrupted)"
	stop_traces
}

# when nothing but a session holds ctrack
unloading() {
	local unloads begins
	rules "$router" <<<"flush ruleset"
	rmmod ctrack_nat
	spawn python3 -ESsB "$(dirname "$0")/tools/unload.py" ctrack
	unloads=$work/spawned.${#background[@]}
	wait_for 30 grep -q "^waiting$" "$unloads"
	spawn in_ns "$router" ctctl trace --time 2
	begins=$work/spawned.${#background[@]}
	check "while a session begins, ctrack stays" wait_for 30 grep -q "^EAGAIN$" "$unloads"
	check "and it begins" wait_for 30 grep -q "^ctctl: tracing$" "$begins"
	check "and ends" wait_for 30 no_probes
	modprobe ctrack_nat
	nat_rules
}

modules() {
	trace_to open "$router" event bind
	check_not "while a session is open, ctrack stays" rmmod ctrack
	rules "$router" <<<"flush ruleset"
	check "ctrack_nat may go" rmmod ctrack_nat
	modprobe ctrack_nat
	nat_rules
	sock udp c "$client" 10.0.1.2 4100
	sock send c hello 10.0.2.2 53
	check "and come back, and is traced" wait_for 30 told open 'bind .*4100'
	stop_traces
}

# measured REGEX WORD...: does it say so of a packet that comes meanwhile? Where two seconds are too short for that,
# there are two more tries.
measured() {
	for _ in 1 2 3; do
		spawn in_ns "$router" ctctl latency --time 2 --count 1 "${@:2}"
		wait_for 30 grep -q measuring "$work/spawned.${#background[@]}" && sock ask c hello 10.0.2.2 53
		wait_for 30 eval '! kill -0 "${background[-1]}"'
		! grep -qE -e "$1" "$work/spawned.${#background[@]}" || return 0
	done
	return 1
}

latency() {
	sock udp c "$client" 10.0.1.2 4200
	check "latency: counts calls" measured '"function":"ctrack_conn_packet","count":[1-9]' -o json
	check_equal "latency: percentiles are in order" "" "$(grep '^{' "$work/spawned.${#background[@]}" |
		jq -r 'select(.p50 > .p99 or .p99 > .max or (.count > 0 and .total < .max) or ((.buckets | add) != .count)) | .function')"
	check_output "latency: a table for people" "^ctrack_conn_packet +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+$" \
		in_ns "$router" ctctl latency --count 1
	check_equal "each function has its own name in the kernel's list" "" "$(grep '^{' "$work/spawned.${#background[@]}" |
		jq -r .function | while read -r name; do grep -q " $name"$'\t' /proc/kallsyms || echo "$name"; done)"
	check "latency --all: histograms" measured "^ +[0-9]+ +[1-9][0-9]* +#+$" --all
	check "latency: no probe is left" wait_for 30 no_probes
}

nat_rules() {
	rules "$router" <<<"table inet nat { chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }; }"
}

topology_router
has_kprobes || { skip "this kernel has no kprobes"; exit; }
[ -e $debugfs/kprobes ] || mount -t debugfs none $debugfs
nat_rules
filters
only_needed
at_most_sixteen
unprivileged
obstacles
killed
turned_off
unloading
modules
latency
lost
# A round of them; in a debug kernel one takes more than a minute. $SESSIONS is how many instead.
sessions=${SELFTEST_DEBUG:+2}
often "${SESSIONS:-${sessions:-15}}"
