// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "nf/events.h"
#include "nf/resend.h"

/* How long a listener is given to make room: from, and at most. */
#define WAIT_MIN	msecs_to_jiffies(10)
#define WAIT_MAX	HZ

/**
 * struct untold - an end that is yet to be told
 * @conn: the connection; a reference is held
 * @portid: who asked for it through netlink, or 0
 *
 * That one was told by the answer, or had no room for it: what is told later is
 * for listeners, who would get it again and again for the sake of one who does
 * not read.
 *
 * Taken away and freed by the namespace's work alone, and by who has stopped it.
 */
struct untold {
	struct ctrack_conn *conn;
	u32 portid;
};

static void forget(struct ctrack_net *cn, unsigned long index)
{
	struct untold *untold = xa_erase_bh(&cn->untold, index);

	ctrack_conn_put(untold->conn);
	kfree(untold);
}

/* The oldest first, as far as there is room. */
static void resend(struct work_struct *work)
{
	struct ctrack_net *cn = container_of(to_delayed_work(work),
					     struct ctrack_net, resend);
	struct untold *untold;
	unsigned long index;

	cn->resend_wait = min_t(unsigned int, 2 * cn->resend_wait, WAIT_MAX);
	xa_for_each(&cn->untold, index, untold) {
		if (!ctrack_events_tell_end(untold->conn, untold->portid, false)) {
			queue_delayed_work(ctrack_workqueue, &cn->resend,
					   cn->resend_wait);
			return;
		}
		forget(cn, index);
		cn->resend_wait = WAIT_MIN;
		cond_resched();
	}
}

/**
 * ctrack_resend_init - nothing is to be told again yet
 * @cn: namespace
 */
void ctrack_resend_init(struct ctrack_net *cn)
{
	xa_init_flags(&cn->untold, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_BH);
	INIT_DELAYED_WORK(&cn->resend, resend);
	cn->resend_wait = WAIT_MIN;
}

/**
 * ctrack_resend_discard - give up what is yet to be told
 * @cn: a namespace that leaves; may sleep
 */
void ctrack_resend_discard(struct ctrack_net *cn)
{
	struct untold *untold;
	unsigned long index;

	cancel_delayed_work_sync(&cn->resend);
	xa_for_each(&cn->untold, index, untold) {
		forget(cn, index);
		cond_resched();
	}
}

/**
 * ctrack_resend_keep - tell the end of a connection again later
 * @conn: a connection with IPS_DYING, which the caller has a reference to
 * @portid: who asked for it through netlink, or 0
 *
 * Return: false when there is no memory for it.
 * Context: any but under the connection's or a bucket's lock.
 */
bool ctrack_resend_keep(struct ctrack_conn *conn, u32 portid)
{
	struct ctrack_net *cn = ctrack_net(ctrack_conn_net(conn));
	struct untold *untold = kmalloc(sizeof(*untold), GFP_ATOMIC);
	u32 index;

	if (!untold)
		return false;
	untold->conn = conn;
	untold->portid = portid;
	ctrack_conn_get(conn);
	if (xa_alloc_cyclic_bh(&cn->untold, &index, untold, xa_limit_32b,
			       &cn->next_untold, GFP_ATOMIC) < 0) {
		ctrack_conn_put(conn);
		kfree(untold);
		return false;
	}
	queue_delayed_work(ctrack_workqueue, &cn->resend, WAIT_MIN);
	return true;
}

/**
 * ctrack_resend_next - go through the connections whose end is yet to be told
 * @cn: namespace
 * @place: where to go on, 0 at first; moved
 *
 * Return: a connection with a reference taken, or NULL when there are no more.
 */
struct ctrack_conn *ctrack_resend_next(struct ctrack_net *cn,
				       unsigned long *place)
{
	struct ctrack_conn *conn = NULL;
	struct untold *untold;

	xa_lock_bh(&cn->untold);
	untold = xa_find(&cn->untold, place, ULONG_MAX, XA_PRESENT);
	if (untold) {
		++*place;
		conn = untold->conn;
		ctrack_conn_get(conn);
	}
	xa_unlock_bh(&cn->untold);
	return conn;
}
