// SPDX-License-Identifier: GPL-2.0
/* ctctl on and ctctl off: whether this namespace is tracked when no rule asks for it. */
#include "nl.h"
#include "verbs.h"

#include <inttypes.h>
#include <stdlib.h>

/* Off is not off while rules need it, and who asked for it wants to know. */
static int say_state(struct nl *nl)
{
	struct stats stats;
	int err = nl_stats(nl, &stats);

	if (!err && stats.on)
		puts("tracking is on in this network namespace");
	else if (!err && stats.rules)
		printf("tracking stays on in this network namespace, for %" PRIu32 " %s\n",
		       stats.rules, plural(stats.rules, "rule", "rules"));
	else if (!err)
		puts("tracking is off in this network namespace");
	print_end(stdout);
	nl_stats_free(&stats);
	return err;
}

static int track(bool on)
{
	struct nl *nl = nl_open();
	int err, ret = EXIT_SUCCESS;

	if (!nl)
		return EXIT_FAILURE;
	err = nl_track(nl, on);
	if (!err)
		err = say_state(nl);
	if (err)
		ret = nl_fail(nl, on ? "turning tracking on" : "turning tracking off", err);
	nl_close(nl);
	return ret;
}

/**
 * on_run - ctctl on
 * @args: nothing
 */
int on_run(const struct args *args)
{
	(void)args;
	return track(true);
}

/**
 * off_run - ctctl off
 * @args: nothing
 */
int off_run(const struct args *args)
{
	(void)args;
	return track(false);
}
