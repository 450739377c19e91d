// SPDX-License-Identifier: GPL-2.0
/* Creating and changing connections on request. */
#include "nf/events.h"
#include "nf/netlink_change.h"
#include "nf/netlink_nat.h"

/* What only ever goes the other way, and what means something in lists alone. */
#define NOT_SETTABLE	(BIT_ULL(CTA_COUNTERS_ORIG) |			\
			 BIT_ULL(CTA_COUNTERS_REPLY) |			\
			 BIT_ULL(CTA_USE) | BIT_ULL(CTA_SECMARK) |	\
			 BIT_ULL(CTA_SECCTX) | BIT_ULL(CTA_TIMESTAMP) |	\
			 BIT_ULL(CTA_FILTER) | BIT_ULL(CTA_STATUS_MASK))
#define ONLY_AT_FIRST	(BIT_ULL(CTA_NAT_SRC) | BIT_ULL(CTA_NAT_DST) |	\
			 BIT_ULL(CTA_TUPLE_MASTER))

/* A master can have one itself: so many above each other, which may go at once. */
#define MASTERS_MAX	8

/* What is told of a connection that was created or changed, new or not. */
static const enum ip_conntrack_events changed[] = {
	IPCT_REPLY, IPCT_ASSURED, IPCT_PROTOINFO, IPCT_MARK, IPCT_LABEL,
};

/**
 * struct opening - a connection to be created, read and checked
 * @zone: its zone
 * @key: by direction, as before translation
 * @change: the rest of it
 * @master: what it was expected by, or NULL; a reference is held
 * @nat: what is translated to what
 */
struct opening {
	struct nf_conntrack_zone zone;
	struct ctrack_key key[CTRACK_DIRECTIONS];
	struct ctrack_change change;
	struct ctrack_conn *master;
	struct ctrack_translation nat;
};

static bool has_room_below(const struct ctrack_conn *master)
{
	unsigned int above = 0;

	for (; master; master = master->master)
		above++;
	return above <= MASTERS_MAX;
}

static int read_master(const struct ctrack_request *rq, struct opening *opening)
{
	struct ctrack_key key;
	int err;

	if (!rq->attr[CTA_TUPLE_MASTER])
		return 0;
	err = ctrack_request_key(rq, CTA_TUPLE_MASTER, &key, NULL);
	if (err)
		return err;
	opening->master = ctrack_request_lookup(rq, &key, &opening->zone);
	if (!opening->master) {
		NL_SET_ERR_MSG_ATTR(rq->extack, rq->attr[CTA_TUPLE_MASTER],
				    "there is no such master");
		return -ENOENT;
	}
	if (!has_room_below(opening->master)) {
		NL_SET_ERR_MSG_ATTR(rq->extack, rq->attr[CTA_TUPLE_MASTER],
				    "it has too many masters above it");
		return -EINVAL;
	}
	return 0;
}

/*
 * The status of the connection that a request makes, but for what it asks. Who
 * names a master need not say once more that it was expected: conntrackd leaves
 * that bit out, which nf_conntrack refuses.
 */
static u32 first_status(const struct ctrack_request *rq)
{
	const struct nlattr *attr = rq->attr[CTA_STATUS];
	u32 asked = attr ? ntohl(nla_get_be32(attr)) : 0;

	return IPS_CONFIRMED |
	       (rq->attr[CTA_TUPLE_MASTER] ? asked & IPS_EXPECTED : 0) |
	       (rq->attr[CTA_NAT_SRC] ? IPS_SRC_NAT : 0) |
	       (rq->attr[CTA_NAT_DST] ? IPS_DST_NAT : 0);
}

static int read_change(const struct ctrack_request *rq, u32 status, u8 protonum,
		       struct ctrack_change *change)
{
	int err;

	ctrack_request_timeout(rq, change);
	err = ctrack_request_status(rq, status, change);
	if (err)
		return err;
	err = ctrack_request_mark(rq, change);
	if (err)
		return err;
	err = ctrack_request_labels(rq, change);
	if (err)
		return err;
	return ctrack_request_protoinfo(rq, protonum, change);
}

/* Keys and zone are there already. */
static int read_opening(const struct ctrack_request *rq, struct opening *opening)
{
	u8 protonum = opening->key[CTRACK_ORIGINAL].protonum;
	int err;

	if (protonum != opening->key[CTRACK_REPLY].protonum)
		return ctrack_request_wrong(rq, rq->attr[CTA_TUPLE_REPLY],
					    "tuples of different protocols");
	err = ctrack_request_refuse(rq, BIT_ULL(CTA_ID),
				    "an id can't be chosen");
	if (err)
		return err;
	if (!rq->attr[CTA_TIMEOUT]) {
		NL_SET_ERR_MSG(rq->extack, "a new connection needs a timeout");
		return -EINVAL;
	}
	err = read_change(rq, first_status(rq), protonum, &opening->change);
	if (err)
		return err;
	err = ctrack_request_translation(rq, &opening->key[CTRACK_ORIGINAL],
					 &opening->nat);
	if (err)
		return err;
	return read_master(rq, opening);
}

/* Puts a connection into the table and makes it firm. RCU held. */
static int insert(const struct ctrack_request *rq,
		  const struct opening *opening, struct ctrack_conn *conn)
{
	enum ctrack_direction direction;
	struct ctrack_conn *there;
	int err;

	there = ctrack_table_insert(conn,
				    ctrack_conn_hash(rq->cn, conn,
						     CTRACK_ORIGINAL),
				    false, &direction);
	if (IS_ERR(there))
		return PTR_ERR(there);
	if (there != conn) {
		ctrack_conn_put(there);
		NL_SET_ERR_MSG(rq->extack, "a packet has just opened it");
		return -EEXIST;
	}
	err = ctrack_request_translate(rq, &opening->nat, conn);
	if (err)
		return err;
	if (!ctrack_table_reserved(conn) || !ctrack_conn_commit(conn)) {
		NL_SET_ERR_MSG(rq->extack,
			       "another connection has the reply tuple");
		return -EEXIST;
	}
	return 0;
}

static void tell(const struct ctrack_request *rq, struct ctrack_conn *conn)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(changed); i++)
		ctrack_conn_event(conn, changed[i]);
	ctrack_events_tell(conn, rq->portid, rq->report);
}

/* @opening's master passes to the connection. */
static struct ctrack_conn *allocate(const struct ctrack_request *rq,
				    struct opening *opening)
{
	const union ctrack_state state = {};
	struct ctrack_conn *conn;
	int err;

	err = ctrack_net_start(rq->cn);
	if (err)
		return ERR_PTR(err);
	conn = ctrack_conn_alloc(rq->cn, &opening->zone,
				 &opening->key[CTRACK_ORIGINAL],
				 &opening->key[CTRACK_REPLY], &state, GFP_KERNEL);
	if (conn == ERR_PTR(-ENFILE)) {
		NL_SET_ERR_MSG(rq->extack, "table is full");
		return ERR_PTR(-ENOMEM);
	}
	if (IS_ERR(conn))
		return conn;
	if (opening->master) {
		conn->master = opening->master;
		opening->master = NULL;
		__set_bit(IPS_EXPECTED_BIT, &conn->status);
	}
	err = ctrack_change_apply(conn, &opening->change);
	if (err) {
		ctrack_conn_put(conn);
		return ERR_PTR(err);
	}
	return conn;
}

static int create(const struct ctrack_request *rq, struct opening *opening)
{
	struct ctrack_conn *conn;
	int err;

	/* Whatever has the reply key makes room if it is over. */
	ctrack_conn_put(ctrack_request_lookup(rq, &opening->key[CTRACK_REPLY],
					      &opening->zone));
	conn = allocate(rq, opening);
	if (IS_ERR(conn))
		return PTR_ERR(conn);
	rcu_read_lock();
	err = insert(rq, opening, conn);
	rcu_read_unlock();
	if (!err)
		tell(rq, conn);
	ctrack_conn_put(conn);
	return err;
}

static int update(const struct ctrack_request *rq, struct ctrack_conn *conn)
{
	const struct nlattr *id = rq->attr[CTA_ID];
	struct ctrack_change change = {};
	int err;

	err = ctrack_request_refuse(rq, ONLY_AT_FIRST,
				    "only for a connection that is new");
	if (err)
		return err;
	if (id && nla_get_u32(id) != ctrack_conn_id(conn)) {
		NL_SET_ERR_MSG_ATTR(rq->extack, id,
				    "another connection has this tuple");
		return -ENOENT;
	}
	err = read_change(rq, ctrack_conn_status(conn),
			  ctrack_conn_key(conn, CTRACK_ORIGINAL)->protonum,
			  &change);
	if (err)
		return err;
	if (change.has_timeout &&
	    test_bit(IPS_FIXED_TIMEOUT_BIT, &conn->status)) {
		NL_SET_ERR_MSG_ATTR(rq->extack, rq->attr[CTA_TIMEOUT],
				    "the connection's timeout is fixed");
		return -EPERM;
	}
	err = ctrack_change_apply(conn, &change);
	if (!err)
		tell(rq, conn);
	return err;
}

static int read_keys(const struct ctrack_request *rq, struct opening *opening)
{
	int err;

	ctrack_request_zone(rq, &opening->zone);
	if (!rq->attr[CTA_TUPLE_ORIG] && !rq->attr[CTA_TUPLE_REPLY]) {
		NL_SET_ERR_MSG(rq->extack, "no tuple is given");
		return -EINVAL;
	}
	if (rq->attr[CTA_TUPLE_ORIG]) {
		err = ctrack_request_key(rq, CTA_TUPLE_ORIG,
					 &opening->key[CTRACK_ORIGINAL],
					 &opening->zone);
		if (err)
			return err;
	}
	if (!rq->attr[CTA_TUPLE_REPLY])
		return 0;
	return ctrack_request_key(rq, CTA_TUPLE_REPLY,
				  &opening->key[CTRACK_REPLY], &opening->zone);
}

static struct ctrack_conn *lookup(const struct ctrack_request *rq,
				  const struct opening *opening)
{
	enum ctrack_direction direction = rq->attr[CTA_TUPLE_ORIG] ?
					  CTRACK_ORIGINAL : CTRACK_REPLY;

	return ctrack_request_lookup(rq, &opening->key[direction],
				     &opening->zone);
}

/**
 * ctrack_netlink_new - create or change a connection
 * @rq: request
 *
 * The connection is named by its original tuple or, to change it, by its reply
 * tuple alone. Where tracking is off, the table comes into being.
 *
 * Return: 0; -EEXIST when it is there and must not be; -ENOENT when it isn't
 * and is not to be created; another -errno.
 * Context: process.
 */
int ctrack_netlink_new(const struct ctrack_request *rq)
{
	u16 flags = rq->info->nlh->nlmsg_flags;
	struct opening opening = {};
	struct ctrack_conn *conn;
	int err;

	err = ctrack_request_refuse(rq, NOT_SETTABLE, "this can't be set");
	if (err)
		return err;
	err = ctrack_request_absent(rq);
	if (err)
		return err;
	err = read_keys(rq, &opening);
	if (err)
		return err;

	conn = lookup(rq, &opening);
	if (conn) {
		err = flags & NLM_F_EXCL ? -EEXIST : update(rq, conn);
		ctrack_conn_put(conn);
		return err;
	}
	if (!(flags & NLM_F_CREATE))
		return -ENOENT;
	if (!rq->attr[CTA_TUPLE_ORIG] || !rq->attr[CTA_TUPLE_REPLY]) {
		NL_SET_ERR_MSG(rq->extack, "a new connection needs both tuples");
		return -EINVAL;
	}
	err = read_opening(rq, &opening);
	if (!err)
		err = create(rq, &opening);
	ctrack_conn_put(opening.master);
	return err;
}
