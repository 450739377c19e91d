// SPDX-License-Identifier: GPL-2.0
/*
 * nft's object `ct timeout`: how long the connections live to which a rule
 * gives it (`ct timeout set`).
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/netfilter/nf_tables.h>

#include "nf/nft.h"
#include "nf/policy.h"
#include "nf/timeouts.h"

/**
 * struct ct_timeout - an object
 * @protocol: for whose connections it is
 * @l3num: NFPROTO_IPV4, NFPROTO_IPV6, or NFPROTO_INET for both
 * @policy: its timeouts; never NULL
 */
struct ct_timeout {
	const struct ctrack_protocol *protocol;
	u16 l3num;
	struct ctrack_policy *policy;
};

static bool is_for(const struct ct_timeout *priv, const struct ctrack_key *key)
{
	u16 l3num = READ_ONCE(priv->l3num);

	return (l3num == NFPROTO_INET || l3num == key->l3num) &&
	       READ_ONCE(priv->protocol) ==
	       ctrack_protocol_timeouts(key->protonum);
}

static void eval(struct nft_object *obj, struct nft_regs *regs,
		 const struct nft_pktinfo *pkt)
{
	const struct ct_timeout *priv = nft_obj_data(obj);
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;

	conn = ctrack_conn_of(pkt->skb, &ctinfo);
	if (!conn || test_bit(IPS_TEMPLATE_BIT, &conn->status) ||
	    !is_for(priv, ctrack_conn_key(conn, CTRACK_ORIGINAL)))
		return;
	ctrack_policy_give(conn, priv->policy);
}

/* A table of one family has no connections of the other. */
static int read_l3num(const struct nft_ctx *ctx, const struct nlattr *attr,
		      u16 *l3num)
{
	*l3num = attr ? ntohs(nla_get_be16(attr)) : ctx->family;
	if (*l3num == ctx->family || ctx->family == NFPROTO_INET)
		return *l3num == NFPROTO_IPV4 || *l3num == NFPROTO_IPV6 ||
		       *l3num == NFPROTO_INET ? 0 : -EOPNOTSUPP;
	return -EINVAL;
}

static int read_object(const struct nft_ctx *ctx,
		       const struct nlattr * const tb[],
		       struct ct_timeout *priv)
{
	u8 number;
	int err;

	if (!tb[NFTA_CT_TIMEOUT_L4PROTO] || !tb[NFTA_CT_TIMEOUT_DATA])
		return -EINVAL;
	err = read_l3num(ctx, tb[NFTA_CT_TIMEOUT_L3PROTO], &priv->l3num);
	if (err)
		return err;
	number = nla_get_u8(tb[NFTA_CT_TIMEOUT_L4PROTO]);
	priv->protocol = ctrack_protocol_timeouts(number);
	if (priv->protocol->number != number)
		return -EOPNOTSUPP;
	return ctrack_timeouts_read(ctrack_net(ctx->net),
				    tb[NFTA_CT_TIMEOUT_DATA], priv->protocol,
				    priv->policy->timeout, NULL);
}

static int init(const struct nft_ctx *ctx, const struct nlattr * const tb[],
		struct nft_object *obj)
{
	struct ctrack_net *cn = ctrack_net(ctx->net);
	struct ct_timeout *priv = nft_obj_data(obj);
	int err;

	priv->policy = kzalloc(sizeof(*priv->policy), GFP_KERNEL_ACCOUNT);
	if (!priv->policy)
		return -ENOMEM;
	err = read_object(ctx, tb, priv);
	if (err)
		goto err_free;
	err = ctrack_policy_add(cn, priv->policy);
	if (err)
		goto err_free;
	err = ctrack_net_get(ctx->net, ctx->family);
	if (err) {
		ctrack_policy_remove(cn, priv->policy);
		return err;
	}
	return 0;

err_free:
	kfree(priv->policy);
	return err;
}

static void destroy(const struct nft_ctx *ctx, struct nft_object *obj)
{
	struct ct_timeout *priv = nft_obj_data(obj);

	ctrack_policy_remove(ctrack_net(ctx->net), priv->policy);
	ctrack_net_put(ctx->net, ctx->family);
}

/* It is added again: connections that have it have it as it is now. */
static void update(struct nft_object *obj, struct nft_object *newobj)
{
	const struct ct_timeout *from = nft_obj_data(newobj);
	struct ct_timeout *to = nft_obj_data(obj);
	unsigned int i;

	WRITE_ONCE(to->protocol, from->protocol);
	WRITE_ONCE(to->l3num, from->l3num);
	for (i = 0; i < CTRACK_TIMEOUT_COUNT; i++)
		WRITE_ONCE(to->policy->timeout[i], from->policy->timeout[i]);
}

static int dump(struct sk_buff *skb, struct nft_object *obj, bool reset)
{
	const struct ct_timeout *priv = nft_obj_data(obj);
	const struct ctrack_protocol *protocol = READ_ONCE(priv->protocol);
	struct nlattr *nest;

	if (nla_put_u8(skb, NFTA_CT_TIMEOUT_L4PROTO, protocol->number) ||
	    nla_put_be16(skb, NFTA_CT_TIMEOUT_L3PROTO,
			 htons(READ_ONCE(priv->l3num))))
		return -1;
	nest = nla_nest_start(skb, NFTA_CT_TIMEOUT_DATA);
	if (!nest || !ctrack_timeouts_put(skb, protocol, priv->policy->timeout))
		return -1;
	nla_nest_end(skb, nest);
	return 0;
}

static const struct nla_policy policy[NFTA_CT_TIMEOUT_MAX + 1] = {
	[NFTA_CT_TIMEOUT_L3PROTO] = { .type = NLA_U16 },
	[NFTA_CT_TIMEOUT_L4PROTO] = { .type = NLA_U8 },
	[NFTA_CT_TIMEOUT_DATA] = { .type = NLA_NESTED },
};

static struct nft_object_type ct_timeout_type;

static const struct nft_object_ops ops = {
	.type = &ct_timeout_type,
	.size = sizeof(struct ct_timeout),
	.eval = eval,
	.init = init,
	.destroy = destroy,
	.dump = dump,
	.update = update,
};

static struct nft_object_type ct_timeout_type __read_mostly = {
	.type = NFT_OBJECT_CT_TIMEOUT,
	.ops = &ops,
	.maxattr = NFTA_CT_TIMEOUT_MAX,
	.policy = policy,
	.owner = THIS_MODULE,
};

/**
 * ctrack_nft_ct_timeout_init - offer `ct timeout` to nft
 *
 * Return: 0 or -errno.
 */
int ctrack_nft_ct_timeout_init(void)
{
	return nft_register_obj(&ct_timeout_type);
}

/**
 * ctrack_nft_ct_timeout_exit - take it back; no table has one any more
 */
void ctrack_nft_ct_timeout_exit(void)
{
	nft_unregister_obj(&ct_timeout_type);
}

MODULE_ALIAS_NFT_OBJ(NFT_OBJECT_CT_TIMEOUT);
