#!/bin/bash
# modules: none
# limit: 860
# Packets come back from userspace, at each hook and more than once.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
