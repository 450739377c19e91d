// SPDX-License-Identifier: GPL-2.0
/* CTA_NAT_SRC and CTA_NAT_DST: translations that are asked for, not ruled. */
#include <linux/kmod.h>
#include <linux/module.h>

#include "nf/netlink_nat.h"

static const struct nla_policy nat_policy[CTA_NAT_MAX + 1] = {
	[CTA_NAT_V4_MINIP]	= { .type = NLA_U32 },
	[CTA_NAT_V4_MAXIP]	= { .type = NLA_U32 },
	[CTA_NAT_PROTO]		= { .type = NLA_NESTED },
	[CTA_NAT_V6_MINIP]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[CTA_NAT_V6_MAXIP]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
};

static const struct nla_policy protonat_policy[CTA_PROTONAT_MAX + 1] = {
	[CTA_PROTONAT_PORT_MIN]	= { .type = NLA_U16 },
	[CTA_PROTONAT_PORT_MAX]	= { .type = NLA_U16 },
};

static int read_nat_addresses(const struct ctrack_request *rq,
			      const struct nlattr *nest,
			      struct nlattr *const *attr,
			      struct nf_nat_range2 *range)
{
	bool v4 = rq->family == NFPROTO_IPV4;
	const struct nlattr *min = attr[v4 ? CTA_NAT_V6_MINIP : CTA_NAT_V4_MINIP];
	const struct nlattr *max = attr[v4 ? CTA_NAT_V6_MAXIP : CTA_NAT_V4_MAXIP];

	if (min || max)
		return ctrack_request_wrong(rq, min ?: max,
					    "address of another family than the message's");
	min = attr[v4 ? CTA_NAT_V4_MINIP : CTA_NAT_V6_MINIP];
	max = attr[v4 ? CTA_NAT_V4_MAXIP : CTA_NAT_V6_MAXIP];
	if (max && !min)
		return ctrack_request_wrong(rq, max,
					    "range of addresses without a first");
	if (!min)
		return 0;
	nla_memcpy(&range->min_addr, min, sizeof(range->min_addr));
	nla_memcpy(&range->max_addr, max ?: min, sizeof(range->max_addr));
	if (memcmp(&range->min_addr, &range->max_addr,
		   sizeof(range->min_addr)) > 0)
		return ctrack_request_wrong(rq, nest,
					    "range of addresses ends before it begins");
	range->flags |= NF_NAT_RANGE_MAP_IPS;
	return 0;
}

static int read_nat_ports(const struct ctrack_request *rq,
			  const struct nlattr *nest, const struct ctrack_key *key,
			  struct nf_nat_range2 *range)
{
	struct nlattr *attr[CTA_PROTONAT_MAX + 1];
	const struct nlattr *min, *max;
	int err;

	if (!nest)
		return 0;
	err = ctrack_netlink_nest(nest, attr, CTA_PROTONAT_MAX, protonat_policy,
				  rq->extack);
	if (err)
		return err;
	min = attr[CTA_PROTONAT_PORT_MIN];
	max = attr[CTA_PROTONAT_PORT_MAX];
	/* libnetfilter_conntrack writes empty ones for other protocols. */
	if (!min && !max)
		return 0;
	if (!min)
		return ctrack_request_wrong(rq, nest,
					    "range of ports without a first");
	/* What TCP has as its port, an ICMP query has as its id: it may be 0. */
	if (!ctrack_key_has_ports(key) && !ctrack_key_has_icmp_id(key))
		return ctrack_request_wrong(rq, nest,
					    "ports for a protocol without");
	range->min_proto.all = nla_get_be16(min);
	range->max_proto.all = nla_get_be16(max ?: min);
	if ((!range->min_proto.all && ctrack_key_has_ports(key)) ||
	    ntohs(range->min_proto.all) > ntohs(range->max_proto.all))
		return ctrack_request_wrong(rq, nest,
					    "range of ports ends before it begins");
	range->flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
	return 0;
}

/*
 * The first translation draws in ctrack_nat, as a rule would. Nobody else's request
 * has to wait meanwhile: nfnetlink serves this one anew for -EAGAIN.
 */
static int load_nat(const struct ctrack_request *rq, const struct nlattr *nest)
{
	bool loaded = false;

	/* Without nfnetlink's lock nothing else keeps us here. */
	if (try_module_get(THIS_MODULE)) {
		nfnl_unlock(NFNL_SUBSYS_CTNETLINK);
		request_module("ctrack_nat");
		nfnl_lock(NFNL_SUBSYS_CTNETLINK);
		loaded = rcu_access_pointer(ctrack_nat_hook);
		module_put(THIS_MODULE);
	}
	if (loaded)
		return -EAGAIN;
	NL_SET_ERR_MSG_ATTR(rq->extack, nest, "ctrack_nat is not loaded");
	return -EOPNOTSUPP;
}

static int read_nat(const struct ctrack_request *rq, const struct nlattr *nest,
		    const struct ctrack_key *key, struct nf_nat_range2 *range)
{
	struct nlattr *attr[CTA_NAT_MAX + 1];
	int err;

	if (!nest)
		return 0;
	if (!rcu_access_pointer(ctrack_nat_hook))
		return load_nat(rq, nest);
	err = ctrack_netlink_nest(nest, attr, CTA_NAT_MAX, nat_policy,
				  rq->extack);
	if (err)
		return err;
	err = read_nat_addresses(rq, nest, attr, range);
	if (err)
		return err;
	err = read_nat_ports(rq, attr[CTA_NAT_PROTO], key, range);
	if (err)
		return err;
	/* conntrackd asks for empty ports alone, where an ICMP query has its type. */
	if (!range->flags && !attr[CTA_NAT_PROTO])
		return ctrack_request_wrong(rq, nest,
					    "translation to no address and no port");
	return 0;
}

/**
 * ctrack_request_translation - read CTA_NAT_SRC and CTA_NAT_DST
 * @rq: request
 * @key: the connection's original key
 * @nat: filled in
 *
 * Return: 0; -EOPNOTSUPP when nobody is there to translate; another -errno.
 */
int ctrack_request_translation(const struct ctrack_request *rq,
			       const struct ctrack_key *key,
			       struct ctrack_translation *nat)
{
	int err;

	memset(nat, 0, sizeof(*nat));
	err = read_nat(rq, rq->attr[CTA_NAT_DST], key,
		       &nat->range[NF_NAT_MANIP_DST]);
	if (err)
		return err;
	return read_nat(rq, rq->attr[CTA_NAT_SRC], key,
			&nat->range[NF_NAT_MANIP_SRC]);
}

static int reason_errno(const struct ctrack_request *rq,
			enum ctrack_reason reason)
{
	if (rq->extack)
		rq->extack->_msg = ctrack_reason_text(reason);
	switch (reason) {
	case CTRACK_REASON_no_memory:
		return -ENOMEM;
	case CTRACK_REASON_reply_taken:
	case CTRACK_REASON_nat_no_port:
		return -EADDRINUSE;
	case CTRACK_REASON_nat_no_address:
		return -EADDRNOTAVAIL;
	default:
		return -EINVAL;
	}
}

/**
 * ctrack_request_translate - bind the translation that was asked for
 * @rq: request
 * @nat: what ctrack_request_translation() read
 * @conn: a tentative connection in the table
 *
 * Where something is translated, nothing is bound in the other direction, so
 * that the reply key is reserved and no rule is asked later.
 *
 * Return: 0 or -errno.
 * Context: RCU held, without the connection's lock.
 */
int ctrack_request_translate(const struct ctrack_request *rq,
			     const struct ctrack_translation *nat,
			     struct ctrack_conn *conn)
{
	const struct ctrack_nat_hook *hook = rcu_dereference(ctrack_nat_hook);
	const struct nf_nat_range2 *source = &nat->range[NF_NAT_MANIP_SRC];
	const struct nf_nat_range2 *destination = &nat->range[NF_NAT_MANIP_DST];
	enum ctrack_reason reason = CTRACK_REASON_NONE;

	if (!source->flags && !destination->flags)
		return 0;
	if (!hook)
		return -EOPNOTSUPP;
	if (destination->flags)
		reason = hook->setup(conn, destination, NF_NAT_MANIP_DST);
	if (!reason)
		reason = hook->setup(conn, source->flags ? source : NULL,
				     NF_NAT_MANIP_SRC);
	if (!reason && !destination->flags)
		reason = hook->setup(conn, NULL, NF_NAT_MANIP_DST);
	return reason ? reason_errno(rq, reason) : 0;
}
