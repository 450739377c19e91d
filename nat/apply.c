// SPDX-License-Identifier: GPL-2.0
/* What is bound to a connection, done to a packet of it. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ipv6.h>

#include "nat/nat.h"

static bool is_icmp(const struct sk_buff *skb, u8 family)
{
	__be16 frag_off;
	u8 nexthdr;

	if (family == NFPROTO_IPV4)
		return ip_hdr(skb)->protocol == IPPROTO_ICMP;
	nexthdr = ipv6_hdr(skb)->nexthdr;
	return ipv6_skip_exthdr(skb, skb_network_offset(skb) +
				sizeof(struct ipv6hdr), &nexthdr, &frag_off) >= 0 &&
	       nexthdr == IPPROTO_ICMPV6;
}

/* A query is part of its connection; what is related to one is an error. */
static bool is_error(const struct sk_buff *skb, enum ip_conntrack_info ctinfo,
		     u8 family)
{
	return (ctinfo == IP_CT_RELATED || ctinfo == IP_CT_RELATED_REPLY) &&
	       is_icmp(skb, family);
}

static noinline enum ctrack_reason apply(struct sk_buff *skb, u8 family,
					 const struct ctrack_conn *conn,
					 enum ctrack_direction direction,
					 enum nf_nat_manip_type manip)
{
	struct ctrack_key target;

	if (!ctrack_key_reverse(&target, ctrack_conn_key(conn, !direction)))
		return CTRACK_REASON_nat_rewrite;
	return ctrack_rewrite(skb, family, &target, manip);
}

/**
 * ctrack_nat_apply - translate a packet as its connection is bound
 * @skb: packet
 * @conn: its connection
 * @ctinfo: its place in it
 * @state: of the hook, which decides what end is translated
 *
 * Return: %CTRACK_REASON_NONE, or why it can't be translated.
 * Context: RCU held.
 */
enum ctrack_reason ctrack_nat_apply(struct sk_buff *skb,
				    struct ctrack_conn *conn,
				    enum ip_conntrack_info ctinfo,
				    const struct nf_hook_state *state)
{
	enum nf_nat_manip_type manip = HOOK2MANIP(state->hook);
	enum ctrack_direction direction = ctrack_direction_of(ctinfo);

	if (unlikely(is_error(skb, ctinfo, state->pf)))
		return ctrack_rewrite_error(skb, state->pf, conn, direction, manip);
	if (!ctrack_nat_translated(conn, direction, manip))
		return CTRACK_REASON_NONE;
	return apply(skb, state->pf, conn, direction, manip);
}
