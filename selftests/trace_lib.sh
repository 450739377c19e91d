# shellcheck shell=bash
# What the selftests of ctctl trace are written with, beside lib.sh.

# In QEMU 7.2's emulation with two processors the kernel jumps to 0 sooner or later when one of them
# meets a function whose probe the other one is changing: without us as well, within seconds of arming
# probes on ip_rcv and the like by kprobe_events under traffic. So an emulated machine traces on one
# processor, unless its processors take turns ($IN_TURNS, see vm/run); with KVM it is two.
processors() { echo "$1" >/sys/devices/system/cpu/cpu1/online; }
if [ -z "${IN_TURNS:-}" ] && grep -q 'QEMU TCG' /proc/cpuinfo && [ -e /sys/devices/system/cpu/cpu1/online ]; then
	processors 0
	trap 'status_before=$?; set +e; processors 1; (exit $status_before); finish' EXIT
fi

has_kprobes() { grep -q ' register_kretprobe$' /proc/kallsyms; }

traces=()

# trace_to NAME NS WORD...: what ctctl trace tells (NS "": in the initial namespace) goes to $work/NAME; it listens on return
trace_to() {
	local name=$1 ns=$2
	shift 2
	${ns:+nsenter --net="/run/netns/$ns"} ctctl trace "$@" </dev/null >"$work/$name" 2>"$work/$name.err" &
	background+=($!)
	traces+=($!)
	wait_for 30 grep -q "^ctctl: tracing$" "$work/$name.err" || {
		echo "# ctctl trace $*, which does not begin: $(cat "$work/$name.err")"
		return 1
	}
}

stop_traces() {
	kill "${traces[@]}" 2>/dev/null || true
	wait "${traces[@]}" || true
	traces=()
}

trace_of() { cat "$work/$1"; }

# told NAME REGEX: has it said so?
told() { grep -qE -e "$2" "$work/$1"; }

# events NAME: their names, in one line
events() { awk '{ printf "%s%s", (NR > 1 ? " " : ""), $2 }' "$work/$1"; }
