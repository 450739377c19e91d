// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

#include "nf/tally.h"

/* Ended connections that one packet forgets; the next ones go on. */
#define ENDED_MAX	256

/**
 * struct identity - which connection it is
 * @key: original direction
 * @zone: of the connection
 */
struct identity {
	struct ctrack_key key;
	struct nf_conntrack_zone zone;
};

/* It is compared as a whole. */
static_assert(sizeof(struct identity) == sizeof(struct ctrack_key) +
					 sizeof(struct nf_conntrack_zone));

/**
 * struct member - a connection that was counted
 * @list: in ctrack_tally.members
 * @node: in ctrack_tally.tree
 * @identity: immutable
 */
struct member {
	struct list_head list;
	struct rb_node node;
	struct identity identity;
};

/**
 * ctrack_tally_init - begin with no connection
 * @tally: the tally
 */
void ctrack_tally_init(struct ctrack_tally *tally)
{
	INIT_LIST_HEAD(&tally->members);
	tally->tree = RB_ROOT;
	tally->count = 0;
	tally->looked = (u32)jiffies - 1;
}
EXPORT_SYMBOL_GPL(ctrack_tally_init);

static void forget(struct ctrack_tally *tally, struct member *member)
{
	list_del(&member->list);
	rb_erase(&member->node, &tally->tree);
	kfree(member);
	tally->count--;
}

/**
 * ctrack_tally_clear - forget all connections
 * @tally: the tally
 */
void ctrack_tally_clear(struct ctrack_tally *tally)
{
	struct member *member, *next;

	list_for_each_entry_safe(member, next, &tally->members, list)
		forget(tally, member);
}
EXPORT_SYMBOL_GPL(ctrack_tally_clear);

/* One that waits for its last packets does not count. */
static bool is_over(const struct ctrack_conn *conn)
{
	u8 state;

	if (ctrack_conn_dying(conn) || ctrack_conn_expired(conn))
		return true;
	if (ctrack_conn_key(conn, CTRACK_ORIGINAL)->protonum != IPPROTO_TCP)
		return false;
	state = READ_ONCE(conn->state.tcp.state);
	return state == TCP_CONNTRACK_TIME_WAIT || state == TCP_CONNTRACK_CLOSE;
}

/* The connection of a member, with a reference, or NULL when it is over. */
static struct ctrack_conn *find(struct ctrack_net *cn,
				const struct member *member)
{
	enum ctrack_direction direction;
	struct ctrack_conn *conn;

	conn = ctrack_table_find(cn, &member->identity.key, &member->identity.zone,
				 &direction);
	if (conn && direction == CTRACK_ORIGINAL && !is_over(conn))
		return conn;
	ctrack_conn_put(conn);
	return NULL;
}

/*
 * Looks through the members until there are more than @limit. While more have
 * ended than one packet forgets, the next packets find too many for some jiffies.
 */
static void look_through(struct ctrack_tally *tally, struct ctrack_net *cn,
			 u32 limit)
{
	unsigned int left = tally->count, live = 0, ended = 0;
	struct ctrack_conn *found;
	struct member *member;

	while (left-- && live <= limit && ended < ENDED_MAX) {
		member = list_first_entry(&tally->members, struct member, list);
		found = find(cn, member);
		if (!found) {
			forget(tally, member);
			ended++;
			continue;
		}
		list_move_tail(&member->list, &tally->members);
		live++;
		ctrack_conn_put(found);
	}
}

static int compare(const void *identity, const struct rb_node *node)
{
	return memcmp(identity, &rb_entry(node, struct member, node)->identity,
		      sizeof(struct identity));
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return compare(&rb_entry(a, struct member, node)->identity, b) < 0;
}

/* However many of its packets come: one that is there is not added. */
static int add(struct ctrack_tally *tally, const struct ctrack_conn *conn)
{
	const struct identity identity = {
		.key = *ctrack_conn_key(conn, CTRACK_ORIGINAL),
		.zone = conn->zone,
	};
	struct member *member;

	if (rb_find(&identity, &tally->tree, compare))
		return 0;
	member = kmalloc(sizeof(*member), GFP_ATOMIC | __GFP_NOWARN);
	if (!member)
		return -ENOMEM;
	member->identity = identity;
	list_add_tail(&member->list, &tally->members);
	rb_add(&member->node, &tally->tree, less);
	tally->count++;
	return 0;
}

/**
 * ctrack_tally_over - count a packet's connection
 * @tally: the tally
 * @cn: namespace
 * @conn: the connection; NULL, or one that is assured: it is not added, because
 *	it was counted before, or was there before the rule
 * @limit: how many there may be
 *
 * Return: 1 when there are more, 0, or -ENOMEM.
 * Context: softirqs off, RCU held, and no bucket's lock.
 */
int ctrack_tally_over(struct ctrack_tally *tally, struct ctrack_net *cn,
		      struct ctrack_conn *conn, u32 limit)
{
	bool looked = tally->looked == (u32)jiffies;
	int err;

	/* What comes on top of too many in the same jiffy changes nothing. */
	if (looked && tally->count > limit)
		return 1;
	if (conn && test_bit(IPS_ASSURED_BIT, &conn->status))
		conn = NULL;
	if (!looked) {
		look_through(tally, cn, limit);
		tally->looked = (u32)jiffies;
	}
	if (conn) {
		err = add(tally, conn);
		if (err)
			return err;
	}
	return tally->count > limit;
}
EXPORT_SYMBOL_GPL(ctrack_tally_over);

/**
 * ctrack_tally_empty - has each of its connections ended?
 * @tally: the tally; it looks no further than the first that has not
 * @cn: namespace
 *
 * Return: true when it has none; false, too, while there are more ended ones
 * than are forgotten at once.
 * Context: softirqs off, RCU held, and no bucket's lock.
 */
bool ctrack_tally_empty(struct ctrack_tally *tally, struct ctrack_net *cn)
{
	if (tally->looked != (u32)jiffies)
		look_through(tally, cn, 0);
	return !tally->count;
}
EXPORT_SYMBOL_GPL(ctrack_tally_empty);
