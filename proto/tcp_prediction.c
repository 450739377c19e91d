// SPDX-License-Identifier: GPL-2.0
/*
 * Header prediction: what most segments of a connection are is known before
 * they come, and takes less to see than to find out what else one could be. It
 * changes nothing in what becomes of a segment or of its connection. PURE:
 * compiled into ctrack.ko and into the userspace tests.
 */
#include "proto/proto.h"
#include "proto/tcp.h"

/* What tcp_segment_kind() looks at. */
#define KIND_FLAGS (TCP_SEGMENT_SYN | TCP_SEGMENT_FIN | TCP_SEGMENT_RST | \
		    TCP_SEGMENT_ACK)

/* Is the connection one of those whose next segments can be predicted? */
static inline bool is_predictable(const struct tcp_state *state)
{
	return state->state == TCP_CONNTRACK_ESTABLISHED && state->replied &&
	       state->last_kind == TCP_KIND_ACK &&
	       state->side[CTRACK_ORIGINAL].maxwin &&
	       state->side[CTRACK_REPLY].maxwin &&
	       !tcp_has_flag(state, IP_CT_TCP_FLAG_BE_LIBERAL);
}

/* Does it go on where its sender was, and acknowledge what is under way? */
static inline bool goes_on(const struct tcp_side *sender,
			   const struct tcp_side *receiver,
			   const struct tcp_segment *segment)
{
	return segment->seq == sender->end &&
	       !tcp_after(segment->seq, sender->maxend) &&
	       segment->payload <= receiver->maxwin &&
	       segment->sack == segment->ack &&
	       sender->flags & IP_CT_TCP_FLAG_MAXACK_SET &&
	       !tcp_after(sender->maxack, segment->ack) &&
	       receiver->end - segment->ack <= sender->maxwin;
}

/* As tcp_window_record() does. */
static inline void record(struct tcp_side *sender, struct tcp_side *receiver,
			  const struct tcp_segment *segment)
{
	const __u32 ack = segment->ack, payload = segment->payload;
	__u32 window = segment->window;

	sender->window = window;
	if (sender->flags & receiver->flags & IP_CT_TCP_FLAG_WINDOW_SCALE)
		window <<= sender->scale;
	if (!window)
		window = 1;
	if (window > sender->maxwin)
		sender->maxwin = window;

	sender->maxack = ack;
	if (tcp_after(ack + window, receiver->maxend))
		receiver->maxend = ack + window;
	if (ack == receiver->end)
		receiver->flags &= ~IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED;

	if (payload) {
		sender->end += payload;
		sender->flags |= IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED;
	}
}

/* An acknowledgment, with or without the next data, and no more to it? */
static inline bool is_predicted(const struct tcp_state *state,
				const struct tcp_segment *segment,
				enum ctrack_direction direction)
{
	return (segment->flags & KIND_FLAGS) == TCP_SEGMENT_ACK &&
	       is_predictable(state) &&
	       goes_on(&state->side[direction], &state->side[!direction],
		       segment);
}

/**
 * tcp_step - what a segment does to its connection
 * @state: what the connection remembers; changed, unless the segment is
 *	refused or opens the next connection
 * @segment: the segment
 * @direction: which way it goes
 * @options: of the namespace
 *
 * Return: what was decided.
 */
struct ctrack_step tcp_step(struct tcp_state *state,
			    const struct tcp_segment *segment,
			    enum ctrack_direction direction,
			    const struct ctrack_options *options)
{
	struct ctrack_step step;

	if (!is_predicted(state, segment, direction))
		return tcp_step_unpredicted(state, segment, direction, options);

	state->last_seq = segment->seq;
	state->last_ack = segment->ack;
	state->last_end = segment->seq + segment->payload;
	state->last_direction = direction;
	state->retransmissions = 0;
	record(&state->side[direction], &state->side[!direction], segment);

	step = ctrack_step_accept(CTRACK_TIMEOUT_TCP_ESTABLISHED, direction);
	if (!options->tcp_max_retrans)
		step.limit = CTRACK_TIMEOUT_TCP_MAX_RETRANS;
	else if (tcp_has_flag(state, IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED))
		step.limit = CTRACK_TIMEOUT_TCP_UNACKNOWLEDGED;
	step.assured = true;
	return step;
}
