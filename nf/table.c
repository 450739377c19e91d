// SPDX-License-Identifier: GPL-2.0
/*
 * The table of one namespace.
 *
 * A bucket is one cache line: a lock, a few pointers to keys and, beside them,
 * sixteen bits of each key's hash, so that a look-up touches the bucket and the
 * connection it is after and hardly ever another. What does not fit hangs
 * behind it in more buckets. A pointer's low bit tells which of the
 * connection's two keys it means.
 *
 * Readers take no lock. A connection can be freed and used again while a reader
 * looks at it (SLAB_TYPESAFE_BY_RCU), and its reply key can be rewritten; but
 * both happen only after the pointer left the bucket, so a reader that holds a
 * reference and sees the pointer where it was has seen a key that stood.
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
#include <linux/once.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "nf/net.h"

#define SLOTS		5
#define ORDER_MIN	6
#define ORDER_MAX	24

/**
 * struct bucket - entries whose hash begins alike
 * @lock: protects all of it against other writers; unused in @next ones
 * @tag: low bits of the hash of the key that the slot points at
 * @moved: what was here is in the next table
 * @slot: pointer to a connection, plus the direction; 0 when free
 * @next: more slots; stays until the table goes
 */
struct bucket {
	spinlock_t lock;	/* see above */
	u16 tag[SLOTS];
	u16 moved;
	unsigned long slot[SLOTS];
	struct bucket *next;
} ____cacheline_aligned;

/**
 * struct ctrack_table - buckets
 * @order: binary logarithm of their number; immutable
 * @next: the table that replaces this one; RCU, set once
 * @bucket: immutable
 */
struct ctrack_table {
	unsigned int order;
	struct ctrack_table __rcu *next;
	struct bucket *bucket;
};

static siphash_key_t secret __read_mostly;

/**
 * ctrack_table_module_init - choose this boot's hash secret
 */
void ctrack_table_module_init(void)
{
	get_random_once(&secret, sizeof(secret));
}

static u32 key_hash(const struct ctrack_key *key, u16 zone)
{
	u64 rest = (u64)zone << 40 | (u64)key->protonum << 32 |
		   (u64)(__force u16)key->destination_id.all << 16 |
		   (__force u16)key->source_id.all;
	u64 word[5];

	if (key->l3num == NFPROTO_IPV4)
		return siphash_2u64((u64)(__force u32)key->source.ip << 32 |
				    (__force u32)key->destination.ip,
				    rest, &secret);

	memcpy(word, &key->source, 16);
	memcpy(word + 2, &key->destination, 16);
	word[4] = rest;
	return siphash(word, sizeof(word), &secret);
}

static u32 conn_hash(const struct ctrack_conn *conn,
		     enum ctrack_direction direction)
{
	return key_hash(ctrack_conn_key(conn, direction),
			ctrack_zone_id(&conn->zone, direction));
}

static struct bucket *bucket_of(const struct ctrack_table *table, u32 hash)
{
	return &table->bucket[hash >> (32 - table->order)];
}

static struct ctrack_conn *slot_conn(unsigned long slot)
{
	return (struct ctrack_conn *)(slot & ~1UL);
}

static enum ctrack_direction slot_direction(unsigned long slot)
{
	return slot & 1;
}

static unsigned long slot_make(const struct ctrack_conn *conn,
			       enum ctrack_direction direction)
{
	return (unsigned long)conn | direction;
}

/* A connection on its way out, whose place another may take. */
static bool gone(const struct ctrack_conn *conn)
{
	return !refcount_read(&conn->general.use) || ctrack_conn_dying(conn);
}

static bool slot_matches(unsigned long slot, const struct ctrack_key *key,
			 const struct nf_conntrack_zone *zone)
{
	const struct ctrack_conn *conn = slot_conn(slot);
	enum ctrack_direction direction = slot_direction(slot);

	return ctrack_key_equal(ctrack_conn_key(conn, direction), key) &&
	       ctrack_zone_id(&conn->zone, direction) ==
	       ctrack_zone_id(zone, direction);
}

/* Does a connection go from an address and port to the same? One key is enough. */
static bool mirrored(const struct ctrack_conn *conn)
{
	return slot_matches(slot_make(conn, CTRACK_ORIGINAL),
			    ctrack_conn_key(conn, CTRACK_REPLY), &conn->zone);
}

/* Reader's side: RCU held, no lock. */
static struct ctrack_conn *bucket_find(const struct bucket *head, u32 hash,
				       const struct ctrack_key *key,
				       const struct nf_conntrack_zone *zone,
				       enum ctrack_direction *direction)
{
	const struct bucket *bucket;
	struct ctrack_conn *conn;
	unsigned long slot;
	unsigned int i;

again:
	for (bucket = head; bucket; bucket = READ_ONCE(bucket->next)) {
		for (i = 0; i < SLOTS; i++) {
			if (READ_ONCE(bucket->tag[i]) != (u16)hash)
				continue;
			slot = READ_ONCE(bucket->slot[i]);
			if (!slot || !slot_matches(slot, key, zone))
				continue;
			conn = slot_conn(slot);
			if (!refcount_inc_not_zero(&conn->general.use))
				continue;
			/* Pairs with smp_wmb() in ctrack_conn_alloc(). */
			smp_acquire__after_ctrl_dep();
			/* The key is compared again after this look. */
			if (smp_load_acquire(&bucket->slot[i]) != slot ||
			    !slot_matches(slot, key, zone)) {
				ctrack_conn_put(conn);
				goto again;
			}
			*direction = slot_direction(slot);
			return conn;
		}
	}
	return NULL;
}

static struct ctrack_conn *find_hashed(struct ctrack_net *cn, u32 hash,
				       const struct ctrack_key *key,
				       const struct nf_conntrack_zone *zone,
				       enum ctrack_direction *direction)
{
	const struct ctrack_table *table = rcu_dereference(cn->table);
	struct ctrack_conn *conn;

	while (table) {
		conn = bucket_find(bucket_of(table, hash), hash, key, zone,
				   direction);
		if (conn)
			return conn;
		/* A move fills the next table before it empties this one. */
		smp_rmb();
		table = rcu_dereference(table->next);
	}
	return NULL;
}

/**
 * ctrack_table_find - the connection of a key
 * @cn: namespace
 * @key: of the packet
 * @zone: of the packet; only the directions that it names count
 * @direction: filled in with the direction that the key has in the connection
 *
 * Return: the connection with a reference taken, tentative, expired and dying
 * ones included; NULL when there is none.
 * Context: RCU held.
 */
struct ctrack_conn *ctrack_table_find(struct ctrack_net *cn,
				      const struct ctrack_key *key,
				      const struct nf_conntrack_zone *zone,
				      enum ctrack_direction *direction)
{
	u16 original = ctrack_zone_id(zone, CTRACK_ORIGINAL);
	u16 reply = ctrack_zone_id(zone, CTRACK_REPLY);
	struct ctrack_conn *conn;

	conn = find_hashed(cn, key_hash(key, original), key, zone, direction);
	if (!conn && unlikely(original != reply))
		conn = find_hashed(cn, key_hash(key, reply), key, zone,
				   direction);
	return conn;
}
EXPORT_SYMBOL_GPL(ctrack_table_find);

/* A place in a chain of buckets. */
struct place {
	struct bucket *bucket;
	unsigned int slot;
};

static void unlink_place(const struct place *place)
{
	unsigned long slot = place->bucket->slot[place->slot];
	enum ctrack_direction direction = slot_direction(slot);
	struct ctrack_conn *conn = slot_conn(slot);

	WRITE_ONCE(place->bucket->slot[place->slot], 0);
	/* Whoever sees that a key was released finds its place free. */
	smp_mb__before_atomic();
	ctrack_net_released(ctrack_net(ctrack_conn_net(conn)),
			    ctrack_conn_key(conn, direction));
	/* Last: once neither key is linked, @conn may be freed. */
	smp_store_release(&conn->linked[direction], 0);
}

/*
 * Looks for another connection with this key, and for a free place on the way.
 * What is on its way out has to make room.
 */
static struct ctrack_conn *locked_find(struct bucket *head, u32 hash,
				       const struct ctrack_key *key,
				       const struct nf_conntrack_zone *zone,
				       enum ctrack_direction *direction,
				       struct place *free)
{
	struct place place;
	unsigned long slot;

	free->bucket = NULL;
	for (place.bucket = head; place.bucket;
	     place.bucket = place.bucket->next) {
		for (place.slot = 0; place.slot < SLOTS; place.slot++) {
			slot = place.bucket->slot[place.slot];
			if (slot && place.bucket->tag[place.slot] == (u16)hash &&
			    slot_matches(slot, key, zone)) {
				if (!gone(slot_conn(slot))) {
					*direction = slot_direction(slot);
					return slot_conn(slot);
				}
				unlink_place(&place);
				slot = 0;
			}
			if (!slot && !free->bucket)
				*free = place;
		}
	}
	return NULL;
}

static struct place free_place(struct bucket *head)
{
	struct place place;

	for (place.bucket = head; place.bucket; place.bucket = place.bucket->next)
		for (place.slot = 0; place.slot < SLOTS; place.slot++)
			if (!place.bucket->slot[place.slot])
				return place;
	return place;
}

/* Gives a chain of buckets five more places. */
static void append_bucket(struct bucket *head, struct bucket *more,
			  struct place *free)
{
	while (head->next)
		head = head->next;
	/* Readers that see it see it empty. */
	smp_store_release(&head->next, more);
	free->bucket = more;
	free->slot = 0;
}

static bool make_place(struct bucket *head, struct place *free)
{
	struct bucket *more;

	if (free->bucket)
		return true;
	more = kzalloc(sizeof(*more), GFP_ATOMIC | __GFP_NOWARN);
	if (!more)
		return false;
	append_bucket(head, more, free);
	return true;
}

static void link_place(const struct place *place, unsigned long slot, u32 hash)
{
	slot_conn(slot)->linked[slot_direction(slot)] = 1;
	WRITE_ONCE(place->bucket->tag[place->slot], (u16)hash);
	/* Whoever sees the pointer sees the key and the tag. */
	smp_store_release(&place->bucket->slot[place->slot], slot);
}

/* The table in which the bucket of @hash is now; RCU held. */
static struct ctrack_table *home(struct ctrack_net *cn, u32 hash)
{
	struct ctrack_table *table = rcu_dereference(cn->table);

	/* A bucket that was moved is in the next table, as a whole. */
	while (smp_load_acquire(&bucket_of(table, hash)->moved))
		table = rcu_dereference(table->next);
	return table;
}

static struct bucket *lock_bucket(struct ctrack_net *cn, u32 hash)
	__acquires(bucket)
{
	struct bucket *bucket;

	for (;;) {
		bucket = bucket_of(home(cn, hash), hash);
		spin_lock_bh(&bucket->lock);
		if (likely(!bucket->moved))
			return bucket;
		spin_unlock_bh(&bucket->lock);
	}
}

static void unlock_bucket(struct bucket *bucket)
	__releases(bucket)
{
	spin_unlock_bh(&bucket->lock);
}

static void unlock_buckets(struct bucket *a, struct bucket *b)
	__releases(a)
	__releases(b)
{
	if (a != b)
		spin_unlock(&b->lock);
	else
		__release(b);
	spin_unlock_bh(&a->lock);
}

/* Locks both, old table before new, then lower address first. */
static void lock_buckets(struct ctrack_net *cn, const u32 *hash,
			 struct bucket **bucket)
	__acquires(bucket)
	__acquires(bucket)
{
	const struct ctrack_table *table[CTRACK_DIRECTIONS];
	struct bucket *first, *second;

	for (;;) {
		table[0] = home(cn, hash[0]);
		table[1] = home(cn, hash[1]);
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
			return;
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
					 const u32 *hash, struct bucket **bucket,
					 enum ctrack_direction *direction)
{
	const struct ctrack_key *original = ctrack_conn_key(conn, CTRACK_ORIGINAL);
	const struct ctrack_key *reply = ctrack_conn_key(conn, CTRACK_REPLY);
	struct place place, reply_place;
	enum ctrack_direction other;
	struct ctrack_conn *there;
	bool linked;

	do {
		there = locked_find(bucket[0], hash[0], original, &conn->zone,
				    direction, &place);
		if (there && refcount_inc_not_zero(&there->general.use))
			return there;
	} while (there);

	linked = !mirrored(conn) &&
		 !locked_find(bucket[1], hash[1], reply, &conn->zone, &other,
			      &reply_place) &&
		 make_place(bucket[1], &reply_place);
	if (linked)
		link_place(&reply_place, slot_make(conn, CTRACK_REPLY), hash[1]);
	/* Both were shown the same place, or one behind which more now hangs. */
	if (bucket[0] == bucket[1])
		place = free_place(bucket[0]);
	if (!make_place(bucket[0], &place)) {
		if (linked)
			unlink_place(&reply_place);
		return NULL;
	}
	link_place(&place, slot_make(conn, CTRACK_ORIGINAL), hash[0]);
	*direction = CTRACK_ORIGINAL;
	return conn;
}

/**
 * ctrack_table_insert - put a new connection in, both keys
 * @conn: a connection that is in no table
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
struct ctrack_conn *ctrack_table_insert(struct ctrack_conn *conn,
					enum ctrack_direction *direction)
{
	struct ctrack_net *cn = ctrack_net(ctrack_conn_net(conn));
	struct bucket *bucket[CTRACK_DIRECTIONS];
	struct ctrack_conn *result;
	u32 hash[CTRACK_DIRECTIONS] = {
		conn_hash(conn, CTRACK_ORIGINAL),
		conn_hash(conn, CTRACK_REPLY),
	};

	lock_buckets(cn, hash, bucket);
	result = insert_locked(conn, hash, bucket, direction);
	unlock_buckets(bucket[0], bucket[1]);

	if (result == conn)
		resize_if_crowded(cn);
	return result;
}

static void unlink_key(struct ctrack_net *cn, struct ctrack_conn *conn,
		       enum ctrack_direction direction)
{
	unsigned long slot = slot_make(conn, direction);
	struct place place;
	struct bucket *head;

	/*
	 * Nobody but the caller links it, so what is not linked stays so; and
	 * whoever unlinked it is done with it. See unlink_place().
	 */
	if (!smp_load_acquire(&conn->linked[direction]))
		return;
	head = lock_bucket(cn, conn_hash(conn, direction));
	if (!conn->linked[direction])
		goto unlock;
	for (place.bucket = head; place.bucket;
	     place.bucket = place.bucket->next) {
		for (place.slot = 0; place.slot < SLOTS; place.slot++) {
			if (place.bucket->slot[place.slot] == slot) {
				unlink_place(&place);
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

/* Links the reply key as it stands, unless another connection has it. */
static bool link_reply(struct ctrack_net *cn, struct ctrack_conn *conn)
{
	const struct ctrack_key *reply = ctrack_conn_key(conn, CTRACK_REPLY);
	u32 hash = conn_hash(conn, CTRACK_REPLY);
	struct bucket *head = lock_bucket(cn, hash);
	enum ctrack_direction direction;
	struct place place;
	bool linked;

	linked = !locked_find(head, hash, reply, &conn->zone, &direction, &place) &&
		 make_place(head, &place);
	if (linked)
		link_place(&place, slot_make(conn, CTRACK_REPLY), hash);
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
	       link_reply(ctrack_net(ctrack_conn_net(conn)), conn);
}
EXPORT_SYMBOL_GPL(ctrack_table_reserve);

/**
 * ctrack_table_rekey - give a connection another reply key
 * @conn: a tentative connection in the table
 * @reply: the key that answers shall have from now on
 *
 * Inserting the key is the reservation of what is in it: addresses and ports
 * that NAT chose are taken in this step or not at all.
 *
 * Return: true when it is done. False when another connection has @reply:
 * @conn has the key, but unreserved, and the caller tries another.
 * Context: RCU held, and the connection's lock.
 */
noinline bool ctrack_table_rekey(struct ctrack_conn *conn,
				 const struct ctrack_key *reply)
{
	struct ctrack_net *cn = ctrack_net(ctrack_conn_net(conn));

	if (!ctrack_key_equal(reply, ctrack_conn_key(conn, CTRACK_REPLY))) {
		unlink_key(cn, conn, CTRACK_REPLY);
		conn->half[CTRACK_REPLY].key = *reply;
		conn->half[CTRACK_REPLY].key.direction = CTRACK_REPLY;
	}
	return ctrack_table_reserve(conn);
}
EXPORT_SYMBOL_GPL(ctrack_table_rekey);

static enum ctrack_holder bucket_holder(const struct bucket *bucket, u32 hash,
					const struct ctrack_key *key,
					const struct nf_conntrack_zone *zone)
{
	const struct ctrack_conn *conn;
	unsigned long slot;
	unsigned int i;

	for (; bucket; bucket = READ_ONCE(bucket->next)) {
		for (i = 0; i < SLOTS; i++) {
			if (READ_ONCE(bucket->tag[i]) != (u16)hash)
				continue;
			slot = READ_ONCE(bucket->slot[i]);
			if (!slot || !slot_matches(slot, key, zone))
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
	u32 hash = key_hash(key, ctrack_zone_id(zone, CTRACK_REPLY));
	const struct ctrack_table *table;
	enum ctrack_holder holder;

	for (table = rcu_dereference(cn->table); table;
	     table = rcu_dereference(table->next)) {
		holder = bucket_holder(bucket_of(table, hash), hash, key, zone);
		if (holder != CTRACK_HOLDER_NONE)
			return holder;
		/* As in find_hashed(). */
		smp_rmb();
	}
	return CTRACK_HOLDER_NONE;
}
EXPORT_SYMBOL_GPL(ctrack_table_holder);

/**
 * ctrack_table_buckets - how large a table is
 * @cn: namespace
 *
 * Return: the number of buckets, 0 where nothing was ever tracked.
 */
u32 ctrack_table_buckets(struct ctrack_net *cn)
{
	const struct ctrack_table *table;
	u32 buckets;

	rcu_read_lock();
	table = rcu_dereference(cn->table);
	buckets = table ? 1U << table->order : 0;
	rcu_read_unlock();
	return buckets;
}

/* Visits one chain from where the cursor stands; the bucket's lock is held. */
static unsigned int collect_locked(struct bucket *bucket,
				   struct ctrack_cursor *cursor, bool partly,
				   ctrack_wanted_fn *wanted, void *data,
				   struct ctrack_conn **found, unsigned int room)
{
	unsigned int n = 0, position = 0;
	struct ctrack_conn *conn;
	unsigned long slot;
	unsigned int i;

	for (; bucket; bucket = bucket->next) {
		for (i = 0; i < SLOTS; i++, position++) {
			slot = bucket->slot[i];
			if (position < cursor->position || !slot ||
			    slot_direction(slot) != CTRACK_ORIGINAL)
				continue;
			conn = slot_conn(slot);
			/* Seen before the table shrank. */
			if (partly &&
			    conn_hash(conn, CTRACK_ORIGINAL) < cursor->hash)
				continue;
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
	struct bucket *bucket;
	unsigned int shift;
	unsigned int n = 0;
	u64 first, next;

	rcu_read_lock();
	if (!rcu_access_pointer(cn->table)) {
		cursor->done = true;
		goto unlock;
	}
	for (;;) {
		const struct ctrack_table *table = home(cn, cursor->hash);

		shift = 32 - table->order;
		bucket = bucket_of(table, cursor->hash);
		spin_lock_bh(&bucket->lock);
		if (!bucket->moved)
			break;
		spin_unlock_bh(&bucket->lock);
	}
	/* Places are those of one table: in another, begin the bucket again. */
	if (cursor->order != 32 - shift)
		cursor->position = 0;
	cursor->order = 32 - shift;
	first = (u64)(cursor->hash >> shift) << shift;
	next = first + (1ULL << shift);
	n = collect_locked(bucket, cursor, cursor->hash != first, wanted, data,
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
EXPORT_SYMBOL_GPL(ctrack_table_collect);

static struct ctrack_table *table_alloc(unsigned int order)
{
	struct ctrack_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	size_t i;

	if (!table)
		return NULL;
	table->order = order;
	table->bucket = kvcalloc(1UL << order, sizeof(*table->bucket),
				 GFP_KERNEL | __GFP_NOWARN);
	if (!table->bucket) {
		kfree(table);
		return NULL;
	}
	for (i = 0; i < 1UL << order; i++)
		spin_lock_init(&table->bucket[i].lock);
	return table;
}

static void table_free(struct ctrack_table *table)
{
	struct bucket *bucket, *next;
	size_t i;

	for (i = 0; i < 1UL << table->order; i++) {
		for (bucket = table->bucket[i].next; bucket; bucket = next) {
			next = bucket->next;
			kfree(bucket);
		}
	}
	kvfree(table->bucket);
	kfree(table);
}

/*
 * Buckets set aside for a move: it can't allocate under the lock, and must not
 * stop half way.
 */
struct spares {
	struct bucket *list;
	unsigned int count;
};

static void spares_fill(struct spares *spares, unsigned int count)
{
	while (spares->count < count) {
		struct bucket *bucket;

		bucket = kzalloc(sizeof(*bucket), GFP_KERNEL | __GFP_NOFAIL);
		bucket->next = spares->list;
		spares->list = bucket;
		spares->count++;
	}
}

static struct bucket *spares_take(struct spares *spares)
{
	struct bucket *bucket = spares->list;

	spares->list = bucket->next;
	bucket->next = NULL;
	spares->count--;
	return bucket;
}

static void spares_free(struct spares *spares)
{
	while (spares->count)
		kfree(spares_take(spares));
}

static unsigned int chain_entries(const struct bucket *bucket)
{
	unsigned int n = 0, i;

	for (; bucket; bucket = bucket->next)
		for (i = 0; i < SLOTS; i++)
			n += !!bucket->slot[i];
	return n;
}

static void move_entry(struct ctrack_table *to, unsigned long slot,
		       struct spares *spares)
{
	u32 hash = conn_hash(slot_conn(slot), slot_direction(slot));
	struct bucket *head = bucket_of(to, hash);
	struct place place;

	spin_lock_nested(&head->lock, SINGLE_DEPTH_NESTING);
	place = free_place(head);
	if (!place.bucket)
		append_bucket(head, spares_take(spares), &place);
	link_place(&place, slot, hash);
	spin_unlock(&head->lock);
}

static void move_bucket(struct ctrack_table *to, struct bucket *from,
			struct spares *spares)
{
	struct bucket *bucket;
	unsigned long slot;
	unsigned int i, n;

	for (;;) {
		spin_lock_bh(&from->lock);
		n = chain_entries(from);
		if (n <= spares->count)
			break;
		spin_unlock_bh(&from->lock);
		spares_fill(spares, n);
	}
	for (bucket = from; bucket; bucket = bucket->next) {
		for (i = 0; i < SLOTS; i++) {
			slot = bucket->slot[i];
			if (!slot)
				continue;
			move_entry(to, slot, spares);
			/* Pairs with smp_rmb() in find_hashed(). */
			smp_store_release(&bucket->slot[i], 0);
		}
	}
	/* Pairs with home(): who sees it finds all of it in the next table. */
	smp_store_release(&from->moved, 1);
	spin_unlock_bh(&from->lock);
}

/* The order at which a bucket has some two entries. */
static unsigned int fitting_order(struct ctrack_net *cn)
{
	unsigned int count = atomic_read(&cn->count);

	return clamp_t(unsigned int, fls(count), ORDER_MIN, ORDER_MAX);
}

static bool resize_wanted(struct ctrack_net *cn, unsigned int order)
{
	unsigned int fitting = fitting_order(cn);

	/* Shrinking waits for a factor of eight, so as not to swing. */
	return fitting > order || fitting + 3 <= order;
}

static void resize(struct work_struct *work)
{
	struct ctrack_net *cn = container_of(work, struct ctrack_net, resize);
	struct ctrack_table *from, *to;
	struct spares spares = {};
	size_t i;

	mutex_lock(&cn->table_mutex);
	from = rcu_dereference_protected(cn->table,
					 lockdep_is_held(&cn->table_mutex));
	if (!from || !resize_wanted(cn, from->order))
		goto unlock;
	to = table_alloc(fitting_order(cn));
	if (!to)
		goto unlock;

	rcu_assign_pointer(from->next, to);
	for (i = 0; i < 1UL << from->order; i++) {
		move_bucket(to, &from->bucket[i], &spares);
		cond_resched();
	}
	rcu_assign_pointer(cn->table, to);
	spares_free(&spares);

	synchronize_rcu();
	table_free(from);
unlock:
	mutex_unlock(&cn->table_mutex);
}

/**
 * ctrack_table_shrink - give memory back when little is left
 * @cn: namespace
 *
 * Context: process, RCU not needed.
 */
void ctrack_table_shrink(struct ctrack_net *cn)
{
	u32 buckets = ctrack_table_buckets(cn);

	if (buckets && resize_wanted(cn, ilog2(buckets)))
		queue_work(ctrack_workqueue, &cn->resize);
}

/**
 * ctrack_table_init - make the table of a namespace
 * @cn: namespace without one
 *
 * Return: 0, or -ENOMEM.
 * Context: process, @cn's table_mutex held.
 */
int ctrack_table_init(struct ctrack_net *cn)
{
	struct ctrack_table *table = table_alloc(ORDER_MIN);

	if (!table)
		return -ENOMEM;
	INIT_WORK(&cn->resize, resize);
	rcu_assign_pointer(cn->table, table);
	return 0;
}

/**
 * ctrack_table_exit - free the table of a namespace
 * @cn: a namespace in which no packet and no connection is left
 */
void ctrack_table_exit(struct ctrack_net *cn)
{
	struct ctrack_table *table = rcu_dereference_protected(cn->table, true);

	if (!table)
		return;
	cancel_work_sync(&cn->resize);
	table = rcu_dereference_protected(cn->table, true);
	RCU_INIT_POINTER(cn->table, NULL);
	synchronize_rcu();
	table_free(table);
}
