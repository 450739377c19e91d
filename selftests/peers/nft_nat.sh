#!/bin/bash
# modules: none
# limit: 660
# dnat of what the host sends, masquerade, redirect, shadowed ports, stateless translation.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
