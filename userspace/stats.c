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
	o = json_pack("{s:I, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:{s:I, s:I, s:I}, s:o}",
		      "count", (json_int_t)s->count,
		      "max", (json_int_t)s->max, "buckets", (json_int_t)s->buckets,
		      "on", s->on, "rules", (json_int_t)s->rules,
		      "opened", (json_int_t)s->opened, "evicted", (json_int_t)s->evicted,
		      "examined", (json_int_t)s->examined,
		      "shape", "looked", (json_int_t)s->looked,
		      "chained", (json_int_t)s->chained, "longest", (json_int_t)s->longest,
		      "reasons", reasons);
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
	print_end(stdout);
	return 0;
}

/* The exposition format of Prometheus, version 0.0.4. */
static void show_metric(const char *name, const char *type, const char *help, uint64_t value)
{
	printf("# HELP ctrack_%s %s\n# TYPE ctrack_%s %s\n", name, help, name, type);
	printf("ctrack_%s %" PRIu64 "\n", name, value);
}

static void show_prometheus(const struct stats *s)
{
	size_t i;

	show_metric("entries", "gauge", "Connections in the table.", s->count);
	show_metric("entries_limit", "gauge", "The most there may be, 0 for no limit.", s->max);
	show_metric("buckets", "gauge", "Buckets of the table.", s->buckets);
	show_metric("bucket_keys_max", "gauge", "Keys in the fullest bucket of those looked at.",
		    s->longest);
	show_metric("rules", "gauge", "Rules that need tracking.", s->rules);
	show_metric("opened_total", "counter", "Connections that were opened.", s->opened);
	show_metric("evicted_total", "counter", "Connections that made room for others.",
		    s->evicted);
	show_metric("examined_total", "counter",
		    "Connections that listings and deletions looked at.", s->examined);
	puts("# HELP ctrack_refused_packets_total Packets found invalid or dropped, by reason.\n"
	     "# TYPE ctrack_refused_packets_total counter");
	for (i = 0; i < s->reasons_count; i++)
		printf("ctrack_refused_packets_total{reason=\"%s\"} %" PRIu64 "\n",
		       s->reasons[i].name, s->reasons[i].count);
	print_end(stdout);
}

static void show_table(const struct stats *s, bool all)
{
	int width = strlen("REASON");
	bool header = false;
	size_t i;

	printf("entries   %" PRIu32 " of %" PRIu32 "\n", s->count, s->max);
	printf("opened    %" PRIu64 ", %" PRIu64 " evicted\n", s->opened, s->evicted);
	printf("examined  %" PRIu64 ", by listings and deletions\n", s->examined);
	printf("buckets   %" PRIu32, s->buckets);
	if (s->looked)
		printf("; of %" PRIu32 " looked at %" PRIu32 " overflowed, the fullest has %" PRIu32
		       " %s", s->looked, s->chained, s->longest,
		       plural(s->longest, "key", "keys"));
	putchar('\n');
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
	else if (args->format == FORMAT_PROMETHEUS)
		show_prometheus(&stats);
	else
		show_table(&stats, args->all);
	nl_stats_free(&stats);
	nl_close(nl);
	return ret;
}
