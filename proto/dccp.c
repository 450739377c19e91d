// SPDX-License-Identifier: GPL-2.0
/*
 * DCCP, RFC 4340: the state of a connection as seen from its middle. PURE:
 * compiled into ctrack.ko and into the userspace tests.
 *
 * As with TCP, a packet that may well be right for an end that knows better is
 * let pass without believing it.
 */
#include "proto/dccp.h"
#include "proto/octets.h"
#include "proto/proto.h"

/* Where things lie in the generic header, section 5.1. */
enum {
	DCCP_AT_OFFSET = 4,
	DCCP_AT_COVERAGE = 5,
	DCCP_AT_TYPE = 8,
	DCCP_AT_SHORT_SEQ = 8,	/* its low 24 bits */
	DCCP_AT_LONG_SEQ = 10,
	DCCP_LONG_HEADER = 16,
};

#define DCCP_EXTENDED		0x01	/* X, in the octet of the type */
#define DCCP_COVERAGE_MASK	0x0f

#define SEQ_MASK		((1ULL << 48) - 1)

/*
 * An end takes what lies in a window of numbers that it chose itself (section
 * 7.5.1), which is 100 unless it asked for more. Nobody has more under way than
 * this, and who does not know the numbers hits it once in millions of times.
 */
#define WINDOW			0x1000000ULL

/*
 * Short numbers tell nothing of the high half: of somebody else's, half lie
 * ahead. So these move on by no more than can be lost before us in a row.
 */
#define SHORT_STEP		0x10000ULL

#define TYPE(name) (1u << DCCP_TYPE_##name)

/* Section 5.1: only these may have short sequence numbers. */
#define MAY_BE_SHORT	(TYPE(DATA) | TYPE(ACK) | TYPE(DATAACK))

/* Section 5.2: these have no acknowledgment number. */
#define WITHOUT_ACK	(TYPE(REQUEST) | TYPE(DATA))

/* Sections 5.2, 5.3, 5.6: a service code, or a reset code with its data. */
#define WITH_CODE	(TYPE(REQUEST) | TYPE(RESPONSE) | TYPE(RESET))

/* These end a connection, and say what they answer. */
#define ENDING		(TYPE(CLOSEREQ) | TYPE(CLOSE) | TYPE(RESET))

/* What a packet does to a connection, where it isn't just its next state. */
enum {
	/* It goes on, but isn't believed: nothing changes or lives longer. */
	PASS = DCCP_CONNTRACK_MAX,
	/* No end in its right mind sends it. */
	BAD,
	/* The connection is over, this starts the next one. */
	RENEW,
};

/* The states, short enough for a table. */
enum {
	REQ = DCCP_CONNTRACK_REQUEST,
	RESP = DCCP_CONNTRACK_RESPOND,
	PART = DCCP_CONNTRACK_PARTOPEN,
	OPEN = DCCP_CONNTRACK_OPEN,
	CREQ = DCCP_CONNTRACK_CLOSEREQ,
	CLOS = DCCP_CONNTRACK_CLOSING,
	TIMEW = DCCP_CONNTRACK_TIMEWAIT,
};

/*
 * A line for each state and role, the client's first; columns in the order of
 * enum dccp_type. Throughout:
 *
 * - A Request in a connection that is under way may be of an end that was
 *   started anew, and a Response the answer to it; see answers_passed_request().
 * - Sync and SyncAck (section 7.5.4) bring the ends back into step. They say
 *   nothing about the state, but for PARTOPEN, and may be about a packet that we
 *   have not seen.
 * - A Reset ends it (section 8.3.1).
 * - Close, CloseReq and Reset are believed when they acknowledge what was sent
 *   lately; see is_forged().
 */
static const __u8 transitions[DCCP_CONNTRACK_MAX][DCCP_ROLES]
			     [DCCP_TYPE_COUNT] = {
	/*
	 * Request, Response, Data, Ack, DataAck, CloseReq, Close, Reset, Sync,
	 * SyncAck
	 */

	/* A connection that is older than we are can't be picked up. */
	[DCCP_CONNTRACK_NONE] = {
		{ REQ,	BAD,  BAD,  BAD,  BAD,	BAD,  BAD,  BAD,  BAD,	BAD },
		{ BAD,	BAD,  BAD,  BAD,  BAD,	BAD,  BAD,  BAD,  BAD,	BAD },
	},
	/*
	 * A client answers what is no Response with a Reset, and goes on (section
	 * 8.5, step 4).
	 */
	[DCCP_CONNTRACK_REQUEST] = {
		{ REQ,	PASS, BAD,  BAD,  BAD,	BAD,  BAD,  PASS,  PASS, PASS },
		{ PASS, RESP, BAD,  BAD,  BAD,	BAD,  BAD,  TIMEW, PASS, PASS },
	},
	/*
	 * Section 8.1.3: a Request that came again is answered again. The Ack may
	 * be lost before us, and a Close the first that says that the client got
	 * the Response.
	 */
	[DCCP_CONNTRACK_RESPOND] = {
		{ RESP, PASS, BAD,  PART, PART, BAD,  CLOS, TIMEW, PASS, PASS },
		{ PASS, RESP, BAD,  BAD,  BAD,	BAD,  BAD,  TIMEW, PASS, PASS },
	},
	/*
	 * Section 8.1.5: the client sends DataAcks, until it hears more than a
	 * Response, a Reset or a Sync.
	 */
	[DCCP_CONNTRACK_PARTOPEN] = {
		{ PASS, PASS, BAD,  PART, PART, BAD,  CLOS, TIMEW, PASS, PASS },
		{ PASS, PASS, OPEN, OPEN, OPEN, CREQ, CLOS, TIMEW, PASS, OPEN },
	},
	/* Only a server may ask for a Close instead of sending one (8.3). */
	[DCCP_CONNTRACK_OPEN] = {
		{ PASS, PASS, OPEN, OPEN, OPEN, BAD,  CLOS, TIMEW, PASS, PASS },
		{ PASS, PASS, OPEN, OPEN, OPEN, CREQ, CLOS, TIMEW, PASS, PASS },
	},
	/*
	 * The server waits for the Close. What it sent before that may have
	 * been overtaken by its CloseReq.
	 */
	[DCCP_CONNTRACK_CLOSEREQ] = {
		{ PASS, PASS, CREQ, CREQ, CREQ, BAD,  CLOS, TIMEW, PASS, PASS },
		{ PASS, PASS, PASS, PASS, PASS, CREQ, BAD,  TIMEW, PASS, PASS },
	},
	/* A Close is sent again until there is a Reset (section 8.3). */
	[DCCP_CONNTRACK_CLOSING] = {
		{ PASS, PASS, CLOS, CLOS, CLOS, BAD,  CLOS, TIMEW, PASS, PASS },
		{ PASS, PASS, CLOS, CLOS, CLOS, CREQ, CLOS, TIMEW, PASS, PASS },
	},
	/*
	 * The Reset may be lost behind us, and then the Close comes again. Either
	 * end may open the next connection.
	 */
	[DCCP_CONNTRACK_TIMEWAIT] = {
		{ RENEW, BAD, BAD,  BAD,  BAD,	BAD,  PASS, PASS, PASS, PASS },
		{ RENEW, BAD, BAD,  BAD,  BAD,	BAD,  PASS, PASS, PASS, PASS },
	},
};

static const __u8 timeouts[DCCP_CONNTRACK_MAX] = {
	[DCCP_CONNTRACK_NONE] = CTRACK_TIMEOUT_DCCP_REQUEST,
	[DCCP_CONNTRACK_REQUEST] = CTRACK_TIMEOUT_DCCP_REQUEST,
	[DCCP_CONNTRACK_RESPOND] = CTRACK_TIMEOUT_DCCP_RESPOND,
	[DCCP_CONNTRACK_PARTOPEN] = CTRACK_TIMEOUT_DCCP_PARTOPEN,
	[DCCP_CONNTRACK_OPEN] = CTRACK_TIMEOUT_DCCP_OPEN,
	[DCCP_CONNTRACK_CLOSEREQ] = CTRACK_TIMEOUT_DCCP_CLOSEREQ,
	[DCCP_CONNTRACK_CLOSING] = CTRACK_TIMEOUT_DCCP_CLOSING,
	[DCCP_CONNTRACK_TIMEWAIT] = CTRACK_TIMEOUT_DCCP_TIMEWAIT,
};

static __u64 read_long(const __u8 *octet)
{
	return (__u64)octets_read16(octet) << 32 | octets_read32(octet + 2);
}

/**
 * dccp_coverage - how many octets a packet's checksum covers
 * @header: its first octets, DCCP_HEADER_MIN at least
 * @length: what the IP header says the length of header and data is
 *
 * Return: octets from the header's first on (section 9.2); more than @length
 * when it makes no sense.
 */
unsigned int dccp_coverage(const void *header, unsigned int length)
{
	const __u8 *octet = header;
	unsigned int coverage = octet[DCCP_AT_COVERAGE] & DCCP_COVERAGE_MASK;

	return coverage ? (octet[DCCP_AT_OFFSET] + coverage - 1) * 4 : length;
}

/* How long the header of this type is, without options. */
static unsigned int fixed_length(unsigned int type, bool extended)
{
	unsigned int length = extended ? DCCP_LONG_HEADER : DCCP_HEADER_MIN;

	if (!(1u << type & WITHOUT_ACK))
		length += extended ? 8 : 4;
	if (1u << type & WITH_CODE)
		length += 4;
	return length;
}

static void read_numbers(const __u8 *octet, bool extended,
			 struct dccp_packet *packet)
{
	bool has_ack = !(1u << packet->type & WITHOUT_ACK);

	if (extended) {
		packet->seq = read_long(octet + DCCP_AT_LONG_SEQ);
		if (has_ack)
			packet->ack = read_long(octet + DCCP_LONG_HEADER + 2);
		return;
	}
	packet->seq = octets_read32(octet + DCCP_AT_SHORT_SEQ) & 0xffffff;
	if (has_ack)
		packet->ack = octets_read32(octet + DCCP_HEADER_MIN) & 0xffffff;
}

/**
 * dccp_parse - read and check a DCCP header
 * @header: its first octets
 * @header_length: how many of them can be read
 * @length: what the IP header says the length of header and data is
 * @packet: filled in
 *
 * The checks of section 8.5, step 1, but for the checksum.
 *
 * Return: CTRACK_REASON_NONE, or why it is invalid.
 */
enum ctrack_reason dccp_parse(const void *header, unsigned int header_length,
			      unsigned int length, struct dccp_packet *packet)
{
	const __u8 *octet = header;
	unsigned int type, offset, fixed;
	bool extended;

	if (header_length < DCCP_HEADER_MIN || length < DCCP_HEADER_MIN)
		return CTRACK_REASON_transport_header;

	type = octet[DCCP_AT_TYPE] >> 1 & 0xf;
	extended = octet[DCCP_AT_TYPE] & DCCP_EXTENDED;
	if (type >= DCCP_TYPE_COUNT ||
	    (!extended && !(1u << type & MAY_BE_SHORT)))
		return CTRACK_REASON_dccp_type;

	fixed = fixed_length(type, extended);
	offset = octet[DCCP_AT_OFFSET] * 4;
	if (offset < fixed || offset > length)
		return CTRACK_REASON_dccp_offset;
	if (dccp_coverage(header, length) > length)
		return CTRACK_REASON_transport_length;
	if (header_length < fixed)
		return CTRACK_REASON_transport_header;

	*packet = (struct dccp_packet) { .type = type, .brief = !extended };
	read_numbers(octet, extended, packet);
	return CTRACK_REASON_NONE;
}

/* Was a number like this one sent lately? Of an end that was not heard nobody knows. */
static bool was_sent(const struct dccp_state *state, __u64 number,
		     enum ctrack_direction direction)
{
	__u64 behind = state->sent[direction] + WINDOW - number;

	return state->heard & 1u << direction && (behind & SEQ_MASK) < 2 * WINDOW;
}

/*
 * A Request passed, because we took it for one of an end that was started anew,
 * and this is the Response to it: both ends agree, and we were wrong, perhaps
 * also about who is the server. Unless it is late, of the handshake that we saw:
 * a new one has other numbers (section 7.2).
 */
static bool answers_passed_request(const struct dccp_state *state,
				   const struct dccp_packet *packet,
				   enum ctrack_direction direction)
{
	return packet->type == DCCP_TYPE_RESPONSE &&
	       state->last_type == DCCP_TYPE_REQUEST &&
	       state->last_direction != direction &&
	       (state->state == DCCP_CONNTRACK_REQUEST ||
		!was_sent(state, packet->ack, !direction));
}

/*
 * Its receiver would answer with a Sync and do nothing (section 7.5.4). Of an
 * end that was not heard yet nobody knows what it sent.
 */
static bool is_forged(const struct dccp_state *state,
		      const struct dccp_packet *packet,
		      enum ctrack_direction direction)
{
	return 1u << packet->type & ENDING && state->heard & 1u << !direction &&
	       !was_sent(state, packet->ack, !direction);
}

static void start_at(struct dccp_state *state, __u64 seq,
		     enum ctrack_direction direction)
{
	state->sent[direction] = seq;
	state->heard |= 1u << direction;
}

/* A number that is not near comes from somebody else. */
static void record_sent(struct dccp_state *state,
			const struct dccp_packet *packet,
			enum ctrack_direction direction)
{
	__u64 *sent = &state->sent[direction];
	__u64 ahead = packet->seq - *sent;

	if (!(state->heard & 1u << direction)) {
		if (!packet->brief)
			start_at(state, packet->seq, direction);
		return;
	}
	ahead &= packet->brief ? WINDOW - 1 : SEQ_MASK;
	if (ahead < (packet->brief ? SHORT_STEP : WINDOW / 2))
		*sent = (*sent + ahead) & SEQ_MASK;
}

static void record_last(struct dccp_state *state,
			const struct dccp_packet *packet,
			enum ctrack_direction direction)
{
	record_sent(state, packet, direction);
	state->last_type = packet->type;
	state->last_direction = direction;
}

/* The client knows the number that only the server's Response has told. */
static bool acknowledges_response(const struct dccp_state *state,
				  const struct dccp_packet *packet)
{
	return state->state == DCCP_CONNTRACK_RESPOND &&
	       (packet->ack == state->handshake_seq ||
		packet->ack == (state->handshake_seq & 0xffffff));
}

static struct ctrack_step pass(struct dccp_state *state,
			       const struct dccp_packet *packet,
			       enum ctrack_direction direction)
{
	struct ctrack_step step;

	record_last(state, packet, direction);
	step = ctrack_step_accept(timeouts[state->state], direction);
	step.keep_timeout = true;
	return step;
}

static struct ctrack_step advance(struct dccp_state *state,
				  const struct dccp_packet *packet,
				  enum ctrack_direction direction, __u8 next)
{
	struct ctrack_step step = ctrack_step_accept(timeouts[next], direction);

	if (next == DCCP_CONNTRACK_REQUEST)
		start_at(state, packet->seq, direction);
	if (next == DCCP_CONNTRACK_RESPOND &&
	    packet->type == DCCP_TYPE_RESPONSE) {
		state->handshake_seq = packet->seq;
		start_at(state, packet->seq, direction);
		start_at(state, packet->ack, !direction);
	}
	step.assured = next == DCCP_CONNTRACK_OPEN ||
		       (next == DCCP_CONNTRACK_PARTOPEN &&
			acknowledges_response(state, packet));
	step.changed = next != state->state;
	/* Requests alone must not keep an entry, and its translation. */
	step.keep_timeout = !step.changed && packet->type == DCCP_TYPE_REQUEST;
	state->state = next;
	record_last(state, packet, direction);
	return step;
}

/**
 * dccp_step - what a packet does to its connection
 * @state: what the connection remembers; changed, unless the packet is refused
 *	or opens the next connection
 * @packet: the packet
 * @direction: which way it goes
 *
 * Return: what was decided.
 */
struct ctrack_step dccp_step(struct dccp_state *state,
			     const struct dccp_packet *packet,
			     enum ctrack_direction direction)
{
	bool reply = direction == CTRACK_REPLY;
	bool first = state->state == DCCP_CONNTRACK_NONE;
	enum dccp_role role = state->role ^ reply;
	__u8 next = transitions[state->state][role][packet->type];

	switch (next) {
	case BAD:
		return ctrack_step_refuse(first ? CTRACK_REASON_dccp_unknown :
						  CTRACK_REASON_dccp_state);
	case RENEW:
		return (struct ctrack_step) { .verdict = CTRACK_RENEW };
	case PASS:
		if (!answers_passed_request(state, packet, direction))
			return pass(state, packet, direction);
		/* Who sent this one is the server. */
		state->role = reply ? DCCP_ROLE_CLIENT : DCCP_ROLE_SERVER;
		next = DCCP_CONNTRACK_RESPOND;
		break;
	default:
		if (is_forged(state, packet, direction))
			return pass(state, packet, direction);
		break;
	}
	return advance(state, packet, direction, next);
}

/**
 * dccp_timeout - which timeout fits a connection's state?
 * @state: what the connection remembers
 *
 * Return: the timeout.
 */
enum ctrack_timeout dccp_timeout(const struct dccp_state *state)
{
	return timeouts[state->state];
}
