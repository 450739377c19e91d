#!/bin/bash
# modules: none
# limit: 260
# Dumping and flushing by zone and family.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
