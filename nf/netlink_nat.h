/* SPDX-License-Identifier: GPL-2.0 */
/* netlink_nat.c APIs: translations that ctnetlink asks for. */
#ifndef CTRACK_NETLINK_NAT_H
#define CTRACK_NETLINK_NAT_H

#include "nf/nat_hook.h"
#include "nf/netlink_parse.h"

/**
 * struct ctrack_translation - what a new connection is translated to
 * @range: by enum nf_nat_manip_type; no flags where nothing is asked for
 */
struct ctrack_translation {
	struct nf_nat_range2 range[2];
};

int ctrack_request_translation(const struct ctrack_request *rq,
			       const struct ctrack_key *key,
			       struct ctrack_translation *nat);
int ctrack_request_translate(const struct ctrack_request *rq,
			     const struct ctrack_translation *nat,
			     struct ctrack_conn *conn);

#endif
