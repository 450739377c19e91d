// SPDX-License-Identifier: GPL-2.0
/*
 * ctctl events: a line for each connection that comes, changes or goes, until told to stop. Lines
 * are numbered, and so are events that were lost: a gap is seen, and how wide it is. Which of
 * those that were lost the filter would have let through nobody knows.
 */
#include "nl.h"
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* So many, and a look whether to stop. */
#define EVENTS_AT_ONCE 1000

struct watch {
	const struct args *args;
	uint64_t shown;
	uint64_t seq;
	uint32_t lost;
	bool losing;
};

static const char *now(void)
{
	static char text[sizeof("23:59:59.999")];
	struct timespec ts;
	struct tm tm;
	size_t used;

	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	used = strftime(text, sizeof(text), "%H:%M:%S", &tm);
	snprintf(text + used, sizeof(text) - used, ".%03u", (unsigned int)(ts.tv_nsec / 1000000));
	return text;
}

/* Returns 1 when there has been enough. */
static int show(const struct nl_entry *e, void *data)
{
	struct watch *watch = data;
	const struct args *args = watch->args;
	int err = 0;

	if (!filter_match(&args->filter, &e->entry))
		return 0;
	watch->seq++;
	switch (args->format) {
	case FORMAT_JSON:
		err = print_json(stdout, &e->entry, watch->seq, e->event);
		break;
	case FORMAT_CONNTRACK:
		print_line(stdout, &e->entry, e->attr, e->event);
		break;
	default:
		print_event(stdout, e->event, &e->entry, now(), watch->seq);
	}
	if (err)
		return err;
	return args->count && ++watch->shown >= args->count;
}

/* What came before the gap has been shown. */
static int show_lost(struct nl *nl, struct watch *watch)
{
	uint32_t lost, all;
	int err = nl_lost(nl, &all);

	if (err)
		return err;
	lost = all - watch->lost;
	watch->lost = all;
	watch->losing = false;
	watch->seq += lost;
	fprintf(stderr, "ctctl: events came too fast and %" PRIu32 " were lost\n", lost);
	if (watch->args->format == FORMAT_JSON)
		print_json_lost(stdout, lost, watch->seq);
	return 0;
}

/* Takes what has come, or a part of much. Returns 1 when there has been enough. */
static int take_events(struct nl *nl, struct watch *watch)
{
	int ret, left = EVENTS_AT_ONCE;

	do {
		ret = nl_event(nl, show, watch);
		if (ret == -ENOBUFS) {
			watch->losing = true;
			ret = 0;
		}
	} while (!ret && --left);
	if (ret != -EAGAIN)
		return ret;
	return watch->losing ? show_lost(nl, watch) : 0;
}

/* To be told to stop is one more thing to wait for. Returns a file descriptor or -errno. */
static int catch_signals(void)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int watch_events(struct nl *nl, int events, int signals, const struct args *args)
{
	struct watch watch = { .args = args };
	struct pollfd fds[] = {
		{ .fd = events, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		/* Asked for nothing, it tells when its reader has gone. */
		{ .fd = STDOUT_FILENO },
	};
	int ret = 0;

	while (!ret) {
		if (poll(fds, 3, watch.losing ? 0 : -1) < 0)
			return -errno;
		if (fds[1].revents || fds[2].revents)
			return 0;
		ret = take_events(nl, &watch);
	}
	return ret > 0 ? 0 : ret;
}

/**
 * events_run - ctctl events
 * @args: FILTER, the format and after how many to stop
 */
int events_run(const struct args *args)
{
	int events, signals, err, ret = EXIT_SUCCESS;
	struct nl *nl = nl_open();

	if (!nl)
		return EXIT_FAILURE;
	signals = catch_signals();
	events = nl_listen(nl);
	if (signals < 0 || events < 0)
		err = signals < 0 ? signals : events;
	else
		err = watch_events(nl, events, signals, args);
	if (err)
		ret = nl_fail(nl, "listening to events", err);
	nl_close(nl);
	return ret;
}
