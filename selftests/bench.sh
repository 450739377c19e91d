#!/bin/bash
# modules: none
# What `make bench` measures with does what it says, with either tracker: each flow that it opens is one
# connection, what it calls established is so for a rule, and translated packets find back.

. "$(dirname "$0")/lib.sh"

check "the load's module comes" modprobe -a hookload dummy
netns ns
for tracker in nf_conntrack ctrack; do
	tool_cases "$ns" hookload "$tracker"
done
check "the module goes" modprobe -r hookload
