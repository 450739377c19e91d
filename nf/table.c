// SPDX-License-Identifier: GPL-2.0
/*
 * The table of one namespace.
 *
 * A bucket is one cache line: a lock, a few pointers to keys and, beside them,
 * eight bits of each key's hash, so that a look-up touches the bucket and the
 * connection it is after and hardly ever another; and eight bits of its
 * addresses, so that a walk that is after some of them does as well. What does
 * not fit hangs behind it in more buckets. A pointer's low bit tells which of
 * the connection's two keys it means.
 *
 * Readers take no lock. A connection can be freed and used again while a reader
 * looks at it (SLAB_TYPESAFE_BY_RCU), and the reply key of a tentative one can
 * be rewritten; but both happen only after the pointer left the bucket, so a
 * reader that holds a reference and, having looked, sees the pointer where it
 * was, has seen a key that stood.
 *
 * Writers lock the bucket, or both buckets when they put a connection in.
 *
 * A table that is too small or too large is replaced: entries move bucket by
 * bucket into the next table while packets flow. A bucket that was emptied so
 * is marked, and who wants to write to it goes on to the next table. Readers
 * look into both. The hash's top bits choose the bucket, so that each bucket's
 * entries go to neighbours and walks keep their place across a resize.
 */
#include <linux/export.h>

#include "nf/bucket.h"
#include "nf/port_space.h"
#include "nf/probe_point.h"

/*
 * Does a connection go from an address and port to the same, in the same zone?
 * One key is enough.
 */
static bool mirrored(const struct ctrack_conn *conn)
{
	return ctrack_zone_id(&conn->zone, CTRACK_ORIGINAL) ==
	       ctrack_zone_id(&conn->zone, CTRACK_REPLY) &&
	       ctrack_key_equal(ctrack_conn_key(conn, CTRACK_ORIGINAL),
				ctrack_conn_key(conn, CTRACK_REPLY));
}

/*
 * Reader's side: RCU held, no lock. What was read of a connection counts only
 * if its slot stood meanwhile; else it may be in a place that was passed.
 */
static __always_inline struct ctrack_found
find_unlocked(const struct ctrack_bucket *head, u32 hash,
	      const struct ctrack_key *key, u32 zones)
{
	const struct ctrack_bucket *bucket;
	struct ctrack_conn *conn;
	unsigned long slot;
	unsigned int i;
	bool matches;

again:
	for (bucket = head; bucket; bucket = READ_ONCE(bucket->next)) {
		for (i = 0; i < SLOTS; i++) {
			if (READ_ONCE(bucket->tag[i]) != tag_of(hash))
				continue;
			slot = READ_ONCE(bucket->slot[i]);
			if (!slot)
				continue;
			conn = slot_conn(slot);
			/* Its other half is on its way while this one is read. */
			prefetch(&conn->status);
			if (!refcount_inc_not_zero(&conn->general.use))
				continue;
			/* Pairs with smp_wmb() in ctrack_conn_alloc(). */
			smp_acquire__after_ctrl_dep();
			matches = slot_matches(slot, key, zones);
			/* What was compared, was compared while the slot stood. */
			smp_rmb();
			if (unlikely(READ_ONCE(bucket->slot[i]) != slot)) {
				ctrack_conn_put(conn);
				goto again;
			}
			if (likely(matches))
				return (struct ctrack_found) {
					conn, slot_direction(slot)
				};
			ctrack_conn_put(conn);
		}
	}
	return (struct ctrack_found) { NULL };
}

static __always_inline struct ctrack_found
find_hashed(struct ctrack_net *cn, u32 hash, const struct ctrack_key *key,
	    u32 zones)
{
	const struct ctrack_table *table = rcu_dereference(cn->table);
	struct ctrack_found found = {};

	while (table) {
		found = find_unlocked(bucket_of(table, hash), hash, key, zones);
		if (likely(found.conn))
			break;
		/* A move fills the next table before it empties this one. */
		smp_rmb();
		table = rcu_dereference(table->next);
	}
	return found;
}

/* A key that may be a reply, where replies have a zone of their own. */
static noinline struct ctrack_found find_reply(struct ctrack_net *cn,
					       const struct ctrack_key *key,
					       u32 zones)
{
	u16 zone = ctrack_pair_zone(zones, CTRACK_REPLY);

	return find_hashed(cn, ctrack_hash(cn, key, zone), key, zones);
}

/**
 * ctrack_table_find_hashed - the connection of a key whose hash is known
 * @cn: namespace
 * @hash: ctrack_hash() of @key in the zone of the original direction
 * @key: of the packet
 * @zones: of the packet, see ctrack_zone_pair()
 *
 * Return: the connection with a reference taken, tentative, expired and dying
 * ones included, and the direction that the key has in it; a NULL connection
 * when there is none.
 * Context: RCU held.
 */
ctrack_probed struct ctrack_found
ctrack_table_find_hashed(struct ctrack_net *cn, u32 hash,
			 const struct ctrack_key *key, u32 zones)
{
	struct ctrack_found found = find_hashed(cn, hash, key, zones);

	if (likely(found.conn) ||
	    ctrack_pair_zone(zones, CTRACK_ORIGINAL) ==
	    ctrack_pair_zone(zones, CTRACK_REPLY))
		return found;
	return find_reply(cn, key, zones);
}

/**
 * ctrack_table_find - the connection of a key
 * @cn: namespace
 * @key: of the packet
 * @zone: of the packet; only the directions that it names count
 * @direction: filled in with the direction that the key has in the connection
 *
 * Return: the connection, as ctrack_table_find_hashed() does.
 * Context: RCU held.
 */
struct ctrack_conn *ctrack_table_find(struct ctrack_net *cn,
				      const struct ctrack_key *key,
				      const struct nf_conntrack_zone *zone,
				      enum ctrack_direction *direction)
{
	u32 zones = ctrack_zone_pair(zone);
	u32 hash = ctrack_hash(cn, key, ctrack_pair_zone(zones, CTRACK_ORIGINAL));
	struct ctrack_found found;

	found = ctrack_table_find_hashed(cn, hash, key, zones);
	*direction = found.direction;
	return found.conn;
}
EXPORT_SYMBOL_GPL(ctrack_table_find);

static void unlock_buckets(struct ctrack_bucket *a, struct ctrack_bucket *b)
	__releases(a)
	__releases(b)
{
	if (a != b)
		spin_unlock(&b->lock);
	else
		__release(b);
	spin_unlock_bh(&a->lock);
}

/*
 * Locks both, old table before new, then lower address first. Returns the table
 * of the first hash.
 */
static const struct ctrack_table *lock_buckets(struct ctrack_net *cn,
					       const u32 *hash,
					       struct ctrack_bucket **bucket)
	__acquires(bucket)
	__acquires(bucket)
{
	const struct ctrack_table *table[CTRACK_DIRECTIONS];
	struct ctrack_bucket *first, *second;

	for (;;) {
		table[0] = ctrack_table_of(cn, hash[0]);
		table[1] = ctrack_table_of(cn, hash[1]);
		bucket[0] = bucket_of(table[0], hash[0]);
		bucket[1] = bucket_of(table[1], hash[1]);
		first = bucket[0];
		second = bucket[1];
		if (table[0] == table[1] ? first > second :
		    rcu_access_pointer(table[1]->next) == table[0])
			swap(first, second);

		spin_lock_bh(&first->lock);
		if (first != second)
			spin_lock_nested(&second->lock, SINGLE_DEPTH_NESTING);
		else
			__acquire(second);
		if (likely(!first->moved && !second->moved))
			return table[0];
		unlock_buckets(first, second);
	}
}

static void resize_if_crowded(struct ctrack_net *cn)
{
	unsigned int order = rcu_dereference(cn->table)->order;

	/* Two keys a connection: on average two and a half a bucket. */
	if (order < ORDER_MAX &&
	    (u32)atomic_read(&cn->count) > (5U << order) / 4)
		queue_work(ctrack_workqueue, &cn->resize);
}

/*
 * Both bucket locks held. Reply keys that are taken stay out; NAT may find
 * another, and else ctrack_table_reserve() tells at the last hook.
 *
 * The original key comes last: a packet that finds it may translate and commit
 * @conn, and relies on the reply key being in by then or taken.
 */
static struct ctrack_conn *insert_locked(struct ctrack_conn *conn,
					 const u32 *hash, struct ctrack_bucket **bucket,
					 enum ctrack_direction *direction)
{
	const struct ctrack_key *original = ctrack_conn_key(conn, CTRACK_ORIGINAL);
	const struct ctrack_key *reply = ctrack_conn_key(conn, CTRACK_REPLY);
	const u32 zones = ctrack_zone_pair(&conn->zone);
	struct ctrack_place place, reply_place;
	enum ctrack_direction other;
	struct ctrack_conn *there;
	bool linked;

	do {
		there = ctrack_bucket_find(bucket[0], hash[0], original,
					   ctrack_pair_zone(zones, CTRACK_ORIGINAL),
					   direction, &place);
		if (there && refcount_inc_not_zero(&there->general.use))
			return there;
	} while (there);

	linked = !mirrored(conn) &&
		 !ctrack_bucket_find(bucket[1], hash[1], reply,
				     ctrack_pair_zone(zones, CTRACK_REPLY),
				     &other, &reply_place) &&
		 ctrack_bucket_make_place(bucket[1], &reply_place);
	if (linked)
		ctrack_place_link(&reply_place, slot_make(conn, CTRACK_REPLY), hash[1]);
	/* Both were shown the same place, or one behind which more now hangs. */
	if (bucket[0] == bucket[1])
		place = ctrack_bucket_free_place(bucket[0]);
	if (!ctrack_bucket_make_place(bucket[0], &place)) {
		if (linked)
			ctrack_place_unlink(&reply_place);
		return NULL;
	}
	ctrack_place_link(&place, slot_make(conn, CTRACK_ORIGINAL), hash[0]);
	*direction = CTRACK_ORIGINAL;
	return conn;
}

/**
 * ctrack_table_insert - put a new connection in, both keys
 * @conn: a connection that is in no table
 * @original: hash of its original key, see ctrack_hash()
 * @direction: filled in with the direction that the original key has in the
 *	connection that is returned
 *
 * When another connection has the reply key, @conn goes in without one; see
 * ctrack_table_reserve().
 *
 * Return: @conn; or the connection that already has its original key, with a
 * reference taken; or NULL when there is no memory.
 * Context: RCU held.
 */
ctrack_probed struct ctrack_conn *
ctrack_table_insert(struct ctrack_conn *conn, u32 original,
		    enum ctrack_direction *direction)
{
	struct ctrack_net *cn = ctrack_net_rcu(ctrack_conn_net(conn));
	struct ctrack_bucket *bucket[CTRACK_DIRECTIONS];
	const struct ctrack_table *table;
	struct ctrack_conn *result;

	conn->hash[CTRACK_ORIGINAL] = original;
	conn->hash[CTRACK_REPLY] = ctrack_conn_hash(cn, conn, CTRACK_REPLY);
	table = lock_buckets(cn, conn->hash, bucket);
	result = insert_locked(conn, conn->hash, bucket, direction);
	if (result == conn)
		note_due(table, original, conn->timeout);
	unlock_buckets(bucket[0], bucket[1]);

	if (result == conn)
		resize_if_crowded(cn);
	return result;
}

/* Of a key that is in the table or was; nobody commits @conn meanwhile. */
static u32 linked_hash(struct ctrack_net *cn, const struct ctrack_conn *conn,
		       enum ctrack_direction direction)
{
	return ctrack_conn_committed(conn) ? ctrack_conn_hash(cn, conn, direction) :
					     conn->hash[direction];
}

static void unlink_key(struct ctrack_net *cn, struct ctrack_conn *conn,
		       enum ctrack_direction direction)
{
	unsigned long slot = slot_make(conn, direction);
	struct ctrack_place place;
	struct ctrack_bucket *head;

	/*
	 * Nobody but the caller links it, so what is not linked stays so; and
	 * whoever unlinked it is done with it. See ctrack_place_unlink().
	 */
	if (!smp_load_acquire(&conn->linked[direction]))
		return;
	head = lock_bucket(cn, linked_hash(cn, conn, direction));
	if (!conn->linked[direction])
		goto unlock;
	for (place.bucket = head; place.bucket;
	     place.bucket = place.bucket->next) {
		for (place.slot = 0; place.slot < SLOTS; place.slot++) {
			if (place.bucket->slot[place.slot] == slot) {
				ctrack_place_unlink(&place);
				goto unlock;
			}
		}
	}
unlock:
	unlock_bucket(head);
}

/**
 * ctrack_table_remove - take a connection out, both keys
 * @conn: the connection; one that is not in the table stays as it is
 *
 * Context: any but under a bucket lock.
 */
void ctrack_table_remove(struct ctrack_conn *conn)
{
	struct ctrack_net *cn = ctrack_net(ctrack_conn_net(conn));

	rcu_read_lock();
	if (rcu_access_pointer(cn->table)) {
		unlink_key(cn, conn, CTRACK_ORIGINAL);
		unlink_key(cn, conn, CTRACK_REPLY);
	}
	rcu_read_unlock();
}

/**
 * ctrack_table_reserved - is the reply key of a connection its own?
 * @conn: a connection in the table
 *
 * Return: false while another connection had it first.
 */
bool ctrack_table_reserved(const struct ctrack_conn *conn)
{
	return READ_ONCE(conn->linked[CTRACK_REPLY]) || mirrored(conn);
}
EXPORT_SYMBOL_GPL(ctrack_table_reserved);

/*
 * Links the reply key as it stands, unless another connection has it; whichever
 * does, @space is told.
 */
static bool link_reply(struct ctrack_net *cn, struct ctrack_conn *conn,
		       struct ctrack_port_space *space)
{
	const struct ctrack_key *reply = ctrack_conn_key(conn, CTRACK_REPLY);
	const u16 zone = ctrack_zone_id(&conn->zone, CTRACK_REPLY);
	u32 hash = conn->hash[CTRACK_REPLY];
	struct ctrack_bucket *head = lock_bucket(cn, hash);
	enum ctrack_direction direction;
	struct ctrack_place place;
	bool taken, linked;

	taken = ctrack_bucket_find(head, hash, reply, zone, &direction, &place);
	linked = !taken && ctrack_bucket_make_place(head, &place);
	if (linked)
		ctrack_place_link(&place, slot_make(conn, CTRACK_REPLY), hash);
	if (space && (taken || linked))
		ctrack_port_space_take(space, reply);
	unlock_bucket(head);
	return linked;
}

/**
 * ctrack_table_reserve - try again to take the reply key as it stands
 * @conn: a tentative connection in the table
 *
 * Return: true when the key is this connection's now.
 * Context: RCU held, and the connection's lock.
 */
bool ctrack_table_reserve(struct ctrack_conn *conn)
{
	return ctrack_table_reserved(conn) ||
	       link_reply(ctrack_net_rcu(ctrack_conn_net(conn)), conn, NULL);
}
EXPORT_SYMBOL_GPL(ctrack_table_reserve);

/**
 * ctrack_table_release - give up the reply key, for whoever wants it
 * @conn: a tentative connection in the table
 *
 * Context: RCU held, and the connection's lock.
 */
void ctrack_table_release(struct ctrack_conn *conn)
{
	unlink_key(ctrack_net_rcu(ctrack_conn_net(conn)), conn, CTRACK_REPLY);
}
EXPORT_SYMBOL_GPL(ctrack_table_release);

/**
 * ctrack_table_rekey - give a connection another reply key
 * @conn: a tentative connection in the table
 * @reply: the key that answers shall have from now on
 * @space: that of @reply, which is told when the key is taken, by whomever; or
 *	NULL
 *
 * Inserting the key is the reservation of what is in it: addresses and ports
 * that NAT chose are taken in this step or not at all.
 *
 * Return: true when it is done. False when another connection has @reply:
 * @conn has the key, but unreserved, and the caller tries another.
 * Context: RCU held, and the connection's lock.
 */
noinline bool ctrack_table_rekey(struct ctrack_conn *conn,
				 const struct ctrack_key *reply,
				 struct ctrack_port_space *space)
{
	struct ctrack_net *cn = ctrack_net_rcu(ctrack_conn_net(conn));

	if (!ctrack_key_equal(reply, ctrack_conn_key(conn, CTRACK_REPLY))) {
		ctrack_table_release(conn);
		conn->half[CTRACK_REPLY].key = *reply;
		conn->half[CTRACK_REPLY].key.direction = CTRACK_REPLY;
		conn->hash[CTRACK_REPLY] = ctrack_conn_hash(cn, conn, CTRACK_REPLY);
	}
	return ctrack_table_reserved(conn) || link_reply(cn, conn, space);
}
EXPORT_SYMBOL_GPL(ctrack_table_rekey);

static enum ctrack_holder bucket_holder(const struct ctrack_bucket *bucket, u32 hash,
					const struct ctrack_key *key, u32 zones)
{
	const struct ctrack_conn *conn;
	unsigned long slot;
	unsigned int i;

	for (; bucket; bucket = READ_ONCE(bucket->next)) {
		for (i = 0; i < SLOTS; i++) {
			if (READ_ONCE(bucket->tag[i]) != tag_of(hash))
				continue;
			slot = READ_ONCE(bucket->slot[i]);
			if (!slot || !slot_matches(slot, key, zones))
				continue;
			conn = slot_conn(slot);
			if (gone(conn))
				continue;
			return ctrack_conn_committed(conn) &&
			       ctrack_conn_expired(conn) ?
			       CTRACK_HOLDER_EXPIRED : CTRACK_HOLDER_LIVE;
		}
	}
	return CTRACK_HOLDER_NONE;
}

/**
 * ctrack_table_holder - does a connection have this reply key?
 * @cn: namespace
 * @key: the key
 * @zone: its zone
 *
 * Return: a guess, cheaper than ctrack_table_rekey(), which then decides.
 * Context: RCU held.
 */
enum ctrack_holder ctrack_table_holder(struct ctrack_net *cn,
				       const struct ctrack_key *key,
				       const struct nf_conntrack_zone *zone)
{
	u32 zones = ctrack_zone_pair(zone);
	u32 hash = ctrack_hash(cn, key, ctrack_pair_zone(zones, CTRACK_REPLY));
	const struct ctrack_table *table;
	enum ctrack_holder holder;

	for (table = rcu_dereference(cn->table); table;
	     table = rcu_dereference(table->next)) {
		holder = bucket_holder(bucket_of(table, hash), hash, key, zones);
		if (holder != CTRACK_HOLDER_NONE)
			return holder;
		/* As in find_hashed(). */
		smp_rmb();
	}
	return CTRACK_HOLDER_NONE;
}
EXPORT_SYMBOL_GPL(ctrack_table_holder);
