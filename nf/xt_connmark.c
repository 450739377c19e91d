// SPDX-License-Identifier: GPL-2.0
/* The match `connmark`, and the targets CONNMARK and CONNSECMARK. */
#include <linux/module.h>
#include <linux/netfilter/xt_CONNSECMARK.h>
#include <linux/netfilter/xt_connmark.h>

#include "nf/conn.h"
#include "nf/xt.h"

static bool connmark(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_connmark_mtinfo1 *info = par->matchinfo;
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (!conn)
		return false;
	return ((READ_ONCE(conn->mark) & info->mask) == info->mark) !=
	       !!info->invert;
}

static u32 shift(const struct xt_connmark_tginfo2 *info, u32 mark)
{
	return info->shift_dir == D_SHIFT_RIGHT ? mark >> info->shift_bits :
						  mark << info->shift_bits;
}

static void set_mark(struct sk_buff *skb, const struct xt_connmark_tginfo2 *info)
{
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;
	u32 kept;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (!conn)
		return;
	kept = READ_ONCE(conn->mark) & ~info->ctmask;
	switch (info->mode) {
	case XT_CONNMARK_SET:
		ctrack_conn_set_word(conn, &conn->mark,
				     shift(info, kept ^ info->ctmark),
				     IPCT_MARK);
		break;
	case XT_CONNMARK_SAVE:
		ctrack_conn_set_word(conn, &conn->mark,
				     kept ^ shift(info, skb->mark & info->nfmask),
				     IPCT_MARK);
		break;
	case XT_CONNMARK_RESTORE:
		skb->mark = (skb->mark & ~info->nfmask) ^
			    shift(info, READ_ONCE(conn->mark) & info->ctmask);
		break;
	}
}

static unsigned int connmark_v1(struct sk_buff *skb,
				const struct xt_action_param *par)
{
	const struct xt_connmark_tginfo1 *info = par->targinfo;
	const struct xt_connmark_tginfo2 unshifted = {
		.ctmark = info->ctmark,
		.ctmask = info->ctmask,
		.nfmask = info->nfmask,
		.mode = info->mode,
	};

	set_mark(skb, &unshifted);
	return XT_CONTINUE;
}

static unsigned int connmark_v2(struct sk_buff *skb,
				const struct xt_action_param *par)
{
	set_mark(skb, par->targinfo);
	return XT_CONTINUE;
}

static int connmark_check_v1(const struct xt_tgchk_param *par)
{
	const struct xt_connmark_tginfo1 *info = par->targinfo;

	if (info->mode > XT_CONNMARK_RESTORE)
		return -EINVAL;
	return ctrack_xt_target_check(par);
}

static int connmark_check_v2(const struct xt_tgchk_param *par)
{
	const struct xt_connmark_tginfo2 *info = par->targinfo;

	if (info->mode > XT_CONNMARK_RESTORE ||
	    info->shift_dir > D_SHIFT_RIGHT || info->shift_bits >= 32)
		return -EINVAL;
	return ctrack_xt_target_check(par);
}

/* What has a security mark keeps it. */
static unsigned int connsecmark(struct sk_buff *skb,
				const struct xt_action_param *par)
{
	const struct xt_connsecmark_target_info *info = par->targinfo;
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;
	u32 secmark;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (!conn)
		return XT_CONTINUE;
	secmark = READ_ONCE(conn->secmark);
	if (info->mode == CONNSECMARK_SAVE && skb->secmark && !secmark)
		ctrack_conn_set_word(conn, &conn->secmark, skb->secmark,
				     IPCT_SECMARK);
	else if (info->mode == CONNSECMARK_RESTORE && !skb->secmark)
		skb->secmark = secmark;
	return XT_CONTINUE;
}

static int connsecmark_check(const struct xt_tgchk_param *par)
{
	const struct xt_connsecmark_target_info *info = par->targinfo;

	if (strcmp(par->table, "mangle") && strcmp(par->table, "security"))
		return -EINVAL;
	if (info->mode != CONNSECMARK_SAVE && info->mode != CONNSECMARK_RESTORE)
		return -EINVAL;
	return ctrack_xt_target_check(par);
}

static struct xt_match matches[] __read_mostly = {
	{
		.name = "connmark",
		.revision = 1,
		.family = NFPROTO_UNSPEC,
		.matchsize = sizeof(struct xt_connmark_mtinfo1),
		.match = connmark,
		.checkentry = ctrack_xt_match_check,
		.destroy = ctrack_xt_match_destroy,
		.me = THIS_MODULE,
	},
};

#define CONNMARK(protocol, number) {					\
	.name = "CONNMARK",						\
	.revision = (number),						\
	.family = (protocol),						\
	.targetsize = sizeof(struct xt_connmark_tginfo##number),	\
	.target = connmark_v##number,					\
	.checkentry = connmark_check_v##number,				\
	.destroy = ctrack_xt_target_destroy,				\
	.me = THIS_MODULE,						\
}

#define CONNSECMARK(protocol) {						\
	.name = "CONNSECMARK",						\
	.family = (protocol),						\
	.targetsize = sizeof(struct xt_connsecmark_target_info),	\
	.target = connsecmark,						\
	.checkentry = connsecmark_check,				\
	.destroy = ctrack_xt_target_destroy,				\
	.me = THIS_MODULE,						\
}

static struct xt_target targets[] __read_mostly = {
	CONNMARK(NFPROTO_IPV4, 1),
	CONNMARK(NFPROTO_IPV6, 1),
	CONNMARK(NFPROTO_IPV4, 2),
	CONNMARK(NFPROTO_IPV6, 2),
	CONNSECMARK(NFPROTO_IPV4),
	CONNSECMARK(NFPROTO_IPV6),
};

const struct ctrack_xt ctrack_xt_connmark = {
	CTRACK_XT_MATCHES(matches),
	CTRACK_XT_TARGETS(targets),
};

MODULE_ALIAS("ipt_connmark");
MODULE_ALIAS("ip6t_connmark");
MODULE_ALIAS("ipt_CONNMARK");
MODULE_ALIAS("ip6t_CONNMARK");
MODULE_ALIAS("ipt_CONNSECMARK");
MODULE_ALIAS("ip6t_CONNSECMARK");
