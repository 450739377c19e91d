# shellcheck shell=bash
# What the selftests are written with. Source it first; the plan is printed at exit.
#
#     . "$(dirname "$0")/lib.sh"
#     topology_router
#     check "a ping gets through" in_ns "$client" ping -c 1 -W 30 10.0.2.2

set -eEu
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

test_name=$(basename "$0" .sh)
work=$(mktemp -d)
cases=0 failures=0 ended="no command of the script failed"
namespaces=() background=() as=()

# --- cases

# result ok|"not ok" DESCRIPTION: counts one
result() {
	cases=$((cases + 1))
	[ "$1" = ok ] || failures=$((failures + 1))
	echo "$1 $cases - $test_name: $2"
}

ok() { result ok "$1"; }

# not_ok DESCRIPTION [LINE...]: each line goes to the log
not_ok() {
	result "not ok" "$1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/#   /'
}

skip() { result ok "${2:-everything else} # SKIP $1"; }

# run COMMAND...: in this shell, output kept in $output, exit status in $status
run() {
	status=0
	"$@" >"$work/output" 2>&1 || status=$?
	IFS= read -r -d '' output <"$work/output" || true
	output=${output%$'\n'}
}

# matches REGEX: does a line of $output match the extended regular expression? By
# the shell itself, as long as it is short: a process takes longer in the machine.
matches() {
	local line
	if [ ${#output} -gt 20000 ]; then
		grep -qE -e "$1" "$work/output"
		return
	fi
	while IFS= read -r line; do
		[[ ! $line =~ $1 ]] || return 0
	done <<<"$output"
	return 1
}

explain() { # what was tried, for not_ok
	printf '%s\n' "command: $*" "exit status: $status" "output: ${output:-(none)}"
}

# check DESCRIPTION COMMAND...: ok when it exits with 0
check() {
	local description=$1
	shift
	run "$@"
	if [ "$status" = 0 ]; then ok "$description"; else not_ok "$description" "$(explain "$@")"; fi
}

# check_not DESCRIPTION COMMAND...: ok when it fails
check_not() {
	local description=$1
	shift
	run "$@"
	if [ "$status" != 0 ]; then ok "$description"; else not_ok "$description" "it should fail" "$(explain "$@")"; fi
}

# check_status DESCRIPTION STATUS COMMAND...
check_status() {
	local description=$1 expected=$2
	shift 2
	run "$@"
	if [ "$status" = "$expected" ]; then
		ok "$description"
	else
		not_ok "$description" "expected exit status: $expected" "$(explain "$@")"
	fi
}

# check_output DESCRIPTION REGEX COMMAND...: ok when a line of what it says, on
# either stream, matches the extended regular expression
check_output() {
	local description=$1 regex=$2
	shift 2
	run "$@"
	if matches "$regex"; then
		ok "$description"
	else
		not_ok "$description" "expected: $regex" "$(explain "$@")"
	fi
}

# check_no_output DESCRIPTION REGEX COMMAND...: ok when it exits with 0 and no line matches
check_no_output() {
	local description=$1 regex=$2
	shift 2
	run "$@"
	if [ "$status" = 0 ] && ! { [ -n "$output" ] && matches "$regex"; }; then
		ok "$description"
	else
		not_ok "$description" "not expected: $regex" "$(explain "$@")"
	fi
}

# check_equal DESCRIPTION EXPECTED ACTUAL
check_equal() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected: $2" "actual:   $3"; fi
}

# decided_by NAME COMMAND...: the cases that a program decides, see tools/cases.py
decided_by() {
	local line failed='' name=$1
	shift
	run "$@"
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok "${line#ok - }" ;;
		"not ok - "*) failed=${line#not ok - } ;;
		"# found: "*) not_ok "$failed" "${line#\# }" ;;
		esac
	done <"$work/output"
	[ "$status" = 0 ] || not_ok "$name ends early" "$(grep -v '^ok - ' "$work/output")"
}

# tool_cases NS TOOL ARGUMENT...: those that tools/TOOL.py decides there; it is started by the
# command ${as[@]}, if there is one
tool_cases() { decided_by "$2" in_ns "$1" "${as[@]}" python3 -ESsB "$(dirname "$0")/tools/$2.py" "${@:3}"; }

# patience SECONDS: what these are in a debug kernel
patience() { echo $(($1 * ${SELFTEST_DEBUG:+5*}1)); }

# wait_for SECONDS COMMAND...: polls; 1 when it does not come true in that time. It ends as soon as it
# does, so there is time for a machine that stands still for a while: 30 s are few. It looks once more
# when they are over, because that may be when it goes on.
wait_for() {
	local deadline=$((${EPOCHREALTIME/./} + $(patience "$1") * 1000000)) last=
	shift
	until "$@" >/dev/null 2>&1; do
		[ -z "$last" ] || return 1
		[ "${EPOCHREALTIME/./}" -lt "$deadline" ] || last=yes
		sleep 0.05
	done
}

# --- namespaces

# netns NAME...: makes them; $NAME is the real, unique, name
netns() {
	local name real
	for name; do
		real=$name-$(printf '%04x%02x' $RANDOM $((RANDOM % 256)))
		ip netns add "$real"
		namespaces+=("$real")
		ip -n "$real" link set lo up
		printf -v "$name" %s "$real"
	done
}

# listeners NS: how many programs there listen to a group of nfnetlink, as conntrack -E does
listeners() { in_ns "$1" awk '$2 == 12 && $4 !~ /^0+$/' /proc/net/netlink | wc -l; }
has_listeners() { [ "$(listeners "$1")" -ge "${2:-1}" ]; }

# in_ns NS COMMAND...: its network only; `ip netns exec` would also mount a
# /sys each time, which takes longer than most commands
in_ns() { "${BASH_SOURCE[0]%/*}/tools/in_ns" "$@"; }

# veth NS1 IF1 NS2 IF2
veth() { ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"; }

# address NS IF ADDRESS/LENGTH...: usable at once
address() {
	local ns=$1 interface=$2 address nodad
	shift 2
	for address; do
		nodad=
		case $address in *:*) nodad=nodad ;; esac
		# shellcheck disable=SC2086
		ip -n "$ns" address add "$address" dev "$interface" $nodad
	done
	ip -n "$ns" link set "$interface" up
}

# rules NS <<EOF: a ruleset for nft
rules() { in_ns "$1" nft -f -; }

# set_sysctl NS KEY=VALUE...
set_sysctl() {
	local ns=$1
	shift
	in_ns "$ns" sysctl -qw "$@"
}

# wait_links NS...: until what was set up there has its carrier, and so a queue;
# before that the first packets are lost
wait_links() {
	local ns
	for ns; do wait_for 30 links_are_up "$ns"; done
}
links_are_up() { ! ip -n "$1" -o link show up | grep -qE 'NO-CARRIER|state (DOWN|LOWERLAYERDOWN)'; }

# $client (c0) --- (r0) $router (r1) --- (s0) $server, IPv4 and IPv6, forwarding
#    10.0.1.2   10.0.1.1       10.0.2.1   10.0.2.2
#    fd00:1::2  fd00:1::1      fd00:2::1  fd00:2::2
# shellcheck disable=SC2154
topology_router() {
	netns client router server
	veth "$client" c0 "$router" r0
	veth "$router" r1 "$server" s0
	set_sysctl "$router" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n "$router" -batch - <<-END
		address add 10.0.1.1/24 dev r0
		address add 10.0.2.1/24 dev r1
		address add fd00:1::1/64 dev r0 nodad
		address add fd00:2::1/64 dev r1 nodad
		link set r0 up
		link set r1 up
	END
	edge "$client" c0 1
	edge "$server" s0 2
	wait_links "$client" "$router" "$server"
}
edge() { # NS IF NET: a host behind the router
	ip -n "$1" -batch - <<-END
		address add 10.0.$3.2/24 dev $2
		address add fd00:$3::2/64 dev $2 nodad
		link set $2 up
		route add default via 10.0.$3.1
		route add default via fd00:$3::1
	END
}

# --- processes

# spawn COMMAND...: runs until the test ends; its process is $!
spawn() {
	"$@" </dev/null >"$work/spawned.$((${#background[@]} + 1))" 2>&1 &
	background+=($!)
}

family() { case $1 in *:*) echo 6 ;; *) echo 4 ;; esac; }
bracketed() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }

# listens NS tcp|udp PORT
listens() { [ -n "$(in_ns "$1" ss -Hnl "--$2" "sport = :$3")" ]; }

server() { # NS tcp|udp PORT SOCAT-ADDRESS...
	local ns=$1 protocol=$2 port=$3
	shift 3
	spawn in_ns "$ns" socat "$@"
	wait_for 30 listens "$ns" "$protocol" "$port" || {
		echo "# no $protocol server on port $port: $(cat "$work/spawned.${#background[@]}")"
		return 1
	}
}

# tcp_server NS ADDRESS PORT: says back what it hears; ready on return
tcp_server() { server "$1" tcp "$3" "TCP$(family "$2")-LISTEN:$3,bind=$(bracketed "$2"),fork,reuseaddr" PIPE; }

# udp_echo NS ADDRESS PORT: the same for datagrams
udp_echo() { server "$1" udp "$3" "UDP$(family "$2")-RECVFROM:$3,bind=$(bracketed "$2"),fork" PIPE; }

# sock STEP...: a step of tools/sockets.py, which has sockets in all namespaces; its answer is
# printed. Not first in a $(subshell), whose end would be the end of it.
sock() {
	local failed answer
	[ -n "${sock_to:-}" ] || start_sockets
	echo "$*" >&"$sock_to"
	if ! read -r -t 120 failed answer <&"$sock_from"; then
		echo "no answer to '$*': $(tail -n 3 "$work/sockets")"
		return 1
	fi
	[ -z "$answer" ] || echo "$answer"
	return "$failed"
}
start_sockets() {
	mkfifo "$work/sock_to" "$work/sock_from"
	exec {sock_to}<>"$work/sock_to" {sock_from}<>"$work/sock_from"
	python3 -ESsB "${BASH_SOURCE[0]%/*}/tools/sockets.py" <&"$sock_to" >&"$sock_from" 2>"$work/sockets" &
	background+=($!)
}

# has_legacy: does this kernel have the tables of iptables-legacy?
has_legacy() { modinfo ip_tables >/dev/null 2>&1; }

# --- what is tracked

# tracked NS FILTER...: the entries, as `conntrack -L` prints them
tracked() {
	local ns=$1
	shift
	in_ns "$ns" ctctl dump "$@"
}

# entry_count NS
entry_count() { in_ns "$1" cat /proc/sys/net/netfilter/nf_conntrack_count; }
has_entries() { [ "$(entry_count "$1")" = "$2" ]; }

# reasons NS: "NAME PACKETS" of each that was met, in one line
reasons() {
	local name packets said=
	while read -r name packets; do
		case $name:$packets in
		buckets:* | *: | *:*[!0-9]*) ;;
		*) said+=" $name $packets" ;;
		esac
	done < <(in_ns "$1" ctctl stats)
	echo "${said# }"
}

# count_states NS [HOOK]: counts how `ct state` sees packets, for states
packet_states="new established related invalid untracked"
count_states() {
	local state counters='' counting=
	for state in $packet_states; do
		counters+="counter $state {}; "
		counting+="ct state $state counter name $state; "
	done
	rules "$1" <<-END
		table inet seen {
			$counters
			chain seen {
				type filter hook ${2:-forward} priority filter
				icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld2-listener-report } accept
				$counting
			}
		}
	END
}

# states NS: "STATE PACKETS" of what was seen since it was asked last, in one line
# shellcheck disable=SC2086
states() { counted "$1" seen $packet_states; }

# counted NS TABLE COUNTER...: the same of counters of an inet table
counted() {
	local word before='' name said=
	local -A packets=()
	for word in $(in_ns "$1" nft reset counters table inet "$2"); do
		case $before in
		counter) name=$word ;;
		packets) packets[$name]=$word ;;
		esac
		before=$word
	done
	shift 2
	for name; do [ "${packets[$name]:-0}" = 0 ] || said+=" $name ${packets[$name]}"; done
	echo "${said# }"
}

# --- end

# start_again: ends the processes and the namespaces that there are
start_again() {
	local process name
	for process in "${background[@]}"; do kill "$process" 2>/dev/null || true; done
	for name in "${namespaces[@]}"; do
		for process in $(ip netns pids "$name"); do kill -KILL "$process" 2>/dev/null || true; done
		ip netns delete "$name"
	done
	background=() namespaces=() sock_to=''
	rm -f "$work/sock_to" "$work/sock_from"
}

finish() {
	local exit_status=$?
	trap - EXIT ERR
	set +e
	if [ $exit_status != 0 ]; then
		not_ok "ends early, exit status $exit_status, $ended"
	fi
	start_again
	rm -rf "$work"
	echo "1..$cases"
	# without a number it would be the status from before the trap
	exit $((failures > 0))
}
trap finish EXIT
trap 'ended="at line ${BASH_LINENO[0]/#0/$LINENO} or in what it calls: $BASH_COMMAND"' ERR
trap 'exit 143' TERM
trap 'exit 130' INT
