/* SPDX-License-Identifier: GPL-2.0 */
/* The control interfaces: ctnetlink, and the generic netlink family. */
#ifndef CTRACK_NETLINK_H
#define CTRACK_NETLINK_H

#include <net/genetlink.h>

#include "nf/uapi.h"

extern struct genl_family ctrack_genl_family;

int ctrack_netlink_init(void);
void ctrack_netlink_exit(void);
int ctrack_genl_init(void);
void ctrack_genl_exit(void);

/* genl_why.c APIs: */
#define CTRACK_WHY_A_TOP	CTRACK_A_FAMILY
extern const struct nla_policy ctrack_why_policy[CTRACK_WHY_A_TOP + 1];
int ctrack_genl_why(struct sk_buff *request, struct genl_info *info);

#endif
