/* SPDX-License-Identifier: GPL-2.0 */
/* A ctnetlink request, taken apart and checked; and who serves it. */
#ifndef CTRACK_NETLINK_PARSE_H
#define CTRACK_NETLINK_PARSE_H

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "nf/net.h"

/**
 * struct ctrack_request - what somebody asks for
 * @cn: namespace
 * @info: the message, as nfnetlink handed it out; NULL for attributes that came
 *	with a packet's verdict
 * @extack: where to say what is wrong; may be NULL
 * @portid: who asks
 * @family: NFPROTO_IPV4, NFPROTO_IPV6 or NFPROTO_UNSPEC, nothing else
 * @report: whether that one wants to hear of the events that follow
 * @attr: attributes, CTA_* or CTA_EXPECT_*, each of the right length; what is inside of nested ones
 *	is yet to be checked
 *
 * Lives on the stack of who serves it.
 */
struct ctrack_request {
	struct ctrack_net *cn;
	const struct nfnl_info *info;
	struct netlink_ext_ack *extack;
	u32 portid;
	u8 family;
	bool report;
	struct nlattr *attr[CTA_MAX + 1];
};

/**
 * enum ctrack_part - parts of a key, as CTA_FILTER_ORIG_FLAGS names them
 * @CTRACK_PART_SOURCE: address
 * @CTRACK_PART_DESTINATION: address
 * @CTRACK_PART_ZONE: in the key's direction
 * @CTRACK_PART_PROTOCOL: number
 * @CTRACK_PART_SOURCE_PORT: of protocols with ports
 * @CTRACK_PART_DESTINATION_PORT: of protocols with ports
 * @CTRACK_PART_ICMP_TYPE: of ICMP
 * @CTRACK_PART_ICMP_CODE: of ICMP
 * @CTRACK_PART_ICMP_ID: of ICMP
 * @CTRACK_PART_ICMPV6_TYPE: of ICMPv6
 * @CTRACK_PART_ICMPV6_CODE: of ICMPv6
 * @CTRACK_PART_ICMPV6_ID: of ICMPv6
 * @CTRACK_PART_IDENTIFIERS: all that depends on the protocol
 * @CTRACK_PART_ALL: a whole key
 *
 * UAPI, but for a header: the kernel has the numbers in nf_internals.h, and
 * libnetfilter_conntrack has its own copy.
 */
enum ctrack_part {
	CTRACK_PART_SOURCE = BIT(0),
	CTRACK_PART_DESTINATION = BIT(1),
	CTRACK_PART_ZONE = BIT(2),
	CTRACK_PART_PROTOCOL = BIT(3),
	CTRACK_PART_SOURCE_PORT = BIT(4),
	CTRACK_PART_DESTINATION_PORT = BIT(5),
	CTRACK_PART_ICMP_TYPE = BIT(6),
	CTRACK_PART_ICMP_CODE = BIT(7),
	CTRACK_PART_ICMP_ID = BIT(8),
	CTRACK_PART_ICMPV6_TYPE = BIT(9),
	CTRACK_PART_ICMPV6_CODE = BIT(10),
	CTRACK_PART_ICMPV6_ID = BIT(11),
	CTRACK_PART_ALL = BIT(12) - 1,
	CTRACK_PART_IDENTIFIERS = CTRACK_PART_ALL & ~(BIT(4) - 1),
};

/* netlink_parse.c APIs: */
int ctrack_netlink_nest(const struct nlattr *nest, struct nlattr **attr,
			int type_max, const struct nla_policy *policy,
			struct netlink_ext_ack *extack);
int ctrack_request_read(struct ctrack_request *rq, const struct sk_buff *skb,
			const struct nfnl_info *info);
int ctrack_request_read_as(struct ctrack_request *rq, const struct sk_buff *skb,
			   const struct nfnl_info *info, int type_max,
			   const struct nla_policy *policy);
int ctrack_request_read_nest(struct ctrack_request *rq,
			     const struct nlattr *nest);
int ctrack_request_refuse(const struct ctrack_request *rq, u64 types,
			  const char *why);
int ctrack_request_wrong(const struct ctrack_request *rq,
			 const struct nlattr *attr, const char *why);
void ctrack_request_zone(const struct ctrack_request *rq,
			 struct nf_conntrack_zone *zone);

/* netlink_key.c APIs: */
int ctrack_request_key(const struct ctrack_request *rq, unsigned int type,
		       struct ctrack_key *key, struct nf_conntrack_zone *zone);
int ctrack_request_key_parts(const struct ctrack_request *rq,
			     unsigned int type, u32 parts,
			     struct ctrack_key *key,
			     struct nf_conntrack_zone *zone);

/* netlink_find.c APIs; a connection comes with a reference taken: */
bool ctrack_netlink_shown(const struct ctrack_conn *conn);
struct ctrack_conn *ctrack_request_lookup(const struct ctrack_request *rq,
					  const struct ctrack_key *key,
					  const struct nf_conntrack_zone *zone);
struct ctrack_conn *ctrack_request_find(const struct ctrack_request *rq);

/* netlink_dump.c APIs: */
int ctrack_netlink_dump(const struct ctrack_request *rq, struct sk_buff *skb,
			u32 fill);
int ctrack_netlink_dump_dying(const struct ctrack_request *rq,
			      struct sk_buff *skb);
int ctrack_netlink_dump_nothing(const struct ctrack_request *rq,
				struct sk_buff *skb);
int ctrack_netlink_flush(const struct ctrack_request *rq);

/* netlink_absent.c APIs: */
int ctrack_request_absent(const struct ctrack_request *rq);

/* netlink_new.c APIs: */
int ctrack_netlink_new(const struct ctrack_request *rq);

/* netlink_stats.c APIs: */
void ctrack_netlink_sum_counts(const struct ctrack_counts *counts,
			       u32 stats[CTA_STATS_MAX + 1]);
int ctrack_netlink_stats(const struct ctrack_request *rq);
int ctrack_netlink_expect_stats_cpu(const struct ctrack_request *rq,
				    struct sk_buff *skb);
int ctrack_netlink_stats_cpu(const struct ctrack_request *rq,
			     struct sk_buff *skb);

/* netlink_expect.c APIs: */
int ctrack_netlink_expect_init(void);
void ctrack_netlink_expect_exit(void);

/* netlink_glue.c APIs: */
void ctrack_netlink_glue_init(void);
void ctrack_netlink_glue_exit(void);

#endif
