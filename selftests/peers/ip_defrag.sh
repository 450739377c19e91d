#!/bin/bash
# modules: none
# limit: 460
# Fragments in any order, and overlapping ones, before and after a rule asks for connection tracking.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
