// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <net/netfilter/nf_tables.h>

#include "nf/nft.h"
#include "nf/template.h"

static void notrack_eval(const struct nft_expr *expr, struct nft_regs *regs,
			 const struct nft_pktinfo *pkt)
{
	ctrack_template_notrack(pkt->skb);
}

static struct nft_expr_type notrack_type;

static const struct nft_expr_ops notrack_ops = {
	.type = &notrack_type,
	.size = NFT_EXPR_SIZE(0),
	.eval = notrack_eval,
};

static struct nft_expr_type notrack_type __read_mostly = {
	.name = "notrack",
	.ops = &notrack_ops,
	.owner = THIS_MODULE,
};

/**
 * ctrack_nft_notrack_init - offer `notrack` to nft
 *
 * Return: 0 or -errno.
 */
int ctrack_nft_notrack_init(void)
{
	return nft_register_expr(&notrack_type);
}

/**
 * ctrack_nft_notrack_exit - take it back; no rule uses it any more
 */
void ctrack_nft_notrack_exit(void)
{
	nft_unregister_expr(&notrack_type);
}

MODULE_ALIAS_NFT_EXPR("notrack");
