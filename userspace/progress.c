// SPDX-License-Identifier: GPL-2.0
/*
 * People who wait more than a second see on their terminal that something is happening, and may
 * interrupt it; what was begun is cleaned up then.
 */
#include "progress.h"
#include "array.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static time_t begin, last;
static int signalled;

/**
 * progress_show - how far it has come
 * @doing: what, "deleting"
 * @done: how many are done
 * @count: of how many; 0 when nobody knows
 */
void progress_show(const char *doing, size_t done, size_t count)
{
	struct timespec now;

	/* A look at the clock costs as much as what is being done. */
	if (done % 64 || !isatty(STDERR_FILENO))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!begin) {
		begin = now.tv_sec;
		last = begin + 1;
	}
	if (now.tv_sec <= last)
		return;
	last = now.tv_sec;
	if (count)
		fprintf(stderr, "\r%s %zu of %zu", doing, done, count);
	else
		fprintf(stderr, "\r%s %zu", doing, done);
}

/**
 * progress_end - it is done: take away what was shown
 */
void progress_end(void)
{
	if (begin && last > begin + 1)
		fprintf(stderr, "\r\033[K");
	begin = 0;
}

static void note(int number)
{
	__atomic_store_n(&signalled, number, __ATOMIC_RELAXED);
}

/**
 * interrupt_catch - from now on a signal to end is only noted
 */
void interrupt_catch(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
}

/**
 * interrupted - whether there was one
 */
bool interrupted(void)
{
	return __atomic_load_n(&signalled, __ATOMIC_RELAXED);
}
