#!/bin/bash
# modules: none
# limit: 360
# The limit, the dump of many entries, and resizing the table under load. Ours finds its size itself (differences.rst),
# so that nobody can set it; and there is no net.nf_conntrack_max yet.
# differs: setting key "net.netfilter.nf_conntrack_buckets"
# differs: /proc/sys/net/nf_conntrack_max
# differs: integer expression expected

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
