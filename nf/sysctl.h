/* SPDX-License-Identifier: GPL-2.0 */
/* net.netfilter.nf_conntrack_*, under their usual names. */
#ifndef CTRACK_SYSCTL_H
#define CTRACK_SYSCTL_H

#include "nf/net.h"

int ctrack_sysctl_init(struct ctrack_net *cn);
void ctrack_sysctl_exit(struct ctrack_net *cn);
const char *ctrack_sysctl_timeout(enum ctrack_timeout kind);

#endif
