// SPDX-License-Identifier: GPL-2.0
#include "nat/range_nft.h"

/* The register of an attribute; absent ones leave 0, which none has. */
static int parse_register(const struct nft_ctx *ctx,
			  const struct nlattr * const tb[], u8 attribute,
			  unsigned int length, u8 *reg)
{
	*reg = 0;
	if (!attribute || !tb[attribute])
		return 0;
	return nft_parse_register_load(ctx, tb[attribute], reg, length);
}

/* A flag must not say what the rest of the rule does not. */
static bool flags_fit(const struct range_nft *range)
{
	u32 need_address = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_NETMAP;

	return (range->address_min || !(range->flags & need_address)) &&
	       (range->port_min ||
		!(range->flags & NF_NAT_RANGE_PROTO_SPECIFIED));
}

/**
 * range_nft_init - read a range from a rule's attributes
 * @ctx: of the rule
 * @attributes: what they are called
 * @tb: the attributes
 * @address_length: how long an address is; any where there is no attribute
 * @range: filled in
 *
 * Return: 0; -EOPNOTSUPP for unknown flags; -EINVAL for what does not go
 * together; or what the registers' validation returned.
 */
int range_nft_init(const struct nft_ctx *ctx,
		   const struct range_nft_attributes *attributes,
		   const struct nlattr * const tb[],
		   unsigned int address_length, struct range_nft *range)
{
	const struct {
		u8 attribute;
		unsigned int length;
		u8 *reg;
	} bound[] = {
		{ attributes->address_min, address_length, &range->address_min },
		{ attributes->address_max, address_length, &range->address_max },
		{ attributes->port_min, sizeof(__be16), &range->port_min },
		{ attributes->port_max, sizeof(__be16), &range->port_max },
	};
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(bound); i++) {
		err = parse_register(ctx, tb, bound[i].attribute,
				     bound[i].length, bound[i].reg);
		if (err)
			return err;
	}
	if ((range->address_max && !range->address_min) ||
	    (range->port_max && !range->port_min))
		return -EINVAL;

	range->flags = 0;
	if (tb[attributes->flags])
		range->flags = ntohl(nla_get_be32(tb[attributes->flags]));
	if (range->flags & ~attributes->allowed)
		return -EOPNOTSUPP;
	return flags_fit(range) ? 0 : -EINVAL;
}

static int dump_register(struct sk_buff *skb, u8 attribute, u8 reg)
{
	return reg ? nft_dump_register(skb, attribute, reg) : 0;
}

/**
 * range_nft_dump - write a range as it was read
 * @skb: message
 * @attributes: what they are called
 * @range: the range
 *
 * Return: 0, or -1 when there is no room.
 */
int range_nft_dump(struct sk_buff *skb,
		   const struct range_nft_attributes *attributes,
		   const struct range_nft *range)
{
	if (dump_register(skb, attributes->address_min, range->address_min) ||
	    dump_register(skb, attributes->address_max, range->address_max) ||
	    dump_register(skb, attributes->port_min, range->port_min) ||
	    dump_register(skb, attributes->port_max, range->port_max))
		return -1;
	if (range->flags &&
	    nla_put_be32(skb, attributes->flags, htonl(range->flags)))
		return -1;
	return 0;
}

/**
 * range_nft_validate - may a translation stand in this chain?
 * @ctx: of the rule; chains that jump to its chain are asked about too
 * @hooks: bits of the NF_INET_* hooks it may be at
 *
 * Return: 0, or -EOPNOTSUPP.
 */
int range_nft_validate(const struct nft_ctx *ctx, unsigned int hooks)
{
	int err;

	switch (ctx->family) {
	case NFPROTO_IPV4:
	case NFPROTO_IPV6:
	case NFPROTO_INET:
		break;
	default:
		return -EOPNOTSUPP;
	}
	err = nft_chain_validate_dependency(ctx->chain, NFT_CHAIN_T_NAT);
	if (err)
		return err;
	return nft_chain_validate_hooks(ctx->chain, hooks);
}

static void load_address(const struct nft_regs *regs, u8 reg, u8 family,
			 union nf_inet_addr *address)
{
	if (family == NFPROTO_IPV4)
		address->ip = (__force __be32)regs->data[reg];
	else
		memcpy(&address->in6, &regs->data[reg], sizeof(address->in6));
}

/**
 * range_nft_load - the range for one packet
 * @range: as the rule has it
 * @regs: what the packet left in the registers
 * @family: of the packet
 * @loaded: filled in; where the rule has one bound, it is both
 */
void range_nft_load(const struct range_nft *range, const struct nft_regs *regs,
		    u8 family, struct nf_nat_range2 *loaded)
{
	u8 max;

	*loaded = (struct nf_nat_range2) {
		.flags = range->flags,
	};
	if (range->address_min) {
		loaded->flags |= NF_NAT_RANGE_MAP_IPS;
		max = range->address_max ?: range->address_min;
		load_address(regs, range->address_min, family,
			     &loaded->min_addr);
		load_address(regs, max, family, &loaded->max_addr);
	}
	if (range->port_min) {
		loaded->flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
		max = range->port_max ?: range->port_min;
		loaded->min_proto.all =
			nft_reg_load_be16(&regs->data[range->port_min]);
		loaded->max_proto.all = nft_reg_load_be16(&regs->data[max]);
	}
}
