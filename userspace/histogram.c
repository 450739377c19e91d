// SPDX-License-Identifier: GPL-2.0
/* Durations by powers of two: bucket i has those from 2^(i-1) to less than 2^i. PURE. */
#include "histogram.h"

/**
 * histogram_count - how many there are
 * @bucket: how many in each
 * @buckets: how many of these
 */
uint64_t histogram_count(const uint64_t *bucket, size_t buckets)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < buckets; i++)
		count += bucket[i];
	return count;
}

/**
 * histogram_percentile - what so many of them do not exceed
 * @bucket: how many in each
 * @buckets: how many of these
 * @percent: up to 100
 * @max: the largest of all
 *
 * Return: the upper end of the bucket in which that one lies, or @max where that is less; 0 when
 * there are none.
 */
uint64_t histogram_percentile(const uint64_t *bucket, size_t buckets, unsigned int percent,
			      uint64_t max)
{
	uint64_t count = histogram_count(bucket, buckets), below = 0, end;
	/* Of one, any percentile is that one. */
	uint64_t rank = count / 100 * percent + (count % 100 * percent + 99) / 100;
	size_t i;

	if (!count)
		return 0;
	for (i = 0; i + 1 < buckets; i++) {
		below += bucket[i];
		if (below >= rank)
			break;
	}
	end = i + 1 < buckets ? (1ull << i) - 1 : max;
	return end < max ? end : max;
}
