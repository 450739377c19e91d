// SPDX-License-Identifier: GPL-2.0
/*
 * Which SYN and which SYN/ACK count, when there are several. PURE: compiled into
 * ctrack.ko and into the userspace tests.
 *
 * SYNs are doubled, delayed, and sent again by clients that were started anew;
 * servers that keep no state answer each with another number. From the middle
 * one can be told from the other by what the ends make of them alone.
 */
#include "proto/tcp.h"

/**
 * tcp_opening_went_on - did an end send a SYN that ended here, and went on?
 * @side: that end
 * @end: where the SYN ended
 *
 * The sequence number of another connection lies there by a chance of one in
 * 256.
 *
 * Return: true when it did.
 */
bool tcp_opening_went_on(const struct tcp_side *side, __u32 end)
{
	return side->maxwin && side->end - end < 1 << 24;
}

/* Is a SYN that ends here the one which opens the connection? */
static bool is_opened_by(const struct tcp_state *state,
			 enum ctrack_direction direction, __u32 end)
{
	return state->state == TCP_CONNTRACK_SYN_RECV &&
	       state->side[direction].end - end <= TCP_SYN_WINDOW_MAX;
}

/**
 * tcp_opening_restarts - have both ends started anew?
 * @state: what the connection remembers
 * @segment: a SYN/ACK
 * @direction: which way it goes
 *
 * A SYN passed, because we took it for one of a client that was started anew,
 * and this is a SYN/ACK for it: both ends agree, and we were wrong. Unless both
 * are this connection's own, late or sent again. Before the client has said
 * which SYN/ACK it took, one of a server that keeps no state is as good.
 *
 * Return: true when they have.
 */
bool tcp_opening_restarts(const struct tcp_state *state,
			  const struct tcp_segment *segment,
			  enum ctrack_direction direction)
{
	return state->last_kind == TCP_KIND_SYN &&
	       state->last_direction != direction &&
	       state->last_end == segment->ack &&
	       !(tcp_opening_went_on(&state->side[!direction],
				     state->last_end) &&
		 (is_opened_by(state, !direction, state->last_end) ||
		  tcp_opening_went_on(&state->side[direction],
				      tcp_segment_end(segment))));
}

/* A SYN/ACK passed, and this acknowledges it. */
static bool takes_passed_synack(const struct tcp_state *state,
				const struct tcp_segment *segment,
				enum ctrack_direction direction)
{
	return state->last_kind == TCP_KIND_SYNACK &&
	       state->last_direction != direction &&
	       state->last_end == segment->ack;
}

/**
 * tcp_opening_takes_older - does the client go on from an older SYN?
 * @state: what the connection remembers
 * @segment: an ACK, in SYN_SENT
 * @direction: which way it goes
 *
 * Of several SYNs, it is not from the last that we saw: that was an old one,
 * late.
 *
 * Return: true when it does.
 */
bool tcp_opening_takes_older(const struct tcp_state *state,
			     const struct tcp_segment *segment,
			     enum ctrack_direction direction)
{
	return direction == CTRACK_ORIGINAL &&
	       takes_passed_synack(state, segment, direction) &&
	       segment->seq == state->last_ack;
}

/**
 * tcp_opening_adopt - believe a SYN/ACK that passed, if the client does
 * @state: what the connection remembers; changed
 * @segment: an ACK or FIN
 * @direction: which way it goes
 *
 * The server sent a second SYN/ACK, with another sequence number, as one does
 * that keeps no state (SYN cookies), or one for another SYN than we thought;
 * and that is the one that arrived.
 */
void tcp_opening_adopt(struct tcp_state *state,
		       const struct tcp_segment *segment,
		       enum ctrack_direction direction)
{
	struct tcp_state adopted;

	if (!takes_passed_synack(state, segment, direction))
		return;

	adopted = *state;
	switch (state->state) {
	case TCP_CONNTRACK_SYN_SENT:
		adopted.side[direction].end = state->last_ack;
		adopted.side[direction].maxend = state->last_ack;
		/* The options of its SYN are not known any more. */
		adopted.side[direction].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
		break;
	case TCP_CONNTRACK_SYN_RECV:
		if (tcp_window_fit(state, segment, direction) != TCP_FIT_IN)
			break;
		return;
	default:
		return;
	}
	tcp_window_adopt(&adopted);
	if (tcp_window_fit(&adopted, segment, direction) == TCP_FIT_IN)
		*state = adopted;
}

/**
 * tcp_opening_is_late - is it a SYN that the other end has long acknowledged?
 * @state: what the connection remembers
 * @segment: a SYN
 * @direction: which way it goes
 *
 * It was doubled, or sent again too soon.
 *
 * Return: true when it is.
 */
bool tcp_opening_is_late(const struct tcp_state *state,
			 const struct tcp_segment *segment,
			 enum ctrack_direction direction)
{
	const struct tcp_side *receiver = &state->side[!direction];

	return receiver->flags & IP_CT_TCP_FLAG_MAXACK_SET &&
	       receiver->maxack - tcp_segment_end(segment) <=
	       TCP_SYN_WINDOW_MAX;
}

/**
 * tcp_opening_is_repeated - is it nothing new of an opening?
 * @state: what the connection remembers
 * @segment: a segment that passes
 * @kind: what it is
 * @direction: which way it goes
 *
 * While a SYN/ACK is on its way that we don't believe, the client sends its SYN
 * again, or the server the SYN/ACK that we do believe. What passed is still to
 * be remembered then: the client's ACK tells which one it took.
 *
 * Return: true when it is.
 */
bool tcp_opening_is_repeated(const struct tcp_state *state,
			     const struct tcp_segment *segment,
			     enum tcp_kind kind,
			     enum ctrack_direction direction)
{
	const struct tcp_side *sender = &state->side[direction];
	__u32 end = tcp_segment_end(segment);

	if (state->state != TCP_CONNTRACK_SYN_RECV ||
	    state->last_kind != TCP_KIND_SYNACK)
		return false;
	return state->last_direction == direction ?
	       kind == TCP_KIND_SYNACK && sender->end == end :
	       kind == TCP_KIND_SYN && is_opened_by(state, direction, end);
}
