#!/bin/bash
# modules: none
# limit: 660
# Network functions in VRFs: what a host sends through one is translated as well.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack fcnal-test.sh -t use_cases
