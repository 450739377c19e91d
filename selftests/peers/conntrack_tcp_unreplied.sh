#!/bin/bash
# modules: none
# limit: 260
# A connection that is never answered ends, and a new rule applies to the next.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
