#!/bin/bash
# modules: none
# limit: 860
# Packets come back from userspace, at each hook and more than once.
# Newer kernels' script sends two packets of a flow, the second while the first is in a queue, and expects that a rule
# which takes turns gives either to another server. Here the first packets of a flow share an entry (differences.rst).
# differs: uneven udp packet distribution
# differs: both udp receivers got one packet each
# differs: ^/tmp/tmp\.\w+:

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
