// SPDX-License-Identifier: GPL-2.0
/*
 * Connections in the messages of nfnetlink_queue and nfnetlink_log, and what
 * comes back with a verdict.
 */
#include <linux/module.h>
#include <net/netfilter/nf_conntrack.h>

#include "nf/netlink_change.h"
#include "nf/netlink_fill.h"

/* Ours lies where a struct nf_conn would, as conn.c asserts. */
static struct ctrack_conn *ours(struct nf_conn *ct)
{
	return container_of(&ct->ct_general, struct ctrack_conn, general);
}

static size_t build_size(const struct nf_conn *ct)
{
	return nla_total_size(ctrack_netlink_size(ours((struct nf_conn *)ct))) +
	       nla_total_size(sizeof(u32));
}

static int build(struct sk_buff *skb, struct nf_conn *ct,
		 enum ip_conntrack_info ctinfo, u16 ct_attr, u16 ct_info_attr)
{
	const u32 fill = CTRACK_FILL_LISTING & ~CTRACK_FILL_USE;
	struct nlattr *nest;

	/* The packet is not tracked yet: nothing is known but its zone. */
	if (test_bit(IPS_TEMPLATE_BIT, &ct->status))
		return 0;
	nest = nla_nest_start(skb, ct_attr);
	if (!nest || ctrack_netlink_fill(skb, ours(ct), fill))
		return -ENOSPC;
	nla_nest_end(skb, nest);
	if (nla_put_be32(skb, ct_info_attr, htonl(ctinfo)))
		return -ENOSPC;
	return 0;
}

/*
 * Programs send back the status they were told, so that bits which can't be
 * changed mean nothing here, and those that are left out are cleared.
 */
static int read_status(const struct ctrack_request *rq, u32 now,
		       struct ctrack_change *change)
{
	const u32 lasting = IPS_SEEN_REPLY | IPS_ASSURED;
	u32 status;

	if (!rq->attr[CTA_STATUS])
		return 0;
	status = ntohl(nla_get_be32(rq->attr[CTA_STATUS]));
	if (now & ~status & lasting)
		return -EBUSY;
	change->has_status = true;
	change->status = status & ~IPS_UNCHANGEABLE_MASK;
	change->status_off = ~status & ~(IPS_UNCHANGEABLE_MASK | lasting);
	return 0;
}

/* As ever, it lasts until the next packet prolongs the connection's life. */
static int read_timeout(const struct ctrack_request *rq,
			const struct ctrack_conn *conn,
			struct ctrack_change *change)
{
	if (!rq->attr[CTA_TIMEOUT])
		return 0;
	if (test_bit(IPS_FIXED_TIMEOUT_BIT, &conn->status))
		return -EPERM;
	ctrack_request_timeout(rq, change);
	return 0;
}

/*
 * Tuples and the like only describe the connection here; it is the packet's,
 * whatever they say.
 */
static int parse(const struct nlattr *attr, struct nf_conn *ct)
{
	struct ctrack_conn *conn = ours(ct);
	struct ctrack_request rq = {
		.cn = ctrack_net(ctrack_conn_net(conn)),
	};
	struct ctrack_change change = {};
	int err;

	if (test_bit(IPS_TEMPLATE_BIT, &conn->status))
		return -ENOENT;
	err = ctrack_request_read_nest(&rq, attr);
	if (err)
		return err;
	err = ctrack_request_absent(&rq);
	if (err)
		return err;
	err = read_timeout(&rq, conn, &change);
	if (err)
		return err;
	err = read_status(&rq, ctrack_conn_status(conn), &change);
	if (err)
		return err;
	err = ctrack_request_mark(&rq, &change);
	if (err)
		return err;
	err = ctrack_request_labels(&rq, &change);
	if (err)
		return err;

	err = ctrack_change_apply(conn, &change);
	if (!err && change.has_mark)
		ctrack_conn_event(conn, IPCT_MARK);
	return err;
}

static int attach_expect(const struct nlattr *attr, struct nf_conn *ct,
			 u32 portid, u32 report)
{
	return -EOPNOTSUPP;
}

/* Nobody here changes a payload's length, so that there is nothing to adjust. */
static void seq_adjust(struct sk_buff *skb, struct nf_conn *ct,
		       enum ip_conntrack_info ctinfo, s32 off)
{
}

static const struct nfnl_ct_hook hook = {
	.build_size = build_size,
	.build = build,
	.parse = parse,
	.attach_expect = attach_expect,
	.seq_adjust = seq_adjust,
};

/**
 * ctrack_netlink_glue_init - begin to tell nfnetlink_queue of connections
 *
 * Nobody else has the pointer: nf_conntrack_netlink needs nf_conntrack, which
 * ctrack_glue_init() has kept out.
 */
void ctrack_netlink_glue_init(void)
{
	rcu_assign_pointer(nfnl_ct_hook, &hook);
}

/**
 * ctrack_netlink_glue_exit - stop; nobody is in our functions any more
 *
 * Context: process.
 */
void ctrack_netlink_glue_exit(void)
{
	RCU_INIT_POINTER(nfnl_ct_hook, NULL);
	synchronize_rcu();
}

/* The name that nfnetlink_queue and nfnetlink_log ask for it by. */
MODULE_ALIAS("ip_conntrack_netlink");
