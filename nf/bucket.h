/* SPDX-License-Identifier: GPL-2.0 */
/* What a table is made of; for nf/table.c, walk.c, resize.c and trace_point.c alone. */
#ifndef CTRACK_BUCKET_H
#define CTRACK_BUCKET_H

#include "nf/net.h"

#define SLOTS		5
#define ORDER_MIN	6
#define ORDER_MAX	24

/* From now, in jiffies: when the connections of an empty bucket expire. */
#define DUE_NEVER	(U32_MAX / 4)

/**
 * struct ctrack_bucket - entries whose hash begins alike
 * @lock: protects all of it against other writers; unused in @next ones
 * @tag: low bits of the hash of the key that the slot points at
 * @fingerprint: of that key's addresses, for walks
 * @moved: what was here is in the next table
 * @slot: pointer to a connection, plus the direction; 0 when free
 * @next: more slots; stays until the table goes
 */
struct ctrack_bucket {
	spinlock_t lock;	/* see above */
	u8 tag[SLOTS];
	u8 fingerprint[SLOTS];
	u16 moved;
	unsigned long slot[SLOTS];
	struct ctrack_bucket *next;
} ____cacheline_aligned;

/**
 * struct ctrack_table - buckets
 * @order: binary logarithm of their number; immutable; first, for who probes
 *	ctrack_table_replace()
 * @next: the table that replaces this one; RCU, set once
 * @bucket: immutable
 * @due: for each bucket, a jiffy before which no connection whose original key
 *	is there expires; written under the bucket's lock, read without. Past
 *	when the bucket was moved
 */
struct ctrack_table {
	unsigned int order;
	struct ctrack_table __rcu *next;
	struct ctrack_bucket *bucket;
	u32 *due;
};

/**
 * struct ctrack_place - a place in a chain of buckets
 * @bucket: NULL for none
 * @slot: its number in @bucket
 */
struct ctrack_place {
	struct ctrack_bucket *bucket;
	unsigned int slot;
};

/* All under the bucket's lock. */
struct ctrack_conn *ctrack_bucket_find(struct ctrack_bucket *head, u32 hash,
				       const struct ctrack_key *key,
				       u16 zone, enum ctrack_direction *direction,
				       struct ctrack_place *free);
struct ctrack_place ctrack_bucket_free_place(struct ctrack_bucket *head);
void ctrack_bucket_append(struct ctrack_bucket *head,
			  struct ctrack_bucket *more, struct ctrack_place *free);
bool ctrack_bucket_make_place(struct ctrack_bucket *head,
			      struct ctrack_place *free);
void ctrack_place_link(const struct ctrack_place *place, unsigned long slot,
		       u32 hash);
void ctrack_place_unlink(const struct ctrack_place *place);

static inline struct ctrack_bucket *bucket_of(const struct ctrack_table *table, u32 hash)
{
	return &table->bucket[hash >> (32 - table->order)];
}

static inline u8 tag_of(u32 hash)
{
	return hash;
}

/* A connection in the bucket of @hash expires at @timeout; the bucket is locked. */
static inline void note_due(const struct ctrack_table *table, u32 hash, u32 timeout)
{
	u32 *due = &table->due[hash >> (32 - table->order)];

	if ((s32)(timeout - *due) < 0)
		WRITE_ONCE(*due, timeout);
}

static inline struct ctrack_conn *slot_conn(unsigned long slot)
{
	return (struct ctrack_conn *)(slot & ~1UL);
}

static inline enum ctrack_direction slot_direction(unsigned long slot)
{
	return slot & 1;
}

static inline unsigned long slot_make(const struct ctrack_conn *conn,
				      enum ctrack_direction direction)
{
	return (unsigned long)conn | direction;
}

/* A connection on its way out, whose place another may take. */
static inline bool gone(const struct ctrack_conn *conn)
{
	return !refcount_read(&conn->general.use) || ctrack_conn_dying(conn);
}

/* Is it this key, in the zone that counts in its direction? */
static inline bool slot_matches(unsigned long slot, const struct ctrack_key *key,
				u32 zones)
{
	const struct ctrack_conn *conn = slot_conn(slot);
	enum ctrack_direction direction = slot_direction(slot);

	return ctrack_key_equal(ctrack_conn_key(conn, direction), key) &&
	       ctrack_zone_id(&conn->zone, direction) ==
	       ctrack_pair_zone(zones, direction);
}

/* The table in which the bucket of @hash is now; RCU held. */
static inline struct ctrack_table *ctrack_table_of(struct ctrack_net *cn, u32 hash)
{
	struct ctrack_table *table = rcu_dereference(cn->table);

	/* A bucket that was moved is in the next table, as a whole. */
	while (smp_load_acquire(&bucket_of(table, hash)->moved))
		table = rcu_dereference(table->next);
	return table;
}

/* Locks the bucket of @hash, and returns the table in which it is; RCU held. */
static inline struct ctrack_table *lock_in_table(struct ctrack_net *cn, u32 hash)
	__acquires(bucket)
{
	struct ctrack_bucket *bucket;
	struct ctrack_table *table;

	for (;;) {
		table = ctrack_table_of(cn, hash);
		bucket = bucket_of(table, hash);
		spin_lock_bh(&bucket->lock);
		if (likely(!bucket->moved))
			return table;
		spin_unlock_bh(&bucket->lock);
	}
}

static inline struct ctrack_bucket *lock_bucket(struct ctrack_net *cn, u32 hash)
	__acquires(bucket)
{
	return bucket_of(lock_in_table(cn, hash), hash);
}

static inline void unlock_bucket(struct ctrack_bucket *bucket)
	__releases(bucket)
{
	spin_unlock_bh(&bucket->lock);
}

#endif
