// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "nf/bucket.h"
#include "nf/probe_point.h"

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

/* Who needs less than a table of this order, 1 MiB, may have up to 2 MiB. */
#define ORDER_SMALL	14

/* So many buckets tell of all. */
#define SHAPE_BUCKETS	1024U

static unsigned int chain_entries(const struct ctrack_bucket *bucket)
{
	unsigned int n = 0, i;

	for (; bucket; bucket = READ_ONCE(bucket->next))
		for (i = 0; i < SLOTS; i++)
			n += !!READ_ONCE(bucket->slot[i]);
	return n;
}

/**
 * ctrack_table_shape - how evenly a table is filled
 * @cn: namespace
 *
 * Return: what was seen, without a lock, of the table's first buckets.
 */
struct ctrack_shape ctrack_table_shape(struct ctrack_net *cn)
{
	const struct ctrack_table *table;
	struct ctrack_shape shape = {};
	u32 i;

	rcu_read_lock();
	table = rcu_dereference(cn->table);
	shape.looked = table ? min(1U << table->order, SHAPE_BUCKETS) : 0;
	for (i = 0; i < shape.looked; i++) {
		shape.chained += !!READ_ONCE(table->bucket[i].next);
		shape.longest = max(shape.longest,
				    chain_entries(&table->bucket[i]));
	}
	rcu_read_unlock();
	return shape;
}

/**
 * ctrack_table_buckets_min - how small a table may be
 * @cn: namespace
 *
 * Return: the number of buckets that it begins with.
 */
u32 ctrack_table_buckets_min(const struct ctrack_net *cn)
{
	return 1U << max_t(unsigned int, READ_ONCE(cn->order_min), ORDER_MIN);
}

static struct ctrack_table *table_alloc(unsigned int order)
{
	struct ctrack_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	size_t i;

	if (!table)
		return NULL;
	table->order = order;
	table->bucket = kvcalloc(1UL << order, sizeof(*table->bucket),
				 GFP_KERNEL | __GFP_NOWARN);
	table->due = kvmalloc_array(1UL << order, sizeof(*table->due),
				    GFP_KERNEL | __GFP_NOWARN);
	if (!table->bucket || !table->due) {
		kvfree(table->bucket);
		kvfree(table->due);
		kfree(table);
		return NULL;
	}
	for (i = 0; i < 1UL << order; i++) {
		spin_lock_init(&table->bucket[i].lock);
		table->due[i] = (u32)jiffies + DUE_NEVER;
		cond_resched();
	}
	return table;
}

static void table_free(struct ctrack_table *table)
{
	struct ctrack_bucket *bucket, *next;
	size_t i;

	for (i = 0; i < 1UL << table->order; i++) {
		for (bucket = table->bucket[i].next; bucket; bucket = next) {
			next = bucket->next;
			kfree(bucket);
		}
		cond_resched();
	}
	kvfree(table->bucket);
	kvfree(table->due);
	kfree(table);
}

/*
 * Buckets set aside for a move: it can't allocate under the lock, and must not
 * stop half way.
 */
struct spares {
	struct ctrack_bucket *list;
	unsigned int count;
};

static void spares_fill(struct spares *spares, unsigned int count)
{
	while (spares->count < count) {
		struct ctrack_bucket *bucket;

		bucket = kzalloc(sizeof(*bucket), GFP_KERNEL | __GFP_NOFAIL);
		bucket->next = spares->list;
		spares->list = bucket;
		spares->count++;
	}
}

static struct ctrack_bucket *spares_take(struct spares *spares)
{
	struct ctrack_bucket *bucket = spares->list;

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

/* What stands beside a slot goes along: none of it depends on the table. */
static void copy_slot(const struct ctrack_place *place,
		      const struct ctrack_bucket *from, unsigned int i)
{
	struct ctrack_bucket *bucket = place->bucket;

	WRITE_ONCE(bucket->tag[place->slot], from->tag[i]);
	WRITE_ONCE(bucket->fingerprint[place->slot], from->fingerprint[i]);
	/* As in ctrack_place_link(). */
	smp_store_release(&bucket->slot[place->slot], from->slot[i]);
}

static void move_entry(const struct ctrack_net *cn, struct ctrack_table *to,
		       const struct ctrack_bucket *from, unsigned int i,
		       struct spares *spares)
{
	unsigned long slot = from->slot[i];
	u32 hash = ctrack_conn_hash(cn, slot_conn(slot), slot_direction(slot));
	struct ctrack_bucket *head = bucket_of(to, hash);
	struct ctrack_place place;

	spin_lock_nested(&head->lock, SINGLE_DEPTH_NESTING);
	place = ctrack_bucket_free_place(head);
	if (!place.bucket)
		ctrack_bucket_append(head, spares_take(spares), &place);
	copy_slot(&place, from, i);
	if (slot_has(slot, CTRACK_ORIGINAL))
		note_due(to, hash, READ_ONCE(slot_conn(slot)->timeout));
	spin_unlock(&head->lock);
}

static void move_bucket(const struct ctrack_net *cn, struct ctrack_table *table,
			size_t index, struct ctrack_table *to,
			struct spares *spares)
{
	struct ctrack_bucket *from = &table->bucket[index];
	struct ctrack_bucket *bucket;
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
			if (!bucket->slot[i])
				continue;
			move_entry(cn, to, bucket, i, spares);
			/* Pairs with smp_rmb() in find_hashed(). */
			smp_store_release(&bucket->slot[i], 0);
		}
	}
	WRITE_ONCE(table->due[index], (u32)jiffies);
	/* Pairs with ctrack_table_of(): who sees it finds all of it in the next table. */
	smp_store_release(&from->moved, 1);
	spin_unlock_bh(&from->lock);
}

/* The order at which a bucket has two to four entries. */
static unsigned int fitting_order(struct ctrack_net *cn)
{
	return clamp_t(unsigned int, fls(slots_count(cn) / 4),
		       ilog2(ctrack_table_buckets_min(cn)), ORDER_MAX);
}

/*
 * The order to resize to. Where memory is no matter, a table that is too small for
 * its connections gets room to double twice more: most of what it costs a connection
 * that tables grow is being moved, and so it is moved less often.
 */
static unsigned int order_to_be(struct ctrack_net *cn, unsigned int order)
{
	unsigned int fitting = fitting_order(cn);
	bool crowded = fitting > order &&
		       fitting > ilog2(ctrack_table_buckets_min(cn));

	return crowded && fitting < ORDER_SMALL ? fitting + 2 : fitting;
}

static bool resize_wanted(struct ctrack_net *cn, unsigned int order)
{
	unsigned int fitting = fitting_order(cn);

	/* Shrinking waits for a quarter of an entry a bucket, so as not to swing. */
	return fitting > order ||
	       (fitting < order && slots_count(cn) < (1U << order) / 4);
}

/* Moves everything to a table of another size, bucket by bucket. */
ctrack_probed void ctrack_table_replace(struct ctrack_net *cn,
					struct ctrack_table *from,
					struct ctrack_table *to)
{
	struct spares spares = {};
	size_t i;

	rcu_assign_pointer(from->next, to);
	for (i = 0; i < 1UL << from->order; i++) {
		move_bucket(cn, from, i, to, &spares);
		cond_resched();
	}
	rcu_assign_pointer(cn->table, to);
	spares_free(&spares);
}

static void resize(struct work_struct *work)
{
	struct ctrack_net *cn = container_of(work, struct ctrack_net, resize);
	struct ctrack_table *from, *to;

	mutex_lock(&cn->table_mutex);
	from = rcu_dereference_protected(cn->table,
					 lockdep_is_held(&cn->table_mutex));
	if (!from || !resize_wanted(cn, from->order))
		goto unlock;
	to = table_alloc(order_to_be(cn, from->order));
	if (!to)
		goto unlock;
	to->generation = from->generation + 1;

	ctrack_table_replace(cn, from, to);
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
 * ctrack_table_set_buckets_min - how small a table may be
 * @cn: namespace
 * @buckets: the fewest that it takes, rounded up to a power of two
 *
 * Return: 0, -EINVAL for more than there can be, or -ENOMEM.
 * Context: process.
 */
int ctrack_table_set_buckets_min(struct ctrack_net *cn, u32 buckets)
{
	if (buckets > 1U << ORDER_MAX)
		return -EINVAL;
	WRITE_ONCE(cn->order_min, buckets ? order_base_2(buckets) : 0);
	if (!ctrack_table_buckets(cn))
		return 0;
	ctrack_table_shrink(cn);
	flush_work(&cn->resize);
	return ctrack_table_buckets(cn) < buckets ? -ENOMEM : 0;
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
	struct ctrack_table *table;

	table = table_alloc(ilog2(ctrack_table_buckets_min(cn)));
	if (!table)
		return -ENOMEM;
	INIT_WORK(&cn->resize, resize);
	get_random_bytes(&cn->secret, sizeof(cn->secret));
	rcu_assign_pointer(cn->table, table);
	return 0;
}

/**
 * ctrack_table_leave - let nobody find the table of a namespace any more
 * @cn: a namespace in which no packet and no connection is left
 */
void ctrack_table_leave(struct ctrack_net *cn)
{
	if (!rcu_access_pointer(cn->table))
		return;
	cancel_work_sync(&cn->resize);
	cn->left_table = rcu_replace_pointer(cn->table, NULL, true);
}

/**
 * ctrack_table_exit - free the table of a namespace
 * @cn: after ctrack_table_leave() and a grace period: nobody reads it any more
 */
void ctrack_table_exit(struct ctrack_net *cn)
{
	if (cn->left_table)
		table_free(cn->left_table);
}
