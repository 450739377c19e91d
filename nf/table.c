// SPDX-License-Identifier: GPL-2.0
/*
 * The table of one namespace.
 *
 * A bucket is one cache line: a lock, a few pointers to connections and, beside
 * them, eight bits of each one's hash, so that a look-up touches the bucket and
 * the connection it is after and hardly ever another; and eight bits of its
 * addresses, so that a walk that is after some of them does as well. What does
 * not fit hangs behind it in more buckets. A pointer's low bits tell which of
 * the connection's two keys it means. While it is not translated that is both:
 * they have one hash, and so one slot.
 *
 * Readers take no lock. A connection can be freed and used again while a reader
 * looks at it (SLAB_TYPESAFE_BY_RCU), and the reply key of a tentative one can
 * be rewritten; but both happen only after the pointer left the bucket, so a
 * reader that holds a reference and, having looked, sees the pointer where it
 * was, has seen a key that stood.
 *
 * Writers lock the bucket, or both buckets of a connection that they put in or
 * give another reply key.
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
 * Reader's side: RCU held, no lock. What was read of a connection counts only
 * if its slot stood meanwhile; else it may be in a place that was passed.
 */
static __always_inline struct ctrack_found
find_unlocked(const struct ctrack_bucket *head, u32 hash,
	      const struct ctrack_key *key, u32 zones)
{
	const struct ctrack_bucket *bucket;
	enum ctrack_direction direction;
	struct ctrack_conn *conn;
	unsigned long slot;
	unsigned int i;
	u64 tagged;

again:
	for (bucket = head; bucket; bucket = READ_ONCE(bucket->next)) {
		for (tagged = slots_tagged(bucket, hash); tagged; tagged &= tagged - 1) {
			i = slot_of_bit(tagged);
			slot = READ_ONCE(bucket->slot[i]);
			if (unlikely(!slot))
				continue;
			conn = slot_conn(slot);
			/* Its other half is on its way while this one is read. */
			prefetch(&conn->status);
			if (unlikely(!refcount_inc_not_zero(&conn->general.use)))
				continue;
			/* Pairs with smp_wmb() in ctrack_conn_alloc(). */
			smp_acquire__after_ctrl_dep();
			direction = slot_match(slot, key, zones);
			/* What was compared, was compared while the slot stood. */
			smp_rmb();
			if (unlikely(READ_ONCE(bucket->slot[i]) != slot)) {
				ctrack_conn_put(conn);
				goto again;
			}
			if (likely(direction != CTRACK_DIRECTIONS))
				return (struct ctrack_found) { conn, direction };
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

	if (likely(hash[0] == hash[1])) {
		bucket[0] = lock_bucket_in(cn, hash[0], &table[0]);
		bucket[1] = bucket[0];
		__acquire(bucket[1]);
		return table[0];
	}
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

/*
 * After a key was put into a bucket, whose lock need not be held any more. What
 * all processors write to is asked only where that bucket is nearly full.
 */
static void resize_if_crowded(struct ctrack_net *cn, const struct ctrack_bucket *head)
{
	unsigned int order = rcu_dereference(cn->table)->order;

	if (likely(!READ_ONCE(head->slot[SLOTS - 2])))
		return;
	if (order < ORDER_MAX && slots_count(cn) > 4U << order)
		queue_work(ctrack_workqueue, &cn->resize);
}

/*
 * How many buckets a chain may have: a few, and some times as many as there
 * would be if all were as long, while a table has yet to grow.
 */
static unsigned int chain_most(struct ctrack_net *cn)
{
	return 8 + 4 * (slots_count(cn) >> rcu_dereference(cn->table)->order);
}

static int make_place(struct ctrack_net *cn, struct ctrack_bucket *head,
		      struct ctrack_place *place)
{
	*place = ctrack_bucket_free_place(head);
	return likely(place->bucket) ? 0 :
	       ctrack_bucket_extend(head, chain_most(cn), place);
}

/* Links a key of @conn by itself. Returns 0 or -errno. */
static int link_key(struct ctrack_net *cn, struct ctrack_bucket *head,
		    struct ctrack_conn *conn, enum ctrack_direction direction)
{
	struct ctrack_place place;
	int err = make_place(cn, head, &place);

	if (err)
		return err;
	ctrack_place_link(&place, slot_make(conn, direction), conn->hash[direction]);
	if (direction == CTRACK_REPLY)
		atomic_inc(&cn->apart);
	return 0;
}

/* Who in the table has the same key as @conn, which is not there yet? */
static struct ctrack_conn *holder_of(struct ctrack_bucket *head,
				     const struct ctrack_conn *conn,
				     enum ctrack_direction key,
				     enum ctrack_direction *direction)
{
	return ctrack_bucket_find(head, conn->hash[key], ctrack_conn_key(conn, key),
				  ctrack_zone_id(&conn->zone, key), direction);
}

/* Who had the original key first, with a reference; both bucket locks held. */
static struct ctrack_conn *first_of(struct ctrack_bucket *head,
				    const struct ctrack_conn *conn,
				    enum ctrack_direction *direction)
{
	struct ctrack_conn *there;

	do {
		there = holder_of(head, conn, CTRACK_ORIGINAL, direction);
	} while (there && !refcount_inc_not_zero(&there->general.use));
	return there;
}

/*
 * May one slot stand for both keys? They have one hash then, and not by chance:
 * walks rely on the addresses of the one being those of the other.
 */
static bool pairs(const struct ctrack_conn *conn)
{
	const struct ctrack_key *original = ctrack_conn_key(conn, CTRACK_ORIGINAL);
	const struct ctrack_key *reply = ctrack_conn_key(conn, CTRACK_REPLY);

	return conn->hash[CTRACK_ORIGINAL] == conn->hash[CTRACK_REPLY] &&
	       nf_inet_addr_cmp(&original->source, &reply->destination) &&
	       nf_inet_addr_cmp(&original->destination, &reply->source);
}

/*
 * Both bucket locks held. Reply keys that are taken stay out; NAT may find
 * another, and else ctrack_table_reserve() tells at the last hook.
 *
 * The original key comes last, or with the other: a packet that finds it may
 * translate and commit @conn, and relies on the reply key being in by then or
 * taken.
 */
static struct ctrack_conn *insert_locked(struct ctrack_net *cn,
					 struct ctrack_conn *conn,
					 struct ctrack_bucket **bucket,
					 enum ctrack_direction *direction)
{
	enum ctrack_direction other;
	struct ctrack_place place;
	struct ctrack_conn *there;
	bool free;
	int err;

	there = first_of(bucket[CTRACK_ORIGINAL], conn, direction);
	if (there)
		return there;
	*direction = CTRACK_ORIGINAL;
	free = !holder_of(bucket[CTRACK_REPLY], conn, CTRACK_REPLY, &other);
	if (free && likely(pairs(conn))) {
		err = make_place(cn, bucket[CTRACK_ORIGINAL], &place);
		if (!err)
			ctrack_place_link(&place, slot_make(conn, SLOT_BOTH),
					  conn->hash[CTRACK_ORIGINAL]);
		return err ? ERR_PTR(err) : conn;
	}

	err = free ? link_key(cn, bucket[CTRACK_REPLY], conn, CTRACK_REPLY) : 0;
	if (err)
		return ERR_PTR(err);
	err = link_key(cn, bucket[CTRACK_ORIGINAL], conn, CTRACK_ORIGINAL);
	if (err && free) {
		place = ctrack_bucket_place_of(bucket[CTRACK_REPLY], conn, CTRACK_REPLY);
		ctrack_place_unlink(&place);
	}
	return err ? ERR_PTR(err) : conn;
}

/*
 * The same of a connection whose keys may share a slot, where that is done at a
 * glance, as it nearly always is: nothing in its bucket looks like it, and a
 * slot is free.
 */
static bool insert_at_a_glance(struct ctrack_bucket *head, struct ctrack_conn *conn,
			       u32 hash)
{
	const struct ctrack_bucket *bucket;
	struct ctrack_place place;

	for (bucket = head; bucket; bucket = bucket->next)
		if (slots_tagged(bucket, hash))
			return false;
	place = ctrack_bucket_free_place(head);
	if (!place.bucket)
		return false;
	ctrack_place_link(&place, slot_make(conn, SLOT_BOTH), hash);
	return true;
}

/* Puts in a connection whose keys belong to one bucket; both are each other's reverse. */
static struct ctrack_conn *insert_mirrored(struct ctrack_net *cn,
					   struct ctrack_conn *conn, u32 hash,
					   enum ctrack_direction *direction)
{
	struct ctrack_bucket *bucket[CTRACK_DIRECTIONS];
	struct ctrack_conn *result = conn;
	const struct ctrack_table *table;

	bucket[CTRACK_ORIGINAL] = lock_bucket_in(cn, hash, &table);
	bucket[CTRACK_REPLY] = bucket[CTRACK_ORIGINAL];
	*direction = CTRACK_ORIGINAL;
	if (unlikely(!insert_at_a_glance(bucket[CTRACK_ORIGINAL], conn, hash)))
		result = insert_locked(cn, conn, bucket, direction);
	if (likely(result == conn))
		note_due(table, hash, conn->timeout);
	unlock_bucket(bucket[CTRACK_ORIGINAL]);

	if (likely(result == conn))
		resize_if_crowded(cn, bucket[CTRACK_ORIGINAL]);
	return result;
}

static struct ctrack_conn *insert_apart(struct ctrack_net *cn,
					struct ctrack_conn *conn,
					enum ctrack_direction *direction)
{
	struct ctrack_bucket *bucket[CTRACK_DIRECTIONS];
	const struct ctrack_table *table;
	struct ctrack_conn *result;

	table = lock_buckets(cn, conn->hash, bucket);
	result = insert_locked(cn, conn, bucket, direction);
	if (result == conn)
		note_due(table, conn->hash[CTRACK_ORIGINAL], conn->timeout);
	unlock_buckets(bucket[0], bucket[1]);

	if (result == conn)
		resize_if_crowded(cn, bucket[CTRACK_ORIGINAL]);
	return result;
}

/**
 * ctrack_table_insert - put a new connection in, both keys
 * @conn: a connection that is in no table
 * @original: hash of its original key, see ctrack_hash()
 * @mirrored: whether its reply key is what ctrack_key_reverse() makes of the
 *	original one, in the same zone: by ctrack_key_hash() it belongs there, too
 * @direction: filled in with the direction that the original key has in the
 *	connection that is returned
 *
 * When another connection has the reply key, @conn goes in without one; see
 * ctrack_table_reserve().
 *
 * Return: @conn; or the connection that already has its original key, with a
 * reference taken; or ERR_PTR(-ENOMEM); or ERR_PTR(-ENOSPC) when the place
 * where it belongs has far more entries than others.
 * Context: RCU held.
 */
ctrack_probed struct ctrack_conn *
ctrack_table_insert(struct ctrack_conn *conn, u32 original, bool mirrored,
		    enum ctrack_direction *direction)
{
	struct ctrack_net *cn = ctrack_net_rcu(ctrack_conn_net(conn));

	conn->hash[CTRACK_ORIGINAL] = original;
	if (likely(mirrored)) {
		conn->hash[CTRACK_REPLY] = original;
		return insert_mirrored(cn, conn, original, direction);
	}
	conn->hash[CTRACK_REPLY] = ctrack_conn_hash(cn, conn, CTRACK_REPLY);
	return insert_apart(cn, conn, direction);
}

/* Of a key that is in the table or was; nobody commits @conn meanwhile. */
static u32 linked_hash(struct ctrack_net *cn, const struct ctrack_conn *conn,
		       enum ctrack_direction direction)
{
	return ctrack_conn_committed(conn) ? ctrack_conn_hash(cn, conn, direction) :
					     conn->hash[direction];
}

/* Takes out the slot that has this key of @conn, if another has not done it. */
static void unlink_key(struct ctrack_net *cn, struct ctrack_conn *conn,
		       enum ctrack_direction direction)
{
	struct ctrack_bucket *head;
	struct ctrack_place place;

	head = lock_bucket(cn, linked_hash(cn, conn, direction));
	if (conn->linked[direction]) {
		place = ctrack_bucket_place_of(head, conn, direction);
		ctrack_place_unlink(&place);
	}
	unlock_bucket(head);
}

/**
 * ctrack_table_remove - take a connection out, both keys
 * @cn: its namespace
 * @conn: the connection; one that is not in the table stays as it is
 *
 * Context: RCU held, no bucket lock.
 */
void ctrack_table_remove(struct ctrack_net *cn, struct ctrack_conn *conn)
{
	enum ctrack_direction direction;

	if (unlikely(!rcu_access_pointer(cn->table)))
		return;
	for (direction = CTRACK_ORIGINAL; direction < CTRACK_DIRECTIONS; direction++) {
		/*
		 * Nobody but the caller links a key, so what is not linked stays so;
		 * and whoever unlinked it is done with it. See unlinked().
		 */
		if (smp_load_acquire(&conn->linked[direction]))
			unlink_key(cn, conn, direction);
	}
}

/* The reply key leaves the bucket where it is; that is locked. */
static void unlink_reply(struct ctrack_bucket *head, struct ctrack_conn *conn)
{
	struct ctrack_place place;

	if (!conn->linked[CTRACK_REPLY])
		return;
	place = ctrack_bucket_place_of(head, conn, CTRACK_REPLY);
	if (place.bucket->slot[place.slot] & SLOT_BOTH)
		ctrack_place_unlink_reply(&place);
	else
		ctrack_place_unlink(&place);
}

/*
 * Links the reply key, which nobody has; its bucket is locked, and is that of
 * the original key when they have one hash. Returns 0 or -errno.
 */
static int link_reply(struct ctrack_net *cn, struct ctrack_bucket *head,
		      struct ctrack_conn *conn)
{
	struct ctrack_place place;

	if (!pairs(conn))
		return link_key(cn, head, conn, CTRACK_REPLY);
	place = ctrack_bucket_place_of(head, conn, CTRACK_ORIGINAL);
	ctrack_place_link_reply(&place);
	return 0;
}

static void write_reply(struct ctrack_conn *conn, const struct ctrack_key *reply,
			u32 hash)
{
	/* Readers look again whether the slot stood, which comes before. */
	smp_wmb();
	conn->half[CTRACK_REPLY].key = *reply;
	conn->half[CTRACK_REPLY].key.direction = CTRACK_REPLY;
	conn->hash[CTRACK_REPLY] = hash;
}

static enum ctrack_taken taken_by(const struct ctrack_conn *holder)
{
	return ctrack_conn_committed(holder) && ctrack_conn_expired(holder) ?
	       CTRACK_TAKEN_BY_EXPIRED : CTRACK_TAKEN_BY_OTHER;
}

/*
 * @conn's reply key shall be @reply, unless another connection has it; whichever
 * does, @space is told. The buckets of its old key and of the new one are locked.
 */
static enum ctrack_taken rekey_locked(struct ctrack_net *cn, struct ctrack_conn *conn,
				      const struct ctrack_key *reply, u32 hash,
				      struct ctrack_bucket **bucket,
				      struct ctrack_port_space *space)
{
	u16 zone = ctrack_zone_id(&conn->zone, CTRACK_REPLY);
	enum ctrack_direction direction;
	struct ctrack_conn *holder;
	enum ctrack_taken taken;

	holder = ctrack_bucket_find(bucket[1], hash, reply, zone, &direction);
	/* It has the key itself when it goes to where it comes from. */
	if (holder && holder != conn) {
		taken = taken_by(holder);
		if (space && taken == CTRACK_TAKEN_BY_OTHER)
			ctrack_port_space_take(space, reply);
		return taken;
	}
	unlink_reply(bucket[0], conn);
	write_reply(conn, reply, hash);
	if (link_reply(cn, bucket[1], conn))
		return CTRACK_TAKEN_NOT;
	if (space)
		ctrack_port_space_take(space, reply);
	return CTRACK_TAKEN;
}

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
 * Return: %CTRACK_TAKEN when it is done; else @conn has the reply key that it
 * had, or, without memory, an unreserved one.
 * Context: RCU held, and the connection's lock.
 */
enum ctrack_taken ctrack_table_rekey(struct ctrack_conn *conn,
				     const struct ctrack_key *reply,
				     struct ctrack_port_space *space)
{
	struct ctrack_net *cn = ctrack_net_rcu(ctrack_conn_net(conn));
	u16 zone = ctrack_zone_id(&conn->zone, CTRACK_REPLY);
	struct ctrack_bucket *bucket[CTRACK_DIRECTIONS];
	u32 hash[CTRACK_DIRECTIONS];
	enum ctrack_taken taken;

	if (ctrack_table_reserved(conn) &&
	    ctrack_key_equal(reply, ctrack_conn_key(conn, CTRACK_REPLY)))
		return CTRACK_TAKEN;
	hash[0] = conn->hash[CTRACK_REPLY];
	hash[1] = ctrack_hash(cn, reply, zone);
	lock_buckets(cn, hash, bucket);
	taken = rekey_locked(cn, conn, reply, hash[1], bucket, space);
	unlock_buckets(bucket[0], bucket[1]);
	return taken;
}
EXPORT_SYMBOL_GPL(ctrack_table_rekey);

/**
 * ctrack_table_release - give up the reply key, for whoever wants it
 * @conn: a tentative connection in the table
 *
 * Context: RCU held, and the connection's lock.
 */
void ctrack_table_release(struct ctrack_conn *conn)
{
	struct ctrack_net *cn = ctrack_net_rcu(ctrack_conn_net(conn));
	struct ctrack_bucket *head;

	/* Nobody else links it. */
	if (!ctrack_table_reserved(conn))
		return;
	head = lock_bucket(cn, conn->hash[CTRACK_REPLY]);
	unlink_reply(head, conn);
	unlock_bucket(head);
}
EXPORT_SYMBOL_GPL(ctrack_table_release);

/**
 * ctrack_table_rekey_unreserved - the same, though another may have the key
 * @conn: a tentative connection in the table
 * @reply: the key that answers shall have from now on; it is taken if it can be
 *
 * Context: RCU held, and the connection's lock.
 */
void ctrack_table_rekey_unreserved(struct ctrack_conn *conn,
				   const struct ctrack_key *reply)
{
	struct ctrack_net *cn = ctrack_net_rcu(ctrack_conn_net(conn));
	u16 zone = ctrack_zone_id(&conn->zone, CTRACK_REPLY);

	if (ctrack_table_rekey(conn, reply, NULL) == CTRACK_TAKEN)
		return;
	ctrack_table_release(conn);
	write_reply(conn, reply, ctrack_hash(cn, reply, zone));
}
EXPORT_SYMBOL_GPL(ctrack_table_rekey_unreserved);

/**
 * ctrack_table_reserve - try again to take the reply key as it stands
 * @conn: a tentative connection in the table
 *
 * Return: true when the key is this connection's now.
 * Context: RCU held, and the connection's lock.
 */
bool ctrack_table_reserve(struct ctrack_conn *conn)
{
	struct ctrack_key reply;

	if (likely(ctrack_table_reserved(conn)))
		return true;
	reply = *ctrack_conn_key(conn, CTRACK_REPLY);
	return ctrack_table_rekey(conn, &reply, NULL) == CTRACK_TAKEN;
}
EXPORT_SYMBOL_GPL(ctrack_table_reserve);
