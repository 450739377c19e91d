/* SPDX-License-Identifier: GPL-2.0 */
/* expiry.c APIs: when connections expire. */
#ifndef CTRACK_EXPIRY_H
#define CTRACK_EXPIRY_H

#include <linux/bits.h>

#include "nf/conn.h"

/* Behind the last bucket. */
#define CTRACK_EXPIRY_END	BIT_ULL(32)

void ctrack_conn_set_timeout(struct ctrack_conn *conn, u32 timeout,
			     enum ctrack_timeout kind);
void ctrack_expiry_note(struct ctrack_conn *conn);
unsigned int ctrack_expiry_collect(struct ctrack_net *cn, u64 *at,
				   struct ctrack_conn **found,
				   unsigned int room);

#endif
