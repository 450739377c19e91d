// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a packet: hook_in gives it to a connection, the user's rules look
 * at it, hook_out makes the connection firm. The only place with NF_* verdicts.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/ip.h>

#include "nf/events.h"
#include "nf/expiry.h"
#include "nf/hook.h"
#include "nf/net.h"
#include "nf/packet.h"
#include "nf/policy.h"
#include "nf/probe_point.h"
#include "nf/refusal.h"
#include "nf/template.h"

const struct nf_conntrack_zone ctrack_default_zone = {
	.id = NF_CT_DEFAULT_ZONE_ID,
	.dir = NF_CT_DEFAULT_ZONE_DIR,
};

/* Is it to have no more packets? Else its reference is put. */
static noinline bool over(struct ctrack_conn *conn)
{
	ctrack_conn_expire(conn);
	if (!ctrack_conn_dying(conn))
		return false;
	ctrack_conn_put(conn);
	return true;
}

/* An end that was asked for while a packet was under way is final. */
static __always_inline struct ctrack_found
find(struct ctrack_net *cn, u32 hash, const struct ctrack_key *key, u32 zones)
{
	struct ctrack_found found;

	found = ctrack_table_find_hashed(cn, hash, key, zones);
	if (found.conn && unlikely(ctrack_conn_expired(found.conn) ||
				   ctrack_conn_dying(found.conn)) &&
	    over(found.conn))
		found.conn = NULL;
	return found;
}

/*
 * Where the packet stands in its connection, as `ct state` sees it. Who is told
 * that it is committed sees the reply key that stands from then on.
 */
static inline enum ip_conntrack_info
packet_ctinfo(const struct ctrack_conn *conn, enum ctrack_direction direction,
	      bool committed)
{
	if (direction == CTRACK_REPLY)
		return committed ? IP_CT_ESTABLISHED_REPLY : CTRACK_NEW_REPLY;
	if (committed && test_bit(IPS_SEEN_REPLY_BIT, &conn->status))
		return IP_CT_ESTABLISHED;
	return test_bit(IPS_EXPECTED_BIT, &conn->status) ? IP_CT_RELATED :
							   IP_CT_NEW;
}

/* Under the connection's lock, which spares the counters to be atomic. */
static void account(struct ctrack_conn *conn, enum ctrack_direction direction,
		    const struct sk_buff *skb)
{
	struct ctrack_half *half = &conn->half[direction];

	WRITE_ONCE(half->packets, half->packets + 1);
	WRITE_ONCE(half->bytes, half->bytes + skb->len - skb_network_offset(skb));
}

static void gain_status(struct ctrack_conn *conn, unsigned long bits)
{
	if (bits & IPS_SEEN_REPLY &&
	    !test_and_set_bit(IPS_SEEN_REPLY_BIT, &conn->status))
		ctrack_conn_event(conn, IPCT_REPLY);
	if (bits & IPS_ASSURED &&
	    !test_and_set_bit(IPS_ASSURED_BIT, &conn->status))
		ctrack_conn_event(conn, IPCT_ASSURED);
}

/*
 * Less than this is not worth to be written, in jiffies: a second, or less for
 * a short life.
 */
static u32 timeout_step(u32 lifetime)
{
	return min_t(u32, HZ, lifetime / 16);
}

/* How long a step has a connection live, and by which timeout: the step's then. */
static __always_inline u32 lifetime_after(struct ctrack_net *cn,
					  const struct ctrack_conn *conn,
					  struct ctrack_step *step)
{
	const unsigned int *timeouts = ctrack_conn_timeouts(cn, conn);
	u32 lifetime = READ_ONCE(timeouts[step->timeout]);
	u32 most = READ_ONCE(timeouts[step->limit]);

	if (lifetime <= most)
		return lifetime;
	step->timeout = step->limit;
	return most;
}

/*
 * When a connection expires after a step, and by which timeout, which is left in
 * the step. False: that is not worth to be written.
 */
static __always_inline bool
moves_timeout(struct ctrack_net *cn, const struct ctrack_conn *conn,
	      struct ctrack_step *step, u32 *timeout)
{
	u32 lifetime = lifetime_after(cn, conn, step);

	if (step->keep_timeout ||
	    test_bit(IPS_FIXED_TIMEOUT_BIT, &conn->status))
		return false;
	*timeout = (u32)jiffies + lifetime;
	return *timeout - READ_ONCE(conn->timeout) > timeout_step(lifetime);
}

/* The IPS_* bits that a step has a connection gain. */
static __always_inline unsigned long
gained_by(const struct ctrack_conn *conn, struct ctrack_step step)
{
	return ((step.replied ? IPS_SEEN_REPLY : 0) |
		(step.assured ? IPS_ASSURED : 0)) & ~READ_ONCE(conn->status);
}

/* What a step tells of its connection. */
static __always_inline void show_step(struct ctrack_conn *conn, struct ctrack_step step)
{
	unsigned long gained = gained_by(conn, step);

	if (unlikely(gained))
		gain_status(conn, gained);
	if (step.changed)
		ctrack_conn_event(conn, IPCT_PROTOINFO);
}

/* What follows from a step for the connection as a whole, whose lock is held. */
static __always_inline void
take_step(struct ctrack_net *cn, struct ctrack_conn *conn, struct ctrack_step step)
{
	u32 timeout;

	show_step(conn, step);
	if (moves_timeout(cn, conn, &step, &timeout))
		ctrack_conn_set_timeout(conn, timeout, step.timeout);
}

/* The same of a connection that nobody else knows of yet. */
static __always_inline void
take_first_step(struct ctrack_net *cn, struct ctrack_conn *conn, struct ctrack_step step)
{
	show_step(conn, step);
	conn->timeout = (u32)jiffies + lifetime_after(cn, conn, &step);
	conn->timeout_kind = step.timeout;
}

/*
 * Does a packet leave its connection as it is? Then its lock is not needed: of a
 * committed one nothing changes either that says where a packet stands in it.
 */
static __always_inline bool
leaves_as_is(struct ctrack_net *cn, const struct ctrack_conn *conn,
	     const struct ctrack_packet *packet, enum ctrack_direction direction)
{
	struct ctrack_step step;
	u32 timeout;

	return ctrack_proto_is_settled(&conn->state, packet->key.protonum,
				       direction, &step) &&
	       ctrack_conn_committed(conn) && !READ_ONCE(cn->account) &&
	       !gained_by(conn, step) &&
	       !moves_timeout(cn, conn, &step, &timeout);
}

/*
 * An invalid packet goes on without its connection, and so untranslated. To
 * whom translation would have brought it, it is foreign then: the host itself
 * would reset the connection of somebody behind it.
 */
static enum ctrack_verdict refused(const struct ctrack_conn *conn,
				   enum ctrack_verdict verdict)
{
	return verdict == CTRACK_INVALID && conn->status & IPS_NAT_MASK ?
	       CTRACK_DROP : verdict;
}

/* For who asks why it was, see genl_why.c. */
static void note_refusal(struct ctrack_conn *conn, enum ctrack_reason reason)
{
	static_assert(CTRACK_REASON_COUNT <= U8_MAX);
	WRITE_ONCE(conn->refused, reason);
}

/* The same of a packet that no step sees, as far as its key could be read. */
static noinline enum ctrack_verdict unreadable(struct ctrack_net *cn,
					       const struct ctrack_packet *packet,
					       const struct nf_conntrack_zone *zone,
					       enum ctrack_reason reason)
{
	const u32 zones = ctrack_zone_pair(zone);
	enum ctrack_verdict verdict = CTRACK_INVALID;
	struct ctrack_found found;
	u32 hash;

	hash = ctrack_hash(cn, &packet->key,
			   ctrack_pair_zone(zones, CTRACK_ORIGINAL));
	found = find(cn, hash, &packet->key, zones);
	if (found.conn) {
		note_refusal(found.conn, reason);
		verdict = refused(found.conn, verdict);
		ctrack_conn_put(found.conn);
	}
	return verdict;
}

/*
 * Lets a connection's protocol see the packet. @conn's reference goes to the
 * packet or is put.
 */
ctrack_probed enum ctrack_verdict
ctrack_conn_packet(struct ctrack_net *cn, struct ctrack_conn *conn,
		   struct ctrack_packet *packet, enum ctrack_direction direction,
		   enum ctrack_reason *reason)
{
	enum ip_conntrack_info ctinfo;
	enum ctrack_verdict verdict;
	struct ctrack_step step;

	if (leaves_as_is(cn, conn, packet, direction)) {
		ctrack_conn_attach(packet->skb, conn,
				   packet_ctinfo(conn, direction, true));
		return CTRACK_ACCEPT;
	}

	spin_lock_bh(&conn->lock);
	step = ctrack_proto_step(&conn->state, &packet->key, &packet->header,
				 direction, &cn->options);
	if (likely(step.verdict == CTRACK_ACCEPT)) {
		take_step(cn, conn, step);
		if (READ_ONCE(cn->account))
			account(conn, direction, packet->skb);
		/* It is committed under this lock, which orders what was before. */
		ctinfo = packet_ctinfo(conn, direction,
				       test_bit(CTRACK_COMMITTED_BIT, &conn->status));
		spin_unlock_bh(&conn->lock);
		ctrack_conn_attach(packet->skb, conn, ctinfo);
		return CTRACK_ACCEPT;
	}
	spin_unlock_bh(&conn->lock);

	/*
	 * What is not firm yet makes no room for another. What ends anyway does:
	 * two packets may open it anew at once.
	 */
	if (step.verdict == CTRACK_RENEW &&
	    !ctrack_conn_kill(conn, CTRACK_CAUSE_reopened, 0, false) &&
	    !ctrack_conn_dying(conn))
		step = ctrack_step_refuse(CTRACK_REASON_protocol_state);
	*reason = step.reason;
	note_refusal(conn, step.reason);
	verdict = refused(conn, step.verdict);
	ctrack_conn_put(conn);
	return verdict;
}

/* The reason of an error from ctrack_conn_alloc() or ctrack_table_insert(). */
static enum ctrack_reason error_reason(long error)
{
	switch (error) {
	case -ENFILE:
		return CTRACK_REASON_table_full;
	case -ENOSPC:
		return CTRACK_REASON_chain_too_long;
	default:
		return CTRACK_REASON_no_memory;
	}
}

/* Are both directions in the same zone? */
static bool one_zone(const struct nf_conntrack_zone *zone)
{
	const u32 zones = ctrack_zone_pair(zone);

	return ctrack_pair_zone(zones, CTRACK_ORIGINAL) ==
	       ctrack_pair_zone(zones, CTRACK_REPLY);
}

/*
 * The first packet of a connection. Its step is tried before anything is
 * allocated, so that what is refused costs no more than that.
 */
ctrack_probed enum ctrack_verdict
ctrack_conn_open(struct ctrack_net *cn, struct ctrack_packet *packet,
		 const struct ctrack_choice *choice,
		 enum ctrack_reason *reason)
{
	union ctrack_state state = {};
	enum ctrack_direction direction;
	struct ctrack_conn *conn, *result;
	struct ctrack_key reply;
	struct ctrack_step step;

	if (!ctrack_key_reverse(&reply, &packet->key)) {
		*reason = CTRACK_REASON_icmp_answer;
		return CTRACK_INVALID;
	}
	step = ctrack_proto_step(&state, &packet->key, &packet->header,
				 CTRACK_ORIGINAL, &cn->options);
	if (step.verdict != CTRACK_ACCEPT) {
		*reason = step.reason;
		return step.verdict;
	}

	conn = ctrack_conn_alloc(cn, &choice->zone, &packet->key, &reply,
				 &state, GFP_ATOMIC);
	if (IS_ERR(conn)) {
		*reason = error_reason(PTR_ERR(conn));
		return CTRACK_DROP;
	}
	atomic_set(&conn->events, choice->events);
	conn->policy = choice->policy;
	take_first_step(cn, conn, step);
	if (READ_ONCE(cn->account))
		account(conn, CTRACK_ORIGINAL, packet->skb);

	result = ctrack_table_insert(conn, packet->hash, one_zone(&choice->zone),
				     &direction);
	if (result != conn)
		ctrack_conn_put(conn);
	if (IS_ERR(result)) {
		*reason = error_reason(PTR_ERR(result));
		return CTRACK_DROP;
	}
	/* Another packet of the flow was first: this one is of its connection. */
	if (result != conn)
		return ctrack_conn_packet(cn, result, packet, direction, reason);

	ctrack_conn_attach(packet->skb, conn,
			   packet_ctinfo(conn, CTRACK_ORIGINAL,
					 ctrack_conn_committed(conn)));
	return CTRACK_ACCEPT;
}

/*
 * An ICMP error belongs to the connection of the packet that it quotes, and
 * goes against that packet's direction.
 */
ctrack_probed enum ctrack_verdict
ctrack_conn_error(struct ctrack_net *cn, struct ctrack_packet *packet,
		  const struct nf_conntrack_zone *zone,
		  enum ctrack_reason *reason)
{
	const u32 zones = ctrack_zone_pair(zone);
	struct ctrack_key inner, answer;
	struct ctrack_found found;
	u32 hash;

	*reason = ctrack_packet_inner(packet, &inner);
	if (*reason)
		return CTRACK_INVALID;
	/* It quotes an error, of which there must be none (RFC 1122, RFC 4443). */
	if (!ctrack_key_reverse(&answer, &inner)) {
		*reason = CTRACK_REASON_icmp_inner;
		return CTRACK_INVALID;
	}
	*reason = CTRACK_REASON_icmp_unrelated;
	/* It goes to whom the quoted packet came from, or it is forged. */
	if (!nf_inet_addr_cmp(&packet->key.destination, &inner.source))
		return CTRACK_INVALID;
	hash = ctrack_hash(cn, &answer, ctrack_pair_zone(zones, CTRACK_ORIGINAL));
	found = find(cn, hash, &answer, zones);
	if (!found.conn)
		return CTRACK_INVALID;
	/* Nothing of a tentative connection has got out that it could quote. */
	if (!ctrack_conn_committed(found.conn)) {
		ctrack_conn_put(found.conn);
		return CTRACK_INVALID;
	}
	*reason = CTRACK_REASON_NONE;
	ctrack_conn_attach(packet->skb, found.conn, found.direction == CTRACK_REPLY ?
			   IP_CT_RELATED_REPLY : IP_CT_RELATED);
	return CTRACK_ACCEPT;
}

static enum ctrack_verdict track(struct ctrack_net *cn,
				 struct ctrack_packet *packet,
				 const struct ctrack_choice *choice,
				 enum ctrack_reason *reason)
{
	const u32 zones = ctrack_zone_pair(&choice->zone);
	enum ctrack_verdict verdict;
	struct ctrack_found found;

	if (packet->hook == NF_INET_PRE_ROUTING && READ_ONCE(cn->checksum)) {
		*reason = ctrack_packet_checksum(packet);
		if (*reason)
			return unreadable(cn, packet, &choice->zone, *reason);
	}
	if (unlikely(ctrack_packet_is_icmp(packet))) {
		if (ctrack_packet_is_control(packet))
			return CTRACK_UNTRACKED;
		if (ctrack_packet_is_error(packet))
			return ctrack_conn_error(cn, packet, &choice->zone, reason);
	}

	packet->hash = ctrack_hash(cn, &packet->key,
				   ctrack_pair_zone(zones, CTRACK_ORIGINAL));
	found = find(cn, packet->hash, &packet->key, zones);
	if (likely(found.conn)) {
		verdict = ctrack_conn_packet(cn, found.conn, packet,
					     found.direction, reason);
		if (verdict != CTRACK_RENEW)
			return verdict;
		*reason = CTRACK_REASON_NONE;
	}
	verdict = ctrack_conn_open(cn, packet, choice, reason);
	if (verdict != CTRACK_RENEW)
		return verdict;
	/* Another one came in between, and is over as well: once is enough. */
	*reason = CTRACK_REASON_protocol_state;
	return CTRACK_DROP;
}

static unsigned int netfilter_verdict(enum ctrack_verdict verdict)
{
	switch (verdict) {
	case CTRACK_ACCEPT:
	case CTRACK_UNTRACKED:
	case CTRACK_INVALID:
		return NF_ACCEPT;
	case CTRACK_DROP:
	case CTRACK_RENEW:
		break;
	}
	return NF_DROP;
}

static unsigned int hook_in(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	struct ctrack_net *cn = ctrack_net_rcu(state->net);
	struct ctrack_conn *template = ctrack_template_of(skb);
	struct ctrack_choice choice;
	struct ctrack_packet packet __uninitialized;
	enum ctrack_verdict verdict;
	enum ctrack_reason reason;

	/* Untracked, or seen before: on lo, or in another device of a VRF. */
	if (!template && skb_get_nfct(skb))
		return NF_ACCEPT;
	choice = ctrack_template_choice(template, skb);
	if (unlikely(template))
		nf_reset_ct(skb);

	reason = ctrack_packet_parse(&packet, skb, state->pf, state->hook);
	packet.header.time = jiffies_to_msecs(jiffies);
	if (likely(!reason))
		verdict = track(cn, &packet, &choice, &reason);
	else
		verdict = unreadable(cn, &packet, &choice.zone, reason);

	if (reason)
		ctrack_packet_refuse(state, skb, &packet, reason,
				     verdict != CTRACK_INVALID);
	if (verdict == CTRACK_UNTRACKED)
		ctrack_conn_attach(skb, NULL, IP_CT_UNTRACKED);
	return netfilter_verdict(verdict);
}

/*
 * Does this packet, once it got through, make its connection firm? Only one in
 * original direction, for which the rules of NAT were asked.
 */
static bool opens(const struct ctrack_conn *conn, enum ip_conntrack_info ctinfo)
{
	switch (ctinfo) {
	case IP_CT_NEW:
		return true;
	case IP_CT_RELATED:
		/* Not what the host itself answers to a packet it refused. */
		return test_bit(IPS_EXPECTED_BIT, &conn->status);
	default:
		return false;
	}
}

static unsigned int hook_out(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn = ctrack_conn_of(skb, &ctinfo);

	if (!conn)
		return NF_ACCEPT;
	/* Nothing but the bit itself is looked at: no barrier. */
	if (unlikely(!test_bit(CTRACK_COMMITTED_BIT, &conn->status)) &&
	    opens(conn, ctinfo) && !ctrack_goes_to_vrf(state) &&
	    !ctrack_conn_commit(conn)) {
		ctrack_packet_refuse(state, skb, NULL, CTRACK_REASON_reply_taken,
				     true);
		return NF_DROP;
	}
	if (unlikely(ctrack_conn_events(conn)) && ctrack_conn_committed(conn))
		ctrack_events_tell(conn, 0, false);
	return NF_ACCEPT;
}

#define HOOK(number, function, family, order) {				\
	.hook = function,						\
	.pf = family,							\
	.hooknum = number,						\
	.priority = order,						\
}

static const struct nf_hook_ops ipv4_hooks[] = {
	HOOK(NF_INET_PRE_ROUTING, hook_in, NFPROTO_IPV4, NF_IP_PRI_CONNTRACK),
	HOOK(NF_INET_LOCAL_OUT, hook_in, NFPROTO_IPV4, NF_IP_PRI_CONNTRACK),
	HOOK(NF_INET_POST_ROUTING, hook_out, NFPROTO_IPV4, INT_MAX),
	HOOK(NF_INET_LOCAL_IN, hook_out, NFPROTO_IPV4, INT_MAX),
};

static const struct nf_hook_ops ipv6_hooks[] = {
	HOOK(NF_INET_PRE_ROUTING, hook_in, NFPROTO_IPV6, NF_IP6_PRI_CONNTRACK),
	HOOK(NF_INET_LOCAL_OUT, hook_in, NFPROTO_IPV6, NF_IP6_PRI_CONNTRACK),
	HOOK(NF_INET_POST_ROUTING, hook_out, NFPROTO_IPV6, INT_MAX),
	HOOK(NF_INET_LOCAL_IN, hook_out, NFPROTO_IPV6, INT_MAX),
};

/**
 * ctrack_hook_register - begin to see a namespace's packets
 * @net: namespace, started
 * @ipv6: which family
 *
 * Return: 0 or -errno.
 * Context: process.
 */
int ctrack_hook_register(struct net *net, bool ipv6)
{
	return nf_register_net_hooks(net, ipv6 ? ipv6_hooks : ipv4_hooks,
				     ARRAY_SIZE(ipv4_hooks));
}

/**
 * ctrack_hook_unregister - see them no more
 * @net: namespace
 * @ipv6: which family
 *
 * Context: process.
 */
void ctrack_hook_unregister(struct net *net, bool ipv6)
{
	nf_unregister_net_hooks(net, ipv6 ? ipv6_hooks : ipv4_hooks,
				ARRAY_SIZE(ipv4_hooks));
}
