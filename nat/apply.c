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

/**
 * ctrack_nat_apply - translate a packet as its connection is bound
 * @skb: packet
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @conn: its connection, of which ctrack_nat_translated() says so
 * @direction: which way the packet goes
 * @manip: which end is translated
 *
 * Return: %CTRACK_REASON_NONE, or why it can't be translated.
 * Context: RCU held.
 */
enum ctrack_reason ctrack_nat_apply(struct sk_buff *skb, u8 family,
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
 * ctrack_nat_apply_related - the same, for a packet that is related
 * @skb: packet
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @conn: its connection, translated or not
 * @direction: which way the packet goes
 * @manip: which end would be translated
 *
 * A query is part of its connection; of ICMP, what is related to one is an error.
 *
 * Return: as ctrack_nat_apply().
 * Context: RCU held.
 */
enum ctrack_reason ctrack_nat_apply_related(struct sk_buff *skb, u8 family,
					    const struct ctrack_conn *conn,
					    enum ctrack_direction direction,
					    enum nf_nat_manip_type manip)
{
	if (is_icmp(skb, family))
		return ctrack_rewrite_error(skb, family, conn, direction, manip);
	return ctrack_nat_translated(conn, direction, manip) ?
	       ctrack_nat_apply(skb, family, conn, direction, manip) :
	       CTRACK_REASON_NONE;
}
