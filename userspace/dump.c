// SPDX-License-Identifier: GPL-2.0
/* ctctl list and ctctl dump: the same walk over the table, shown to people or to scripts. */
#include "line.h"
#include "nl.h"
#include "print.h"
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* A table that never stands still is shown as it was read. */
#define TRIES 5

struct walk {
	const struct args *args;
	struct rows *rows;
	uint64_t seen;
};

static int collect(const struct nl_entry *e, void *data)
{
	struct walk *walk = data;
	char line[LINE_SIZE];

	walk->seen++;
	if (!filter_match(&walk->args->filter, &e->entry))
		return 0;
	if (walk->args->format != FORMAT_CONNTRACK)
		return rows_add(walk->rows, &e->entry, NULL);
	line_write(line, sizeof(line), &e->entry, e->attr, EVENT_NONE);
	return rows_add(walk->rows, &e->entry, line);
}

static int stream(const struct nl_entry *e, void *data)
{
	struct walk *walk = data;

	if (!filter_match(&walk->args->filter, &e->entry))
		return 0;
	if (walk->args->format == FORMAT_JSON)
		return print_json(stdout, &e->entry, 0, EVENT_NONE);
	print_line(stdout, &e->entry, e->attr, EVENT_NONE);
	return 0;
}

static void warn_interrupted(void)
{
	fprintf(stderr,
		"ctctl: the table grew or shrank while it was read; some connections may be shown twice\n");
}

/**
 * dump_collect - keep all connections that the filter lets through
 * @nl: from nl_open()
 * @args: the filter; the format says whether their lines are wanted
 * @rows: where they go, empty at first; to be cleared in any case
 * @seen: how many there are in all; or NULL, and the kernel may leave out what does not match
 *
 * Reads again when the table changed meanwhile, and says so when that does not help.
 *
 * Return: 0 or -errno.
 */
int dump_collect(struct nl *nl, const struct args *args, struct rows *rows, uint64_t *seen)
{
	struct walk walk = { .args = args, .rows = rows };
	int err, tries = 0;

	do {
		rows_clear(rows);
		walk.seen = 0;
		err = nl_dump(nl, seen ? NULL : &args->filter, collect, &walk);
	} while (err == -EINTR && ++tries < TRIES);
	if (err == -EINTR) {
		warn_interrupted();
		err = 0;
	}
	if (seen)
		*seen = walk.seen;
	return err;
}

static int show_stream(struct nl *nl, const struct args *args)
{
	struct walk walk = { .args = args };
	int err = nl_dump(nl, &args->filter, stream, &walk);

	if (err != -EINTR)
		return err;
	warn_interrupted();
	return 0;
}

static int show_table(struct nl *nl, const struct args *args)
{
	struct rows rows = {};
	uint64_t seen = 0;
	int err = dump_collect(nl, args, &rows, &seen);

	if (!err) {
		rows_sort(&rows, args->sort, args->reverse);
		print_table(stdout, &rows);
		if (args->filter.given)
			printf("%zu of %" PRIu64 " %s\n", rows.count, seen,
			       plural(seen, "entry", "entries"));
		else
			printf("%zu %s\n", rows.count, plural(rows.count, "entry", "entries"));
		print_end(stdout);
	}
	rows_clear(&rows);
	return err;
}

static int show_sorted(struct nl *nl, const struct args *args)
{
	struct rows rows = {};
	int err = dump_collect(nl, args, &rows, NULL);
	size_t i;

	if (!err)
		rows_sort(&rows, args->sort, args->reverse);
	for (i = 0; !err && i < rows.count; i++) {
		if (args->format == FORMAT_JSON) {
			err = print_json(stdout, &rows.row[i].entry, 0, EVENT_NONE);
		} else {
			puts(rows.row[i].text);
			print_end(stdout);
		}
	}
	rows_clear(&rows);
	return err;
}

/* Nothing in the table means something else where nobody tracks. */
static int warn_off(struct nl *nl)
{
	struct stats stats;
	int err = nl_stats(nl, &stats);

	if (!err && !stats.on && !stats.rules)
		fprintf(stderr, "ctctl: tracking is off in this network namespace; turn it on with "
				"'ctctl on', or add a rule with ct or nat\n");
	nl_stats_free(&stats);
	return err;
}

/**
 * list_run - ctctl list
 * @args: FILTER, the format and the order
 */
int list_run(const struct args *args)
{
	struct nl *nl = nl_open();
	int err, ret = EXIT_SUCCESS;

	if (!nl)
		return EXIT_FAILURE;
	/* There is always a next line to write, or the end, so that none is kept for long. */
	if (!isatty(STDOUT_FILENO))
		print_buffer(stdout);
	err = warn_off(nl);
	if (!err && args->format == FORMAT_TABLE)
		err = show_table(nl, args);
	else if (!err && args->sort != SORT_NONE)
		err = show_sorted(nl, args);
	else if (!err)
		err = show_stream(nl, args);
	fflush(stdout);
	print_end(stdout);
	if (err)
		ret = nl_fail(nl, "listing connections", err);
	nl_close(nl);
	return ret;
}

/**
 * dump_run - ctctl dump: list, but for what is printed when nothing is said about it
 * @args: FILTER, the format and the order
 */
int dump_run(const struct args *args)
{
	return list_run(args);
}
