// SPDX-License-Identifier: GPL-2.0
/* The nft expression `masq`: masquerade. */
#include <linux/module.h>
#include <linux/netfilter/nf_tables.h>
#include <net/netfilter/nf_tables.h>

#include "nat/nat.h"
#include "nat/range_nft.h"
#include "nf/net.h"

static const struct range_nft_attributes attributes = {
	.port_min = NFTA_MASQ_REG_PROTO_MIN,
	.port_max = NFTA_MASQ_REG_PROTO_MAX,
	.flags = NFTA_MASQ_FLAGS,
	.allowed = RANGE_NFT_CHOICE | NF_NAT_RANGE_PROTO_SPECIFIED,
};

static const struct nla_policy policy[NFTA_MASQ_MAX + 1] = {
	[NFTA_MASQ_FLAGS] = { .type = NLA_U32 },
	[NFTA_MASQ_REG_PROTO_MIN] = { .type = NLA_U32 },
	[NFTA_MASQ_REG_PROTO_MAX] = { .type = NLA_U32 },
};

static void masq_eval(const struct nft_expr *expr, struct nft_regs *regs,
		      const struct nft_pktinfo *pkt)
{
	const struct range_nft *masq = nft_expr_priv(expr);
	struct nf_nat_range2 range;
	enum ctrack_reason reason;

	range_nft_load(masq, regs, nft_pf(pkt), &range);
	reason = ctrack_masquerade(pkt->skb, pkt->state, &range);
	regs->verdict.code = ctrack_nat_verdict(pkt->skb, pkt->state, reason);
}

static int masq_init(const struct nft_ctx *ctx, const struct nft_expr *expr,
		     const struct nlattr * const tb[])
{
	int err;

	err = range_nft_init(ctx, &attributes, tb, 0, nft_expr_priv(expr));
	if (err)
		return err;
	return ctrack_net_get(ctx->net, ctx->family);
}

static void masq_destroy(const struct nft_ctx *ctx, const struct nft_expr *expr)
{
	ctrack_net_put(ctx->net, ctx->family);
}

static int masq_dump(struct sk_buff *skb, const struct nft_expr *expr,
		     bool reset)
{
	return range_nft_dump(skb, &attributes, nft_expr_priv(expr));
}

static int masq_validate(NFT_VALIDATE_ARGS(ctx, expr))
{
	return range_nft_validate(ctx, BIT(NF_INET_POST_ROUTING));
}

static struct nft_expr_type masq_type;

static const struct nft_expr_ops masq_ops = {
	.type = &masq_type,
	.size = NFT_EXPR_SIZE(sizeof(struct range_nft)),
	.eval = masq_eval,
	.init = masq_init,
	.destroy = masq_destroy,
	.dump = masq_dump,
	.validate = masq_validate,
};

static struct nft_expr_type masq_type __read_mostly = {
	.name = "masq",
	.ops = &masq_ops,
	.policy = policy,
	.maxattr = NFTA_MASQ_MAX,
	.owner = THIS_MODULE,
};

/**
 * ctrack_nft_masq_init - offer `masquerade` to nft
 *
 * Return: 0 or -errno.
 */
int ctrack_nft_masq_init(void)
{
	return nft_register_expr(&masq_type);
}

/**
 * ctrack_nft_masq_exit - take it back; no rule uses it any more
 */
void ctrack_nft_masq_exit(void)
{
	nft_unregister_expr(&masq_type);
}

MODULE_ALIAS_NFT_EXPR("masq");
MODULE_ALIAS_NFT_AF_EXPR(1, "masq");	/* NFPROTO_INET */
MODULE_ALIAS_NFT_AF_EXPR(2, "masq");	/* NFPROTO_IPV4 */
MODULE_ALIAS_NFT_AF_EXPR(10, "masq");	/* NFPROTO_IPV6 */
