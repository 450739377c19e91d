// SPDX-License-Identifier: GPL-2.0
/*
 * IPsec beside translation. A policy for outgoing packets is about what leaves,
 * so it is looked for again when translation came after the look-up. One for
 * incoming packets is about what came, so that it is told what that was.
 */
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/xfrm.h>

#include "nat/nat.h"

/* The flow is of the packet as it came, or of one that an error quotes. */
static bool has_ports_of(const struct flowi *flow, const struct ctrack_key *key)
{
	return flow->flowi_proto == key->protonum && ctrack_key_has_ports(key);
}

/* Nothing but what translation wrote there becomes what was there before. */
static void restore_ipv4(struct flowi *flow, const struct ctrack_key *before,
			 const struct ctrack_key *after)
{
	struct flowi4 *fl4 = &flow->u.ip4;
	bool ports = has_ports_of(flow, before);

	if (fl4->saddr == after->source.ip) {
		fl4->saddr = before->source.ip;
		if (ports && fl4->fl4_sport == after->source_id.port)
			fl4->fl4_sport = before->source_id.port;
	}
	if (fl4->daddr == after->destination.ip) {
		fl4->daddr = before->destination.ip;
		if (ports && fl4->fl4_dport == after->destination_id.port)
			fl4->fl4_dport = before->destination_id.port;
	}
}

static void restore_ipv6(struct flowi *flow, const struct ctrack_key *before,
			 const struct ctrack_key *after)
{
	struct flowi6 *fl6 = &flow->u.ip6;
	bool ports = has_ports_of(flow, before);

	if (ipv6_addr_equal(&fl6->saddr, &after->source.in6)) {
		fl6->saddr = before->source.in6;
		if (ports && fl6->fl6_sport == after->source_id.port)
			fl6->fl6_sport = before->source_id.port;
	}
	if (ipv6_addr_equal(&fl6->daddr, &after->destination.in6)) {
		fl6->daddr = before->destination.in6;
		if (ports && fl6->fl6_dport == after->destination_id.port)
			fl6->fl6_dport = before->destination_id.port;
	}
}

static void decode_session(struct sk_buff *skb, struct flowi *flow)
{
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn = ctrack_conn_of(skb, &ctinfo);
	enum ctrack_direction direction = ctrack_direction_of(ctinfo);
	const struct ctrack_key *before;
	struct ctrack_key after;

	if (!conn || !(READ_ONCE(conn->status) & IPS_NAT_MASK))
		return;
	before = ctrack_conn_key(conn, direction);
	if (!ctrack_key_reverse(&after, ctrack_conn_key(conn, !direction)))
		return;
	if (before->l3num == NFPROTO_IPV4)
		restore_ipv4(flow, before, &after);
	else
		restore_ipv6(flow, before, &after);
}

static const struct nf_nat_hook hook = {
	.decode_session = decode_session,
};

/* What was encrypted is on its way to the other end of the tunnel. */
static bool transformed(const struct sk_buff *skb, u8 family)
{
	return family == NFPROTO_IPV4 ?
	       IPCB(skb)->flags & IPSKB_XFRM_TRANSFORMED :
	       IP6CB(skb)->flags & IP6SKB_XFRM_TRANSFORMED;
}

static int look_up(struct net *net, struct sk_buff *skb, u8 family)
{
	struct dst_entry *dst = skb_dst(skb);
	struct sock *sk = skb->sk;
	struct flowi flow;
	int err;

	err = XFRM_DECODE_SESSION(net, skb, &flow, family);
	if (err < 0)
		return err;
	/* The route that the policies found so far were applied to. */
	if (dst_xfrm(dst))
		dst = container_of(dst, struct xfrm_dst, u.dst)->route;
	if (!dst_hold_safe(dst))
		return -EHOSTUNREACH;
	/* A socket's own policies are of its namespace. */
	if (sk && !net_eq(sock_net(sk), net))
		sk = NULL;
	dst = xfrm_lookup(net, dst, &flow, sk, 0);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	return skb_cow(skb, dst->dev->hard_header_len);
}

/**
 * ctrack_xfrm_lookup - find the IPsec policy for what a packet is now
 * @skb: packet, translated and routed
 * @conn: its connection
 * @ctinfo: its place in it
 * @state: of the hook
 *
 * Does nothing where this hook's end of the packet is not translated. Where there
 * are no policies to be found, ctrack_xfrm_matters() tells sooner.
 *
 * Return: 0, or -errno when no policy lets it pass.
 * Context: RCU held.
 */
int ctrack_xfrm_lookup(struct sk_buff *skb, const struct ctrack_conn *conn,
		       enum ip_conntrack_info ctinfo,
		       const struct nf_hook_state *state)
{
	if (!ctrack_nat_translated(conn, ctrack_direction_of(ctinfo),
				   HOOK2MANIP(state->hook)) ||
	    transformed(skb, state->pf))
		return 0;
	return look_up(state->net, skb, state->pf);
}

/**
 * ctrack_xfrm_init - let policies for incoming packets see what came in
 *
 * nf_nat would have the hook, but it does not load without nf_conntrack.
 */
void ctrack_xfrm_init(void)
{
	rcu_assign_pointer(nf_nat_hook, &hook);
}

/**
 * ctrack_xfrm_exit - no longer
 *
 * Context: process; waits until nobody is in there.
 */
void ctrack_xfrm_exit(void)
{
	RCU_INIT_POINTER(nf_nat_hook, NULL);
	synchronize_net();
}
