// SPDX-License-Identifier: GPL-2.0
/*
 * What ctnetlink has words for and we have not: helpers, and payloads or SYN
 * cookies that shift sequence numbers. That there be none can be asked for, and
 * is by programs that send back what they were told elsewhere.
 */
#include <net/netfilter/nf_conntrack_helper.h>

#include "nf/netlink_parse.h"

static const struct nla_policy help_policy[CTA_HELP_MAX + 1] = {
	[CTA_HELP_NAME]	= { .type = NLA_NUL_STRING,
			    .len = NF_CT_HELPER_NAME_LEN - 1 },
	[CTA_HELP_INFO]	= { .type = NLA_BINARY },
};

static const struct nla_policy seqadj_policy[CTA_SEQADJ_MAX + 1] = {
	[CTA_SEQADJ_CORRECTION_POS]	= { .type = NLA_U32 },
	[CTA_SEQADJ_OFFSET_BEFORE]	= { .type = NLA_U32 },
	[CTA_SEQADJ_OFFSET_AFTER]	= { .type = NLA_U32 },
};

static const struct nla_policy synproxy_policy[CTA_SYNPROXY_MAX + 1] = {
	[CTA_SYNPROXY_ISN]	= { .type = NLA_U32 },
	[CTA_SYNPROXY_ITS]	= { .type = NLA_U32 },
	[CTA_SYNPROXY_TSOFF]	= { .type = NLA_U32 },
};

/* No more than these have. */
#define WORDS_MAX	3

static_assert((int)CTA_SEQADJ_MAX == WORDS_MAX);
static_assert((int)CTA_SYNPROXY_MAX == WORDS_MAX);

static int check_help(const struct ctrack_request *rq)
{
	const struct nlattr *nest = rq->attr[CTA_HELP];
	struct nlattr *attr[CTA_HELP_MAX + 1];
	int err;

	if (!nest)
		return 0;
	err = ctrack_netlink_nest(nest, attr, CTA_HELP_MAX, help_policy,
				  rq->extack);
	if (err)
		return err;
	if (!attr[CTA_HELP_NAME])
		return ctrack_request_wrong(rq, nest, "helper's name is missing");
	if (!*(const char *)nla_data(attr[CTA_HELP_NAME]))
		return 0;
	NL_SET_ERR_MSG_ATTR(rq->extack, nest, "there is no such helper");
	return -EOPNOTSUPP;
}

/* Three words, all there, and those of @shifts zero: bits by attribute. */
static int check_words(const struct ctrack_request *rq, unsigned int type,
		       const struct nla_policy *policy, unsigned int shifts)
{
	const struct nlattr *nest = rq->attr[type];
	struct nlattr *attr[WORDS_MAX + 1];
	unsigned int i;
	int err;

	if (!nest)
		return 0;
	err = ctrack_netlink_nest(nest, attr, WORDS_MAX, policy, rq->extack);
	if (err)
		return err;
	for (i = 1; i <= WORDS_MAX; i++)
		if (!attr[i])
			return ctrack_request_wrong(rq, nest,
						    "a number is missing");
	for (i = 1; i <= WORDS_MAX; i++) {
		if (!(shifts & BIT(i)) || !nla_get_u32(attr[i]))
			continue;
		NL_SET_ERR_MSG_ATTR(rq->extack, attr[i],
				    "sequence numbers are never shifted");
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * ctrack_request_absent - read what there can only be none of
 * @rq: request
 *
 * Return: 0 when CTA_HELP, CTA_SEQ_ADJ_* and CTA_SYNPROXY are missing or ask for
 * none; -EOPNOTSUPP when one asks for some; another -errno.
 */
int ctrack_request_absent(const struct ctrack_request *rq)
{
	const unsigned int offsets = BIT(CTA_SEQADJ_OFFSET_BEFORE) |
				     BIT(CTA_SEQADJ_OFFSET_AFTER);
	const unsigned int proxied = BIT(CTA_SYNPROXY_ISN) |
				     BIT(CTA_SYNPROXY_TSOFF);
	int err;

	err = check_help(rq);
	if (err)
		return err;
	err = check_words(rq, CTA_SEQ_ADJ_ORIG, seqadj_policy, offsets);
	if (err)
		return err;
	err = check_words(rq, CTA_SEQ_ADJ_REPLY, seqadj_policy, offsets);
	if (err)
		return err;
	return check_words(rq, CTA_SYNPROXY, synproxy_policy, proxied);
}
