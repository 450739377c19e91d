/* SPDX-License-Identifier: GPL-2.0 */
/* histogram.c APIs: durations by powers of two. PURE. */
#ifndef CTCTL_HISTOGRAM_H
#define CTCTL_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

uint64_t histogram_count(const uint64_t *bucket, size_t buckets);
uint64_t histogram_percentile(const uint64_t *bucket, size_t buckets, unsigned int percent,
			      uint64_t max);

#endif
