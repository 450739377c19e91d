// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family "ctrack": what ctnetlink has no words for. */
#include <linux/module.h>
#include <net/genetlink.h>

#include "nf/net.h"
#include "nf/netlink.h"
#include "nf/trace.h"
#include "nf/uapi.h"

/* Longer than the name of any reason. */
#define NAME_ROOM	32

static u64 reason_count(const struct ctrack_net *cn, enum ctrack_reason reason)
{
	u64 count = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		count += READ_ONCE(per_cpu_ptr(cn->counts, cpu)->reason[reason]);
	return count;
}

static bool put_reason(struct sk_buff *skb, const struct ctrack_net *cn,
		       enum ctrack_reason reason)
{
	struct nlattr *nest = nla_nest_start(skb, CTRACK_A_REASON);

	if (!nest ||
	    nla_put_string(skb, CTRACK_REASON_A_NAME,
			   ctrack_reason_name(reason)) ||
	    nla_put_u64_64bit(skb, CTRACK_REASON_A_COUNT,
			      reason_count(cn, reason), CTRACK_REASON_A_PAD))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_activity(struct sk_buff *skb, const struct ctrack_net *cn)
{
	u64 opened = 0, evicted = 0, examined = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		opened += READ_ONCE(per_cpu_ptr(cn->counts, cpu)->opened);
		evicted += READ_ONCE(per_cpu_ptr(cn->counts, cpu)->evicted);
		examined += READ_ONCE(per_cpu_ptr(cn->counts, cpu)->examined);
	}
	return !nla_put_u64_64bit(skb, CTRACK_A_OPENED, opened, CTRACK_A_PAD) &&
	       !nla_put_u64_64bit(skb, CTRACK_A_EVICTED, evicted, CTRACK_A_PAD) &&
	       !nla_put_u64_64bit(skb, CTRACK_A_EXAMINED, examined, CTRACK_A_PAD);
}

static bool put_shape(struct sk_buff *skb, struct ctrack_net *cn)
{
	const struct ctrack_shape shape = ctrack_table_shape(cn);

	return !nla_put_u32(skb, CTRACK_A_LOOKED, shape.looked) &&
	       !nla_put_u32(skb, CTRACK_A_CHAINED, shape.chained) &&
	       !nla_put_u32(skb, CTRACK_A_LONGEST, shape.longest);
}

/* Who learns which of the flows he sends share a bucket could fill it. */
static bool put_stats(struct sk_buff *skb, struct ctrack_net *cn, bool admin)
{
	unsigned int reason;

	if (nla_put_u32(skb, CTRACK_A_COUNT, atomic_read(&cn->count)) ||
	    nla_put_u32(skb, CTRACK_A_MAX, ctrack_net_max(cn)) ||
	    nla_put_u32(skb, CTRACK_A_BUCKETS, ctrack_table_buckets(cn)) ||
	    nla_put_u8(skb, CTRACK_A_ON, READ_ONCE(cn->on)) ||
	    nla_put_u32(skb, CTRACK_A_RULES, ctrack_net_rules(cn)) ||
	    !put_activity(skb, cn) || (admin && !put_shape(skb, cn)))
		return false;
	for (reason = CTRACK_REASON_NONE + 1; reason < CTRACK_REASON_COUNT;
	     reason++)
		if (!put_reason(skb, cn, reason))
			return false;
	return true;
}

static size_t stats_size(void)
{
	const size_t reason = nla_total_size(0) + nla_total_size(NAME_ROOM) +
			      nla_total_size_64bit(sizeof(u64));

	return 8 * nla_total_size(sizeof(u32)) +
	       3 * nla_total_size_64bit(sizeof(u64)) +
	       CTRACK_REASON_COUNT * reason;
}

static int stats(struct sk_buff *request, struct genl_info *info)
{
	struct ctrack_net *cn = ctrack_net(genl_info_net(info));
	struct sk_buff *skb = genlmsg_new(stats_size(), GFP_KERNEL);
	bool admin = netlink_ns_capable(request, cn->net->user_ns, CAP_NET_ADMIN);
	void *header;

	if (!skb)
		return -ENOMEM;
	header = genlmsg_put_reply(skb, info, &ctrack_genl_family, 0, CTRACK_CMD_STATS);
	if (!header || !put_stats(skb, cn, admin)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static int on(struct sk_buff *skb, struct genl_info *info)
{
	return ctrack_net_on(genl_info_net(info));
}

static int off(struct sk_buff *skb, struct genl_info *info)
{
	ctrack_net_off(genl_info_net(info));
	return 0;
}

static const struct genl_small_ops operations[] = {
	{ .cmd = CTRACK_CMD_STATS, .doit = stats },
	{ .cmd = CTRACK_CMD_ON, .doit = on, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = CTRACK_CMD_OFF, .doit = off, .flags = GENL_UNS_ADMIN_PERM },
};

/* No policy: these commands take no attribute, and the core refuses any. */
struct genl_family ctrack_genl_family = {
	.name = CTRACK_GENL_NAME,
	.version = CTRACK_GENL_VERSION,
	.netnsok = true,
	.small_ops = operations,
	.n_small_ops = ARRAY_SIZE(operations),
	.ops = ctrack_trace_operations,
	.n_ops = CTRACK_TRACE_OPERATIONS,
	.module = THIS_MODULE,
};

/**
 * ctrack_genl_init - begin to serve the family
 *
 * Return: 0 or -errno.
 */
int ctrack_genl_init(void)
{
	return genl_register_family(&ctrack_genl_family);
}

/**
 * ctrack_genl_exit - stop; nobody is in our functions any more
 */
void ctrack_genl_exit(void)
{
	genl_unregister_family(&ctrack_genl_family);
}
