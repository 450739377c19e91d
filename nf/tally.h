/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tally: the connections that a rule has counted, to tell how many there are
 * now. It has no references to them, which would keep them from ending, but
 * their keys, and forgets those that it does not find in the table any more.
 *
 * It looks at each key at most once a jiffy, and no further than it takes to
 * know that there are too many. Who is looked at goes to the end, so that all
 * have their turn, and what has ended does not pile up behind.
 */
#ifndef CTRACK_TALLY_H
#define CTRACK_TALLY_H

#include <linux/list.h>
#include <linux/rbtree.h>

#include "nf/net.h"

/**
 * struct ctrack_tally - some connections
 * @members: those that were there when they were looked at last
 * @tree: the same, by zone and key
 * @count: how many
 * @looked: the jiffy in which it was looked through, or found too many
 *
 * Whoever has one protects it.
 */
struct ctrack_tally {
	struct list_head members;
	struct rb_root tree;
	unsigned int count;
	u32 looked;
};

void ctrack_tally_init(struct ctrack_tally *tally);
void ctrack_tally_clear(struct ctrack_tally *tally);
int ctrack_tally_over(struct ctrack_tally *tally, struct ctrack_net *cn,
		      struct ctrack_conn *conn, u32 limit);
bool ctrack_tally_empty(struct ctrack_tally *tally, struct ctrack_net *cn);

#endif
