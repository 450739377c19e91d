// SPDX-License-Identifier: GPL-2.0
/*
 * What iptables can ask for and ctrack does not have. iptables has no text for
 * an error: the kernel's log says what is missing.
 */
#include <linux/module.h>
#include <linux/netfilter/xt_SYNPROXY.h>

#include "nf/xt.h"

/* No rule with it was ever added. */
static unsigned int absent(struct sk_buff *skb,
			   const struct xt_action_param *par)
{
	return NF_DROP;
}

static int synproxy_check(const struct xt_tgchk_param *par)
{
	pr_info_ratelimited("there is no SYNPROXY: ctrack does not adjust sequence numbers\n");
	return -EOPNOTSUPP;
}

#define SYNPROXY(protocol) {						\
	.name = "SYNPROXY",						\
	.family = (protocol),						\
	.targetsize = sizeof(struct xt_synproxy_info),			\
	.target = absent,						\
	.checkentry = synproxy_check,					\
	.me = THIS_MODULE,						\
}

static struct xt_target targets[] __read_mostly = {
	SYNPROXY(NFPROTO_IPV4),
	SYNPROXY(NFPROTO_IPV6),
};

const struct ctrack_xt ctrack_xt_absent = {
	CTRACK_XT_TARGETS(targets),
};

MODULE_ALIAS("ipt_SYNPROXY");
MODULE_ALIAS("ip6t_SYNPROXY");
