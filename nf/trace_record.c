// SPDX-License-Identifier: GPL-2.0
/*
 * Writing down what a probed function works on. Connections are read without
 * their lock: the function may hold it, and a record may be a moment old.
 */
#include <net/dst.h>
#include <net/dst_metadata.h>

#include "nf/trace_record.h"

/**
 * ctrack_trace_state - the state of a connection's protocol
 * @conn: the connection
 *
 * Return: as &ctrack_trace_record.state.
 */
u8 ctrack_trace_state(const struct ctrack_conn *conn)
{
	unsigned long status = READ_ONCE(conn->status);

	switch (ctrack_conn_key(conn, CTRACK_ORIGINAL)->protonum) {
	case IPPROTO_TCP:
		return READ_ONCE(conn->state.tcp.state);
	case IPPROTO_SCTP:
		return READ_ONCE(conn->state.sctp.state);
	case IPPROTO_DCCP:
		return READ_ONCE(conn->state.dccp.state);
	}
	if (status & IPS_ASSURED)
		return 2;
	return !!(status & IPS_SEEN_REPLY);
}

static void put_flow(struct ctrack_trace_flow *flow, const struct ctrack_key *key)
{
	memcpy(flow->source, &key->source, sizeof(flow->source));
	memcpy(flow->destination, &key->destination, sizeof(flow->destination));
	flow->source_id = key->source_id.all;
	flow->destination_id = key->destination_id.all;
}

/**
 * ctrack_trace_put_key - write down a flow that has no connection
 * @record: where
 * @key: the flow, as far as it is known
 */
void ctrack_trace_put_key(struct ctrack_trace_record *record,
			  const struct ctrack_key *key)
{
	record->has |= CTRACK_TRACE_HAS_FLOW;
	record->family = key->l3num;
	record->proto = key->protonum;
	put_flow(&record->orig, key);
}

/**
 * ctrack_trace_put_target - write down what a packet is rewritten to
 * @record: where
 * @key: what it will look like
 */
void ctrack_trace_put_target(struct ctrack_trace_record *record,
			     const struct ctrack_key *key)
{
	record->has |= CTRACK_TRACE_HAS_TARGET;
	put_flow(&record->target, key);
}

/**
 * ctrack_trace_put_conn - write down a connection
 * @record: where
 * @conn: the connection, which somebody has a reference to
 */
void ctrack_trace_put_conn(struct ctrack_trace_record *record,
			   const struct ctrack_conn *conn)
{
	ctrack_trace_put_key(record, ctrack_conn_key(conn, CTRACK_ORIGINAL));
	put_flow(&record->reply, ctrack_conn_key(conn, CTRACK_REPLY));
	record->has |= CTRACK_TRACE_HAS_CONN;
	record->id = ctrack_conn_id(conn);
	record->status = ctrack_conn_status(conn);
	record->mark = READ_ONCE(conn->mark);
	record->zone = conn->zone.id;
	record->timeout = DIV_ROUND_CLOSEST(ctrack_conn_expires(conn), HZ);
	record->state = ctrack_trace_state(conn);
	record->before = record->state;
}

/**
 * ctrack_trace_put_skb - write down where a packet comes from and goes to
 * @record: where
 * @skb: the packet
 */
void ctrack_trace_put_skb(struct ctrack_trace_record *record,
			  const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	record->has |= CTRACK_TRACE_HAS_PACKET;
	record->length = skb->len - skb_network_offset(skb);
	record->iif = skb->skb_iif;
	if (dst && !(dst->flags & DST_METADATA) && dst->dev)
		record->oif = dst->dev->ifindex;
}

/**
 * ctrack_trace_put_segment - write down what a packet's protocol looks at
 * @record: where
 * @packet: a packet that was read without complaint
 */
void ctrack_trace_put_segment(struct ctrack_trace_record *record,
			      const struct ctrack_packet *packet)
{
	const struct tcp_segment *segment = &packet->header.tcp;

	if (packet->key.protonum != IPPROTO_TCP)
		return;
	record->tcp = (struct ctrack_trace_tcp) {
		.sequence = segment->seq,
		.acknowledgment = segment->ack,
		.length = segment->payload,
		.window = segment->window,
		.flags = segment->flags,
	};
}
