/* SPDX-License-Identifier: GPL-2.0 */
/* timeout_name.c APIs: timeouts that have a name, for iptables' CT --timeout. */
#ifndef CTRACK_TIMEOUT_NAME_H
#define CTRACK_TIMEOUT_NAME_H

#include <linux/netfilter/nfnetlink_cttimeout.h>

#include "nf/timeouts.h"

/**
 * struct ctrack_named_timeout - timeouts with a name
 * @list: in its namespace, unless the name was deleted
 * @name: theirs; immutable
 * @protocol: for whose connections they are; immutable
 * @l3num: NFPROTO_IPV4 or NFPROTO_IPV6; immutable
 * @policy: the timeouts; immutable as a pointer
 * @uses: by rules, and one by the name; under names_mutex
 */
struct ctrack_named_timeout {
	struct list_head list;
	char name[CTNL_TIMEOUT_NAME_MAX];
	const struct ctrack_protocol *protocol;
	u16 l3num;
	struct ctrack_policy *policy;
	unsigned int uses;
};

int ctrack_timeout_name_init(void);
void ctrack_timeout_name_exit(void);
void ctrack_timeout_name_drain(struct ctrack_net *cn);
struct ctrack_named_timeout *ctrack_timeout_name_get(struct ctrack_net *cn,
						     const char *name);
void ctrack_timeout_name_put(struct ctrack_net *cn,
			     struct ctrack_named_timeout *timeout);

#endif
