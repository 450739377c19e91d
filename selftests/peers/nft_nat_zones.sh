#!/bin/bash
# modules: none
# limit: 660
# A hundred clients with the same address, each in a zone of its own, behind one masquerade.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
