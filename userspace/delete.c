// SPDX-License-Identifier: GPL-2.0
/*
 * ctctl delete: what the filter lets through is collected first and deleted then, each by tuple,
 * zone and id, so that what came in its place stays.
 */
#include "nl.h"
#include "progress.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>

static int delete_rows(struct nl *nl, const struct rows *rows, size_t *deleted)
{
	size_t i;
	int err = 0;

	for (i = 0; i < rows->count; i++) {
		progress_show("deleting", i, rows->count);
		err = nl_delete(nl, &rows->row[i].entry);
		if (!err)
			(*deleted)++;
		else if (err != -ENOENT)
			break;
		err = 0;
	}
	progress_end();
	return err;
}

/**
 * delete_run - ctctl delete
 * @args: FILTER, or the word all
 */
int delete_run(const struct args *args)
{
	struct rows rows = {};
	size_t deleted = 0;
	struct nl *nl;
	int err, ret = EXIT_SUCCESS;

	if (args->all_word && args->filter.given)
		return usage_error("'all' does not go with a FILTER, expected one of the two");
	if (!args->all_word && filter_is_all(&args->filter))
		return usage_error("this would delete everything, expected a FILTER or 'all'");
	nl = nl_open();
	if (!nl)
		return EXIT_FAILURE;

	err = dump_collect(nl, args, &rows, NULL);
	if (!err)
		err = delete_rows(nl, &rows, &deleted);
	if (deleted || !err) {
		printf("%zu %s deleted\n", deleted, plural(deleted, "entry", "entries"));
		print_end(stdout);
	}
	if (err) {
		ret = nl_fail(nl, "deleting connections", err);
	} else if (!deleted) {
		fprintf(stderr, "ctctl: no connection %s\n",
			args->all_word ? "is there to delete" : "matches");
		ret = EXIT_FAILURE;
	}
	rows_clear(&rows);
	nl_close(nl);
	return ret;
}
