// SPDX-License-Identifier: GPL-2.0
/*
 * The match `helper`: was the connection expected by a helper? There are none
 * yet, so that no connection was.
 */
#include <linux/module.h>
#include <linux/netfilter/xt_helper.h>

#include "nf/xt.h"

static bool helper(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_helper_info *info = par->matchinfo;

	return info->invert;
}

static struct xt_match matches[] __read_mostly = {
	{
		.name = "helper",
		.family = NFPROTO_UNSPEC,
		.matchsize = sizeof(struct xt_helper_info),
		.match = helper,
		.checkentry = ctrack_xt_match_check,
		.destroy = ctrack_xt_match_destroy,
		.me = THIS_MODULE,
	},
};

const struct ctrack_xt ctrack_xt_helper = {
	CTRACK_XT_MATCHES(matches),
};

MODULE_ALIAS("ipt_helper");
MODULE_ALIAS("ip6t_helper");
