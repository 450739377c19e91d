// SPDX-License-Identifier: GPL-2.0
/*
 * A connection in plain fields, so that filter and print need no kernel: taken out of the
 * attributes that ctnetlink describes it with. PURE.
 */
#include "entry.h"
#include "array.h"
#include "attr.h"
#include "names.h"
#include "record.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <linux/netfilter/nfnetlink_conntrack.h>

#define INDEX(to, nest) attr_index_in(to, ARRAY_SIZE(to), nest)

static void fill_addresses(struct entry *e, struct flow *f, const struct nlattr *nest)
{
	const struct nlattr *attr[CTA_IP_MAX + 1];
	bool v4 = e->family == AF_INET;
	size_t size = v4 ? 4 : 16;

	INDEX(attr, nest);
	attr_copy(f->src, attr[v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC], size);
	attr_copy(f->dst, attr[v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST], size);
}

/*
 * Both directions have the same protocol; that of the original one is taken. Returns whether one
 * is given.
 */
static bool fill_proto(struct entry *e, struct flow *f, const struct nlattr *nest)
{
	const struct nlattr *attr[CTA_PROTO_MAX + 1];
	bool v6;

	INDEX(attr, nest);
	if (f == &e->orig)
		e->proto = attr_u8(attr[CTA_PROTO_NUM]);
	f->sport = attr_be16(attr[CTA_PROTO_SRC_PORT]);
	f->dport = attr_be16(attr[CTA_PROTO_DST_PORT]);
	if (!proto_is_icmp(e->proto))
		return attr[CTA_PROTO_NUM];
	v6 = e->proto == IPPROTO_ICMPV6;
	f->type = attr_u8(attr[v6 ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE]);
	f->code = attr_u8(attr[v6 ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE]);
	f->id = attr_be16(attr[v6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID]);
	return attr[CTA_PROTO_NUM];
}

static void fill_zone(struct entry *e, const struct nlattr *attr, enum zone_of of)
{
	if (!attr)
		return;
	e->zone = attr_be16(attr);
	e->zone_of = of;
}

static bool fill_tuple(struct entry *e, struct flow *f, const struct nlattr *nest)
{
	const struct nlattr *attr[CTA_TUPLE_MAX + 1];

	INDEX(attr, nest);
	fill_addresses(e, f, attr[CTA_TUPLE_IP]);
	fill_zone(e, attr[CTA_TUPLE_ZONE], f == &e->orig ? ZONE_OF_ORIG : ZONE_OF_REPLY);
	return fill_proto(e, f, attr[CTA_TUPLE_PROTO]);
}

static void fill_counters(struct entry *e, struct flow *f, const struct nlattr *nest)
{
	const struct nlattr *attr[CTA_COUNTERS_MAX + 1];

	if (!nest)
		return;
	INDEX(attr, nest);
	f->packets = attr_be64(attr[CTA_COUNTERS_PACKETS]);
	f->bytes = attr_be64(attr[CTA_COUNTERS_BYTES]);
	if (attr[CTA_COUNTERS_PACKETS] && attr[CTA_COUNTERS_BYTES])
		e->has_counters |= f == &e->orig ? COUNTERS_OF_ORIG : COUNTERS_OF_REPLY;
}

/*
 * What is inside the protocol's own part of CTA_PROTOINFO; @to is as long as the longest of
 * these. The state is the first in each.
 */
#define INFO_MAX CTA_PROTOINFO_TCP_MAX
#define INFO_STATE CTA_PROTOINFO_TCP_STATE

static void index_info(const struct nlattr **to, uint8_t proto, const struct nlattr *nest)
{
	const struct nlattr *attr[CTA_PROTOINFO_MAX + 1];

	INDEX(attr, nest);
	attr_index_in(to, INFO_MAX + 1, proto == IPPROTO_TCP ? attr[CTA_PROTOINFO_TCP] :
					proto == IPPROTO_SCTP ? attr[CTA_PROTOINFO_SCTP] :
					proto == IPPROTO_DCCP ? attr[CTA_PROTOINFO_DCCP] : NULL);
}

static void fill_state(struct entry *e, const struct nlattr *nest)
{
	const struct nlattr *attr[INFO_MAX + 1];

	e->state = state_of_status(e->status);
	if (!nest)
		return;
	index_info(attr, e->proto, nest);
	if (!attr[INFO_STATE])
		return;
	e->state = state_name(e->proto, attr_u8(attr[INFO_STATE]));
	if (!e->state)
		e->state = "none";
	e->has_state = 1;
	if (e->proto == IPPROTO_TCP)
		e->unacknowledged = !!((attr_u8(attr[CTA_PROTOINFO_TCP_FLAGS_ORIGINAL]) |
					attr_u8(attr[CTA_PROTOINFO_TCP_FLAGS_REPLY])) &
				       IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED);
}

static enum flow_kind kind_of(const struct entry *e)
{
	if (proto_is_icmp(e->proto))
		return FLOW_ICMP;
	/* GRE's keys travel as ports, 0 where there are none. */
	if (proto_has_ports(e->proto) || e->orig.sport || e->orig.dport)
		return FLOW_PORTS;
	return FLOW_PLAIN;
}

/**
 * entry_fill - take the fields out of a message's attributes
 * @e: where they go
 * @family: AF_*, of the message
 * @attr: by their type, up to CTA_MAX, with whatever the kernel chose to send
 *
 * Return: 0, or -EBADMSG when it is not known of what family or protocol it is.
 */
int entry_fill(struct entry *e, uint8_t family, const struct nlattr *const *attr)
{
	memset(e, 0, sizeof(*e));
	e->family = family;
	if ((family != AF_INET && family != AF_INET6) ||
	    !fill_tuple(e, &e->orig, attr[CTA_TUPLE_ORIG]))
		return -EBADMSG;
	fill_tuple(e, &e->reply, attr[CTA_TUPLE_REPLY]);
	e->kind = kind_of(e);

	e->has_id = !!attr[CTA_ID];
	e->has_timeout = !!attr[CTA_TIMEOUT];
	e->id = attr_be32(attr[CTA_ID]);
	e->status = attr_be32(attr[CTA_STATUS]);
	e->timeout = attr_be32(attr[CTA_TIMEOUT]);
	e->mark = attr_be32(attr[CTA_MARK]);
	fill_zone(e, attr[CTA_ZONE], ZONE_OF_BOTH);
	fill_state(e, attr[CTA_PROTOINFO]);
	fill_counters(e, &e->orig, attr[CTA_COUNTERS_ORIG]);
	fill_counters(e, &e->reply, attr[CTA_COUNTERS_REPLY]);
	return 0;
}

static void fill_tcp(struct record *r, const struct nlattr *const *attr)
{
	r->scale[0] = attr_u8(attr[CTA_PROTOINFO_TCP_WSCALE_ORIGINAL]);
	r->scale[1] = attr_u8(attr[CTA_PROTOINFO_TCP_WSCALE_REPLY]);
	r->flags[0] = attr_u8(attr[CTA_PROTOINFO_TCP_FLAGS_ORIGINAL]) & RECORD_TCP_FLAGS;
	r->flags[1] = attr_u8(attr[CTA_PROTOINFO_TCP_FLAGS_REPLY]) & RECORD_TCP_FLAGS;
}

static void fill_sctp(struct record *r, const struct nlattr *const *attr)
{
	r->vtag[0] = attr_be32(attr[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL]);
	r->vtag[1] = attr_be32(attr[CTA_PROTOINFO_SCTP_VTAG_REPLY]);
}

static void fill_dccp(struct record *r, const struct nlattr *const *attr)
{
	r->role = attr_u8(attr[CTA_PROTOINFO_DCCP_ROLE]);
	r->handshake_seq = attr_be64(attr[CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ]);
}

/* They come as words of 32 bits. */
static void fill_labels(struct record *r, const struct nlattr *attr)
{
	uint32_t words[RECORD_LABELS / sizeof(uint32_t)] = {};
	unsigned int i;

	if (!attr)
		return;
	attr_copy(words, attr, attr_size(attr) < sizeof(words) ? attr_size(attr) : sizeof(words));
	for (i = 0; i < 8 * RECORD_LABELS; i++)
		if (words[i / 32] >> i % 32 & 1)
			r->labels[i / 8] |= 1 << i % 8;
}

/**
 * entry_fill_record - all that a connection can be made of again
 * @r: where it goes
 * @e: the same connection, as entry_fill() gave it
 * @attr: as entry_fill() had them, from a dump
 */
void entry_fill_record(struct record *r, const struct entry *e, const struct nlattr *const *attr)
{
	const struct nlattr *info[INFO_MAX + 1];

	memset(r, 0, sizeof(*r));
	r->entry = *e;
	r->has_state = e->has_state;
	index_info(info, e->proto, attr[CTA_PROTOINFO]);
	r->state = attr_u8(info[INFO_STATE]);
	if (e->proto == IPPROTO_TCP)
		fill_tcp(r, info);
	else if (e->proto == IPPROTO_SCTP)
		fill_sctp(r, info);
	else if (e->proto == IPPROTO_DCCP)
		fill_dccp(r, info);
	fill_labels(r, attr[CTA_LABELS]);
}
