/* SPDX-License-Identifier: GPL-2.0 */
/* The control interfaces: ctnetlink, and the generic netlink family. */
#ifndef CTRACK_NETLINK_H
#define CTRACK_NETLINK_H

#include <net/genetlink.h>

extern struct genl_family ctrack_genl_family;

int ctrack_netlink_init(void);
void ctrack_netlink_exit(void);
int ctrack_genl_init(void);
void ctrack_genl_exit(void);

#endif
