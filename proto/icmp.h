/* SPDX-License-Identifier: GPL-2.0 */
/* icmp.c APIs: the kinds of ICMP messages, and ICMP queries. PURE. */
#ifndef CTRACK_ICMP_H
#define CTRACK_ICMP_H

#include <linux/types.h>

#include "nf/key.h"
#include "nf/reason.h"

struct ctrack_step;

#define ICMP_HEADER_LENGTH 8

bool icmp_answer(__u8 type, __u8 *answer);
bool icmp_opens(__u8 type);
__u8 icmp_key_code(__u8 type, __u8 code);
bool icmp_is_error(__u8 type);
bool icmp_known(__u8 type);

enum ctrack_reason icmp_parse(const void *header, unsigned int header_length,
			      unsigned int length);
struct ctrack_step icmp_step(const struct ctrack_key *key,
			     enum ctrack_direction direction);

#endif
