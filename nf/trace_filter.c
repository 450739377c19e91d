// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack.ko and into the userspace tests. */
#include "nf/trace_filter.h"

static bool within_prefix(const struct ctrack_trace_prefix *prefix,
			  const __u8 *address)
{
	unsigned int i;

	for (i = 0; i < sizeof(prefix->address); i++)
		if ((prefix->address[i] ^ address[i]) & prefix->mask[i])
			return false;
	return true;
}

static bool within_range(const struct ctrack_trace_range *range, __be16 number)
{
	return ntohs(number) >= range->from && ntohs(number) <= range->to;
}

static bool has_ports(__u8 proto)
{
	const struct ctrack_key key = { .protonum = proto };

	return ctrack_key_has_ports(&key);
}

static enum ctrack_trace_states states_of(__u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return CTRACK_STATES_TCP;
	case IPPROTO_SCTP:
		return CTRACK_STATES_SCTP;
	case IPPROTO_DCCP:
		return CTRACK_STATES_DCCP;
	default:
		return CTRACK_STATES_OTHER;
	}
}

/* One way through: the original direction, or its mirror image. */
static bool match_flow(const struct ctrack_trace_filter *filter, __u8 proto,
		       const struct ctrack_trace_flow *flow, bool mirrored)
{
	const __u8 *src = mirrored ? flow->destination : flow->source;
	const __u8 *dst = mirrored ? flow->source : flow->destination;
	__be16 sport = mirrored ? flow->destination_id : flow->source_id;
	__be16 dport = mirrored ? flow->source_id : flow->destination_id;
	__u32 given = filter->given;

	if (given & CTRACK_FILTER_SRC && !within_prefix(&filter->src, src))
		return false;
	if (given & CTRACK_FILTER_DST && !within_prefix(&filter->dst, dst))
		return false;
	if (!(given & (CTRACK_FILTER_SPORT | CTRACK_FILTER_DPORT)))
		return true;
	if (!has_ports(proto))
		return false;
	return (!(given & CTRACK_FILTER_SPORT) ||
		within_range(&filter->sport, sport)) &&
	       (!(given & CTRACK_FILTER_DPORT) ||
		within_range(&filter->dport, dport));
}

#define OF_FLOW	(CTRACK_FILTER_PROTO | CTRACK_FILTER_FAMILY |		\
		 CTRACK_FILTER_SRC | CTRACK_FILTER_DST |		\
		 CTRACK_FILTER_SPORT | CTRACK_FILTER_DPORT)
#define OF_CONN	(CTRACK_FILTER_REPLY_SRC | CTRACK_FILTER_REPLY_DST |	\
		 CTRACK_FILTER_STATE | CTRACK_FILTER_STATUS |		\
		 CTRACK_FILTER_MARK | CTRACK_FILTER_ZONE | CTRACK_FILTER_NAT)

static bool match_conn(const struct ctrack_trace_filter *filter,
		       const struct ctrack_trace_record *record)
{
	__u32 given = filter->given;

	if (given & CTRACK_FILTER_REPLY_SRC &&
	    !within_prefix(&filter->reply_src, record->reply.source))
		return false;
	if (given & CTRACK_FILTER_REPLY_DST &&
	    !within_prefix(&filter->reply_dst, record->reply.destination))
		return false;
	if (given & CTRACK_FILTER_STATE &&
	    (record->state >= 32 ||
	     !(filter->states[states_of(record->proto)] & 1U << record->state)))
		return false;
	if (given & CTRACK_FILTER_STATUS &&
	    (record->status & filter->status_mask) != filter->status)
		return false;
	if (given & CTRACK_FILTER_MARK &&
	    (record->mark & filter->mark_mask) != filter->mark)
		return false;
	if (given & CTRACK_FILTER_ZONE && record->zone != filter->zone)
		return false;
	return !(given & CTRACK_FILTER_NAT) || record->status & filter->nat;
}

/**
 * ctrack_trace_match - does a session want to be told of this?
 * @filter: what it wants; a word about what a record does not have is not met
 * @record: what happened
 *
 * Return: true when it does.
 */
bool ctrack_trace_match(const struct ctrack_trace_filter *filter,
			const struct ctrack_trace_record *record)
{
	__u32 given = filter->given;
	__u8 proto = record->proto;

	if (!(filter->events & 1U << record->event))
		return false;
	if (given & CTRACK_FILTER_REASON && record->reason != filter->reason)
		return false;
	if (given & CTRACK_FILTER_IIF && record->iif != filter->iif)
		return false;
	if (given & CTRACK_FILTER_OIF && record->oif != filter->oif)
		return false;
	if (given & OF_FLOW && !(record->has & CTRACK_TRACE_HAS_FLOW))
		return false;
	if (given & OF_CONN && !(record->has & CTRACK_TRACE_HAS_CONN))
		return false;
	if (given & CTRACK_FILTER_PROTO && proto != filter->proto)
		return false;
	if (given & CTRACK_FILTER_FAMILY && record->family != filter->family)
		return false;
	if (!match_flow(filter, proto, &record->orig, false) &&
	    (record->has & CTRACK_TRACE_HAS_CONN ||
	     !match_flow(filter, proto, &record->orig, true)))
		return false;
	return !(given & OF_CONN) || match_conn(filter, record);
}
