/* SPDX-License-Identifier: GPL-2.0 */
/* nl_trace.c APIs: what ctrack tells of itself. */
#ifndef CTCTL_NL_TRACE_H
#define CTCTL_NL_TRACE_H

#include "nl.h"

#include "nf/uapi_trace.h"

/* What the kernel left out is 0. @reason: "" when the packet is not refused. */
struct nl_record {
	struct ctrack_trace_record data;
	char reason[64];
};

/* Keeps none of it. Anything but 0 that it returns ends the reading. */
typedef int (*nl_trace_fn)(const struct nl_record *record, void *data);

/* @lost, @missed: how much could not be told since the beginning; see nf/uapi.h. */
struct nl_trace {
	nl_trace_fn fn;
	void *data;
	uint64_t lost;
	uint64_t missed;
};

int nl_trace_open(struct nl *nl, struct nl_trace *t, const struct ctrack_trace_filter *filter,
		  const char *reason, bool everywhere);
int nl_trace_fd(const struct nl *nl);
int nl_trace_read(struct nl *nl);

#endif
