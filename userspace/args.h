/* SPDX-License-Identifier: GPL-2.0 */
/* args.c APIs: what was asked for on the command line. */
#ifndef CTCTL_ARGS_H
#define CTCTL_ARGS_H

#include <stdbool.h>

#include "filter.h"
#include "print.h"
#include "rows.h"

#define EXIT_USAGE 2

/* What a verb takes. */
enum {
	TAKES_FILTER	= 1 << 0,	/* words that choose */
	TAKES_KEY	= 1 << 1,	/* words that name one connection */
	TAKES_ALL_WORD	= 1 << 2,	/* the word all */
	TAKES_OUTPUT	= 1 << 3,	/* -o table, json */
	TAKES_CONNTRACK	= 1 << 4,	/* -o conntrack */
	TAKES_SORT	= 1 << 5,	/* --sort */
	TAKES_COUNT	= 1 << 6,	/* --count */
	TAKES_ALL	= 1 << 7,	/* --all */
	TAKES_FILE	= 1 << 8,	/* a file */
	TAKES_NEW	= 1 << 9,	/* words that describe a connection */
	TAKES_PROMETHEUS = 1 << 10,	/* -o prometheus */
	TAKES_TRACE	= 1 << 11,	/* words that choose what is traced */
	TAKES_TIME	= 1 << 12,	/* --time */
	TAKES_FOLLOW	= 1 << 13,	/* --follow */
};

struct args {
	enum format format;
	struct filter filter;
	enum sort_key sort;
	bool reverse;
	bool all_word;
	bool all;
	bool follow;
	bool help;
	uint64_t count;
	const char *file;
	uint64_t time;
};

struct verb {
	const char *name;
	int (*run)(const struct args *args);
	int takes;
	enum format format;
	const char *usage;
	const char *help;
	const char *more;
};

int args_parse(struct args *args, const struct verb *verb, int argc, char **argv);
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
