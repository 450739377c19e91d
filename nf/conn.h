/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection: one object, from its first packet to the last reference.
 *
 * Life: allocated by the first packet and put into the table at once, both
 * keys. Until a packet of it leaves the last hook it is tentative: the packets
 * own it, and when the last of them is dropped the entry goes with it.
 * ctrack_conn_commit() gives the table a reference of its own, and
 * ctrack_conn_committed() tells. ctrack_conn_kill() takes the entry out of the table and
 * gives that reference back; IPS_DYING tells, and is set once only.
 *
 * Lock order: ctrack_conn.lock, then bucket locks (lower address first, old
 * table before new). No reference is put under a bucket lock, because the last
 * put takes bucket locks itself.
 */
#ifndef CTRACK_CONN_H
#define CTRACK_CONN_H

#include <linux/jiffies.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_zones_common.h>

#include "nf/key.h"
#include "nf/uapi_trace.h"
#include "proto/proto.h"

struct ctrack_net;

extern const struct nf_conntrack_zone ctrack_default_zone;

/**
 * struct ctrack_half - what a connection has once for each direction
 * @packets: counter; written under the connection's lock, read without
 * @bytes: counter, IP headers included; the same
 * @key: original direction: immutable. Reply direction: written by
 *	ctrack_table_rekey() under the connection's lock while no bucket points
 *	at it; readers look at it through ctrack_table_find() or hold the lock
 */
struct ctrack_half {
	u64 packets;
	u64 bytes;
	struct ctrack_key key;
};

/**
 * struct ctrack_conn - a connection
 * @general: reference count; code outside ctrack takes and puts references too
 * @lock: protects @state, the writing of the reply key, and NAT binding
 * @timeout: the jiffy at which it expires; written under @lock, read without,
 *	see ctrack_conn_set_timeout()
 * @zone: immutable
 * @half: by direction
 * @status: IPS_* bits, atomic
 * @net: immutable
 * @events: IPCT_* bits: those that are yet to be told and, in the upper half,
 *	those that are not wanted (`ct event set`); atomic
 * @labels: the number of its set of labels, see labels.h; 0 for none; written
 *	under @lock
 * @refused: why it refused a packet last, enum ctrack_reason; any CPU writes it
 * @timeout_kind: which timeout set @timeout, enum ctrack_timeout, or
 *	%CTRACK_TIMEOUT_COUNT: a user did; written with it
 * @nat_ifindex: the device whose address a masquerade uses, or 0; under @lock
 * @linked: whether the table points at the key, by direction, and then the
 *	number of the slot in which it was put, counted from 1; under that key's
 *	bucket lock
 * @policy: whose timeouts it has instead of the namespace's, a number for
 *	policy.c; 0: the namespace's. Set by who allocates, or under @lock while
 *	it is tentative; cleared by who removes the policy
 * @master: the connection that this one was expected by, or NULL; immutable
 * @mark: any CPU writes it
 * @secmark: any CPU writes it
 * @extensions: always NULL: there are none
 * @state: the protocol's; under @lock
 * @start: when it was committed, real time in ns; 0: nobody wanted to know.
 *	Written by the committer
 * @hash: before that, those of its keys, see ctrack_hash(); written by who
 *	inserts it, and under @lock with the reply key
 *
 * Code outside ctrack reads skb->_nfct as a struct nf_conn; up to @extensions
 * the fields lie where it looks for them, which conn.c asserts. What each packet
 * looks at is not beyond the third cache line, but for a state that goes on.
 */
struct ctrack_conn {
	struct nf_conntrack general;
	spinlock_t lock;	/* see above */
	u32 timeout;
	struct nf_conntrack_zone zone;
	struct ctrack_half half[CTRACK_DIRECTIONS];
	unsigned long status;
	possible_net_t net;
	atomic_t events;
	u16 labels;
	u8 refused;
	u8 timeout_kind;
	u32 nat_ifindex;
	u8 linked[CTRACK_DIRECTIONS];
	u16 policy;
	struct ctrack_conn *master;
	u32 mark;
	u32 secmark;
	void *extensions;

	union ctrack_state state;
	union {
		u64 start;
		u32 hash[CTRACK_DIRECTIONS];
	};
};

int ctrack_conn_init(void);
void ctrack_conn_exit(void);

struct ctrack_conn *ctrack_conn_alloc(struct ctrack_net *cn,
				      const struct nf_conntrack_zone *zone,
				      const struct ctrack_key *original,
				      const struct ctrack_key *reply,
				      const union ctrack_state *state, gfp_t gfp);
void ctrack_conn_destroy(struct nf_conntrack *general);
bool ctrack_conn_commit(struct ctrack_conn *conn);
bool ctrack_conn_kill(struct ctrack_conn *conn, enum ctrack_cause cause,
		      u32 portid, bool report);
bool ctrack_conn_expire(struct ctrack_conn *conn);
u32 ctrack_conn_id(const struct ctrack_conn *conn);

/**
 * ctrack_conn_net - the namespace of a connection
 * @conn: the connection
 *
 * Return: the namespace; no reference is taken.
 */
static inline struct net *ctrack_conn_net(const struct ctrack_conn *conn)
{
	return read_pnet(&conn->net);
}

/**
 * ctrack_conn_get - take another reference
 * @conn: a connection the caller has a reference to
 */
static inline void ctrack_conn_get(struct ctrack_conn *conn)
{
	refcount_inc(&conn->general.use);
}

/**
 * ctrack_conn_put - give a reference back; the last one frees
 * @conn: the connection, or NULL
 *
 * Context: any but under a bucket lock. Not through nf_conntrack_put(): the
 * hook that it calls is ours, and we know where it leads.
 */
static inline void ctrack_conn_put(struct ctrack_conn *conn)
{
	if (conn && refcount_dec_and_test(&conn->general.use))
		ctrack_conn_destroy(&conn->general);
}

/**
 * ctrack_conn_of - the connection a packet belongs to
 * @skb: the packet
 * @ctinfo: filled in with the packet's place in it
 *
 * Return: the connection, whose reference stays with @skb; NULL when there is
 * none, as for an untracked packet (then @ctinfo is IP_CT_UNTRACKED). A template
 * is none: see ctrack_template_of().
 */
static inline struct ctrack_conn *
ctrack_conn_of(const struct sk_buff *skb, enum ip_conntrack_info *ctinfo)
{
	unsigned long nfct = skb_get_nfct(skb);
	struct ctrack_conn *conn = (struct ctrack_conn *)(nfct & NFCT_PTRMASK);

	*ctinfo = nfct & NFCT_INFOMASK;
	if (unlikely(conn && test_bit(IPS_TEMPLATE_BIT, &conn->status)))
		return NULL;
	return conn;
}

/**
 * ctrack_conn_attach - give a packet to a connection
 * @skb: a packet of no connection
 * @conn: the connection, whose reference passes to @skb; or NULL
 * @ctinfo: the packet's place in it
 */
static inline void ctrack_conn_attach(struct sk_buff *skb,
				      struct ctrack_conn *conn,
				      enum ip_conntrack_info ctinfo)
{
	skb_set_nfct(skb, (unsigned long)conn | ctinfo);
}

/* A packet that answers on a connection which no packet has made firm yet. */
#define CTRACK_NEW_REPLY ((enum ip_conntrack_info)IP_CT_NUMBER)

/**
 * ctrack_direction_of - which way a packet goes
 * @ctinfo: its place in its connection
 *
 * Return: the direction.
 */
static inline enum ctrack_direction
ctrack_direction_of(enum ip_conntrack_info ctinfo)
{
	return ctinfo >= IP_CT_IS_REPLY ? CTRACK_REPLY : CTRACK_ORIGINAL;
}

/**
 * ctrack_conn_key - the key of one direction
 * @conn: the connection
 * @direction: which
 *
 * Return: the key; that of the reply direction stands still only under the
 * connection's lock, or once the connection is committed.
 */
static inline const struct ctrack_key *
ctrack_conn_key(const struct ctrack_conn *conn, enum ctrack_direction direction)
{
	return &conn->half[direction].key;
}

/*
 * Set with the commit. IPS_CONFIRMED won't do: to code outside ctrack it means
 * that more than one packet may have the connection, which is so from the
 * moment that it is in the table. What that code tells users of the status, as
 * nf_tables does in traces, are the lower 32 bits.
 */
#define CTRACK_COMMITTED_BIT (BITS_PER_LONG - 1)

/* Whoever sees it committed sees its reply key, which stands still then. */
static inline bool ctrack_conn_committed(const struct ctrack_conn *conn)
{
	return test_bit_acquire(CTRACK_COMMITTED_BIT, &conn->status);
}

/* When it was committed, real time in ns; 0 when it was not, or nobody noted. */
static inline u64 ctrack_conn_start(const struct ctrack_conn *conn)
{
	return ctrack_conn_committed(conn) ? conn->start : 0;
}

/**
 * ctrack_conn_status - the status that users are shown
 * @conn: the connection
 *
 * Return: IPS_* bits; IPS_CONFIRMED for committed connections only.
 */
static inline u32 ctrack_conn_status(const struct ctrack_conn *conn)
{
	unsigned long status = READ_ONCE(conn->status);

	if (!(status & BIT(CTRACK_COMMITTED_BIT)))
		status &= ~IPS_CONFIRMED;
	return status & ~BIT(CTRACK_COMMITTED_BIT);
}

static inline bool ctrack_conn_expired(const struct ctrack_conn *conn)
{
	return (s32)(READ_ONCE(conn->timeout) - (u32)jiffies) <= 0;
}

static inline bool ctrack_conn_dying(const struct ctrack_conn *conn)
{
	return test_bit(IPS_DYING_BIT, &conn->status);
}

/**
 * ctrack_conn_expires - how long a connection has to live
 * @conn: the connection
 *
 * Return: jiffies, 0 when the time has come.
 */
static inline u32 ctrack_conn_expires(const struct ctrack_conn *conn)
{
	s32 left = READ_ONCE(conn->timeout) - (u32)jiffies;

	return left > 0 ? left : 0;
}

/* The zone that counts in one direction; see `ct original zone set`. */
static inline u16 ctrack_zone_id(const struct nf_conntrack_zone *zone,
				 enum ctrack_direction direction)
{
	return zone->dir & (1 << direction) ? zone->id : NF_CT_DEFAULT_ZONE_ID;
}

/* The zones of both directions, the original's in the lower half. */
static inline u32 ctrack_zone_pair(const struct nf_conntrack_zone *zone)
{
	if (likely(zone->id == NF_CT_DEFAULT_ZONE_ID))
		return 0;
	return ctrack_zone_id(zone, CTRACK_ORIGINAL) |
	       (u32)ctrack_zone_id(zone, CTRACK_REPLY) << 16;
}

/* Of a pair as above, the zone of one direction. */
static inline u16 ctrack_pair_zone(u32 zones, enum ctrack_direction direction)
{
	return zones >> 16 * direction;
}

/**
 * ctrack_zone_of - the zone of one direction's key
 * @zone: of a connection
 * @direction: which
 *
 * Return: a zone in which that key is looked for, whichever direction it has in
 * another connection.
 */
static inline struct nf_conntrack_zone
ctrack_zone_of(const struct nf_conntrack_zone *zone,
	       enum ctrack_direction direction)
{
	const struct nf_conntrack_zone result = {
		.id = ctrack_zone_id(zone, direction),
		.dir = NF_CT_DEFAULT_ZONE_DIR,
	};

	return result;
}

/**
 * ctrack_conn_event - note that something is to be told of a connection
 * @conn: the connection
 * @event: an IPCT_* bit
 *
 * The last hook tells it; outside the packet path see ctrack_events_tell().
 */
static inline void ctrack_conn_event(struct ctrack_conn *conn,
				     enum ip_conntrack_events event)
{
	if (!(atomic_read(&conn->events) & BIT(event)))
		atomic_or(BIT(event), &conn->events);
}

/**
 * ctrack_conn_set_word - give a mark a value, and tell when it is a new one
 * @conn: the connection
 * @word: its mark or secmark
 * @value: the value
 * @event: an IPCT_* bit
 */
static inline void ctrack_conn_set_word(struct ctrack_conn *conn, u32 *word,
					u32 value,
					enum ip_conntrack_events event)
{
	if (READ_ONCE(*word) == value)
		return;
	WRITE_ONCE(*word, value);
	ctrack_conn_event(conn, event);
}

#define CTRACK_EVENTS_UNWANTED_SHIFT	16
#define CTRACK_EVENTS_MASK		(BIT(CTRACK_EVENTS_UNWANTED_SHIFT) - 1)
static_assert(__IPCT_MAX <= CTRACK_EVENTS_UNWANTED_SHIFT);

/* What is yet to be told of a connection: IPCT_* bits. */
static inline unsigned int ctrack_conn_events(const struct ctrack_conn *conn)
{
	return atomic_read(&conn->events) & CTRACK_EVENTS_MASK;
}

/* The IPCT_* bits that somebody wants to hear of. */
static inline unsigned int
ctrack_conn_events_wanted(const struct ctrack_conn *conn)
{
	return ~(unsigned int)atomic_read(&conn->events) >>
	       CTRACK_EVENTS_UNWANTED_SHIFT;
}

/**
 * ctrack_conn_want_events - choose what is told of a connection
 * @conn: the connection
 * @wanted: IPCT_* bits; a message is sent when one of them is among its events
 */
static inline void ctrack_conn_want_events(struct ctrack_conn *conn, u32 wanted)
{
	int before = atomic_read(&conn->events);
	int after;

	do {
		after = (before & CTRACK_EVENTS_MASK) |
			~wanted << CTRACK_EVENTS_UNWANTED_SHIFT;
		if (after == before)
			return;
	} while (!atomic_try_cmpxchg(&conn->events, &before, after));
}

#endif
