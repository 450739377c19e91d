// SPDX-License-Identifier: GPL-2.0
/* The targets CT and NOTRACK: what is said of a packet before it is tracked. */
#include <linux/module.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "nf/net.h"
#include "nf/policy.h"
#include "nf/refusal.h"
#include "nf/template.h"
#include "nf/timeout_name.h"
#include "nf/xt.h"

/*
 * The first revision has no name of timeouts, and the two first know no zones
 * by direction or mark; what comes before is at the same place in all.
 */
static_assert(offsetofend(struct xt_ct_target_info, helper) ==
	      offsetofend(struct xt_ct_target_info_v1, helper));
static_assert(offsetof(struct xt_ct_target_info, exp_events) ==
	      offsetof(struct xt_ct_target_info_v1, exp_events));

static struct nf_conntrack_zone zone_of(const struct xt_ct_target_info_v1 *info)
{
	struct nf_conntrack_zone zone = {
		.id = info->zone,
		.dir = NF_CT_DEFAULT_ZONE_DIR,
	};

	switch (info->flags & (XT_CT_ZONE_DIR_ORIG | XT_CT_ZONE_DIR_REPL)) {
	case XT_CT_ZONE_DIR_ORIG:
		zone.dir = NF_CT_ZONE_DIR_ORIG;
		break;
	case XT_CT_ZONE_DIR_REPL:
		zone.dir = NF_CT_ZONE_DIR_REPL;
		break;
	}
	if (info->flags & XT_CT_ZONE_MARK)
		zone.flags = NF_CT_FLAG_MARK;
	return zone;
}

/* A rule that names events of neither kind wants all. */
static u32 wanted_events(const struct xt_ct_target_info_v1 *info)
{
	return info->ct_events || info->exp_events ? info->ct_events : ~0U;
}

/* What is ours in a rule: its @ct, of which userspace sees nothing. */
static struct ctrack_named_timeout *timeout_of(const struct xt_target *target,
					       const void *targinfo)
{
	const struct xt_ct_target_info_v1 *info = targinfo;

	return target->revision ? (void *)info->ct : NULL;
}

static unsigned int ct(struct sk_buff *skb, const struct xt_action_param *par)
{
	const struct xt_ct_target_info_v1 *info = par->targinfo;
	const struct ctrack_named_timeout *timeout;
	struct nf_conntrack_zone zone;

	if (info->flags & XT_CT_NOTRACK) {
		ctrack_template_notrack(skb);
		return XT_CONTINUE;
	}
	/* Seen before, or another rule has spoken. */
	if (skb_get_nfct(skb))
		return XT_CONTINUE;
	zone = zone_of(info);
	timeout = timeout_of(par->target, info);
	if (ctrack_template_attach(skb, &zone, wanted_events(info),
				   timeout ? timeout->policy->id : 0))
		return XT_CONTINUE;
	ctrack_packet_refuse(par->state, skb, NULL, CTRACK_REASON_no_memory,
			     true);
	return NF_DROP;
}

/* There are no helpers yet: no name is one of theirs. */
static int check_helper(const char *name, size_t size)
{
	if (!name[0])
		return 0;
	if (strnlen(name, size) == size)
		return -ENAMETOOLONG;
	pr_info_ratelimited("CT: there is no helper \"%s\": ctrack has none yet\n",
			    name);
	return -ENOENT;
}

/* The one protocol that a rule is about, or 0. */
static u8 protocol_of(const struct xt_tgchk_param *par)
{
	const struct ip6t_entry *ipv6 = par->entryinfo;
	const struct ipt_entry *ipv4 = par->entryinfo;

	if (par->family == NFPROTO_IPV4)
		return ipv4->ip.invflags & XT_INV_PROTO ? 0 : ipv4->ip.proto;
	return ipv6->ipv6.invflags & XT_INV_PROTO ? 0 : ipv6->ipv6.proto;
}

static int check_fits(const struct xt_tgchk_param *par,
		      const struct ctrack_named_timeout *timeout)
{
	if (timeout->l3num == par->family &&
	    timeout->protocol == ctrack_protocol_timeouts(protocol_of(par)))
		return 0;
	pr_info_ratelimited("CT: the timeouts \"%s\" are for another protocol\n",
			    timeout->name);
	return -EINVAL;
}

static int find_timeout(const struct xt_tgchk_param *par)
{
	struct ctrack_net *cn = ctrack_net(par->net);
	struct xt_ct_target_info_v1 *info = par->targinfo;
	struct ctrack_named_timeout *timeout;
	int err;

	info->ct = NULL;
	if (!info->timeout[0])
		return 0;
	if (strnlen(info->timeout, sizeof(info->timeout)) ==
	    sizeof(info->timeout))
		return -ENAMETOOLONG;
	if (!protocol_of(par)) {
		pr_info_ratelimited("CT: a rule with timeouts names one protocol\n");
		return -EINVAL;
	}
	timeout = ctrack_timeout_name_get(cn, info->timeout);
	if (!timeout) {
		pr_info_ratelimited("CT: there are no timeouts \"%s\"\n",
				    info->timeout);
		return -ENOENT;
	}
	err = check_fits(par, timeout);
	if (err)
		ctrack_timeout_name_put(cn, timeout);
	else
		info->ct = (struct nf_conn *)timeout;
	return err;
}

static void put_timeout(struct net *net, const struct xt_target *target,
			const void *targinfo)
{
	struct ctrack_named_timeout *timeout = timeout_of(target, targinfo);

	if (timeout)
		ctrack_timeout_name_put(ctrack_net(net), timeout);
}

static int check(const struct xt_tgchk_param *par, unsigned int known)
{
	const struct xt_ct_target_info_v1 *info = par->targinfo;
	int err;

	if (info->flags & ~known)
		return -EINVAL;
	if (info->flags & XT_CT_NOTRACK)
		return 0;
	err = check_helper(info->helper, sizeof(info->helper));
	if (!err && par->target->revision)
		err = find_timeout(par);
	if (err)
		return err;
	err = ctrack_xt_target_check(par);
	if (err)
		put_timeout(par->net, par->target, info);
	return err;
}

static int check_v0(const struct xt_tgchk_param *par)
{
	return check(par, XT_CT_NOTRACK);
}

static int check_v2(const struct xt_tgchk_param *par)
{
	return check(par, XT_CT_MASK);
}

static void ct_destroy(const struct xt_tgdtor_param *par)
{
	const struct xt_ct_target_info *info = par->targinfo;

	if (info->flags & XT_CT_NOTRACK)
		return;
	put_timeout(par->net, par->target, info);
	ctrack_xt_target_destroy(par);
}

static unsigned int notrack(struct sk_buff *skb,
			    const struct xt_action_param *par)
{
	ctrack_template_notrack(skb);
	return XT_CONTINUE;
}

#define CT(protocol, number, layout, checks) {				\
	.name = "CT",							\
	.revision = (number),						\
	.family = (protocol),						\
	.table = "raw",							\
	.targetsize = sizeof(struct layout),				\
	.usersize = offsetof(struct layout, ct),			\
	.target = ct,							\
	.checkentry = (checks),						\
	.destroy = ct_destroy,						\
	.me = THIS_MODULE,						\
}

#define NOTRACK(protocol) {						\
	.name = "NOTRACK",						\
	.family = (protocol),						\
	.table = "raw",							\
	.target = notrack,						\
	.me = THIS_MODULE,						\
}

#define ALL_REVISIONS(protocol)						\
	CT(protocol, 0, xt_ct_target_info, check_v0),			\
	CT(protocol, 1, xt_ct_target_info_v1, check_v0),		\
	CT(protocol, 2, xt_ct_target_info_v1, check_v2),		\
	NOTRACK(protocol)

static struct xt_target targets[] __read_mostly = {
	ALL_REVISIONS(NFPROTO_IPV4),
	ALL_REVISIONS(NFPROTO_IPV6),
};

const struct ctrack_xt ctrack_xt_ct = {
	CTRACK_XT_TARGETS(targets),
};

MODULE_ALIAS("ipt_CT");
MODULE_ALIAS("ip6t_CT");
MODULE_ALIAS("ipt_NOTRACK");
MODULE_ALIAS("ip6t_NOTRACK");
