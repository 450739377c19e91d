// SPDX-License-Identifier: GPL-2.0
/* Telling listeners what becomes of connections, by ctnetlink's groups. */
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "nf/events.h"
#include "nf/net.h"
#include "nf/netlink_fill.h"
#include "nf/resend.h"

#define OPENING	(BIT(IPCT_NEW) | BIT(IPCT_RELATED))

static bool wanted(const struct ctrack_net *cn, unsigned int group, bool report)
{
	return READ_ONCE(cn->events_on) &&
	       (report || nfnetlink_has_listeners(cn->net, group));
}

/* False when one who must not miss it had no room for it. */
static bool send(struct ctrack_conn *conn, unsigned int group, bool report,
		 const struct ctrack_message *message)
{
	struct net *net = ctrack_conn_net(conn);
	struct sk_buff *skb;
	int err;

	skb = nlmsg_new(ctrack_netlink_size(conn), GFP_ATOMIC);
	if (!skb || !ctrack_netlink_put(skb, conn, message)) {
		kfree_skb(skb);
		/* Listeners learn that they missed something, or don't care to. */
		return nfnetlink_set_err(net, 0, group, -ENOBUFS) <= 0;
	}
	/* Whose buffer is full is told so on the way. */
	err = nfnetlink_send(skb, net, message->portid, group, report,
			     GFP_ATOMIC);
	return err != -ENOBUFS && err != -EAGAIN;
}

/* What goes with which event; the rest has not changed. */
static u32 fill_of(unsigned int events)
{
	u32 fill = CTRACK_FILL_TIMEOUT | CTRACK_FILL_EVENT | CTRACK_FILL_SECCTX;

	if (events & BIT(IPCT_PROTOINFO))
		fill |= CTRACK_FILL_PROTOINFO;
	if (events & BIT(IPCT_MARK))
		fill |= CTRACK_FILL_MARK;
	if (events & BIT(IPCT_LABEL))
		fill |= CTRACK_FILL_LABELS;
	if (events & BIT(IPCT_RELATED))
		fill |= CTRACK_FILL_MASTER;
	return fill;
}

static unsigned int group_of(unsigned int events)
{
	return events & OPENING ? NFNLGRP_CONNTRACK_NEW : NFNLGRP_CONNTRACK_UPDATE;
}

static noinline void tell(struct ctrack_conn *conn, u32 portid, bool report)
{
	unsigned int events = atomic_fetch_andnot(CTRACK_EVENTS_MASK,
						  &conn->events) &
			      CTRACK_EVENTS_MASK;
	struct ctrack_message message = {
		.portid = portid,
		.type = IPCTNL_MSG_CT_NEW,
		.flags = events & OPENING ? NLM_F_CREATE | NLM_F_EXCL : 0,
		.fill = fill_of(events),
	};

	/* Nobody hears of a connection after its end. */
	if (!(events & ctrack_conn_events_wanted(conn)) || ctrack_conn_dying(conn))
		return;
	if (!send(conn, group_of(events), report, &message))
		atomic_or(events, &conn->events);
}

/**
 * ctrack_events_tell - tell what was noted with ctrack_conn_event()
 * @conn: a committed connection, which the caller has a reference to
 * @portid: who caused it through netlink, or 0
 * @report: whether that one wants to hear of it even without listening
 *
 * Each event is told once, whoever comes first; all that are there go into one
 * message. Costs next to nothing where nobody listens. What a listener that must
 * not miss it (NETLINK_BROADCAST_ERROR) had no room for is told with the next
 * packet's events.
 *
 * Context: RCU held, neither the connection's nor a bucket's lock.
 */
void ctrack_events_tell(struct ctrack_conn *conn, u32 portid, bool report)
{
	const struct ctrack_net *cn = ctrack_net_rcu(ctrack_conn_net(conn));
	unsigned int events = ctrack_conn_events(conn);

	if (likely(!wanted(cn, group_of(events), report)))
		atomic_andnot(events, &conn->events);
	else
		tell(conn, portid, report);
}

/**
 * ctrack_events_tell_end - tell that a connection is over
 * @conn: a connection with IPS_DYING, which the caller has a reference to
 * @portid: who asked for it through netlink, or 0
 * @report: whether that one wants to hear of it even without listening
 *
 * Return: false when a listener that must not miss it had no room for it.
 * Context: any but under the connection's or a bucket's lock.
 */
bool ctrack_events_tell_end(struct ctrack_conn *conn, u32 portid, bool report)
{
	const struct ctrack_message message = {
		.portid = portid,
		.type = IPCTNL_MSG_CT_DELETE,
		.fill = CTRACK_FILL_FINAL | CTRACK_FILL_TIMEOUT |
			CTRACK_FILL_PROTOINFO | CTRACK_FILL_COUNTERS |
			CTRACK_FILL_TIMESTAMP | CTRACK_FILL_EVENT,
	};

	if (!(ctrack_conn_events_wanted(conn) & BIT(IPCT_DESTROY)) ||
	    !wanted(ctrack_net(ctrack_conn_net(conn)), NFNLGRP_CONNTRACK_DESTROY,
		    report))
		return true;
	return send(conn, NFNLGRP_CONNTRACK_DESTROY, report, &message);
}

/**
 * ctrack_events_destroy - tell that a connection is over, now or later
 * @conn: a connection with IPS_DYING, which the caller has a reference to
 * @portid: who asked for it through netlink, or 0
 * @report: whether that one wants to hear of it even without listening
 *
 * Context: any but under the connection's or a bucket's lock.
 */
void ctrack_events_destroy(struct ctrack_conn *conn, u32 portid, bool report)
{
	if (!ctrack_events_tell_end(conn, portid, report))
		ctrack_resend_keep(conn, portid);
}
