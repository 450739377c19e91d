// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "nat/nat.h"

static union nf_inet_addr packet_address(const struct sk_buff *skb, u8 family,
					 enum nf_nat_manip_type manip)
{
	bool source = manip == NF_NAT_MANIP_SRC;
	union nf_inet_addr address = {};

	if (family == NFPROTO_IPV4)
		address.ip = source ? ip_hdr(skb)->saddr : ip_hdr(skb)->daddr;
	else
		address.in6 = source ? ipv6_hdr(skb)->saddr :
				       ipv6_hdr(skb)->daddr;
	return address;
}

/**
 * ctrack_nat_map_prefix - translate from prefix to prefix
 * @skb: packet
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @manip: which end of it
 * @range: its bounds become the one address that @skb is to have: the bits in
 *	which they differ stay the packet's, the others become theirs
 */
void ctrack_nat_map_prefix(const struct sk_buff *skb, u8 family,
			   enum nf_nat_manip_type manip,
			   struct nf_nat_range2 *range)
{
	const union nf_inet_addr address = packet_address(skb, family, manip);
	unsigned int i;
	__be32 host;

	for (i = 0; i < ARRAY_SIZE(address.ip6); i++) {
		host = range->min_addr.ip6[i] ^ range->max_addr.ip6[i];
		range->min_addr.ip6[i] = (address.ip6[i] & host) |
					 (range->min_addr.ip6[i] & ~host);
	}
	range->max_addr = range->min_addr;
}
EXPORT_SYMBOL_GPL(ctrack_nat_map_prefix);
