// SPDX-License-Identifier: GPL-2.0
/* The matches `conntrack` and `state`: what a packet's connection is like. */
#include <linux/module.h>
#include <net/ipv6.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_state.h>

#include "nf/conn.h"
#include "nf/xt.h"

/* All that there is to ask for. */
#define KNOWN_FLAGS	(2 * XT_CONNTRACK_STATE_ALIAS - 1)

/*
 * Three revisions have the same fields at the same places, up to the masks: the
 * first has these in octets, and only the third has ranges of ports, in the
 * host's order.
 */
#define SAME_PLACE(field)						\
	(offsetof(struct xt_conntrack_mtinfo1, field) ==		\
	 offsetof(struct xt_conntrack_mtinfo3, field) &&		\
	 offsetof(struct xt_conntrack_mtinfo2, field) ==		\
	 offsetof(struct xt_conntrack_mtinfo3, field))
static_assert(SAME_PLACE(origsrc_addr) && SAME_PLACE(repldst_mask) &&
	      SAME_PLACE(expires_max) && SAME_PLACE(l4proto) &&
	      SAME_PLACE(origsrc_port) && SAME_PLACE(repldst_port) &&
	      SAME_PLACE(invert_flags));

/**
 * struct question - what a rule asks of one packet
 * @info: the rule, but for what follows
 * @revision: whose layout @info has
 * @family: of the packet
 * @state: XT_CONNTRACK_STATE_* bits that it may have
 * @status: IPS_* bits of which its connection must have one
 */
struct question {
	const struct xt_conntrack_mtinfo3 *info;
	u8 revision;
	u8 family;
	u16 state;
	u16 status;
};

/* Does the rule ask for @flag, and is the answer not what it wants? */
static bool differs(const struct question *question, u16 flag, bool answer)
{
	const struct xt_conntrack_mtinfo3 *info = question->info;

	return info->match_flags & flag &&
	       answer == !!(info->invert_flags & flag);
}

static unsigned int packet_state(const struct ctrack_conn *conn,
				 enum ip_conntrack_info ctinfo)
{
	unsigned int state;

	if (!conn)
		return ctinfo == IP_CT_UNTRACKED ? XT_CONNTRACK_STATE_UNTRACKED :
						   XT_CONNTRACK_STATE_INVALID;
	state = XT_CONNTRACK_STATE_BIT(ctinfo);
	if (test_bit(IPS_SRC_NAT_BIT, &conn->status))
		state |= XT_CONNTRACK_STATE_SNAT;
	if (test_bit(IPS_DST_NAT_BIT, &conn->status))
		state |= XT_CONNTRACK_STATE_DNAT;
	return state;
}

static bool address_fits(const struct question *question,
			 const union nf_inet_addr *address,
			 const union nf_inet_addr *wanted,
			 const union nf_inet_addr *mask)
{
	if (question->family == NFPROTO_IPV4)
		return !((address->ip ^ wanted->ip) & mask->ip);
	return !ipv6_masked_addr_cmp(&address->in6, &mask->in6, &wanted->in6);
}

static bool addresses_differ(const struct question *question,
			     const struct ctrack_conn *conn)
{
	const struct ctrack_key *original = ctrack_conn_key(conn, CTRACK_ORIGINAL);
	const struct ctrack_key *reply = ctrack_conn_key(conn, CTRACK_REPLY);
	const struct xt_conntrack_mtinfo3 *info = question->info;

	return differs(question, XT_CONNTRACK_ORIGSRC,
		       address_fits(question, &original->source,
				    &info->origsrc_addr, &info->origsrc_mask)) ||
	       differs(question, XT_CONNTRACK_ORIGDST,
		       address_fits(question, &original->destination,
				    &info->origdst_addr, &info->origdst_mask)) ||
	       differs(question, XT_CONNTRACK_REPLSRC,
		       address_fits(question, &reply->source,
				    &info->replsrc_addr, &info->replsrc_mask)) ||
	       differs(question, XT_CONNTRACK_REPLDST,
		       address_fits(question, &reply->destination,
				    &info->repldst_addr, &info->repldst_mask));
}

/* @high is behind the end of a rule of an older revision. */
static bool port_fits(const struct question *question, __be16 port,
		      const u16 *low, const u16 *high)
{
	if (question->revision < 3)
		return (__force u16)port == *low;
	return ntohs(port) >= *low && ntohs(port) <= *high;
}

static bool ports_differ(const struct question *question,
			 const struct ctrack_conn *conn)
{
	const struct ctrack_key *original = ctrack_conn_key(conn, CTRACK_ORIGINAL);
	const struct ctrack_key *reply = ctrack_conn_key(conn, CTRACK_REPLY);
	const struct xt_conntrack_mtinfo3 *info = question->info;

	return differs(question, XT_CONNTRACK_ORIGSRC_PORT,
		       port_fits(question, original->source_id.all,
				 &info->origsrc_port, &info->origsrc_port_high)) ||
	       differs(question, XT_CONNTRACK_ORIGDST_PORT,
		       port_fits(question, original->destination_id.all,
				 &info->origdst_port, &info->origdst_port_high)) ||
	       differs(question, XT_CONNTRACK_REPLSRC_PORT,
		       port_fits(question, reply->source_id.all,
				 &info->replsrc_port, &info->replsrc_port_high)) ||
	       differs(question, XT_CONNTRACK_REPLDST_PORT,
		       port_fits(question, reply->destination_id.all,
				 &info->repldst_port, &info->repldst_port_high));
}

static bool expires_within(const struct ctrack_conn *conn, u32 min, u32 max)
{
	u32 seconds = ctrack_conn_expires(conn) / HZ;

	return seconds >= min && seconds <= max;
}

static bool answer(const struct question *question, const struct sk_buff *skb)
{
	const struct xt_conntrack_mtinfo3 *info = question->info;
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (differs(question, XT_CONNTRACK_STATE,
		    question->state & packet_state(conn, ctinfo)))
		return false;
	/* Of what has no connection only the state is asked. */
	if (!conn)
		return info->match_flags & XT_CONNTRACK_STATE;
	return !differs(question, XT_CONNTRACK_DIRECTION,
			ctrack_direction_of(ctinfo) == CTRACK_ORIGINAL) &&
	       !addresses_differ(question, conn) &&
	       !differs(question, XT_CONNTRACK_PROTO, info->l4proto ==
			ctrack_conn_key(conn, CTRACK_ORIGINAL)->protonum) &&
	       !ports_differ(question, conn) &&
	       !differs(question, XT_CONNTRACK_STATUS,
			question->status & ctrack_conn_status(conn)) &&
	       !differs(question, XT_CONNTRACK_EXPIRES,
			expires_within(conn, info->expires_min,
				       info->expires_max));
}

static bool conntrack_v1(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_conntrack_mtinfo1 *info = par->matchinfo;
	const struct question question = {
		.info = par->matchinfo,
		.revision = 1,
		.family = xt_family(par),
		.state = info->state_mask,
		.status = info->status_mask,
	};

	return answer(&question, skb);
}

static bool conntrack_v2(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_conntrack_mtinfo2 *info = par->matchinfo;
	const struct question question = {
		.info = par->matchinfo,
		.revision = 2,
		.family = xt_family(par),
		.state = info->state_mask,
		.status = info->status_mask,
	};

	return answer(&question, skb);
}

static bool conntrack_v3(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_conntrack_mtinfo3 *info = par->matchinfo;
	const struct question question = {
		.info = info,
		.revision = 3,
		.family = xt_family(par),
		.state = info->state_mask,
		.status = info->status_mask,
	};

	return answer(&question, skb);
}

static int conntrack_check(const struct xt_mtchk_param *par)
{
	const struct xt_conntrack_mtinfo3 *info = par->matchinfo;

	if ((info->match_flags | info->invert_flags) & ~KNOWN_FLAGS)
		return -EINVAL;
	return ctrack_xt_match_check(par);
}

static bool state(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_state_info *info = par->matchinfo;
	enum ip_conntrack_info ctinfo;

	if (ctrack_conn_of(skb, &ctinfo))
		return info->statemask & XT_STATE_BIT(ctinfo);
	return info->statemask & (ctinfo == IP_CT_UNTRACKED ?
				  XT_STATE_UNTRACKED : XT_STATE_INVALID);
}

#define CONNTRACK(number) {						\
	.name = "conntrack",						\
	.revision = (number),						\
	.family = NFPROTO_UNSPEC,					\
	.matchsize = sizeof(struct xt_conntrack_mtinfo##number),	\
	.match = conntrack_v##number,					\
	.checkentry = conntrack_check,					\
	.destroy = ctrack_xt_match_destroy,				\
	.me = THIS_MODULE,						\
}

static struct xt_match matches[] __read_mostly = {
	CONNTRACK(1),
	CONNTRACK(2),
	CONNTRACK(3),
	{
		.name = "state",
		.family = NFPROTO_UNSPEC,
		.matchsize = sizeof(struct xt_state_info),
		.match = state,
		.checkentry = ctrack_xt_match_check,
		.destroy = ctrack_xt_match_destroy,
		.me = THIS_MODULE,
	},
};

const struct ctrack_xt ctrack_xt_conntrack = {
	CTRACK_XT_MATCHES(matches),
};

MODULE_ALIAS("ipt_conntrack");
MODULE_ALIAS("ip6t_conntrack");
MODULE_ALIAS("ipt_state");
MODULE_ALIAS("ip6t_state");
