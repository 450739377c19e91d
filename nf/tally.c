// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

#include "nf/tally.h"

/**
 * struct member - a connection that was counted
 * @list: in the tally
 * @key: original direction
 * @zone: of the connection
 */
struct member {
	struct list_head list;
	struct ctrack_key key;
	struct nf_conntrack_zone zone;
};

/**
 * ctrack_tally_init - begin with no connection
 * @tally: the tally
 */
void ctrack_tally_init(struct ctrack_tally *tally)
{
	INIT_LIST_HEAD(&tally->members);
	tally->count = 0;
	tally->looked = (u32)jiffies - 1;
}
EXPORT_SYMBOL_GPL(ctrack_tally_init);

static void forget(struct ctrack_tally *tally, struct member *member)
{
	list_del(&member->list);
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

	conn = ctrack_table_find(cn, &member->key, &member->zone, &direction);
	if (conn && direction == CTRACK_ORIGINAL && !is_over(conn))
		return conn;
	ctrack_conn_put(conn);
	return NULL;
}

/*
 * Looks through the members until there are more than @limit; true when @conn
 * is among those that it has seen.
 */
static bool look_through(struct ctrack_tally *tally, struct ctrack_net *cn,
			 const struct ctrack_conn *conn, u32 limit)
{
	unsigned int left = tally->count, live = 0;
	struct ctrack_conn *found;
	struct member *member;
	bool seen = false;

	while (left-- && live <= limit) {
		member = list_first_entry(&tally->members, struct member, list);
		found = find(cn, member);
		if (!found) {
			forget(tally, member);
			continue;
		}
		list_move_tail(&member->list, &tally->members);
		live++;
		seen = seen || found == conn;
		ctrack_conn_put(found);
	}
	return seen;
}

static int add(struct ctrack_tally *tally, const struct ctrack_conn *conn)
{
	struct member *member = kmalloc(sizeof(*member),
					GFP_ATOMIC | __GFP_NOWARN);

	if (!member)
		return -ENOMEM;
	member->key = *ctrack_conn_key(conn, CTRACK_ORIGINAL);
	member->zone = conn->zone;
	list_add_tail(&member->list, &tally->members);
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
	bool looked = tally->looked == (u32)jiffies, counted = false;
	int err;

	/* What comes on top of too many in the same jiffy changes nothing. */
	if (looked && tally->count > limit)
		return 1;
	if (conn && test_bit(IPS_ASSURED_BIT, &conn->status))
		conn = NULL;
	/* A connection that is firm was perhaps counted by a packet before. */
	if (!looked || (conn && ctrack_conn_committed(conn))) {
		counted = look_through(tally, cn, conn, limit);
		tally->looked = (u32)jiffies;
	}
	if (conn && !counted) {
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
 * Return: true when it has none.
 * Context: softirqs off, RCU held, and no bucket's lock.
 */
bool ctrack_tally_empty(struct ctrack_tally *tally, struct ctrack_net *cn)
{
	if (tally->looked != (u32)jiffies)
		look_through(tally, cn, NULL, 0);
	return !tally->count;
}
EXPORT_SYMBOL_GPL(ctrack_tally_empty);
