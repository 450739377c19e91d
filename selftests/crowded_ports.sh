#!/bin/bash
# Where most ports are taken, or all, each that is free is found, and none is given away twice: when one is
# released, while two processors look for one, while others are released, and when connections expire. What
# is kept for that goes with the namespace.

. "$(dirname "$0")/lib.sh"

check "the load's module comes" modprobe -a hookload dummy
netns ns
tool_cases "$ns" crowded_ports
check "the module goes" modprobe -r hookload
