// SPDX-License-Identifier: GPL-2.0
/* ctctl latency: how long ctrack's own steps take, each second anew, until told to stop. */
#include "histogram.h"
#include "nl_latency.h"
#include "verbs.h"
#include "watch.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS CTRACK_LATENCY_BUCKETS
/* The longest bar of a histogram. */
#define BAR 40

static uint64_t percentile(const struct nl_function *f, unsigned int percent)
{
	return histogram_percentile(f->bucket, BUCKETS, percent, f->max);
}

static int show_json(const struct nl_function *f, void *data)
{
	json_t *buckets = json_array(), *o;
	size_t i;

	(void)data;
	for (i = 0; i < BUCKETS; i++)
		json_array_append_new(buckets, json_integer((json_int_t)f->bucket[i]));
	o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "function", f->name,
		      "count", (json_int_t)histogram_count(f->bucket, BUCKETS),
		      "total", (json_int_t)f->total,
		      "p50", (json_int_t)percentile(f, 50), "p99", (json_int_t)percentile(f, 99),
		      "max", (json_int_t)f->max, "buckets", buckets);
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
	print_end(stdout);
	return 0;
}

static int show_line(const struct nl_function *f, void *data)
{
	uint64_t count = histogram_count(f->bucket, BUCKETS);

	(void)data;
	printf("%-22s  %10" PRIu64 "  %8" PRIu64 "  %8" PRIu64 "  %8" PRIu64 "  %8" PRIu64 "\n",
	       f->name, count, count ? f->total / count : 0, percentile(f, 50),
	       percentile(f, 99), f->max);
	print_end(stdout);
	return 0;
}

static int show_histogram(const struct nl_function *f, void *data)
{
	uint64_t most = 0;
	size_t i, first = BUCKETS, last = 0;

	(void)data;
	for (i = 0; i < BUCKETS; i++) {
		if (!f->bucket[i])
			continue;
		if (first == BUCKETS)
			first = i;
		last = i;
		if (f->bucket[i] > most)
			most = f->bucket[i];
	}
	if (first == BUCKETS)
		return 0;
	printf("\n%s, ns\n", f->name);
	for (i = first; i <= last; i++)
		printf("%12llu  %10" PRIu64 "  %.*s\n", i ? 1ull << (i - 1) : 0, f->bucket[i],
		       (int)((f->bucket[i] * BAR + most - 1) / most),
		       "########################################");
	print_end(stdout);
	return 0;
}

static int report(struct nl *nl, const struct args *args, uint64_t *missed)
{
	int err;

	if (args->format == FORMAT_JSON)
		return nl_latency(nl, show_json, NULL, missed);
	printf("%-22s  %10s  %8s  %8s  %8s  %8s\n", "FUNCTION", "CALLS", "MEAN ns", "P50", "P99",
	       "MAX");
	err = nl_latency(nl, show_line, NULL, missed);
	if (!err && args->all)
		err = nl_latency(nl, show_histogram, NULL, missed);
	putchar('\n');
	return err;
}

/* They are in none of the numbers. */
static void say_missed(uint64_t missed, uint64_t *said)
{
	if (missed != *said)
		fprintf(stderr, "ctctl: some calls were not measured: %" PRIu64
			" were missed so far\n", missed);
	*said = missed;
}

static int ignore(const struct nl_function *f, void *data)
{
	(void)f;
	(void)data;
	return 0;
}

static int measure(struct nl *nl, const struct args *args)
{
	uint64_t shown = 0, missed, said = 0;
	struct watch w;
	/* It begins with the first question. */
	int ret = nl_latency(nl, ignore, NULL, &missed);

	if (!ret)
		fprintf(stderr, "ctctl: measuring\n");
	while (!ret && (!args->count || shown < args->count)) {
		ret = watch_begin(&w, -1, args->time ? args->time : 1);
		if (!ret)
			ret = watch_wait(&w);
		watch_end(&w);
		if (ret < 0)
			break;
		ret = report(nl, args, &missed);
		if (!ret)
			say_missed(missed, &said);
		shown++;
		if (w.stopped)
			break;
	}
	return ret;
}

/**
 * latency_run - ctctl latency
 * @args: the format, how often and at what intervals
 */
int latency_run(const struct args *args)
{
	struct nl *nl = nl_open();
	int err, ret = EXIT_SUCCESS;

	if (!nl)
		return EXIT_FAILURE;
	err = measure(nl, args);
	if (err)
		ret = nl_fail(nl, "measuring", err);
	nl_close(nl);
	return ret;
}
