// SPDX-License-Identifier: GPL-2.0
/* ctnetlink: who serves which request. */
#include <linux/module.h>

#include "nf/netlink.h"
#include "nf/netlink_fill.h"
#include "nf/netlink_parse.h"

static bool is_dump(const struct nfnl_info *info)
{
	return info->nlh->nlmsg_flags & NLM_F_DUMP;
}

static bool has_tuple(const struct ctrack_request *rq)
{
	return rq->attr[CTA_TUPLE_ORIG] || rq->attr[CTA_TUPLE_REPLY];
}

static int answer(const struct ctrack_request *rq, struct ctrack_conn *conn,
		  u32 fill)
{
	/* The flag has always been there, and programs may look for it. */
	const struct ctrack_message message = {
		.portid = rq->portid,
		.seq = rq->info->nlh->nlmsg_seq,
		.type = IPCTNL_MSG_CT_NEW,
		.flags = NLM_F_MULTI,
		.fill = fill,
	};
	struct sk_buff *skb = nlmsg_new(ctrack_netlink_size(conn), GFP_KERNEL);

	if (!skb)
		return -ENOMEM;
	if (!ctrack_netlink_put(skb, conn, &message)) {
		kfree_skb(skb);
		return -EMSGSIZE;
	}
	return nfnetlink_unicast(skb, rq->info->net, rq->portid);
}

static int get(struct sk_buff *skb, const struct nfnl_info *info, u32 fill)
{
	struct ctrack_request rq;
	struct ctrack_conn *conn;
	int err;

	err = ctrack_request_read(&rq, skb, info);
	if (err)
		return err;
	if (is_dump(info))
		return ctrack_netlink_dump(&rq, skb, fill);
	if (!has_tuple(&rq)) {
		NL_SET_ERR_MSG(rq.extack, "no tuple is given");
		return -EINVAL;
	}
	conn = ctrack_request_find(&rq);
	if (IS_ERR(conn))
		return PTR_ERR(conn);
	err = answer(&rq, conn, fill);
	ctrack_conn_put(conn);
	return err;
}

static int ct_get(struct sk_buff *skb, const struct nfnl_info *info,
		  const struct nlattr * const attr[])
{
	return get(skb, info, CTRACK_FILL_LISTING);
}

static int ct_get_zero(struct sk_buff *skb, const struct nfnl_info *info,
		       const struct nlattr * const attr[])
{
	return get(skb, info, CTRACK_FILL_LISTING | CTRACK_FILL_ZERO);
}

static int ct_new(struct sk_buff *skb, const struct nfnl_info *info,
		  const struct nlattr * const attr[])
{
	struct ctrack_request rq;
	int err = ctrack_request_read(&rq, skb, info);

	return err ?: ctrack_netlink_new(&rq);
}

static int ct_delete(struct sk_buff *skb, const struct nfnl_info *info,
		     const struct nlattr * const attr[])
{
	struct ctrack_request rq;
	struct ctrack_conn *conn;
	int err;

	err = ctrack_request_read(&rq, skb, info);
	if (err)
		return err;
	if (!has_tuple(&rq) || rq.attr[CTA_FILTER])
		return ctrack_netlink_flush(&rq);
	conn = ctrack_request_find(&rq);
	if (IS_ERR(conn))
		return PTR_ERR(conn);
	if (!ctrack_conn_kill(conn, CTRACK_CAUSE_deleted, rq.portid, rq.report))
		err = -ENOENT;
	ctrack_conn_put(conn);
	return err;
}

/* Requests that are about no connection in particular. */
static int read_bare(struct ctrack_request *rq, const struct sk_buff *skb,
		     const struct nfnl_info *info, bool dump)
{
	int err = ctrack_request_read(rq, skb, info);

	if (err)
		return err;
	if (dump && !is_dump(info)) {
		NL_SET_ERR_MSG(rq->extack, "this can only be dumped");
		return -EOPNOTSUPP;
	}
	return ctrack_request_refuse(rq, ~0ULL, "attribute without a meaning");
}

static int ct_stats_cpu(struct sk_buff *skb, const struct nfnl_info *info,
			const struct nlattr * const attr[])
{
	struct ctrack_request rq;
	int err = read_bare(&rq, skb, info, true);

	return err ?: ctrack_netlink_stats_cpu(&rq, skb);
}

static int ct_stats(struct sk_buff *skb, const struct nfnl_info *info,
		    const struct nlattr * const attr[])
{
	struct ctrack_request rq;
	int err = read_bare(&rq, skb, info, false);

	return err ?: ctrack_netlink_stats(&rq);
}

static int ct_dying(struct sk_buff *skb, const struct nfnl_info *info,
		    const struct nlattr * const attr[])
{
	struct ctrack_request rq;
	int err = read_bare(&rq, skb, info, true);

	return err ?: ctrack_netlink_dump_dying(&rq, skb);
}

static int ct_nothing(struct sk_buff *skb, const struct nfnl_info *info,
		      const struct nlattr * const attr[])
{
	struct ctrack_request rq;
	int err = read_bare(&rq, skb, info, true);

	return err ?: ctrack_netlink_dump_nothing(&rq, skb);
}

/* No policies: nfnetlink would apply them in its lenient way. */
#define SERVE(function) { .call = function, .type = NFNL_CB_MUTEX }

static const struct nfnl_callback callbacks[IPCTNL_MSG_MAX] = {
	[IPCTNL_MSG_CT_NEW]		= SERVE(ct_new),
	[IPCTNL_MSG_CT_GET]		= SERVE(ct_get),
	[IPCTNL_MSG_CT_DELETE]		= SERVE(ct_delete),
	[IPCTNL_MSG_CT_GET_CTRZERO]	= SERVE(ct_get_zero),
	[IPCTNL_MSG_CT_GET_STATS_CPU]	= SERVE(ct_stats_cpu),
	[IPCTNL_MSG_CT_GET_STATS]	= SERVE(ct_stats),
	[IPCTNL_MSG_CT_GET_DYING]	= SERVE(ct_dying),
	[IPCTNL_MSG_CT_GET_UNCONFIRMED]	= SERVE(ct_nothing),
};

static const struct nfnetlink_subsystem subsystem = {
	.name = "conntrack",
	.subsys_id = NFNL_SUBSYS_CTNETLINK,
	.cb_count = ARRAY_SIZE(callbacks),
	.cb = callbacks,
};

/**
 * ctrack_netlink_init - begin to serve ctnetlink
 *
 * Return: 0, or -EBUSY when somebody else does.
 */
int ctrack_netlink_init(void)
{
	int err = nfnetlink_subsys_register(&subsystem);

	if (err)
		return err;
	err = ctrack_netlink_expect_init();
	if (err) {
		nfnetlink_subsys_unregister(&subsystem);
		return err;
	}
	ctrack_netlink_glue_init();
	return 0;
}

/**
 * ctrack_netlink_exit - stop; nobody is in our functions any more
 *
 * Context: process.
 */
void ctrack_netlink_exit(void)
{
	ctrack_netlink_glue_exit();
	ctrack_netlink_expect_exit();
	nfnetlink_subsys_unregister(&subsystem);
}

MODULE_ALIAS_NFNL_SUBSYS(NFNL_SUBSYS_CTNETLINK);
