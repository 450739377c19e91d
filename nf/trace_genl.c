// SPDX-License-Identifier: GPL-2.0
/* Trace sessions as the generic netlink family "ctrack" has them. */
#include <net/genetlink.h>

#include "nf/latency.h"
#include "nf/netlink.h"
#include "nf/reason.h"
#include "nf/trace.h"
#include "nf/uapi.h"

/* Longer than the name of any reason. */
#define NAME_ROOM	32
/* Records in one message at most. */
#define BATCH		64

static const struct nla_policy trace_policy[] = {
	[CTRACK_A_FILTER] =
		NLA_POLICY_EXACT_LEN(sizeof(struct ctrack_trace_filter)),
	[CTRACK_A_FILTER_REASON] = {
		.type = NLA_NUL_STRING,
		.len = NAME_ROOM,
	},
	[CTRACK_A_EVERYWHERE] = { .type = NLA_FLAG },
};

static int reason_by_name(const char *name, u16 *reason)
{
	for (*reason = CTRACK_REASON_NONE + 1; *reason < CTRACK_REASON_COUNT;
	     (*reason)++)
		if (!strcmp(ctrack_reason_name(*reason), name))
			return 0;
	return -EINVAL;
}

#define ALL_EVENTS	(BIT(CTRACK_TRACE_EVENT_COUNT) - 1)

static int read_filter(const struct genl_info *info,
		       struct ctrack_trace_filter *filter)
{
	const struct nlattr *reason = info->attrs[CTRACK_A_FILTER_REASON];
	const struct nlattr *attr = info->attrs[CTRACK_A_FILTER];

	*filter = (struct ctrack_trace_filter){ .events = ALL_EVENTS };
	if (attr)
		nla_memcpy(filter, attr, sizeof(*filter));
	if (filter->given & ~(u32)CTRACK_FILTER_ALL ||
	    filter->events & ~(u32)ALL_EVENTS) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "this ctrack knows less to filter by");
		return -EOPNOTSUPP;
	}
	if (!filter->events) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no event is wanted");
		return -EINVAL;
	}
	filter->given &= ~CTRACK_FILTER_REASON;
	if (!reason)
		return 0;
	filter->given |= CTRACK_FILTER_REASON;
	if (!reason_by_name(nla_data(reason), &filter->reason))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, reason, "there is no such reason");
	return -EINVAL;
}

static int trace(struct sk_buff *skb, struct genl_info *info)
{
	bool everywhere = info->attrs[CTRACK_A_EVERYWHERE];
	struct net *net = genl_info_net(info);
	struct ctrack_trace_filter filter;
	int err;

	if (everywhere && !net_eq(net, &init_net)) {
		NL_SET_ERR_MSG(info->extack,
			       "only the initial namespace may see the others");
		return -EPERM;
	}
	err = read_filter(info, &filter);
	return err ?: ctrack_trace_open(net, info->snd_portid, &filter,
					everywhere, info->extack);
}

static bool put_function(struct sk_buff *skb, const char *name,
			 const struct ctrack_latency_sum *sum)
{
	struct nlattr *nest = nla_nest_start(skb, CTRACK_A_FUNCTION);

	if (!nest || nla_put_string(skb, CTRACK_FUNCTION_A_NAME, name) ||
	    nla_put_u64_64bit(skb, CTRACK_FUNCTION_A_TOTAL, sum->total,
			      CTRACK_FUNCTION_A_PAD) ||
	    nla_put_u64_64bit(skb, CTRACK_FUNCTION_A_LONGEST, sum->max,
			      CTRACK_FUNCTION_A_PAD) ||
	    nla_put_64bit(skb, CTRACK_FUNCTION_A_BUCKETS, sizeof(sum->bucket),
			  sum->bucket, CTRACK_FUNCTION_A_PAD))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_functions(struct sk_buff *skb,
			  const struct ctrack_latency_sum *sum)
{
	const char *name;
	unsigned int i;

	for (i = 0; i < CTRACK_TRACE_POINTS; i++) {
		name = ctrack_trace_point_name(i);
		if (name && !put_function(skb, name, &sum[i]))
			return false;
	}
	return true;
}

static int answer(struct genl_info *info, const struct ctrack_latency_sum *sum,
		  u64 missed)
{
	const size_t function = nla_total_size(0) + nla_total_size(NAME_ROOM) +
				2 * nla_total_size_64bit(sizeof(u64)) +
				nla_total_size_64bit(sizeof(sum->bucket));
	struct sk_buff *skb = genlmsg_new(nla_total_size_64bit(sizeof(u64)) +
					  CTRACK_TRACE_POINTS * function,
					  GFP_KERNEL);
	void *header;

	if (!skb)
		return -ENOMEM;
	header = genlmsg_put_reply(skb, info, &ctrack_genl_family, 0,
				   CTRACK_CMD_LATENCY);
	if (!header ||
	    nla_put_u64_64bit(skb, CTRACK_A_MISSED, missed, CTRACK_A_PAD) ||
	    !put_functions(skb, sum)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static int latency(struct sk_buff *skb, struct genl_info *info)
{
	struct ctrack_latency_sum *sum;
	u64 missed;
	int err;

	sum = kcalloc(CTRACK_TRACE_POINTS, sizeof(*sum), GFP_KERNEL);
	if (!sum)
		return -ENOMEM;
	err = ctrack_trace_measure(genl_info_net(info), info->snd_portid, sum,
				   &missed, info->extack);
	if (!err)
		err = answer(info, sum, missed);
	kfree(sum);
	return err;
}

/*
 * Probes are the whole machine's: no namespace can make the others slow. So it
 * takes CAP_NET_ADMIN there where all of it is ruled. Looking at one connection
 * does not.
 */
const struct genl_ops ctrack_trace_operations[CTRACK_TRACE_OPERATIONS] = {
	{
		.cmd = CTRACK_CMD_TRACE,
		.doit = trace,
		.flags = GENL_ADMIN_PERM,
		.policy = trace_policy,
		.maxattr = ARRAY_SIZE(trace_policy) - 1,
	}, {
		.cmd = CTRACK_CMD_LATENCY,
		.doit = latency,
		.flags = GENL_ADMIN_PERM,
	}, {
		.cmd = CTRACK_CMD_WHY,
		.doit = ctrack_genl_why,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = ctrack_why_policy,
		.maxattr = CTRACK_WHY_A_TOP,
	},
};

/* It is copied as it lies: nothing may be behind its last member. */
static_assert(offsetofend(struct ctrack_trace_record, end) ==
	      sizeof(struct ctrack_trace_record));

static size_t record_size(void)
{
	return nla_total_size(0) + nla_total_size(NAME_ROOM) +
	       nla_total_size_64bit(sizeof(struct ctrack_trace_record));
}

static bool put_record(struct sk_buff *skb,
		       const struct ctrack_trace_record *record)
{
	struct nlattr *nest = nla_nest_start(skb, CTRACK_A_RECORD);

	if (!nest ||
	    nla_put_64bit(skb, CTRACK_RECORD_A_DATA, sizeof(*record), record,
			  CTRACK_RECORD_A_PAD) ||
	    (record->reason &&
	     nla_put_string(skb, CTRACK_RECORD_A_REASON,
			    ctrack_reason_name(record->reason))))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static int fill(struct sk_buff *skb, struct ctrack_trace_ring *ring,
		const struct ctrack_trace_losses *losses)
{
	const struct ctrack_trace_record *record;
	int count = 0;

	if (nla_put_u64_64bit(skb, CTRACK_A_LOST, losses->lost, CTRACK_A_PAD) ||
	    nla_put_u64_64bit(skb, CTRACK_A_MISSED, losses->missed, CTRACK_A_PAD))
		return -EMSGSIZE;
	while (count < BATCH) {
		record = ctrack_trace_ring_next(ring);
		if (!record)
			break;
		if (!put_record(skb, record))
			return -EMSGSIZE;
		count++;
	}
	return count;
}

/**
 * ctrack_trace_send - send records to who traces
 * @net: namespace of the socket
 * @portid: the socket
 * @ring: where they are; what could not be sent stays there
 * @losses: what it is not told; sent with them
 * @news: send these also when there is no record
 *
 * Return: how many were sent; -EAGAIN when the socket is full, -ENOMEM, or
 * another -errno when there is no use in going on.
 * Context: process.
 */
int ctrack_trace_send(struct net *net, u32 portid,
		      struct ctrack_trace_ring *ring,
		      const struct ctrack_trace_losses *losses, bool news)
{
	struct sk_buff *skb;
	int count, err;
	void *header;

	skb = genlmsg_new(2 * nla_total_size_64bit(sizeof(u64)) +
			  BATCH * record_size(), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	header = genlmsg_put(skb, portid, 0, &ctrack_genl_family, 0,
			     CTRACK_CMD_TRACE);
	count = header ? fill(skb, ring, losses) : -EMSGSIZE;
	if (count < 0 || (!count && !news)) {
		ctrack_trace_ring_again(ring);
		nlmsg_free(skb);
		return count;
	}
	genlmsg_end(skb, header);
	err = genlmsg_unicast(net, skb, portid);
	if (err) {
		ctrack_trace_ring_again(ring);
		return err;
	}
	ctrack_trace_ring_taken(ring);
	return count;
}
