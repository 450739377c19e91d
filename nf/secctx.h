/* SPDX-License-Identifier: GPL-2.0 */
/* What the security module calls the mark of a connection. */
#ifndef CTRACK_SECCTX_H
#define CTRACK_SECCTX_H

#include <linux/security.h>

#include "nf/conn.h"

/**
 * ctrack_secctx_get - the name of a connection's security mark
 * @conn: the connection
 * @context: filled in; the caller gives it back with SECCTX_RELEASE()
 *
 * Return: false when it has no mark, or nobody has a name for it.
 */
static inline bool ctrack_secctx_get(const struct ctrack_conn *conn,
				     struct lsm_context *context)
{
	u32 secmark = READ_ONCE(conn->secmark);

	return secmark && SECCTX_GET(secmark, context) >= 0;
}

#endif
