#!/bin/bash
# modules: none
# limit: 260
# What a bridge with connection tracking forwards into a tunnel with a smaller MTU.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
