/* SPDX-License-Identifier: GPL-2.0 */
/* How long probed functions take. */
#ifndef CTRACK_LATENCY_H
#define CTRACK_LATENCY_H

#include "nf/trace.h"

/**
 * struct ctrack_latency_sum - how long a function took
 * @total: all calls together, ns
 * @max: the longest, ns
 * @bucket: calls that took from 2^(i-1) ns to less than 2^i; the last: or more
 */
struct ctrack_latency_sum {
	u64 total;
	u64 max;
	u64 bucket[CTRACK_LATENCY_BUCKETS];
};

struct ctrack_latency __percpu *ctrack_latency_alloc(void);
void ctrack_latency_free(struct ctrack_latency __percpu *latency);
void ctrack_latency_add(struct ctrack_latency __percpu *latency, unsigned int point,
			u64 duration);
void ctrack_latency_read(const struct ctrack_latency __percpu *latency,
			 struct ctrack_latency_sum *sum);

#endif
