/* SPDX-License-Identifier: GPL-2.0 */
/*
 * policy.c APIs: sets of timeouts that take the place of the namespace's for
 * some connections (nft's `ct timeout`, and iptables' `CT --timeout`).
 *
 * A connection has no room for a pointer, and counting its connections would
 * make a policy's cache line travel between all CPUs. It has the policy's
 * number, and nobody counts: who removes a policy looks for the connections
 * that have it and gives them back to the namespace's timeouts. It can, because
 * each is in the table before a rule of nft sees it, and no rule gives out a
 * policy that is being removed.
 *
 * A packet that read a number just before may look it up when it is gone, and
 * finds nothing. So does one that got it before it was tracked (CT --timeout)
 * and opens its connection when it is gone. Numbers go round, so that it will
 * not be another's already; and if it were: a policy has all timeouts there
 * are, whatever its protocol.
 */
#ifndef CTRACK_POLICY_H
#define CTRACK_POLICY_H

#include "nf/expiry.h"
#include "nf/net.h"

/**
 * struct ctrack_policy - timeouts for some connections of a namespace
 * @timeout: jiffies, by enum ctrack_timeout; single words, that change when the
 *	user changes the policy
 * @id: its number in the namespace, never 0; immutable
 * @rcu: defers its end
 */
struct ctrack_policy {
	unsigned int timeout[CTRACK_TIMEOUT_COUNT];
	u16 id;
	struct rcu_head rcu;
};

void ctrack_policy_init(struct ctrack_net *cn);
int ctrack_policy_add(struct ctrack_net *cn, struct ctrack_policy *policy);
void ctrack_policy_forget(struct ctrack_net *cn,
			  const struct ctrack_policy *policy);
void ctrack_policy_remove(struct ctrack_net *cn, struct ctrack_policy *policy);
void ctrack_policy_give(struct ctrack_conn *conn,
			const struct ctrack_policy *policy);

/**
 * ctrack_conn_timeouts - the timeouts of a connection
 * @cn: its namespace
 * @conn: the connection
 *
 * Context: RCU held.
 * Return: jiffies, by enum ctrack_timeout.
 */
static inline const unsigned int *
ctrack_conn_timeouts(struct ctrack_net *cn, const struct ctrack_conn *conn)
{
	const unsigned int *timeouts = cn->timeout;
	const struct ctrack_policy *policy;
	u16 id = READ_ONCE(conn->policy);

	if (unlikely(id)) {
		policy = xa_load(&cn->policies, id);
		if (policy)
			timeouts = policy->timeout;
	}
	return timeouts;
}

/**
 * ctrack_conn_run_timeout - have a connection live as long as one timeout says
 * @cn: its namespace
 * @conn: the connection
 * @kind: which timeout
 *
 * Context: RCU held; the connection's lock held, or it is in no table yet.
 */
static inline void ctrack_conn_run_timeout(struct ctrack_net *cn,
					   struct ctrack_conn *conn,
					   enum ctrack_timeout kind)
{
	const unsigned int *timeouts = ctrack_conn_timeouts(cn, conn);

	ctrack_conn_set_timeout(conn, (u32)jiffies + READ_ONCE(timeouts[kind]), kind);
}

#endif
