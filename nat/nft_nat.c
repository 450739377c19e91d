// SPDX-License-Identifier: GPL-2.0
/* The nft expression `nat`: snat and dnat. */
#include <linux/module.h>
#include <linux/netfilter/nf_tables.h>
#include <net/netfilter/nf_tables.h>

#include "nat/nat.h"
#include "nat/range_nft.h"
#include "nf/net.h"

/**
 * struct nat_expr - `snat` or `dnat` in a rule
 * @range: what to translate to
 * @family: of the packets it is for; NFPROTO_INET for both
 * @manip: which half of the packet it translates
 */
struct nat_expr {
	struct range_nft range;
	u8 family;
	u8 manip;
};

static const struct range_nft_attributes attributes = {
	.address_min = NFTA_NAT_REG_ADDR_MIN,
	.address_max = NFTA_NAT_REG_ADDR_MAX,
	.port_min = NFTA_NAT_REG_PROTO_MIN,
	.port_max = NFTA_NAT_REG_PROTO_MAX,
	.flags = NFTA_NAT_FLAGS,
	.allowed = RANGE_NFT_CHOICE | NF_NAT_RANGE_MAP_IPS |
		   NF_NAT_RANGE_PROTO_SPECIFIED | NF_NAT_RANGE_NETMAP,
};

static const struct nla_policy policy[NFTA_NAT_MAX + 1] = {
	[NFTA_NAT_TYPE] = { .type = NLA_U32 },
	[NFTA_NAT_FAMILY] = { .type = NLA_U32 },
	[NFTA_NAT_REG_ADDR_MIN] = { .type = NLA_U32 },
	[NFTA_NAT_REG_ADDR_MAX] = { .type = NLA_U32 },
	[NFTA_NAT_REG_PROTO_MIN] = { .type = NLA_U32 },
	[NFTA_NAT_REG_PROTO_MAX] = { .type = NLA_U32 },
	[NFTA_NAT_FLAGS] = { .type = NLA_U32 },
};

static void nat_eval(const struct nft_expr *expr, struct nft_regs *regs,
		     const struct nft_pktinfo *pkt)
{
	const struct nat_expr *nat = nft_expr_priv(expr);
	struct nf_nat_range2 range;
	enum ip_conntrack_info ctinfo;
	enum ctrack_reason reason;
	struct ctrack_conn *conn;
	u8 family = nft_pf(pkt);

	if (nat->family != family && nat->family != NFPROTO_INET)
		return;
	conn = ctrack_conn_of(pkt->skb, &ctinfo);
	if (!conn) {
		regs->verdict.code = NFT_BREAK;
		return;
	}

	range_nft_load(&nat->range, regs, family, &range);
	if (range.flags & NF_NAT_RANGE_NETMAP)
		ctrack_nat_map_prefix(pkt->skb, family, nat->manip, &range);
	reason = ctrack_nat_setup(conn, &range, nat->manip);
	regs->verdict.code = ctrack_nat_verdict(pkt->skb, pkt->state, reason);
}

static int parse_type(const struct nlattr *attr, u8 *manip)
{
	switch (ntohl(nla_get_be32(attr))) {
	case NFT_NAT_SNAT:
		*manip = NF_NAT_MANIP_SRC;
		return 0;
	case NFT_NAT_DNAT:
		*manip = NF_NAT_MANIP_DST;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/* An address has one family; ports alone are the same in both. */
static int parse_family(const struct nft_ctx *ctx, const struct nlattr *attr,
			bool with_address, u8 *family,
			unsigned int *address_length)
{
	u32 value = ntohl(nla_get_be32(attr));

	if (ctx->family != NFPROTO_INET && ctx->family != value)
		return -EOPNOTSUPP;
	*address_length = 0;
	switch (value) {
	case NFPROTO_IPV4:
		*address_length = sizeof(struct in_addr);
		break;
	case NFPROTO_IPV6:
		*address_length = sizeof(struct in6_addr);
		break;
	case NFPROTO_INET:
		if (!with_address)
			break;
		fallthrough;
	default:
		return -EAFNOSUPPORT;
	}
	*family = value;
	return 0;
}

static int nat_init(const struct nft_ctx *ctx, const struct nft_expr *expr,
		    const struct nlattr * const tb[])
{
	struct nat_expr *nat = nft_expr_priv(expr);
	unsigned int address_length;
	int err;

	if (!tb[NFTA_NAT_TYPE] || !tb[NFTA_NAT_FAMILY])
		return -EINVAL;
	if (!tb[NFTA_NAT_REG_ADDR_MIN] && !tb[NFTA_NAT_REG_PROTO_MIN])
		return -EINVAL;
	err = parse_type(tb[NFTA_NAT_TYPE], &nat->manip);
	if (err)
		return err;
	err = parse_family(ctx, tb[NFTA_NAT_FAMILY],
			   tb[NFTA_NAT_REG_ADDR_MIN] || tb[NFTA_NAT_REG_ADDR_MAX],
			   &nat->family, &address_length);
	if (err)
		return err;
	err = range_nft_init(ctx, &attributes, tb, address_length, &nat->range);
	if (err)
		return err;
	return ctrack_net_get(ctx->net, nat->family);
}

static void nat_destroy(const struct nft_ctx *ctx, const struct nft_expr *expr)
{
	const struct nat_expr *nat = nft_expr_priv(expr);

	ctrack_net_put(ctx->net, nat->family);
}

static int nat_dump(struct sk_buff *skb, const struct nft_expr *expr,
		    bool reset)
{
	const struct nat_expr *nat = nft_expr_priv(expr);
	u32 type = nat->manip == NF_NAT_MANIP_SRC ? NFT_NAT_SNAT : NFT_NAT_DNAT;

	if (nla_put_be32(skb, NFTA_NAT_TYPE, htonl(type)) ||
	    nla_put_be32(skb, NFTA_NAT_FAMILY, htonl(nat->family)))
		return -1;
	return range_nft_dump(skb, &attributes, &nat->range);
}

static int nat_validate(NFT_VALIDATE_ARGS(ctx, expr))
{
	const struct nat_expr *nat = nft_expr_priv(expr);

	return range_nft_validate(ctx, nat->manip == NF_NAT_MANIP_SRC ?
				  BIT(NF_INET_POST_ROUTING) |
				  BIT(NF_INET_LOCAL_IN) :
				  BIT(NF_INET_PRE_ROUTING) |
				  BIT(NF_INET_LOCAL_OUT));
}

static struct nft_expr_type nat_type;

static const struct nft_expr_ops nat_ops = {
	.type = &nat_type,
	.size = NFT_EXPR_SIZE(sizeof(struct nat_expr)),
	.eval = nat_eval,
	.init = nat_init,
	.destroy = nat_destroy,
	.dump = nat_dump,
	.validate = nat_validate,
};

static struct nft_expr_type nat_type __read_mostly = {
	.name = "nat",
	.ops = &nat_ops,
	.policy = policy,
	.maxattr = NFTA_NAT_MAX,
	.owner = THIS_MODULE,
};

/**
 * ctrack_nft_nat_init - offer `snat` and `dnat` to nft
 *
 * Return: 0 or -errno.
 */
int ctrack_nft_nat_init(void)
{
	return nft_register_expr(&nat_type);
}

/**
 * ctrack_nft_nat_exit - take them back; no rule uses them any more
 */
void ctrack_nft_nat_exit(void)
{
	nft_unregister_expr(&nat_type);
}

MODULE_ALIAS_NFT_EXPR("nat");
MODULE_ALIAS_NFT_AF_EXPR(1, "nat");	/* NFPROTO_INET */
MODULE_ALIAS_NFT_AF_EXPR(2, "nat");	/* NFPROTO_IPV4 */
MODULE_ALIAS_NFT_AF_EXPR(10, "nat");	/* NFPROTO_IPV6 */
