// SPDX-License-Identifier: GPL-2.0
/* The targets that translate: SNAT, DNAT, NETMAP, MASQUERADE and REDIRECT. */
#include <linux/module.h>

#include "nat/nat.h"
#include "nf/xt.h"

#define SOURCE_HOOKS							\
	(BIT(NF_INET_POST_ROUTING) | BIT(NF_INET_LOCAL_IN))
#define DESTINATION_HOOKS						\
	(BIT(NF_INET_PRE_ROUTING) | BIT(NF_INET_LOCAL_OUT))

static void load_ipv4(const struct nf_nat_ipv4_range *from,
		      struct nf_nat_range2 *range)
{
	range->flags = from->flags;
	range->min_addr.ip = from->min_ip;
	range->max_addr.ip = from->max_ip;
	range->min_proto = from->min;
	range->max_proto = from->max;
}

/*
 * A rule has its range in one of three layouts, which are told apart by their
 * sizes. The oldest one is IPv4's, once meant for several ranges.
 */
static struct nf_nat_range2 load(const struct xt_target *target,
				 const void *info)
{
	const struct nf_nat_ipv4_multi_range_compat *ipv4 = info;
	struct nf_nat_range2 range = {};

	switch (target->targetsize) {
	case sizeof(struct nf_nat_ipv4_multi_range_compat):
		load_ipv4(&ipv4->range[0], &range);
		break;
	case sizeof(struct nf_nat_range):
		memcpy(&range, info, sizeof(struct nf_nat_range));
		break;
	case sizeof(struct nf_nat_range2):
		memcpy(&range, info, sizeof(range));
		break;
	}
	return range;
}

static_assert(sizeof(struct nf_nat_ipv4_multi_range_compat) <
	      sizeof(struct nf_nat_range));
static_assert(sizeof(struct nf_nat_range) < sizeof(struct nf_nat_range2));
static_assert(offsetof(struct nf_nat_range, max_proto) ==
	      offsetof(struct nf_nat_range2, max_proto));

static unsigned int bind(struct sk_buff *skb, const struct xt_action_param *par,
			 const struct nf_nat_range2 *range,
			 enum nf_nat_manip_type manip)
{
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (!conn)
		return XT_CONTINUE;
	return ctrack_nat_verdict(skb, par->state,
				  ctrack_nat_setup(conn, range, manip));
}

static unsigned int snat(struct sk_buff *skb, const struct xt_action_param *par)
{
	struct nf_nat_range2 range = load(par->target, par->targinfo);

	return bind(skb, par, &range, NF_NAT_MANIP_SRC);
}

static unsigned int dnat(struct sk_buff *skb, const struct xt_action_param *par)
{
	struct nf_nat_range2 range = load(par->target, par->targinfo);

	return bind(skb, par, &range, NF_NAT_MANIP_DST);
}

static unsigned int netmap(struct sk_buff *skb,
			   const struct xt_action_param *par)
{
	struct nf_nat_range2 range = load(par->target, par->targinfo);
	enum nf_nat_manip_type manip = HOOK2MANIP(xt_hooknum(par));

	ctrack_nat_map_prefix(skb, xt_family(par), manip, &range);
	return bind(skb, par, &range, manip);
}

static unsigned int masquerade(struct sk_buff *skb,
			       const struct xt_action_param *par)
{
	struct nf_nat_range2 range = load(par->target, par->targinfo);

	return ctrack_nat_verdict(skb, par->state,
				  ctrack_masquerade(skb, par->state, &range));
}

static unsigned int redirect(struct sk_buff *skb,
			     const struct xt_action_param *par)
{
	struct nf_nat_range2 range = load(par->target, par->targinfo);

	return ctrack_nat_verdict(skb, par->state,
				  ctrack_redirect(skb, par->state, &range));
}

static bool is_ip(u8 family)
{
	return family == NFPROTO_IPV4 || family == NFPROTO_IPV6 ||
	       family == NFPROTO_INET;
}

/* What a rule's range may say: @needed, and nothing that is @refused. */
static int check(const struct xt_tgchk_param *par, unsigned int needed,
		 unsigned int refused)
{
	const struct nf_nat_ipv4_multi_range_compat *ipv4 = par->targinfo;
	struct nf_nat_range2 range = load(par->target, par->targinfo);

	if (par->target->targetsize == sizeof(*ipv4) && ipv4->rangesize != 1)
		return -EINVAL;
	if (!is_ip(par->family) || (range.flags & needed) != needed ||
	    range.flags & refused || range.flags & ~NF_NAT_RANGE_MASK)
		return -EINVAL;
	return ctrack_xt_target_check(par);
}

static int snat_check(const struct xt_tgchk_param *par)
{
	return check(par, 0, NF_NAT_RANGE_NETMAP | NF_NAT_RANGE_PROTO_OFFSET);
}

static int dnat_check(const struct xt_tgchk_param *par)
{
	return check(par, 0, NF_NAT_RANGE_NETMAP |
		     (par->target->revision < 2 ? NF_NAT_RANGE_PROTO_OFFSET : 0));
}

static int netmap_check(const struct xt_tgchk_param *par)
{
	return check(par, NF_NAT_RANGE_MAP_IPS, NF_NAT_RANGE_PROTO_OFFSET);
}

static int own_address_check(const struct xt_tgchk_param *par)
{
	return check(par, 0, NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_NETMAP |
			     NF_NAT_RANGE_PROTO_OFFSET);
}

#define TARGET(title, number, protocol, layout, function, checks, at) {	\
	.name = (title),						\
	.revision = (number),						\
	.family = (protocol),						\
	.table = "nat",							\
	.hooks = (at),							\
	.targetsize = sizeof(struct layout),				\
	.target = (function),						\
	.checkentry = (checks),						\
	.destroy = ctrack_xt_target_destroy,				\
	.me = THIS_MODULE,						\
}

/* The older layout is the only one that these have. */
#define BOTH(title, function, checks, at)				\
	TARGET(title, 0, NFPROTO_IPV4, nf_nat_ipv4_multi_range_compat,	\
	       function, checks, at),					\
	TARGET(title, 0, NFPROTO_IPV6, nf_nat_range, function, checks, at)

#define ALL_REVISIONS(title, function, checks, at)			\
	TARGET(title, 0, NFPROTO_IPV4, nf_nat_ipv4_multi_range_compat,	\
	       function, checks, at),					\
	TARGET(title, 1, NFPROTO_UNSPEC, nf_nat_range, function, checks, at), \
	TARGET(title, 2, NFPROTO_UNSPEC, nf_nat_range2, function, checks, at)

static struct xt_target targets[] __read_mostly = {
	ALL_REVISIONS("SNAT", snat, snat_check, SOURCE_HOOKS),
	ALL_REVISIONS("DNAT", dnat, dnat_check, DESTINATION_HOOKS),
	BOTH("NETMAP", netmap, netmap_check, SOURCE_HOOKS | DESTINATION_HOOKS),
	BOTH("MASQUERADE", masquerade, own_address_check,
	     BIT(NF_INET_POST_ROUTING)),
	BOTH("REDIRECT", redirect, own_address_check, DESTINATION_HOOKS),
};

const struct ctrack_xt ctrack_xt_nat = {
	CTRACK_XT_TARGETS(targets),
};

MODULE_ALIAS("ipt_SNAT");
MODULE_ALIAS("ip6t_SNAT");
MODULE_ALIAS("ipt_DNAT");
MODULE_ALIAS("ip6t_DNAT");
MODULE_ALIAS("ipt_NETMAP");
MODULE_ALIAS("ip6t_NETMAP");
MODULE_ALIAS("ipt_MASQUERADE");
MODULE_ALIAS("ip6t_MASQUERADE");
MODULE_ALIAS("ipt_REDIRECT");
MODULE_ALIAS("ip6t_REDIRECT");
