// SPDX-License-Identifier: GPL-2.0
/* The match `connbytes`: how much a connection has carried. */
#include <linux/module.h>
#include <linux/netfilter/xt_connbytes.h>

#include "nf/counters.h"
#include "nf/net.h"
#include "nf/xt.h"

/* Both count directions in the same order, and then both together. */
static_assert((int)XT_CONNBYTES_DIR_ORIGINAL == (int)CTRACK_ORIGINAL);
static_assert((int)XT_CONNBYTES_DIR_REPLY == (int)CTRACK_REPLY);
static_assert((int)XT_CONNBYTES_DIR_BOTH == (int)CTRACK_DIRECTIONS);

static bool connbytes(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_connbytes_info *info = par->matchinfo;
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;
	u64 value;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (!conn)
		return false;
	value = info->what == XT_CONNBYTES_AVGPKT ?
		ctrack_conn_average(conn, info->direction) :
		ctrack_conn_counter(conn, info->direction,
				    info->what == XT_CONNBYTES_BYTES);
	/* Swapped bounds are how userspace says "not". */
	if (info->count.from > info->count.to)
		return value < info->count.to || value > info->count.from;
	return value >= info->count.from && value <= info->count.to;
}

/* Without counters the rule would mean nothing. */
static int connbytes_check(const struct xt_mtchk_param *par)
{
	const struct xt_connbytes_info *info = par->matchinfo;
	int err;

	if (info->what > XT_CONNBYTES_AVGPKT ||
	    info->direction > XT_CONNBYTES_DIR_BOTH)
		return -EINVAL;
	err = ctrack_xt_match_check(par);
	if (!err)
		WRITE_ONCE(ctrack_net(par->net)->account, 1);
	return err;
}

static struct xt_match matches[] __read_mostly = {
	{
		.name = "connbytes",
		.family = NFPROTO_UNSPEC,
		.matchsize = sizeof(struct xt_connbytes_info),
		.match = connbytes,
		.checkentry = connbytes_check,
		.destroy = ctrack_xt_match_destroy,
		.me = THIS_MODULE,
	},
};

const struct ctrack_xt ctrack_xt_connbytes = {
	CTRACK_XT_MATCHES(matches),
};

MODULE_ALIAS("ipt_connbytes");
MODULE_ALIAS("ip6t_connbytes");
