/* SPDX-License-Identifier: GPL-2.0 */
/* watch.c APIs: waiting for what comes, until it is time to stop. */
#ifndef CTCTL_WATCH_H
#define CTCTL_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * @source: what is waited for; -1: nothing. @deadline: when to stop, ms; 0: never. @stopped: before
 * that.
 */
struct watch {
	int source;
	int signals;
	int64_t deadline;
	bool stopped;
};

int watch_begin(struct watch *w, int source, uint64_t seconds);
int watch_wait(struct watch *w);
void watch_end(struct watch *w);

#endif
