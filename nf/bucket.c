// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "nf/bucket.h"
#include "nf/port_space.h"

/**
 * ctrack_place_unlink - take a key out of the table
 * @place: where it is
 *
 * Context: bucket lock held. The connection may be freed by another at once.
 */
void ctrack_place_unlink(const struct ctrack_place *place)
{
	unsigned long slot = place->bucket->slot[place->slot];
	enum ctrack_direction direction = slot_direction(slot);
	struct ctrack_conn *conn = slot_conn(slot);
	struct ctrack_net *cn = ctrack_net(ctrack_conn_net(conn));

	WRITE_ONCE(place->bucket->slot[place->slot], 0);
	if (unlikely(rcu_access_pointer(cn->port_spaces)))
		ctrack_port_spaces_release(cn, ctrack_conn_key(conn, direction),
					   ctrack_zone_id(&conn->zone, direction));
	/* Last: once neither key is linked, @conn may be freed. */
	smp_store_release(&conn->linked[direction], 0);
}

/**
 * ctrack_bucket_find - the connection of a key, or a place for it
 * @head: of the chain
 * @hash: of the key
 * @key: the key
 * @zone: its zone
 * @direction: filled in with the direction that the key has in the connection
 * @free: filled in with the first free place when there is no such connection;
 *	its bucket is NULL when all are taken
 *
 * What is on its way out has to make room.
 *
 * Return: the connection, no reference taken; or NULL.
 * Context: bucket lock held.
 */
struct ctrack_conn *ctrack_bucket_find(struct ctrack_bucket *head, u32 hash,
				       const struct ctrack_key *key,
				       u16 zone, enum ctrack_direction *direction,
				       struct ctrack_place *free)
{
	const u32 zones = (u32)zone << 16 | zone;
	struct ctrack_bucket *bucket;
	unsigned long slot;
	unsigned int i;

	free->bucket = NULL;
	for (bucket = head; bucket; bucket = bucket->next) {
		for (i = 0; i < SLOTS; i++) {
			slot = bucket->slot[i];
			if (slot) {
				if (likely(bucket->tag[i] != tag_of(hash)) ||
				    !slot_matches(slot, key, zones))
					continue;
				if (!gone(slot_conn(slot))) {
					*direction = slot_direction(slot);
					return slot_conn(slot);
				}
				ctrack_place_unlink(&(struct ctrack_place){ bucket, i });
			}
			if (!free->bucket)
				*free = (struct ctrack_place){ bucket, i };
		}
	}
	return NULL;
}

/**
 * ctrack_bucket_free_place - a place that nothing is in
 * @head: of the chain
 *
 * Return: the place; its bucket is NULL when all are taken.
 * Context: bucket lock held.
 */
struct ctrack_place ctrack_bucket_free_place(struct ctrack_bucket *head)
{
	struct ctrack_place place;

	for (place.bucket = head; place.bucket; place.bucket = place.bucket->next)
		for (place.slot = 0; place.slot < SLOTS; place.slot++)
			if (!place.bucket->slot[place.slot])
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
 * ctrack_bucket_make_place - see that there is a free place
 * @head: of the chain
 * @free: a free place, or one whose bucket is NULL, which is then filled in
 *
 * Return: false when there is no memory.
 * Context: bucket lock held.
 */
bool ctrack_bucket_make_place(struct ctrack_bucket *head,
			      struct ctrack_place *free)
{
	struct ctrack_bucket *more;

	if (free->bucket)
		return true;
	more = kzalloc(sizeof(*more), GFP_ATOMIC | __GFP_NOWARN);
	if (!more)
		return false;
	ctrack_bucket_append(head, more, free);
	return true;
}

/**
 * ctrack_place_link - put a key in, for readers to find
 * @place: a free one
 * @slot: the connection and which of its keys; see slot_make()
 * @hash: of that key
 *
 * Context: bucket lock held.
 */
void ctrack_place_link(const struct ctrack_place *place, unsigned long slot,
		       u32 hash)
{
	struct ctrack_conn *conn = slot_conn(slot);
	enum ctrack_direction direction = slot_direction(slot);

	conn->linked[direction] = 1;
	WRITE_ONCE(place->bucket->tag[place->slot], tag_of(hash));
	WRITE_ONCE(place->bucket->fingerprint[place->slot],
		   ctrack_key_fingerprint(ctrack_conn_key(conn, direction)));
	/* Whoever sees the pointer sees the key and what is beside it. */
	smp_store_release(&place->bucket->slot[place->slot], slot);
}
