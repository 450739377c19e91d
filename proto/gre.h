/* SPDX-License-Identifier: GPL-2.0 */
/* gre.c APIs: GRE (RFC 2784, RFC 2890), also PPTP's (RFC 2637). PURE. */
#ifndef CTRACK_GRE_H
#define CTRACK_GRE_H

#include <linux/types.h>

#include "nf/key.h"
#include "nf/reason.h"

struct ctrack_step;

/* As much as gre_parse() looks at. */
#define GRE_HEADER_LENGTH 4

/**
 * struct gre_state - what a connection remembers for GRE
 * @replied: there was a packet in reply direction before
 *
 * Protected by the lock of the connection.
 */
struct gre_state {
	__u8 replied:1;
};

enum ctrack_reason gre_parse(const void *header, unsigned int header_length,
			     unsigned int length);
struct ctrack_step gre_step(struct gre_state *state,
			    enum ctrack_direction direction);

#endif
