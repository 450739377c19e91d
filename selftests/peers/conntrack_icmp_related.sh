#!/bin/bash
# modules: none
# limit: 260
# ICMP errors and redirects are related, also through a masquerade.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
