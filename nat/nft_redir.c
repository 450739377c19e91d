// SPDX-License-Identifier: GPL-2.0
/* The nft expression `redir`: redirect. */
#include <linux/module.h>
#include <linux/netfilter/nf_tables.h>
#include <net/netfilter/nf_tables.h>

#include "nat/nat.h"
#include "nat/range_nft.h"
#include "nf/net.h"

static const struct range_nft_attributes attributes = {
	.port_min = NFTA_REDIR_REG_PROTO_MIN,
	.port_max = NFTA_REDIR_REG_PROTO_MAX,
	.flags = NFTA_REDIR_FLAGS,
	.allowed = RANGE_NFT_CHOICE | NF_NAT_RANGE_PROTO_SPECIFIED,
};

static const struct nla_policy policy[NFTA_REDIR_MAX + 1] = {
	[NFTA_REDIR_FLAGS] = { .type = NLA_U32 },
	[NFTA_REDIR_REG_PROTO_MIN] = { .type = NLA_U32 },
	[NFTA_REDIR_REG_PROTO_MAX] = { .type = NLA_U32 },
};

static void redir_eval(const struct nft_expr *expr, struct nft_regs *regs,
		       const struct nft_pktinfo *pkt)
{
	const struct range_nft *redir = nft_expr_priv(expr);
	struct nf_nat_range2 range;
	enum ctrack_reason reason;

	range_nft_load(redir, regs, nft_pf(pkt), &range);
	reason = ctrack_redirect(pkt->skb, pkt->state, &range);
	regs->verdict.code = ctrack_nat_verdict(pkt->skb, pkt->state, reason);
}

static int redir_init(const struct nft_ctx *ctx, const struct nft_expr *expr,
		      const struct nlattr * const tb[])
{
	int err;

	err = range_nft_init(ctx, &attributes, tb, 0, nft_expr_priv(expr));
	if (err)
		return err;
	return ctrack_net_get(ctx->net, ctx->family);
}

static void redir_destroy(const struct nft_ctx *ctx, const struct nft_expr *expr)
{
	ctrack_net_put(ctx->net, ctx->family);
}

static int redir_dump(struct sk_buff *skb, const struct nft_expr *expr,
		      bool reset)
{
	return range_nft_dump(skb, &attributes, nft_expr_priv(expr));
}

static int redir_validate(NFT_VALIDATE_ARGS(ctx, expr))
{
	return range_nft_validate(ctx, BIT(NF_INET_PRE_ROUTING) |
				  BIT(NF_INET_LOCAL_OUT));
}

static struct nft_expr_type redir_type;

static const struct nft_expr_ops redir_ops = {
	.type = &redir_type,
	.size = NFT_EXPR_SIZE(sizeof(struct range_nft)),
	.eval = redir_eval,
	.init = redir_init,
	.destroy = redir_destroy,
	.dump = redir_dump,
	.validate = redir_validate,
};

static struct nft_expr_type redir_type __read_mostly = {
	.name = "redir",
	.ops = &redir_ops,
	.policy = policy,
	.maxattr = NFTA_REDIR_MAX,
	.owner = THIS_MODULE,
};

/**
 * ctrack_nft_redir_init - offer `redirect` to nft
 *
 * Return: 0 or -errno.
 */
int ctrack_nft_redir_init(void)
{
	return nft_register_expr(&redir_type);
}

/**
 * ctrack_nft_redir_exit - take it back; no rule uses it any more
 */
void ctrack_nft_redir_exit(void)
{
	nft_unregister_expr(&redir_type);
}

MODULE_ALIAS_NFT_EXPR("redir");
MODULE_ALIAS_NFT_AF_EXPR(1, "redir");	/* NFPROTO_INET */
MODULE_ALIAS_NFT_AF_EXPR(2, "redir");	/* NFPROTO_IPV4 */
MODULE_ALIAS_NFT_AF_EXPR(10, "redir");	/* NFPROTO_IPV6 */
