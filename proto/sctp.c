// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP, RFC 9260: the state of an association as seen from its middle. PURE:
 * compiled into ctrack.ko and into the userspace tests.
 *
 * Whose packet it is tells the verification tag: each end chooses the one that
 * packets for it carry, and only who saw the handshake knows them. An INIT has
 * none, so everybody can send one: the tags that a handshake agrees upon are
 * kept beside those of the association until a COOKIE ACK says that the server
 * believes the handshake (section 5.2.4). Before that nothing that an INIT
 * brought about changes, ends or prolongs an association.
 *
 * An association can have several paths (multi-homing), each a connection of
 * its own here. On all but one of them there is no handshake, and HEARTBEATs
 * tell the tags.
 */
#include "proto/proto.h"
#include "proto/sctp.h"

/* The states, short enough for a table. */
enum {
	CLOSE = SCTP_CONNTRACK_CLOSED,
	WAIT = SCTP_CONNTRACK_COOKIE_WAIT,
	ECHO = SCTP_CONNTRACK_COOKIE_ECHOED,
	OPEN = SCTP_CONNTRACK_ESTABLISHED,
	SENT = SCTP_CONNTRACK_SHUTDOWN_SENT,
	RECD = SCTP_CONNTRACK_SHUTDOWN_RECD,
	ACKED = SCTP_CONNTRACK_SHUTDOWN_ACK_SENT,
	BEAT = SCTP_CONNTRACK_HEARTBEAT_SENT,
};

/*
 * Columns in the order of enum sctp_kind. Either end may do what stands here:
 * who opens need not be who sent the first packet (section 5.2.1, both send an
 * INIT), and tags tell who is who. Two moves depend on the direction; see
 * next_of().
 *
 * CLOSED is also where an association begins, after its INIT. Its COOKIE ACK is
 * not here: adopt() believes it when it answers what was echoed. An ERROR ends a
 * handshake only when the cookie was stale: the client then starts with another
 * INIT (section 5.2.6).
 */
static const __u8 transitions[SCTP_CONNTRACK_MAX][SCTP_KIND_MOVES] = {
	/*
	 * INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, HEARTBEAT, HEARTBEAT ACK,
	 * stale cookie, SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE, ABORT
	 */
	[SCTP_CONNTRACK_CLOSED] = {
		CLOSE, WAIT, CLOSE, CLOSE, CLOSE, CLOSE,
		CLOSE, CLOSE, CLOSE, CLOSE, CLOSE
	},
	[SCTP_CONNTRACK_COOKIE_WAIT] = {
		WAIT, WAIT, ECHO, WAIT, WAIT, WAIT,
		WAIT, WAIT, WAIT, WAIT, CLOSE
	},
	[SCTP_CONNTRACK_COOKIE_ECHOED] = {
		ECHO, ECHO, ECHO, ECHO, ECHO, ECHO,
		CLOSE, ECHO, ECHO, ECHO, CLOSE
	},
	[SCTP_CONNTRACK_ESTABLISHED] = {
		OPEN, OPEN, OPEN, OPEN, OPEN, OPEN,
		OPEN, SENT, OPEN, OPEN, CLOSE
	},
	/*
	 * Section 9.2: the other end acknowledges; where both shut down at once
	 * it may be either.
	 */
	[SCTP_CONNTRACK_SHUTDOWN_SENT] = {
		SENT, SENT, SENT, SENT, SENT, SENT,
		SENT, SENT, ACKED, SENT, CLOSE
	},
	[SCTP_CONNTRACK_SHUTDOWN_RECD] = {
		RECD, RECD, RECD, RECD, RECD, RECD,
		RECD, RECD, ACKED, RECD, CLOSE
	},
	[SCTP_CONNTRACK_SHUTDOWN_ACK_SENT] = {
		ACKED, ACKED, ACKED, ACKED, ACKED, ACKED,
		ACKED, ACKED, ACKED, CLOSE, CLOSE
	},
	/* A path that has not been answered on: the association may be over. */
	[SCTP_CONNTRACK_HEARTBEAT_SENT] = {
		CLOSE, BEAT, BEAT, BEAT, BEAT, OPEN,
		BEAT, CLOSE, ACKED, CLOSE, CLOSE
	},
};

static const __u8 timeouts[SCTP_CONNTRACK_MAX] = {
	[SCTP_CONNTRACK_NONE] = CTRACK_TIMEOUT_SCTP_CLOSED,
	[SCTP_CONNTRACK_CLOSED] = CTRACK_TIMEOUT_SCTP_CLOSED,
	[SCTP_CONNTRACK_COOKIE_WAIT] = CTRACK_TIMEOUT_SCTP_COOKIE_WAIT,
	[SCTP_CONNTRACK_COOKIE_ECHOED] = CTRACK_TIMEOUT_SCTP_COOKIE_ECHOED,
	[SCTP_CONNTRACK_ESTABLISHED] = CTRACK_TIMEOUT_SCTP_ESTABLISHED,
	[SCTP_CONNTRACK_SHUTDOWN_SENT] = CTRACK_TIMEOUT_SCTP_SHUTDOWN_SENT,
	[SCTP_CONNTRACK_SHUTDOWN_RECD] = CTRACK_TIMEOUT_SCTP_SHUTDOWN_RECD,
	[SCTP_CONNTRACK_SHUTDOWN_ACK_SENT] =
		CTRACK_TIMEOUT_SCTP_SHUTDOWN_ACK_SENT,
	[SCTP_CONNTRACK_HEARTBEAT_SENT] = CTRACK_TIMEOUT_SCTP_HEARTBEAT_SENT,
};

/* Whose a verification tag is. */
enum tag {
	TAG_UNKNOWN,
	TAG_ASSOCIATION,
	TAG_HANDSHAKE,
};

static unsigned int bit(enum ctrack_direction direction)
{
	return 1u << direction;
}

/* Is the state that of a handshake, with no association besides? */
static bool is_opening(__u8 state)
{
	return state == SCTP_CONNTRACK_CLOSED ||
	       state == SCTP_CONNTRACK_COOKIE_WAIT ||
	       state == SCTP_CONNTRACK_COOKIE_ECHOED;
}

static void forget_handshake(struct sctp_conn_state *state)
{
	state->next[CTRACK_ORIGINAL] = 0;
	state->next[CTRACK_REPLY] = 0;
	state->init = 0;
	state->several = 0;
	state->echoed = 0;
	state->probed = 0;
}

/*
 * The tags that were beside those of the association are the association's. Of
 * a handshake that is given up one may be missing.
 */
static void adopt_tags(struct sctp_conn_state *state)
{
	unsigned int i;

	for (i = 0; i < CTRACK_DIRECTIONS; i++)
		state->vtag[i] = state->next[i] ?: state->vtag[i];
	forget_handshake(state);
}

/* Goes on, but isn't believed: nothing lives longer by it. */
static struct ctrack_step pass(const struct sctp_conn_state *state,
			       enum ctrack_direction direction)
{
	struct ctrack_step step;

	step = ctrack_step_accept(timeouts[state->state], direction);
	step.keep_timeout = true;
	return step;
}

static struct ctrack_step advance(struct sctp_conn_state *state, __u8 next,
				  enum ctrack_direction direction)
{
	struct ctrack_step step;

	step = ctrack_step_accept(timeouts[next], direction);
	step.changed = next != state->state;
	step.assured = step.changed && next == SCTP_CONNTRACK_ESTABLISHED;
	state->state = next;
	return step;
}

static __u8 next_of(__u8 state, unsigned int kind,
		    enum ctrack_direction direction)
{
	__u8 next = transitions[state][kind];

	if (state == SCTP_CONNTRACK_ESTABLISHED &&
	    next == SCTP_CONNTRACK_SHUTDOWN_SENT && direction == CTRACK_REPLY)
		return SCTP_CONNTRACK_SHUTDOWN_RECD;
	/* Only an answer to the HEARTBEAT that began proves the path. */
	if (state == SCTP_CONNTRACK_HEARTBEAT_SENT &&
	    next == SCTP_CONNTRACK_ESTABLISHED && direction == CTRACK_ORIGINAL)
		return state;
	return next;
}

/* From the state @next on; what is in the packet takes effect in turn. */
static struct ctrack_step move_from(struct sctp_conn_state *state, __u8 next,
				    const struct sctp_bundle *packet,
				    enum ctrack_direction direction)
{
	unsigned int kind;

	for (kind = 0; kind < SCTP_KIND_MOVES; kind++)
		if (packet->kinds & 1u << kind)
			next = next_of(next, kind, direction);
	return advance(state, next, direction);
}

/* A handshake beside an association that ends goes on where it is. */
static struct ctrack_step move(struct sctp_conn_state *state,
			       const struct sctp_bundle *packet,
			       enum ctrack_direction direction)
{
	__u8 before = state->state;
	struct ctrack_step step;
	bool ended;

	step = move_from(state, before, packet, direction);
	ended = state->state == SCTP_CONNTRACK_CLOSED &&
		(before != state->state || packet->kinds & SCTP_HAS(ABORT));
	if (!ended)
		return step;
	state->probed = 0;
	/* Of a handshake, what is under way still has its tags. */
	if (is_opening(before))
		adopt_tags(state);
	else if (state->next[CTRACK_ORIGINAL] && state->next[CTRACK_REPLY])
		return advance(state, state->echoed ? SCTP_CONNTRACK_COOKIE_ECHOED :
						      SCTP_CONNTRACK_COOKIE_WAIT, direction);
	else
		forget_handshake(state);
	return step;
}

/* Both ends agree on the tags. What comes beside that counts as well. */
static struct ctrack_step adopt(struct sctp_conn_state *state,
				const struct sctp_bundle *packet,
				enum ctrack_direction direction)
{
	struct ctrack_step step;

	adopt_tags(state);
	step = move_from(state, SCTP_CONNTRACK_ESTABLISHED, packet, direction);
	step.assured = true;
	return step;
}

/*
 * An INIT has no verification tag (section 8.5.1 A) and names the one that
 * packets to its sender shall have. When both ends have sent one and another
 * comes, the sender has started anew, and the other end's is out of date. One
 * with a tag that is known comes again, or crossed its sender's own INIT ACK.
 */
static void record_init(struct sctp_conn_state *state, __u32 tag,
			enum ctrack_direction direction)
{
	if (state->init && state->next[!direction] == tag) {
		state->init |= bit(direction);
		return;
	}
	if (!(state->init & bit(!direction)))
		state->next[direction] = 0;
	if (state->init == (bit(CTRACK_ORIGINAL) | bit(CTRACK_REPLY)))
		state->init = 0;
	state->next[!direction] = tag;
	state->init |= bit(direction);
	state->several = 0;
	state->echoed = 0;
}

static struct ctrack_step take_init(struct sctp_conn_state *state,
				    const struct sctp_bundle *packet,
				    enum ctrack_direction direction)
{
	__u8 next = state->state == SCTP_CONNTRACK_NONE ?
		    SCTP_CONNTRACK_CLOSED :
		    transitions[state->state][SCTP_KIND_INIT];
	struct ctrack_step step;

	if (packet->vtag || !packet->init_tag)
		return ctrack_step_refuse(CTRACK_REASON_sctp_vtag);
	record_init(state, packet->init_tag, direction);
	step = advance(state, next, direction);
	/*
	 * INITs alone must not keep an entry, and its translation, forever. One
	 * that is sent again does not need it: its answer prolongs the entry.
	 */
	step.keep_timeout = !step.changed;
	return step;
}

/*
 * An INIT ACK answers the other end's INIT and names the tag for packets to its
 * own sender. When that one sent an INIT itself, both name the same tag
 * (section 5.2.1); another one is in an INIT ACK that was sent before, and was
 * overtaken. It would be believed by nobody. But beside an association the INIT
 * can be an old one, or anybody's. Who has echoed a cookie takes no other INIT
 * ACK (section 5.2.3).
 */
static enum ctrack_reason record_init_ack(struct sctp_conn_state *state, __u32 tag,
					  enum ctrack_direction direction)
{
	__u32 *own = &state->next[!direction];

	if (!tag || !(state->init & bit(!direction)))
		return CTRACK_REASON_sctp_vtag;
	if (state->init & bit(direction) && is_opening(state->state))
		return *own == tag ? CTRACK_REASON_NONE :
				     CTRACK_REASON_sctp_collision;
	/* The server chooses one for each INIT that it gets (section 5.1 B). */
	if (*own && *own != tag)
		state->several = 1;
	if (!(state->echoed & bit(!direction)))
		*own = tag;
	return CTRACK_REASON_NONE;
}

/* An end that starts anew may have the tag that it had before. */
static bool is_of_handshake(const struct sctp_conn_state *state, unsigned int kinds)
{
	return is_opening(state->state) ||
	       kinds & (SCTP_HAS(INIT_ACK) | SCTP_HAS(COOKIE_ECHO) | SCTP_HAS(COOKIE_ACK));
}

static enum tag find_tag(struct sctp_conn_state *state,
			 const struct sctp_bundle *packet,
			 enum ctrack_direction direction)
{
	enum ctrack_direction carrier = packet->reflected ? !direction :
							    direction;
	__u32 *vtag = &state->vtag[carrier], *next = &state->next[carrier];
	bool agreed = packet->vtag == *vtag, agreeing = state->init && packet->vtag == *next;

	if (!packet->vtag)
		return TAG_UNKNOWN;
	if (agreed && !(agreeing && is_of_handshake(state, packet->kinds)))
		return TAG_ASSOCIATION;
	if (agreeing)
		return TAG_HANDSHAKE;
	if (state->several && state->init & bit(carrier) &&
	    packet->kinds & SCTP_HAS(COOKIE_ECHO)) {
		*next = packet->vtag;
		return TAG_HANDSHAKE;
	}
	return TAG_UNKNOWN;
}

/*
 * An end whose last SHUTDOWN COMPLETE was lost takes no INIT before it has it
 * (section 9.2). Who has forgotten the association answers with the same tag
 * (section 8.4, 5).
 */
static bool ends_what_is_forgotten(struct sctp_conn_state *state,
				   const struct sctp_bundle *packet,
				   enum ctrack_direction direction)
{
	if (!is_opening(state->state) || packet->kinds & SCTP_HAS(ABORT))
		return false;
	if (packet->kinds & SCTP_HAS(SHUTDOWN_ACK)) {
		state->forgotten[direction] = packet->vtag;
		return true;
	}
	return packet->kinds & SCTP_HAS(SHUTDOWN_COMPLETE) && packet->reflected &&
	       packet->vtag == state->forgotten[!direction];
}

/*
 * A tag that nobody has agreed upon here. It can be right: on another path the
 * ends may have started anew. A HEARTBEAT that is answered shows it.
 */
static struct ctrack_step take_stray(struct sctp_conn_state *state,
				     const struct sctp_bundle *packet,
				     enum ctrack_direction direction)
{
	if (!packet->vtag)
		return ctrack_step_refuse(CTRACK_REASON_sctp_vtag);
	if (ends_what_is_forgotten(state, packet, direction))
		return pass(state, direction);
	if (packet->kinds & SCTP_HAS(DATA) || !(packet->kinds & SCTP_HAS(HEARTBEAT)))
		return ctrack_step_refuse(CTRACK_REASON_sctp_vtag);
	return pass(state, direction);
}

/* Does an association have this tag, and that for the answers is known as well? */
static bool is_settled(const struct sctp_conn_state *state, __u32 vtag,
		       enum ctrack_direction direction)
{
	return !is_opening(state->state) && vtag == state->vtag[direction] &&
	       state->vtag[!direction];
}

/* Sections 5.4 and 8.3: an answer to a HEARTBEAT shows that both ends have the association. */
static bool answers_probe(const struct sctp_conn_state *state, const struct sctp_bundle *packet,
			  enum ctrack_direction direction)
{
	return packet->kinds & SCTP_HAS(HEARTBEAT_ACK) && packet->vtag &&
	       state->probed & bit(!direction) && !is_settled(state, packet->vtag, direction);
}

static struct ctrack_step adopt_path(struct sctp_conn_state *state,
				     const struct sctp_bundle *packet,
				     enum ctrack_direction direction)
{
	state->next[direction] = packet->vtag;
	state->next[!direction] = state->probe[!direction];
	return adopt(state, packet, direction);
}

/* Of a packet that was not refused. */
static void record_probe(struct sctp_conn_state *state, const struct sctp_bundle *packet,
			 enum ctrack_direction direction)
{
	if (!(packet->kinds & SCTP_HAS(HEARTBEAT)) || !packet->vtag)
		return;
	state->probe[direction] = packet->vtag;
	if (is_settled(state, packet->vtag, direction))
		state->probed &= ~bit(direction);
	else
		state->probed |= bit(direction);
}

/*
 * The handshake's tags beside those of an association: it goes on, and a COOKIE
 * ACK makes them the association's (section 5.2.4 A and B).
 */
static struct ctrack_step take_handshake(struct sctp_conn_state *state,
					 const struct sctp_bundle *packet,
					 enum ctrack_direction direction)
{
	enum ctrack_reason reason;

	if (packet->kinds & SCTP_HAS(INIT_ACK)) {
		reason = record_init_ack(state, packet->init_tag, direction);
		if (reason)
			return ctrack_step_refuse(reason);
	}
	if (packet->kinds & SCTP_HAS(COOKIE_ECHO)) {
		state->echoed |= bit(direction);
		state->several = 0;
	}
	if (packet->kinds & SCTP_HAS(COOKIE_ACK) &&
	    state->echoed & bit(!direction) && state->next[!direction])
		return adopt(state, packet, direction);
	if (is_opening(state->state))
		return move(state, packet, direction);
	if (packet->kinds & SCTP_HAS(ABORT))
		forget_handshake(state);
	return pass(state, direction);
}

/*
 * What may come first, besides INIT: a HEARTBEAT on a further path, or on one
 * that was forgotten here, and its answer; a SHUTDOWN ACK, which an end that has
 * forgotten the association answers (section 8.4, 5).
 */
static struct ctrack_step begin(struct sctp_conn_state *state,
				const struct sctp_bundle *packet,
				enum ctrack_direction direction)
{
	__u8 next;

	switch (packet->kinds) {
	case SCTP_HAS(INIT):
		return take_init(state, packet, direction);
	case SCTP_HAS(HEARTBEAT):
		next = SCTP_CONNTRACK_HEARTBEAT_SENT;
		break;
	case SCTP_HAS(HEARTBEAT_ACK):
		next = SCTP_CONNTRACK_CLOSED;
		break;
	case SCTP_HAS(SHUTDOWN_ACK):
		next = SCTP_CONNTRACK_SHUTDOWN_ACK_SENT;
		break;
	default:
		return ctrack_step_refuse(CTRACK_REASON_sctp_unknown);
	}
	if (!packet->vtag)
		return ctrack_step_refuse(CTRACK_REASON_sctp_vtag);
	state->vtag[direction] = packet->vtag;
	return advance(state, next, direction);
}

static struct ctrack_step take(struct sctp_conn_state *state,
			       const struct sctp_bundle *packet,
			       enum ctrack_direction direction)
{
	if (state->state == SCTP_CONNTRACK_NONE)
		return begin(state, packet, direction);
	if (packet->kinds & SCTP_HAS(INIT))
		return take_init(state, packet, direction);
	if (answers_probe(state, packet, direction))
		return adopt_path(state, packet, direction);

	switch (find_tag(state, packet, direction)) {
	case TAG_HANDSHAKE:
		return take_handshake(state, packet, direction);
	case TAG_ASSOCIATION:
		break;
	default:
		return take_stray(state, packet, direction);
	}
	if (packet->kinds & SCTP_HAS(INIT_ACK) &&
	    (!packet->init_tag || packet->init_tag != state->vtag[!direction]))
		return ctrack_step_refuse(CTRACK_REASON_sctp_vtag);
	/* Of what was there before, or late of the handshake (section 5.2.3). */
	if (is_opening(state->state) || packet->kinds & SCTP_HAS(INIT_ACK))
		return pass(state, direction);
	return move(state, packet, direction);
}

/**
 * sctp_step - what a packet does to its connection
 * @state: what the connection remembers; changed, unless the packet is refused
 * @packet: the packet
 * @direction: which way it goes
 *
 * Return: what was decided.
 */
struct ctrack_step sctp_step(struct sctp_conn_state *state,
			     const struct sctp_bundle *packet,
			     enum ctrack_direction direction)
{
	struct ctrack_step step = take(state, packet, direction);

	if (step.verdict == CTRACK_ACCEPT)
		record_probe(state, packet, direction);
	return step;
}

/**
 * sctp_timeout - which timeout fits a connection's state?
 * @state: what the connection remembers
 *
 * Return: the timeout.
 */
enum ctrack_timeout sctp_timeout(const struct sctp_conn_state *state)
{
	return timeouts[state->state];
}

/**
 * sctp_vtag - the verification tag that users are shown
 * @state: what the connection remembers
 * @direction: of the packets that carry it
 *
 * Return: the tag, host order; 0 when it is not known.
 */
__u32 sctp_vtag(const struct sctp_conn_state *state, enum ctrack_direction direction)
{
	return is_opening(state->state) && state->init ?
	       state->next[direction] : state->vtag[direction];
}

/**
 * sctp_restore - give a connection the state that ctnetlink names
 * @state: of the connection
 * @number: enum sctp_conntrack, up to SCTP_CONNTRACK_HEARTBEAT_SENT
 * @vtag: by direction, host order; 0 when it is not known
 */
void sctp_restore(struct sctp_conn_state *state, __u8 number,
		  const __u32 vtag[CTRACK_DIRECTIONS])
{
	__u32 *tags = is_opening(number) ? state->next : state->vtag;

	*state = (struct sctp_conn_state) {
		.state = number,
	};
	tags[CTRACK_ORIGINAL] = vtag[CTRACK_ORIGINAL];
	tags[CTRACK_REPLY] = vtag[CTRACK_REPLY];
	if (number == SCTP_CONNTRACK_COOKIE_ECHOED)
		state->echoed = bit(CTRACK_ORIGINAL) | bit(CTRACK_REPLY);
	if (number == SCTP_CONNTRACK_HEARTBEAT_SENT && !vtag[CTRACK_REPLY]) {
		state->probe[CTRACK_ORIGINAL] = vtag[CTRACK_ORIGINAL];
		state->probed = bit(CTRACK_ORIGINAL);
	}
	/* What answers carry was named by the INIT. */
	if (state->next[CTRACK_REPLY])
		state->init = bit(CTRACK_ORIGINAL);
}
