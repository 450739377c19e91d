#!/bin/bash
# modules: none
# limit: 360
# Broadcasts that a bridge hands to hosts behind it and to its own host at once are tracked.

. "$(dirname "$0")/lib.sh"

# A hundred instead of five hundred, which take three minutes
export KSFT_MACHINE_SLOW=yes
hide_taint
same_as_nf_conntrack
