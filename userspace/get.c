// SPDX-License-Identifier: GPL-2.0
/* ctctl get: one connection, named by either of its directions. */
#include "key.h"
#include "nl.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>

static int show(const struct nl_entry *e, void *data)
{
	const struct args *args = data;
	struct rows rows = {};
	int ret = 0;

	switch (args->format) {
	case FORMAT_JSON:
		return print_json(stdout, &e->entry, 0, EVENT_NONE);
	case FORMAT_CONNTRACK:
		print_line(stdout, &e->entry, e->attr, EVENT_NONE);
		return 0;
	default:
		ret = rows_add(&rows, &e->entry, NULL);
		print_table(stdout, &rows);
		rows_clear(&rows);
	}
	return ret;
}

/**
 * get_run - ctctl get
 * @args: the words that name the connection, and the format
 */
int get_run(const struct args *args)
{
	struct entry key;
	char err_text[256];
	struct nl *nl;
	int err, ret = EXIT_SUCCESS;

	if (key_from_words(&args->filter, &key, err_text, sizeof(err_text)))
		return usage_error("%s", err_text);
	nl = nl_open();
	if (!nl)
		return EXIT_FAILURE;
	err = nl_get(nl, &key, show, (void *)args);
	if (err == -ENOENT) {
		fprintf(stderr, "ctctl: there is no such connection\n");
		ret = EXIT_FAILURE;
	} else if (err) {
		ret = nl_fail(nl, "looking for the connection", err);
	}
	nl_close(nl);
	return ret;
}
