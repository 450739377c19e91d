/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracing: who wants to know opens a session, which puts kprobes on the
 * functions where something is decided. Their handlers write records into the
 * session's rings, and a work item sends them to the session's socket. Without
 * a session there is no probe.
 *
 * Handlers run in the middle of any function: they allocate nothing, and take
 * no lock but that of a ring's CPU, which is to turn interrupts off.
 */
#ifndef CTRACK_TRACE_H
#define CTRACK_TRACE_H

#include <net/genetlink.h>

#include "nf/uapi_trace.h"

struct ctrack_trace_ring;
struct ctrack_latency;
struct ctrack_latency_sum;

/**
 * struct ctrack_trace_losses - what a session is not told, since it began
 * @lost: records that found no room
 * @missed: calls of functions that it needs which could not be heard
 */
struct ctrack_trace_losses {
	u64 lost;
	u64 missed;
};

/* trace_session.c APIs: */
int ctrack_trace_init(void);
void ctrack_trace_exit(void);
int ctrack_trace_open(struct net *net, u32 portid,
		      const struct ctrack_trace_filter *filter, bool everywhere,
		      struct netlink_ext_ack *extack);
int ctrack_trace_measure(struct net *net, u32 portid,
			 struct ctrack_latency_sum *sum, u64 *missed,
			 struct netlink_ext_ack *extack);
u32 ctrack_trace_events(void);
bool ctrack_trace_timing(void);
void ctrack_trace_time(unsigned int point, u64 duration);
void ctrack_trace_tell(const struct net *net,
		       struct ctrack_trace_record *record);

/* trace_ring.c APIs: */
struct ctrack_trace_ring *ctrack_trace_ring_alloc(void);
void ctrack_trace_ring_free(struct ctrack_trace_ring *ring);
bool ctrack_trace_ring_put(struct ctrack_trace_ring *ring,
			   struct ctrack_trace_record *record);
const struct ctrack_trace_record *
ctrack_trace_ring_next(struct ctrack_trace_ring *ring);
void ctrack_trace_ring_taken(struct ctrack_trace_ring *ring);
void ctrack_trace_ring_again(struct ctrack_trace_ring *ring);
u64 ctrack_trace_ring_lost(const struct ctrack_trace_ring *ring);

/* trace_probe.c APIs, or those of trace_none.c where there are no kprobes: */
#define CTRACK_TRACE_POINTS	15

int ctrack_trace_probe_init(void);
void ctrack_trace_probe_exit(void);
int ctrack_trace_arm(u32 events, bool timing, struct netlink_ext_ack *extack);
void ctrack_trace_disarm(u32 events, bool timing);
const char *ctrack_trace_point_name(unsigned int point);
u64 ctrack_trace_missed(u32 events, bool timing);

/* trace_genl.c APIs: */
#define CTRACK_TRACE_OPERATIONS	3
extern const struct genl_ops ctrack_trace_operations[CTRACK_TRACE_OPERATIONS];
int ctrack_trace_send(struct net *net, u32 portid,
		      struct ctrack_trace_ring *ring,
		      const struct ctrack_trace_losses *losses, bool news);

#endif
