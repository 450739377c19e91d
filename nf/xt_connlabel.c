// SPDX-License-Identifier: GPL-2.0
/* The match `connlabel`, which can also give a connection the label. */
#include <linux/module.h>
#include <linux/netfilter/xt_connlabel.h>

#include "nf/labels.h"
#include "nf/refusal.h"
#include "nf/xt.h"

#define KNOWN_OPTIONS	(XT_CONNLABEL_OP_INVERT | XT_CONNLABEL_OP_SET)

static bool has_label(struct ctrack_conn *conn, u16 bit)
{
	const struct ctrack_labels labels = ctrack_conn_labels(conn);

	return labels.word[bit / 32] & BIT(bit % 32);
}

static int add_label(struct ctrack_conn *conn, u16 bit)
{
	struct ctrack_labels labels = {}, keep;
	unsigned int i;

	labels.word[bit / 32] = BIT(bit % 32);
	for (i = 0; i < CTRACK_LABELS_WORDS; i++)
		keep.word[i] = ~labels.word[i];
	return ctrack_conn_change_labels(conn, &keep, &labels);
}

/* Later rules rely on the label that this one gives: without it, no packet. */
static bool connlabel(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_connlabel_mtinfo *info = par->matchinfo;
	bool invert = info->options & XT_CONNLABEL_OP_INVERT;
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (!conn)
		return invert;
	if (has_label(conn, info->bit))
		return !invert;
	if (!(info->options & XT_CONNLABEL_OP_SET))
		return invert;
	if (!add_label(conn, info->bit))
		return !invert;
	ctrack_packet_refuse(par->state, (struct sk_buff *)skb, NULL,
			     CTRACK_REASON_no_memory, true);
	par->hotdrop = true;
	return false;
}

static int connlabel_check(const struct xt_mtchk_param *par)
{
	const struct xt_connlabel_mtinfo *info = par->matchinfo;

	if (info->options & ~KNOWN_OPTIONS)
		return -EINVAL;
	if (info->bit > XT_CONNLABEL_MAXBIT)
		return -ERANGE;
	return ctrack_xt_match_check(par);
}

static struct xt_match matches[] __read_mostly = {
	{
		.name = "connlabel",
		.family = NFPROTO_UNSPEC,
		.matchsize = sizeof(struct xt_connlabel_mtinfo),
		.match = connlabel,
		.checkentry = connlabel_check,
		.destroy = ctrack_xt_match_destroy,
		.me = THIS_MODULE,
	},
};

const struct ctrack_xt ctrack_xt_connlabel = {
	CTRACK_XT_MATCHES(matches),
};

MODULE_ALIAS("ipt_connlabel");
MODULE_ALIAS("ip6t_connlabel");
