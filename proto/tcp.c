// SPDX-License-Identifier: GPL-2.0
/*
 * TCP, RFC 9293: the state of a connection as seen from its middle. PURE:
 * compiled into ctrack.ko and into the userspace tests.
 *
 * From the middle one sees what is sent, not what arrives: a segment can be
 * lost behind us, an end can have been started anew, and we can be wrong about
 * both. A segment that may well be right for an end that knows better is
 * therefore let pass without believing it, and only what no end could send is
 * invalid.
 */
#include "proto/proto.h"
#include "proto/tcp.h"

/* What a segment does to a connection, where it isn't just its next state. */
enum {
	/* It goes on, but isn't believed: nothing changes or lives longer. */
	PASS = TCP_CONNTRACK_MAX,
	/* No end in its right mind sends it. */
	BAD,
	/* The connection is over, this starts the next one. */
	RENEW,
	/* Both ends have started anew, in the same connection. */
	RESTART,
};

/* The states, short enough for a table. */
enum {
	SENT = TCP_CONNTRACK_SYN_SENT,
	SENT2 = TCP_CONNTRACK_SYN_SENT2,
	RECV = TCP_CONNTRACK_SYN_RECV,
	OPEN = TCP_CONNTRACK_ESTABLISHED,
	FIN_W = TCP_CONNTRACK_FIN_WAIT,
	CLOSE_W = TCP_CONNTRACK_CLOSE_WAIT,
	LAST_A = TCP_CONNTRACK_LAST_ACK,
	TIME_W = TCP_CONNTRACK_TIME_WAIT,
	CLOSED = TCP_CONNTRACK_CLOSE,
};

/*
 * A line for each state and direction, the original one first; columns in the
 * order of enum tcp_kind, TCP_KIND_NONE excepted. Throughout:
 *
 * - A SYN of the client in a synchronized state passes: it may have been
 *   started anew. The server then answers with a challenge ACK (RFC 9293
 *   section 3.10.7.4, fourth check), or with a SYN/ACK if it has forgotten the
 *   connection too; tcp_opening_restarts() sees that. A server has no business
 *   with SYNs, nor a client with SYN/ACKs, but in simultaneous opens.
 * - A SYN/ACK of the server passes: it is an old one, sent again because the
 *   client's ACK was lost, or one for a SYN that passed.
 * - A reset ends it (section 3.10.7.4, second check).
 */
static const __u8 transitions[TCP_CONNTRACK_MAX][CTRACK_DIRECTIONS]
			     [TCP_KIND_COUNT - 1] = {
	/* SYN, SYN/ACK, FIN, ACK, RST */

	/*
	 * An ACK may belong to a connection that is older than we are; what
	 * closes one isn't worth to remember.
	 */
	[TCP_CONNTRACK_NONE] = {
		{ SENT,	 BAD,	BAD,	OPEN,	BAD },
		{ BAD,	 BAD,	BAD,	BAD,	BAD },
	},
	/*
	 * The reply may be a SYN: both opened at once (section 3.5, figure 7).
	 * Or an ACK or FIN, of a server that still has the client's last
	 * connection; the client resets that one and sends its SYN again
	 * (figure 9). Or they overtook the SYN/ACK.
	 */
	[TCP_CONNTRACK_SYN_SENT] = {
		{ SENT,	 BAD,	BAD,	BAD,	CLOSED },
		{ SENT2, RECV,	PASS,	PASS,	CLOSED },
	},
	[TCP_CONNTRACK_SYN_SENT2] = {
		{ SENT2, RECV,	BAD,	BAD,	CLOSED },
		{ SENT2, RECV,	BAD,	PASS,	CLOSED },
	},
	/*
	 * The server's ACK answers a SYN that came late; the handshake still
	 * lacks the client's. In a simultaneous open it is as good as that, and
	 * SYN/ACKs come from both, with their windows, and may overtake the
	 * SYN (figure 7); see next_of().
	 */
	[TCP_CONNTRACK_SYN_RECV] = {
		{ PASS,	 BAD,	FIN_W,	OPEN,	CLOSED },
		{ PASS,	 PASS,	FIN_W,	RECV,	CLOSED },
	},
	[TCP_CONNTRACK_ESTABLISHED] = {
		{ PASS,	 BAD,	FIN_W,	OPEN,	CLOSED },
		{ BAD,	 PASS,	FIN_W,	OPEN,	CLOSED },
	},
	/*
	 * Either end's next ACK counts as that of the FIN; see also
	 * repeats_fin().
	 */
	[TCP_CONNTRACK_FIN_WAIT] = {
		{ PASS,	 BAD,	LAST_A,	CLOSE_W, CLOSED },
		{ BAD,	 PASS,	LAST_A,	CLOSE_W, CLOSED },
	},
	[TCP_CONNTRACK_CLOSE_WAIT] = {
		{ PASS,	 BAD,	LAST_A,	CLOSE_W, CLOSED },
		{ BAD,	 PASS,	LAST_A,	CLOSE_W, CLOSED },
	},
	[TCP_CONNTRACK_LAST_ACK] = {
		{ PASS,	 BAD,	LAST_A,	TIME_W,	CLOSED },
		{ BAD,	 PASS,	LAST_A,	TIME_W,	CLOSED },
	},
	/*
	 * Section 3.6.1: a SYN may open the connection again, and either end
	 * may be the one that does. The last FIN and its ACK may come again.
	 */
	[TCP_CONNTRACK_TIME_WAIT] = {
		{ RENEW, BAD,	TIME_W,	TIME_W,	CLOSED },
		{ RENEW, PASS,	TIME_W,	TIME_W,	CLOSED },
	},
	/*
	 * After a reset nobody has to wait for anything. Segments that were
	 * under way when it was sent still arrive.
	 */
	[TCP_CONNTRACK_CLOSE] = {
		{ RENEW, BAD,	CLOSED,	CLOSED,	CLOSED },
		{ RENEW, PASS,	CLOSED,	CLOSED,	CLOSED },
	},
};

static const __u8 timeouts[TCP_CONNTRACK_MAX] = {
	[TCP_CONNTRACK_NONE] = CTRACK_TIMEOUT_TCP_NONE,
	[TCP_CONNTRACK_SYN_SENT] = CTRACK_TIMEOUT_TCP_SYN_SENT,
	[TCP_CONNTRACK_SYN_SENT2] = CTRACK_TIMEOUT_TCP_SYN_SENT2,
	[TCP_CONNTRACK_SYN_RECV] = CTRACK_TIMEOUT_TCP_SYN_RECV,
	[TCP_CONNTRACK_ESTABLISHED] = CTRACK_TIMEOUT_TCP_ESTABLISHED,
	[TCP_CONNTRACK_FIN_WAIT] = CTRACK_TIMEOUT_TCP_FIN_WAIT,
	[TCP_CONNTRACK_CLOSE_WAIT] = CTRACK_TIMEOUT_TCP_CLOSE_WAIT,
	[TCP_CONNTRACK_LAST_ACK] = CTRACK_TIMEOUT_TCP_LAST_ACK,
	[TCP_CONNTRACK_TIME_WAIT] = CTRACK_TIMEOUT_TCP_TIME_WAIT,
	[TCP_CONNTRACK_CLOSE] = CTRACK_TIMEOUT_TCP_CLOSE,
};

/* Of each segment that isn't refused. */
static void record_last(struct tcp_state *state,
			const struct tcp_segment *segment, enum tcp_kind kind,
			enum ctrack_direction direction)
{
	state->last_seq = segment->seq;
	state->last_ack = segment->ack;
	state->last_end = tcp_segment_end(segment);
	state->last_scale = segment->scale;
	state->last_scaling = segment->scale_present;
	state->last_sack = segment->sack_permitted;
	state->last_direction = direction;
	state->last_kind = kind;
	state->side[direction].window = segment->window;
}

/*
 * ACKs, and FINs that pass, do what the table says, but for four: one that may
 * answer a SYN that passed acknowledges no FIN (the challenge ACK of RFC 5961
 * section 4); in a simultaneous open the reply direction's completes the
 * handshake as well; one that acknowledges the SYN is believed before its
 * SYN/ACK, which it overtook (RFC 7413 section 4.2: there may be data directly
 * behind that); and the client's shows that a SYN/ACK was right which we did not
 * believe.
 */
static unsigned int next_after_ack(const struct tcp_state *state,
				   const struct tcp_segment *segment,
				   unsigned int next,
				   enum ctrack_direction direction)
{
	switch (state->state) {
	case TCP_CONNTRACK_SYN_SENT:
		if (tcp_opening_takes_older(state, segment, direction))
			return OPEN;
		if (next == PASS &&
		    tcp_window_syn_acknowledged(state, segment, direction))
			return SENT;
		return next;
	case TCP_CONNTRACK_SYN_RECV:
		return state->simultaneous ? OPEN : next;
	case TCP_CONNTRACK_LAST_ACK:
		return state->last_kind == TCP_KIND_SYN &&
		       state->last_direction != direction ? PASS : next;
	default:
		return next;
	}
}

/*
 * The FIN of an end that closed before, while the other goes on, is the same
 * one sent again.
 */
static bool repeats_fin(const struct tcp_state *state,
			enum ctrack_direction direction)
{
	return (state->state == TCP_CONNTRACK_FIN_WAIT ||
		state->state == TCP_CONNTRACK_CLOSE_WAIT) &&
	       state->side[direction].flags & IP_CT_TCP_FLAG_CLOSE_INIT;
}

/* Returns the next state, or PASS, BAD, RENEW or RESTART. */
static unsigned int next_of(const struct tcp_state *state,
			    const struct tcp_segment *segment,
			    enum tcp_kind kind, enum ctrack_direction direction)
{
	unsigned int next;

	if (kind == TCP_KIND_NONE)
		return BAD;

	next = transitions[state->state][direction][kind - 1];
	if (kind == TCP_KIND_ACK || (kind == TCP_KIND_FIN && next == PASS))
		return next_after_ack(state, segment, next, direction);
	if (kind == TCP_KIND_SYNACK && state->simultaneous &&
	    state->state == TCP_CONNTRACK_SYN_RECV)
		return RECV;
	if (kind == TCP_KIND_FIN && repeats_fin(state, direction))
		return state->state;
	/* Late: where both ends sent a SYN, each sends SYN/ACKs as well. */
	if (next == BAD && segment->flags & TCP_SEGMENT_SYN &&
	    state->replied &&
	    tcp_opening_went_on(&state->side[direction],
				tcp_segment_end(segment)))
		return PASS;
	/* Nobody knows which end is the client of one that was picked up. */
	if (next == BAD && segment->flags & TCP_SEGMENT_SYN &&
	    state->state >= TCP_CONNTRACK_ESTABLISHED &&
	    (direction == CTRACK_REPLY || state->replied) &&
	    tcp_window_liberal(state))
		next = PASS;
	if (next == RENEW && tcp_opening_is_late(state, segment, direction))
		return PASS;
	if (kind == TCP_KIND_SYNACK && next == PASS &&
	    tcp_opening_restarts(state, segment, direction))
		return RESTART;
	return next;
}

/* It goes on unbelieved. What it would have been is not told either. */
static struct ctrack_step ignore(struct tcp_state *state,
				 enum ctrack_direction direction)
{
	struct ctrack_step step;

	step = ctrack_step_accept(timeouts[state->state], direction);
	step.keep_timeout = true;
	if (direction == CTRACK_REPLY)
		state->replied = 1;
	return step;
}

/* It goes on unbelieved, but what follows may show that it was right. */
static struct ctrack_step pass(struct tcp_state *state,
			       const struct tcp_segment *segment,
			       enum tcp_kind kind,
			       enum ctrack_direction direction)
{
	record_last(state, segment, kind, direction);
	return ignore(state, direction);
}

/*
 * The handshake is complete, or so it was when we came in mid-stream, and the
 * other end has been heard before this segment.
 */
static bool is_assured(const struct tcp_state *state, __u8 old)
{
	return state->state == TCP_CONNTRACK_ESTABLISHED && state->replied &&
	       (old == TCP_CONNTRACK_SYN_RECV ||
		old == TCP_CONNTRACK_ESTABLISHED);
}

static bool is_sent_again(const struct tcp_state *state,
			  const struct tcp_segment *segment, enum tcp_kind kind,
			  enum ctrack_direction direction)
{
	return state->last_kind == kind && state->last_direction == direction &&
	       state->last_seq == segment->seq &&
	       state->last_ack == segment->ack &&
	       state->last_end == tcp_segment_end(segment) &&
	       state->side[direction].window == segment->window;
}

/*
 * Whoever only says what it has got waits for nothing. A keepalive does; it
 * begins one before what is next (RFC 9293 section 3.8.4).
 */
static bool is_answer_alone(const struct tcp_state *state,
			    const struct tcp_segment *segment,
			    enum tcp_kind kind, enum ctrack_direction direction)
{
	return kind == TCP_KIND_ACK && !segment->payload &&
	       segment->seq == state->side[direction].end;
}

/* Counts how often the sender had to send the same again. */
static void count_retransmission(struct tcp_state *state,
				 const struct tcp_segment *segment,
				 enum tcp_kind kind,
				 enum ctrack_direction direction)
{
	if (!is_sent_again(state, segment, kind, direction) ||
	    is_answer_alone(state, segment, kind, direction))
		state->retransmissions = 0;
	else if (state->retransmissions < 255)
		state->retransmissions++;
}

/* A connection whose ends don't hear each other does not live for days. */
static enum ctrack_timeout limit_of(const struct tcp_state *state,
				    const struct ctrack_options *options)
{
	if (state->retransmissions >= options->tcp_max_retrans)
		return CTRACK_TIMEOUT_TCP_MAX_RETRANS;
	return tcp_timeout(state);
}

static struct ctrack_step advance(struct tcp_state *state,
				  const struct tcp_segment *segment,
				  enum tcp_kind kind,
				  enum ctrack_direction direction, __u8 next,
				  const struct ctrack_options *options)
{
	struct ctrack_step step;
	__u8 old = state->state;

	state->state = next;
	/* The old state tells it, too, of a connection that was restored. */
	if (next == TCP_CONNTRACK_SYN_SENT2 || old == TCP_CONNTRACK_SYN_SENT2)
		state->simultaneous = 1;
	tcp_window_record(state, segment, direction);
	if (next == TCP_CONNTRACK_FIN_WAIT && next != old)
		state->side[direction].flags |= IP_CT_TCP_FLAG_CLOSE_INIT;
	count_retransmission(state, segment, kind, direction);
	record_last(state, segment, kind, direction);

	step = ctrack_step_accept(timeouts[next], direction);
	step.limit = limit_of(state, options);
	step.changed = next != old;
	step.assured = is_assured(state, old);
	/* SYNs alone must not keep an entry, and its translation, forever. */
	step.keep_timeout = next == TCP_CONNTRACK_SYN_SENT && next == old &&
			    !state->replied;
	if (direction == CTRACK_REPLY)
		state->replied = 1;
	return step;
}

/*
 * Nothing is known of the connection's windows, not even by how much they are
 * scaled: they are checked liberally.
 */
static struct ctrack_step pick_up(struct tcp_state *state,
				  const struct tcp_segment *segment,
				  enum tcp_kind kind,
				  enum ctrack_direction direction,
				  const struct ctrack_options *options)
{
	const __u8 flags = IP_CT_TCP_FLAG_SACK_PERM |
			   IP_CT_TCP_FLAG_BE_LIBERAL;

	if (!options->tcp_loose)
		return ctrack_step_refuse(CTRACK_REASON_tcp_midstream);
	state->side[CTRACK_ORIGINAL].flags |= flags;
	state->side[CTRACK_REPLY].flags |= flags;
	return advance(state, segment, kind, direction,
		       TCP_CONNTRACK_ESTABLISHED, options);
}

static struct ctrack_step step_reset(struct tcp_state *state,
				     const struct tcp_segment *segment,
				     enum ctrack_direction direction,
				     const struct ctrack_options *options)
{
	struct ctrack_step step;

	switch (tcp_reset_effect(state, segment, direction, options)) {
	case TCP_RESET_ENDS:
		return advance(state, segment, TCP_KIND_RST, direction,
			       TCP_CONNTRACK_CLOSE, options);
	case TCP_RESET_MAY_END:
		/* Whoever goes on with it, says so before this is over. */
		step = ignore(state, direction);
		step.keep_timeout = false;
		step.limit = CTRACK_TIMEOUT_TCP_UNACKNOWLEDGED;
		return step;
	case TCP_RESET_NOTHING:
		return ignore(state, direction);
	default:
		return ctrack_step_refuse(CTRACK_REASON_tcp_reset);
	}
}

/* A SYN/ACK that the table takes for the answer to a SYN. */
static struct ctrack_step step_synack(struct tcp_state *state,
				      const struct tcp_segment *segment,
				      enum ctrack_direction direction,
				      __u8 next,
				      const struct ctrack_options *options)
{
	if (!state->side[!direction].maxwin ||
	    tcp_window_syn_acknowledged(state, segment, direction))
		return advance(state, segment, TCP_KIND_SYNACK, direction, next,
			       options);
	/* For an older SYN: the client resets it, or shows that it is not. */
	return pass(state, segment, TCP_KIND_SYNACK, direction);
}

/* Each end goes on from where the other has got to, or is asked to. */
static bool agrees_with_last(const struct tcp_state *state,
			     const struct tcp_segment *segment,
			     enum ctrack_direction direction)
{
	return state->last_direction != direction &&
	       state->last_ack == segment->seq &&
	       (state->last_end == segment->ack ||
		/* That was a keepalive (RFC 9293 section 3.8.4). */
		(state->last_end == state->last_seq &&
		 state->last_end + 1 == segment->ack));
}

/* What passed last was right: the other end has answered it. */
static void believe_last(struct tcp_state *state)
{
	tcp_window_start_over(state);
	if (state->last_kind != TCP_KIND_FIN ||
	    state->state != TCP_CONNTRACK_ESTABLISHED)
		return;
	state->state = TCP_CONNTRACK_FIN_WAIT;
	state->side[state->last_direction].flags |= IP_CT_TCP_FLAG_CLOSE_INIT;
}

/*
 * Of a connection whose windows are unknown anybody could make a segment up who
 * knows addresses and ports. What can't be told from that shows only that
 * somebody is there, until the other end answers it.
 */
static struct ctrack_step step_picked_up(struct tcp_state *state,
					 const struct tcp_segment *segment,
					 enum tcp_kind kind,
					 enum ctrack_direction direction,
					 __u8 next,
					 const struct ctrack_options *options)
{
	struct ctrack_step step;

	if (tcp_window_joins(state, segment, direction))
		return advance(state, segment, kind, direction, next, options);
	if (agrees_with_last(state, segment, direction)) {
		believe_last(state);
		next = next_of(state, segment, kind, direction);
		return advance(state, segment, kind, direction, next, options);
	}

	count_retransmission(state, segment, kind, direction);
	step = pass(state, segment, kind, direction);
	step.keep_timeout = false;
	step.limit = limit_of(state, options);
	return step;
}

/* A FIN or ACK, with or without data, that the table lets through. */
static struct ctrack_step step_in_window(struct tcp_state *state,
					 const struct tcp_segment *segment,
					 enum tcp_kind kind,
					 enum ctrack_direction direction,
					 __u8 next,
					 const struct ctrack_options *options)
{
	enum tcp_fit fit;

	if (state->last_kind == TCP_KIND_SYNACK)
		tcp_opening_adopt(state, segment, direction);
	if (options->tcp_be_liberal)
		return advance(state, segment, kind, direction, next, options);
	if (tcp_window_liberal(state))
		return step_picked_up(state, segment, kind, direction, next,
				      options);

	fit = tcp_window_fit(state, segment, direction);
	switch (fit) {
	case TCP_FIT_IN:
		return advance(state, segment, kind, direction, next, options);
	case TCP_FIT_OVERSHOT:
		/* If it is taken all the same, it will be acknowledged. */
		tcp_window_extend(state, segment, direction);
		return ignore(state, direction);
	case TCP_FIT_OLD:
		return ignore(state, direction);
	default:
		break;
	}

	/* After a reset there is nothing left that it could fit. */
	if (state->state == TCP_CONNTRACK_CLOSE)
		return ignore(state, direction);
	return ctrack_step_refuse(fit == TCP_FIT_ACK_BEYOND ?
				  CTRACK_REASON_tcp_ack :
				  CTRACK_REASON_tcp_window);
}

/**
 * tcp_step_unpredicted - what any segment does to its connection
 * @state: what the connection remembers; changed, unless the segment is
 *	refused or opens the next connection
 * @segment: the segment
 * @direction: which way it goes
 * @options: of the namespace
 *
 * Return: what was decided.
 */
struct ctrack_step tcp_step_unpredicted(struct tcp_state *state,
					const struct tcp_segment *segment,
					enum ctrack_direction direction,
					const struct ctrack_options *options)
{
	enum tcp_kind kind = tcp_segment_kind(segment);
	bool first = state->state == TCP_CONNTRACK_NONE;
	unsigned int next;

	next = next_of(state, segment, kind, direction);
	switch (next) {
	case BAD:
		return ctrack_step_refuse(first ? CTRACK_REASON_tcp_midstream :
						  CTRACK_REASON_tcp_state);
	case RENEW:
		return (struct ctrack_step) { .verdict = CTRACK_RENEW };
	case PASS:
		if (kind == TCP_KIND_SYN && direction == CTRACK_REPLY &&
		    state->state == TCP_CONNTRACK_SYN_RECV)
			state->simultaneous = 1;
		if (tcp_opening_is_repeated(state, segment, kind, direction))
			return ignore(state, direction);
		return pass(state, segment, kind, direction);
	case RESTART:
		tcp_window_adopt(state);
		/*
		 * Where the server was taken for the client, its peer's ACK
		 * completes the handshake: see next_after_ack().
		 */
		state->simultaneous = direction == CTRACK_ORIGINAL;
		next = TCP_CONNTRACK_SYN_RECV;
		break;
	}

	switch (kind) {
	case TCP_KIND_RST:
		return step_reset(state, segment, direction, options);
	case TCP_KIND_SYN:
		return advance(state, segment, kind, direction, next, options);
	case TCP_KIND_SYNACK:
		return step_synack(state, segment, direction, next, options);
	default:
		break;
	}
	if (first)
		return pick_up(state, segment, kind, direction, options);
	return step_in_window(state, segment, kind, direction, next, options);
}

/**
 * tcp_timeout - which timeout fits a connection's state?
 * @state: what the connection remembers
 *
 * Days are for connections at rest. One whose other end has not been heard, or
 * does not acknowledge, may be dead, or may never have been one.
 *
 * Return: the timeout.
 */
enum ctrack_timeout tcp_timeout(const struct tcp_state *state)
{
	if (state->state == TCP_CONNTRACK_ESTABLISHED &&
	    (!state->replied ||
	     tcp_has_flag(state, IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED)))
		return CTRACK_TIMEOUT_TCP_UNACKNOWLEDGED;
	return timeouts[state->state];
}
