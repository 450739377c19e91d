/* SPDX-License-Identifier: GPL-2.0 */
/* netlink_change.c APIs: what a request changes about a connection. */
#ifndef CTRACK_NETLINK_CHANGE_H
#define CTRACK_NETLINK_CHANGE_H

#include "nf/labels.h"
#include "nf/netlink_parse.h"

/**
 * struct ctrack_change - checked, so that nothing of it can fail any more, but
 * that there may be no memory for its labels
 * @status: IPS_* bits to be set, where @has_status
 * @status_off: IPS_* bits to be cleared, where @has_status
 * @timeout: jiffies to live from now on, where @has_timeout
 * @mark: what to turn over in what is left by @mark_keep, where @has_mark
 * @mark_keep: bits of the old mark that stay
 * @labels: labels to turn over in what is left by @labels_keep, where @has_labels
 * @labels_keep: old labels that stay
 * @tcp_state: enum tcp_conntrack, where @has_tcp_state
 * @tcp_scale: window scale by direction, where @has_tcp_scale
 * @tcp_flags: IP_CT_TCP_FLAG_*, as far as @tcp_mask says, by direction
 * @tcp_mask: those to be changed, by direction
 * @sctp_vtag: verification tags by direction, host order, where @has_sctp
 * @dccp_seq: number of the last Response, where @has_dccp_seq
 * @sctp_state: enum sctp_conntrack, where @has_sctp
 * @dccp_state: enum dccp_conntrack, where @has_dccp
 * @dccp_role: enum dccp_role of the original direction, where @has_dccp
 * @has_status: there is one
 * @has_timeout: there is one
 * @has_mark: there is one
 * @has_labels: there are some
 * @has_tcp_state: there is one
 * @has_tcp_scale: there are two
 * @has_sctp: there are all three
 * @has_dccp: there are both
 * @has_dccp_seq: there is one
 */
struct ctrack_change {
	u32 status;
	u32 status_off;
	u32 timeout;
	u32 mark;
	u32 mark_keep;
	struct ctrack_labels labels;
	struct ctrack_labels labels_keep;
	u8 tcp_state;
	u8 tcp_scale[CTRACK_DIRECTIONS];
	u8 tcp_flags[CTRACK_DIRECTIONS];
	u8 tcp_mask[CTRACK_DIRECTIONS];
	u32 sctp_vtag[CTRACK_DIRECTIONS];
	u64 dccp_seq;
	u8 sctp_state;
	u8 dccp_state;
	u8 dccp_role;
	bool has_status;
	bool has_timeout;
	bool has_mark;
	bool has_labels;
	bool has_tcp_state;
	bool has_tcp_scale;
	bool has_sctp;
	bool has_dccp;
	bool has_dccp_seq;
};

int ctrack_request_mark(const struct ctrack_request *rq,
			struct ctrack_change *change);
int ctrack_request_labels(const struct ctrack_request *rq,
			  struct ctrack_change *change);
void ctrack_request_timeout(const struct ctrack_request *rq,
			    struct ctrack_change *change);
int ctrack_request_status(const struct ctrack_request *rq, u32 now,
			  struct ctrack_change *change);
int ctrack_request_protoinfo(const struct ctrack_request *rq, u8 protonum,
			     struct ctrack_change *change);
int ctrack_change_apply(struct ctrack_conn *conn,
			const struct ctrack_change *change);

#endif
