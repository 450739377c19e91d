// SPDX-License-Identifier: GPL-2.0
/* How long probed functions take: a histogram for each, on each CPU. */
#include <linux/bitops.h>
#include <linux/percpu.h>

#include "nf/latency.h"

/* All points of one CPU. */
struct ctrack_latency {
	struct ctrack_latency_sum sum[CTRACK_TRACE_POINTS];
};

/**
 * ctrack_latency_alloc - make empty histograms
 *
 * Return: they, as a per-CPU pointer, or NULL when there is no memory.
 * Context: process.
 */
struct ctrack_latency __percpu *ctrack_latency_alloc(void)
{
	return alloc_percpu(struct ctrack_latency);
}

/**
 * ctrack_latency_free - give them back
 * @latency: they, or NULL
 */
void ctrack_latency_free(struct ctrack_latency __percpu *latency)
{
	free_percpu(latency);
}

/**
 * ctrack_latency_add - a function has returned
 * @latency: where that is noted
 * @point: which function
 * @duration: how long it took, ns
 *
 * Context: interrupts off.
 */
void ctrack_latency_add(struct ctrack_latency __percpu *latency, unsigned int point,
			u64 duration)
{
	struct ctrack_latency_sum *sum = &this_cpu_ptr(latency)->sum[point];

	sum->bucket[min(fls64(duration), CTRACK_LATENCY_BUCKETS - 1)]++;
	sum->total += duration;
	sum->max = max(sum->max, duration);
}

/**
 * ctrack_latency_read - add up what all CPUs have
 * @latency: the histograms
 * @sum: filled in, CTRACK_TRACE_POINTS of them
 */
void ctrack_latency_read(const struct ctrack_latency __percpu *latency,
			 struct ctrack_latency_sum *sum)
{
	const struct ctrack_latency *own;
	unsigned int point, i;
	int cpu;

	memset(sum, 0, CTRACK_TRACE_POINTS * sizeof(*sum));
	for_each_possible_cpu(cpu) {
		own = per_cpu_ptr(latency, cpu);
		for (point = 0; point < CTRACK_TRACE_POINTS; point++) {
			const struct ctrack_latency_sum *from = &own->sum[point];

			sum[point].total += READ_ONCE(from->total);
			sum[point].max = max(sum[point].max, READ_ONCE(from->max));
			for (i = 0; i < CTRACK_LATENCY_BUCKETS; i++)
				sum[point].bucket[i] += READ_ONCE(from->bucket[i]);
		}
	}
}
