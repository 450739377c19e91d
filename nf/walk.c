// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/prefetch.h>

#include "nf/bucket.h"

/* Buckets that a walk passes without a break. */
#define STRIDE	64
/* Buckets from when a connection is asked for until it is looked at. */
#define AHEAD	4
/* A bucket that has more is rare, and can be visited again. */
#define MARGIN	(2 * SLOTS)

/*
 * Memory is slow and a walk comes by every connection, so that these are asked
 * for in advance. What is read here without the lock is a hint, nothing else.
 */
static void prefetch_bucket(const struct ctrack_table *table, u32 index)
{
	unsigned int i, line;
	unsigned long slot;

	if (index >> table->order)
		return;
	for (i = 0; i < SLOTS; i++) {
		slot = READ_ONCE(table->bucket[index].slot[i]);
		if (!slot || slot_direction(slot) != CTRACK_ORIGINAL)
			continue;
		for (line = 0; line < sizeof(struct ctrack_conn);
		     line += L1_CACHE_BYTES)
			prefetch((const char *)slot_conn(slot) + line);
	}
}

/*
 * Visits one chain from where the cursor stands; the bucket's lock is held.
 * When the chain is not visited as a whole, hashes end at @next.
 */
static unsigned int collect_locked(const struct ctrack_net *cn,
				   struct ctrack_bucket *bucket,
				   struct ctrack_cursor *cursor, bool partly,
				   u64 next,
				   ctrack_wanted_fn *wanted, void *data,
				   struct ctrack_conn **found, unsigned int room)
{
	unsigned int n = 0, position = 0;
	struct ctrack_conn *conn;
	unsigned long slot;
	unsigned int i;
	u32 hash;

	for (; bucket; bucket = bucket->next) {
		for (i = 0; i < SLOTS; i++, position++) {
			slot = bucket->slot[i];
			if (position < cursor->position || !slot ||
			    slot_direction(slot) != CTRACK_ORIGINAL)
				continue;
			conn = slot_conn(slot);
			if (partly) {
				hash = ctrack_conn_hash(cn, conn, CTRACK_ORIGINAL);
				if (hash < cursor->hash || hash >= next)
					continue;
			}
			if (n == room) {
				cursor->position = position;
				return n;
			}
			if (wanted(conn, data) &&
			    refcount_inc_not_zero(&conn->general.use))
				found[n++] = conn;
		}
	}
	cursor->position = 0;
	return n;
}

/**
 * ctrack_table_collect - the next few connections of a walk
 * @cn: namespace
 * @cursor: where to go on; moved, at most to the end of one bucket
 * @wanted: called under the bucket's lock: must be quick, take no lock and
 *	put no reference
 * @data: for @wanted
 * @found: filled in
 * @room: how many fit into @found
 *
 * Return: how many were found, a reference taken to each. 0 does not mean the
 * end: @cursor's done does.
 * Context: any but under a bucket lock.
 */
unsigned int ctrack_table_collect(struct ctrack_net *cn,
				  struct ctrack_cursor *cursor,
				  ctrack_wanted_fn *wanted, void *data,
				  struct ctrack_conn **found, unsigned int room)
{
	const struct ctrack_table *oldest;
	struct ctrack_bucket *bucket;
	unsigned int shift, step;
	unsigned int n = 0;
	u64 first, next;

	rcu_read_lock();
	oldest = rcu_dereference(cn->table);
	if (!oldest) {
		cursor->done = true;
		goto unlock;
	}
	for (;;) {
		const struct ctrack_table *table = ctrack_table_of(cn, cursor->hash);

		shift = 32 - table->order;
		bucket = bucket_of(table, cursor->hash);
		prefetch_bucket(table, (cursor->hash >> shift) + AHEAD);
		spin_lock_bh(&bucket->lock);
		if (!bucket->moved)
			break;
		spin_unlock_bh(&bucket->lock);
	}
	/* Places are those of one table: in another, begin the bucket again. */
	if (cursor->order != 32 - shift)
		cursor->position = 0;
	cursor->order = 32 - shift;
	/*
	 * While it shrinks, a bucket is made of several, some of which may not
	 * have been moved yet: no further than the end of the first.
	 */
	step = min(shift, 32 - oldest->order);
	first = (u64)(cursor->hash >> shift) << shift;
	next = ((u64)(cursor->hash >> step) + 1) << step;
	n = collect_locked(cn, bucket, cursor,
			   cursor->hash != first || step != shift, next, wanted,
			   data, found, room);
	spin_unlock_bh(&bucket->lock);

	if (!cursor->position) {
		cursor->hash = next;
		cursor->done = next >> 32;
	}
unlock:
	rcu_read_unlock();
	return n;
}
EXPORT_SYMBOL_GPL(ctrack_table_collect);

/**
 * ctrack_table_walk - connections of many buckets
 * @cn: namespace
 * @cursor: where to go on; moved by a bounded number of buckets
 * @wanted: as for ctrack_table_collect()
 * @data: for @wanted
 * @found: filled in
 * @room: how many fit into @found, more than a bucket ever has
 *
 * Return: how many were found, a reference taken to each. 0 does not mean the
 * end: @cursor's done does.
 * Context: any but under a bucket lock.
 */
unsigned int ctrack_table_walk(struct ctrack_net *cn,
			       struct ctrack_cursor *cursor,
			       ctrack_wanted_fn *wanted, void *data,
			       struct ctrack_conn **found, unsigned int room)
{
	unsigned int i, n, more;
	u32 hash;

	n = ctrack_table_collect(cn, cursor, wanted, data, found, room);
	for (i = 1; i < STRIDE && !cursor->done && !cursor->position; i++) {
		if (n + MARGIN > room)
			break;
		hash = cursor->hash;
		more = ctrack_table_collect(cn, cursor, wanted, data, found + n,
					    room - n);
		if (cursor->position) {
			/* Next time, as the first one and with all the room. */
			while (more--)
				ctrack_conn_put(found[n + more]);
			cursor->hash = hash;
			cursor->position = 0;
			break;
		}
		n += more;
	}
	return n;
}
EXPORT_SYMBOL_GPL(ctrack_table_walk);
