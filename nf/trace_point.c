// SPDX-License-Identifier: GPL-2.0
/*
 * Which functions are probed, and what their arguments and results tell.
 * Documentation/tracing.rst lists them with their arguments; change both
 * together.
 */

#include "nf/bucket.h"
#include "nf/hook.h"
#include "nf/nat_hook.h"
#include "nf/net.h"
#include "nf/probe_point.h"
#include "nf/refusal.h"
#include "nf/trace.h"
#include "nf/trace_point.h"
#include "nf/trace_record.h"

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

static void put_packet(struct ctrack_trace_call *call, const struct ctrack_packet *packet)
{
	call->skb = packet->skb;
	ctrack_trace_put_skb(&call->record, packet->skb);
	ctrack_trace_put_segment(&call->record, packet);
}

static bool packet_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
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

/*
 * An accepted packet has its connection; one that is refused leaves it as it
 * was; one that ended it is told as the packet that opens the next one.
 */
static bool packet_leave(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	struct ctrack_trace_record *record = &call->record;
	u8 before = record->before;

	if (RESULT(regs, u32) == CTRACK_RENEW)
		return false;
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
				 const struct ctrack_choice *choice,
				 enum ctrack_reason *reason));

static bool open_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	call->net = ARGUMENT(regs, 0, struct ctrack_net *)->net;
	put_packet(call, ARGUMENT(regs, 1, struct ctrack_packet *));
	return true;
}

NOKPROBE_SYMBOL(open_enter);

static bool put_attached(struct ctrack_trace_call *call)
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

static bool open_leave(struct pt_regs *regs, struct ctrack_trace_call *call)
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

static bool error_leave(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	if (RESULT(regs, u32) != CTRACK_ACCEPT || !put_attached(call))
		return false;
	call->record.event = CTRACK_TRACE_related;
	return true;
}

NOKPROBE_SYMBOL(error_leave);

/* --- ctrack_table_insert: a connection is put into the table */

IS_FUNCTION(ctrack_table_insert,
	    struct ctrack_conn *(struct ctrack_conn *conn, u32 original, bool mirrored,
				 enum ctrack_direction *direction));

static bool conn_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	call->conn = ARGUMENT(regs, 0, struct ctrack_conn *);
	call->net = ctrack_conn_net(call->conn);
	return true;
}

NOKPROBE_SYMBOL(conn_enter);

static bool insert_leave(struct pt_regs *regs, struct ctrack_trace_call *call)
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

static bool commit_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	return conn_enter(regs, call) && !ctrack_conn_committed(call->conn);
}

NOKPROBE_SYMBOL(commit_enter);

static bool commit_leave(struct pt_regs *regs, struct ctrack_trace_call *call)
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

static bool kill_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	conn_enter(regs, call);
	call->record.cause = ARGUMENT(regs, 1, u32);
	return true;
}

NOKPROBE_SYMBOL(kill_enter);

static bool kill_leave(struct pt_regs *regs, struct ctrack_trace_call *call)
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

/* --- ctrack_conn_destroy: the last reference to a connection is gone */

IS_FUNCTION(ctrack_conn_destroy, void (struct nf_conntrack *general));

static bool destroy_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	const struct ctrack_conn *conn =
		container_of(ARGUMENT(regs, 0, struct nf_conntrack *),
			     struct ctrack_conn, general);

	/* A template, one that was firm, or one that another was before. */
	if (test_bit(IPS_TEMPLATE_BIT, &conn->status) ||
	    ctrack_conn_committed(conn) || !READ_ONCE(conn->linked[CTRACK_ORIGINAL]))
		return false;
	ctrack_trace_put_conn(&call->record, conn);
	call->record.event = CTRACK_TRACE_forget;
	ctrack_trace_tell(ctrack_conn_net(conn), &call->record);
	return false;
}

NOKPROBE_SYMBOL(destroy_enter);

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

static bool refuse_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
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

static bool replace_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
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

static bool setup_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	conn_enter(regs, call);
	call->record.source = ARGUMENT(regs, 2, u32) == NF_NAT_MANIP_SRC;
	return !(READ_ONCE(call->conn->status) & nat_bit(call->record.source));
}

NOKPROBE_SYMBOL(setup_enter);

static bool setup_leave(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	if (!(READ_ONCE(call->conn->status) & nat_bit(call->record.source)))
		return false;
	ctrack_trace_put_conn(&call->record, call->conn);
	call->record.event = CTRACK_TRACE_bind;
	return true;
}

NOKPROBE_SYMBOL(setup_leave);

/*
 * --- ctrack_nat_search(struct ctrack_conn *conn, struct binding *binding,
 * struct ctrack_key *target, u32 *tries): a port is looked for. nat/bind.c sees
 * to the type.
 */

static bool search_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	call->tries = ARGUMENT(regs, 3, u32 *);
	return conn_enter(regs, call);
}

NOKPROBE_SYMBOL(search_enter);

static bool search_leave(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	int result = RESULT(regs, u32);

	/* It will go on. */
	if (result == -EAGAIN)
		return false;
	ctrack_trace_put_conn(&call->record, call->conn);
	call->record.value[0] = *call->tries;
	call->record.value[1] = result != 0;
	call->record.event = CTRACK_TRACE_search;
	return true;
}

NOKPROBE_SYMBOL(search_leave);

/*
 * --- ctrack_rewrite(struct sk_buff *skb, u8 family,
 * const struct ctrack_key *target, enum nf_nat_manip_type manip): a packet is
 * translated. nat/rewrite.c sees to the type.
 */

static bool rewrite_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
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

ctrack_probed void ctrack_trace_check(bool *heard)
{
	barrier_data(heard);
}

static bool check_enter(struct pt_regs *regs, struct ctrack_trace_call *call)
{
	*ARGUMENT(regs, 0, bool *) = true;
	return false;
}

NOKPROBE_SYMBOL(check_enter);

/* --- all of them */

#define EVENT(name)	BIT(CTRACK_TRACE_##name)

struct ctrack_trace_point ctrack_trace_points[CTRACK_TRACE_POINTS] = {
	{
		.name = "ctrack_trace_check",
		.enter = check_enter,
		.always = true,
	}, {
		.name = "ctrack_packet_parse",
		.timed = true,
	}, {
		.name = "ctrack_table_find_hashed",
		.timed = true,
	}, {
		.name = "ctrack_conn_packet",
		.events = EVENT(packet),
		.enter = packet_enter,
		.leave = packet_leave,
		.timed = true,
	}, {
		.name = "ctrack_conn_open",
		.events = EVENT(packet),
		.enter = open_enter,
		.leave = open_leave,
		.timed = true,
	}, {
		.name = "ctrack_conn_error",
		.events = EVENT(related),
		.enter = open_enter,
		.leave = error_leave,
		.timed = true,
	}, {
		.name = "ctrack_table_insert",
		.events = EVENT(create),
		.enter = conn_enter,
		.leave = insert_leave,
		.timed = true,
	}, {
		.name = "ctrack_conn_commit",
		.events = EVENT(commit),
		.enter = commit_enter,
		.leave = commit_leave,
		.timed = true,
	}, {
		.name = "ctrack_conn_kill",
		.events = EVENT(expire) | EVENT(evict) | EVENT(kill),
		.enter = kill_enter,
		.leave = kill_leave,
		.timed = true,
	}, {
		.name = "ctrack_conn_destroy",
		.events = EVENT(forget),
		.enter = destroy_enter,
	}, {
		.name = "ctrack_packet_refuse",
		.events = EVENT(invalid) | EVENT(drop),
		.enter = refuse_enter,
	}, {
		.name = "ctrack_table_replace",
		.events = EVENT(resize),
		.enter = replace_enter,
		.timed = true,
	}, {
		.name = "ctrack_nat_setup",
		.events = EVENT(bind),
		.enter = setup_enter,
		.leave = setup_leave,
		.timed = true,
		.elsewhere = true,
	}, {
		.name = "ctrack_nat_search",
		.events = EVENT(search),
		.enter = search_enter,
		.leave = search_leave,
		.timed = true,
		.elsewhere = true,
	}, {
		.name = "ctrack_rewrite",
		.events = EVENT(translate),
		.enter = rewrite_enter,
		.timed = true,
		.elsewhere = true,
	},
};
