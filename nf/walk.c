// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/prefetch.h>

#include "nf/bucket.h"

/* Buckets that a walk passes without a break. */
#define STRIDE	64
/* Buckets from when a connection is asked for until it is looked at. */
#define AHEAD	8
/* A bucket that has more is rare, and can be visited again. */
#define MARGIN	(2 * SLOTS)

/* What a filter looks at: all but the protocol's state. */
static void prefetch_conn(const struct ctrack_conn *conn)
{
	unsigned int at;

	for (at = 0; at < offsetof(struct ctrack_conn, state);
	     at += L1_CACHE_BYTES)
		prefetch((const char *)conn + at);
}

/* May a slot with this fingerprint have the key that a search goes by? */
static bool fits(u8 fingerprint, const struct ctrack_search *search)
{
	return !((fingerprint ^ search->fingerprint) & search->mask);
}

/*
 * The slot when what is in it may be wanted, as far as the bucket tells; else
 * 0. Of each connection that stands, one of its slots.
 */
static __always_inline unsigned long
candidate(const struct ctrack_bucket *bucket, unsigned int i, const struct ctrack_search *search)
{
	u8 fingerprint = READ_ONCE(bucket->fingerprint[i]);
	u8 reverse = ctrack_fingerprint_reverse(fingerprint);
	unsigned long slot;

	if (!fits(fingerprint, search) &&
	    (search->direction == CTRACK_ORIGINAL || !fits(reverse, search)))
		return 0;
	slot = READ_ONCE(bucket->slot[i]);
	if (!slot || !slot_has(slot, search->direction))
		return 0;
	/* What stands for both has the fingerprint of the original key. */
	return fits(search->direction == CTRACK_REPLY && slot & SLOT_BOTH ?
		    reverse : fingerprint, search) ? slot : 0;
}

static bool is_wanted(unsigned long slot, const struct ctrack_search *search,
		      struct ctrack_cursor *cursor)
{
	cursor->examined++;
	return search->wanted(slot_conn(slot), search->data);
}

/*
 * Memory is slow and a walk looks at many connections, so that these are asked
 * for in advance. What is read here without the lock is a hint, nothing else.
 */
static void prefetch_bucket(const struct ctrack_table *table, u32 index,
			    const struct ctrack_search *search)
{
	unsigned long slot;
	unsigned int i;

	if (index >> table->order)
		return;
	for (i = 0; i < SLOTS; i++) {
		slot = candidate(&table->bucket[index], i, search);
		if (slot)
			prefetch_conn(slot_conn(slot));
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
				   const struct ctrack_search *search,
				   struct ctrack_conn **found, unsigned int room)
{
	unsigned int n = 0, position = 0;
	struct ctrack_conn *conn;
	unsigned long slot;
	unsigned int i;
	u32 hash;

	for (; bucket; bucket = bucket->next) {
		for (i = 0; i < SLOTS; i++, position++) {
			slot = candidate(bucket, i, search);
			if (position < cursor->position || !slot)
				continue;
			conn = slot_conn(slot);
			if (partly) {
				hash = ctrack_conn_hash(cn, conn, slot_direction(slot));
				if (hash < cursor->hash || hash >= next)
					continue;
			}
			if (n == room) {
				cursor->position = position;
				return n;
			}
			if (is_wanted(slot, search, cursor) &&
			    refcount_inc_not_zero(&conn->general.use)) {
				prefetch(&conn->state);
				found[n++] = conn;
			}
		}
	}
	cursor->position = 0;
	return n;
}

/* Those of one bucket, or of a part of it. */
static unsigned int collect(struct ctrack_net *cn, struct ctrack_cursor *cursor,
			    const struct ctrack_search *search,
			    struct ctrack_conn **found, unsigned int room)
{
	const struct ctrack_table *oldest, *table;
	struct ctrack_bucket *bucket;
	unsigned int shift, step;
	unsigned int n = 0;
	u32 generation;
	u64 first, next;

	rcu_read_lock();
	oldest = rcu_dereference(cn->table);
	if (!oldest) {
		cursor->done = true;
		goto unlock;
	}
	bucket = lock_bucket_in(cn, cursor->hash, &table);
	shift = 32 - table->order;
	/*
	 * Places are those of one table: in another, begin the bucket again. As
	 * well when the old table is gone: some were passed for the sake of it.
	 */
	generation = oldest->generation + table->generation;
	if (cursor->position && cursor->generation != generation) {
		cursor->position = 0;
		cursor->anew++;
	}
	cursor->generation = generation;
	/*
	 * While it shrinks, a bucket is made of several, some of which may not
	 * have been moved yet: no further than the end of the first.
	 */
	step = min(shift, 32 - oldest->order);
	first = (u64)(cursor->hash >> shift) << shift;
	next = ((u64)(cursor->hash >> step) + 1) << step;
	n = collect_locked(cn, bucket, cursor,
			   cursor->hash != first || step != shift, next, search,
			   found, room);
	spin_unlock_bh(&bucket->lock);

	if (!cursor->position) {
		cursor->hash = next;
		cursor->done = next >> 32;
	}
unlock:
	rcu_read_unlock();
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
	const struct ctrack_search search = {
		.wanted = wanted,
		.data = data,
	};

	return collect(cn, cursor, &search, found, room);
}
EXPORT_SYMBOL_GPL(ctrack_table_collect);

/* Is nothing wanted in a bucket, as far as can be seen without its lock? */
static bool nothing_wanted(const struct ctrack_bucket *bucket,
			   const struct ctrack_search *search,
			   struct ctrack_cursor *cursor)
{
	unsigned long slot;
	unsigned int i;

	for (; bucket; bucket = READ_ONCE(bucket->next)) {
		for (i = 0; i < SLOTS; i++) {
			slot = candidate(bucket, i, search);
			if (slot && is_wanted(slot, search, cursor))
				return false;
		}
	}
	return true;
}

/*
 * Moves on to the first bucket that may have something, or by some buckets. What
 * stood throughout is seen: it leaves a bucket only for the next table, which
 * is there before, as in find_hashed(). What else is seen may be anything.
 */
static void pass_buckets(struct ctrack_net *cn, struct ctrack_cursor *cursor,
			 const struct ctrack_search *search)
{
	const struct ctrack_table *table;
	u32 index, first, end;

	rcu_read_lock();
	table = rcu_dereference(cn->table);
	if (!table || rcu_access_pointer(table->next))
		goto unlock;
	first = cursor->hash >> (32 - table->order);
	end = min(first + STRIDE, 1U << table->order);
	for (index = first; index < end; index++) {
		prefetch_bucket(table, index + AHEAD, search);
		if (!nothing_wanted(&table->bucket[index], search, cursor))
			break;
	}
	/* A move fills the next table before it empties this one. */
	smp_rmb();
	/* A cursor within a bucket stays where it is: no step back. */
	if (index == first || rcu_access_pointer(table->next))
		goto unlock;
	cursor->hash = index << (32 - table->order);
	cursor->done = index >> table->order;
unlock:
	rcu_read_unlock();
}

/**
 * ctrack_table_walk - connections of many buckets
 * @cn: namespace
 * @cursor: where to go on; moved by a bounded number of buckets
 * @search: which
 * @found: filled in
 * @room: how many fit into @found, more than a bucket ever has
 *
 * Return: how many were found, a reference taken to each. 0 does not mean the
 * end: @cursor's done does.
 * Context: any but under a bucket lock.
 */
unsigned int ctrack_table_walk(struct ctrack_net *cn,
			       struct ctrack_cursor *cursor,
			       const struct ctrack_search *search,
			       struct ctrack_conn **found, unsigned int room)
{
	u32 examined = cursor->examined;
	unsigned int i, n, more;
	u32 hash;

	n = collect(cn, cursor, search, found, room);
	for (i = 1; i < STRIDE && n + MARGIN <= room; i++) {
		if (cursor->position || cursor->done)
			break;
		pass_buckets(cn, cursor, search);
		if (cursor->done)
			break;
		hash = cursor->hash;
		more = collect(cn, cursor, search, found + n, room - n);
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
	/* Rules that outlive their namespace's table outlive its counters as well. */
	if (cursor->examined != examined)
		this_cpu_add(cn->counts->examined, cursor->examined - examined);
	return n;
}
EXPORT_SYMBOL_GPL(ctrack_table_walk);
