/* SPDX-License-Identifier: GPL-2.0 */
/* Taking away what has expired, and what has to make room. */
#ifndef CTRACK_GC_H
#define CTRACK_GC_H

#include "nf/conn.h"

void ctrack_gc_init(struct ctrack_net *cn);
void ctrack_gc_start(struct ctrack_net *cn);
void ctrack_gc_stop(struct ctrack_net *cn);
bool ctrack_gc_evict(struct ctrack_net *cn);
void ctrack_gc_flush(struct ctrack_net *cn);

#endif
