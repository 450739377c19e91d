// SPDX-License-Identifier: GPL-2.0
/* ctctl trace: a line for each thing that is decided, until told to stop. */
#include "nl_trace.h"
#include "trace_print.h"
#include "trace_request.h"
#include "verbs.h"
#include "watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/**
 * struct tracer - what is shown
 * @args: what was asked for
 * @shown: how many records were
 * @followed: the connection of --follow, 0 until there is one
 * @ended: it has ended
 */
struct tracer {
	const struct args *args;
	uint64_t shown;
	uint32_t followed;
	bool ended;
};

static bool is_end(uint8_t event)
{
	return event == CTRACK_TRACE_expire || event == CTRACK_TRACE_evict ||
	       event == CTRACK_TRACE_kill || event == CTRACK_TRACE_forget;
}

/* Whether the record is of the connection that is followed. */
static bool follow(struct tracer *tracer, const struct ctrack_trace_record *r)
{
	if (!tracer->args->follow)
		return true;
	if (!(r->has & CTRACK_TRACE_HAS_CONN))
		return false;
	if (!tracer->followed)
		tracer->followed = r->id;
	if (tracer->followed != r->id)
		return false;
	tracer->ended = is_end(r->event);
	return true;
}

/* Returns 1 when there has been enough. */
static int show(const struct nl_record *record, void *data)
{
	struct tracer *tracer = data;
	const struct args *args = tracer->args;
	int err = 0;

	if (!follow(tracer, &record->data))
		return 0;
	if (args->format == FORMAT_JSON)
		err = trace_json(stdout, record);
	else
		trace_print(stdout, record);
	if (err)
		return err;
	return tracer->ended || (args->count && ++tracer->shown >= args->count);
}

/* What was not told has to be: that something is not there proves nothing then. */
static void say_losses(const struct nl_trace *t, struct nl_trace *said)
{
	if (t->lost != said->lost)
		fprintf(stderr, "ctctl: too much happened to tell it all: %" PRIu64
			" records were lost so far\n", t->lost);
	if (t->missed != said->missed)
		fprintf(stderr, "ctctl: some things were not seen: %" PRIu64
			" calls of probed functions were missed so far\n", t->missed);
	said->lost = t->lost;
	said->missed = t->missed;
}

static int watch(struct nl *nl, struct nl_trace *t, const struct args *args)
{
	struct watch w;
	struct nl_trace said = {};
	int ret = watch_begin(&w, nl_trace_fd(nl), args->time);

	while (!ret) {
		ret = watch_wait(&w);
		if (ret)
			break;
		ret = nl_trace_read(nl);
		say_losses(t, &said);
	}
	watch_end(&w);
	return ret;
}

static int trace(struct nl *nl, const struct args *args)
{
	const char *reason = filter_has(&args->filter, WORD_REASON) ? args->filter.reason : NULL;
	struct tracer tracer = { .args = args };
	struct nl_trace t = { .fn = show, .data = &tracer };
	struct ctrack_trace_filter filter;
	const char *device;
	int ret;

	if (trace_request(&filter, &args->filter, &device))
		return usage_error("there is no device '%.64s', expected one of this namespace",
				   device);
	ret = nl_trace_open(nl, &t, &filter, reason, args->all);
	/* For people, who would wonder, and for scripts, which wait for it. */
	if (ret >= 0)
		fprintf(stderr, "ctctl: tracing\n");
	if (!ret)
		ret = watch(nl, &t, args);
	return ret < 0 ? nl_fail(nl, "tracing", ret) : EXIT_SUCCESS;
}

/**
 * trace_run - ctctl trace
 * @args: FILTER, the format and when to stop
 */
int trace_run(const struct args *args)
{
	struct nl *nl = nl_open();
	int ret;

	if (!nl)
		return EXIT_FAILURE;
	ret = trace(nl, args);
	nl_close(nl);
	return ret;
}
