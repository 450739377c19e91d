// SPDX-License-Identifier: GPL-2.0
/* `ct ... set`: what a rule tells a connection, and a packet that has none yet. */
#include "nf/labels.h"
#include "nf/nft_ct.h"
#include "nf/refusal.h"
#include "nf/template.h"

static u8 length_of(u32 key)
{
	switch (key) {
	case NFT_CT_MARK:
	case NFT_CT_SECMARK:
	case NFT_CT_EVENTMASK:
		return sizeof(u32);
	case NFT_CT_ZONE:
		return sizeof(u16);
	case NFT_CT_LABELS:
		return sizeof(struct ctrack_labels);
	default:
		return 0;
	}
}

static void set_eval(const struct nft_expr *expr, struct nft_regs *regs,
		     const struct nft_pktinfo *pkt)
{
	const struct ct_expr *priv = nft_expr_priv(expr);
	u32 value = regs->data[priv->reg];
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;

	conn = ctrack_conn_of(pkt->skb, &ctinfo);
	if (!conn)
		return;
	switch (priv->key) {
	case NFT_CT_MARK:
		ctrack_conn_set_word(conn, &conn->mark, value, IPCT_MARK);
		break;
	case NFT_CT_SECMARK:
		ctrack_conn_set_word(conn, &conn->secmark, value, IPCT_SECMARK);
		break;
	case NFT_CT_EVENTMASK:
		ctrack_conn_want_events(conn, value);
		break;
	}
}

/* A rule adds labels. Later ones rely on them: without them, no packet. */
static void set_labels_eval(const struct nft_expr *expr, struct nft_regs *regs,
			    const struct nft_pktinfo *pkt)
{
	const struct ct_expr *priv = nft_expr_priv(expr);
	struct ctrack_labels labels, keep;
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;
	unsigned int i;

	conn = ctrack_conn_of(pkt->skb, &ctinfo);
	if (!conn)
		return;
	memcpy(&labels, &regs->data[priv->reg], sizeof(labels));
	for (i = 0; i < CTRACK_LABELS_WORDS; i++)
		keep.word[i] = ~labels.word[i];
	if (!ctrack_conn_change_labels(conn, &keep, &labels))
		return;
	ctrack_packet_refuse(pkt->state, pkt->skb, NULL,
			     CTRACK_REASON_no_memory, true);
	regs->verdict.code = NF_DROP;
}

/*
 * The first rule that speaks is heard. What is untracked, by a rule or by a
 * device of a VRF, is tracked in the zone after all.
 */
static void set_zone_eval(const struct nft_expr *expr, struct nft_regs *regs,
			  const struct nft_pktinfo *pkt)
{
	const struct ct_expr *priv = nft_expr_priv(expr);
	const struct nf_conntrack_zone zone = {
		.id = nft_reg_load16(&regs->data[priv->reg]),
		.dir = priv->direction < CTRACK_DIRECTIONS ?
		       1 << priv->direction : NF_CT_DEFAULT_ZONE_DIR,
	};

	if (skb_nfct(pkt->skb) ||
	    ctrack_template_attach(pkt->skb, &zone, ~0U, 0))
		return;
	ctrack_packet_refuse(pkt->state, pkt->skb, NULL,
			     CTRACK_REASON_no_memory, true);
	regs->verdict.code = NF_DROP;
}

static int set_init(const struct nft_ctx *ctx, const struct nft_expr *expr,
		    const struct nlattr * const tb[])
{
	struct ct_expr *priv = nft_expr_priv(expr);
	int err;

	priv->key = ntohl(nla_get_be32(tb[NFTA_CT_KEY]));
	priv->length = length_of(priv->key);
	if (tb[NFTA_CT_DIRECTION] && priv->key != NFT_CT_ZONE)
		return -EINVAL;
	err = ctrack_nft_ct_direction(priv, tb[NFTA_CT_DIRECTION]);
	if (!err)
		err = nft_parse_register_load(ctx, tb[NFTA_CT_SREG],
					      &priv->reg, priv->length);
	if (err)
		return err;
	return ctrack_net_get(ctx->net, ctx->family);
}

static int set_dump(struct sk_buff *skb, const struct nft_expr *expr, bool reset)
{
	return ctrack_nft_ct_dump(skb, nft_expr_priv(expr), NFTA_CT_SREG);
}

static const struct nft_expr_ops set_ops = {
	.type = &ctrack_nft_ct_type,
	.size = NFT_EXPR_SIZE(sizeof(struct ct_expr)),
	.eval = set_eval,
	.init = set_init,
	.destroy = ctrack_nft_ct_destroy,
	.dump = set_dump,
};

static const struct nft_expr_ops set_zone_ops = {
	.type = &ctrack_nft_ct_type,
	.size = NFT_EXPR_SIZE(sizeof(struct ct_expr)),
	.eval = set_zone_eval,
	.init = set_init,
	.destroy = ctrack_nft_ct_destroy,
	.dump = set_dump,
};

static const struct nft_expr_ops set_labels_ops = {
	.type = &ctrack_nft_ct_type,
	.size = NFT_EXPR_SIZE(sizeof(struct ct_expr)),
	.eval = set_labels_eval,
	.init = set_init,
	.destroy = ctrack_nft_ct_destroy,
	.dump = set_dump,
};

/**
 * ctrack_nft_ct_set_ops - what sets a key
 * @key: NFTA_CT_KEY
 *
 * Return: the operations; ERR_PTR(-EOPNOTSUPP) when it can't be set.
 */
const struct nft_expr_ops *ctrack_nft_ct_set_ops(const struct nlattr *key)
{
	u32 number = ntohl(nla_get_be32(key));

	if (!length_of(number))
		return ERR_PTR(-EOPNOTSUPP);
	switch (number) {
	case NFT_CT_ZONE:
		return &set_zone_ops;
	case NFT_CT_LABELS:
		return &set_labels_ops;
	default:
		return &set_ops;
	}
}
