/* SPDX-License-Identifier: GPL-2.0 */
/* netlink_filter.c APIs: which connections a dump shows and a flush ends. */
#ifndef CTRACK_NETLINK_FILTER_H
#define CTRACK_NETLINK_FILTER_H

#include "nf/netlink_parse.h"

/**
 * struct ctrack_filter - what has to hold; all zeros takes every connection
 * @family: NFPROTO_IPV4, NFPROTO_IPV6, or NFPROTO_UNSPEC for both
 * @zoned: @zone counts
 * @zone: the connection's zone, in whichever direction it has it
 * @mark: what the bits of @mark_mask are
 * @mark_mask: those that count
 * @status: what the bits of @status_mask are
 * @status_mask: those that count
 * @half: by direction
 * @half.parts: enum ctrack_part: those of the key that count
 * @half.key: what they are
 * @half.zone: in this direction
 */
struct ctrack_filter {
	u8 family;
	bool zoned;
	u16 zone;
	u32 mark;
	u32 mark_mask;
	u32 status;
	u32 status_mask;
	struct {
		u32 parts;
		u16 zone;
		struct ctrack_key key;
	} half[CTRACK_DIRECTIONS];
};

int ctrack_request_filter(const struct ctrack_request *rq,
			  struct ctrack_filter *filter);
bool ctrack_filter_active(const struct ctrack_filter *filter);
struct ctrack_search ctrack_filter_search(struct ctrack_filter *filter);

#endif
