#!/bin/bash
# modules: none
# limit: 260
# A VRF has each packet pass the hooks twice.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
