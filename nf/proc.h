/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/net/nf_conntrack and /proc/net/stat/nf_conntrack. */
#ifndef CTRACK_PROC_H
#define CTRACK_PROC_H

#include "nf/net.h"

int ctrack_proc_init(struct ctrack_net *cn);
void ctrack_proc_exit(struct ctrack_net *cn);

#endif
