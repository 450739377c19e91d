#!/bin/bash
# modules: none
# limit: 660
# Two connections to one server by different ways have the same addresses and ports once they are translated.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
