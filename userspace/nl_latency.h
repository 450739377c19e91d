/* SPDX-License-Identifier: GPL-2.0 */
/* nl_latency.c APIs: how long ctrack's functions take. */
#ifndef CTCTL_NL_LATENCY_H
#define CTCTL_NL_LATENCY_H

#include "nl.h"

#include "nf/uapi_trace.h"

/* Times in ns. @bucket: calls that took from 2^(i-1) to less than 2^i; in the last one, or more. */
struct nl_function {
	char name[64];
	uint64_t total;
	uint64_t max;
	uint64_t bucket[CTRACK_LATENCY_BUCKETS];
};

/* Keeps none of it. Anything but 0 that it returns ends the reading. */
typedef int (*nl_function_fn)(const struct nl_function *function, void *data);

int nl_latency(struct nl *nl, nl_function_fn fn, void *data, uint64_t *missed);

#endif
