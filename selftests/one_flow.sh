#!/bin/bash
# Packets of one UDP stream on two processors at once, which take no lock where nothing is to be written: none is
# lost, each is counted where packets are, the connection lives for as long as there are packets, and ends without.

. "$(dirname "$0")/lib.sh"

check "the load's module comes" modprobe -a hookload dummy
netns ns
tool_cases "$ns" one_flow
check "the module goes" modprobe -r hookload
