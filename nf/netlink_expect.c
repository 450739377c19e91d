// SPDX-License-Identifier: GPL-2.0
/*
 * ctnetlink's other subsystem, expectations. There is no helper that expects
 * anything yet, so that none is ever found; requests are read and refused as if
 * there were.
 */
#include <linux/module.h>
#include <net/netfilter/nf_conntrack_helper.h>

#include "nf/netlink.h"
#include "nf/netlink_parse.h"

static const struct nla_policy policy[CTA_EXPECT_MAX + 1] = {
	[CTA_EXPECT_MASTER]	= { .type = NLA_NESTED },
	[CTA_EXPECT_TUPLE]	= { .type = NLA_NESTED },
	[CTA_EXPECT_MASK]	= { .type = NLA_NESTED },
	[CTA_EXPECT_TIMEOUT]	= { .type = NLA_U32 },
	[CTA_EXPECT_ID]		= { .type = NLA_U32 },
	[CTA_EXPECT_HELP_NAME]	= { .type = NLA_NUL_STRING,
				    .len = NF_CT_HELPER_NAME_LEN - 1 },
	[CTA_EXPECT_ZONE]	= { .type = NLA_U16 },
	[CTA_EXPECT_FLAGS]	= { .type = NLA_U32 },
	[CTA_EXPECT_CLASS]	= { .type = NLA_U32 },
	[CTA_EXPECT_NAT]	= { .type = NLA_NESTED },
	[CTA_EXPECT_FN]		= { .type = NLA_NUL_STRING },
};

static_assert((int)CTA_EXPECT_MAX <= (int)CTA_MAX);

static int read_request(struct ctrack_request *rq, const struct sk_buff *skb,
			const struct nfnl_info *info)
{
	return ctrack_request_read_as(rq, skb, info, CTA_EXPECT_MAX, policy);
}

static void read_zone(const struct ctrack_request *rq,
		      struct nf_conntrack_zone *zone)
{
	const struct nlattr *attr = rq->attr[CTA_EXPECT_ZONE];

	zone->id = attr ? ntohs(nla_get_be16(attr)) : NF_CT_DEFAULT_ZONE_ID;
	zone->flags = 0;
	zone->dir = NF_CT_DEFAULT_ZONE_DIR;
}

/* A mask lies in an attribute like that of what it is for. */
static int read_key(const struct ctrack_request *rq, unsigned int type,
		    struct ctrack_key *key)
{
	return ctrack_request_key_parts(rq, type, CTRACK_PART_ALL, key, NULL);
}

/* The connection that expects; with a reference taken, or ERR_PTR(). */
static struct ctrack_conn *find_master(const struct ctrack_request *rq)
{
	struct nf_conntrack_zone zone;
	struct ctrack_conn *conn;
	struct ctrack_key key;
	int err;

	read_zone(rq, &zone);
	err = ctrack_request_key(rq, CTA_EXPECT_MASTER, &key, NULL);
	if (err)
		return ERR_PTR(err);
	conn = ctrack_request_lookup(rq, &key, &zone);
	return conn ?: ERR_PTR(-ENOENT);
}

static int dump(const struct ctrack_request *rq, struct sk_buff *skb)
{
	struct ctrack_conn *master;

	if (rq->attr[CTA_EXPECT_MASTER]) {
		master = find_master(rq);
		if (IS_ERR(master))
			return PTR_ERR(master);
		ctrack_conn_put(master);
	}
	return ctrack_netlink_dump_nothing(rq, skb);
}

static int exp_get(struct sk_buff *skb, const struct nfnl_info *info,
		   const struct nlattr * const attr[])
{
	struct ctrack_request rq;
	struct ctrack_key key;
	int err;

	err = read_request(&rq, skb, info);
	if (err)
		return err;
	if (info->nlh->nlmsg_flags & NLM_F_DUMP)
		return dump(&rq, skb);
	if (!rq.attr[CTA_EXPECT_TUPLE] && !rq.attr[CTA_EXPECT_MASTER]) {
		NL_SET_ERR_MSG(rq.extack, "no tuple is given");
		return -EINVAL;
	}
	err = read_key(&rq, rq.attr[CTA_EXPECT_TUPLE] ? CTA_EXPECT_TUPLE :
							CTA_EXPECT_MASTER, &key);
	return err ?: -ENOENT;
}

static int create(const struct ctrack_request *rq)
{
	struct ctrack_conn *master;
	struct ctrack_key key;
	int err;

	err = read_key(rq, CTA_EXPECT_MASK, &key);
	if (err)
		return err;
	master = find_master(rq);
	if (IS_ERR(master))
		return PTR_ERR(master);
	ctrack_conn_put(master);
	NL_SET_ERR_MSG_ATTR(rq->extack, rq->attr[CTA_EXPECT_MASTER],
			    "this connection has no helper");
	return -EOPNOTSUPP;
}

static int exp_new(struct sk_buff *skb, const struct nfnl_info *info,
		   const struct nlattr * const attr[])
{
	struct ctrack_request rq;
	struct ctrack_key key;
	int err;

	err = read_request(&rq, skb, info);
	if (err)
		return err;
	if (!rq.attr[CTA_EXPECT_TUPLE] || !rq.attr[CTA_EXPECT_MASK] ||
	    !rq.attr[CTA_EXPECT_MASTER]) {
		NL_SET_ERR_MSG(rq.extack,
			       "an expectation has a tuple, a mask and a master");
		return -EINVAL;
	}
	err = read_key(&rq, CTA_EXPECT_TUPLE, &key);
	if (err)
		return err;
	return info->nlh->nlmsg_flags & NLM_F_CREATE ? create(&rq) : -ENOENT;
}

/* All, or all of a helper, unless one is named: then there were none. */
static int exp_delete(struct sk_buff *skb, const struct nfnl_info *info,
		      const struct nlattr * const attr[])
{
	struct ctrack_request rq;
	struct ctrack_key key;
	int err;

	err = read_request(&rq, skb, info);
	if (err || !rq.attr[CTA_EXPECT_TUPLE])
		return err;
	err = read_key(&rq, CTA_EXPECT_TUPLE, &key);
	return err ?: -ENOENT;
}

static int exp_stats_cpu(struct sk_buff *skb, const struct nfnl_info *info,
			 const struct nlattr * const attr[])
{
	struct ctrack_request rq;
	int err = read_request(&rq, skb, info);

	if (err)
		return err;
	if (!(info->nlh->nlmsg_flags & NLM_F_DUMP)) {
		NL_SET_ERR_MSG(rq.extack, "this can only be dumped");
		return -EOPNOTSUPP;
	}
	err = ctrack_request_refuse(&rq, ~0ULL, "attribute without a meaning");
	return err ?: ctrack_netlink_expect_stats_cpu(&rq, skb);
}

#define SERVE(function) { .call = function, .type = NFNL_CB_MUTEX }

static const struct nfnl_callback callbacks[IPCTNL_MSG_EXP_MAX] = {
	[IPCTNL_MSG_EXP_NEW]		= SERVE(exp_new),
	[IPCTNL_MSG_EXP_GET]		= SERVE(exp_get),
	[IPCTNL_MSG_EXP_DELETE]		= SERVE(exp_delete),
	[IPCTNL_MSG_EXP_GET_STATS_CPU]	= SERVE(exp_stats_cpu),
};

static const struct nfnetlink_subsystem subsystem = {
	.name = "conntrack_expect",
	.subsys_id = NFNL_SUBSYS_CTNETLINK_EXP,
	.cb_count = ARRAY_SIZE(callbacks),
	.cb = callbacks,
};

/**
 * ctrack_netlink_expect_init - begin to serve requests about expectations
 *
 * Return: 0, or -EBUSY when somebody else does.
 */
int ctrack_netlink_expect_init(void)
{
	return nfnetlink_subsys_register(&subsystem);
}

/**
 * ctrack_netlink_expect_exit - stop; nobody is in our functions any more
 *
 * Context: process.
 */
void ctrack_netlink_expect_exit(void)
{
	nfnetlink_subsys_unregister(&subsystem);
}

MODULE_ALIAS_NFNL_SUBSYS(NFNL_SUBSYS_CTNETLINK_EXP);
