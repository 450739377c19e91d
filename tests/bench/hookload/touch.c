// SPDX-License-Identifier: GPL-2.0
/*
 * The least that whoever tracks has to touch for a packet, and nothing else of
 * what he does: the bucket that the packet's key belongs to, what is kept of
 * the flow, which is found there, with a reference taken and given back, and
 * the key and the state in it, which are read. One set for all loads.
 */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "load.h"

/* A cache line, and as full as a table's that grows. */
#define SLOTS	4

struct bucket {
	u64 tags;
	struct load_kept *slot[SLOTS];
} ____cacheline_aligned;

/* As large as what is kept of a flow. Of that, two cache lines are touched. */
struct load_kept {
	refcount_t use;
	u64 key;
	u64 state ____cacheline_aligned;
	u8 rest[184];
};

static_assert(sizeof(struct load_kept) == 256);

/* Loads come and go one at a time. */
static DEFINE_MUTEX(lock);
static struct load_touched {
	struct bucket *bucket;
	u32 flows;
	u32 places;
	u32 users;
} touched;

/* Which of the places a flow has, by itself: scattered, as hashes are. */
static u32 place_of(u32 flow)
{
	return flow * GOLDEN_RATIO_32 & (touched.places - 1);
}

static struct load_kept **slot_of(u32 flow)
{
	u32 place = place_of(flow);

	return &touched.bucket[place / SLOTS].slot[place % SLOTS];
}

static void empty(void)
{
	u32 flow;

	for (flow = 0; touched.bucket && flow < touched.flows; flow++)
		kfree(*slot_of(flow));
	vfree(touched.bucket);
	touched.bucket = NULL;
}

static int fill(u32 flows)
{
	struct load_kept *kept;
	u32 flow;

	touched.flows = flows;
	touched.places = max_t(u32, roundup_pow_of_two(flows), SLOTS);
	touched.bucket = vzalloc(array_size(touched.places / SLOTS,
					    sizeof(*touched.bucket)));
	if (!touched.bucket)
		return -ENOMEM;
	for (flow = 0; flow < flows; flow++) {
		kept = kzalloc(sizeof(*kept), GFP_KERNEL);
		if (!kept)
			return -ENOMEM;
		refcount_set(&kept->use, 1);
		kept->key = flow;
		*slot_of(flow) = kept;
	}
	return 0;
}

/**
 * load_touch_init - have something to touch for each flow
 * @load: flows, as many as those of all other loads that touch something
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int load_touch_init(struct load *load)
{
	int ret = 0;

	mutex_lock(&lock);
	if (touched.users)
		ret = touched.flows == load->flows ? 0 : -EINVAL;
	else
		ret = fill(load->flows);
	if (ret && !touched.users)
		empty();
	if (!ret) {
		touched.users++;
		load->touches = true;
	}
	mutex_unlock(&lock);
	return ret;
}

/**
 * load_touch_exit - touch nothing any more
 * @load: flows, which may have touched nothing
 */
void load_touch_exit(struct load *load)
{
	mutex_lock(&lock);
	if (load->touches && !--touched.users)
		empty();
	load->touches = false;
	mutex_unlock(&lock);
}

/**
 * load_touch - what a packet has to touch on its way in
 * @flow: the packet's
 *
 * Return: what is kept of the flow, with a reference; NULL when that was not
 * found.
 */
struct load_kept *load_touch(u32 flow)
{
	u32 place = place_of(flow);
	struct bucket *bucket = &touched.bucket[place / SLOTS];
	struct load_kept *kept;

	if (READ_ONCE(bucket->tags))
		return NULL;
	kept = READ_ONCE(bucket->slot[place % SLOTS]);
	if (!refcount_inc_not_zero(&kept->use))
		return NULL;
	if (READ_ONCE(kept->key) != flow) {
		load_touch_end(kept);
		return NULL;
	}
	/* Some protocols write to it; a UDP stream need not. */
	(void)READ_ONCE(kept->state);
	return kept;
}

/**
 * load_touch_end - what a packet has to touch when it is gone
 * @kept: what load_touch() returned, or NULL
 */
void load_touch_end(struct load_kept *kept)
{
	if (kept)
		refcount_dec(&kept->use);
}
