// SPDX-License-Identifier: GPL-2.0
/* ctctl stats: how full the table is, who keeps tracking on, and why packets were refused. */
#include "nl.h"
#include "verbs.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int show_json(const struct stats *s)
{
	json_t *reasons = json_object();
	json_t *o;
	size_t i;

	for (i = 0; i < s->reasons_count; i++)
		json_object_set_new(reasons, s->reasons[i].name,
				    json_integer((json_int_t)s->reasons[i].count));
	o = json_pack("{s:I, s:I, s:I, s:b, s:I, s:o}", "count", (json_int_t)s->count,
		      "max", (json_int_t)s->max, "buckets", (json_int_t)s->buckets,
		      "on", s->on, "rules", (json_int_t)s->rules, "reasons", reasons);
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
	print_end(stdout);
	return 0;
}

static void show_table(const struct stats *s, bool all)
{
	int width = strlen("REASON");
	bool header = false;
	size_t i;

	printf("entries   %" PRIu32 " of %" PRIu32 "\n", s->count, s->max);
	printf("buckets   %" PRIu32 "\n", s->buckets);
	if (s->rules)
		printf("tracking  on, by %" PRIu32 " %s%s\n\n", s->rules,
		       plural(s->rules, "rule", "rules"), s->on ? " and by ctctl on" : "");
	else
		printf("tracking  %s\n\n", s->on ? "on, by ctctl on" : "off");

	for (i = 0; i < s->reasons_count; i++)
		if ((all || s->reasons[i].count) && (int)strlen(s->reasons[i].name) > width)
			width = strlen(s->reasons[i].name);
	for (i = 0; i < s->reasons_count; i++) {
		if (!all && !s->reasons[i].count)
			continue;
		if (!header)
			printf("%-*s  %10s\n", width, "REASON", "PACKETS");
		header = true;
		printf("%-*s  %10" PRIu64 "\n", width, s->reasons[i].name, s->reasons[i].count);
	}
	if (!header)
		puts("no packet was found invalid or dropped");
	print_end(stdout);
}

/**
 * stats_run - ctctl stats
 * @args: the format, and whether reasons that have not been met are shown
 */
int stats_run(const struct args *args)
{
	struct nl *nl = nl_open();
	struct stats stats;
	int err, ret = EXIT_SUCCESS;

	if (!nl)
		return EXIT_FAILURE;
	err = nl_stats(nl, &stats);
	if (err)
		ret = nl_fail(nl, "reading statistics", err);
	else if (args->format == FORMAT_JSON)
		show_json(&stats);
	else
		show_table(&stats, args->all);
	nl_stats_free(&stats);
	nl_close(nl);
	return ret;
}
