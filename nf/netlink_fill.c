// SPDX-License-Identifier: GPL-2.0
/* What ctnetlink tells of a connection, in CTA_* attributes. */
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/security.h>

#include "nf/labels.h"
#include "nf/netlink_fill.h"

/*
 * What is under the connection's lock, taken out in one go: nothing is written
 * to the message while the lock is held.
 */
struct snapshot {
	struct ctrack_key reply;
	union ctrack_state state;
};

static void take_snapshot(struct ctrack_conn *conn, struct snapshot *snapshot)
{
	spin_lock_bh(&conn->lock);
	snapshot->reply = conn->half[CTRACK_REPLY].key;
	snapshot->state = conn->state;
	spin_unlock_bh(&conn->lock);
}

static bool put_be64(struct sk_buff *skb, int type, u64 value, int pad)
{
	return !nla_put_be64(skb, type, cpu_to_be64(value), pad);
}

static bool put_be32(struct sk_buff *skb, int type, u32 value)
{
	return !nla_put_be32(skb, type, htonl(value));
}

static bool put_addresses(struct sk_buff *skb, const struct ctrack_key *key)
{
	struct nlattr *nest = nla_nest_start(skb, CTA_TUPLE_IP);

	if (!nest)
		return false;
	if (key->l3num == NFPROTO_IPV4 &&
	    (nla_put_in_addr(skb, CTA_IP_V4_SRC, key->source.ip) ||
	     nla_put_in_addr(skb, CTA_IP_V4_DST, key->destination.ip)))
		return false;
	if (key->l3num == NFPROTO_IPV6 &&
	    (nla_put_in6_addr(skb, CTA_IP_V6_SRC, &key->source.in6) ||
	     nla_put_in6_addr(skb, CTA_IP_V6_DST, &key->destination.in6)))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_identifiers(struct sk_buff *skb, const struct ctrack_key *key)
{
	const union ctrack_destination *destination = &key->destination_id;
	__be16 source = key->source_id.all;

	switch (key->protonum) {
	case IPPROTO_ICMP:
		return !nla_put_be16(skb, CTA_PROTO_ICMP_ID, source) &&
		       !nla_put_u8(skb, CTA_PROTO_ICMP_TYPE,
				   destination->icmp.type) &&
		       !nla_put_u8(skb, CTA_PROTO_ICMP_CODE,
				   destination->icmp.code);
	case IPPROTO_ICMPV6:
		return !nla_put_be16(skb, CTA_PROTO_ICMPV6_ID, source) &&
		       !nla_put_u8(skb, CTA_PROTO_ICMPV6_TYPE,
				   destination->icmp.type) &&
		       !nla_put_u8(skb, CTA_PROTO_ICMPV6_CODE,
				   destination->icmp.code);
	default:
		if (!ctrack_key_has_ports(key) && key->protonum != IPPROTO_GRE)
			return true;
		return !nla_put_be16(skb, CTA_PROTO_SRC_PORT, source) &&
		       !nla_put_be16(skb, CTA_PROTO_DST_PORT, destination->all);
	}
}

static bool put_proto(struct sk_buff *skb, const struct ctrack_key *key)
{
	struct nlattr *nest = nla_nest_start(skb, CTA_TUPLE_PROTO);

	if (!nest || nla_put_u8(skb, CTA_PROTO_NUM, key->protonum) ||
	    !put_identifiers(skb, key))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

/* The zone, where it counts in just the directions that @dir says. */
static bool put_zone(struct sk_buff *skb, int type,
		     const struct nf_conntrack_zone *zone, u8 dir)
{
	return zone->id == NF_CT_DEFAULT_ZONE_ID || zone->dir != dir ||
	       !nla_put_be16(skb, type, htons(zone->id));
}

static bool put_key(struct sk_buff *skb, int type, const struct ctrack_key *key,
		    const struct nf_conntrack_zone *zone, u8 dir)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest || !put_addresses(skb, key) || !put_proto(skb, key) ||
	    !put_zone(skb, CTA_TUPLE_ZONE, zone, dir))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_keys(struct sk_buff *skb, const struct ctrack_conn *conn,
		     const struct snapshot *snapshot)
{
	return put_key(skb, CTA_TUPLE_ORIG,
		       ctrack_conn_key(conn, CTRACK_ORIGINAL), &conn->zone,
		       NF_CT_ZONE_DIR_ORIG) &&
	       put_key(skb, CTA_TUPLE_REPLY, &snapshot->reply, &conn->zone,
		       NF_CT_ZONE_DIR_REPL) &&
	       put_zone(skb, CTA_ZONE, &conn->zone, NF_CT_DEFAULT_ZONE_DIR);
}

/* A tentative connection lives as long as its packets, not by the clock. */
static bool put_timeout(struct sk_buff *skb, const struct ctrack_conn *conn,
			bool final)
{
	u32 seconds = ctrack_conn_expires(conn) / HZ;

	if (!ctrack_conn_committed(conn) || (final && !seconds))
		return true;
	return put_be32(skb, CTA_TIMEOUT, seconds);
}

static bool put_tcp_flags(struct sk_buff *skb, int type, u8 flags)
{
	struct nf_ct_tcp_flags value = { .flags = flags };

	return !nla_put(skb, type, sizeof(value), &value);
}

static bool put_tcp(struct sk_buff *skb, const union ctrack_state *state,
		    bool final)
{
	const struct tcp_side *side = state->tcp.side;

	if (nla_put_u8(skb, CTA_PROTOINFO_TCP_STATE, state->tcp.state))
		return false;
	return final ||
	       (!nla_put_u8(skb, CTA_PROTOINFO_TCP_WSCALE_ORIGINAL,
			    side[CTRACK_ORIGINAL].scale) &&
		!nla_put_u8(skb, CTA_PROTOINFO_TCP_WSCALE_REPLY,
			    side[CTRACK_REPLY].scale) &&
		put_tcp_flags(skb, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL,
			      side[CTRACK_ORIGINAL].flags) &&
		put_tcp_flags(skb, CTA_PROTOINFO_TCP_FLAGS_REPLY,
			      side[CTRACK_REPLY].flags));
}

static bool put_sctp(struct sk_buff *skb, const union ctrack_state *state,
		     bool final)
{
	const struct sctp_conn_state *sctp = &state->sctp;

	if (nla_put_u8(skb, CTA_PROTOINFO_SCTP_STATE, sctp->state))
		return false;
	return final ||
	       (put_be32(skb, CTA_PROTOINFO_SCTP_VTAG_ORIGINAL,
			 sctp_vtag(sctp, CTRACK_ORIGINAL)) &&
		put_be32(skb, CTA_PROTOINFO_SCTP_VTAG_REPLY,
			 sctp_vtag(sctp, CTRACK_REPLY)));
}

static bool put_dccp(struct sk_buff *skb, const union ctrack_state *state,
		     bool final)
{
	const struct dccp_state *dccp = &state->dccp;

	if (nla_put_u8(skb, CTA_PROTOINFO_DCCP_STATE, dccp->state))
		return false;
	return final ||
	       (!nla_put_u8(skb, CTA_PROTOINFO_DCCP_ROLE, dccp->role) &&
		put_be64(skb, CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ,
			 dccp->handshake_seq, CTA_PROTOINFO_DCCP_PAD));
}

static bool put_state(struct sk_buff *skb, int type,
		      const union ctrack_state *state, bool final,
		      bool (*put)(struct sk_buff *skb,
				  const union ctrack_state *state, bool final))
{
	struct nlattr *info = nla_nest_start(skb, CTA_PROTOINFO), *nest;

	if (!info)
		return false;
	nest = nla_nest_start(skb, type);
	if (!nest || !put(skb, state, final))
		return false;
	nla_nest_end(skb, nest);
	nla_nest_end(skb, info);
	return true;
}

static bool put_protoinfo(struct sk_buff *skb, const struct ctrack_conn *conn,
			  const struct snapshot *snapshot, bool final)
{
	const union ctrack_state *state = &snapshot->state;

	switch (ctrack_conn_key(conn, CTRACK_ORIGINAL)->protonum) {
	case IPPROTO_TCP:
		return put_state(skb, CTA_PROTOINFO_TCP, state, final, put_tcp);
	case IPPROTO_SCTP:
		return put_state(skb, CTA_PROTOINFO_SCTP, state, final,
				 put_sctp);
	case IPPROTO_DCCP:
		return put_state(skb, CTA_PROTOINFO_DCCP, state, final,
				 put_dccp);
	default:
		return true;
	}
}

static bool put_timestamp(struct sk_buff *skb, const struct ctrack_conn *conn,
			  bool final)
{
	u64 start = ctrack_conn_start(conn);
	struct nlattr *nest;

	if (!start)
		return true;
	nest = nla_nest_start(skb, CTA_TIMESTAMP);
	if (!nest || !put_be64(skb, CTA_TIMESTAMP_START, start,
			       CTA_TIMESTAMP_PAD))
		return false;
	if (final && !put_be64(skb, CTA_TIMESTAMP_STOP, ktime_get_real_ns(),
			       CTA_TIMESTAMP_PAD))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_event_time(struct sk_buff *skb, const struct ctrack_net *cn)
{
	return !READ_ONCE(cn->timestamp) ||
	       put_be64(skb, CTA_TIMESTAMP_EVENT, ktime_get_real_ns(),
			CTA_UNSPEC);
}

static bool put_master(struct sk_buff *skb, struct ctrack_conn *master)
{
	struct nlattr *nest;

	if (!master)
		return true;
	nest = nla_nest_start(skb, CTA_TUPLE_MASTER);
	if (!nest ||
	    !put_addresses(skb, ctrack_conn_key(master, CTRACK_ORIGINAL)) ||
	    !put_proto(skb, ctrack_conn_key(master, CTRACK_ORIGINAL)))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_mark(struct sk_buff *skb, const struct ctrack_conn *conn,
		     bool always)
{
	u32 mark = READ_ONCE(conn->mark);

	return (!mark && !always) || put_be32(skb, CTA_MARK, mark);
}

/* Octets of a security mark's name with its end; 0 when it has none. */
static size_t secctx_size(u32 secmark)
{
	struct lsm_context context;
	size_t size;

	if (!secmark || SECCTX_GET(secmark, &context) < 0)
		return 0;
	size = strlen(context.context) + 1;
	SECCTX_RELEASE(&context);
	return size;
}

static bool put_secctx(struct sk_buff *skb, const struct ctrack_conn *conn)
{
	u32 secmark = READ_ONCE(conn->secmark);
	struct lsm_context context;
	struct nlattr *nest;
	bool ok;

	if (!secmark || SECCTX_GET(secmark, &context) < 0)
		return true;
	nest = nla_nest_start(skb, CTA_SECCTX);
	ok = nest && !nla_put_string(skb, CTA_SECCTX_NAME, context.context);
	SECCTX_RELEASE(&context);
	if (ok)
		nla_nest_end(skb, nest);
	return ok;
}

static bool put_labels(struct sk_buff *skb, struct ctrack_conn *conn)
{
	const struct ctrack_labels labels = ctrack_conn_labels(conn);

	return !memchr_inv(&labels, 0, sizeof(labels)) ||
	       !nla_put(skb, CTA_LABELS, sizeof(labels), &labels);
}

static bool put_counts(struct sk_buff *skb, int type, u64 packets, u64 bytes)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    !put_be64(skb, CTA_COUNTERS_PACKETS, packets, CTA_COUNTERS_PAD) ||
	    !put_be64(skb, CTA_COUNTERS_BYTES, bytes, CTA_COUNTERS_PAD))
		return false;
	nla_nest_end(skb, nest);
	return true;
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

static void give_counts_back(struct ctrack_conn *conn, const u64 *packets,
			     const u64 *bytes)
{
	unsigned int i;

	spin_lock_bh(&conn->lock);
	for (i = 0; i < CTRACK_DIRECTIONS; i++) {
		WRITE_ONCE(conn->half[i].packets,
			   conn->half[i].packets + packets[i]);
		WRITE_ONCE(conn->half[i].bytes, conn->half[i].bytes + bytes[i]);
	}
	spin_unlock_bh(&conn->lock);
}

/* Counts that were set to zero and did not fit come back: none is lost. */
static bool put_counters(struct sk_buff *skb, struct ctrack_conn *conn,
			 bool zero)
{
	u64 packets[CTRACK_DIRECTIONS], bytes[CTRACK_DIRECTIONS];

	if (zero)
		take_counts(conn, packets, bytes);
	else
		read_counts(conn, packets, bytes);
	if (put_counts(skb, CTA_COUNTERS_ORIG, packets[CTRACK_ORIGINAL],
		       bytes[CTRACK_ORIGINAL]) &&
	    put_counts(skb, CTA_COUNTERS_REPLY, packets[CTRACK_REPLY],
		       bytes[CTRACK_REPLY]))
		return true;
	if (zero)
		give_counts_back(conn, packets, bytes);
	return false;
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
	const size_t key = 3 * nla_total_size(0) +
			   2 * nla_total_size(sizeof(struct in6_addr)) +
			   3 * nla_total_size(sizeof(u8)) +
			   2 * nla_total_size(sizeof(u16));

	return NLMSG_ALIGN(sizeof(struct nfgenmsg)) +
	       3 * key +
	       nla_total_size(sizeof(u16)) +		/* zone */
	       6 * nla_total_size(sizeof(u32)) +	/* id to mark */
	       nla_total_size(sizeof(struct ctrack_labels)) +
	       nla_total_size(0) +			/* security context */
	       nla_total_size(secctx_size(READ_ONCE(conn->secmark))) +
	       2 * nla_total_size(0) +			/* protoinfo, TCP's */
	       5 * nla_total_size(sizeof(u16)) +
	       3 * nla_total_size(0) +			/* counters, times */
	       7 * nla_total_size_64bit(sizeof(u64));
}

/**
 * ctrack_netlink_fill - write a connection's attributes
 * @skb: message; not shortened when it fails
 * @conn: connection, which the caller has a reference to
 * @fill: enum ctrack_fill
 *
 * Return: 0, or -EMSGSIZE when there is no room left.
 * Context: any but under the connection's or a bucket's lock.
 */
int ctrack_netlink_fill(struct sk_buff *skb, struct ctrack_conn *conn, u32 fill)
{
	const struct ctrack_net *cn = ctrack_net(ctrack_conn_net(conn));
	bool final = fill & CTRACK_FILL_FINAL;
	struct snapshot snapshot;

	take_snapshot(conn, &snapshot);
	if (!put_keys(skb, conn, &snapshot) ||
	    nla_put_u32(skb, CTA_ID, ctrack_conn_id(conn)) ||
	    !put_be32(skb, CTA_STATUS, ctrack_conn_status(conn)) ||
	    !put_mark(skb, conn, fill & CTRACK_FILL_MARK))
		return -EMSGSIZE;
	if (fill & CTRACK_FILL_USE &&
	    !put_be32(skb, CTA_USE, refcount_read(&conn->general.use) - 1))
		return -EMSGSIZE;
	if (fill & CTRACK_FILL_SECCTX && !put_secctx(skb, conn))
		return -EMSGSIZE;
	if (fill & CTRACK_FILL_LABELS && !put_labels(skb, conn))
		return -EMSGSIZE;
	if (fill & CTRACK_FILL_MASTER && !put_master(skb, conn->master))
		return -EMSGSIZE;
	if (fill & CTRACK_FILL_TIMEOUT && !put_timeout(skb, conn, final))
		return -EMSGSIZE;
	if (fill & CTRACK_FILL_PROTOINFO &&
	    !put_protoinfo(skb, conn, &snapshot, final))
		return -EMSGSIZE;
	if (fill & CTRACK_FILL_TIMESTAMP && !put_timestamp(skb, conn, final))
		return -EMSGSIZE;
	if (fill & CTRACK_FILL_EVENT && !put_event_time(skb, cn))
		return -EMSGSIZE;
	/* Last, because what follows can't make it fail any more. */
	if (fill & CTRACK_FILL_COUNTERS && READ_ONCE(cn->account) &&
	    !put_counters(skb, conn, fill & CTRACK_FILL_ZERO))
		return -EMSGSIZE;
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
