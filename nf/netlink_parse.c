// SPDX-License-Identifier: GPL-2.0
/*
 * Reading ctnetlink requests. What is too short, too long, unknown or in the
 * wrong place is refused, and the extack says what: nothing is guessed, and
 * nothing passed over. Only NLA_F_NESTED is not insisted on, because many
 * programs have never set it.
 */
#include "nf/labels.h"
#include "nf/netlink_parse.h"

#define STRICT	(NL_VALIDATE_TRAILING | NL_VALIDATE_MAXTYPE |		\
		 NL_VALIDATE_UNSPEC | NL_VALIDATE_STRICT_ATTRS)

/*
 * All that a listing contains is here too: there are programs that delete by
 * sending back what they were told. CTA_TIMESTAMP_EVENT is of events alone, and
 * refused, as in-tree.
 */
static const struct nla_policy request_policy[CTA_MAX + 1] = {
	[CTA_TUPLE_ORIG]	= { .type = NLA_NESTED },
	[CTA_TUPLE_REPLY]	= { .type = NLA_NESTED },
	[CTA_STATUS]		= { .type = NLA_U32 },
	[CTA_PROTOINFO]		= { .type = NLA_NESTED },
	[CTA_HELP]		= { .type = NLA_NESTED },
	[CTA_NAT_SRC]		= { .type = NLA_NESTED },
	[CTA_TIMEOUT]		= { .type = NLA_U32 },
	[CTA_MARK]		= { .type = NLA_U32 },
	[CTA_COUNTERS_ORIG]	= { .type = NLA_NESTED },
	[CTA_COUNTERS_REPLY]	= { .type = NLA_NESTED },
	[CTA_USE]		= { .type = NLA_U32 },
	[CTA_ID]		= { .type = NLA_U32 },
	[CTA_NAT_DST]		= { .type = NLA_NESTED },
	[CTA_TUPLE_MASTER]	= { .type = NLA_NESTED },
	[CTA_SEQ_ADJ_ORIG]	= { .type = NLA_NESTED },
	[CTA_SEQ_ADJ_REPLY]	= { .type = NLA_NESTED },
	[CTA_SECMARK]		= { .type = NLA_U32 },
	[CTA_ZONE]		= { .type = NLA_U16 },
	[CTA_SECCTX]		= { .type = NLA_NESTED },
	[CTA_TIMESTAMP]		= { .type = NLA_NESTED },
	[CTA_MARK_MASK]		= { .type = NLA_U32 },
	[CTA_LABELS]		= { .type = NLA_BINARY,
				    .len = sizeof(struct ctrack_labels) },
	[CTA_LABELS_MASK]	= { .type = NLA_BINARY,
				    .len = sizeof(struct ctrack_labels) },
	[CTA_SYNPROXY]		= { .type = NLA_NESTED },
	[CTA_FILTER]		= { .type = NLA_NESTED },
	[CTA_STATUS_MASK]	= { .type = NLA_U32 },
};

/* Sets what NL_SET_ERR_MSG_ATTR() would, for a text that comes as argument. */
static void complain(struct netlink_ext_ack *extack, const struct nlattr *attr,
		     const char *text)
{
	if (!extack)
		return;
	extack->_msg = text;
	NL_SET_BAD_ATTR(extack, attr);
}

/**
 * ctrack_netlink_nest - take a nested attribute apart
 * @nest: the attribute
 * @attr: filled in, by type
 * @type_max: the last type
 * @policy: of what may be inside
 * @extack: for what is wrong; may be NULL
 *
 * Return: 0 or -errno.
 */
int ctrack_netlink_nest(const struct nlattr *nest, struct nlattr **attr,
			int type_max, const struct nla_policy *policy,
			struct netlink_ext_ack *extack)
{
	return __nla_parse(attr, type_max, nla_data(nest), nla_len(nest),
			   policy, STRICT, extack);
}

/**
 * ctrack_request_read_as - read a message whose attributes are not a connection's
 * @rq: filled in
 * @skb: the message's packet
 * @info: the message
 * @type_max: the last of its attributes, which CTA_MAX is not less than
 * @policy: theirs
 *
 * Return: 0 or -errno.
 */
int ctrack_request_read_as(struct ctrack_request *rq, const struct sk_buff *skb,
			   const struct nfnl_info *info, int type_max,
			   const struct nla_policy *policy)
{
	const unsigned int header = sizeof(struct nfgenmsg);

	rq->cn = ctrack_net(info->net);
	rq->info = info;
	rq->extack = info->extack;
	rq->portid = NETLINK_CB(skb).portid;
	rq->family = info->nfmsg->nfgen_family;
	rq->report = nlmsg_report(info->nlh);
	if (rq->family != NFPROTO_UNSPEC && rq->family != NFPROTO_IPV4 &&
	    rq->family != NFPROTO_IPV6) {
		NL_SET_ERR_MSG(rq->extack, "family is neither IPv4 nor IPv6");
		return -EOPNOTSUPP;
	}
	memset(rq->attr, 0, sizeof(rq->attr));
	return __nla_parse(rq->attr, type_max,
			   nlmsg_attrdata(info->nlh, header),
			   nlmsg_attrlen(info->nlh, header), policy, STRICT,
			   rq->extack);
}

/**
 * ctrack_request_read - read a message about connections
 * @rq: filled in
 * @skb: the message's packet
 * @info: the message
 *
 * Return: 0 or -errno.
 */
int ctrack_request_read(struct ctrack_request *rq, const struct sk_buff *skb,
			const struct nfnl_info *info)
{
	return ctrack_request_read_as(rq, skb, info, CTA_MAX, request_policy);
}

/**
 * ctrack_request_read_nest - read the attributes that came with a verdict
 * @rq: attributes are filled in, the rest stands there already
 * @nest: where they are in
 *
 * Return: 0 or -errno.
 */
int ctrack_request_read_nest(struct ctrack_request *rq,
			     const struct nlattr *nest)
{
	return ctrack_netlink_nest(nest, rq->attr, CTA_MAX, request_policy,
				   rq->extack);
}

/**
 * ctrack_request_refuse - attributes that can't be granted
 * @rq: request
 * @types: BIT_ULL(CTA_*), of all that the request must not have
 * @why: a static text for the extack
 *
 * Return: -EOPNOTSUPP when it has one, else 0.
 */
int ctrack_request_refuse(const struct ctrack_request *rq, u64 types,
			  const char *why)
{
	unsigned int type;

	for (type = 1; type <= CTA_MAX; type++) {
		if (!(types & BIT_ULL(type)) || !rq->attr[type])
			continue;
		complain(rq->extack, rq->attr[type], why);
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * ctrack_request_wrong - an attribute that makes no sense
 * @rq: request
 * @attr: the attribute, or the one that something is missing in
 * @why: a static text for the extack
 *
 * Return: -EINVAL.
 */
int ctrack_request_wrong(const struct ctrack_request *rq,
			 const struct nlattr *attr, const char *why)
{
	complain(rq->extack, attr, why);
	return -EINVAL;
}

/**
 * ctrack_request_zone - the zone that counts in both directions
 * @rq: request
 * @zone: filled in, with the default zone where none is given
 */
void ctrack_request_zone(const struct ctrack_request *rq,
			 struct nf_conntrack_zone *zone)
{
	const struct nlattr *attr = rq->attr[CTA_ZONE];

	zone->id = attr ? ntohs(nla_get_be16(attr)) : NF_CT_DEFAULT_ZONE_ID;
	zone->flags = 0;
	zone->dir = NF_CT_DEFAULT_ZONE_DIR;
}
