/* SPDX-License-Identifier: GPL-2.0 */
/*
 * resend.c APIs: ends of connections that a listener had no room for.
 *
 * A listener that asks for it (NETLINK_BROADCAST_ERROR) misses no end. A
 * connection whose end it could not be told is kept, out of the table but among
 * those that the limit counts, and told again until there is room. So there are
 * never more of them than the namespace may have connections.
 */
#ifndef CTRACK_RESEND_H
#define CTRACK_RESEND_H

#include "nf/net.h"

void ctrack_resend_init(struct ctrack_net *cn);
void ctrack_resend_discard(struct ctrack_net *cn);
bool ctrack_resend_keep(struct ctrack_conn *conn, u32 portid);
struct ctrack_conn *ctrack_resend_next(struct ctrack_net *cn,
				       unsigned long *place);

#endif
