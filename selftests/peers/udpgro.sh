#!/bin/bash
# modules: none
# limit: 460
# Datagrams that were joined by GRO are translated.
# Its receivers wait a second for what is sent: on a computer that is very busy it may fail, on either. Old kernels' turns
# GRO on by a BPF program, which is not built here, and ends at once.

. "$(dirname "$0")/lib.sh"
same_as_nf_conntrack
