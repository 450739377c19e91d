// SPDX-License-Identifier: GPL-2.0
/* Tracing in a kernel that has no kprobes: there is none. */
#include "nf/trace.h"

int ctrack_trace_arm(u32 events, bool timing, struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "this kernel has no kprobes (CONFIG_KRETPROBES)");
	return -EOPNOTSUPP;
}

void ctrack_trace_disarm(u32 events, bool timing)
{
}

int ctrack_trace_probe_init(void)
{
	return 0;
}

void ctrack_trace_probe_exit(void)
{
}

const char *ctrack_trace_point_name(unsigned int point)
{
	return NULL;
}

u64 ctrack_trace_missed(u32 events, bool timing)
{
	return 0;
}
