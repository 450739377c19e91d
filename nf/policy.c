// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "nf/expiry.h"
#include "nf/policy.h"

#define BATCH	16

/**
 * ctrack_policy_init - a namespace's policies, of which there are none yet
 * @cn: namespace
 */
void ctrack_policy_init(struct ctrack_net *cn)
{
	xa_init_flags(&cn->policies, XA_FLAGS_ALLOC1);
	INIT_LIST_HEAD(&cn->timeout_names);
}

/**
 * ctrack_policy_add - begin with a policy
 * @cn: namespace
 * @policy: allocated by the caller, its timeouts filled in; owned by the
 *	namespace from now on, until ctrack_policy_remove()
 *
 * Return: 0; -ENOSPC when there are too many; -ENOMEM. Then it is still the
 * caller's.
 * Context: process.
 */
int ctrack_policy_add(struct ctrack_net *cn, struct ctrack_policy *policy)
{
	const struct xa_limit limit = XA_LIMIT(1, U16_MAX);
	u32 id;
	int err;

	err = xa_alloc_cyclic(&cn->policies, &id, policy, limit,
			      &cn->next_policy, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err == -EBUSY ? -ENOSPC : err;
	policy->id = id;
	return 0;
}

static bool has_policy(const struct ctrack_conn *conn, void *data)
{
	const struct ctrack_policy *policy = data;

	return READ_ONCE(conn->policy) == policy->id;
}

/**
 * ctrack_policy_forget - take a policy away from the connections that have it
 * @cn: namespace
 * @policy: the policy
 *
 * They keep the time that they have left; from their next packet on the
 * namespace's timeouts count. In a namespace that leaves nobody asks any more.
 *
 * Context: process.
 */
void ctrack_policy_forget(struct ctrack_net *cn,
			  const struct ctrack_policy *policy)
{
	const struct ctrack_search search = {
		.wanted = has_policy,
		.data = (void *)policy,
	};
	struct ctrack_cursor cursor = {};
	struct ctrack_conn *found[BATCH];
	unsigned int i, n;

	if (!check_net(cn->net) || !atomic_read(&cn->count))
		return;
	while (!cursor.done) {
		n = ctrack_table_walk(cn, &cursor, &search, found, BATCH);
		for (i = 0; i < n; i++) {
			WRITE_ONCE(found[i]->policy, 0);
			ctrack_conn_put(found[i]);
		}
		cond_resched();
	}
}

/**
 * ctrack_policy_remove - end a policy
 * @cn: namespace
 * @policy: one that nobody gives to a connection any more; taken away from
 *	those that have it, and freed
 *
 * Context: process.
 */
void ctrack_policy_remove(struct ctrack_net *cn, struct ctrack_policy *policy)
{
	ctrack_policy_forget(cn, policy);
	xa_erase(&cn->policies, policy->id);
	kfree_rcu(policy, rcu);
}

/**
 * ctrack_policy_give - let a connection live by a policy
 * @conn: the connection, in the table; one that is firm, or has a policy, is
 *	left as it is
 * @policy: the policy
 *
 * Context: any but under the connection's or a bucket's lock; RCU held.
 */
void ctrack_policy_give(struct ctrack_conn *conn,
			const struct ctrack_policy *policy)
{
	struct ctrack_net *cn = ctrack_net(ctrack_conn_net(conn));
	enum ctrack_timeout kind;

	if (ctrack_conn_committed(conn))
		return;
	spin_lock_bh(&conn->lock);
	if (!ctrack_conn_committed(conn) && !conn->policy) {
		WRITE_ONCE(conn->policy, policy->id);
		kind = ctrack_proto_timeout(&conn->state,
					    conn->half[CTRACK_ORIGINAL].key.protonum);
		/* It runs from the commit on; rules can ask for it before. */
		ctrack_conn_run_timeout(cn, conn, kind);
	}
	spin_unlock_bh(&conn->lock);
}
