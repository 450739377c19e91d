/* SPDX-License-Identifier: GPL-2.0 */
/* rows.c APIs: entries kept, to be aligned, sorted or deleted. PURE. */
#ifndef CTCTL_ROWS_H
#define CTCTL_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "entry.h"

/* @text: the line of conntrack(8), owned by the row; NULL when nobody asked for it. */
struct row {
	struct entry entry;
	char *text;
};

/* Zeroed is empty. */
struct rows {
	struct row *row;
	size_t count;
	size_t room;
};

enum sort_key {
	SORT_NONE, SORT_PROTO, SORT_SRC, SORT_DST, SORT_SPORT, SORT_DPORT, SORT_PACKETS,
	SORT_BYTES, SORT_TIMEOUT, SORT_STATE, SORT_ID,
};

#define SORT_KEYS "proto, src, dst, sport, dport, packets, bytes, timeout, state or id"

enum sort_key sort_key_by_name(const char *name);
int rows_add(struct rows *rows, const struct entry *e, const char *text);
void rows_sort(struct rows *rows, enum sort_key key, bool reverse);
void rows_clear(struct rows *rows);

#endif
