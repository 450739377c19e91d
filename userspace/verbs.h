/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs, a file each. All return the exit status. */
#ifndef CTCTL_VERBS_H
#define CTCTL_VERBS_H

#include "args.h"

struct nl;

/* dump.c */
int list_run(const struct args *args);
int dump_run(const struct args *args);
int dump_collect(struct nl *nl, const struct args *args, struct rows *rows, uint64_t *seen);

/* get.c */
int get_run(const struct args *args);

/* delete.c */
int delete_run(const struct args *args);

/* flush.c */
int flush_run(const struct args *args);

/* events.c */
int events_run(const struct args *args);

/* save.c */
int save_run(const struct args *args);

/* restore.c */
int restore_run(const struct args *args);

/* add.c */
int add_run(const struct args *args);

/* stats.c */
int stats_run(const struct args *args);

/* trace.c */
int trace_run(const struct args *args);

/* why.c */
int why_run(const struct args *args);

/* latency.c */
int latency_run(const struct args *args);

/* tracking.c */
int on_run(const struct args *args);
int off_run(const struct args *args);

#endif
