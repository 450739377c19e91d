/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When to look into a bucket for what has expired: due, a jiffy before which
 * nothing in it does, written down beside it. Packets prolong what is there
 * without a word; who comes to look, looks again. Who shortens a life has to say
 * so only where it ends before all that is there is looked at anyway. Jiffies go
 * round, and a timeout may be further from one that has passed than the difference
 * of two can say; so all is compared with now. PURE: no kernel state.
 */
#ifndef CTRACK_DUE_H
#define CTRACK_DUE_H

#include <linux/param.h>
#include <linux/types.h>

/* From now, in jiffies: of a bucket that is empty. */
#define DUE_NEVER	(0xffffffffU / 4)

/*
 * From now, in jiffies: of a bucket that has something, at the latest. TCP shortens
 * lives from days to five minutes whenever data are under way, and to two when the
 * connection ends.
 */
#define DUE_MOST	(120 * HZ)

/**
 * due_earlier - when to look into a bucket in which one more is known of
 * @due: when to, without that
 * @timeout: the jiffy at which the other one expires
 * @now: jiffies
 *
 * Return: when to look: @due or before.
 */
static inline __u32 due_earlier(__u32 due, __u32 timeout, __u32 now)
{
	__s32 left = timeout - now;

	if (left > DUE_MOST)
		left = DUE_MOST;
	return left < (__s32)(due - now) ? now + left : due;
}

/**
 * due_is_before - is a bucket looked into in time, without a word?
 * @timeout: the jiffy at which one in it expires that would have lived longer
 * @now: jiffies
 *
 * Return: false when its due has to be told.
 */
static inline bool due_is_before(__u32 timeout, __u32 now)
{
	return (__s32)(timeout - now) >= DUE_MOST;
}

#endif
