// SPDX-License-Identifier: GPL-2.0
/* The nft expression `ct`, and what a rule can ask of a connection by it. */
#include <linux/module.h>
#include <net/netfilter/nf_conntrack_helper.h>

#include "nf/counters.h"
#include "nf/labels.h"
#include "nf/net.h"
#include "nf/nft.h"
#include "nf/nft_ct.h"

/* Whether a key of the expression goes with `original` or `reply`. */
enum wants_direction {
	NO_DIRECTION,
	ANY_DIRECTION,
	ONE_DIRECTION,
};

/**
 * struct ct_key - what nft must say to get a key
 * @length: octets that are stored; 0: not to be had
 * @direction: whether it must name one
 */
struct ct_key {
	u8 length;
	u8 direction;
};

#define IPV4_LENGTH	sizeof(struct in_addr)
#define IPV6_LENGTH	sizeof(struct in6_addr)

static const struct ct_key ct_keys[] = {
	[NFT_CT_STATE]		= { sizeof(u32), NO_DIRECTION },
	[NFT_CT_DIRECTION]	= { sizeof(u8), NO_DIRECTION },
	[NFT_CT_STATUS]		= { sizeof(u32), NO_DIRECTION },
	[NFT_CT_MARK]		= { sizeof(u32), NO_DIRECTION },
	[NFT_CT_SECMARK]	= { sizeof(u32), NO_DIRECTION },
	[NFT_CT_EXPIRATION]	= { sizeof(u32), NO_DIRECTION },
	/* Who expected it: nobody ever did, so that the rule does not match. */
	[NFT_CT_HELPER]		= { NF_CT_HELPER_NAME_LEN, NO_DIRECTION },
	[NFT_CT_LABELS]		= { sizeof(struct ctrack_labels), NO_DIRECTION },
	[NFT_CT_ID]		= { sizeof(u32), NO_DIRECTION },
	[NFT_CT_L3PROTOCOL]	= { sizeof(u8), ANY_DIRECTION },
	[NFT_CT_PROTOCOL]	= { sizeof(u8), ANY_DIRECTION },
	[NFT_CT_BYTES]		= { sizeof(u64), ANY_DIRECTION },
	[NFT_CT_PKTS]		= { sizeof(u64), ANY_DIRECTION },
	[NFT_CT_AVGPKT]		= { sizeof(u64), ANY_DIRECTION },
	[NFT_CT_ZONE]		= { sizeof(u16), ANY_DIRECTION },
	[NFT_CT_SRC]		= { IPV6_LENGTH, ONE_DIRECTION },
	[NFT_CT_DST]		= { IPV6_LENGTH, ONE_DIRECTION },
	[NFT_CT_SRC_IP]		= { IPV4_LENGTH, ONE_DIRECTION },
	[NFT_CT_DST_IP]		= { IPV4_LENGTH, ONE_DIRECTION },
	[NFT_CT_SRC_IP6]	= { IPV6_LENGTH, ONE_DIRECTION },
	[NFT_CT_DST_IP6]	= { IPV6_LENGTH, ONE_DIRECTION },
	[NFT_CT_PROTO_SRC]	= { sizeof(u16), ONE_DIRECTION },
	[NFT_CT_PROTO_DST]	= { sizeof(u16), ONE_DIRECTION },
};

static void store_labels(u32 *dest, struct ctrack_conn *conn)
{
	const struct ctrack_labels labels = ctrack_conn_labels(conn);

	memcpy(dest, &labels, sizeof(labels));
}

static void store_u64(u32 *dest, u64 value)
{
	memcpy(dest, &value, sizeof(value));
}

static u32 packet_state(const struct ctrack_conn *conn,
			enum ip_conntrack_info ctinfo)
{
	if (conn)
		return NF_CT_STATE_BIT(ctinfo);
	return ctinfo == IP_CT_UNTRACKED ? NF_CT_STATE_UNTRACKED_BIT :
					   NF_CT_STATE_INVALID_BIT;
}

static u16 zone(const struct ctrack_conn *conn, u8 direction)
{
	return direction == CTRACK_DIRECTIONS ? conn->zone.id :
	       ctrack_zone_id(&conn->zone, direction);
}

/* What belongs to the connection; false when @key is not of that kind. */
static bool get_conn(const struct ct_expr *priv, struct ctrack_conn *conn,
		     u32 *dest)
{
	switch (priv->key) {
	case NFT_CT_STATUS:
		*dest = ctrack_conn_status(conn);
		return true;
	case NFT_CT_MARK:
		*dest = READ_ONCE(conn->mark);
		return true;
	case NFT_CT_SECMARK:
		*dest = READ_ONCE(conn->secmark);
		return true;
	case NFT_CT_EXPIRATION:
		*dest = jiffies_to_msecs(ctrack_conn_expires(conn));
		return true;
	case NFT_CT_LABELS:
		store_labels(dest, conn);
		return true;
	case NFT_CT_ID:
		*dest = ctrack_conn_id(conn);
		return true;
	case NFT_CT_BYTES:
	case NFT_CT_PKTS:
		store_u64(dest, ctrack_conn_counter(conn, priv->direction,
						    priv->key == NFT_CT_BYTES));
		return true;
	case NFT_CT_AVGPKT:
		store_u64(dest, ctrack_conn_average(conn, priv->direction));
		return true;
	case NFT_CT_ZONE:
		nft_reg_store16(dest, zone(conn, priv->direction));
		return true;
	default:
		return false;
	}
}

static bool get_address(const struct ct_expr *priv, u16 family,
			const struct ctrack_key *key,
			const union nf_inet_addr *address, u32 *dest)
{
	if (family && key->l3num != family)
		return false;
	memcpy(dest, address, priv->length);
	return true;
}

/* What belongs to a key; false when it does not have it. */
static bool get_key(const struct ct_expr *priv, const struct ctrack_key *key,
		    u32 *dest)
{
	switch (priv->key) {
	case NFT_CT_L3PROTOCOL:
		nft_reg_store8(dest, key->l3num);
		return true;
	case NFT_CT_PROTOCOL:
		nft_reg_store8(dest, key->protonum);
		return true;
	case NFT_CT_PROTO_SRC:
		nft_reg_store16(dest, (__force u16)key->source_id.all);
		return true;
	case NFT_CT_PROTO_DST:
		nft_reg_store16(dest, (__force u16)key->destination_id.all);
		return true;
	case NFT_CT_SRC:
		return get_address(priv, 0, key, &key->source, dest);
	case NFT_CT_DST:
		return get_address(priv, 0, key, &key->destination, dest);
	case NFT_CT_SRC_IP:
		return get_address(priv, NFPROTO_IPV4, key, &key->source, dest);
	case NFT_CT_DST_IP:
		return get_address(priv, NFPROTO_IPV4, key, &key->destination,
				   dest);
	case NFT_CT_SRC_IP6:
		return get_address(priv, NFPROTO_IPV6, key, &key->source, dest);
	case NFT_CT_DST_IP6:
		return get_address(priv, NFPROTO_IPV6, key, &key->destination,
				   dest);
	default:
		return false;
	}
}

/* Apart, so that `ct state`, which nearly all rules ask for, needs no stack. */
static noinline void get_other(const struct ct_expr *priv, struct nft_regs *regs,
			       struct ctrack_conn *conn,
			       enum ip_conntrack_info ctinfo)
{
	u32 *dest = &regs->data[priv->reg];

	if (!conn) {
		regs->verdict.code = NFT_BREAK;
		return;
	}
	if (priv->key == NFT_CT_DIRECTION) {
		nft_reg_store8(dest, ctrack_direction_of(ctinfo));
		return;
	}
	if (!get_conn(priv, conn, dest) &&
	    !get_key(priv, ctrack_conn_key(conn, priv->direction %
					   CTRACK_DIRECTIONS), dest))
		regs->verdict.code = NFT_BREAK;
}

static void get_eval(const struct nft_expr *expr, struct nft_regs *regs,
		     const struct nft_pktinfo *pkt)
{
	const struct ct_expr *priv = nft_expr_priv(expr);
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;

	conn = ctrack_conn_of(pkt->skb, &ctinfo);
	if (likely(priv->key == NFT_CT_STATE))
		regs->data[priv->reg] = packet_state(conn, ctinfo);
	else
		get_other(priv, regs, conn, ctinfo);
}

/**
 * ctrack_nft_ct_direction - read the direction that a rule names
 * @priv: where it goes
 * @attr: NFTA_CT_DIRECTION, or NULL
 *
 * Return: 0, or -EINVAL when there is no such direction.
 */
int ctrack_nft_ct_direction(struct ct_expr *priv, const struct nlattr *attr)
{
	priv->direction = CTRACK_DIRECTIONS;
	if (!attr)
		return 0;
	priv->direction = nla_get_u8(attr);
	return priv->direction < CTRACK_DIRECTIONS ? 0 : -EINVAL;
}

static int parse_direction(struct ct_expr *priv, const struct nlattr *attr)
{
	if (ct_keys[priv->key].direction == (attr ? NO_DIRECTION : ONE_DIRECTION))
		return -EINVAL;
	return ctrack_nft_ct_direction(priv, attr);
}

/* `ct saddr` without a family of its own is as long as the table's. */
static int parse_length(struct ct_expr *priv, const struct nft_ctx *ctx)
{
	priv->length = ct_keys[priv->key].length;
	if ((priv->key == NFT_CT_SRC || priv->key == NFT_CT_DST) &&
	    ctx->family == NFPROTO_IPV4)
		priv->length = IPV4_LENGTH;
	return priv->length ? 0 : -EOPNOTSUPP;
}

/* Without counters a rule that asks for them would mean nothing. */
static void count_for(const struct ct_expr *priv, struct net *net)
{
	switch (priv->key) {
	case NFT_CT_BYTES:
	case NFT_CT_PKTS:
	case NFT_CT_AVGPKT:
		WRITE_ONCE(ctrack_net(net)->account, 1);
		break;
	}
}

static int get_init(const struct nft_ctx *ctx, const struct nft_expr *expr,
		    const struct nlattr * const tb[])
{
	struct ct_expr *priv = nft_expr_priv(expr);
	u32 key = ntohl(nla_get_be32(tb[NFTA_CT_KEY]));
	int err;

	if (key >= ARRAY_SIZE(ct_keys))
		return -EOPNOTSUPP;
	priv->key = key;
	err = parse_length(priv, ctx);
	if (!err)
		err = parse_direction(priv, tb[NFTA_CT_DIRECTION]);
	if (!err)
		err = nft_parse_register_store(ctx, tb[NFTA_CT_DREG], &priv->reg,
					       NULL, NFT_DATA_VALUE, priv->length);
	if (!err)
		err = ctrack_net_get(ctx->net, ctx->family);
	if (!err)
		count_for(priv, ctx->net);
	return err;
}

/**
 * ctrack_nft_ct_destroy - a rule goes
 * @ctx: where it was
 * @expr: its expression
 */
void ctrack_nft_ct_destroy(const struct nft_ctx *ctx,
			   const struct nft_expr *expr)
{
	ctrack_net_put(ctx->net, ctx->family);
}

/**
 * ctrack_nft_ct_dump - say what a rule was given
 * @skb: message
 * @priv: the expression
 * @attribute: that of the register
 *
 * Return: 0, or -1 when @skb is full.
 */
int ctrack_nft_ct_dump(struct sk_buff *skb, const struct ct_expr *priv,
		       int attribute)
{
	if (nft_dump_register(skb, attribute, priv->reg) ||
	    nla_put_be32(skb, NFTA_CT_KEY, htonl(priv->key)))
		return -1;
	if (priv->direction < CTRACK_DIRECTIONS &&
	    nla_put_u8(skb, NFTA_CT_DIRECTION, priv->direction))
		return -1;
	return 0;
}

static int get_dump(struct sk_buff *skb, const struct nft_expr *expr, bool reset)
{
	return ctrack_nft_ct_dump(skb, nft_expr_priv(expr), NFTA_CT_DREG);
}

static const struct nft_expr_ops get_ops = {
	.type = &ctrack_nft_ct_type,
	.size = NFT_EXPR_SIZE(sizeof(struct ct_expr)),
	.eval = get_eval,
	.init = get_init,
	.destroy = ctrack_nft_ct_destroy,
	.dump = get_dump,
};

static const struct nft_expr_ops *select_ops(const struct nft_ctx *ctx,
					     const struct nlattr * const tb[])
{
	if (!tb[NFTA_CT_KEY] || !tb[NFTA_CT_DREG] == !tb[NFTA_CT_SREG])
		return ERR_PTR(-EINVAL);
	return tb[NFTA_CT_DREG] ? &get_ops :
				  ctrack_nft_ct_set_ops(tb[NFTA_CT_KEY]);
}

static const struct nla_policy policy[NFTA_CT_MAX + 1] = {
	[NFTA_CT_DREG] = { .type = NLA_U32 },
	[NFTA_CT_KEY] = { .type = NLA_U32 },
	[NFTA_CT_DIRECTION] = { .type = NLA_U8 },
	[NFTA_CT_SREG] = { .type = NLA_U32 },
};

struct nft_expr_type ctrack_nft_ct_type __read_mostly = {
	.name = "ct",
	.select_ops = select_ops,
	.policy = policy,
	.maxattr = NFTA_CT_MAX,
	.owner = THIS_MODULE,
};

/**
 * ctrack_nft_ct_init - offer `ct` to nft
 *
 * Return: 0 or -errno.
 */
int ctrack_nft_ct_init(void)
{
	return nft_register_expr(&ctrack_nft_ct_type);
}

/**
 * ctrack_nft_ct_exit - take it back; no rule uses it any more
 */
void ctrack_nft_ct_exit(void)
{
	nft_unregister_expr(&ctrack_nft_ct_type);
}

MODULE_ALIAS_NFT_EXPR("ct");
