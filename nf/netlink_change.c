// SPDX-License-Identifier: GPL-2.0
/*
 * What may be changed about a connection. A request is first checked as a whole
 * and then applied as a whole.
 */
#include <net/tcp.h>

#include "nf/expiry.h"
#include "nf/netlink_change.h"

/* All there is; further bits are reserved. */
#define STATUS_KNOWN	((u32)BIT(__IPS_MAX_BIT) - 1)

/* Bits that a status has to have as the connection has them. */
#define STATUS_FIXED	(IPS_EXPECTED | IPS_CONFIRMED | IPS_DYING)

/* Bits that can be set and not be cleared again. */
#define STATUS_LASTING	(IPS_SEEN_REPLY | IPS_ASSURED)

/*
 * Bits that can't be asked for. Of the rest that is unchangeable, IPS_*_NAT_DONE
 * is passed over: it tells how far the sender's own NAT had come.
 */
#define STATUS_REFUSED	(IPS_UNCHANGEABLE_MASK & ~IPS_NAT_DONE_MASK)

/* The other flags belong to numbers that can't be given. */
#define TCP_FLAGS	(IP_CT_TCP_FLAG_WINDOW_SCALE |			\
			 IP_CT_TCP_FLAG_SACK_PERM |			\
			 IP_CT_TCP_FLAG_CLOSE_INIT |			\
			 IP_CT_TCP_FLAG_BE_LIBERAL)

static const struct nla_policy protoinfo_policy[CTA_PROTOINFO_MAX + 1] = {
	[CTA_PROTOINFO_TCP]	= { .type = NLA_NESTED },
	[CTA_PROTOINFO_DCCP]	= { .type = NLA_NESTED },
	[CTA_PROTOINFO_SCTP]	= { .type = NLA_NESTED },
};

static const struct nla_policy tcp_policy[CTA_PROTOINFO_TCP_MAX + 1] = {
	[CTA_PROTOINFO_TCP_STATE] =
		NLA_POLICY_MAX(NLA_U8, TCP_CONNTRACK_MAX - 1),
	[CTA_PROTOINFO_TCP_WSCALE_ORIGINAL] =
		NLA_POLICY_MAX(NLA_U8, TCP_MAX_WSCALE),
	[CTA_PROTOINFO_TCP_WSCALE_REPLY] =
		NLA_POLICY_MAX(NLA_U8, TCP_MAX_WSCALE),
	[CTA_PROTOINFO_TCP_FLAGS_ORIGINAL] =
		NLA_POLICY_EXACT_LEN(sizeof(struct nf_ct_tcp_flags)),
	[CTA_PROTOINFO_TCP_FLAGS_REPLY] =
		NLA_POLICY_EXACT_LEN(sizeof(struct nf_ct_tcp_flags)),
};

static const struct nla_policy sctp_policy[CTA_PROTOINFO_SCTP_MAX + 1] = {
	[CTA_PROTOINFO_SCTP_STATE] =
		NLA_POLICY_MAX(NLA_U8, SCTP_CONNTRACK_HEARTBEAT_SENT),
	[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL]	= { .type = NLA_U32 },
	[CTA_PROTOINFO_SCTP_VTAG_REPLY]		= { .type = NLA_U32 },
};

static const struct nla_policy dccp_policy[CTA_PROTOINFO_DCCP_MAX + 1] = {
	[CTA_PROTOINFO_DCCP_STATE] =
		NLA_POLICY_MAX(NLA_U8, DCCP_CONNTRACK_MAX - 1),
	[CTA_PROTOINFO_DCCP_ROLE] =
		NLA_POLICY_MAX(NLA_U8, DCCP_ROLES - 1),
	[CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ]	= { .type = NLA_U64 },
	/* It has no content, and stands before a number that needs it. */
	[CTA_PROTOINFO_DCCP_PAD]		= { .type = NLA_BINARY },
};

/**
 * ctrack_request_mark - read CTA_MARK and CTA_MARK_MASK
 * @rq: request
 * @change: filled in
 *
 * Return: 0 or -EINVAL.
 */
int ctrack_request_mark(const struct ctrack_request *rq,
			struct ctrack_change *change)
{
	const struct nlattr *mark = rq->attr[CTA_MARK];
	const struct nlattr *mask = rq->attr[CTA_MARK_MASK];

	if (mask && !mark)
		return ctrack_request_wrong(rq, mask, "mask without a mark");
	if (!mark)
		return 0;
	change->has_mark = true;
	change->mark = ntohl(nla_get_be32(mark));
	change->mark_keep = mask ? ~ntohl(nla_get_be32(mask)) : 0;
	return 0;
}

/**
 * ctrack_request_labels - read CTA_LABELS and CTA_LABELS_MASK
 * @rq: request
 * @change: filled in; without a mask all labels are set, those that are not
 *	given to zero; with one, those of the mask
 *
 * Return: 0 or -EINVAL.
 */
int ctrack_request_labels(const struct ctrack_request *rq,
			  struct ctrack_change *change)
{
	const struct nlattr *labels = rq->attr[CTA_LABELS];
	const struct nlattr *mask = rq->attr[CTA_LABELS_MASK];
	unsigned int i, words;

	if (mask && !labels)
		return ctrack_request_wrong(rq, mask, "mask without labels");
	if (!labels)
		return 0;
	words = nla_len(labels) / sizeof(u32);
	if (!words || nla_len(labels) % sizeof(u32))
		return ctrack_request_wrong(rq, labels,
					    "labels come in words of 32");
	if (mask && nla_len(mask) != nla_len(labels))
		return ctrack_request_wrong(rq, mask,
					    "mask is not as long as the labels");
	change->has_labels = true;
	nla_memcpy(&change->labels, labels, sizeof(change->labels));
	if (!mask)
		return 0;
	nla_memcpy(&change->labels_keep, mask, sizeof(change->labels_keep));
	for (i = 0; i < words; i++)
		change->labels_keep.word[i] = ~change->labels_keep.word[i];
	return 0;
}

/**
 * ctrack_request_timeout - read CTA_TIMEOUT
 * @rq: request
 * @change: filled in; what is longer than jiffies can count becomes the
 *	longest that they can
 */
void ctrack_request_timeout(const struct ctrack_request *rq,
			    struct ctrack_change *change)
{
	const struct nlattr *timeout = rq->attr[CTA_TIMEOUT];
	u64 jiffies_left;

	if (!timeout)
		return;
	jiffies_left = (u64)ntohl(nla_get_be32(timeout)) * HZ;
	change->has_timeout = true;
	change->timeout = min_t(u64, jiffies_left, INT_MAX);
}

/**
 * ctrack_request_status - read CTA_STATUS
 * @rq: request
 * @now: the connection's status
 * @change: filled in
 *
 * Return: 0, -EINVAL for a reserved bit, -EBUSY for one that can't be changed.
 */
int ctrack_request_status(const struct ctrack_request *rq, u32 now,
			  struct ctrack_change *change)
{
	const struct nlattr *attr = rq->attr[CTA_STATUS];
	u32 status;

	if (!attr)
		return 0;
	status = ntohl(nla_get_be32(attr));
	if (status & ~STATUS_KNOWN)
		return ctrack_request_wrong(rq, attr, "reserved status bit");
	if ((status ^ now) & STATUS_FIXED) {
		NL_SET_ERR_MSG_ATTR(rq->extack, attr,
				    "confirmed, expected and dying can't be changed");
		return -EBUSY;
	}
	if (now & ~status & STATUS_LASTING) {
		NL_SET_ERR_MSG_ATTR(rq->extack, attr,
				    "seen-reply and assured can't be taken back");
		return -EBUSY;
	}
	if (status & ~now & STATUS_REFUSED) {
		NL_SET_ERR_MSG_ATTR(rq->extack, attr,
				    "status bit that can't be asked for");
		return -EBUSY;
	}
	change->has_status = true;
	change->status = status & ~IPS_UNCHANGEABLE_MASK;
	return 0;
}

static void read_tcp_flags(const struct nlattr *attr,
			   struct ctrack_change *change,
			   enum ctrack_direction direction)
{
	const struct nf_ct_tcp_flags *flags;

	if (!attr)
		return;
	flags = nla_data(attr);
	change->tcp_mask[direction] = flags->mask;
	change->tcp_flags[direction] = flags->flags & flags->mask;
}

static int read_tcp_scale(const struct ctrack_request *rq,
			  struct nlattr *const *attr,
			  struct ctrack_change *change)
{
	const struct nlattr *original = attr[CTA_PROTOINFO_TCP_WSCALE_ORIGINAL];
	const struct nlattr *reply = attr[CTA_PROTOINFO_TCP_WSCALE_REPLY];

	if (!original && !reply)
		return 0;
	/* RFC 7323 section 2.2: both ends scale, or none. */
	if (!original || !reply)
		return ctrack_request_wrong(rq, original ?: reply,
					    "window scale of one end alone");
	change->has_tcp_scale = true;
	change->tcp_scale[CTRACK_ORIGINAL] = nla_get_u8(original);
	change->tcp_scale[CTRACK_REPLY] = nla_get_u8(reply);
	return 0;
}

static int read_tcp(const struct ctrack_request *rq, const struct nlattr *nest,
		    struct ctrack_change *change)
{
	struct nlattr *attr[CTA_PROTOINFO_TCP_MAX + 1];
	int err;

	err = ctrack_netlink_nest(nest, attr, CTA_PROTOINFO_TCP_MAX, tcp_policy,
				  rq->extack);
	if (err)
		return err;
	if (attr[CTA_PROTOINFO_TCP_STATE]) {
		change->has_tcp_state = true;
		change->tcp_state = nla_get_u8(attr[CTA_PROTOINFO_TCP_STATE]);
	}
	read_tcp_flags(attr[CTA_PROTOINFO_TCP_FLAGS_ORIGINAL], change,
		       CTRACK_ORIGINAL);
	read_tcp_flags(attr[CTA_PROTOINFO_TCP_FLAGS_REPLY], change,
		       CTRACK_REPLY);
	if ((change->tcp_mask[CTRACK_ORIGINAL] |
	     change->tcp_mask[CTRACK_REPLY]) & ~TCP_FLAGS)
		return ctrack_request_wrong(rq, nest,
					    "TCP flags that can't be set");
	return read_tcp_scale(rq, attr, change);
}

/* All of it: half a state would be another one. */
static int read_sctp(const struct ctrack_request *rq, const struct nlattr *nest,
		     struct ctrack_change *change)
{
	struct nlattr *attr[CTA_PROTOINFO_SCTP_MAX + 1];
	int err;

	err = ctrack_netlink_nest(nest, attr, CTA_PROTOINFO_SCTP_MAX,
				  sctp_policy, rq->extack);
	if (err)
		return err;
	if (!attr[CTA_PROTOINFO_SCTP_STATE] ||
	    !attr[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL] ||
	    !attr[CTA_PROTOINFO_SCTP_VTAG_REPLY])
		return ctrack_request_wrong(rq, nest,
				"SCTP needs state and both verification tags");
	change->has_sctp = true;
	change->sctp_state = nla_get_u8(attr[CTA_PROTOINFO_SCTP_STATE]);
	change->sctp_vtag[CTRACK_ORIGINAL] =
		ntohl(nla_get_be32(attr[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL]));
	change->sctp_vtag[CTRACK_REPLY] =
		ntohl(nla_get_be32(attr[CTA_PROTOINFO_SCTP_VTAG_REPLY]));
	return 0;
}

static int read_dccp(const struct ctrack_request *rq, const struct nlattr *nest,
		     struct ctrack_change *change)
{
	struct nlattr *attr[CTA_PROTOINFO_DCCP_MAX + 1];
	const struct nlattr *seq;
	int err;

	err = ctrack_netlink_nest(nest, attr, CTA_PROTOINFO_DCCP_MAX,
				  dccp_policy, rq->extack);
	if (err)
		return err;
	if (!attr[CTA_PROTOINFO_DCCP_STATE] || !attr[CTA_PROTOINFO_DCCP_ROLE])
		return ctrack_request_wrong(rq, nest,
					    "DCCP needs state and role");
	change->has_dccp = true;
	change->dccp_state = nla_get_u8(attr[CTA_PROTOINFO_DCCP_STATE]);
	change->dccp_role = nla_get_u8(attr[CTA_PROTOINFO_DCCP_ROLE]);
	seq = attr[CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ];
	if (seq) {
		change->has_dccp_seq = true;
		change->dccp_seq = be64_to_cpu(nla_get_be64(seq));
	}
	return 0;
}

/* A state of another protocol than the connection's. */
static int refuse_other(const struct ctrack_request *rq,
			struct nlattr *const *attr, u8 protonum)
{
	static const struct {
		u8 type;
		u8 protonum;
	} states[] = {
		{ CTA_PROTOINFO_TCP, IPPROTO_TCP },
		{ CTA_PROTOINFO_SCTP, IPPROTO_SCTP },
		{ CTA_PROTOINFO_DCCP, IPPROTO_DCCP },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		if (attr[states[i].type] && states[i].protonum != protonum)
			return ctrack_request_wrong(rq, attr[states[i].type],
						    "state of another protocol");
	return 0;
}

/**
 * ctrack_request_protoinfo - read CTA_PROTOINFO
 * @rq: request
 * @protonum: the connection's protocol
 * @change: filled in
 *
 * Return: 0; -EINVAL for what does not fit the protocol; another -errno.
 */
int ctrack_request_protoinfo(const struct ctrack_request *rq, u8 protonum,
			     struct ctrack_change *change)
{
	const struct nlattr *nest = rq->attr[CTA_PROTOINFO];
	struct nlattr *attr[CTA_PROTOINFO_MAX + 1];
	int err;

	if (!nest)
		return 0;
	err = ctrack_netlink_nest(nest, attr, CTA_PROTOINFO_MAX,
				  protoinfo_policy, rq->extack);
	if (err)
		return err;
	err = refuse_other(rq, attr, protonum);
	if (err)
		return err;
	if (attr[CTA_PROTOINFO_TCP])
		return read_tcp(rq, attr[CTA_PROTOINFO_TCP], change);
	if (attr[CTA_PROTOINFO_SCTP])
		return read_sctp(rq, attr[CTA_PROTOINFO_SCTP], change);
	if (attr[CTA_PROTOINFO_DCCP])
		return read_dccp(rq, attr[CTA_PROTOINFO_DCCP], change);
	return 0;
}

static void apply_tcp(struct tcp_state *tcp, const struct ctrack_change *change)
{
	unsigned int i;

	if (change->has_tcp_state)
		tcp->state = change->tcp_state;
	for (i = 0; i < CTRACK_DIRECTIONS; i++) {
		struct tcp_side *side = &tcp->side[i];

		if (change->has_tcp_scale)
			side->scale = change->tcp_scale[i];
		/* Who tells by how much says that both do it. */
		if (change->has_tcp_scale &&
		    (change->tcp_scale[0] || change->tcp_scale[1]))
			side->flags |= IP_CT_TCP_FLAG_WINDOW_SCALE;
		side->flags = (side->flags & ~change->tcp_mask[i]) |
			      change->tcp_flags[i];
	}
}

static void apply_dccp(struct dccp_state *dccp,
		       const struct ctrack_change *change)
{
	if (!change->has_dccp)
		return;
	dccp->state = change->dccp_state;
	dccp->role = change->dccp_role;
	if (change->has_dccp_seq)
		dccp->handshake_seq = change->dccp_seq;
}

static void apply_state(union ctrack_state *state, u8 protonum,
			const struct ctrack_change *change)
{
	switch (protonum) {
	case IPPROTO_TCP:
		apply_tcp(&state->tcp, change);
		break;
	case IPPROTO_SCTP:
		if (change->has_sctp)
			sctp_restore(&state->sctp, change->sctp_state,
				     change->sctp_vtag);
		break;
	case IPPROTO_DCCP:
		apply_dccp(&state->dccp, change);
		break;
	}
}

static void apply_status(struct ctrack_conn *conn,
			 const struct ctrack_change *change)
{
	unsigned int bit;

	for (bit = 0; bit < __IPS_MAX_BIT; bit++) {
		if (change->status & BIT(bit))
			set_bit(bit, &conn->status);
		else if (change->status_off & BIT(bit))
			clear_bit(bit, &conn->status);
	}
}

/**
 * ctrack_change_apply - change a connection
 * @conn: a connection the caller has a reference to
 * @change: what; of the right protocol
 *
 * Return: 0; -ENOMEM or -ENOSPC when there is no room for its labels, and it is
 * as it was.
 * Context: any but under the connection's or a bucket's lock.
 */
int ctrack_change_apply(struct ctrack_conn *conn,
			const struct ctrack_change *change)
{
	u8 protonum = ctrack_conn_key(conn, CTRACK_ORIGINAL)->protonum;
	int err;

	if (change->has_labels) {
		err = ctrack_conn_change_labels(conn, &change->labels_keep,
						&change->labels);
		if (err)
			return err;
	}

	spin_lock_bh(&conn->lock);
	if (change->has_status) {
		apply_status(conn, change);
		ctrack_proto_restore(&conn->state, protonum,
				     test_bit(IPS_SEEN_REPLY_BIT, &conn->status),
				     test_bit(IPS_ASSURED_BIT, &conn->status));
	}
	apply_state(&conn->state, protonum, change);
	if (change->has_timeout)
		ctrack_conn_set_timeout(conn, (u32)jiffies + change->timeout,
					CTRACK_TIMEOUT_COUNT);
	if (change->has_mark)
		WRITE_ONCE(conn->mark, (READ_ONCE(conn->mark) &
					change->mark_keep) ^ change->mark);
	spin_unlock_bh(&conn->lock);
	return 0;
}
