/* SPDX-License-Identifier: GPL-2.0 */
/* nl.c APIs: everything that is asked of the kernel. */
#ifndef CTCTL_NL_H
#define CTCTL_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry.h"
#include "filter.h"

struct nl;
struct nlattr;
struct record;

/*
 * What a callback gets; it keeps none of it. Anything but 0 that it returns ends the reading.
 * @attr: what @entry was filled from, by type up to CTA_MAX
 */
struct nl_entry {
	enum event event;
	struct entry entry;
	const struct nlattr *const *attr;
};

typedef int (*nl_entry_fn)(const struct nl_entry *e, void *data);

typedef int (*nl_record_fn)(struct record *r, void *data);
typedef void (*nl_refused_fn)(size_t number, int err, const char *why, void *data);

/* Room for the name of any reason, and any sysctl. */
#define NL_REASON_SIZE 64

/*
 * @refused: the name of the reason why it refused a packet last; "" when it never did
 * @timeout: the sysctl of the timeout that it has; "" when a user gave it another
 */
struct explanation {
	char refused[NL_REASON_SIZE];
	char timeout[NL_REASON_SIZE];
};

struct reason {
	char name[NL_REASON_SIZE];
	uint64_t count;
};

/*
 * @looked, @chained, @longest: of so many buckets, how many overflowed, and the keys of the fullest
 * @reasons: owned by who asked, freed with nl_stats_free()
 */
struct stats {
	uint32_t count;
	uint32_t max;
	uint32_t buckets;
	uint32_t rules;
	uint32_t looked;
	uint32_t chained;
	uint32_t longest;
	uint64_t opened;
	uint64_t evicted;
	uint64_t examined;
	bool on;
	struct reason *reasons;
	size_t reasons_count;
};

struct nl *nl_open(void);
void nl_close(struct nl *nl);
int nl_fail(const struct nl *nl, const char *doing, int err);

int nl_dump(struct nl *nl, const struct filter *f, nl_entry_fn fn, void *data);
int nl_get(struct nl *nl, const struct entry *key, nl_entry_fn fn, void *data);
int nl_explain(struct nl *nl, const struct entry *e, struct explanation *why);
int nl_delete(struct nl *nl, const struct entry *e);
int nl_delete_created(struct nl *nl, const struct entry *e);
int nl_flush(struct nl *nl);
int nl_create_one(struct nl *nl, const struct record *r);
const char *nl_why(const struct nl *nl);
int nl_create(struct nl *nl, nl_record_fn next, nl_refused_fn refused, void *data);

int nl_listen(struct nl *nl);
int nl_lost(const struct nl *nl, uint32_t *lost);
int nl_event(struct nl *nl, nl_entry_fn fn, void *data);

int nl_stats(struct nl *nl, struct stats *stats);
void nl_stats_free(struct stats *stats);
int nl_track(struct nl *nl, bool on);

#endif
