/* SPDX-License-Identifier: GPL-2.0 */
/* What ctrack keeps for each network namespace. */
#ifndef CTRACK_NET_H
#define CTRACK_NET_H

#include <linux/percpu.h>
#include <linux/ratelimit.h>
#include <linux/rbtree.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "nf/conn.h"
#include "nf/hash.h"
#include "nf/table.h"

/**
 * struct ctrack_counts - what one CPU counted in one namespace
 * @reason: packets refused, by reason
 * @opened: connections that became firm
 * @evicted: connections that had to make room for others
 * @taken: reply keys that NAT wanted and another connection had
 * @examined: connections that walks looked at
 */
struct ctrack_counts {
	u64 reason[CTRACK_REASON_COUNT];
	u64 opened;
	u64 evicted;
	u64 taken;
	u64 examined;
};

/**
 * struct ctrack_net - a namespace
 * @net: the namespace itself
 * @table: buckets; NULL until tracking is first asked for; RCU, written under
 *	@table_mutex
 * @port_spaces: where most ports are taken; NULL when nowhere, see port_space.c;
 *	RCU, written under @port_spaces_lock
 * @port_spaces_lock: a leaf
 * @table_mutex: serializes growing, shrinking and the table's coming and going
 * @resize: grows and shrinks @table
 * @left_table: what @table was, in a namespace that leaves
 * @secret: nobody can aim at a bucket; immutable
 * @order_min: binary logarithm of the fewest buckets it takes; a single word
 * @max: the most there may be; 0 for no limit (sysctl)
 * @gc: expires connections
 * @counts: by reason
 * @users: rules, and `ctctl on`, that need tracking, by family: [0] IPv4,
 *	[1] IPv6; under net.c's mutex
 * @on: `ctctl on` is one of the users; under net.c's mutex
 * @timeout: jiffies, by enum ctrack_timeout (sysctl)
 * @policies: further sets of timeouts, by number; RCU; see policy.h
 * @next_policy: where the next number is looked for; under the lock of @policies
 * @timeout_names: those of them that have a name; under timeout_name.c's mutex
 * @timeout_names_seq: changes when a name comes or goes; under the same
 * @label_sets: sets of labels, by number; its lock protects @label_tree, too
 * @label_tree: the same sets, by their labels; see labels.h
 * @untold: connections whose end is yet to be told, see resend.h
 * @next_untold: where the next number is looked for; under the lock of @untold
 * @resend: tells it again
 * @resend_wait: jiffies to wait when there is no room; only @resend uses it
 * @options: for the protocol steps (sysctl)
 * @account: count packets and bytes (sysctl)
 * @checksum: verify checksums of incoming packets (sysctl)
 * @log_invalid: log invalid packets of this protocol, 255 for all (sysctl)
 * @log_limit: how many of them
 * @events_on: tell events to listeners (sysctl)
 * @timestamp: note when a connection starts (sysctl)
 * @sysctl: the directory's handle
 * @count: connections, tentative ones included
 * @apart: of these, those whose reply key has a slot of its own
 */
struct ctrack_net {
	struct net *net;
	struct ctrack_table __rcu *table;
	struct ctrack_port_spaces __rcu *port_spaces;
	spinlock_t port_spaces_lock;	/* see above */
	struct mutex table_mutex;	/* see above */
	struct work_struct resize;
	struct ctrack_table *left_table;
	struct ctrack_secret secret;
	unsigned int order_min;
	unsigned int max;
	struct delayed_work gc;
	struct ctrack_counts __percpu *counts;
	unsigned int users[2];
	bool on;

	unsigned int timeout[CTRACK_TIMEOUT_COUNT];
	struct xarray policies;
	u32 next_policy;
	struct list_head timeout_names;
	unsigned int timeout_names_seq;
	struct xarray label_sets;
	struct rb_root label_tree;
	struct xarray untold;
	u32 next_untold;
	struct delayed_work resend;
	unsigned int resend_wait;
	struct ctrack_options options;
	u8 account;
	u8 checksum;
	u8 log_invalid;
	u8 events_on;
	u8 timestamp;
	struct ratelimit_state log_limit;
	struct ctl_table_header *sysctl;

	/* In a line by themselves, for nobody else to wait for. */
	atomic_t count ____cacheline_aligned_in_smp;
	atomic_t apart;
};

extern unsigned int ctrack_net_id;
extern const struct ctrack_net *ctrack_net_initial;
extern struct workqueue_struct *ctrack_workqueue;

/**
 * ctrack_net - ctrack's part of a namespace
 * @net: the namespace
 *
 * Return: never NULL while the module is loaded.
 */
static inline struct ctrack_net *ctrack_net(const struct net *net)
{
	return net_generic(net, ctrack_net_id);
}

/**
 * ctrack_net_rcu - the same, for who holds RCU anyway
 * @net: the namespace
 *
 * Return: as ctrack_net().
 * Context: RCU held; a packet's way, which would take it again several times.
 */
static inline struct ctrack_net *ctrack_net_rcu(const struct net *net)
{
	return rcu_dereference(net->gen)->ptr[ctrack_net_id];
}

/**
 * ctrack_hash - where a key belongs
 * @cn: namespace, whose secret nobody else's entries give a hint at
 * @key: the key
 * @zone: its zone
 *
 * Return: as ctrack_key_hash().
 */
static inline u32 ctrack_hash(const struct ctrack_net *cn,
			      const struct ctrack_key *key, u16 zone)
{
	return ctrack_key_hash(&cn->secret, key, zone);
}

/**
 * ctrack_conn_hash - where a key of a connection belongs
 * @cn: the connection's namespace
 * @conn: the connection
 * @direction: which key
 *
 * Return: as ctrack_hash().
 */
static inline u32 ctrack_conn_hash(const struct ctrack_net *cn,
				   const struct ctrack_conn *conn,
				   enum ctrack_direction direction)
{
	return ctrack_hash(cn, ctrack_conn_key(conn, direction),
			   ctrack_zone_id(&conn->zone, direction));
}

/**
 * ctrack_net_max - how many connections a namespace may have
 * @cn: namespace
 *
 * Return: its own limit, or that of the initial namespace where it is lower;
 * 0 for none.
 */
static inline unsigned int ctrack_net_max(const struct ctrack_net *cn)
{
	unsigned int given = READ_ONCE(ctrack_net_initial->max);
	unsigned int max = READ_ONCE(cn->max);

	return max && (!given || max < given) ? max : given;
}

int ctrack_net_init(void);
void ctrack_net_exit(void);

int ctrack_net_start(struct ctrack_net *cn);
int ctrack_net_get(struct net *net, u8 family);
void ctrack_net_put(struct net *net, u8 family);
int ctrack_net_on(struct net *net);
void ctrack_net_off(struct net *net);
unsigned int ctrack_net_rules(struct ctrack_net *cn);

#endif
