/* SPDX-License-Identifier: GPL-2.0 */
/*
 * labels.c APIs: the 128 labels that a connection can have (nft's `ct label`,
 * CTA_LABELS).
 *
 * A connection has no room for 128 bits, and most have the same few: those that
 * the rules give. So equal labels are one set, whose number stands in each
 * connection that has them. Who changes a connection's labels looks for the set
 * that it has from then on, and makes it where there is none.
 *
 * Each connection counts in its set, and the last one takes the set with it. A
 * connection's number changes only under its lock, so that who holds the lock
 * may look at the set.
 */
#ifndef CTRACK_LABELS_H
#define CTRACK_LABELS_H

#include "nf/net.h"

#define CTRACK_LABELS_WORDS	4

/**
 * struct ctrack_labels - 128 labels; all zeros is none
 * @word: as CTA_LABELS and an nft register have them: bit N is bit N % 32 of
 *	word N / 32, in host order
 */
struct ctrack_labels {
	u32 word[CTRACK_LABELS_WORDS];
};

void ctrack_labels_init(struct ctrack_net *cn);
void ctrack_labels_put(struct ctrack_net *cn, u16 id);
struct ctrack_labels ctrack_conn_labels(struct ctrack_conn *conn);
int ctrack_conn_change_labels(struct ctrack_conn *conn,
			      const struct ctrack_labels *keep,
			      const struct ctrack_labels *flip);

#endif
