#!/bin/bash
# modules: none
# limit: 260
# Who is not translated by a rule is not translated because two send the same at once, either.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
