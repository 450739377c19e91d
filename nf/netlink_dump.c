// SPDX-License-Identifier: GPL-2.0
/*
 * Walks over a namespace's connections: showing them, and ending them.
 *
 * A walk goes from bucket to bucket, takes references to what it finds in a
 * few of them, and does the rest without a lock. Its place lies between two buckets, where
 * it stays valid while the table grows and shrinks: what stood throughout is
 * shown once. It lies within a bucket only when that has more than a batch; if
 * the table is replaced then, some are shown twice, and the listing says so.
 */
#include <linux/slab.h>
#include <net/sock.h>

#include "nf/netlink_fill.h"
#include "nf/netlink_filter.h"
#include "nf/resend.h"

/* More than ever are in a bucket, by far: on average it is one or two. */
#define DUMP_BATCH	64
#define FLUSH_BATCH	32

/**
 * struct dump - between the messages of one dump
 * @filter: what is shown
 * @cursor: behind the buckets that @batch is from
 * @fill: what is shown of it
 * @first: the first of @batch that was not shown yet
 * @count: how many there are in @batch
 * @batch: connections, a reference held to each from @first on
 */
struct dump {
	struct ctrack_filter filter;
	struct ctrack_cursor cursor;
	u32 fill;
	unsigned int first;
	unsigned int count;
	struct ctrack_conn *batch[DUMP_BATCH];
};

/* What cb->data is to dump_start(). */
struct dump_arguments {
	struct ctrack_filter filter;
	u32 fill;
};

static int dump_start(struct netlink_callback *cb)
{
	const struct dump_arguments *arguments = cb->data;
	struct dump *dump = kzalloc(sizeof(*dump), GFP_KERNEL);

	if (!dump)
		return -ENOMEM;
	dump->filter = arguments->filter;
	dump->fill = arguments->fill;
	cb->data = dump;
	cb->seq = 1;
	if (ctrack_filter_active(&dump->filter))
		cb->answer_flags = NLM_F_DUMP_FILTERED;
	return 0;
}

static void dump_next_batch(struct netlink_callback *cb,
			    struct ctrack_net *cn)
{
	struct dump *dump = cb->data;
	const struct ctrack_search search = ctrack_filter_search(&dump->filter);

	dump->first = 0;
	dump->count = ctrack_table_walk(cn, &dump->cursor, &search, dump->batch,
					DUMP_BATCH);
	/* When some of a bucket comes twice, who reads is told (NLM_F_DUMP_INTR). */
	cb->seq = 1 + dump->cursor.anew;
}

static bool dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		     struct ctrack_conn *conn, u32 fill)
{
	const struct ctrack_message message = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.type = IPCTNL_MSG_CT_NEW,
		.flags = NLM_F_MULTI | cb->answer_flags,
		.fill = fill,
	};
	struct nlmsghdr *nlh = ctrack_netlink_put(skb, conn, &message);

	if (nlh)
		nl_dump_check_consistent(cb, nlh);
	return nlh;
}

static int dump_more(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ctrack_net *cn = ctrack_net(sock_net(skb->sk));
	struct dump *dump = cb->data;
	struct ctrack_conn *conn;

	for (;;) {
		for (; dump->first < dump->count; dump->first++) {
			conn = dump->batch[dump->first];
			/* It may have waited for this message for long. */
			if (ctrack_netlink_shown(conn) &&
			    !dump_one(skb, cb, conn, dump->fill))
				return skb->len ?: -EMSGSIZE;
			ctrack_conn_put(conn);
		}
		if (dump->cursor.done)
			return 0;
		dump_next_batch(cb, cn);
		cond_resched();
	}
}

static int dump_done(struct netlink_callback *cb)
{
	struct dump *dump = cb->data;

	for (; dump->first < dump->count; dump->first++)
		ctrack_conn_put(dump->batch[dump->first]);
	kfree(dump);
	return 0;
}

/* Nothing but what a filter is made of. */
static int refuse_no_filter(const struct ctrack_request *rq)
{
	u64 filter = BIT_ULL(CTA_MARK) | BIT_ULL(CTA_MARK_MASK) |
		     BIT_ULL(CTA_STATUS) | BIT_ULL(CTA_STATUS_MASK) |
		     BIT_ULL(CTA_ZONE) | BIT_ULL(CTA_FILTER);

	if (rq->attr[CTA_FILTER])
		filter |= BIT_ULL(CTA_TUPLE_ORIG) | BIT_ULL(CTA_TUPLE_REPLY);
	return ctrack_request_refuse(rq, ~filter, "this can't be filtered by");
}

/**
 * ctrack_netlink_dump - begin to show connections
 * @rq: a dump request
 * @skb: its packet
 * @fill: enum ctrack_fill, what is shown of each
 *
 * Return: -EINTR when it has begun, or another -errno.
 * Context: process.
 */
int ctrack_netlink_dump(const struct ctrack_request *rq, struct sk_buff *skb,
			u32 fill)
{
	struct dump_arguments arguments = {
		.fill = fill,
	};
	struct netlink_dump_control control = {
		.start = dump_start,
		.dump = dump_more,
		.done = dump_done,
		.data = &arguments,
	};
	const struct nfnl_info *info = rq->info;
	int err;

	/* Around a tuple to filter by, libraries pack a whole connection. */
	err = rq->attr[CTA_FILTER] ? 0 : refuse_no_filter(rq);
	if (err)
		return err;
	err = ctrack_request_filter(rq, &arguments.filter);
	if (err)
		return err;
	return netlink_dump_start(info->sk, skb, info->nlh, &control);
}

/* The place of the next one is in args[0]. */
static int dump_dying(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ctrack_net *cn = ctrack_net(sock_net(skb->sk));
	unsigned long next = cb->args[0];
	struct ctrack_conn *conn;
	bool room;

	while ((conn = ctrack_resend_next(cn, &next))) {
		room = dump_one(skb, cb, conn, CTRACK_FILL_LISTING);
		ctrack_conn_put(conn);
		if (!room)
			return skb->len ?: -EMSGSIZE;
		cb->args[0] = next;
		cond_resched();
	}
	return 0;
}

/**
 * ctrack_netlink_dump_dying - show the connections whose end is yet to be told
 * @rq: a dump request
 * @skb: its packet
 *
 * Return: as ctrack_netlink_dump().
 */
int ctrack_netlink_dump_dying(const struct ctrack_request *rq,
			      struct sk_buff *skb)
{
	struct netlink_dump_control control = {
		.dump = dump_dying,
	};

	return netlink_dump_start(rq->info->sk, skb, rq->info->nlh, &control);
}

static int dump_nothing(struct sk_buff *skb, struct netlink_callback *cb)
{
	return 0;
}

/**
 * ctrack_netlink_dump_nothing - show what there never is here
 * @rq: a request for the list of unconfirmed connections, or of expectations
 * @skb: its packet
 *
 * What is tentative is its packets' own, and may leave no trace.
 *
 * Return: as ctrack_netlink_dump().
 */
int ctrack_netlink_dump_nothing(const struct ctrack_request *rq,
				struct sk_buff *skb)
{
	struct netlink_dump_control control = {
		.dump = dump_nothing,
	};

	return netlink_dump_start(rq->info->sk, skb, rq->info->nlh, &control);
}

/**
 * ctrack_netlink_flush - end all connections that a filter takes
 * @rq: a delete request without a tuple, or with one to filter by
 *
 * Return: 0, also when there was none, or -errno.
 * Context: process.
 */
int ctrack_netlink_flush(const struct ctrack_request *rq)
{
	struct ctrack_conn *found[FLUSH_BATCH];
	struct ctrack_cursor cursor = {};
	struct ctrack_search search;
	struct ctrack_filter filter;
	unsigned int i, n;
	int err;

	err = refuse_no_filter(rq);
	if (err)
		return err;
	err = ctrack_request_filter(rq, &filter);
	if (err)
		return err;
	/* Version 0 has always meant all families, whichever it names. */
	if (!rq->info->nfmsg->version && !rq->attr[CTA_FILTER])
		filter.family = NFPROTO_UNSPEC;

	search = ctrack_filter_search(&filter);
	while (!cursor.done) {
		n = ctrack_table_walk(rq->cn, &cursor, &search, found, FLUSH_BATCH);
		for (i = 0; i < n; i++) {
			ctrack_conn_kill(found[i], CTRACK_CAUSE_deleted,
					 rq->portid, rq->report);
			ctrack_conn_put(found[i]);
		}
		/* What was found is gone: begin this bucket again. */
		cursor.position = 0;
		cond_resched();
	}
	return 0;
}
