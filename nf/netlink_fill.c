// SPDX-License-Identifier: GPL-2.0
/* What ctnetlink tells of a connection, in CTA_* attributes. */
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "nf/labels.h"
#include "nf/netlink_attr.h"
#include "nf/netlink_fill.h"
#include "nf/secctx.h"

/* The most that all attributes of a connection take but for its secctx. */
#define KEY_ROOM	(3 * nla_total_size(0) +			\
			 2 * nla_total_size(sizeof(struct in6_addr)) +	\
			 3 * nla_total_size(sizeof(u8)) +		\
			 2 * nla_total_size(sizeof(u16)))
#define ROOM		(3 * KEY_ROOM +					\
			 nla_total_size(sizeof(u16)) +	/* zone */	\
			 5 * nla_total_size(sizeof(u32)) + /* id to mark */ \
			 nla_total_size(sizeof(struct ctrack_labels)) +	\
			 2 * nla_total_size(0) +	/* protoinfo, TCP's */ \
			 5 * nla_total_size(sizeof(u16)) +		\
			 3 * nla_total_size(0) +	/* counters, times */ \
			 7 * (nla_total_size(0) + nla_total_size(sizeof(u64))))

/**
 * struct snapshot - what is under the connection's lock, taken out in one go:
 * nothing is written to the message while the lock is held
 * @reply: the reply key
 * @copy: that of a tentative connection; once committed, it stands still
 * @state: where the protocol has one
 */
struct snapshot {
	const struct ctrack_key *reply;
	struct ctrack_key copy;
	union ctrack_state state;
};

static bool has_state(const struct ctrack_conn *conn)
{
	switch (ctrack_conn_key(conn, CTRACK_ORIGINAL)->protonum) {
	case IPPROTO_TCP:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return true;
	default:
		return false;
	}
}

static void take_snapshot(struct ctrack_conn *conn, struct snapshot *snapshot)
{
	bool committed = ctrack_conn_committed(conn);

	snapshot->reply = &conn->half[CTRACK_REPLY].key;
	if (committed && !has_state(conn))
		return;
	spin_lock_bh(&conn->lock);
	if (!committed) {
		snapshot->copy = conn->half[CTRACK_REPLY].key;
		snapshot->reply = &snapshot->copy;
	}
	snapshot->state = conn->state;
	spin_unlock_bh(&conn->lock);
}

static void put_addresses(struct ctrack_writer *writer,
			  const struct ctrack_key *key)
{
	struct nlattr *nest = attr_nest(writer, CTA_TUPLE_IP);

	if (key->l3num == NFPROTO_IPV4) {
		attr_put_copy(writer, CTA_IP_V4_SRC, &key->source.ip,
			      sizeof(key->source.ip));
		attr_put_copy(writer, CTA_IP_V4_DST, &key->destination.ip,
			      sizeof(key->destination.ip));
	} else {
		attr_put_copy(writer, CTA_IP_V6_SRC, &key->source.in6,
			      sizeof(key->source.in6));
		attr_put_copy(writer, CTA_IP_V6_DST, &key->destination.in6,
			      sizeof(key->destination.in6));
	}
	attr_nest_end(writer, nest);
}

static void put_identifiers(struct ctrack_writer *writer,
			    const struct ctrack_key *key)
{
	const union ctrack_destination *destination = &key->destination_id;
	__be16 source = key->source_id.all;

	switch (key->protonum) {
	case IPPROTO_ICMP:
		attr_put_be16(writer, CTA_PROTO_ICMP_ID, source);
		attr_put_u8(writer, CTA_PROTO_ICMP_TYPE, destination->icmp.type);
		attr_put_u8(writer, CTA_PROTO_ICMP_CODE, destination->icmp.code);
		break;
	case IPPROTO_ICMPV6:
		attr_put_be16(writer, CTA_PROTO_ICMPV6_ID, source);
		attr_put_u8(writer, CTA_PROTO_ICMPV6_TYPE, destination->icmp.type);
		attr_put_u8(writer, CTA_PROTO_ICMPV6_CODE, destination->icmp.code);
		break;
	default:
		if (!ctrack_key_has_ports(key) && key->protonum != IPPROTO_GRE)
			break;
		attr_put_be16(writer, CTA_PROTO_SRC_PORT, source);
		attr_put_be16(writer, CTA_PROTO_DST_PORT, destination->all);
	}
}

static void put_proto(struct ctrack_writer *writer, const struct ctrack_key *key)
{
	struct nlattr *nest = attr_nest(writer, CTA_TUPLE_PROTO);

	attr_put_u8(writer, CTA_PROTO_NUM, key->protonum);
	put_identifiers(writer, key);
	attr_nest_end(writer, nest);
}

/* The zone, where it counts in just the directions that @dir says. */
static void put_zone(struct ctrack_writer *writer, int type,
		     const struct nf_conntrack_zone *zone, u8 dir)
{
	if (zone->id != NF_CT_DEFAULT_ZONE_ID && zone->dir == dir)
		attr_put_be16(writer, type, htons(zone->id));
}

static void put_key(struct ctrack_writer *writer, int type,
		    const struct ctrack_key *key,
		    const struct nf_conntrack_zone *zone, u8 dir)
{
	struct nlattr *nest = attr_nest(writer, type);

	put_addresses(writer, key);
	put_proto(writer, key);
	put_zone(writer, CTA_TUPLE_ZONE, zone, dir);
	attr_nest_end(writer, nest);
}

static void put_keys(struct ctrack_writer *writer, const struct ctrack_conn *conn,
		     const struct snapshot *snapshot)
{
	put_key(writer, CTA_TUPLE_ORIG, ctrack_conn_key(conn, CTRACK_ORIGINAL),
		&conn->zone, NF_CT_ZONE_DIR_ORIG);
	put_key(writer, CTA_TUPLE_REPLY, snapshot->reply, &conn->zone,
		NF_CT_ZONE_DIR_REPL);
	put_zone(writer, CTA_ZONE, &conn->zone, NF_CT_DEFAULT_ZONE_DIR);
}

/* A tentative connection lives as long as its packets, not by the clock. */
static void put_timeout(struct ctrack_writer *writer,
			const struct ctrack_conn *conn, bool final)
{
	u32 seconds = ctrack_conn_expires(conn) / HZ;

	if (ctrack_conn_committed(conn) && (seconds || !final))
		attr_put_be32(writer, CTA_TIMEOUT, seconds);
}

static void put_tcp_flags(struct ctrack_writer *writer, int type, u8 flags)
{
	const struct nf_ct_tcp_flags value = { .flags = flags };

	attr_put_copy(writer, type, &value, sizeof(value));
}

static void put_tcp(struct ctrack_writer *writer,
		    const union ctrack_state *state, bool final)
{
	const struct tcp_side *side = state->tcp.side;

	attr_put_u8(writer, CTA_PROTOINFO_TCP_STATE, state->tcp.state);
	if (final)
		return;
	attr_put_u8(writer, CTA_PROTOINFO_TCP_WSCALE_ORIGINAL,
		    tcp_window_scale(&state->tcp, CTRACK_ORIGINAL));
	attr_put_u8(writer, CTA_PROTOINFO_TCP_WSCALE_REPLY,
		    tcp_window_scale(&state->tcp, CTRACK_REPLY));
	put_tcp_flags(writer, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL,
		      side[CTRACK_ORIGINAL].flags);
	put_tcp_flags(writer, CTA_PROTOINFO_TCP_FLAGS_REPLY,
		      side[CTRACK_REPLY].flags);
}

static void put_sctp(struct ctrack_writer *writer,
		     const union ctrack_state *state, bool final)
{
	const struct sctp_conn_state *sctp = &state->sctp;

	attr_put_u8(writer, CTA_PROTOINFO_SCTP_STATE, sctp->state);
	if (final)
		return;
	attr_put_be32(writer, CTA_PROTOINFO_SCTP_VTAG_ORIGINAL,
		      sctp_vtag(sctp, CTRACK_ORIGINAL));
	attr_put_be32(writer, CTA_PROTOINFO_SCTP_VTAG_REPLY,
		      sctp_vtag(sctp, CTRACK_REPLY));
}

static void put_dccp(struct ctrack_writer *writer,
		     const union ctrack_state *state, bool final)
{
	const struct dccp_state *dccp = &state->dccp;

	attr_put_u8(writer, CTA_PROTOINFO_DCCP_STATE, dccp->state);
	if (final)
		return;
	attr_put_u8(writer, CTA_PROTOINFO_DCCP_ROLE, dccp->role);
	attr_put_be64(writer, CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ,
		      dccp->handshake_seq, CTA_PROTOINFO_DCCP_PAD);
}

static void put_state(struct ctrack_writer *writer, int type,
		      const union ctrack_state *state, bool final,
		      void (*put)(struct ctrack_writer *writer,
				  const union ctrack_state *state, bool final))
{
	struct nlattr *info = attr_nest(writer, CTA_PROTOINFO);
	struct nlattr *nest = attr_nest(writer, type);

	put(writer, state, final);
	attr_nest_end(writer, nest);
	attr_nest_end(writer, info);
}

static void put_protoinfo(struct ctrack_writer *writer,
			  const struct ctrack_conn *conn,
			  const struct snapshot *snapshot, bool final)
{
	const union ctrack_state *state = &snapshot->state;

	switch (ctrack_conn_key(conn, CTRACK_ORIGINAL)->protonum) {
	case IPPROTO_TCP:
		put_state(writer, CTA_PROTOINFO_TCP, state, final, put_tcp);
		break;
	case IPPROTO_SCTP:
		put_state(writer, CTA_PROTOINFO_SCTP, state, final, put_sctp);
		break;
	case IPPROTO_DCCP:
		put_state(writer, CTA_PROTOINFO_DCCP, state, final, put_dccp);
		break;
	}
}

static void put_timestamp(struct ctrack_writer *writer,
			  const struct ctrack_conn *conn, bool final)
{
	u64 start = ctrack_conn_start(conn);
	struct nlattr *nest;

	if (!start)
		return;
	nest = attr_nest(writer, CTA_TIMESTAMP);
	attr_put_be64(writer, CTA_TIMESTAMP_START, start, CTA_TIMESTAMP_PAD);
	if (final)
		attr_put_be64(writer, CTA_TIMESTAMP_STOP, ktime_get_real_ns(),
			      CTA_TIMESTAMP_PAD);
	attr_nest_end(writer, nest);
}

static void put_event_time(struct ctrack_writer *writer,
			   const struct ctrack_net *cn)
{
	if (READ_ONCE(cn->timestamp))
		attr_put_be64(writer, CTA_TIMESTAMP_EVENT, ktime_get_real_ns(),
			      CTA_UNSPEC);
}

static void put_master(struct ctrack_writer *writer,
		       const struct ctrack_conn *master)
{
	struct nlattr *nest;

	if (!master)
		return;
	nest = attr_nest(writer, CTA_TUPLE_MASTER);
	put_addresses(writer, ctrack_conn_key(master, CTRACK_ORIGINAL));
	put_proto(writer, ctrack_conn_key(master, CTRACK_ORIGINAL));
	attr_nest_end(writer, nest);
}

static void put_mark(struct ctrack_writer *writer,
		     const struct ctrack_conn *conn, bool always)
{
	u32 mark = READ_ONCE(conn->mark);

	if (mark || always)
		attr_put_be32(writer, CTA_MARK, mark);
}

/* Octets of its security mark's name with its end; 0 when it has none. */
static size_t secctx_size(const struct ctrack_conn *conn)
{
	struct lsm_context context;
	size_t size;

	if (!ctrack_secctx_get(conn, &context))
		return 0;
	size = strlen(context.context) + 1;
	SECCTX_RELEASE(&context);
	return size;
}

/* The one that has no bound, and looks for its room itself. */
static bool put_secctx(struct sk_buff *skb, const struct ctrack_conn *conn)
{
	struct lsm_context context;
	struct nlattr *nest;
	bool ok;

	if (!ctrack_secctx_get(conn, &context))
		return true;
	nest = nla_nest_start(skb, CTA_SECCTX);
	ok = nest && !nla_put_string(skb, CTA_SECCTX_NAME, context.context);
	SECCTX_RELEASE(&context);
	if (ok)
		nla_nest_end(skb, nest);
	return ok;
}

static void put_labels(struct ctrack_writer *writer, struct ctrack_conn *conn)
{
	struct ctrack_labels labels;

	if (!READ_ONCE(conn->labels))
		return;
	labels = ctrack_conn_labels(conn);
	if (memchr_inv(&labels, 0, sizeof(labels)))
		attr_put_copy(writer, CTA_LABELS, &labels, sizeof(labels));
}

static void put_counts(struct ctrack_writer *writer, int type, u64 packets,
		       u64 bytes)
{
	struct nlattr *nest = attr_nest(writer, type);

	attr_put_be64(writer, CTA_COUNTERS_PACKETS, packets, CTA_COUNTERS_PAD);
	attr_put_be64(writer, CTA_COUNTERS_BYTES, bytes, CTA_COUNTERS_PAD);
	attr_nest_end(writer, nest);
}

/* Single words, read as they are. */
static void read_counts(const struct ctrack_conn *conn, u64 *packets, u64 *bytes)
{
	unsigned int i;

	for (i = 0; i < CTRACK_DIRECTIONS; i++) {
		packets[i] = READ_ONCE(conn->half[i].packets);
		bytes[i] = READ_ONCE(conn->half[i].bytes);
	}
}

/* The same, and they begin anew: what is counted meanwhile waits. */
static void take_counts(struct ctrack_conn *conn, u64 *packets, u64 *bytes)
{
	unsigned int i;

	spin_lock_bh(&conn->lock);
	read_counts(conn, packets, bytes);
	for (i = 0; i < CTRACK_DIRECTIONS; i++) {
		WRITE_ONCE(conn->half[i].packets, 0);
		WRITE_ONCE(conn->half[i].bytes, 0);
	}
	spin_unlock_bh(&conn->lock);
}

static void put_counters(struct ctrack_writer *writer, struct ctrack_conn *conn,
			 bool zero)
{
	u64 packets[CTRACK_DIRECTIONS], bytes[CTRACK_DIRECTIONS];

	if (zero)
		take_counts(conn, packets, bytes);
	else
		read_counts(conn, packets, bytes);
	put_counts(writer, CTA_COUNTERS_ORIG, packets[CTRACK_ORIGINAL],
		   bytes[CTRACK_ORIGINAL]);
	put_counts(writer, CTA_COUNTERS_REPLY, packets[CTRACK_REPLY],
		   bytes[CTRACK_REPLY]);
}

/**
 * ctrack_netlink_size - room for one connection, header included
 * @conn: the connection
 *
 * Return: octets that suffice for all that ctrack_netlink_put() and
 * ctrack_netlink_fill() can write.
 */
size_t ctrack_netlink_size(const struct ctrack_conn *conn)
{
	return NLMSG_ALIGN(sizeof(struct nfgenmsg)) + ROOM +
	       nla_total_size(0) +
	       nla_total_size(secctx_size(conn));
}

static void write_attributes(struct ctrack_writer *writer,
			     struct ctrack_conn *conn,
			     const struct snapshot *snapshot, u32 fill)
{
	const struct ctrack_net *cn = ctrack_net(ctrack_conn_net(conn));
	bool final = fill & CTRACK_FILL_FINAL;

	put_keys(writer, conn, snapshot);
	attr_put_u32(writer, CTA_ID, ctrack_conn_id(conn));
	attr_put_be32(writer, CTA_STATUS, ctrack_conn_status(conn));
	put_mark(writer, conn, fill & CTRACK_FILL_MARK);
	if (fill & CTRACK_FILL_USE)
		attr_put_be32(writer, CTA_USE,
			      refcount_read(&conn->general.use) - 1);
	if (fill & CTRACK_FILL_LABELS)
		put_labels(writer, conn);
	if (fill & CTRACK_FILL_MASTER)
		put_master(writer, conn->master);
	if (fill & CTRACK_FILL_TIMEOUT)
		put_timeout(writer, conn, final);
	if (fill & CTRACK_FILL_PROTOINFO)
		put_protoinfo(writer, conn, snapshot, final);
	if (fill & CTRACK_FILL_TIMESTAMP)
		put_timestamp(writer, conn, final);
	if (fill & CTRACK_FILL_EVENT)
		put_event_time(writer, cn);
	if (fill & CTRACK_FILL_COUNTERS && READ_ONCE(cn->account))
		put_counters(writer, conn, fill & CTRACK_FILL_ZERO);
}

/**
 * ctrack_netlink_fill - write a connection's attributes
 * @skb: message; not shortened when it fails
 * @conn: connection, which the caller has a reference to
 * @fill: enum ctrack_fill
 *
 * Whether there is room is looked at before the first attribute, for the most
 * that there can be. So nothing fails any more once counters were set to zero.
 *
 * Return: 0, or -EMSGSIZE when there is no room left.
 * Context: any but under the connection's or a bucket's lock.
 */
int ctrack_netlink_fill(struct sk_buff *skb, struct ctrack_conn *conn, u32 fill)
{
	struct ctrack_writer writer;
	struct snapshot snapshot;

	if (fill & CTRACK_FILL_SECCTX && !put_secctx(skb, conn))
		return -EMSGSIZE;
	if (skb_tailroom(skb) < ROOM)
		return -EMSGSIZE;
	take_snapshot(conn, &snapshot);
	writer.at = skb_tail_pointer(skb);
	write_attributes(&writer, conn, &snapshot, fill);
	__skb_put(skb, writer.at - (void *)skb_tail_pointer(skb));
	return 0;
}

/**
 * ctrack_netlink_put - write a message about a connection
 * @skb: packet
 * @conn: connection, which the caller has a reference to
 * @message: what is around it
 *
 * Return: the message's header; NULL when there was no room, and @skb is as it
 * was before.
 * Context: as ctrack_netlink_fill().
 */
struct nlmsghdr *ctrack_netlink_put(struct sk_buff *skb,
				    struct ctrack_conn *conn,
				    const struct ctrack_message *message)
{
	u16 type = nfnl_msg_type(NFNL_SUBSYS_CTNETLINK, message->type);
	u8 family = ctrack_conn_key(conn, CTRACK_ORIGINAL)->l3num;
	struct nlmsghdr *nlh;

	nlh = nfnl_msg_put(skb, message->portid, message->seq, type,
			   message->flags, family, NFNETLINK_V0, 0);
	if (!nlh)
		return NULL;
	if (ctrack_netlink_fill(skb, conn, message->fill)) {
		nlmsg_cancel(skb, nlh);
		return NULL;
	}
	nlmsg_end(skb, nlh);
	return nlh;
}
