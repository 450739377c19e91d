/* SPDX-License-Identifier: GPL-2.0 */
/* The functions that are probed, for trace_probe.c. */
#ifndef CTRACK_TRACE_POINT_H
#define CTRACK_TRACE_POINT_H

#include <linux/kprobes.h>

#include "nf/conn.h"
#include "nf/trace.h"
#include "nf/uapi_trace.h"

/**
 * struct ctrack_trace_call - a call of a probed function
 * @began: when, ns; only differences count
 * @told: its return may have something to tell
 * @net: where
 * @conn: the connection that it is about, if it is given one
 * @skb: the packet, if there is one
 * @reason: where the function will tell why it refused
 * @tries: where it counts what it tries
 * @record: what is known so far
 */
struct ctrack_trace_call {
	u64 began;
	bool told;
	const struct net *net;
	const struct ctrack_conn *conn;
	const struct sk_buff *skb;
	const enum ctrack_reason *reason;
	const u32 *tries;
	struct ctrack_trace_record record;
};

/**
 * struct ctrack_trace_point - a probed function
 * @name: its name
 * @events: bits by enum ctrack_trace_event: what it can tell
 * @enter: reads the arguments; true: the return is of interest
 * @leave: reads the result; true: there is something to tell
 * @elsewhere: it is in ctrack_nat, which may not be there
 * @timed: `ctctl latency` measures it
 * @always: it is needed by every session, and tells nothing
 * @users: sessions that need it; under points_mutex
 * @armed: @probe is registered; written under points_mutex and missed_lock
 * @missed: calls that could not be heard, up to the last time it was disarmed;
 *	under missed_lock
 * @probe: the kretprobe
 */
struct ctrack_trace_point {
	const char *name;
	u32 events;
	bool (*enter)(struct pt_regs *regs, struct ctrack_trace_call *call);
	bool (*leave)(struct pt_regs *regs, struct ctrack_trace_call *call);
	bool elsewhere;
	bool timed;
	bool always;
	unsigned int users;
	bool armed;
	u64 missed;
	struct kretprobe probe;
};

extern struct ctrack_trace_point ctrack_trace_points[CTRACK_TRACE_POINTS];

void ctrack_trace_check(bool *heard);

#endif
