// SPDX-License-Identifier: GPL-2.0
/* nft's `ct count`, in a rule, of a set's element, and as an object. */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/netfilter/nf_tables.h>

#include "nf/nft.h"
#include "nf/refusal.h"
#include "nf/tally.h"

/**
 * struct counted - a tally that is not moved when nft moves what it is for
 * @lock: protects @tally
 * @tally: the connections
 */
struct counted {
	spinlock_t lock;	/* see above */
	struct ctrack_tally tally;
};

/**
 * struct connlimit - one `ct count`
 * @counted: its connections
 * @limit: how many there may be
 * @invert: `over`: matches when there are more
 */
struct connlimit {
	struct counted *counted;
	u32 limit;
	bool invert;
};

static struct counted *alloc_counted(gfp_t gfp)
{
	struct counted *counted = kmalloc(sizeof(*counted), gfp);

	if (counted) {
		spin_lock_init(&counted->lock);
		ctrack_tally_init(&counted->tally);
	}
	return counted;
}

static void free_counted(struct counted *counted)
{
	ctrack_tally_clear(&counted->tally);
	kfree(counted);
}

static void do_eval(const struct connlimit *priv, struct nft_regs *regs,
		    const struct nft_pktinfo *pkt)
{
	struct ctrack_net *cn = ctrack_net(nft_net(pkt));
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;
	int over;

	conn = ctrack_conn_of(pkt->skb, &ctinfo);
	spin_lock_bh(&priv->counted->lock);
	over = ctrack_tally_over(&priv->counted->tally, cn, conn, priv->limit);
	spin_unlock_bh(&priv->counted->lock);
	if (over < 0) {
		ctrack_packet_refuse(pkt->state, pkt->skb, NULL,
				     CTRACK_REASON_no_memory, true);
		regs->verdict.code = NF_DROP;
	} else if (over != priv->invert) {
		regs->verdict.code = NFT_BREAK;
	}
}

static int do_init(const struct nft_ctx *ctx, const struct nlattr * const tb[],
		   struct connlimit *priv)
{
	u32 flags = 0;
	int err;

	if (!tb[NFTA_CONNLIMIT_COUNT])
		return -EINVAL;
	if (tb[NFTA_CONNLIMIT_FLAGS])
		flags = ntohl(nla_get_be32(tb[NFTA_CONNLIMIT_FLAGS]));
	if (flags & ~NFT_CONNLIMIT_F_INV)
		return -EOPNOTSUPP;
	priv->limit = ntohl(nla_get_be32(tb[NFTA_CONNLIMIT_COUNT]));
	priv->invert = flags & NFT_CONNLIMIT_F_INV;
	priv->counted = alloc_counted(GFP_KERNEL_ACCOUNT);
	if (!priv->counted)
		return -ENOMEM;
	err = ctrack_net_get(ctx->net, ctx->family);
	if (err)
		kfree(priv->counted);
	return err;
}

static void do_destroy(const struct nft_ctx *ctx, struct connlimit *priv)
{
	ctrack_net_put(ctx->net, ctx->family);
	free_counted(priv->counted);
}

static int do_dump(struct sk_buff *skb, const struct connlimit *priv)
{
	if (nla_put_be32(skb, NFTA_CONNLIMIT_COUNT, htonl(priv->limit)))
		return -1;
	if (priv->invert &&
	    nla_put_be32(skb, NFTA_CONNLIMIT_FLAGS, htonl(NFT_CONNLIMIT_F_INV)))
		return -1;
	return 0;
}

static void expr_eval(const struct nft_expr *expr, struct nft_regs *regs,
		      const struct nft_pktinfo *pkt)
{
	do_eval(nft_expr_priv(expr), regs, pkt);
}

static int expr_init(const struct nft_ctx *ctx, const struct nft_expr *expr,
		     const struct nlattr * const tb[])
{
	return do_init(ctx, tb, nft_expr_priv(expr));
}

static void expr_destroy(const struct nft_ctx *ctx, const struct nft_expr *expr)
{
	do_destroy(ctx, nft_expr_priv(expr));
}

static int expr_dump(struct sk_buff *skb, const struct nft_expr *expr,
		     bool reset)
{
	return do_dump(skb, nft_expr_priv(expr));
}

/* An element of a set counts for itself; its set holds tracking on. */
static int expr_clone(struct nft_expr *dst, const struct nft_expr *src, gfp_t gfp)
{
	const struct connlimit *from = nft_expr_priv(src);
	struct connlimit *to = nft_expr_priv(dst);

	to->limit = from->limit;
	to->invert = from->invert;
	to->counted = alloc_counted(gfp);
	return to->counted ? 0 : -ENOMEM;
}

static void expr_destroy_clone(const struct nft_ctx *ctx,
			       const struct nft_expr *expr)
{
	const struct connlimit *priv = nft_expr_priv(expr);

	free_counted(priv->counted);
}

/* Asks whether an element of a set is needed no more. */
static bool expr_gc(struct net *net, const struct nft_expr *expr)
{
	const struct connlimit *priv = nft_expr_priv(expr);
	bool empty;

	if (!spin_trylock_bh(&priv->counted->lock))
		return false;
	rcu_read_lock();
	empty = ctrack_tally_empty(&priv->counted->tally, ctrack_net(net));
	rcu_read_unlock();
	spin_unlock_bh(&priv->counted->lock);
	return empty;
}

static const struct nla_policy policy[NFTA_CONNLIMIT_MAX + 1] = {
	[NFTA_CONNLIMIT_COUNT] = { .type = NLA_U32 },
	[NFTA_CONNLIMIT_FLAGS] = { .type = NLA_U32 },
};

static struct nft_expr_type expr_type;

static const struct nft_expr_ops expr_ops = {
	.type = &expr_type,
	.size = NFT_EXPR_SIZE(sizeof(struct connlimit)),
	.eval = expr_eval,
	.init = expr_init,
	.destroy = expr_destroy,
	.clone = expr_clone,
	.destroy_clone = expr_destroy_clone,
	.dump = expr_dump,
	.gc = expr_gc,
};

static struct nft_expr_type expr_type __read_mostly = {
	.name = "connlimit",
	.ops = &expr_ops,
	.policy = policy,
	.maxattr = NFTA_CONNLIMIT_MAX,
	.flags = NFT_EXPR_STATEFUL | NFT_EXPR_GC,
	.owner = THIS_MODULE,
};

static void object_eval(struct nft_object *obj, struct nft_regs *regs,
			const struct nft_pktinfo *pkt)
{
	do_eval(nft_obj_data(obj), regs, pkt);
}

static int object_init(const struct nft_ctx *ctx,
		       const struct nlattr * const tb[], struct nft_object *obj)
{
	return do_init(ctx, tb, nft_obj_data(obj));
}

static void object_destroy(const struct nft_ctx *ctx, struct nft_object *obj)
{
	do_destroy(ctx, nft_obj_data(obj));
}

static int object_dump(struct sk_buff *skb, struct nft_object *obj, bool reset)
{
	return do_dump(skb, nft_obj_data(obj));
}

static struct nft_object_type object_type;

static const struct nft_object_ops object_ops = {
	.type = &object_type,
	.size = sizeof(struct connlimit),
	.eval = object_eval,
	.init = object_init,
	.destroy = object_destroy,
	.dump = object_dump,
};

static struct nft_object_type object_type __read_mostly = {
	.type = NFT_OBJECT_CONNLIMIT,
	.ops = &object_ops,
	.maxattr = NFTA_CONNLIMIT_MAX,
	.policy = policy,
	.owner = THIS_MODULE,
};

/**
 * ctrack_nft_connlimit_init - offer `ct count` to nft
 *
 * Return: 0 or -errno.
 */
int ctrack_nft_connlimit_init(void)
{
	int err;

	err = nft_register_obj(&object_type);
	if (err)
		return err;
	err = nft_register_expr(&expr_type);
	if (err)
		nft_unregister_obj(&object_type);
	return err;
}

/**
 * ctrack_nft_connlimit_exit - take it back; nothing uses it any more
 */
void ctrack_nft_connlimit_exit(void)
{
	nft_unregister_expr(&expr_type);
	nft_unregister_obj(&object_type);
}

MODULE_ALIAS_NFT_EXPR("connlimit");
MODULE_ALIAS_NFT_OBJ(NFT_OBJECT_CONNLIMIT);
