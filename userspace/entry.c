// SPDX-License-Identifier: GPL-2.0
/*
 * A connection in plain fields, so that filter and print need no kernel: this is the only file
 * that looks into libnetfilter_conntrack's object.
 */
#include "entry.h"
#include "array.h"
#include "names.h"
#include "record.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

/* The attributes of one direction. */
struct flow_attrs {
	enum nf_conntrack_attr src4, dst4, src6, dst6, sport, dport, packets, bytes;
};

static const struct flow_attrs orig_attrs = {
	ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_SRC, ATTR_ORIG_IPV6_DST,
	ATTR_ORIG_PORT_SRC, ATTR_ORIG_PORT_DST,
	ATTR_ORIG_COUNTER_PACKETS, ATTR_ORIG_COUNTER_BYTES,
};

static const struct flow_attrs reply_attrs = {
	ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_SRC, ATTR_REPL_IPV6_DST,
	ATTR_REPL_PORT_SRC, ATTR_REPL_PORT_DST,
	ATTR_REPL_COUNTER_PACKETS, ATTR_REPL_COUNTER_BYTES,
};

static void fill_address(uint8_t *to, const struct nf_conntrack *ct,
			 enum nf_conntrack_attr attr, size_t size)
{
	const void *address = nfct_get_attr(ct, attr);

	if (address)
		memcpy(to, address, size);
}

/* The getters give 0 for what is not set. */
static void fill_flow(struct flow *f, const struct nf_conntrack *ct, const struct flow_attrs *a,
		      bool v4)
{
	size_t size = v4 ? 4 : 16;

	fill_address(f->src, ct, v4 ? a->src4 : a->src6, size);
	fill_address(f->dst, ct, v4 ? a->dst4 : a->dst6, size);
	f->sport = ntohs(nfct_get_attr_u16(ct, a->sport));
	f->dport = ntohs(nfct_get_attr_u16(ct, a->dport));
	f->packets = nfct_get_attr_u64(ct, a->packets);
	f->bytes = nfct_get_attr_u64(ct, a->bytes);
}

static void fill_zone(struct entry *e, const struct nf_conntrack *ct)
{
	if (nfct_attr_is_set(ct, ATTR_ZONE) > 0) {
		e->zone = nfct_get_attr_u16(ct, ATTR_ZONE);
		e->zone_of = ZONE_OF_BOTH;
	} else if (nfct_attr_is_set(ct, ATTR_ORIG_ZONE) > 0) {
		e->zone = nfct_get_attr_u16(ct, ATTR_ORIG_ZONE);
		e->zone_of = ZONE_OF_ORIG;
	} else if (nfct_attr_is_set(ct, ATTR_REPL_ZONE) > 0) {
		e->zone = nfct_get_attr_u16(ct, ATTR_REPL_ZONE);
		e->zone_of = ZONE_OF_REPLY;
	}
}

static const char *fill_state(const struct entry *e, const struct nf_conntrack *ct)
{
	static const struct {
		uint8_t proto;
		enum nf_conntrack_attr attr;
	} own[] = {
		{ IPPROTO_TCP,	ATTR_TCP_STATE },
		{ IPPROTO_SCTP,	ATTR_SCTP_STATE },
		{ IPPROTO_DCCP,	ATTR_DCCP_STATE },
	};
	const char *name = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(own); i++)
		if (e->proto == own[i].proto && nfct_attr_is_set(ct, own[i].attr) > 0)
			name = state_name(e->proto, nfct_get_attr_u8(ct, own[i].attr));
	return name ? name : state_of_status(e->status);
}

/**
 * entry_fill - take the fields out of libnetfilter_conntrack's object
 * @e: where they go
 * @ct: the object, with whatever the kernel chose to send
 *
 * An ICMP connection's reply gets type, code and id of the original direction: the object keeps
 * no others that can be read.
 *
 * Return: 0, or -EBADMSG when it is not known of what family or protocol it is.
 */
int entry_fill(struct entry *e, const struct nf_conntrack *ct)
{
	bool v4;

	memset(e, 0, sizeof(*e));
	if (nfct_attr_is_set(ct, ATTR_L3PROTO) <= 0 || nfct_attr_is_set(ct, ATTR_L4PROTO) <= 0)
		return -EBADMSG;
	e->family = nfct_get_attr_u8(ct, ATTR_L3PROTO);
	if (e->family != AF_INET && e->family != AF_INET6)
		return -EBADMSG;
	v4 = e->family == AF_INET;

	e->proto = nfct_get_attr_u8(ct, ATTR_L4PROTO);
	e->has_id = nfct_attr_is_set(ct, ATTR_ID) > 0;
	e->has_timeout = nfct_attr_is_set(ct, ATTR_TIMEOUT) > 0;
	e->has_counters = nfct_attr_is_set(ct, ATTR_ORIG_COUNTER_PACKETS) > 0;
	e->id = nfct_get_attr_u32(ct, ATTR_ID);
	e->status = nfct_get_attr_u32(ct, ATTR_STATUS);
	e->timeout = nfct_get_attr_u32(ct, ATTR_TIMEOUT);
	e->mark = nfct_get_attr_u32(ct, ATTR_MARK);
	fill_zone(e, ct);
	e->state = fill_state(e, ct);

	fill_flow(&e->orig, ct, &orig_attrs, v4);
	fill_flow(&e->reply, ct, &reply_attrs, v4);
	if (proto_is_icmp(e->proto)) {
		e->kind = FLOW_ICMP;
		e->orig.type = nfct_get_attr_u8(ct, ATTR_ICMP_TYPE);
		e->orig.code = nfct_get_attr_u8(ct, ATTR_ICMP_CODE);
		e->orig.id = ntohs(nfct_get_attr_u16(ct, ATTR_ICMP_ID));
		e->reply.type = e->orig.type;
		e->reply.code = e->orig.code;
		e->reply.id = e->orig.id;
	} else if (proto_has_ports(e->proto) || e->orig.sport || e->orig.dport) {
		/* GRE's keys travel as ports, 0 where there are none. */
		e->kind = FLOW_PORTS;
	}
	return 0;
}

static void fill_tcp(struct record *r, const struct nf_conntrack *ct)
{
	r->state = nfct_get_attr_u8(ct, ATTR_TCP_STATE);
	r->scale[0] = nfct_get_attr_u8(ct, ATTR_TCP_WSCALE_ORIG);
	r->scale[1] = nfct_get_attr_u8(ct, ATTR_TCP_WSCALE_REPL);
	r->flags[0] = nfct_get_attr_u8(ct, ATTR_TCP_FLAGS_ORIG) & RECORD_TCP_FLAGS;
	r->flags[1] = nfct_get_attr_u8(ct, ATTR_TCP_FLAGS_REPL) & RECORD_TCP_FLAGS;
}

static void fill_labels(struct record *r, const struct nf_conntrack *ct)
{
	const struct nfct_bitmask *labels = nfct_get_attr(ct, ATTR_CONNLABELS);
	unsigned int i;

	for (i = 0; labels && i <= nfct_bitmask_maxbit(labels) && i < 8 * RECORD_LABELS; i++)
		if (nfct_bitmask_test_bit(labels, i))
			r->labels[i / 8] |= 1 << i % 8;
}

/**
 * entry_fill_record - all that a connection can be made of again
 * @r: where it goes
 * @e: the same connection, as entry_fill() gave it
 * @ct: the object, as a dump gave it
 */
void entry_fill_record(struct record *r, const struct entry *e, const struct nf_conntrack *ct)
{
	memset(r, 0, sizeof(*r));
	r->entry = *e;
	switch (e->proto) {
	case IPPROTO_TCP:
		r->has_state = nfct_attr_is_set(ct, ATTR_TCP_STATE) > 0;
		fill_tcp(r, ct);
		break;
	case IPPROTO_SCTP:
		r->has_state = nfct_attr_is_set(ct, ATTR_SCTP_STATE) > 0;
		r->state = nfct_get_attr_u8(ct, ATTR_SCTP_STATE);
		r->vtag[0] = nfct_get_attr_u32(ct, ATTR_SCTP_VTAG_ORIG);
		r->vtag[1] = nfct_get_attr_u32(ct, ATTR_SCTP_VTAG_REPL);
		break;
	case IPPROTO_DCCP:
		r->has_state = nfct_attr_is_set(ct, ATTR_DCCP_STATE) > 0;
		r->state = nfct_get_attr_u8(ct, ATTR_DCCP_STATE);
		r->role = nfct_get_attr_u8(ct, ATTR_DCCP_ROLE);
		r->handshake_seq = nfct_get_attr_u64(ct, ATTR_DCCP_HANDSHAKE_SEQ);
		break;
	}
	fill_labels(r, ct);
}

/**
 * entry_text - the line that conntrack(8) prints for a connection
 * @ct: the connection
 * @event: what happened to it, %EVENT_NONE for a listing
 * @buf: where the line goes; cut when it does not fit
 * @size: the room there, at least 1
 *
 * Return: @buf.
 */
char *entry_text(const struct nf_conntrack *ct, enum event event, char *buf, size_t size)
{
	static const unsigned int types[] = {
		[EVENT_NONE] = NFCT_T_UNKNOWN,	[EVENT_NEW] = NFCT_T_NEW,
		[EVENT_UPDATE] = NFCT_T_UPDATE,	[EVENT_DESTROY] = NFCT_T_DESTROY,
	};

	buf[0] = '\0';
	if (nfct_snprintf(buf, size, ct, types[event], NFCT_O_DEFAULT, 0) < 0)
		buf[0] = '\0';
	buf[size - 1] = '\0';
	return buf;
}
