/* SPDX-License-Identifier: GPL-2.0 */
/* icmpv6.c APIs: the kinds of ICMPv6 messages, and ICMPv6 queries. PURE. */
#ifndef CTRACK_ICMPV6_H
#define CTRACK_ICMPV6_H

#include <linux/types.h>

#include "nf/key.h"
#include "nf/reason.h"

struct ctrack_step;

#define ICMPV6_HEADER_LENGTH 8

bool icmpv6_answer(__u8 type, __u8 *answer);
bool icmpv6_opens(__u8 type);
__u8 icmpv6_key_code(__u8 type, __u8 code);
bool icmpv6_has_id(__u8 type);
bool icmpv6_is_redirect(__u8 type);
bool icmpv6_is_error(__u8 type);
bool icmpv6_untracked(__u8 type);
bool icmpv6_known(__u8 type);

enum ctrack_reason icmpv6_parse(const void *header, unsigned int header_length,
				unsigned int length);
struct ctrack_step icmpv6_step(const struct ctrack_key *key,
			       enum ctrack_direction direction);

#endif
