/* SPDX-License-Identifier: GPL-2.0 */
/* Fragments become packets before these are tracked. */
#ifndef CTRACK_DEFRAG_H
#define CTRACK_DEFRAG_H

#include <linux/types.h>

struct net;

int ctrack_defrag_register(struct net *net, bool ipv6);
void ctrack_defrag_unregister(struct net *net, bool ipv6);

#endif
