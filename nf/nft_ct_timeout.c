// SPDX-License-Identifier: GPL-2.0
/*
 * nft's object `ct timeout`: how long the connections live to which a rule
 * gives it (`ct timeout set`).
 */
#include <linux/module.h>
#include <linux/netfilter/nfnetlink_cttimeout.h>
#include <linux/slab.h>
#include <net/netfilter/nf_tables.h>

#include "nf/netlink_parse.h"
#include "nf/nft.h"
#include "nf/policy.h"

/* Attributes of the protocols, each by its place: the timeout that it sets. */

static const u8 tcp[CTA_TIMEOUT_TCP_MAX + 1] = {
	[CTA_TIMEOUT_TCP_SYN_SENT]	= CTRACK_TIMEOUT_TCP_SYN_SENT,
	[CTA_TIMEOUT_TCP_SYN_RECV]	= CTRACK_TIMEOUT_TCP_SYN_RECV,
	[CTA_TIMEOUT_TCP_ESTABLISHED]	= CTRACK_TIMEOUT_TCP_ESTABLISHED,
	[CTA_TIMEOUT_TCP_FIN_WAIT]	= CTRACK_TIMEOUT_TCP_FIN_WAIT,
	[CTA_TIMEOUT_TCP_CLOSE_WAIT]	= CTRACK_TIMEOUT_TCP_CLOSE_WAIT,
	[CTA_TIMEOUT_TCP_LAST_ACK]	= CTRACK_TIMEOUT_TCP_LAST_ACK,
	[CTA_TIMEOUT_TCP_TIME_WAIT]	= CTRACK_TIMEOUT_TCP_TIME_WAIT,
	[CTA_TIMEOUT_TCP_CLOSE]		= CTRACK_TIMEOUT_TCP_CLOSE,
	[CTA_TIMEOUT_TCP_SYN_SENT2]	= CTRACK_TIMEOUT_TCP_SYN_SENT2,
	[CTA_TIMEOUT_TCP_RETRANS]	= CTRACK_TIMEOUT_TCP_MAX_RETRANS,
	[CTA_TIMEOUT_TCP_UNACK]		= CTRACK_TIMEOUT_TCP_UNACKNOWLEDGED,
};

/* UDP-Lite's attributes are the same. */
static const u8 udp[CTA_TIMEOUT_UDP_MAX + 1] = {
	[CTA_TIMEOUT_UDP_UNREPLIED]	= CTRACK_TIMEOUT_UDP,
	[CTA_TIMEOUT_UDP_REPLIED]	= CTRACK_TIMEOUT_UDP_STREAM,
};

static_assert((int)CTA_TIMEOUT_UDP_MAX == (int)CTA_TIMEOUT_UDPLITE_MAX);

static const u8 icmp[CTA_TIMEOUT_ICMP_MAX + 1] = {
	[CTA_TIMEOUT_ICMP_TIMEOUT]	= CTRACK_TIMEOUT_ICMP,
};

static const u8 icmpv6[CTA_TIMEOUT_ICMPV6_MAX + 1] = {
	[CTA_TIMEOUT_ICMPV6_TIMEOUT]	= CTRACK_TIMEOUT_ICMPV6,
};

static const u8 sctp[CTA_TIMEOUT_SCTP_MAX + 1] = {
	[CTA_TIMEOUT_SCTP_CLOSED]	= CTRACK_TIMEOUT_SCTP_CLOSED,
	[CTA_TIMEOUT_SCTP_COOKIE_WAIT]	= CTRACK_TIMEOUT_SCTP_COOKIE_WAIT,
	[CTA_TIMEOUT_SCTP_COOKIE_ECHOED] = CTRACK_TIMEOUT_SCTP_COOKIE_ECHOED,
	[CTA_TIMEOUT_SCTP_ESTABLISHED]	= CTRACK_TIMEOUT_SCTP_ESTABLISHED,
	[CTA_TIMEOUT_SCTP_SHUTDOWN_SENT] = CTRACK_TIMEOUT_SCTP_SHUTDOWN_SENT,
	[CTA_TIMEOUT_SCTP_SHUTDOWN_RECD] = CTRACK_TIMEOUT_SCTP_SHUTDOWN_RECD,
	[CTA_TIMEOUT_SCTP_SHUTDOWN_ACK_SENT] =
		CTRACK_TIMEOUT_SCTP_SHUTDOWN_ACK_SENT,
	[CTA_TIMEOUT_SCTP_HEARTBEAT_SENT] = CTRACK_TIMEOUT_SCTP_HEARTBEAT_SENT,
};

static const u8 dccp[CTA_TIMEOUT_DCCP_MAX + 1] = {
	[CTA_TIMEOUT_DCCP_REQUEST]	= CTRACK_TIMEOUT_DCCP_REQUEST,
	[CTA_TIMEOUT_DCCP_RESPOND]	= CTRACK_TIMEOUT_DCCP_RESPOND,
	[CTA_TIMEOUT_DCCP_PARTOPEN]	= CTRACK_TIMEOUT_DCCP_PARTOPEN,
	[CTA_TIMEOUT_DCCP_OPEN]		= CTRACK_TIMEOUT_DCCP_OPEN,
	[CTA_TIMEOUT_DCCP_CLOSEREQ]	= CTRACK_TIMEOUT_DCCP_CLOSEREQ,
	[CTA_TIMEOUT_DCCP_CLOSING]	= CTRACK_TIMEOUT_DCCP_CLOSING,
	[CTA_TIMEOUT_DCCP_TIMEWAIT]	= CTRACK_TIMEOUT_DCCP_TIMEWAIT,
};

static const u8 gre[CTA_TIMEOUT_GRE_MAX + 1] = {
	[CTA_TIMEOUT_GRE_UNREPLIED]	= CTRACK_TIMEOUT_GRE,
	[CTA_TIMEOUT_GRE_REPLIED]	= CTRACK_TIMEOUT_GRE_STREAM,
};

static const u8 generic[CTA_TIMEOUT_GENERIC_MAX + 1] = {
	[CTA_TIMEOUT_GENERIC_TIMEOUT]	= CTRACK_TIMEOUT_GENERIC,
};

/* What userspace calls all protocols that have no timeouts of their own. */
#define GENERIC		255

/* The most attributes that a protocol has. */
#define ATTRIBUTE_MAX	CTA_TIMEOUT_TCP_MAX

/**
 * struct protocol - a protocol that has timeouts
 * @number: IPPROTO_*, or %GENERIC
 * @attribute_max: the last of its attributes
 * @timeout: enum ctrack_timeout, by attribute
 */
struct protocol {
	u8 number;
	u8 attribute_max;
	const u8 *timeout;
};

#define PROTOCOL(number, timeouts)					\
	{ number, ARRAY_SIZE(timeouts) - 1, timeouts }

/* The last one is all others. */
static const struct protocol protocols[] = {
	PROTOCOL(IPPROTO_TCP, tcp),
	PROTOCOL(IPPROTO_UDP, udp),
	PROTOCOL(IPPROTO_UDPLITE, udp),
	PROTOCOL(IPPROTO_ICMP, icmp),
	PROTOCOL(IPPROTO_ICMPV6, icmpv6),
	PROTOCOL(IPPROTO_SCTP, sctp),
	PROTOCOL(IPPROTO_DCCP, dccp),
	PROTOCOL(IPPROTO_GRE, gre),
	PROTOCOL(GENERIC, generic),
};

/**
 * struct ct_timeout - an object
 * @protocol: for whose connections it is
 * @l3num: NFPROTO_IPV4, NFPROTO_IPV6, or NFPROTO_INET for both
 * @policy: its timeouts; never NULL
 */
struct ct_timeout {
	const struct protocol *protocol;
	u16 l3num;
	struct ctrack_policy *policy;
};

static const struct protocol *protocol_of(u8 number)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(protocols) - 1; i++)
		if (protocols[i].number == number)
			break;
	return &protocols[i];
}

static bool is_for(const struct ct_timeout *priv, const struct ctrack_key *key)
{
	u16 l3num = READ_ONCE(priv->l3num);

	return READ_ONCE(priv->protocol) == protocol_of(key->protonum) &&
	       (l3num == NFPROTO_INET || l3num == key->l3num);
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

static const struct nla_policy timeout_policy[ATTRIBUTE_MAX + 1] = {
	[1 ... ATTRIBUTE_MAX] = { .type = NLA_U32 },
};

/* What is not given is as the namespace has it now. */
static int read_timeouts(struct ctrack_net *cn, const struct nlattr *nest,
			 const struct protocol *protocol, unsigned int *timeout)
{
	struct nlattr *attr[ATTRIBUTE_MAX + 1];
	unsigned int i;
	u32 seconds;
	int err;

	err = ctrack_netlink_nest(nest, attr, protocol->attribute_max,
				  timeout_policy, NULL);
	if (err)
		return err;
	for (i = 0; i < CTRACK_TIMEOUT_COUNT; i++)
		timeout[i] = READ_ONCE(cn->timeout[i]);
	for (i = 1; i <= protocol->attribute_max; i++) {
		if (!attr[i])
			continue;
		seconds = ntohl(nla_get_be32(attr[i]));
		if (seconds > INT_MAX / HZ)
			return -ERANGE;
		timeout[protocol->timeout[i]] = seconds * HZ;
	}
	/* Userspace knows no other one for DNS than for all of UDP. */
	timeout[CTRACK_TIMEOUT_UDP_DNS] = timeout[CTRACK_TIMEOUT_UDP];
	return 0;
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
	priv->protocol = protocol_of(number);
	if (priv->protocol->number != number)
		return -EOPNOTSUPP;
	return read_timeouts(ctrack_net(ctx->net), tb[NFTA_CT_TIMEOUT_DATA],
			     priv->protocol, priv->policy->timeout);
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

static bool dump_timeouts(struct sk_buff *skb, const struct protocol *protocol,
			  const unsigned int *timeout)
{
	unsigned int i;

	for (i = 1; i <= protocol->attribute_max; i++) {
		unsigned int lasts = READ_ONCE(timeout[protocol->timeout[i]]);

		if (nla_put_be32(skb, i, htonl(lasts / HZ)))
			return false;
	}
	return true;
}

static int dump(struct sk_buff *skb, struct nft_object *obj, bool reset)
{
	const struct ct_timeout *priv = nft_obj_data(obj);
	const struct protocol *protocol = READ_ONCE(priv->protocol);
	struct nlattr *nest;

	if (nla_put_u8(skb, NFTA_CT_TIMEOUT_L4PROTO, protocol->number) ||
	    nla_put_be16(skb, NFTA_CT_TIMEOUT_L3PROTO,
			 htons(READ_ONCE(priv->l3num))))
		return -1;
	nest = nla_nest_start(skb, NFTA_CT_TIMEOUT_DATA);
	if (!nest || !dump_timeouts(skb, protocol, priv->policy->timeout))
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
