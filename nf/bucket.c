// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "nf/bucket.h"
#include "nf/port_space.h"

/* Spaces of ports are told that a key leaves. */
static void release_port(struct ctrack_net *cn, struct ctrack_conn *conn,
			 enum ctrack_direction direction)
{
	if (unlikely(rcu_access_pointer(cn->port_spaces)))
		ctrack_port_spaces_release(cn, ctrack_conn_key(conn, direction),
					   ctrack_zone_id(&conn->zone, direction));
}

/* A key is in the table no more. */
static void unlinked(struct ctrack_net *cn, struct ctrack_conn *conn,
		     enum ctrack_direction direction)
{
	release_port(cn, conn, direction);
	/* Last: once neither key is linked, @conn may be freed. */
	smp_store_release(&conn->linked[direction], 0);
}

/**
 * ctrack_place_unlink - take a slot's keys out of the table
 * @place: where it is
 *
 * Context: bucket lock held. The connection may be freed by another at once.
 */
void ctrack_place_unlink(const struct ctrack_place *place)
{
	unsigned long slot = place->bucket->slot[place->slot];
	struct ctrack_conn *conn = slot_conn(slot);
	struct ctrack_net *cn = ctrack_net_rcu(ctrack_conn_net(conn));

	WRITE_ONCE(place->bucket->slot[place->slot], 0);
	/* Not to look like what was here: that may well come back. */
	WRITE_ONCE(place->bucket->tag[place->slot], ~place->bucket->tag[place->slot]);
	if ((slot & SLOT_MASK) == CTRACK_REPLY)
		atomic_dec(&cn->apart);
	if (slot_has(slot, CTRACK_ORIGINAL))
		unlinked(cn, conn, CTRACK_ORIGINAL);
	if (slot_has(slot, CTRACK_REPLY))
		unlinked(cn, conn, CTRACK_REPLY);
}

/**
 * ctrack_place_unlink_reply - take a connection's reply key out of the table
 * @place: a slot that stands for both keys, and then for the original one alone
 *
 * Context: bucket lock held, and the connection's.
 */
void ctrack_place_unlink_reply(const struct ctrack_place *place)
{
	struct ctrack_conn *conn = slot_conn(place->bucket->slot[place->slot]);

	WRITE_ONCE(place->bucket->slot[place->slot],
		   slot_make(conn, CTRACK_ORIGINAL));
	release_port(ctrack_net_rcu(ctrack_conn_net(conn)), conn, CTRACK_REPLY);
	WRITE_ONCE(conn->linked[CTRACK_REPLY], 0);
}

/**
 * ctrack_bucket_search - the same as ctrack_bucket_find(), which calls it
 * @head: of the chain
 * @hash: of the key
 * @key: the key
 * @zone: its zone
 * @direction: filled in with the direction that the key has in the connection
 *
 * Return: the connection, no reference taken; or NULL.
 * Context: bucket lock held.
 */
struct ctrack_conn *ctrack_bucket_search(struct ctrack_bucket *head, u32 hash,
					 const struct ctrack_key *key,
					 u16 zone, enum ctrack_direction *direction)
{
	const u32 zones = (u32)zone << 16 | zone;
	struct ctrack_place place;
	unsigned long slot;
	u64 tagged;

	for (place.bucket = head; place.bucket; place.bucket = place.bucket->next) {
		for (tagged = slots_tagged(place.bucket, hash); unlikely(tagged);
		     tagged &= tagged - 1) {
			place.slot = slot_of_bit(tagged);
			slot = place.bucket->slot[place.slot];
			if (!slot)
				continue;
			*direction = slot_match(slot, key, zones);
			if (*direction == CTRACK_DIRECTIONS)
				continue;
			if (!gone(slot_conn(slot)))
				return slot_conn(slot);
			ctrack_place_unlink(&place);
		}
	}
	return NULL;
}

static inline bool place_has(const struct ctrack_place *place,
			     const struct ctrack_conn *conn,
			     enum ctrack_direction direction)
{
	unsigned long slot = place->bucket->slot[place->slot];

	return slot_conn(slot) == conn && slot_has(slot, direction);
}

/**
 * ctrack_bucket_place_of - where a connection's key is
 * @head: of the chain in which it is
 * @conn: the connection
 * @direction: of the key, which is linked
 *
 * Return: the place.
 * Context: bucket lock held.
 */
struct ctrack_place ctrack_bucket_place_of(struct ctrack_bucket *head,
					   const struct ctrack_conn *conn,
					   enum ctrack_direction direction)
{
	struct ctrack_place place = {
		.bucket = head,
		.slot = conn->linked[direction] - 1,
	};

	/* Where it was put in, unless that was another bucket. */
	if (likely(place_has(&place, conn, direction)))
		return place;
	for (; place.bucket; place.bucket = place.bucket->next)
		for (place.slot = 0; place.slot < SLOTS; place.slot++)
			if (place_has(&place, conn, direction))
				return place;
	return place;
}

/**
 * ctrack_bucket_append - give a chain five more places
 * @head: of the chain
 * @more: an empty bucket
 * @free: filled in with the first of them
 *
 * Context: bucket lock held.
 */
void ctrack_bucket_append(struct ctrack_bucket *head,
			  struct ctrack_bucket *more, struct ctrack_place *free)
{
	while (head->next)
		head = head->next;
	/* Readers that see it see it empty. */
	smp_store_release(&head->next, more);
	free->bucket = more;
	free->slot = 0;
}

/**
 * ctrack_bucket_extend - give a chain five more places, if it is not too long
 * @head: of the chain
 * @most: how many buckets it may have
 * @free: filled in with the first of them
 *
 * Whoever knows the secret of the hashes could have a bucket grow at will, and
 * so the time that each packet spends in it.
 *
 * Return: 0, -ENOSPC when it has as many, or -ENOMEM.
 * Context: bucket lock held.
 */
int ctrack_bucket_extend(struct ctrack_bucket *head, unsigned int most,
			 struct ctrack_place *free)
{
	struct ctrack_bucket *more;
	unsigned int count = 0;

	for (more = head; more; more = more->next)
		count++;
	if (count >= most)
		return -ENOSPC;
	more = kzalloc(sizeof(*more), GFP_ATOMIC | __GFP_NOWARN);
	if (!more)
		return -ENOMEM;
	ctrack_bucket_append(head, more, free);
	return 0;
}

/**
 * ctrack_place_link_reply - put a connection's reply key in beside the original
 * @place: the slot of its original key, which has the same hash
 *
 * Context: bucket lock held, and the connection's.
 */
void ctrack_place_link_reply(const struct ctrack_place *place)
{
	struct ctrack_conn *conn = slot_conn(place->bucket->slot[place->slot]);

	conn->linked[CTRACK_REPLY] = conn->linked[CTRACK_ORIGINAL];
	/* As in ctrack_place_link(). */
	smp_store_release(&place->bucket->slot[place->slot],
			  slot_make(conn, SLOT_BOTH));
}

/**
 * ctrack_place_link - put keys in, for readers to find
 * @place: a free one
 * @slot: the connection and which of its keys; see slot_make()
 * @hash: of these keys
 *
 * Context: bucket lock held.
 */
void ctrack_place_link(const struct ctrack_place *place, unsigned long slot,
		       u32 hash)
{
	struct ctrack_conn *conn = slot_conn(slot);

	if (slot_has(slot, CTRACK_ORIGINAL))
		conn->linked[CTRACK_ORIGINAL] = place->slot + 1;
	if (slot_has(slot, CTRACK_REPLY))
		conn->linked[CTRACK_REPLY] = place->slot + 1;
	WRITE_ONCE(place->bucket->tag[place->slot], tag_of(hash));
	WRITE_ONCE(place->bucket->fingerprint[place->slot],
		   ctrack_key_fingerprint(ctrack_conn_key(conn, slot_direction(slot))));
	/* Whoever sees the pointer sees the key and what is beside it. */
	smp_store_release(&place->bucket->slot[place->slot], slot);
}
