/* SPDX-License-Identifier: GPL-2.0 */
/* What a table is made of; for nf/table.c, walk.c, resize.c and trace_point.c alone. */
#ifndef CTRACK_BUCKET_H
#define CTRACK_BUCKET_H

#include "nf/due.h"
#include "nf/net.h"

#define SLOTS		5
#define ORDER_MIN	6
#define ORDER_MAX	24

/*
 * Which of the connection's keys a slot stands for: one of enum ctrack_direction,
 * or both, where they have one hash.
 */
#define SLOT_BOTH	CTRACK_DIRECTIONS
#define SLOT_MASK	3UL

/**
 * struct ctrack_bucket - entries whose hash begins alike
 * @tag: low bits of the hash of the keys that the slot stands for; compared all
 *	at once
 * @fingerprint: of the addresses of its key, or of the original one; for walks
 * @moved: what was here is in the next table
 * @lock: protects all of it against other writers; unused in @next ones
 * @slot: pointer to a connection, plus which keys; 0 when free
 * @next: more slots; stays until the table goes
 */
struct ctrack_bucket {
	union {
		u64 tags;
		struct {
			u8 tag[SLOTS];
			u8 fingerprint[SLOTS];
			u16 moved;
			spinlock_t lock;	/* see above */
		};
	};
	unsigned long slot[SLOTS];
	struct ctrack_bucket *next;
} ____cacheline_aligned;

#if !defined(CONFIG_DEBUG_SPINLOCK) && !defined(CONFIG_DEBUG_LOCK_ALLOC) && \
	!defined(CONFIG_PREEMPT_RT)
static_assert(offsetofend(struct ctrack_bucket, next) <= 64);
#endif

/**
 * struct ctrack_table - buckets
 * @order: binary logarithm of their number; immutable; first, for who probes
 *	ctrack_table_replace()
 * @generation: how many tables the namespace had before; immutable
 * @next: the table that replaces this one; RCU, set once
 * @bucket: immutable
 * @due: for each bucket, a jiffy before which no connection whose original key
 *	is there expires, see due.h; written under the bucket's lock, read without. Past
 *	when the bucket was moved
 */
struct ctrack_table {
	unsigned int order;
	u32 generation;
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
struct ctrack_conn *ctrack_bucket_search(struct ctrack_bucket *head, u32 hash,
					 const struct ctrack_key *key,
					 u16 zone, enum ctrack_direction *direction);
struct ctrack_place ctrack_bucket_place_of(struct ctrack_bucket *head,
					   const struct ctrack_conn *conn,
					   enum ctrack_direction direction);
void ctrack_bucket_append(struct ctrack_bucket *head,
			  struct ctrack_bucket *more, struct ctrack_place *free);
int ctrack_bucket_extend(struct ctrack_bucket *head, unsigned int most,
			 struct ctrack_place *free);
void ctrack_place_link(const struct ctrack_place *place, unsigned long slot,
		       u32 hash);
void ctrack_place_link_reply(const struct ctrack_place *place);
void ctrack_place_unlink(const struct ctrack_place *place);
void ctrack_place_unlink_reply(const struct ctrack_place *place);

static inline struct ctrack_bucket *bucket_of(const struct ctrack_table *table, u32 hash)
{
	return &table->bucket[hash >> (32 - table->order)];
}

/* Slots in use: one a connection, and one more where the reply key is apart. */
static inline unsigned int slots_count(const struct ctrack_net *cn)
{
	return atomic_read(&cn->count) + atomic_read(&cn->apart);
}

static inline u8 tag_of(u32 hash)
{
	return hash;
}

/* A connection in the bucket of @hash expires at @timeout; the bucket is locked. */
static inline void note_due(const struct ctrack_table *table, u32 hash, u32 timeout)
{
	u32 *due = &table->due[hash >> (32 - table->order)];
	u32 earlier = due_earlier(*due, timeout, jiffies);

	if (earlier != *due)
		WRITE_ONCE(*due, earlier);
}

static inline struct ctrack_conn *slot_conn(unsigned long slot)
{
	return (struct ctrack_conn *)(slot & ~SLOT_MASK);
}

static inline unsigned long slot_make(const struct ctrack_conn *conn,
				      unsigned long keys)
{
	return (unsigned long)conn | keys;
}

/* Does it stand for the connection's key of this direction? */
static inline bool slot_has(unsigned long slot, enum ctrack_direction direction)
{
	return (slot & SLOT_MASK) == direction || slot & SLOT_BOTH;
}

/* A key of the connection that belongs where the slot is. */
static inline enum ctrack_direction slot_direction(unsigned long slot)
{
	return slot & CTRACK_REPLY;
}

/*
 * Those of a bucket's slots whose tag is that of @hash: a bit each, the place in
 * the word of which slot_of_bit() tells. One more, behind one that is right, may
 * be wrong.
 */
static inline u64 slots_tagged(const struct ctrack_bucket *bucket, u32 hash)
{
	const u64 ones = 0x0101010101ULL;
	u64 tags = READ_ONCE(bucket->tags), difference;

#ifdef __BIG_ENDIAN
	tags = swab64(tags);
#endif
	difference = (tags ^ ones * tag_of(hash)) & ones * 0xff;
	return (difference - ones) & ~difference & ones << 7;
}

static inline unsigned int slot_of_bit(u64 bits)
{
	return __ffs64(bits) / 8;
}

/**
 * ctrack_bucket_find - the connection of a key
 * @head: of the chain
 * @hash: of the key
 * @key: the key
 * @zone: its zone
 * @direction: filled in with the direction that the key has in the connection
 *
 * What is on its way out has to make room.
 *
 * Return: the connection, no reference taken; or NULL, nearly always at a glance
 * when there is none.
 * Context: bucket lock held.
 */
static inline struct ctrack_conn *
ctrack_bucket_find(struct ctrack_bucket *head, u32 hash,
		   const struct ctrack_key *key, u16 zone,
		   enum ctrack_direction *direction)
{
	if (likely(!slots_tagged(head, hash) && !head->next))
		return NULL;
	return ctrack_bucket_search(head, hash, key, zone, direction);
}

/**
 * ctrack_bucket_free_place - a place that nothing is in
 * @head: of the chain
 *
 * Return: the place; its bucket is NULL when all are taken.
 * Context: bucket lock held.
 */
static inline struct ctrack_place
ctrack_bucket_free_place(struct ctrack_bucket *head)
{
	struct ctrack_place place;

	for (place.bucket = head; place.bucket; place.bucket = place.bucket->next)
		for (place.slot = 0; place.slot < SLOTS; place.slot++)
			if (!place.bucket->slot[place.slot])
				return place;
	return place;
}

/* A connection on its way out, whose place another may take. */
static inline bool gone(const struct ctrack_conn *conn)
{
	return !refcount_read(&conn->general.use) || ctrack_conn_dying(conn);
}

static inline bool conn_has_key(const struct ctrack_conn *conn,
				enum ctrack_direction direction,
				const struct ctrack_key *key, u32 zones)
{
	return ctrack_key_equal(ctrack_conn_key(conn, direction), key) &&
	       ctrack_zone_id(&conn->zone, direction) ==
	       ctrack_pair_zone(zones, direction);
}

/*
 * Which of the slot's keys is this one, in the zone that counts in its
 * direction? CTRACK_DIRECTIONS: none. Who talks to itself, from a port to the
 * same, answers itself: its two keys are one, and that is the reply.
 */
static inline enum ctrack_direction
slot_match(unsigned long slot, const struct ctrack_key *key, u32 zones)
{
	const struct ctrack_conn *conn = slot_conn(slot);

	if (slot_has(slot, CTRACK_REPLY) &&
	    conn_has_key(conn, CTRACK_REPLY, key, zones))
		return CTRACK_REPLY;
	if (slot_has(slot, CTRACK_ORIGINAL) &&
	    conn_has_key(conn, CTRACK_ORIGINAL, key, zones))
		return CTRACK_ORIGINAL;
	return CTRACK_DIRECTIONS;
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

/* Locks the bucket of @hash, and says in which table it is; RCU held. */
static inline struct ctrack_bucket *
lock_bucket_in(struct ctrack_net *cn, u32 hash, const struct ctrack_table **in)
	__acquires(bucket)
{
	const struct ctrack_table *table = rcu_dereference(cn->table);
	struct ctrack_bucket *bucket;

	for (;;) {
		bucket = bucket_of(table, hash);
		spin_lock_bh(&bucket->lock);
		if (likely(!bucket->moved))
			break;
		spin_unlock_bh(&bucket->lock);
		table = rcu_dereference(table->next);
	}
	*in = table;
	return bucket;
}

static inline struct ctrack_bucket *lock_bucket(struct ctrack_net *cn, u32 hash)
	__acquires(bucket)
{
	const struct ctrack_table *table;

	return lock_bucket_in(cn, hash, &table);
}

static inline void unlock_bucket(struct ctrack_bucket *bucket)
	__releases(bucket)
{
	spin_unlock_bh(&bucket->lock);
}

#endif
