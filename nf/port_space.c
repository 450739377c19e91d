// SPDX-License-Identifier: GPL-2.0
/*
 * Crowded port spaces.
 *
 * NAT finds a free port by asking the table for one after another. Where 99% of
 * them are taken that are a hundred questions for each connection, and where
 * all are, 64,000 for each packet. So a space in which a search needed more
 * than a few is remembered: a bit for each port that is known to be taken, which
 * later searches pass over. Each port is asked for once in the time that it is
 * taken.
 *
 * A bit is set by who asked for the port, under the lock of the bucket where
 * the port's key is, while it sees the key there or put it there. It is cleared
 * under the same lock by who takes the key out, and who takes it out looks for
 * spaces that have it under that lock: the space in which a bit was set before
 * is then found, or is in no search's way any more. So a bit says that the key
 * is in the table, and no port that is free is passed over.
 *
 * A connection that has expired is in the table until somebody comes by. NAT
 * takes its port, but would pass it over here: that is what doubts are for.
 *
 * A namespace has a bounded number of spaces, of 8 KiB each. They are made on
 * demand and go when a while has passed in which they were of no use, and there
 * are none where no search takes long: then who takes a key out of the table
 * sees one pointer that is NULL.
 */
#include <linux/bitmap.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "nf/port_space.h"

#define PORTS	65536
#define WORDS	BITS_TO_LONGS(PORTS)

/* So many spaces, 1 MiB; and in how many of these places each may be. */
#define PLACES	128
#define WAYS	4

/* For as long after it was of use no space has to make room for another. */
#define BUSY	HZ

/**
 * struct ctrack_port_spaces - those of a namespace
 * @count: how many there are; under the namespace's port_spaces_lock
 * @rcu: for its end
 * @space: WAYS beside each other where the hash of what their keys have in
 *	common says; RCU, written under that lock
 */
struct ctrack_port_spaces {
	unsigned int count;
	struct rcu_head rcu;
	struct ctrack_port_space __rcu *space[PLACES];
};

static void space_free(struct ctrack_port_space *space)
{
	if (space)
		bitmap_free(space->taken);
	kfree(space);
}

static void space_free_rcu(struct rcu_head *rcu)
{
	space_free(container_of(rcu, struct ctrack_port_space, rcu));
}

static u16 port_of(const struct ctrack_key *key, enum ctrack_port_side side)
{
	return ntohs(side == CTRACK_PORT_SOURCE ? key->source_id.all :
						  key->destination_id.all);
}

static struct ctrack_key common_of(const struct ctrack_key *key,
				   enum ctrack_port_side side)
{
	struct ctrack_key common = *key;

	if (side == CTRACK_PORT_SOURCE)
		common.source_id.all = 0;
	else
		common.destination_id.all = 0;
	return common;
}

static struct ctrack_port_space __rcu **
places_of(struct ctrack_net *cn, struct ctrack_port_spaces *spaces,
	  const struct ctrack_key *common, u16 zone)
{
	return &spaces->space[ctrack_hash(cn, common, zone) % (PLACES / WAYS) * WAYS];
}

static struct ctrack_port_space *
find_in(struct ctrack_port_space __rcu **places, const struct ctrack_key *common,
	u16 zone, enum ctrack_port_side side)
{
	struct ctrack_port_space *space;
	unsigned int i;

	for (i = 0; i < WAYS; i++) {
		space = rcu_dereference(places[i]);
		if (space && space->zone == zone && space->side == side &&
		    ctrack_key_equal(&space->common, common))
			return space;
	}
	return NULL;
}

/**
 * ctrack_port_space_find - the space of a key
 * @cn: namespace
 * @key: the key, whose port doesn't count
 * @zone: its zone
 * @side: which port
 *
 * Return: the space; NULL when it isn't crowded.
 * Context: RCU held, for as long as the space is used.
 */
struct ctrack_port_space *ctrack_port_space_find(struct ctrack_net *cn,
						 const struct ctrack_key *key, u16 zone,
						 enum ctrack_port_side side)
{
	struct ctrack_port_spaces *spaces = rcu_dereference(cn->port_spaces);
	struct ctrack_key common;

	if (!spaces)
		return NULL;
	common = common_of(key, side);
	return find_in(places_of(cn, spaces, &common, zone), &common, zone, side);
}
EXPORT_SYMBOL_GPL(ctrack_port_space_find);

static struct ctrack_port_spaces *spaces_locked(struct ctrack_net *cn)
{
	return rcu_dereference_protected(cn->port_spaces,
					 lockdep_is_held(&cn->port_spaces_lock));
}

static struct ctrack_port_space *in_place(struct ctrack_net *cn,
					  struct ctrack_port_space __rcu **place)
{
	return rcu_dereference_protected(*place,
					 lockdep_is_held(&cn->port_spaces_lock));
}

static struct ctrack_port_spaces *spaces_make(struct ctrack_net *cn)
{
	struct ctrack_port_spaces *spaces = spaces_locked(cn);

	if (spaces)
		return spaces;
	spaces = kzalloc(sizeof(*spaces), GFP_ATOMIC | __GFP_NOWARN);
	rcu_assign_pointer(cn->port_spaces, spaces);
	return spaces;
}

/* A free one of a space's places, or that whose space was of no use for longest; or NULL. */
static struct ctrack_port_space __rcu **
choose_place(struct ctrack_net *cn, struct ctrack_port_space __rcu **places)
{
	struct ctrack_port_space *space, *oldest = NULL;
	struct ctrack_port_space __rcu **chosen = NULL;
	unsigned int i;

	for (i = 0; i < WAYS; i++) {
		space = in_place(cn, &places[i]);
		if (!space)
			return &places[i];
		if (!oldest || time_before(READ_ONCE(space->used),
					   READ_ONCE(oldest->used))) {
			oldest = space;
			chosen = &places[i];
		}
	}
	/* So what waits to be freed is bounded, too. */
	return time_before(jiffies, READ_ONCE(oldest->used) + BUSY) ? NULL : chosen;
}

static struct ctrack_port_space *space_alloc(void)
{
	struct ctrack_port_space *space;

	space = kzalloc(sizeof(*space), GFP_ATOMIC | __GFP_NOWARN);
	if (space)
		space->taken = bitmap_zalloc(PORTS, GFP_ATOMIC | __GFP_NOWARN);
	if (space && space->taken)
		return space;
	space_free(space);
	return NULL;
}

static void remove_space(struct ctrack_net *cn, struct ctrack_port_spaces *spaces,
			 struct ctrack_port_space __rcu **place)
{
	struct ctrack_port_space *space = in_place(cn, place);

	if (!space)
		return;
	RCU_INIT_POINTER(*place, NULL);
	spaces->count--;
	call_rcu(&space->rcu, space_free_rcu);
}

static struct ctrack_port_space *
add_space(struct ctrack_net *cn, struct ctrack_port_spaces *spaces,
	  const struct ctrack_key *common, u16 zone, enum ctrack_port_side side)
{
	struct ctrack_port_space __rcu **place;
	struct ctrack_port_space *space;

	place = choose_place(cn, places_of(cn, spaces, common, zone));
	space = place ? space_alloc() : NULL;
	if (!space)
		return NULL;
	space->common = *common;
	space->zone = zone;
	space->side = side;
	space->used = jiffies;
	space->doubted = jiffies;
	remove_space(cn, spaces, place);
	rcu_assign_pointer(*place, space);
	spaces->count++;
	return space;
}

/**
 * ctrack_port_space_make - the space of a key, from now on
 * @cn: namespace
 * @key: the key, whose port doesn't count
 * @zone: its zone
 * @side: which port
 *
 * Return: the space; NULL when there is no memory, or all places are in use.
 * Context: RCU held, for as long as the space is used; no bucket lock.
 */
struct ctrack_port_space *ctrack_port_space_make(struct ctrack_net *cn,
						 const struct ctrack_key *key, u16 zone,
						 enum ctrack_port_side side)
{
	struct ctrack_key common = common_of(key, side);
	struct ctrack_port_space *space = NULL;
	struct ctrack_port_spaces *spaces;

	spin_lock_bh(&cn->port_spaces_lock);
	spaces = spaces_make(cn);
	if (spaces)
		space = find_in(places_of(cn, spaces, &common, zone), &common,
				zone, side);
	if (spaces && !space)
		space = add_space(cn, spaces, &common, zone, side);
	spin_unlock_bh(&cn->port_spaces_lock);
	return space;
}
EXPORT_SYMBOL_GPL(ctrack_port_space_make);

/**
 * ctrack_port_space_use - it spared a search some tries
 * @space: the space
 */
void ctrack_port_space_use(struct ctrack_port_space *space)
{
	unsigned long now = jiffies;

	if (READ_ONCE(space->used) != now)
		WRITE_ONCE(space->used, now);
}
EXPORT_SYMBOL_GPL(ctrack_port_space_use);

/* A second goes once round the words. */
static unsigned int word_at(unsigned long time)
{
	return time % HZ * WORDS / HZ;
}

/**
 * ctrack_port_space_doubt - forget some of what is known, for a search in vain
 * @space: the space
 *
 * Some of the connections that have these ports may have expired. While
 * searches are in vain each port is forgotten once in a second, one after
 * another: a flood of them asks for no more than 65,536 ports a second, and
 * for no more at once than time has passed.
 *
 * Return: true when the search may find something now that it did not before.
 */
bool ctrack_port_space_doubt(struct ctrack_port_space *space)
{
	unsigned long then = READ_ONCE(space->doubted), now = jiffies;
	unsigned int word = word_at(then);
	unsigned int left = WORDS;

	if (time_before(now, then + HZ))
		left = (word_at(now) - word) % WORDS;
	if (!left || cmpxchg(&space->doubted, then, now) != then)
		return false;
	while (left--)
		WRITE_ONCE(space->taken[word++ % WORDS], 0);
	return true;
}
EXPORT_SYMBOL_GPL(ctrack_port_space_doubt);

/**
 * ctrack_port_space_take - a port is known to be taken
 * @space: the space of @key
 * @key: of a connection that is in the table
 *
 * Context: the lock of @key's bucket, and RCU.
 */
void ctrack_port_space_take(struct ctrack_port_space *space, const struct ctrack_key *key)
{
	set_bit(port_of(key, space->side), space->taken);
}

/**
 * ctrack_port_spaces_release - a port is free, whoever believed it taken
 * @cn: namespace
 * @key: which leaves the table
 * @zone: its zone
 *
 * Context: the lock of @key's bucket, and RCU.
 */
void ctrack_port_spaces_release(struct ctrack_net *cn, const struct ctrack_key *key, u16 zone)
{
	struct ctrack_port_space *space;
	enum ctrack_port_side side;

	for (side = 0; side < CTRACK_PORT_SIDES; side++) {
		space = ctrack_port_space_find(cn, key, zone, side);
		if (space)
			clear_bit(port_of(key, side), space->taken);
	}
}

/**
 * ctrack_port_spaces_age - free those that were of no use for a while
 * @cn: namespace
 * @idle: how long, in jiffies; 0 frees all
 */
void ctrack_port_spaces_age(struct ctrack_net *cn, unsigned long idle)
{
	struct ctrack_port_spaces *spaces;
	struct ctrack_port_space *space;
	unsigned int i;

	if (!rcu_access_pointer(cn->port_spaces))
		return;
	spin_lock_bh(&cn->port_spaces_lock);
	spaces = spaces_locked(cn);
	for (i = 0; i < PLACES; i++) {
		space = in_place(cn, &spaces->space[i]);
		if (space && !time_before(jiffies, READ_ONCE(space->used) + idle))
			remove_space(cn, spaces, &spaces->space[i]);
	}
	if (!spaces->count) {
		RCU_INIT_POINTER(cn->port_spaces, NULL);
		kfree_rcu(spaces, rcu);
	}
	spin_unlock_bh(&cn->port_spaces_lock);
}
