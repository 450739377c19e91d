/* SPDX-License-Identifier: GPL-2.0 */
/* timeouts.c APIs: how userspace names the timeouts of a protocol. */
#ifndef CTRACK_TIMEOUTS_H
#define CTRACK_TIMEOUTS_H

#include "nf/net.h"

/**
 * struct ctrack_protocol - a protocol that has timeouts
 * @number: IPPROTO_*, or 255 for all that have none of their own
 * @attribute_max: the last of its attributes
 * @timeout: enum ctrack_timeout, by attribute
 */
struct ctrack_protocol {
	u8 number;
	u8 attribute_max;
	const u8 *timeout;
};

const struct ctrack_protocol *ctrack_protocol_timeouts(u8 number);
int ctrack_timeouts_read(const struct ctrack_net *cn, const struct nlattr *nest,
			 const struct ctrack_protocol *protocol,
			 unsigned int *timeout, struct netlink_ext_ack *extack);
bool ctrack_timeouts_put(struct sk_buff *skb,
			 const struct ctrack_protocol *protocol,
			 const unsigned int *timeout);

#endif
