/* SPDX-License-Identifier: GPL-2.0 */
/* What reading and setting by the nft expression `ct` have in common. */
#ifndef CTRACK_NFT_CT_H
#define CTRACK_NFT_CT_H

#include <net/netfilter/nf_tables.h>

/**
 * struct ct_expr - one `ct` in a rule
 * @key: enum nft_ct_keys
 * @direction: enum ctrack_direction, or CTRACK_DIRECTIONS for none
 * @length: octets in the register
 * @reg: the register it reads or writes
 */
struct ct_expr {
	u8 key;
	u8 direction;
	u8 length;
	u8 reg;
};

extern struct nft_expr_type ctrack_nft_ct_type;

/* nft_ct.c APIs: */
int ctrack_nft_ct_direction(struct ct_expr *priv, const struct nlattr *attr);
void ctrack_nft_ct_destroy(const struct nft_ctx *ctx,
			   const struct nft_expr *expr);
int ctrack_nft_ct_dump(struct sk_buff *skb, const struct ct_expr *priv,
		       int attribute);

/* nft_ct_set.c APIs: */
const struct nft_expr_ops *ctrack_nft_ct_set_ops(const struct nlattr *key);

#endif
