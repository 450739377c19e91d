// SPDX-License-Identifier: GPL-2.0
/*
 * Which resets are believed. PURE: compiled into ctrack.ko and into the
 * userspace tests.
 *
 * A reset is easy to forge and ends a connection for good, so its receiver
 * believes it only where the sequence number is exactly the next one (RFC 5961
 * section 3.2). In between we know nearly what the receiver knows: what it has
 * acknowledged, and what was sent since.
 */
#include "proto/proto.h"
#include "proto/tcp.h"

/*
 * A segment passed that we did not believe, and its receiver does not know
 * either (RFC 9293 section 3.5.2, groups 1 and 2: the reset's sequence number
 * is what that one acknowledged).
 */
static bool refuses_last(const struct tcp_state *state,
			 const struct tcp_segment *segment,
			 enum ctrack_direction direction)
{
	return (state->last_kind == TCP_KIND_ACK ||
		state->last_kind == TCP_KIND_FIN ||
		state->last_kind == TCP_KIND_SYNACK) &&
	       state->last_direction != direction &&
	       segment->seq == state->last_ack;
}

/*
 * Refuses a SYN that passed in the middle of the connection, or the one that
 * opens it: its sender believes that as long as it has no SYN/ACK.
 */
static bool refuses_syn(const struct tcp_state *state,
			const struct tcp_segment *segment,
			enum ctrack_direction direction)
{
	if (!(segment->flags & TCP_SEGMENT_ACK))
		return false;
	return (state->last_kind == TCP_KIND_SYN &&
		state->last_direction != direction &&
		segment->ack == state->last_end) ||
	       (state->state == TCP_CONNTRACK_SYN_RECV &&
		segment->ack == state->side[!direction].end);
}

/* RFC 9293 section 3.10.7.3: it has to acknowledge the SYN, or follow one. */
static enum tcp_reset_effect effect_on_opening(const struct tcp_state *state,
					       const struct tcp_segment *segment,
					       enum ctrack_direction direction)
{
	const struct tcp_side *sender = &state->side[direction];

	/* It was restored: nobody knows what the SYN's number was. */
	if (!state->side[CTRACK_ORIGINAL].maxwin &&
	    !state->side[CTRACK_REPLY].maxwin)
		return TCP_RESET_ENDS;
	if ((segment->flags & TCP_SEGMENT_ACK &&
	     tcp_window_syn_acknowledged(state, segment, direction)) ||
	    (sender->maxwin && segment->seq == sender->end))
		return TCP_RESET_ENDS;
	return refuses_last(state, segment, direction) ? TCP_RESET_NOTHING :
							 TCP_RESET_FORGED;
}

/*
 * The next sequence number that the receiver expects is what it acknowledged
 * last, or the end of what was sent, if all of that arrives. Where windows are
 * unknown, it may also refuse a segment that was not believed.
 */
static bool is_exact(const struct tcp_state *state,
		     const struct tcp_segment *segment,
		     enum ctrack_direction direction)
{
	const struct tcp_side *sender = &state->side[direction];
	const struct tcp_side *receiver = &state->side[!direction];
	bool has_acknowledged = receiver->flags & IP_CT_TCP_FLAG_MAXACK_SET;

	if (has_acknowledged && segment->seq == receiver->maxack)
		return true;
	if (has_acknowledged && tcp_window_liberal(state) &&
	    refuses_last(state, segment, direction))
		return true;
	return sender->maxwin ? segment->seq == sender->end : !has_acknowledged;
}

static bool is_before(const struct tcp_state *state,
		      const struct tcp_segment *segment,
		      enum ctrack_direction direction)
{
	const struct tcp_side *receiver = &state->side[!direction];

	return receiver->flags & IP_CT_TCP_FLAG_MAXACK_SET &&
	       tcp_after(receiver->maxack, segment->seq);
}

static bool is_behind(const struct tcp_state *state,
		      const struct tcp_segment *segment,
		      enum ctrack_direction direction)
{
	const struct tcp_side *sender = &state->side[direction];

	/* A probe, or a FIN, that we have not seen may have taken one more. */
	return sender->maxwin && tcp_after(segment->seq, sender->maxend + 1);
}

static enum tcp_reset_effect effect_on_open(const struct tcp_state *state,
					    const struct tcp_segment *segment,
					    enum ctrack_direction direction,
					    const struct ctrack_options *options)
{
	if (is_exact(state, segment, direction))
		return TCP_RESET_ENDS;
	if (refuses_syn(state, segment, direction))
		return TCP_RESET_MAY_END;
	/* RFC 5961 section 3.2: if it was right, an exact one follows. */
	if (options->tcp_ignore_invalid_rst || tcp_window_liberal(state))
		return TCP_RESET_NOTHING;
	if (is_before(state, segment, direction) ||
	    (is_behind(state, segment, direction) && !options->tcp_be_liberal))
		return TCP_RESET_FORGED;
	return TCP_RESET_NOTHING;
}

/*
 * An end that has closed is done with the connection, and resets what is still
 * under way, segment by segment, with the number that each acknowledged.
 */
static enum tcp_reset_effect effect_on_closing(const struct tcp_state *state,
					       const struct tcp_segment *segment,
					       enum ctrack_direction direction)
{
	return is_exact(state, segment, direction) ? TCP_RESET_ENDS :
						     TCP_RESET_NOTHING;
}

/**
 * tcp_reset_effect - what will a reset do to its receiver?
 * @state: what the connection remembers
 * @segment: a segment with RST
 * @direction: which way it goes
 * @options: of the namespace
 *
 * Return: enum tcp_reset_effect.
 */
enum tcp_reset_effect tcp_reset_effect(const struct tcp_state *state,
				       const struct tcp_segment *segment,
				       enum ctrack_direction direction,
				       const struct ctrack_options *options)
{
	switch (state->state) {
	case TCP_CONNTRACK_SYN_SENT:
	case TCP_CONNTRACK_SYN_SENT2:
		return effect_on_opening(state, segment, direction);
	case TCP_CONNTRACK_SYN_RECV:
	case TCP_CONNTRACK_ESTABLISHED:
		return effect_on_open(state, segment, direction, options);
	case TCP_CONNTRACK_CLOSE:
		return TCP_RESET_ENDS;
	default:
		return effect_on_closing(state, segment, direction);
	}
}
