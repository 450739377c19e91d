// SPDX-License-Identifier: GPL-2.0
/*
 * What either side of a TCP connection has sent and may send, as seen from its
 * middle. PURE: compiled into ctrack.ko and into the userspace tests.
 */
#include "proto/tcp.h"

/* RFC 9293 section 3.8.6.1 has a zero window probed with one octet. */
static __u32 at_least_one(__u32 window)
{
	return window ? window : 1;
}

/* Scaling needs the option in the SYNs of both: RFC 7323 section 1.3. */
static void agree_on_scale(struct tcp_side *one, struct tcp_side *other)
{
	if (one->flags & other->flags & IP_CT_TCP_FLAG_WINDOW_SCALE)
		return;
	one->scale = 0;
	other->scale = 0;
}

/* @sender starts, or starts again, with a SYN. */
static void start_side(struct tcp_side *sender, struct tcp_side *receiver,
		       const struct tcp_segment *segment)
{
	*sender = (struct tcp_side) {
		.end = tcp_segment_end(segment),
		.maxend = tcp_segment_end(segment),
		.window = segment->window,
		.scale = segment->scale,
		.flags = sender->flags & IP_CT_TCP_FLAG_BE_LIBERAL,
	};
	if (segment->scale_present)
		sender->flags |= IP_CT_TCP_FLAG_WINDOW_SCALE;
	if (segment->sack_permitted)
		sender->flags |= IP_CT_TCP_FLAG_SACK_PERM;
	if (receiver->maxwin)
		agree_on_scale(sender, receiver);
}

/* @sender's first segment that we see is in mid-stream. */
static void pick_up_side(struct tcp_side *sender, struct tcp_side *receiver,
			 const struct tcp_segment *segment)
{
	__u32 window = (__u32)segment->window << sender->scale;

	sender->end = tcp_segment_end(segment);
	sender->maxend = sender->end + at_least_one(window);
	if (!receiver->maxwin) {
		receiver->end = segment->sack;
		receiver->maxend = segment->sack;
	}
}

static void record_acknowledgment(struct tcp_side *sender,
				  struct tcp_side *receiver,
				  const struct tcp_segment *segment,
				  __u32 window)
{
	__u32 maxend = segment->sack + at_least_one(window);

	if (!(sender->flags & IP_CT_TCP_FLAG_MAXACK_SET) ||
	    tcp_after(segment->ack, sender->maxack))
		sender->maxack = segment->ack;
	sender->flags |= IP_CT_TCP_FLAG_MAXACK_SET;

	if (tcp_after(maxend, receiver->maxend))
		receiver->maxend = maxend;
}

/**
 * tcp_window_record - what a segment says about what either side may send
 * @state: what the connection remembers
 * @segment: a segment that is believed
 * @direction: which way it goes
 *
 * A reset says nothing: it offers no window, and what it acknowledges is often
 * made up.
 */
void tcp_window_record(struct tcp_state *state,
		       const struct tcp_segment *segment,
		       enum ctrack_direction direction)
{
	struct tcp_side *sender = &state->side[direction];
	struct tcp_side *receiver = &state->side[!direction];
	__u32 window = segment->window;
	__u32 reach;

	if (segment->flags & TCP_SEGMENT_RST)
		return;

	if (segment->flags & TCP_SEGMENT_SYN) {
		/* RFC 7323 section 2.2: a SYN's own window is not scaled. */
		if (!sender->maxwin || sender->end != tcp_segment_end(segment))
			start_side(sender, receiver, segment);
	} else {
		if (!sender->maxwin)
			pick_up_side(sender, receiver, segment);
		window <<= sender->scale;
	}

	if (segment->flags & TCP_SEGMENT_ACK)
		record_acknowledgment(sender, receiver, segment, window);

	reach = at_least_one(window);
	if (segment->flags & TCP_SEGMENT_ACK)
		reach += segment->sack - segment->ack;
	if (reach > sender->maxwin)
		sender->maxwin = reach;
	if (tcp_after(tcp_segment_end(segment), sender->end))
		sender->end = tcp_segment_end(segment);
}

/**
 * tcp_window_restart - the connection starts again with its last segment
 * @state: what the connection remembers; the last segment was a SYN
 *
 * What was known of both sides is of a connection that they have forgotten.
 */
void tcp_window_restart(struct tcp_state *state)
{
	const struct tcp_segment syn = {
		.seq = state->last_seq,
		.payload = state->last_end - state->last_seq - 1,
		.flags = TCP_SEGMENT_SYN,
		.window = state->side[state->last_direction].window,
		.scale = state->last_scale,
		.scale_present = state->last_scaling,
		.sack_permitted = state->last_sack,
	};
	unsigned int i;

	for (i = 0; i < CTRACK_DIRECTIONS; i++)
		state->side[i] = (struct tcp_side) {
			.window = state->side[i].window,
			.flags = state->side[i].flags &
				 IP_CT_TCP_FLAG_BE_LIBERAL,
		};
	tcp_window_record(state, &syn, state->last_direction);
}
