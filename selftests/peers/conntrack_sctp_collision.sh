#!/bin/bash
# modules: none
# limit: 260
# INITs of both ends that cross each other.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
