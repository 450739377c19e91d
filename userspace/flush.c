// SPDX-License-Identifier: GPL-2.0
/* ctctl flush: all connections at once, by one request. */
#include "nl.h"
#include "verbs.h"

#include <stdlib.h>

/**
 * flush_run - ctctl flush
 * @args: the word all, so that nobody does this by accident
 */
int flush_run(const struct args *args)
{
	struct nl *nl;
	int err, ret = EXIT_SUCCESS;

	if (!args->all_word)
		return usage_error("flush deletes everything, expected the word 'all'");
	nl = nl_open();
	if (!nl)
		return EXIT_FAILURE;
	err = nl_flush(nl);
	if (err) {
		ret = nl_fail(nl, "flushing the table", err);
	} else {
		puts("all entries deleted");
		print_end(stdout);
	}
	nl_close(nl);
	return ret;
}
