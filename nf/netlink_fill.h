/* SPDX-License-Identifier: GPL-2.0 */
/* netlink_fill.c APIs: connections as ctnetlink messages. */
#ifndef CTRACK_NETLINK_FILL_H
#define CTRACK_NETLINK_FILL_H

#include <linux/netlink.h>

#include "nf/conn.h"

/**
 * enum ctrack_fill - what a message says of a connection, besides its keys, its
 * zone, its id and its status
 * @CTRACK_FILL_TIMEOUT: seconds it has to live
 * @CTRACK_FILL_PROTOINFO: the protocol's state
 * @CTRACK_FILL_COUNTERS: packets and bytes, where they are counted
 * @CTRACK_FILL_ZERO: with the counters: and count from zero again
 * @CTRACK_FILL_TIMESTAMP: when it began, where that is noted
 * @CTRACK_FILL_EVENT: the time of an event, where times are noted
 * @CTRACK_FILL_MARK: its mark even when that is zero
 * @CTRACK_FILL_LABELS: its labels, if any
 * @CTRACK_FILL_SECCTX: the name of its security mark, if any
 * @CTRACK_FILL_MASTER: the connection that it was expected by, if any
 * @CTRACK_FILL_USE: how many hold a reference
 * @CTRACK_FILL_FINAL: it is over: only what is still true then, and when it
 *	ended
 * @CTRACK_FILL_LISTING: what a listing shows
 */
enum ctrack_fill {
	CTRACK_FILL_TIMEOUT = BIT(0),
	CTRACK_FILL_PROTOINFO = BIT(1),
	CTRACK_FILL_COUNTERS = BIT(2),
	CTRACK_FILL_ZERO = BIT(3),
	CTRACK_FILL_TIMESTAMP = BIT(4),
	CTRACK_FILL_EVENT = BIT(5),
	CTRACK_FILL_MARK = BIT(6),
	CTRACK_FILL_MASTER = BIT(7),
	CTRACK_FILL_USE = BIT(8),
	CTRACK_FILL_FINAL = BIT(9),
	CTRACK_FILL_LABELS = BIT(10),
	CTRACK_FILL_SECCTX = BIT(11),
	CTRACK_FILL_LISTING = CTRACK_FILL_TIMEOUT | CTRACK_FILL_PROTOINFO |
			      CTRACK_FILL_COUNTERS | CTRACK_FILL_TIMESTAMP |
			      CTRACK_FILL_MARK | CTRACK_FILL_MASTER |
			      CTRACK_FILL_USE | CTRACK_FILL_LABELS |
			      CTRACK_FILL_SECCTX,
};

/**
 * struct ctrack_message - the outside of a message
 * @portid: in its header
 * @seq: in its header
 * @type: IPCTNL_MSG_CT_NEW or IPCTNL_MSG_CT_DELETE
 * @flags: NLM_F_*
 * @fill: enum ctrack_fill
 */
struct ctrack_message {
	u32 portid;
	u32 seq;
	u16 flags;
	u8 type;
	u32 fill;
};

size_t ctrack_netlink_size(const struct ctrack_conn *conn);
int ctrack_netlink_fill(struct sk_buff *skb, struct ctrack_conn *conn, u32 fill);
struct nlmsghdr *ctrack_netlink_put(struct sk_buff *skb,
				    struct ctrack_conn *conn,
				    const struct ctrack_message *message);

#endif
