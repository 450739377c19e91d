#!/bin/bash
# modules: none
# limit: 260
# What a router reassembles in order to track it still fits into a tunnel with a smaller MTU.

. "$(dirname "$0")/lib.sh"

# as older kernels call it
script=ipip-conntrack-mtu.sh
! directory_of "$test_name.sh" >/dev/null || script=$test_name.sh
same_as_nf_conntrack "$script"
