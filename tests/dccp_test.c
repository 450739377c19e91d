// SPDX-License-Identifier: GPL-2.0
/* DCCP: headers, each transition, and connections from start to end. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/dccp.c"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/*
 * Headers
 */

/* A header in memory of just its own size, for ASan to watch. */
static enum ctrack_reason parse(unsigned int type, bool extended,
				unsigned int words, unsigned int coverage,
				unsigned int readable, unsigned int length,
				struct dccp_packet *packet)
{
	const __u8 header[DCCP_HEADER_MAX] = {
		0x0b, 0xb8, 0, 53, words, 0x50 | coverage, 0, 0,
		type << 1 | extended,
		/* A short sequence number; reserved, and a long one. */
		0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
		/* An acknowledgment number likewise. */
		0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7,
	};
	__u8 *copy = malloc(readable);
	enum ctrack_reason reason;

	assert_true(copy || !readable);
	memcpy(copy, header, readable);
	reason = dccp_parse(copy, readable, length, packet);
	free(copy);
	return reason;
}

/* RFC 4340 section 5: octets of the header, long and short; 0: not allowed. */
static const struct {
	__u8 extended, brief;
} lengths[16] = {
	[DCCP_TYPE_REQUEST] = { 20, 0 },
	[DCCP_TYPE_RESPONSE] = { 28, 0 },
	[DCCP_TYPE_DATA] = { 16, 12 },
	[DCCP_TYPE_ACK] = { 24, 16 },
	[DCCP_TYPE_DATAACK] = { 24, 16 },
	[DCCP_TYPE_CLOSEREQ] = { 24, 0 },
	[DCCP_TYPE_CLOSE] = { 24, 0 },
	[DCCP_TYPE_RESET] = { 28, 0 },
	[DCCP_TYPE_SYNC] = { 24, 0 },
	[DCCP_TYPE_SYNCACK] = { 24, 0 },
};

static void every_type_has_its_header(void **state)
{
	struct dccp_packet packet;
	unsigned int type, extended, words;

	for (type = 0; type < 16; type++) {
		for (extended = 0; extended < 2; extended++) {
			unsigned int wanted = extended ?
				lengths[type].extended : lengths[type].brief;

			for (words = 0; words < 256; words++) {
				enum ctrack_reason reason, expected = 0;

				reason = parse(type, extended, words, 0, 28,
					       400, &packet);
				if (!wanted)
					expected = CTRACK_REASON_dccp_type;
				else if (words * 4 < wanted || words > 100)
					expected = CTRACK_REASON_dccp_offset;
				assert_int_equal(reason, expected);
				if (!reason)
					assert_int_equal(packet.type, type);
			}
		}
	}
}

static void numbers_are_long_or_short(void **state)
{
	struct dccp_packet packet;

	parse(DCCP_TYPE_RESPONSE, true, 7, 0, 28, 28, &packet);
	assert_true(packet.seq == 0xa2a3a4a5a6a7);
	assert_true(packet.ack == 0xb2b3b4b5b6b7);
	parse(DCCP_TYPE_ACK, false, 4, 0, 16, 16, &packet);
	assert_true(packet.seq == 0xa1a2a3);
	assert_true(packet.ack == 0xa5a6a7);
	parse(DCCP_TYPE_REQUEST, true, 5, 0, 20, 20, &packet);
	assert_true(packet.seq == 0xa2a3a4a5a6a7);
	assert_true(packet.ack == 0);
	parse(DCCP_TYPE_DATA, false, 3, 0, 12, 12, &packet);
	assert_true(packet.ack == 0);
}

static void a_cut_header_is_refused(void **state)
{
	struct dccp_packet packet;
	unsigned int cut, type;

	for (cut = 0; cut < DCCP_HEADER_MIN; cut++) {
		assert_int_equal(parse(DCCP_TYPE_DATA, false, 3, 0, cut, 100,
				       &packet),
				 CTRACK_REASON_transport_header);
		assert_int_equal(parse(DCCP_TYPE_DATA, false, 3, 0, 12, cut,
				       &packet),
				 CTRACK_REASON_transport_header);
	}
	for (type = 0; type < DCCP_TYPE_COUNT; type++) {
		for (cut = DCCP_HEADER_MIN; cut < lengths[type].extended; cut++)
			assert_int_equal(parse(type, true, 7, 0, cut, 100,
					       &packet),
					 CTRACK_REASON_transport_header);
	}
}

/* Section 9.2: header and options, and then words of the data. */
static void the_coverage_fits_the_packet(void **state)
{
	__u8 header[DCCP_HEADER_MIN] = { 0, 1, 0, 2, 4 };
	struct dccp_packet packet;
	unsigned int coverage, length;

	for (length = 16; length < 100; length++) {
		for (coverage = 0; coverage < 16; coverage++) {
			unsigned int covered = coverage ?
				16 + 4 * (coverage - 1) : length;

			header[5] = 0xf0 | coverage;
			assert_int_equal(dccp_coverage(header, length), covered);
			assert_int_equal(parse(DCCP_TYPE_DATA, true, 4,
					       coverage, 16, length, &packet),
					 covered > length ?
					 CTRACK_REASON_transport_length : 0);
		}
	}
}

/*
 * The table, against the same knowledge in other words
 */

enum outcome { GOES_ON = 100, INVALID, NEXT_CONNECTION };

static bool between(__u8 state, __u8 first, __u8 last)
{
	return state >= first && state <= last;
}

static int expected_request(__u8 state, bool server)
{
	if (state == DCCP_CONNTRACK_TIMEWAIT)
		return NEXT_CONNECTION;
	if (server)
		return GOES_ON;
	return between(state, DCCP_CONNTRACK_REQUEST, DCCP_CONNTRACK_RESPOND) ?
	       state : GOES_ON;
}

static int expected_response(__u8 state, bool server)
{
	if (state == DCCP_CONNTRACK_TIMEWAIT)
		return INVALID;
	return server && state <= DCCP_CONNTRACK_RESPOND ?
	       DCCP_CONNTRACK_RESPOND : GOES_ON;
}

/* Ack and DataAck; Data where the handshake is over. */
static int expected_data(__u8 state, bool server, bool data)
{
	switch (state) {
	case DCCP_CONNTRACK_RESPOND:
		return server || data ? INVALID : DCCP_CONNTRACK_PARTOPEN;
	case DCCP_CONNTRACK_PARTOPEN:
		if (server)
			return DCCP_CONNTRACK_OPEN;
		return data ? INVALID : DCCP_CONNTRACK_PARTOPEN;
	case DCCP_CONNTRACK_CLOSEREQ:
		return server ? GOES_ON : DCCP_CONNTRACK_CLOSEREQ;
	case DCCP_CONNTRACK_OPEN:
	case DCCP_CONNTRACK_CLOSING:
		return state;
	default:
		return INVALID;
	}
}

static int expected_close(__u8 state, bool server)
{
	if (state == DCCP_CONNTRACK_TIMEWAIT)
		return GOES_ON;
	/* The client's Ack may have been lost before us. */
	if (state < DCCP_CONNTRACK_PARTOPEN &&
	    (server || state != DCCP_CONNTRACK_RESPOND))
		return INVALID;
	/* It has asked the client to. */
	if (server && state == DCCP_CONNTRACK_CLOSEREQ)
		return INVALID;
	return DCCP_CONNTRACK_CLOSING;
}

static int expected(__u8 state, bool server, unsigned int type)
{
	if (state == DCCP_CONNTRACK_NONE)
		return type == DCCP_TYPE_REQUEST && !server ?
		       DCCP_CONNTRACK_REQUEST : INVALID;
	switch (type) {
	case DCCP_TYPE_REQUEST:
		return expected_request(state, server);
	case DCCP_TYPE_RESPONSE:
		return expected_response(state, server);
	case DCCP_TYPE_DATA:
		return expected_data(state, server, true);
	case DCCP_TYPE_ACK:
	case DCCP_TYPE_DATAACK:
		return expected_data(state, server, false);
	case DCCP_TYPE_CLOSEREQ:
		return server && between(state, DCCP_CONNTRACK_PARTOPEN,
					 DCCP_CONNTRACK_CLOSING) ?
		       DCCP_CONNTRACK_CLOSEREQ : INVALID;
	case DCCP_TYPE_CLOSE:
		return expected_close(state, server);
	case DCCP_TYPE_RESET:
		return state == DCCP_CONNTRACK_TIMEWAIT ||
		       (!server && state == DCCP_CONNTRACK_REQUEST) ?
		       GOES_ON : DCCP_CONNTRACK_TIMEWAIT;
	case DCCP_TYPE_SYNCACK:
		return server && state == DCCP_CONNTRACK_PARTOPEN ?
		       DCCP_CONNTRACK_OPEN : GOES_ON;
	default:
		return GOES_ON;
	}
}

static void check_transition(__u8 old, bool server, bool reply,
			     unsigned int type)
{
	const struct dccp_packet packet = { .seq = 1, .ack = 2, .type = type };
	struct dccp_state conn = {
		.state = old,
		.handshake_seq = 3,
		.last_type = DCCP_TYPE_SYNC,
		.role = server != reply,
	}, before = conn;
	int wanted = expected(old, server, type);
	struct ctrack_step step;

	step = dccp_step(&conn, &packet, reply ? CTRACK_REPLY : CTRACK_ORIGINAL);
	if (wanted == INVALID) {
		assert_int_equal(step.verdict, CTRACK_INVALID);
		assert_int_equal(step.reason, old ? CTRACK_REASON_dccp_state :
						    CTRACK_REASON_dccp_unknown);
		assert_true(step.keep_timeout);
		assert_memory_equal(&conn, &before, sizeof(conn));
		return;
	}
	if (wanted == NEXT_CONNECTION) {
		assert_int_equal(step.verdict, CTRACK_RENEW);
		assert_memory_equal(&conn, &before, sizeof(conn));
		return;
	}
	assert_int_equal(step.verdict, CTRACK_ACCEPT);
	assert_int_equal(conn.last_type, type);
	assert_int_equal(conn.last_direction, reply);
	if (wanted == GOES_ON) {
		assert_true(step.keep_timeout);
		wanted = old;
	}
	if (conn.state != wanted)
		fail_msg("state %u, %s, type %u: %u, not %u", old,
			 server ? "server" : "client", type, conn.state,
			 wanted);
	assert_int_equal(conn.role, before.role);
	assert_int_equal(step.changed, wanted != old);
	assert_int_equal(step.replied, reply);
	assert_int_equal(step.timeout, timeouts[wanted]);
	assert_int_equal(step.timeout, dccp_timeout(&conn));
	/* 3 was not acknowledged; what is open is. */
	assert_int_equal(step.assured, wanted == DCCP_CONNTRACK_OPEN &&
			 !step.keep_timeout);
}

static void every_transition(void **state)
{
	unsigned int type;
	__u8 old;
	int way;

	for (old = 0; old < DCCP_CONNTRACK_MAX; old++)
		for (type = 0; type < DCCP_TYPE_COUNT; type++)
			for (way = 0; way < 4; way++)
				check_transition(old, way & 1, way & 2, type);
}

/*
 * Connections, packet by packet
 */

struct packet {
	char way;
	__u8 type;
	__u64 seq, ack;
	__u8 state;
	bool assured;
};

static void play_on(struct dccp_state *conn, const struct packet *packets,
		    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct dccp_packet packet = {
			.seq = packets[i].seq, .ack = packets[i].ack,
			.type = packets[i].type,
		};
		struct ctrack_step step;

		step = dccp_step(conn, &packet, packets[i].way == '>' ?
				 CTRACK_ORIGINAL : CTRACK_REPLY);
		if (step.verdict != CTRACK_ACCEPT ||
		    conn->state != packets[i].state ||
		    step.assured != packets[i].assured)
			fail_msg("packet %zu: verdict %d, state %u, assured %d",
				 i + 1, step.verdict, conn->state,
				 step.assured);
	}
}

#define PLAY_ON(conn, packets) play_on(conn, packets, COUNT(packets))

static const struct packet handshake[] = {
	{ '>', DCCP_TYPE_REQUEST, 100, 0, DCCP_CONNTRACK_REQUEST, false },
	{ '<', DCCP_TYPE_RESPONSE, 900, 100, DCCP_CONNTRACK_RESPOND, false },
	{ '>', DCCP_TYPE_ACK, 101, 900, DCCP_CONNTRACK_PARTOPEN, true },
	{ '<', DCCP_TYPE_DATAACK, 901, 101, DCCP_CONNTRACK_OPEN, true },
};

/* Section 8.3, figure: the server asks, the client closes. */
static void a_life(void **state)
{
	static const struct packet rest[] = {
		{ '>', DCCP_TYPE_DATA, 102, 0, DCCP_CONNTRACK_OPEN, true },
		{ '<', DCCP_TYPE_CLOSEREQ, 903, 102, DCCP_CONNTRACK_CLOSEREQ, false },
		/* Overtaken by the CloseReq. */
		{ '<', DCCP_TYPE_DATA, 902, 0, DCCP_CONNTRACK_CLOSEREQ, false },
		{ '>', DCCP_TYPE_CLOSE, 103, 903, DCCP_CONNTRACK_CLOSING, false },
		{ '>', DCCP_TYPE_CLOSE, 104, 903, DCCP_CONNTRACK_CLOSING, false },
		{ '<', DCCP_TYPE_RESET, 904, 104, DCCP_CONNTRACK_TIMEWAIT, false },
		/* The Reset was lost. */
		{ '>', DCCP_TYPE_CLOSE, 105, 903, DCCP_CONNTRACK_TIMEWAIT, false },
		{ '<', DCCP_TYPE_RESET, 905, 105, DCCP_CONNTRACK_TIMEWAIT, false },
	};
	struct dccp_state conn = {};

	PLAY_ON(&conn, handshake);
	PLAY_ON(&conn, rest);
}

/* Who does not know the number of the Response has not got it. */
static void an_ack_of_something_else_assures_nothing(void **state)
{
	static const struct packet blind[] = {
		{ '>', DCCP_TYPE_REQUEST, 100, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '<', DCCP_TYPE_RESPONSE, 900, 100, DCCP_CONNTRACK_RESPOND, false },
		{ '>', DCCP_TYPE_ACK, 101, 899, DCCP_CONNTRACK_PARTOPEN, false },
		{ '>', DCCP_TYPE_ACK, 102, 900, DCCP_CONNTRACK_PARTOPEN, false },
		{ '<', DCCP_TYPE_ACK, 901, 102, DCCP_CONNTRACK_OPEN, true },
	};
	/* Section 8.1.5: a DataAck will do, and the last Response counts. */
	static const struct packet again[] = {
		{ '>', DCCP_TYPE_REQUEST, 100, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '<', DCCP_TYPE_RESPONSE, 900, 100, DCCP_CONNTRACK_RESPOND, false },
		{ '>', DCCP_TYPE_REQUEST, 101, 0, DCCP_CONNTRACK_RESPOND, false },
		{ '<', DCCP_TYPE_RESPONSE, 901, 101, DCCP_CONNTRACK_RESPOND, false },
		{ '>', DCCP_TYPE_DATAACK, 102, 901, DCCP_CONNTRACK_PARTOPEN, true },
	};
	struct dccp_state one = {}, two = {};

	PLAY_ON(&one, blind);
	PLAY_ON(&two, again);
}

/* The Ack was lost before us, and the client is done. */
static void a_close_may_be_the_first_that_acknowledges(void **state)
{
	static const struct packet lost[] = {
		{ '>', DCCP_TYPE_REQUEST, 100, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '<', DCCP_TYPE_RESPONSE, 900, 100, DCCP_CONNTRACK_RESPOND, false },
		/* Forged. */
		{ '>', DCCP_TYPE_CLOSE, 102, 1 << 25, DCCP_CONNTRACK_RESPOND, false },
		{ '>', DCCP_TYPE_CLOSE, 102, 900, DCCP_CONNTRACK_CLOSING, false },
		{ '<', DCCP_TYPE_RESET, 901, 102, DCCP_CONNTRACK_TIMEWAIT, false },
	};
	struct dccp_state conn = {};

	PLAY_ON(&conn, lost);
}

/* Section 8.1.5: a server that answers a Sync has seen the handshake complete. */
static void a_syncack_opens(void **state)
{
	static const struct packet synced[] = {
		{ '>', DCCP_TYPE_SYNC, 102, 901, DCCP_CONNTRACK_PARTOPEN, false },
		{ '<', DCCP_TYPE_SYNC, 901, 101, DCCP_CONNTRACK_PARTOPEN, false },
		{ '>', DCCP_TYPE_SYNCACK, 103, 901, DCCP_CONNTRACK_PARTOPEN, false },
		{ '<', DCCP_TYPE_SYNCACK, 902, 102, DCCP_CONNTRACK_OPEN, true },
		{ '>', DCCP_TYPE_DATA, 104, 0, DCCP_CONNTRACK_OPEN, true },
	};
	struct dccp_state conn = {};

	play_on(&conn, handshake, 3);
	PLAY_ON(&conn, synced);
}

/* We thought that it was under way; both ends know better. */
static void a_response_to_a_passed_request_starts_anew(void **state)
{
	static const __u64 C = 0x123456789abc, S = 0xcba987654321;
	const struct packet anew[] = {
		{ '>', DCCP_TYPE_REQUEST, C, 0, DCCP_CONNTRACK_OPEN, false },
		{ '<', DCCP_TYPE_RESPONSE, S, C, DCCP_CONNTRACK_RESPOND, false },
		{ '>', DCCP_TYPE_ACK, C + 1, S, DCCP_CONNTRACK_PARTOPEN, true },
	};
	/* The network sends the Request again, and what answered it comes late. */
	static const struct packet late[] = {
		{ '>', DCCP_TYPE_REQUEST, 100, 0, DCCP_CONNTRACK_OPEN, false },
		{ '<', DCCP_TYPE_RESPONSE, 899, 100, DCCP_CONNTRACK_OPEN, false },
		{ '<', DCCP_TYPE_DATAACK, 902, 101, DCCP_CONNTRACK_OPEN, true },
		{ '>', DCCP_TYPE_DATA, 102, 0, DCCP_CONNTRACK_OPEN, true },
	};
	static const struct packet reversed[] = {
		{ '<', DCCP_TYPE_REQUEST, 500, 0, DCCP_CONNTRACK_PARTOPEN, false },
		{ '>', DCCP_TYPE_RESPONSE, 700, 500, DCCP_CONNTRACK_RESPOND, false },
		{ '<', DCCP_TYPE_ACK, 501, 700, DCCP_CONNTRACK_PARTOPEN, true },
		{ '>', DCCP_TYPE_CLOSEREQ, 701, 501, DCCP_CONNTRACK_CLOSEREQ, false },
	};
	/* The first Request is not answered, but the other one. */
	static const struct packet crossing[] = {
		{ '>', DCCP_TYPE_REQUEST, 100, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '<', DCCP_TYPE_REQUEST, 900, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '>', DCCP_TYPE_RESPONSE, 101, 900, DCCP_CONNTRACK_RESPOND, false },
		{ '<', DCCP_TYPE_ACK, 901, 101, DCCP_CONNTRACK_PARTOPEN, true },
	};
	/* A Sync in between says that the first one lives. */
	static const struct packet alive[] = {
		{ '<', DCCP_TYPE_REQUEST, 500, 0, DCCP_CONNTRACK_CLOSEREQ, false },
		{ '>', DCCP_TYPE_SYNC, 702, 500, DCCP_CONNTRACK_CLOSEREQ, false },
		{ '>', DCCP_TYPE_RESPONSE, 700, 500, DCCP_CONNTRACK_CLOSEREQ, false },
		/* And nobody answers itself. */
		{ '>', DCCP_TYPE_REQUEST, 500, 0, DCCP_CONNTRACK_CLOSEREQ, false },
		{ '>', DCCP_TYPE_RESPONSE, 700, 500, DCCP_CONNTRACK_CLOSEREQ, false },
	};
	struct dccp_state conn = {}, two = {};

	PLAY_ON(&two, crossing);
	PLAY_ON(&conn, handshake);
	PLAY_ON(&conn, late);
	PLAY_ON(&conn, anew);
	assert_int_equal(conn.role, DCCP_ROLE_CLIENT);
	PLAY_ON(&conn, reversed);
	assert_int_equal(conn.role, DCCP_ROLE_SERVER);
	PLAY_ON(&conn, alive);
}

/* RFC 4340 section 7.5: who has not seen the numbers ends nothing. */
static void what_is_forged_passes(void **state)
{
	static const __u64 C = 0x123456789abc, S = 0xcba987654321, far = 1 << 24;
	const struct packet opening[] = {
		{ '>', DCCP_TYPE_REQUEST, C, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '<', DCCP_TYPE_RESET, 0, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '<', DCCP_TYPE_RESPONSE, S, C, DCCP_CONNTRACK_RESPOND, false },
		{ '>', DCCP_TYPE_RESET, C + 1, 0, DCCP_CONNTRACK_RESPOND, false },
		{ '>', DCCP_TYPE_ACK, C + 1, S, DCCP_CONNTRACK_PARTOPEN, true },
		{ '<', DCCP_TYPE_ACK, S + 1, C + 1, DCCP_CONNTRACK_OPEN, true },
	};
	const struct packet blind[] = {
		{ '<', DCCP_TYPE_RESET, 0, 0, DCCP_CONNTRACK_OPEN, false },
		{ '<', DCCP_TYPE_RESET, S + 2, C + 2 + far, DCCP_CONNTRACK_OPEN, false },
		{ '<', DCCP_TYPE_RESET, S + 2, C - far, DCCP_CONNTRACK_OPEN, false },
		{ '>', DCCP_TYPE_RESET, C + 2, C, DCCP_CONNTRACK_OPEN, false },
		{ '>', DCCP_TYPE_CLOSE, C + 2, 1, DCCP_CONNTRACK_OPEN, false },
		{ '<', DCCP_TYPE_CLOSEREQ, S + 2, 1, DCCP_CONNTRACK_OPEN, false },
		/* What somebody else sent is no reason to believe its answer. */
		{ '>', DCCP_TYPE_SYNC, C + far, S, DCCP_CONNTRACK_OPEN, false },
		{ '<', DCCP_TYPE_RESET, S + 2, C + 2 * far, DCCP_CONNTRACK_OPEN, false },
		{ '>', DCCP_TYPE_DATA, C + 2, 0, DCCP_CONNTRACK_OPEN, true },
	};
	const struct packet right[] = {
		{ '>', DCCP_TYPE_DATA, C + 3, 0, DCCP_CONNTRACK_OPEN, true },
		{ '>', DCCP_TYPE_DATA, C + 4, 0, DCCP_CONNTRACK_OPEN, true },
		/* While it was under way more was sent. */
		{ '<', DCCP_TYPE_CLOSE, S + 2, C + 2, DCCP_CONNTRACK_CLOSING, false },
		/* An end that has forgotten it: section 8.3.1. */
		{ '<', DCCP_TYPE_RESET, 0, C + 4, DCCP_CONNTRACK_TIMEWAIT, false },
	};
	/* A Sync of somebody else, which the client answers. */
	const struct packet disturbed_early[] = {
		{ '>', DCCP_TYPE_REQUEST, C, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '<', DCCP_TYPE_SYNC, 77, 78, DCCP_CONNTRACK_REQUEST, false },
		{ '>', DCCP_TYPE_RESET, C + 1, 77, DCCP_CONNTRACK_REQUEST, false },
		{ '<', DCCP_TYPE_RESPONSE, S, C, DCCP_CONNTRACK_RESPOND, false },
		{ '>', DCCP_TYPE_ACK, C + 2, S, DCCP_CONNTRACK_PARTOPEN, true },
	};
	/* Nobody knows what was sent by who was not heard. */
	const struct packet unknown[] = {
		{ '<', DCCP_TYPE_RESET, S, C, DCCP_CONNTRACK_TIMEWAIT, false },
	};
	/* The last Request counts; and the Response knows best. */
	const struct packet disturbed[] = {
		{ '>', DCCP_TYPE_REQUEST, 77, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '>', DCCP_TYPE_REQUEST, C, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '>', DCCP_TYPE_REQUEST, 77, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '<', DCCP_TYPE_RESPONSE, S, C, DCCP_CONNTRACK_RESPOND, false },
		{ '<', DCCP_TYPE_RESET, S, 77, DCCP_CONNTRACK_RESPOND, false },
		{ '<', DCCP_TYPE_RESET, S, C, DCCP_CONNTRACK_TIMEWAIT, false },
	};
	const struct packet refused[] = {
		{ '>', DCCP_TYPE_REQUEST, 77, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '>', DCCP_TYPE_REQUEST, C, 0, DCCP_CONNTRACK_REQUEST, false },
		{ '<', DCCP_TYPE_RESET, 0, C, DCCP_CONNTRACK_TIMEWAIT, false },
	};
	struct dccp_state conn = {}, two = {}, three = {}, four = {};
	struct dccp_state restored = { .state = DCCP_CONNTRACK_OPEN };

	PLAY_ON(&conn, opening);
	PLAY_ON(&conn, blind);
	PLAY_ON(&conn, right);
	PLAY_ON(&two, disturbed_early);
	PLAY_ON(&restored, unknown);
	PLAY_ON(&three, disturbed);
	PLAY_ON(&four, refused);
}

/* Sequence numbers go around, and short ones tell the low half (section 7.6). */
static void numbers_go_around(void **state)
{
	const __u64 first = (1ULL << 48) - 2;
	struct dccp_state conn = {};
	struct dccp_packet packet = { .type = DCCP_TYPE_REQUEST, .seq = first };
	struct ctrack_step step;
	unsigned int i;

	dccp_step(&conn, &packet, CTRACK_ORIGINAL);
	packet = (struct dccp_packet) {
		.type = DCCP_TYPE_RESPONSE, .seq = 900, .ack = first,
	};
	dccp_step(&conn, &packet, CTRACK_REPLY);
	packet = (struct dccp_packet) {
		.type = DCCP_TYPE_ACK, .seq = first + 1, .ack = 900,
	};
	dccp_step(&conn, &packet, CTRACK_ORIGINAL);
	for (i = 0; i < 2000; i++) {
		packet = (struct dccp_packet) {
			.type = DCCP_TYPE_ACK, .brief = true, .ack = 900,
			.seq = (i << 15) & 0xffffff,
		};
		step = dccp_step(&conn, &packet, CTRACK_ORIGINAL);
		assert_int_equal(step.verdict, CTRACK_ACCEPT);
		assert_true(conn.sent[CTRACK_ORIGINAL] == (__u64)i << 15);
		/* One that comes late says nothing new, nor does what is nobody's. */
		packet.seq = (packet.seq - 5) & 0xffffff;
		dccp_step(&conn, &packet, CTRACK_ORIGINAL);
		packet.seq = (packet.seq + 0x600000) & 0xffffff;
		dccp_step(&conn, &packet, CTRACK_ORIGINAL);
		assert_true(conn.sent[CTRACK_ORIGINAL] == (__u64)i << 15);
	}
	packet = (struct dccp_packet) {
		.type = DCCP_TYPE_RESET, .seq = 901, .ack = (1999 << 15) - 7,
	};
	dccp_step(&conn, &packet, CTRACK_REPLY);
	assert_int_equal(conn.state, DCCP_CONNTRACK_TIMEWAIT);
}

static void requests_alone_keep_nothing(void **state)
{
	const struct dccp_packet request = { .type = DCCP_TYPE_REQUEST };
	struct dccp_state conn = {};

	assert_false(dccp_step(&conn, &request, CTRACK_ORIGINAL).keep_timeout);
	assert_true(dccp_step(&conn, &request, CTRACK_ORIGINAL).keep_timeout);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_its_header),
		cmocka_unit_test(numbers_are_long_or_short),
		cmocka_unit_test(a_cut_header_is_refused),
		cmocka_unit_test(the_coverage_fits_the_packet),
		cmocka_unit_test(every_transition),
		cmocka_unit_test(a_life),
		cmocka_unit_test(an_ack_of_something_else_assures_nothing),
		cmocka_unit_test(a_close_may_be_the_first_that_acknowledges),
		cmocka_unit_test(a_syncack_opens),
		cmocka_unit_test(a_response_to_a_passed_request_starts_anew),
		cmocka_unit_test(what_is_forged_passes),
		cmocka_unit_test(numbers_go_around),
		cmocka_unit_test(requests_alone_keep_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
