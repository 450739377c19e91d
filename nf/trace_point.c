// SPDX-License-Identifier: GPL-2.0
/*
 * The probes: which functions are probed, and what their arguments and results
 * tell. Each is a kretprobe. What is known when a function is called waits in
 * the probe's instance for its return; where that is all there is, the return
 * is not waited for.
 *
 * Documentation/tracing.rst lists these functions with their arguments. Change
 * both together.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "nf/bucket.h"
#include "nf/hook.h"
#include "nf/nat_hook.h"
#include "nf/net.h"
#include "nf/probe_point.h"
#include "nf/refusal.h"
#include "nf/trace.h"
#include "nf/trace_record.h"

/* Calls of one function that may be under way at once; more are missed. */
#define CALLS_MAX	256

/**
 * struct call - a call of a probed function
 * @net: where
 * @conn: the connection that it is about, if it is given one
 * @skb: the packet, if there is one
 * @reason: where the function will tell why it refused
 * @record: what is known so far
 */
struct call {
	const struct net *net;
	const struct ctrack_conn *conn;
	const struct sk_buff *skb;
	const enum ctrack_reason *reason;
	struct ctrack_trace_record record;
};

/**
 * struct point - a probed function
 * @name: its name
 * @events: bits by enum ctrack_trace_event: what it can tell
 * @enter: reads the arguments; true: the return is of interest
 * @leave: reads the result; true: there is something to tell
 * @elsewhere: it is not in this module, which may be loaded without it
 * @users: sessions that want any of @events; under points_mutex
 * @armed: @probe is registered; under points_mutex
 * @missed: calls that could not be heard, up to the last time it was disarmed
 * @probe: the kretprobe
 */
struct point {
	const char *name;
	u32 events;
	bool (*enter)(struct pt_regs *regs, struct call *call);
	bool (*leave)(struct pt_regs *regs, struct call *call);
	bool elsewhere;
	unsigned int users;
	bool armed;
	u64 missed;
	struct kretprobe probe;
};

static DEFINE_MUTEX(points_mutex);

/* Arguments are what the calling convention says, and no more: see casts. */
#define ARGUMENT(regs, n, type)	((type)regs_get_kernel_argument(regs, n))
#define RESULT(regs, type)	((type)regs_return_value(regs))

#define IS_FUNCTION(name, type...) static_assert(__same_type(name, type))

/* --- ctrack_conn_packet: a packet goes through its connection's protocol */

IS_FUNCTION(ctrack_conn_packet,
	    enum ctrack_verdict (struct ctrack_net *cn, struct ctrack_conn *conn,
				 struct ctrack_packet *packet,
				 enum ctrack_direction direction,
				 enum ctrack_reason *reason));

static void put_packet(struct call *call, const struct ctrack_packet *packet)
{
	call->skb = packet->skb;
	ctrack_trace_put_skb(&call->record, packet->skb);
	ctrack_trace_put_segment(&call->record, packet);
}

static bool packet_enter(struct pt_regs *regs, struct call *call)
{
	call->net = ARGUMENT(regs, 0, struct ctrack_net *)->net;
	call->conn = ARGUMENT(regs, 1, struct ctrack_conn *);
	call->reason = ARGUMENT(regs, 4, enum ctrack_reason *);
	ctrack_trace_put_conn(&call->record, call->conn);
	put_packet(call, ARGUMENT(regs, 2, struct ctrack_packet *));
	call->record.direction = ARGUMENT(regs, 3, u32);
	return true;
}
NOKPROBE_SYMBOL(packet_enter);

/* An accepted packet has its connection; one that is refused leaves it as it was. */
static bool packet_leave(struct pt_regs *regs, struct call *call)
{
	struct ctrack_trace_record *record = &call->record;
	u8 before = record->before;

	record->event = CTRACK_TRACE_packet;
	if (RESULT(regs, u32) == CTRACK_ACCEPT) {
		ctrack_trace_put_conn(record, call->conn);
		record->before = before;
		return true;
	}
	record->reason = *call->reason;
	record->dropped = RESULT(regs, u32) != CTRACK_INVALID;
	return true;
}
NOKPROBE_SYMBOL(packet_leave);

/* --- ctrack_conn_open: the same for the packet that opens it */

IS_FUNCTION(ctrack_conn_open,
	    enum ctrack_verdict (struct ctrack_net *cn,
				 struct ctrack_packet *packet,
				 const struct nf_conntrack_zone *zone,
				 enum ctrack_reason *reason));

static bool open_enter(struct pt_regs *regs, struct call *call)
{
	call->net = ARGUMENT(regs, 0, struct ctrack_net *)->net;
	put_packet(call, ARGUMENT(regs, 1, struct ctrack_packet *));
	return true;
}
NOKPROBE_SYMBOL(open_enter);

static bool put_attached(struct call *call)
{
	enum ip_conntrack_info ctinfo;
	const struct ctrack_conn *conn = ctrack_conn_of(call->skb, &ctinfo);

	if (!conn)
		return false;
	call->net = ctrack_conn_net(conn);
	ctrack_trace_put_conn(&call->record, conn);
	call->record.direction = ctrack_direction_of(ctinfo);
	return true;
}

static bool open_leave(struct pt_regs *regs, struct call *call)
{
	if (RESULT(regs, u32) != CTRACK_ACCEPT || !put_attached(call))
		return false;
	call->record.before = 0;
	call->record.event = CTRACK_TRACE_packet;
	return true;
}
NOKPROBE_SYMBOL(open_leave);

/* --- ctrack_conn_error: an ICMP error looks for its connection */

IS_FUNCTION(ctrack_conn_error,
	    enum ctrack_verdict (struct ctrack_net *cn,
				 struct ctrack_packet *packet,
				 const struct nf_conntrack_zone *zone,
				 enum ctrack_reason *reason));

static bool error_leave(struct pt_regs *regs, struct call *call)
{
	if (RESULT(regs, u32) != CTRACK_ACCEPT || !put_attached(call))
		return false;
	call->record.event = CTRACK_TRACE_related;
	return true;
}
NOKPROBE_SYMBOL(error_leave);

/* --- ctrack_table_insert: a connection is put into the table */

IS_FUNCTION(ctrack_table_insert,
	    struct ctrack_conn *(struct ctrack_conn *conn,
				 enum ctrack_direction *direction));

static bool conn_enter(struct pt_regs *regs, struct call *call)
{
	call->conn = ARGUMENT(regs, 0, struct ctrack_conn *);
	call->net = ctrack_conn_net(call->conn);
	return true;
}
NOKPROBE_SYMBOL(conn_enter);

static bool insert_leave(struct pt_regs *regs, struct call *call)
{
	if (RESULT(regs, struct ctrack_conn *) != call->conn)
		return false;
	ctrack_trace_put_conn(&call->record, call->conn);
	call->record.event = CTRACK_TRACE_create;
	return true;
}
NOKPROBE_SYMBOL(insert_leave);

/* --- ctrack_conn_commit: a connection becomes firm */

IS_FUNCTION(ctrack_conn_commit, bool (struct ctrack_conn *conn));

static bool commit_enter(struct pt_regs *regs, struct call *call)
{
	return conn_enter(regs, call) && !ctrack_conn_committed(call->conn);
}
NOKPROBE_SYMBOL(commit_enter);

static bool commit_leave(struct pt_regs *regs, struct call *call)
{
	if (!(RESULT(regs, unsigned long) & 0xff))
		return false;
	ctrack_trace_put_conn(&call->record, call->conn);
	call->record.event = CTRACK_TRACE_commit;
	return true;
}
NOKPROBE_SYMBOL(commit_leave);

/* --- ctrack_conn_kill: a connection ends */

IS_FUNCTION(ctrack_conn_kill,
	    bool (struct ctrack_conn *conn, enum ctrack_cause cause, u32 portid,
		  bool report));

static bool kill_enter(struct pt_regs *regs, struct call *call)
{
	conn_enter(regs, call);
	call->record.cause = ARGUMENT(regs, 1, u32);
	return true;
}
NOKPROBE_SYMBOL(kill_enter);

static bool kill_leave(struct pt_regs *regs, struct call *call)
{
	struct ctrack_trace_record *record = &call->record;

	if (!(RESULT(regs, unsigned long) & 0xff))
		return false;
	ctrack_trace_put_conn(record, call->conn);
	record->has |= CTRACK_TRACE_HAS_CAUSE;
	switch (record->cause) {
	case CTRACK_CAUSE_expired:
		record->event = CTRACK_TRACE_expire;
		break;
	case CTRACK_CAUSE_evicted:
		record->event = CTRACK_TRACE_evict;
		break;
	default:
		record->event = CTRACK_TRACE_kill;
	}
	return true;
}
NOKPROBE_SYMBOL(kill_leave);

/* --- ctrack_packet_refuse: a packet is invalid or is dropped */

IS_FUNCTION(ctrack_packet_refuse,
	    void (const struct nf_hook_state *state, struct sk_buff *skb,
		  const struct ctrack_packet *packet, enum ctrack_reason reason,
		  bool dropped));

static void put_ifindex(u32 *ifindex, const struct net_device *device)
{
	if (device)
		*ifindex = device->ifindex;
}

static bool refuse_enter(struct pt_regs *regs, struct call *call)
{
	const struct nf_hook_state *state = ARGUMENT(regs, 0, void *);
	const struct ctrack_packet *packet = ARGUMENT(regs, 2, void *);
	struct ctrack_trace_record *record = &call->record;

	call->net = state->net;
	call->skb = ARGUMENT(regs, 1, struct sk_buff *);
	ctrack_trace_put_skb(record, call->skb);
	put_ifindex(&record->iif, state->in);
	put_ifindex(&record->oif, state->out);
	if (packet)
		ctrack_trace_put_key(record, &packet->key);
	else
		put_attached(call);
	record->reason = ARGUMENT(regs, 3, u32);
	record->dropped = ARGUMENT(regs, 4, u8);
	record->event = record->dropped ? CTRACK_TRACE_drop : CTRACK_TRACE_invalid;
	ctrack_trace_tell(call->net, record);
	return false;
}
NOKPROBE_SYMBOL(refuse_enter);

/* --- ctrack_table_replace: the table gets another size */

IS_FUNCTION(ctrack_table_replace,
	    void (struct ctrack_net *cn, struct ctrack_table *from,
		  struct ctrack_table *to));

static bool replace_enter(struct pt_regs *regs, struct call *call)
{
	call->net = ARGUMENT(regs, 0, struct ctrack_net *)->net;
	call->record.event = CTRACK_TRACE_resize;
	call->record.value[0] = 1U << ARGUMENT(regs, 1, struct ctrack_table *)->order;
	call->record.value[1] = 1U << ARGUMENT(regs, 2, struct ctrack_table *)->order;
	ctrack_trace_tell(call->net, &call->record);
	return false;
}
NOKPROBE_SYMBOL(replace_enter);

/*
 * --- ctrack_nat_setup(struct ctrack_conn *conn,
 * const struct nf_nat_range2 *range, enum nf_nat_manip_type manip): a
 * translation is bound to a connection. nat/bind.c sees to the type.
 */

static unsigned long nat_bit(bool source)
{
	return source ? IPS_SRC_NAT : IPS_DST_NAT;
}

static bool setup_enter(struct pt_regs *regs, struct call *call)
{
	conn_enter(regs, call);
	call->record.source = ARGUMENT(regs, 2, u32) == NF_NAT_MANIP_SRC;
	return !(READ_ONCE(call->conn->status) & nat_bit(call->record.source));
}
NOKPROBE_SYMBOL(setup_enter);

static bool setup_leave(struct pt_regs *regs, struct call *call)
{
	if (!(READ_ONCE(call->conn->status) & nat_bit(call->record.source)))
		return false;
	ctrack_trace_put_conn(&call->record, call->conn);
	call->record.event = CTRACK_TRACE_bind;
	return true;
}
NOKPROBE_SYMBOL(setup_leave);

/*
 * --- ctrack_rewrite(struct sk_buff *skb, u8 family,
 * const struct ctrack_key *target, enum nf_nat_manip_type manip): a packet is
 * translated. nat/rewrite.c sees to the type.
 */

static bool rewrite_enter(struct pt_regs *regs, struct call *call)
{
	struct ctrack_trace_record *record = &call->record;

	call->skb = ARGUMENT(regs, 0, struct sk_buff *);
	ctrack_trace_put_skb(record, call->skb);
	if (!put_attached(call))
		return false;
	ctrack_trace_put_target(record, ARGUMENT(regs, 2, struct ctrack_key *));
	record->source = ARGUMENT(regs, 3, u32) == NF_NAT_MANIP_SRC;
	record->event = CTRACK_TRACE_translate;
	ctrack_trace_tell(call->net, record);
	return false;
}
NOKPROBE_SYMBOL(rewrite_enter);

/*
 * --- ctrack_trace_check(bool *heard): are probes heard at all? Somebody may
 * have turned them off, all together.
 */

ctrack_probed void ctrack_trace_check(bool *heard);
ctrack_probed void ctrack_trace_check(bool *heard)
{
	barrier_data(heard);
}

static bool check_enter(struct pt_regs *regs, struct call *call)
{
	*ARGUMENT(regs, 0, bool *) = true;
	return false;
}
NOKPROBE_SYMBOL(check_enter);

/* --- all of them */

#define EVENT(name)	BIT(CTRACK_TRACE_##name)
#define ALL		(BIT(CTRACK_TRACE_EVENT_COUNT) - 1)

static struct point points[] = {
	{
		.name = "ctrack_trace_check",
		.events = ALL,
		.enter = check_enter,
	}, {
		.name = "ctrack_conn_packet",
		.events = EVENT(packet),
		.enter = packet_enter,
		.leave = packet_leave,
	}, {
		.name = "ctrack_conn_open",
		.events = EVENT(packet),
		.enter = open_enter,
		.leave = open_leave,
	}, {
		.name = "ctrack_conn_error",
		.events = EVENT(related),
		.enter = open_enter,
		.leave = error_leave,
	}, {
		.name = "ctrack_table_insert",
		.events = EVENT(create),
		.enter = conn_enter,
		.leave = insert_leave,
	}, {
		.name = "ctrack_conn_commit",
		.events = EVENT(commit),
		.enter = commit_enter,
		.leave = commit_leave,
	}, {
		.name = "ctrack_conn_kill",
		.events = EVENT(expire) | EVENT(evict) | EVENT(kill),
		.enter = kill_enter,
		.leave = kill_leave,
	}, {
		.name = "ctrack_packet_refuse",
		.events = EVENT(invalid) | EVENT(drop),
		.enter = refuse_enter,
	}, {
		.name = "ctrack_table_replace",
		.events = EVENT(resize),
		.enter = replace_enter,
	}, {
		.name = "ctrack_nat_setup",
		.events = EVENT(bind),
		.enter = setup_enter,
		.leave = setup_leave,
		.elsewhere = true,
	}, {
		.name = "ctrack_rewrite",
		.events = EVENT(translate),
		.enter = rewrite_enter,
		.elsewhere = true,
	},
};

static const struct point *point_of(struct kretprobe_instance *instance)
{
	const struct kretprobe *probe = get_kretprobe(instance);

	return probe ? container_of(probe, struct point, probe) : NULL;
}
NOKPROBE_SYMBOL(point_of);

/* Not 0: the return is not waited for. */
static int enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct point *point = point_of(instance);
	struct call *call = (struct call *)instance->data;

	if (!point)
		return 1;
	*call = (struct call){};
	return !point->enter(regs, call);
}
NOKPROBE_SYMBOL(enter);

static int leave(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct point *point = point_of(instance);
	struct call *call = (struct call *)instance->data;

	if (point && point->leave(regs, call))
		ctrack_trace_tell(call->net, &call->record);
	return 0;
}
NOKPROBE_SYMBOL(leave);

/* The following have points_mutex held. */

static int arm(struct point *point)
{
	int err;

	point->probe = (struct kretprobe) {
		.kp.symbol_name = point->name,
		.entry_handler = enter,
		.handler = point->leave ? leave : NULL,
		.data_size = sizeof(struct call),
		.maxactive = CALLS_MAX,
	};
	err = register_kretprobe(&point->probe);
	point->armed = !err;
	/* It is probed as soon as its module is loaded. */
	return err == -ENOENT && point->elsewhere ? 0 : err;
}

static void disarm(struct point **armed, unsigned int count)
{
	struct kretprobe *probes[ARRAY_SIZE(points)];
	unsigned int i;

	for (i = 0; i < count; i++)
		probes[i] = &armed[i]->probe;
	unregister_kretprobes(probes, count);
	for (i = 0; i < count; i++) {
		armed[i]->armed = false;
		armed[i]->missed += probes[i]->nmissed + probes[i]->kp.nmissed;
	}
}

static int use(u32 events, struct netlink_ext_ack *extack)
{
	struct point *point;
	int err, result = 0;

	for (point = points; point < points + ARRAY_SIZE(points); point++) {
		if (!(point->events & events))
			continue;
		if (point->users++ || result)
			continue;
		err = arm(point);
		if (!err)
			continue;
		NL_SET_ERR_MSG(extack, "a function can't be probed, see the kernel's log");
		pr_warn("%s can't be probed: %d\n", point->name, err);
		result = err;
	}
	return result;
}

static void unuse(u32 events)
{
	struct point *gone[ARRAY_SIZE(points)];
	unsigned int count = 0;
	struct point *point;

	for (point = points; point < points + ARRAY_SIZE(points); point++)
		if (point->events & events && !--point->users && point->armed)
			gone[count++] = point;
	if (count)
		disarm(gone, count);
}

/**
 * ctrack_trace_arm - put probes on what tells these events
 * @events: bits by enum ctrack_trace_event
 * @extack: for what goes wrong
 *
 * Return: 0 or -errno.
 * Context: process.
 */
int ctrack_trace_arm(u32 events, struct netlink_ext_ack *extack)
{
	bool heard = false;
	int err;

	mutex_lock(&points_mutex);
	err = use(events, extack);
	ctrack_trace_check(&heard);
	if (!err && !heard) {
		NL_SET_ERR_MSG(extack, "kprobes are turned off, see /sys/kernel/debug/kprobes/enabled");
		err = -EOPNOTSUPP;
	}
	if (err)
		unuse(events);
	mutex_unlock(&points_mutex);
	return err;
}

/**
 * ctrack_trace_disarm - take back what ctrack_trace_arm() did
 * @events: as they were given to it
 *
 * Context: process. When it returns no handler of these is running.
 */
void ctrack_trace_disarm(u32 events)
{
	mutex_lock(&points_mutex);
	unuse(events);
	mutex_unlock(&points_mutex);
}

/**
 * ctrack_trace_missed - how often was a probe met that could not be heard?
 *
 * Because another one was being heard on that CPU, or CALLS_MAX calls of its
 * function were under way.
 *
 * Return: the number since the module was loaded.
 */
u64 ctrack_trace_missed(void)
{
	const struct point *point;
	u64 missed = 0;

	for (point = points; point < points + ARRAY_SIZE(points); point++) {
		missed += READ_ONCE(point->missed);
		if (READ_ONCE(point->armed))
			missed += READ_ONCE(point->probe.nmissed) +
				  READ_ONCE(point->probe.kp.nmissed);
	}
	return missed;
}
