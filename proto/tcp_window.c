// SPDX-License-Identifier: GPL-2.0
/*
 * What either side of a TCP connection has sent and may send, as seen from its
 * middle. PURE: compiled into ctrack.ko and into the userspace tests.
 */
#include "proto/tcp.h"

/*
 * An acknowledgment may be older than the newest octet that it could
 * acknowledge by the window that it offered, and this: it was overtaken on its
 * way.
 */
#define ACK_AGE_SLACK 66000

/*
 * What both ends send lies this near to what we have seen of it, where their
 * windows are not known. So much fits into many windows: who does not know the
 * numbers finds one here no sooner than in any other connection.
 */
#define UNKNOWN_WINDOW 0x100000U

/* Of who has one of both numbers exactly, the other may be as far as this. */
#define UNKNOWN_WINDOW_MAX 0x10000000U

/* No window is larger (RFC 7323 section 2.2). */
#define WINDOW_MAX (65535U << TCP_SCALE_MAX)

/* RFC 9293 section 3.8.6.1 has a zero window probed with one octet. */
static __u32 at_least_one(__u32 window)
{
	return window ? window : 1;
}

/*
 * Scaling needs the option in the SYNs of both (RFC 7323 section 1.3), which
 * nobody knows before both were heard, or of a connection that was picked up.
 */
static __u8 agreed_scale(const struct tcp_side *sender,
			 const struct tcp_side *receiver)
{
	return !receiver->maxwin ||
	       sender->flags & IP_CT_TCP_FLAG_BE_LIBERAL ||
	       sender->flags & receiver->flags & IP_CT_TCP_FLAG_WINDOW_SCALE ?
	       sender->scale : 0;
}

/* SACK blocks count only where the other end asked for them (RFC 2018). */
static __u32 highest_acknowledged(const struct tcp_side *receiver,
				  const struct tcp_segment *segment)
{
	return receiver->flags & IP_CT_TCP_FLAG_SACK_PERM ? segment->sack :
							    segment->ack;
}

static void forget_side(struct tcp_side *side)
{
	*side = (struct tcp_side) {
		.window = side->window,
		.flags = side->flags & IP_CT_TCP_FLAG_BE_LIBERAL,
	};
}

/* Scaling and SACK are agreed on in SYNs. */
static void take_options(struct tcp_side *sender,
			 const struct tcp_segment *segment)
{
	if (segment->scale_present) {
		sender->scale = segment->scale;
		sender->flags |= IP_CT_TCP_FLAG_WINDOW_SCALE;
	}
	if (segment->sack_permitted)
		sender->flags |= IP_CT_TCP_FLAG_SACK_PERM;
}

/*
 * A SYN that comes again, without its data, or that was overtaken by data which
 * follows it at once (RFC 7413 section 4.2): what was sent is known already.
 */
static bool is_started_by(const struct tcp_side *sender,
			  const struct tcp_segment *segment)
{
	return sender->maxwin &&
	       sender->end - tcp_segment_end(segment) <= TCP_SYN_WINDOW_MAX;
}

/* @sender starts, or starts again, with a SYN. */
static void start_side(struct tcp_side *sender,
		       const struct tcp_side *receiver,
		       const struct tcp_segment *segment)
{
	*sender = (struct tcp_side) {
		.end = tcp_segment_end(segment),
		/* RFC 7413 section 4.2.2: it may go on before it has an ACK. */
		.maxend = tcp_segment_end(segment) + receiver->maxwin,
		.window = segment->window,
		.flags = sender->flags & IP_CT_TCP_FLAG_BE_LIBERAL,
	};
	take_options(sender, segment);
	if (segment->payload)
		sender->flags |= IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED;
}

static void record_syn(struct tcp_side *sender,
		       const struct tcp_side *receiver,
		       const struct tcp_segment *segment)
{
	/* One that comes again may have fewer options; the answer decides. */
	if (is_started_by(sender, segment))
		take_options(sender, segment);
	else
		start_side(sender, receiver, segment);
}

/* @sender's first segment that we see is in mid-stream. */
static void pick_up_side(struct tcp_side *sender,
			 const struct tcp_side *receiver,
			 const struct tcp_segment *segment)
{
	__u32 window = (__u32)segment->window << agreed_scale(sender, receiver);

	sender->end = tcp_segment_end(segment);
	sender->maxend = sender->end +
			 (receiver->maxwin ? receiver->maxwin :
			  at_least_one(window));
	if (segment->payload)
		sender->flags |= IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED;
}

static void acknowledge(struct tcp_side *sender, __u32 ack)
{
	if (!(sender->flags & IP_CT_TCP_FLAG_MAXACK_SET) ||
	    tcp_after(ack, sender->maxack))
		sender->maxack = ack;
	sender->flags |= IP_CT_TCP_FLAG_MAXACK_SET;
}

static void record_acknowledgment(struct tcp_side *sender,
				  struct tcp_side *receiver,
				  const struct tcp_segment *segment,
				  __u32 window)
{
	__u32 sack = highest_acknowledged(receiver, segment);
	__u32 maxend = sack + at_least_one(window);

	acknowledge(sender, segment->ack);

	/* Of one that we haven't seen, or not all of, this is what we know. */
	if (!receiver->maxwin || tcp_after(sack, receiver->end)) {
		receiver->end = sack;
		if (!receiver->maxwin)
			receiver->maxend = sack;
	}
	if (tcp_after(maxend, receiver->maxend))
		receiver->maxend = maxend;
	if (segment->ack == receiver->end)
		receiver->flags &= ~IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED;
}

/* Does a segment's end lie in what its receiver has not acknowledged long ago? */
static bool is_recent(const struct tcp_side *sender,
		      const struct tcp_side *receiver,
		      const struct tcp_segment *segment)
{
	return !receiver->maxwin ||
	       tcp_after(tcp_segment_end(segment),
			 sender->end - receiver->maxwin - 1);
}

static bool acknowledges_recent(const struct tcp_side *sender,
				const struct tcp_side *receiver,
				const struct tcp_segment *segment)
{
	__u32 age = sender->maxwin + ACK_AGE_SLACK;

	return !tcp_after(receiver->end - age,
			  highest_acknowledged(receiver, segment));
}

/**
 * tcp_window_syn_acknowledged - does a segment acknowledge the other end's SYN?
 * @state: what the connection remembers
 * @segment: a SYN/ACK or a reset with ACK
 * @direction: which way it goes
 *
 * Of a SYN with data, some of that can be acknowledged, or the SYN alone (RFC
 * 7413 section 4.2), and one that came again may have had less. What was sent
 * last may be an acknowledgment of it that overtook this one.
 *
 * Return: true when it does.
 */
bool tcp_window_syn_acknowledged(const struct tcp_state *state,
				 const struct tcp_segment *segment,
				 enum ctrack_direction direction)
{
	const struct tcp_side *sender = &state->side[direction];

	return segment->ack == state->side[!direction].end ||
	       (sender->flags & IP_CT_TCP_FLAG_MAXACK_SET &&
		segment->ack == sender->maxack) ||
	       (state->last_kind == TCP_KIND_SYN &&
		state->last_direction != direction &&
		segment->ack - (state->last_seq + 1) <=
		state->last_end - (state->last_seq + 1));
}

/**
 * tcp_window_liberal - are the windows of a connection unknown?
 * @state: what the connection remembers
 *
 * Return: true for one that was picked up in mid-stream: scaling was agreed on
 * before we came.
 */
bool tcp_window_liberal(const struct tcp_state *state)
{
	return tcp_has_flag(state, IP_CT_TCP_FLAG_BE_LIBERAL);
}

/**
 * tcp_window_scale - by how much are an end's windows shifted?
 * @state: what the connection remembers
 * @direction: which way that end sends
 *
 * Return: the shift count; 0 when not both ends scale.
 */
__u8 tcp_window_scale(const struct tcp_state *state,
		      enum ctrack_direction direction)
{
	return agreed_scale(&state->side[direction], &state->side[!direction]);
}

/**
 * tcp_window_joins - is a segment near to what its ends have sent?
 * @state: what the connection remembers, whose windows are unknown
 * @segment: a segment with ACK, no reset
 * @direction: which way it goes
 *
 * Return: false when it can't be told from one that somebody made up; true when
 * nothing is known that it could be compared with.
 */
bool tcp_window_joins(const struct tcp_state *state,
		      const struct tcp_segment *segment,
		      enum ctrack_direction direction)
{
	const struct tcp_side *sender = &state->side[direction];
	const struct tcp_side *receiver = &state->side[!direction];
	bool heard = sender->flags & IP_CT_TCP_FLAG_MAXACK_SET;
	__u32 seq_reach = segment->ack == receiver->end ? UNKNOWN_WINDOW_MAX :
							  UNKNOWN_WINDOW;
	__u32 ack_reach = segment->seq == sender->end ? UNKNOWN_WINDOW_MAX :
							UNKNOWN_WINDOW;
	__u32 from = receiver->maxack - seq_reach;
	__u32 ack_from = (heard ? sender->maxack : receiver->end) - ack_reach;

	if (!(receiver->flags & IP_CT_TCP_FLAG_MAXACK_SET))
		return true;
	return segment->seq - from <= sender->end + seq_reach - from &&
	       segment->ack - ack_from <= receiver->end + ack_reach - ack_from;
}

/**
 * tcp_window_fit - can this segment be what its sender sends now?
 * @state: what the connection remembers
 * @segment: a segment with ACK, no reset
 * @direction: which way it goes
 *
 * What lies behind the receiver's window, or acknowledges what was never sent,
 * is refused by the receiver too (RFC 9293 section 3.10.7.4, RFC 5961 section
 * 5). What lies before it was sent once, and is late or comes again.
 *
 * Return: enum tcp_fit.
 */
enum tcp_fit tcp_window_fit(const struct tcp_state *state,
			    const struct tcp_segment *segment,
			    enum ctrack_direction direction)
{
	const struct tcp_side *sender = &state->side[direction];
	const struct tcp_side *receiver = &state->side[!direction];
	__u32 end = tcp_segment_end(segment);
	bool overshot;

	if (!sender->maxwin)
		return TCP_FIT_IN;
	if (receiver->maxwin &&
	    tcp_after(highest_acknowledged(receiver, segment), receiver->end))
		return TCP_FIT_ACK_BEYOND;
	/*
	 * A probe, or a FIN, may have taken one more. What such a probe had
	 * beyond that was let pass, and its sender goes on from there.
	 */
	overshot = receiver->maxwin && tcp_after(end, sender->end) &&
		   tcp_after(segment->seq, sender->maxend + 1);
	if (overshot && end - sender->maxend > receiver->maxwin)
		return TCP_FIT_BEYOND;
	if (!is_recent(sender, receiver, segment) ||
	    !acknowledges_recent(sender, receiver, segment))
		return TCP_FIT_OLD;
	return overshot ? TCP_FIT_OVERSHOT : TCP_FIT_IN;
}

/**
 * tcp_window_extend - a segment shows how far its sender has come
 * @state: what the connection remembers
 * @segment: the segment
 * @direction: which way it goes
 */
void tcp_window_extend(struct tcp_state *state,
		       const struct tcp_segment *segment,
		       enum ctrack_direction direction)
{
	struct tcp_side *sender = &state->side[direction];
	__u32 end = tcp_segment_end(segment);

	if (!tcp_after(end, sender->end))
		return;
	sender->end = end;
	sender->flags |= IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED;
}

/**
 * tcp_window_record - what a segment says about what either side may send
 * @state: what the connection remembers
 * @segment: a segment that is believed
 * @direction: which way it goes
 *
 * A reset offers no window, and what it acknowledges is often made up, unless
 * it is just what was sent.
 */
void tcp_window_record(struct tcp_state *state,
		       const struct tcp_segment *segment,
		       enum ctrack_direction direction)
{
	struct tcp_side *sender = &state->side[direction];
	struct tcp_side *receiver = &state->side[!direction];
	__u32 window = segment->window;
	__u32 reach;

	if (segment->flags & TCP_SEGMENT_RST) {
		if (segment->flags & TCP_SEGMENT_ACK && receiver->maxwin &&
		    segment->ack == receiver->end)
			acknowledge(sender, segment->ack);
		return;
	}

	if (segment->flags & TCP_SEGMENT_SYN) {
		/* RFC 7323 section 2.2: a SYN's own window is not scaled. */
		record_syn(sender, receiver, segment);
	} else {
		if (!sender->maxwin)
			pick_up_side(sender, receiver, segment);
		window <<= agreed_scale(sender, receiver);
	}

	if (segment->flags & TCP_SEGMENT_ACK)
		record_acknowledgment(sender, receiver, segment, window);

	reach = at_least_one(window);
	if (segment->flags & TCP_SEGMENT_ACK)
		reach += highest_acknowledged(receiver, segment) -
			 segment->ack;
	/* What lies between could be made up. */
	if (reach > WINDOW_MAX)
		reach = WINDOW_MAX;
	if (reach > sender->maxwin)
		sender->maxwin = reach;
	tcp_window_extend(state, segment, direction);
}

/**
 * tcp_window_adopt - believe the last segment after all
 * @state: what the connection remembers; the last segment was a SYN or SYN/ACK
 *	that passed
 *
 * What was known of its sender is of a connection that it has forgotten. Of
 * the other end, too, when it was a SYN; who answers it says the rest.
 */
void tcp_window_adopt(struct tcp_state *state)
{
	enum ctrack_direction direction = state->last_direction;
	const struct tcp_segment last = {
		.seq = state->last_seq,
		.ack = state->last_ack,
		.sack = state->last_ack,
		.payload = state->last_end - state->last_seq - 1,
		.flags = state->last_kind == TCP_KIND_SYN ?
			 TCP_SEGMENT_SYN : TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
		.window = state->side[direction].window,
		.scale = state->last_scale,
		.scale_present = state->last_scaling,
		.sack_permitted = state->last_sack,
	};

	forget_side(&state->side[direction]);
	if (state->last_kind == TCP_KIND_SYN)
		forget_side(&state->side[!direction]);
	tcp_window_record(state, &last, direction);
}

/**
 * tcp_window_start_over - forget where both ends have got to
 * @state: what the connection remembers, whose windows are unknown
 *
 * But for what the last segment acknowledged, which the next one has answered.
 */
void tcp_window_start_over(struct tcp_state *state)
{
	enum ctrack_direction i;

	for (i = 0; i < CTRACK_DIRECTIONS; i++) {
		state->side[i].maxwin = 0;
		state->side[i].flags &= ~(IP_CT_TCP_FLAG_MAXACK_SET |
					  IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED);
	}
	acknowledge(&state->side[state->last_direction], state->last_ack);
}
