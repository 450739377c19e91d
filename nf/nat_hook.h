/* SPDX-License-Identifier: GPL-2.0 */
/* How nf/ asks for a translation without knowing nat/, which registers here. */
#ifndef CTRACK_NAT_HOOK_H
#define CTRACK_NAT_HOOK_H

#include <linux/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat.h>

#include "nf/conn.h"

/**
 * struct ctrack_nat_hook - what ctrack_nat.ko does for ctrack.ko
 * @setup: bind a translation to a tentative connection that is in the table;
 *	called under RCU, without the connection's lock. NULL as range binds
 *	none, but still finds a free source port when the reply key is taken.
 *	Return: %CTRACK_REASON_NONE, or why it can't be
 */
struct ctrack_nat_hook {
	enum ctrack_reason (*setup)(struct ctrack_conn *conn,
				    const struct nf_nat_range2 *range,
				    enum nf_nat_manip_type manip);
};

extern const struct ctrack_nat_hook __rcu *ctrack_nat_hook;

#endif
