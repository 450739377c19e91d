// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/once.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>

#include "nf/events.h"
#include "nf/expiry.h"
#include "nf/gc.h"
#include "nf/labels.h"
#include "nf/net.h"
#include "nf/policy.h"
#include "nf/probe_point.h"
#include "nf/template.h"

/* What code outside ctrack reads of a struct nf_conn, it must find in ours. */
#define SAME_PLACE(ours, theirs)					\
	static_assert(offsetof(struct ctrack_conn, ours) ==		\
		      offsetof(struct nf_conn, theirs))
SAME_PLACE(general, ct_general);
SAME_PLACE(lock, lock);
SAME_PLACE(timeout, timeout);
SAME_PLACE(zone, zone);
SAME_PLACE(half[CTRACK_ORIGINAL].key, tuplehash[IP_CT_DIR_ORIGINAL].tuple);
SAME_PLACE(half[CTRACK_REPLY].key, tuplehash[IP_CT_DIR_REPLY].tuple);
SAME_PLACE(status, status);
SAME_PLACE(net, ct_net);
SAME_PLACE(master, master);
SAME_PLACE(mark, mark);
SAME_PLACE(secmark, secmark);
SAME_PLACE(extensions, ext);

#define SAME_MEMBER(ours, theirs)					\
	static_assert(offsetof(struct ctrack_key, ours) ==		\
		      offsetof(struct nf_conntrack_tuple, theirs))
SAME_MEMBER(source, src.u3);
SAME_MEMBER(source_id, src.u);
SAME_MEMBER(l3num, src.l3num);
SAME_MEMBER(destination, dst.u3);
SAME_MEMBER(destination_id, dst.u);
SAME_MEMBER(protonum, dst.protonum);
SAME_MEMBER(direction, dst.dir);
static_assert(sizeof(struct ctrack_key) == sizeof(struct nf_conntrack_tuple));
static_assert((int)CTRACK_ORIGINAL == (int)IP_CT_DIR_ORIGINAL);

#if !defined(CONFIG_DEBUG_SPINLOCK) && !defined(CONFIG_DEBUG_LOCK_ALLOC) && \
	!defined(CONFIG_PREEMPT_RT)
/* Each packet looks at these, see Documentation/performance.rst. */
static_assert(offsetofend(struct ctrack_conn, events) <= 192);
static_assert(offsetofend(struct ctrack_conn, policy) <= 192);
static_assert(offsetofend(struct ctrack_conn, nat_ifindex) <= 192);
static_assert(offsetofend(struct ctrack_conn, state.udp) <= 192);
/* The slab keeps its free pointer behind the object: 256 bytes all in all. */
static_assert(sizeof(struct ctrack_conn) <= 256 - sizeof(void *));
#endif

static struct kmem_cache *cache __read_mostly;
static siphash_key_t id_secret __read_mostly;

/**
 * ctrack_conn_init - make the slab
 *
 * Return: 0 or -ENOMEM.
 */
int ctrack_conn_init(void)
{
	get_random_once(&id_secret, sizeof(id_secret));
	/* skb->_nfct has three bits of ctinfo in the pointer. */
	cache = kmem_cache_create("ctrack_conn", sizeof(struct ctrack_conn),
				  NFCT_INFOMASK + 1,
				  SLAB_TYPESAFE_BY_RCU | SLAB_HWCACHE_ALIGN, NULL);
	return cache ? 0 : -ENOMEM;
}

/**
 * ctrack_conn_exit - give the slab back; no connection is left
 */
void ctrack_conn_exit(void)
{
	kmem_cache_destroy(cache);
}

/* Takes a place below the limit; another connection may have to go for it. */
static bool take_place(struct ctrack_net *cn)
{
	unsigned int max = ctrack_net_max(cn);
	unsigned int count = atomic_inc_return(&cn->count);

	if (likely(!max || count <= max) || ctrack_gc_evict(cn)) {
		if (unlikely(count == 1))
			ctrack_gc_start(cn);
		return true;
	}
	atomic_dec(&cn->count);
	return false;
}

static void half_init(struct ctrack_half *half, const struct ctrack_key *key,
		      enum ctrack_direction direction)
{
	half->packets = 0;
	half->bytes = 0;
	half->key = *key;
	half->key.direction = direction;
}

/**
 * ctrack_conn_alloc - a new connection, in no table yet
 * @cn: namespace, started (see ctrack_net_start())
 * @zone: copied
 * @original: copied
 * @reply: copied
 * @state: copied
 * @gfp: GFP_ATOMIC or GFP_KERNEL
 *
 * Return: the connection with one reference, which is the caller's;
 * ERR_PTR(-ENFILE) when the namespace's table is full, ERR_PTR(-ENOMEM).
 */
struct ctrack_conn *ctrack_conn_alloc(struct ctrack_net *cn,
				      const struct nf_conntrack_zone *zone,
				      const struct ctrack_key *original,
				      const struct ctrack_key *reply,
				      const union ctrack_state *state, gfp_t gfp)
{
	struct ctrack_conn *conn;

	if (!take_place(cn))
		return ERR_PTR(-ENFILE);
	conn = kmem_cache_alloc(cache, gfp);
	if (!conn) {
		atomic_dec(&cn->count);
		return ERR_PTR(-ENOMEM);
	}

	/* A reader may still look at what lay here: it won't get a reference. */
	spin_lock_init(&conn->lock);
	conn->timeout = (u32)jiffies;
	conn->zone = *zone;
	half_init(&conn->half[CTRACK_ORIGINAL], original, CTRACK_ORIGINAL);
	half_init(&conn->half[CTRACK_REPLY], reply, CTRACK_REPLY);
	conn->status = IPS_CONFIRMED;
	write_pnet(&conn->net, cn->net);
	atomic_set(&conn->events, 0);
	conn->labels = 0;
	conn->refused = CTRACK_REASON_NONE;
	conn->timeout_kind = 0;
	conn->nat_ifindex = 0;
	conn->linked[CTRACK_ORIGINAL] = 0;
	conn->linked[CTRACK_REPLY] = 0;
	conn->policy = 0;
	conn->master = NULL;
	conn->mark = 0;
	conn->secmark = 0;
	conn->extensions = NULL;
	conn->state = *state;
	conn->start = 0;
	/* Pairs with the acquire in find_unlocked(). */
	smp_wmb();
	refcount_set(&conn->general.use, 1);
	return conn;
}

static void conn_free(struct ctrack_conn *conn)
{
	struct ctrack_net *cn;

	rcu_read_lock();
	cn = ctrack_net_rcu(ctrack_conn_net(conn));
	ctrack_table_remove(cn, conn);
	rcu_read_unlock();
	ctrack_labels_put(cn, conn->labels);
	kmem_cache_free(cache, conn);
	/* Last: who waits for zero frees @cn. */
	atomic_dec(&cn->count);
}

/**
 * ctrack_conn_destroy - the last reference is gone
 * @general: the connection's beginning
 *
 * A tentative connection is still in the table and leaves it now.
 *
 * Context: any but under a bucket lock.
 */
ctrack_probed void ctrack_conn_destroy(struct nf_conntrack *general)
{
	struct ctrack_conn *conn = container_of(general, struct ctrack_conn,
						general);
	struct ctrack_conn *master;

	if (test_bit(IPS_TEMPLATE_BIT, &conn->status)) {
		ctrack_template_free(conn);
		return;
	}
	/* Masters can have masters: a few, see nf/netlink_new.c. */
	do {
		master = conn->master;
		conn_free(conn);
		conn = master;
	} while (conn && refcount_dec_and_test(&conn->general.use));
}
EXPORT_SYMBOL_GPL(ctrack_conn_destroy);

static void commit_locked(struct ctrack_conn *conn, struct ctrack_net *cn)
{
	enum ctrack_timeout kind;

	/* It may have waited in a queue for long, and been given a timeout there. */
	if (conn->timeout_kind != CTRACK_TIMEOUT_COUNT) {
		kind = ctrack_proto_timeout(&conn->state,
					    conn->half[CTRACK_ORIGINAL].key.protonum);
		ctrack_conn_run_timeout(cn, conn, kind);
	}
	conn->start = READ_ONCE(cn->timestamp) ? ktime_get_real_ns() : 0;
	ctrack_conn_get(conn);
	/* The table's reference comes before anyone can give it back. */
	smp_mb__before_atomic();
	set_bit(CTRACK_COMMITTED_BIT, &conn->status);
	this_cpu_inc(cn->counts->opened);
	ctrack_conn_event(conn, conn->master ? IPCT_RELATED : IPCT_NEW);
}

/**
 * ctrack_conn_commit - make a tentative connection firm
 * @conn: a connection in the table, which the caller has a reference to
 *
 * The table gets a reference of its own. Does nothing to a connection that is
 * firm already.
 *
 * Return: false when another connection has its reply key, so that answers
 * would never find it.
 * Context: RCU held.
 */
ctrack_probed bool ctrack_conn_commit(struct ctrack_conn *conn)
{
	bool reserved = true;

	spin_lock_bh(&conn->lock);
	if (!ctrack_conn_committed(conn)) {
		reserved = likely(ctrack_table_reserved(conn)) ||
			   ctrack_table_reserve(conn);
		if (reserved)
			commit_locked(conn, ctrack_net_rcu(ctrack_conn_net(conn)));
	}
	spin_unlock_bh(&conn->lock);
	return reserved;
}

/**
 * ctrack_conn_kill - end a committed connection
 * @conn: the connection, which the caller has a reference to
 * @cause: why, for who traces
 * @portid: who asked for it through netlink, or 0
 * @report: whether that one wants to hear of it
 *
 * It leaves the table, the event is told, and the table's reference is put.
 *
 * Return: false when it is not committed, or another was first.
 * Context: any but under the connection's or a bucket's lock.
 */
ctrack_probed bool ctrack_conn_kill(struct ctrack_conn *conn,
				    enum ctrack_cause cause, u32 portid,
				    bool report)
{
	if (!ctrack_conn_committed(conn) ||
	    test_and_set_bit(IPS_DYING_BIT, &conn->status))
		return false;
	rcu_read_lock();
	ctrack_table_remove(ctrack_net_rcu(ctrack_conn_net(conn)), conn);
	rcu_read_unlock();
	ctrack_events_destroy(conn, portid, report);
	ctrack_conn_put(conn);
	return true;
}
EXPORT_SYMBOL_GPL(ctrack_conn_kill);

/**
 * ctrack_conn_expire - end a connection if its time is over
 * @conn: the connection, which the caller has a reference to
 *
 * Return: false when it isn't, or another was first.
 * Context: as ctrack_conn_kill().
 */
bool ctrack_conn_expire(struct ctrack_conn *conn)
{
	return ctrack_conn_committed(conn) && ctrack_conn_expired(conn) &&
	       ctrack_conn_kill(conn, CTRACK_CAUSE_expired, 0, false);
}
EXPORT_SYMBOL_GPL(ctrack_conn_expire);

/**
 * ctrack_conn_id - a number that tells connections apart
 * @conn: the connection
 *
 * Return: the same for a connection's whole life; another one for the next
 * that uses its memory or its key (CTA_ID, `ct id`).
 */
u32 ctrack_conn_id(const struct ctrack_conn *conn)
{
	const struct ctrack_key *key = ctrack_conn_key(conn, CTRACK_ORIGINAL);
	u64 low = (u64)(__force u32)key->source.all[0] << 32 |
		  (__force u32)key->destination.all[0];

	return siphash_4u64((unsigned long)conn, low,
			    (u64)(__force u16)key->source_id.all << 32 |
			    (u64)(__force u16)key->destination_id.all << 16 |
			    key->protonum,
			    (u64)key->source.all[3] << 32 | key->destination.all[3],
			    &id_secret);
}
