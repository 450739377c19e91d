/* SPDX-License-Identifier: GPL-2.0 */
/* record.c APIs: a connection in full, and the line that says it. PURE. */
#ifndef CTCTL_RECORD_H
#define CTCTL_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include <linux/netfilter/nf_conntrack_tcp.h>

#include "entry.h"

/* Longer than any line that is written. */
#define RECORD_LINE 640

#define RECORD_LABELS 16

/* TCP's flags that mean something without its sequence numbers. */
#define RECORD_TCP_FLAGS (IP_CT_TCP_FLAG_WINDOW_SCALE | IP_CT_TCP_FLAG_SACK_PERM | \
			  IP_CT_TCP_FLAG_CLOSE_INIT | IP_CT_TCP_FLAG_BE_LIBERAL)

/*
 * All that a connection can be made of again. Of @entry the id, the counters and the name of the
 * state do not belong to it. What is by direction has the original one first.
 */
struct record {
	struct entry entry;
	uint8_t has_state;
	uint8_t state;
	uint8_t scale[2];	/* TCP */
	uint8_t flags[2];	/* TCP: of RECORD_TCP_FLAGS */
	uint8_t role;		/* DCCP */
	uint64_t handshake_seq;	/* DCCP */
	uint32_t vtag[2];	/* SCTP */
	uint8_t labels[RECORD_LABELS];	/* label 0 is the lowest bit of the first */
};

int record_write(const struct record *r, char *buf, size_t size);
int record_parse(const char *line, struct record *r, char *err, size_t size);

#endif
