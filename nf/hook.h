/* SPDX-License-Identifier: GPL-2.0 */
/* Where packets come in and go out. */
#ifndef CTRACK_HOOK_H
#define CTRACK_HOOK_H

#include <linux/netfilter.h>

int ctrack_hook_register(struct net *net, bool ipv6);
void ctrack_hook_unregister(struct net *net, bool ipv6);

#endif
