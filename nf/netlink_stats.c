// SPDX-License-Identifier: GPL-2.0
/*
 * ctnetlink's statistics, as nf_conntrack means them. Most we count by reason;
 * what can't happen here is zero: look-ups that start anew, entries that are made
 * twice.
 */
#include <net/sock.h>

#include "nf/netlink_parse.h"

/*
 * The number that a packet refused for a reason goes into. CTA_STATS_ERROR is
 * about ICMP alone.
 */
static unsigned int column(enum ctrack_reason reason)
{
	switch (reason) {
	case CTRACK_REASON_table_full:
	case CTRACK_REASON_no_memory:
	case CTRACK_REASON_ip_reassembly:
	case CTRACK_REASON_nat_no_port:
	case CTRACK_REASON_nat_no_address:
	case CTRACK_REASON_nat_rewrite:
	case CTRACK_REASON_nat_route:
	case CTRACK_REASON_nat_redirect:
	case CTRACK_REASON_nat_policy:
		return CTA_STATS_DROP;
	case CTRACK_REASON_reply_taken:
		return CTA_STATS_INSERT_FAILED;
	case CTRACK_REASON_chain_too_long:
		return CTA_STATS_CHAIN_TOOLONG;
	case CTRACK_REASON_icmp_type:
	case CTRACK_REASON_icmp_inner:
	case CTRACK_REASON_icmp_unrelated:
	case CTRACK_REASON_icmp_redirect:
		return CTA_STATS_ERROR;
	default:
		return CTA_STATS_INVALID;
	}
}

/**
 * ctrack_netlink_sum_counts - what one CPU counted, as ctnetlink has it
 * @counts: by reason
 * @stats: filled in, by CTA_STATS_*; all zero before
 */
void ctrack_netlink_sum_counts(const struct ctrack_counts *counts,
			       u32 stats[CTA_STATS_MAX + 1])
{
	unsigned int reason;

	for (reason = CTRACK_REASON_NONE + 1; reason < CTRACK_REASON_COUNT;
	     reason++)
		stats[column(reason)] += READ_ONCE(counts->reason[reason]);
	/* What can't be inserted is dropped. */
	stats[CTA_STATS_INSERT_FAILED] += stats[CTA_STATS_CHAIN_TOOLONG];
	stats[CTA_STATS_DROP] += stats[CTA_STATS_INSERT_FAILED];
	stats[CTA_STATS_INSERT] = READ_ONCE(counts->opened);
	stats[CTA_STATS_FOUND] = READ_ONCE(counts->taken);
	stats[CTA_STATS_EARLY_DROP] = READ_ONCE(counts->evicted);
}

/**
 * struct columns - what is told of a CPU
 * @subsystem: NFNL_SUBSYS_*
 * @type: of the message in that subsystem
 * @count: how many there are
 * @shown: attributes
 */
struct columns {
	u8 subsystem;
	u8 type;
	u8 count;
	u8 shown[10];
};

static const struct columns connections = {
	.subsystem = NFNL_SUBSYS_CTNETLINK,
	.type = IPCTNL_MSG_CT_GET_STATS_CPU,
	.count = 10,
	.shown = {
		CTA_STATS_FOUND, CTA_STATS_INVALID, CTA_STATS_INSERT,
		CTA_STATS_INSERT_FAILED, CTA_STATS_DROP, CTA_STATS_EARLY_DROP,
		CTA_STATS_ERROR, CTA_STATS_SEARCH_RESTART,
		CTA_STATS_CLASH_RESOLVE, CTA_STATS_CHAIN_TOOLONG,
	},
};

/* There are none, and so all of it is zero. */
static const struct columns expectations = {
	.subsystem = NFNL_SUBSYS_CTNETLINK_EXP,
	.type = IPCTNL_MSG_EXP_GET_STATS_CPU,
	.count = 3,
	.shown = {
		CTA_STATS_EXP_NEW, CTA_STATS_EXP_CREATE, CTA_STATS_EXP_DELETE,
	},
};

static bool put_counts(struct sk_buff *skb, const struct netlink_callback *cb,
		       struct ctrack_net *cn, unsigned int cpu)
{
	const struct columns *columns = cb->data;
	u16 type = nfnl_msg_type(columns->subsystem, columns->type);
	u32 stats[CTA_STATS_MAX + 1] = {};
	struct nlmsghdr *nlh;
	unsigned int i;

	nlh = nfnl_msg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   type, NLM_F_MULTI, AF_UNSPEC, NFNETLINK_V0,
			   htons(cpu));
	if (!nlh)
		return false;
	if (columns == &connections)
		ctrack_netlink_sum_counts(per_cpu_ptr(cn->counts, cpu), stats);
	for (i = 0; i < columns->count; i++) {
		if (nla_put_be32(skb, columns->shown[i],
				 htonl(stats[columns->shown[i]]))) {
			nlmsg_cancel(skb, nlh);
			return false;
		}
	}
	nlmsg_end(skb, nlh);
	return true;
}

/* The next CPU to be shown is in args[0]. */
static int dump_cpus(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ctrack_net *cn = ctrack_net(sock_net(skb->sk));

	for (; cb->args[0] < nr_cpu_ids; cb->args[0]++) {
		if (cpu_possible(cb->args[0]) &&
		    !put_counts(skb, cb, cn, cb->args[0]))
			return skb->len ?: -EMSGSIZE;
	}
	return 0;
}

static int begin(const struct ctrack_request *rq, struct sk_buff *skb,
		 const struct columns *columns)
{
	struct netlink_dump_control control = {
		.dump = dump_cpus,
		.data = (void *)columns,
	};

	return netlink_dump_start(rq->info->sk, skb, rq->info->nlh, &control);
}

/**
 * ctrack_netlink_stats_cpu - one message for each CPU, its number in res_id
 * @rq: a dump request
 * @skb: its packet
 *
 * Return: -EINTR when the dump has begun, or another -errno.
 */
int ctrack_netlink_stats_cpu(const struct ctrack_request *rq,
			     struct sk_buff *skb)
{
	return begin(rq, skb, &connections);
}

/**
 * ctrack_netlink_expect_stats_cpu - the same for expectations
 * @rq: a dump request
 * @skb: its packet
 *
 * Return: as ctrack_netlink_stats_cpu().
 */
int ctrack_netlink_expect_stats_cpu(const struct ctrack_request *rq,
				    struct sk_buff *skb)
{
	return begin(rq, skb, &expectations);
}

/**
 * ctrack_netlink_stats - how many entries there are, and may be
 * @rq: request
 *
 * Return: 0 or -errno.
 */
int ctrack_netlink_stats(const struct ctrack_request *rq)
{
	u16 type = nfnl_msg_type(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS);
	struct ctrack_net *cn = rq->cn;
	struct nlmsghdr *nlh;
	struct sk_buff *skb;

	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	/* The flag has always been there, and programs may look for it. */
	nlh = nfnl_msg_put(skb, rq->portid, rq->info->nlh->nlmsg_seq, type,
			   NLM_F_MULTI, AF_UNSPEC, NFNETLINK_V0, 0);
	if (!nlh ||
	    nla_put_be32(skb, CTA_STATS_GLOBAL_ENTRIES,
			 htonl(atomic_read(&cn->count))) ||
	    nla_put_be32(skb, CTA_STATS_GLOBAL_MAX_ENTRIES,
			 htonl(ctrack_net_max(cn)))) {
		kfree_skb(skb);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return nfnetlink_unicast(skb, rq->info->net, rq->portid);
}
