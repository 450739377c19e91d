#!/bin/bash
# The connections of one address, or of one address behind a translation, are deleted without looking at
# all of them: a bucket tells most addresses apart. None of them is missed, neither while the table grows,
# and nobody else's is deleted. A listing that could not keep its place while it grew says so (NLM_F_DUMP_INTR).

. "$(dirname "$0")/lib.sh"

check "the load's module comes" modprobe -a hookload dummy
netns ns
tool_cases "$ns" deletion
check "the module goes" modprobe -r hookload
