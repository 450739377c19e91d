// SPDX-License-Identifier: GPL-2.0
/* Waiting for what comes, until somebody says stop, nobody reads any more, or the time is over. */
#include "watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/**
 * watch_begin - be ready to wait
 * @w: filled in; ended by watch_end() in any case
 * @source: a file descriptor
 * @seconds: for how long in all, 0: for ever
 *
 * Return: 0 or -errno.
 */
int watch_begin(struct watch *w, int source, uint64_t seconds)
{
	sigset_t signals;

	w->source = source;
	w->stopped = false;
	w->deadline = seconds ? now() + (int64_t)seconds * 1000 : 0;
	/* To be told to stop is one more thing to wait for. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	w->signals = signalfd(-1, &signals, SFD_CLOEXEC);
	return w->signals < 0 ? -errno : 0;
}

static int time_left(const struct watch *w)
{
	int64_t left = w->deadline - now();

	if (!w->deadline)
		return -1;
	if (left < 0)
		return 0;
	return left < INT_MAX ? left : INT_MAX;
}

/**
 * watch_wait - wait until the source has something
 * @w: after watch_begin()
 *
 * Return: 0 when it has, 1 when it is time to stop, or -errno.
 */
int watch_wait(struct watch *w)
{
	struct pollfd fds[] = {
		{ .fd = w->source, .events = POLLIN },
		{ .fd = w->signals, .events = POLLIN },
		/* Asked for nothing, it tells when its reader has gone. */
		{ .fd = STDOUT_FILENO },
	};
	int n = poll(fds, 3, time_left(w));

	if (n < 0)
		return -errno;
	w->stopped = fds[1].revents || fds[2].revents;
	/* A source that always has something does not make the time longer. */
	return !n || w->stopped || !time_left(w);
}

/**
 * watch_end - let go of what watch_begin() took
 * @w: it
 */
void watch_end(struct watch *w)
{
	if (w->signals >= 0)
		close(w->signals);
}
