// SPDX-License-Identifier: GPL-2.0
/*
 * Each second, the collector of a namespace ends what has expired; see expiry.c.
 * It sleeps while the table is empty. Look-ups take away what has expired
 * before it comes round.
 */
#include "nf/expiry.h"
#include "nf/gc.h"
#include "nf/net.h"
#include "nf/port_space.h"

#define INTERVAL	HZ
#define BATCH		16
/* How long a port space stays that is of no use. */
#define SPACE_IDLE	(10 * HZ)
/* Buckets that a packet looks through for one that can go. */
#define EVICT_BUCKETS	16

static bool expendable(const struct ctrack_conn *conn, void *data)
{
	return ctrack_conn_committed(conn) &&
	       (ctrack_conn_expired(conn) ||
		!test_bit(IPS_ASSURED_BIT, &conn->status));
}

static bool committed(const struct ctrack_conn *conn, void *data)
{
	return ctrack_conn_committed(conn);
}

static void collect(struct work_struct *work)
{
	struct ctrack_net *cn = container_of(to_delayed_work(work),
					     struct ctrack_net, gc);
	struct ctrack_conn *found[BATCH];
	unsigned int i, n;
	u64 at = 0;

	while (at < CTRACK_EXPIRY_END) {
		n = ctrack_expiry_collect(cn, &at, found, BATCH);
		for (i = 0; i < n; i++) {
			/* A packet may have prolonged it in between. */
			if (!ctrack_conn_expire(found[i]))
				ctrack_expiry_note(found[i]);
			ctrack_conn_put(found[i]);
		}
		cond_resched();
	}
	ctrack_table_shrink(cn);
	ctrack_port_spaces_age(cn, SPACE_IDLE);
	if (atomic_read(&cn->count) || rcu_access_pointer(cn->port_spaces))
		ctrack_gc_start(cn);
}

/**
 * ctrack_gc_init - make a namespace's collector, asleep
 * @cn: namespace
 */
void ctrack_gc_init(struct ctrack_net *cn)
{
	INIT_DELAYED_WORK(&cn->gc, collect);
}

/**
 * ctrack_gc_start - wake it: there is something in the table
 * @cn: namespace
 */
void ctrack_gc_start(struct ctrack_net *cn)
{
	queue_delayed_work(ctrack_workqueue, &cn->gc, INTERVAL);
}

/**
 * ctrack_gc_stop - stop it for good
 * @cn: namespace; may sleep
 */
void ctrack_gc_stop(struct ctrack_net *cn)
{
	cancel_delayed_work_sync(&cn->gc);
}

/* Ends one of the next bucket; returns whether that made room. */
static bool evict(struct ctrack_net *cn, struct ctrack_cursor *cursor)
{
	struct ctrack_conn *conn;
	bool room = false;

	if (!ctrack_table_collect(cn, cursor, expendable, NULL, &conn, 1))
		return false;
	/*
	 * Nobody else may hold it: packets in queues, or whom it is the master of.
	 * And a packet may have had it assured in between.
	 */
	if (refcount_read(&conn->general.use) == 2 && expendable(conn, NULL) &&
	    ctrack_conn_kill(conn, CTRACK_CAUSE_evicted, 0, false)) {
		this_cpu_inc(cn->counts->evicted);
		/* Its end may be yet to be told: then it still counts. */
		room = refcount_read(&conn->general.use) == 1;
	}
	ctrack_conn_put(conn);
	return room;
}

/**
 * ctrack_gc_evict - end one connection that is not worth much
 * @cn: a namespace whose table is full
 *
 * It looks at a random place, so that no flood can choose its victim. While the
 * end of others is yet to be told none is ended: it would only join them.
 *
 * Return: true when one made room.
 * Context: softirq; looks through a bounded number of buckets.
 */
bool ctrack_gc_evict(struct ctrack_net *cn)
{
	struct ctrack_cursor cursor = {
		.hash = get_random_u32(),
	};
	unsigned int i;

	for (i = 0; i < EVICT_BUCKETS && xa_empty(&cn->untold); i++) {
		if (evict(cn, &cursor))
			return true;
		if (cursor.done)
			cursor = (struct ctrack_cursor){};
	}
	return false;
}

/**
 * ctrack_gc_flush - end every committed connection of a namespace
 * @cn: namespace
 *
 * Context: process.
 */
void ctrack_gc_flush(struct ctrack_net *cn)
{
	struct ctrack_conn *found[BATCH];
	struct ctrack_cursor cursor = {};
	unsigned int i, n;

	while (!cursor.done) {
		n = ctrack_table_collect(cn, &cursor, committed, NULL, found, BATCH);
		for (i = 0; i < n; i++) {
			ctrack_conn_kill(found[i], CTRACK_CAUSE_namespace_left, 0, false);
			ctrack_conn_put(found[i]);
		}
		cond_resched();
	}
}
