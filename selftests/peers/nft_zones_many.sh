#!/bin/bash
# modules: none
# limit: 1260
# Two thousand entries that differ in their zones only, by packets and by the conntrack tool.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
