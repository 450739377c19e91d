/* SPDX-License-Identifier: GPL-2.0 */
/* timeouts.c APIs: how userspace names the timeouts of a protocol. */
#ifndef CTRACK_TIMEOUTS_H
#define CTRACK_TIMEOUTS_H

#include "nf/net.h"

/**
 * struct ctrack_protocol - a protocol that has timeouts
 * @number: IPPROTO_*, or 255 for all that have none of their own
 * @attribute_max: the last of its attributes
 * @timeout: enum ctrack_timeout, by attribute; %CTRACK_TIMEOUT_COUNT for one that
 *	has no meaning any more: it may be set, and is not there
 */
struct ctrack_protocol {
	u8 number;
	u8 attribute_max;
	const u8 *timeout;
};

static inline bool
ctrack_protocol_has(const struct ctrack_protocol *protocol, unsigned int attribute)
{
	return protocol->timeout[attribute] < CTRACK_TIMEOUT_COUNT;
}

const struct ctrack_protocol *ctrack_protocol_timeouts(u8 number);
int ctrack_timeouts_read(const struct ctrack_net *cn, const struct nlattr *nest,
			 const struct ctrack_protocol *protocol,
			 unsigned int *timeout, struct netlink_ext_ack *extack);
bool ctrack_timeouts_put(struct sk_buff *skb,
			 const struct ctrack_protocol *protocol,
			 const unsigned int *timeout);

#endif
