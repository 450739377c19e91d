#!/bin/bash
# modules: none
# limit: 260
# The same from a queue, while entries are being flushed.

. "$(dirname "$0")/lib.sh"
hide_taint
same_as_nf_conntrack
