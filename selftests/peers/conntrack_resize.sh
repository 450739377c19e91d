#!/bin/bash
# modules: none
# limit: 360
# The limit, the dump of many entries, and resizing the table under load.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
