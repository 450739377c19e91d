// SPDX-License-Identifier: GPL-2.0
/* SCTP: chunks, each transition, tags, and associations from start to end. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/sctp.c"
#include "proto/sctp_chunk.c"
#include "nf/reason.c"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/*
 * Chunks
 */

/* A chunk: its type, its flags, what it says of its length, what it has. */
struct chunk {
	__u8 type, flags;
	__u16 says;
	unsigned int has;
	__u32 word;
};

/* Chunks that are as long as they say, the last of them padded or not. */
#define DATA		{ 0, 3, 20, 20, 0 }
#define INIT(tag)	{ 1, 0, 20, 20, tag }
#define INIT_ACK(tag)	{ 2, 0, 20, 20, tag }
#define SACK		{ 3, 0, 16, 16, 0 }
#define HEARTBEAT	{ 4, 0, 12, 12, 0 }
#define HEARTBEAT_ACK	{ 5, 0, 12, 12, 0 }
#define ABORT(flags)	{ 6, flags, 4, 4, 0 }
#define SHUTDOWN	{ 7, 0, 8, 8, 0 }
#define SHUTDOWN_ACK	{ 8, 0, 4, 4, 0 }
#define ERROR(cause)	{ 9, 0, 12, 12, (__u32)(cause) << 16 | 8 }
#define COOKIE_ECHO	{ 10, 0, 11, 12, 0 }
#define COOKIE_ACK	{ 11, 0, 4, 4, 0 }
#define SHUTDOWN_COMPLETE(flags) { 14, flags, 4, 4, 0 }

static unsigned int put_chunk(__u8 *to, const struct chunk *chunk)
{
	memset(to, 0, chunk->has);
	if (chunk->has >= 4) {
		to[0] = chunk->type;
		to[1] = chunk->flags;
		to[2] = chunk->says >> 8;
		to[3] = chunk->says;
	}
	if (chunk->has >= 8) {
		to[4] = chunk->word >> 24;
		to[5] = chunk->word >> 16;
		to[6] = chunk->word >> 8;
		to[7] = chunk->word;
	}
	return chunk->has;
}

/* Hands in what can be read in memory of just that size, for ASan to watch. */
static enum ctrack_reason read_one(struct sctp_bundle *bundle, const __u8 *at,
				   unsigned int left)
{
	unsigned int size = left < SCTP_CHUNK_READ ? left : SCTP_CHUNK_READ;
	__u8 *copy = malloc(size);
	enum ctrack_reason reason;

	assert_non_null(copy);
	memcpy(copy, at, size);
	reason = sctp_parse_chunk(bundle, copy, left);
	free(copy);
	return reason;
}

static enum ctrack_reason read_all(struct sctp_bundle *bundle,
				   const __u8 *octets, unsigned int length)
{
	unsigned int readable = length < SCTP_HEADER_LENGTH ?
				length : SCTP_HEADER_LENGTH;
	__u8 *header = malloc(readable);
	enum ctrack_reason reason;

	assert_true(header || !readable);
	memcpy(header, octets, readable);
	reason = sctp_parse(header, readable, length, bundle);
	free(header);
	while (!reason && sctp_has_chunk(bundle, length))
		reason = read_one(bundle, octets + bundle->at,
				  length - bundle->at);
	return reason;
}

static enum ctrack_reason parse(struct sctp_bundle *bundle, __u32 vtag,
				const struct chunk *chunks, size_t count,
				unsigned int trailing)
{
	__u8 octets[1024] = {
		0x0b, 0xb8, 0x0b, 0xb8,
		vtag >> 24, vtag >> 16, vtag >> 8, vtag,
	};
	unsigned int length = SCTP_HEADER_LENGTH;
	size_t i;

	for (i = 0; i < count; i++)
		length += put_chunk(octets + length, &chunks[i]);
	return read_all(bundle, octets, length + trailing);
}

static void headers_and_chunks(void **state)
{
	static const struct {
		const char *what;
		struct chunk chunks[3];
		size_t count;
		enum ctrack_reason reason;
	} vectors[] = {
		{ "no chunk", {}, 0, CTRACK_REASON_sctp_chunk },
		{ "DATA", { DATA }, 1, 0 },
		{ "SACK and DATA", { SACK, DATA }, 2, 0 },
		/* Section 3.2: 4 is the shortest; in-tree, 0 alone is wrong. */
		{ "length 0", { { 3, 0, 0, 16, 0 } }, 1,
		  CTRACK_REASON_sctp_chunk },
		{ "length 3", { { 3, 0, 3, 16, 0 } }, 1,
		  CTRACK_REASON_sctp_chunk },
		{ "longer than the packet", { { 3, 0, 17, 16, 0 } }, 1,
		  CTRACK_REASON_sctp_chunk },
		{ "the longest there is", { { 3, 0, 65535, 16, 0 } }, 1,
		  CTRACK_REASON_sctp_chunk },
		{ "the second lies", { SACK, { 0, 0, 21, 20, 0 } }, 2,
		  CTRACK_REASON_sctp_chunk },
		{ "no padding at the end", { SACK, { 0, 0, 17, 17, 0 } }, 2, 0 },
		{ "three odd octets at the end", { SACK, { 0, 0, 0, 3, 0 } }, 2,
		  0 },
		{ "a type that nobody knows", { { 255, 0, 4, 4, 0 } }, 1, 0 },
		/* Section 3.3.2: an INIT has 20 octets. */
		{ "INIT cut short", { { 1, 0, 16, 20, 1 } }, 1,
		  CTRACK_REASON_sctp_chunk },
		{ "INIT ACK cut short", { { 2, 0, 19, 20, 1 } }, 1,
		  CTRACK_REASON_sctp_chunk },
		/* Section 6.10: alone. */
		{ "INIT and DATA", { INIT(1), DATA }, 2,
		  CTRACK_REASON_sctp_bundle },
		{ "DATA and INIT", { DATA, INIT(1) }, 2,
		  CTRACK_REASON_sctp_bundle },
		{ "two INITs", { INIT(1), INIT(1) }, 2,
		  CTRACK_REASON_sctp_bundle },
		{ "INIT ACK and COOKIE ECHO", { INIT_ACK(1), COOKIE_ECHO }, 2,
		  CTRACK_REASON_sctp_bundle },
		{ "SACK and SHUTDOWN COMPLETE", { SACK, SHUTDOWN_COMPLETE(0) },
		  2, CTRACK_REASON_sctp_bundle },
		{ "SHUTDOWN COMPLETE and ABORT",
		  { SHUTDOWN_COMPLETE(0), ABORT(0) }, 2,
		  CTRACK_REASON_sctp_bundle },
		/* Section 5.1 D and E: first. */
		{ "COOKIE ECHO and DATA", { COOKIE_ECHO, DATA }, 2, 0 },
		{ "DATA and COOKIE ECHO", { DATA, COOKIE_ECHO }, 2,
		  CTRACK_REASON_sctp_bundle },
		{ "COOKIE ACK, SACK and DATA", { COOKIE_ACK, SACK, DATA }, 3,
		  0 },
		{ "SACK and COOKIE ACK", { SACK, COOKIE_ACK }, 2,
		  CTRACK_REASON_sctp_bundle },
		{ "SACK, SHUTDOWN and ABORT", { SACK, SHUTDOWN, ABORT(0) }, 3,
		  0 },
	};
	struct sctp_bundle bundle;
	enum ctrack_reason reason;
	size_t i;

	for (i = 0; i < COUNT(vectors); i++) {
		reason = parse(&bundle, 1, vectors[i].chunks, vectors[i].count,
			       0);
		if (reason != vectors[i].reason)
			fail_msg("%s: %s", vectors[i].what,
				 ctrack_reason_name(reason));
	}
}

static void a_cut_packet_is_refused(void **state)
{
	static const __u8 octets[64];
	struct sctp_bundle bundle;
	unsigned int cut;

	for (cut = 0; cut < SCTP_HEADER_LENGTH; cut++)
		assert_int_equal(read_all(&bundle, octets, cut),
				 CTRACK_REASON_transport_header);
	for (; cut < SCTP_HEADER_LENGTH + 4; cut++)
		assert_int_equal(read_all(&bundle, octets, cut),
				 CTRACK_REASON_sctp_chunk);
	/* The IP header says more than there is to be read. */
	assert_int_equal(sctp_parse(octets, 11, 100, &bundle),
			 CTRACK_REASON_transport_header);
}

static void what_is_read_of_chunks(void **state)
{
	static const struct {
		struct chunk chunk;
		unsigned int kinds;
		__u32 init_tag;
		bool reflected;
	} vectors[] = {
		{ DATA, SCTP_HAS(DATA), 0, false },
		{ INIT(0x12345678), SCTP_HAS(INIT), 0x12345678, false },
		{ INIT_ACK(0xfedcba98), SCTP_HAS(INIT_ACK), 0xfedcba98, false },
		{ SACK, SCTP_HAS(OTHER), 0, false },
		{ HEARTBEAT, SCTP_HAS(HEARTBEAT), 0, false },
		{ HEARTBEAT_ACK, SCTP_HAS(HEARTBEAT_ACK), 0, false },
		{ ABORT(0), SCTP_HAS(ABORT), 0, false },
		{ ABORT(1), SCTP_HAS(ABORT), 0, true },
		{ ABORT(0xfe), SCTP_HAS(ABORT), 0, false },
		{ SHUTDOWN, SCTP_HAS(SHUTDOWN), 0, false },
		{ SHUTDOWN_ACK, SCTP_HAS(SHUTDOWN_ACK), 0, false },
		/* Section 3.3.10.3, and 3.3.10.8: unrecognized parameters. */
		{ ERROR(3), SCTP_HAS(STALE_COOKIE), 0, false },
		{ ERROR(8), SCTP_HAS(OTHER), 0, false },
		{ { 9, 0, 4, 4, 0 }, SCTP_HAS(OTHER), 0, false },
		{ COOKIE_ECHO, SCTP_HAS(COOKIE_ECHO), 0, false },
		{ COOKIE_ACK, SCTP_HAS(COOKIE_ACK), 0, false },
		{ SHUTDOWN_COMPLETE(0), SCTP_HAS(SHUTDOWN_COMPLETE), 0, false },
		{ SHUTDOWN_COMPLETE(1), SCTP_HAS(SHUTDOWN_COMPLETE), 0, true },
		{ { 64, 1, 20, 20, 0 }, SCTP_HAS(OTHER), 0, false },
	};
	struct sctp_bundle bundle;
	size_t i;

	for (i = 0; i < COUNT(vectors); i++) {
		assert_int_equal(parse(&bundle, 0xcafe0001, &vectors[i].chunk,
				       1, 0), 0);
		assert_int_equal(bundle.vtag, 0xcafe0001);
		assert_int_equal(bundle.kinds, vectors[i].kinds);
		assert_int_equal(bundle.init_tag, vectors[i].init_tag);
		assert_int_equal(bundle.reflected, vectors[i].reflected);
	}
}

static void the_walk_has_an_end(void **state)
{
	const unsigned int length = SCTP_HEADER_LENGTH + 4 * 16000;
	__u8 *octets = calloc(1, length);
	struct sctp_bundle bundle;
	unsigned int at;

	assert_non_null(octets);
	for (at = SCTP_HEADER_LENGTH; at < length; at += 4) {
		octets[at] = 3;
		octets[at + 3] = 4;
	}
	assert_int_equal(read_all(&bundle, octets, length), 0);
	assert_int_equal(bundle.chunks, SCTP_CHUNKS_MAX);
	assert_false(sctp_has_chunk(&bundle, length));
	free(octets);
}

/*
 * The table, against the same knowledge in other words
 */

enum { TO_CLIENT = 0xc1, TO_SERVER = 0x5e, NOBODYS = 0xbad };

static const struct sctp_bundle nothing = { .vtag = TO_SERVER };

/* An association, or a handshake, of which the tags are known. */
static struct sctp_conn_state known(__u8 number)
{
	const __u32 vtag[] = { TO_SERVER, TO_CLIENT };
	struct sctp_conn_state state;

	sctp_restore(&state, number, vtag);
	if (is_opening(number))
		state.init = 1;
	return state;
}

static struct sctp_bundle bundle_of(unsigned int kind, bool reply)
{
	struct sctp_bundle bundle = nothing;

	bundle.kinds = 1u << kind;
	bundle.vtag = reply ? TO_CLIENT : TO_SERVER;
	if (kind == SCTP_KIND_INIT)
		bundle.vtag = 0;
	if (kind == SCTP_KIND_INIT || kind == SCTP_KIND_INIT_ACK)
		bundle.init_tag = reply ? TO_SERVER : TO_CLIENT;
	return bundle;
}

/* Of a packet with a right tag. */
static __u8 expected(__u8 state, unsigned int kind, bool reply)
{
	bool shutting_down = state == SCTP_CONNTRACK_SHUTDOWN_SENT ||
			     state == SCTP_CONNTRACK_SHUTDOWN_RECD;

	switch (kind) {
	case SCTP_KIND_ABORT:
		return SCTP_CONNTRACK_CLOSED;
	case SCTP_KIND_INIT:
		/* An association that may be gone makes way for a new one. */
		return state == SCTP_CONNTRACK_HEARTBEAT_SENT ?
		       SCTP_CONNTRACK_CLOSED : state;
	case SCTP_KIND_INIT_ACK:
		return state == SCTP_CONNTRACK_CLOSED ?
		       SCTP_CONNTRACK_COOKIE_WAIT : state;
	case SCTP_KIND_COOKIE_ECHO:
		return state == SCTP_CONNTRACK_COOKIE_WAIT ?
		       SCTP_CONNTRACK_COOKIE_ECHOED : state;
	case SCTP_KIND_COOKIE_ACK:
		return state == SCTP_CONNTRACK_COOKIE_ECHOED ?
		       SCTP_CONNTRACK_ESTABLISHED : state;
	case SCTP_KIND_STALE_COOKIE:
		return state == SCTP_CONNTRACK_COOKIE_ECHOED ?
		       SCTP_CONNTRACK_CLOSED : state;
	case SCTP_KIND_HEARTBEAT_ACK:
		return state == SCTP_CONNTRACK_HEARTBEAT_SENT && reply ?
		       SCTP_CONNTRACK_ESTABLISHED : state;
	case SCTP_KIND_SHUTDOWN:
		if (state == SCTP_CONNTRACK_HEARTBEAT_SENT)
			return SCTP_CONNTRACK_CLOSED;
		if (state != SCTP_CONNTRACK_ESTABLISHED)
			return state;
		return reply ? SCTP_CONNTRACK_SHUTDOWN_RECD :
			       SCTP_CONNTRACK_SHUTDOWN_SENT;
	case SCTP_KIND_SHUTDOWN_ACK:
		return shutting_down || state == SCTP_CONNTRACK_HEARTBEAT_SENT ?
		       SCTP_CONNTRACK_SHUTDOWN_ACK_SENT : state;
	case SCTP_KIND_SHUTDOWN_COMPLETE:
		return state == SCTP_CONNTRACK_SHUTDOWN_ACK_SENT ||
		       state == SCTP_CONNTRACK_HEARTBEAT_SENT ?
		       SCTP_CONNTRACK_CLOSED : state;
	default:
		return state;
	}
}

static void check_transition(__u8 old, unsigned int kind, bool reply)
{
	struct sctp_conn_state conn = known(old);
	struct sctp_bundle bundle = bundle_of(kind, reply);
	struct ctrack_step step;
	__u8 wanted = expected(old, kind, reply);
	bool answers_nothing = kind == SCTP_KIND_INIT_ACK &&
			       !(is_opening(old) && reply);

	step = sctp_step(&conn, &bundle, reply ? CTRACK_REPLY : CTRACK_ORIGINAL);
	if (answers_nothing) {
		assert_int_equal(step.verdict, CTRACK_INVALID);
		assert_int_equal(step.reason, CTRACK_REASON_sctp_vtag);
		assert_true(step.keep_timeout);
		assert_int_equal(conn.state, old);
		return;
	}
	if (step.verdict != CTRACK_ACCEPT || conn.state != wanted)
		fail_msg("state %u, kind %u, reply %d: verdict %d, state %u, not %u",
			 old, kind, reply, step.verdict, conn.state, wanted);
	assert_int_equal(step.reason, CTRACK_REASON_NONE);
	assert_int_equal(step.changed, wanted != old);
	assert_int_equal(step.replied, reply);
	assert_int_equal(step.timeout, timeouts[wanted]);
	assert_int_equal(step.limit, step.timeout);
	assert_int_equal(step.timeout, sctp_timeout(&conn));
	assert_int_equal(step.assured, wanted != old &&
			 wanted == SCTP_CONNTRACK_ESTABLISHED);
	/* An INIT proves nothing. */
	assert_int_equal(step.keep_timeout,
			 kind == SCTP_KIND_INIT && wanted == old);
}

static void every_transition(void **state)
{
	unsigned int kind;
	__u8 old;

	for (old = SCTP_CONNTRACK_CLOSED;
	     old <= SCTP_CONNTRACK_HEARTBEAT_SENT; old++) {
		for (kind = 0; kind <= SCTP_KIND_OTHER; kind++) {
			check_transition(old, kind, false);
			check_transition(old, kind, true);
		}
	}
}

static void every_first_packet(void **state)
{
	unsigned int kinds;

	for (kinds = 0; kinds < 2u << SCTP_KIND_OTHER; kinds++) {
		struct sctp_bundle bundle = { .kinds = kinds, .vtag = 7 };
		struct sctp_conn_state conn = {}, before = conn;
		struct ctrack_step step;
		__u8 wanted = SCTP_CONNTRACK_NONE;

		if (kinds == SCTP_HAS(INIT)) {
			bundle.vtag = 0;
			bundle.init_tag = 8;
			wanted = SCTP_CONNTRACK_CLOSED;
		}
		if (kinds == SCTP_HAS(HEARTBEAT))
			wanted = SCTP_CONNTRACK_HEARTBEAT_SENT;
		if (kinds == SCTP_HAS(HEARTBEAT_ACK))
			wanted = SCTP_CONNTRACK_CLOSED;
		if (kinds == SCTP_HAS(SHUTDOWN_ACK))
			wanted = SCTP_CONNTRACK_SHUTDOWN_ACK_SENT;
		step = sctp_step(&conn, &bundle, CTRACK_ORIGINAL);
		assert_int_equal(conn.state, wanted);
		if (wanted) {
			assert_int_equal(step.verdict, CTRACK_ACCEPT);
			assert_false(step.keep_timeout);
			continue;
		}
		assert_int_equal(step.verdict, CTRACK_INVALID);
		assert_int_equal(step.reason, CTRACK_REASON_sctp_unknown);
		assert_memory_equal(&conn, &before, sizeof(conn));
	}
}

/* What nobody has agreed upon changes nothing, whatever it is. */
static void a_wrong_tag_moves_nothing(void **state)
{
	unsigned int kind;
	__u8 old;

	for (old = SCTP_CONNTRACK_CLOSED;
	     old <= SCTP_CONNTRACK_HEARTBEAT_SENT; old++) {
		for (kind = 0; kind <= SCTP_KIND_OTHER; kind++) {
			struct sctp_conn_state conn = known(old);
			struct sctp_bundle bundle = bundle_of(kind, true);
			struct ctrack_step step;
			bool stray = kind == SCTP_KIND_HEARTBEAT ||
				     (kind == SCTP_KIND_SHUTDOWN_ACK &&
				      is_opening(old));

			bundle.vtag = NOBODYS;
			step = sctp_step(&conn, &bundle, CTRACK_REPLY);
			assert_int_equal(conn.state, old);
			assert_int_equal(sctp_vtag(&conn, CTRACK_ORIGINAL),
					 TO_SERVER);
			assert_int_equal(sctp_vtag(&conn, CTRACK_REPLY),
					 TO_CLIENT);
			assert_true(step.keep_timeout);
			assert_int_equal(step.verdict, stray ? CTRACK_ACCEPT :
							       CTRACK_INVALID);
			assert_int_equal(step.reason, stray ? 0 :
					 CTRACK_REASON_sctp_vtag);
		}
	}
}

static void zero_is_no_tag(void **state)
{
	unsigned int kind;
	__u8 old;

	/* Not even where none is known (section 8.5.1 B, reflected). */
	for (old = SCTP_CONNTRACK_NONE;
	     old <= SCTP_CONNTRACK_HEARTBEAT_SENT; old++) {
		for (kind = SCTP_KIND_INIT_ACK; kind <= SCTP_KIND_OTHER; kind++) {
			struct sctp_conn_state conn = { .state = old };
			struct sctp_bundle bundle = { .kinds = 1u << kind,
						      .reflected = true };

			assert_int_equal(sctp_step(&conn, &bundle,
						   CTRACK_REPLY).verdict,
					 CTRACK_INVALID);
			assert_int_equal(conn.state, old);
		}
	}
}

/*
 * Associations, packet by packet
 */

enum verdict { OK, KEPT, BAD_TAG, COLLIDES };

/*
 * One packet: > original or < reply, its chunk with tags, and what becomes of
 * it: KEPT goes on without prolonging anything.
 */
struct packet {
	char way;
	struct chunk chunk;
	__u32 vtag;
	enum verdict verdict;
	__u8 state;
};

/* The states, short enough for a line. */
enum {
	CL = SCTP_CONNTRACK_CLOSED,
	CW = SCTP_CONNTRACK_COOKIE_WAIT,
	CE = SCTP_CONNTRACK_COOKIE_ECHOED,
	ES = SCTP_CONNTRACK_ESTABLISHED,
	SS = SCTP_CONNTRACK_SHUTDOWN_SENT,
	SR = SCTP_CONNTRACK_SHUTDOWN_RECD,
	SA = SCTP_CONNTRACK_SHUTDOWN_ACK_SENT,
	HS = SCTP_CONNTRACK_HEARTBEAT_SENT,
};

static const enum ctrack_reason reasons[] = {
	[BAD_TAG] = CTRACK_REASON_sctp_vtag,
	[COLLIDES] = CTRACK_REASON_sctp_collision,
};

static void play_on(struct sctp_conn_state *conn, const struct packet *packets,
		    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct packet *packet = &packets[i];
		struct sctp_bundle bundle;
		struct ctrack_step step;

		assert_int_equal(parse(&bundle, packet->vtag, &packet->chunk, 1,
				       0), 0);
		step = sctp_step(conn, &bundle, packet->way == '>' ?
				 CTRACK_ORIGINAL : CTRACK_REPLY);
		if (step.verdict != (packet->verdict >= BAD_TAG ?
				     CTRACK_INVALID : CTRACK_ACCEPT) ||
		    step.reason != reasons[packet->verdict] ||
		    step.keep_timeout != (packet->verdict != OK) ||
		    conn->state != packet->state)
			fail_msg("packet %zu: verdict %d, reason %s, kept %d, state %u",
				 i + 1, step.verdict,
				 ctrack_reason_name(step.reason),
				 step.keep_timeout, conn->state);
	}
}

#define PLAY_ON(conn, packets) play_on(conn, packets, COUNT(packets))
#define PLAY(packets)							\
	do {								\
		struct sctp_conn_state conn_ = {};			\
		PLAY_ON(&conn_, packets);				\
	} while (0)

static const struct packet handshake[] = {
	{ '>', INIT(0xc1), 0, OK, CL },
	{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
	{ '>', COOKIE_ECHO, 0x5e, OK, CE },
	{ '<', COOKIE_ACK, 0xc1, OK, ES },
};

static void a_life(void **state)
{
	static const struct packet rest[] = {
		{ '>', DATA, 0x5e, OK, ES },
		{ '<', SACK, 0xc1, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '<', DATA, 0x5e, BAD_TAG, ES },
		{ '>', HEARTBEAT, 0x5e, OK, ES },
		{ '<', HEARTBEAT_ACK, 0xc1, OK, ES },
		{ '>', SHUTDOWN, 0x5e, OK, SS },
		{ '<', DATA, 0xc1, OK, SS },
		{ '<', SHUTDOWN_ACK, 0xc1, OK, SA },
		{ '>', SHUTDOWN_COMPLETE(0), 0x5e, OK, CL },
		/* Stragglers pass; the entry goes its way. */
		{ '<', SHUTDOWN_ACK, 0xc1, KEPT, CL },
		{ '>', SHUTDOWN_COMPLETE(1), 0xc1, KEPT, CL },
		{ '<', DATA, 0xc1, KEPT, CL },
		{ '<', DATA, NOBODYS, BAD_TAG, CL },
	};
	struct sctp_conn_state conn = {};

	PLAY_ON(&conn, handshake);
	assert_int_equal(conn.vtag[CTRACK_ORIGINAL], 0x5e);
	assert_int_equal(conn.vtag[CTRACK_REPLY], 0xc1);
	PLAY_ON(&conn, rest);
}

static void the_server_shuts_down(void **state)
{
	static const struct packet rest[] = {
		{ '<', SHUTDOWN, 0xc1, OK, SR },
		/* Both at once, section 9.2. */
		{ '>', SHUTDOWN, 0x5e, OK, SR },
		{ '>', SHUTDOWN_ACK, 0x5e, OK, SA },
		{ '<', SHUTDOWN_ACK, 0xc1, OK, SA },
		{ '<', SHUTDOWN_COMPLETE(0), 0xc1, OK, CL },
		/* Either end may open the next one. */
		{ '<', INIT(0x111), 0, KEPT, CL },
		{ '>', INIT_ACK(0x222), 0x111, OK, CW },
		{ '<', COOKIE_ECHO, 0x222, OK, CE },
		{ '>', COOKIE_ACK, 0x111, OK, ES },
		{ '<', DATA, 0x222, OK, ES },
		{ '>', DATA, 0x5e, BAD_TAG, ES },
	};
	struct sctp_conn_state conn = {};

	PLAY_ON(&conn, handshake);
	PLAY_ON(&conn, rest);
}

/* Section 8.5.1 B and C, section 8.4. */
static void aborts(void **state)
{
	static const struct packet refused[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		/* The client's tag is known already, and its own is not. */
		{ '<', ABORT(0), 0, BAD_TAG, CL },
		{ '<', ABORT(1), 0, BAD_TAG, CL },
		{ '<', ABORT(1), 0xc1, BAD_TAG, CL },
		{ '<', ABORT(0), 0xc1, OK, CL },
		{ '>', INIT(0xc2), 0, KEPT, CL },
		{ '<', INIT_ACK(0x5e), 0xc2, OK, CW },
	};
	static const struct packet forged[] = {
		{ '<', ABORT(0), NOBODYS, BAD_TAG, ES },
		{ '<', ABORT(0), 0x5e, BAD_TAG, ES },
		{ '<', ABORT(1), 0xc1, BAD_TAG, ES },
		/* The server has forgotten: it reflects the client's tag. */
		{ '>', DATA, 0x5e, OK, ES },
		{ '<', ABORT(1), 0x5e, OK, CL },
	};
	static const struct packet path[] = {
		{ '>', HEARTBEAT, 0x5e, OK, HS },
		{ '<', ABORT(0), 0x5e, BAD_TAG, HS },
		{ '<', ABORT(1), 0x5e, OK, CL },
	};
	struct sctp_conn_state conn = {};

	PLAY(refused);
	PLAY_ON(&conn, handshake);
	PLAY_ON(&conn, forged);
	PLAY(path);
}

/* Section 5.2.1: each sent an INIT before it got the other's. */
static void both_open_at_once(void **state)
{
	static const struct packet crossing[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT(0x5e), 0, KEPT, CL },
		{ '>', INIT_ACK(0xc1), 0x5e, OK, CW },
		{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x5e, OK, CE },
		{ '<', COOKIE_ECHO, 0xc1, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '>', COOKIE_ACK, 0x5e, OK, ES },
		{ '>', DATA, 0x5e, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
	};
	/*
	 * The trace of the kernel's conntrack_sctp_collision.sh: the server
	 * had answered before it opened, and that answer comes late. It would
	 * have the client send what the server won't take any more.
	 */
	static const struct packet late_answer[] = {
		{ '>', INIT(2017837359), 0, OK, CL },
		{ '<', INIT(1187206187), 0, KEPT, CL },
		{ '>', INIT_ACK(2017837359), 1187206187, OK, CW },
		{ '<', COOKIE_ECHO, 2017837359, OK, CE },
		{ '>', COOKIE_ACK, 1187206187, OK, ES },
		{ '<', INIT_ACK(164579970), 2017837359, BAD_TAG, ES },
		{ '>', DATA, 1187206187, OK, ES },
		{ '<', DATA, 2017837359, OK, ES },
	};
	/* The same, less late. */
	static const struct packet later[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT(0x5e), 0, KEPT, CL },
		{ '<', INIT_ACK(0x99), 0xc1, COLLIDES, CL },
		{ '>', INIT_ACK(0xc1), 0x5e, OK, CW },
		{ '<', INIT_ACK(0x99), 0xc1, COLLIDES, CW },
		{ '<', COOKIE_ECHO, 0xc1, OK, CE },
		{ '>', COOKIE_ACK, 0x5e, OK, ES },
	};

	PLAY(crossing);
	PLAY(late_answer);
	PLAY(later);
}

/* Section 5.1 B: a server makes another tag for each INIT that it gets. */
static void an_init_is_sent_twice(void **state)
{
	static const struct packet first_counts[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '>', INIT(0xc1), 0, KEPT, CL },
		{ '<', INIT_ACK(0x51), 0xc1, OK, CW },
		{ '<', INIT_ACK(0x52), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x51, OK, CE },
		{ '>', COOKIE_ECHO, 0x52, BAD_TAG, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '>', DATA, 0x51, OK, ES },
	};
	static const struct packet second_counts[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x51), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x52, BAD_TAG, CW },
		{ '<', INIT_ACK(0x52), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x52, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
	};
	/* The cookie was stale, section 5.2.6. */
	static const struct packet stale[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x51), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x51, OK, CE },
		{ '<', ERROR(8), 0xc1, OK, CE },
		{ '<', ERROR(3), 0xc1, OK, CL },
		{ '>', INIT(0xc2), 0, KEPT, CL },
		{ '<', INIT_ACK(0x52), 0xc2, OK, CW },
		{ '>', COOKIE_ECHO, 0x52, OK, CE },
		{ '<', COOKIE_ACK, 0xc2, OK, ES },
	};

	PLAY(first_counts);
	PLAY(second_counts);
	PLAY(stale);
}

/* Section 5.2.2 and 5.2.4 A: an end has been started anew. */
static void a_restart(void **state)
{
	static const struct packet restart[] = {
		{ '>', INIT(0xc2), 0, KEPT, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '<', INIT_ACK(0x52), 0xc2, KEPT, ES },
		{ '>', DATA, 0x5e, OK, ES },
		{ '>', COOKIE_ECHO, 0x52, KEPT, ES },
		{ '<', COOKIE_ACK, 0xc2, OK, ES },
		{ '>', DATA, 0x52, OK, ES },
		{ '<', DATA, 0xc2, OK, ES },
		{ '<', DATA, 0xc1, BAD_TAG, ES },
	};
	/* A COOKIE ACK that answers nothing makes nobody's tags the right ones. */
	static const struct packet forged[] = {
		{ '>', INIT(0xbad), 0, KEPT, ES },
		{ '<', COOKIE_ACK, 0xbad, KEPT, ES },
		{ '<', ABORT(0), 0xbad, KEPT, ES },
		{ '<', SHUTDOWN, 0xbad, BAD_TAG, ES },
		{ '>', INIT(0xbad), 0, KEPT, ES },
		{ '<', SHUTDOWN, 0xbad, KEPT, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '>', DATA, 0x5e, OK, ES },
	};
	/* While it shuts down, section 9.2; and then it lives again. */
	static const struct packet shutting[] = {
		{ '>', SHUTDOWN, 0x5e, OK, SS },
		{ '>', INIT(0xc2), 0, KEPT, SS },
		{ '<', INIT_ACK(0x52), 0xc2, KEPT, SS },
		{ '>', COOKIE_ECHO, 0x52, KEPT, SS },
		{ '<', COOKIE_ACK, 0xc2, OK, ES },
	};
	struct sctp_conn_state one = {}, two = {}, three = {};

	PLAY_ON(&one, handshake);
	PLAY_ON(&one, restart);
	PLAY_ON(&two, handshake);
	PLAY_ON(&two, forged);
	PLAY_ON(&three, handshake);
	PLAY_ON(&three, shutting);
}

/* Section 8.3, section 5.4: further paths. */
static void paths(void **state)
{
	static const struct packet path[] = {
		{ '>', HEARTBEAT, 0x5e, OK, HS },
		{ '>', DATA, 0x5e, OK, HS },
		{ '<', DATA, 0xc1, BAD_TAG, HS },
		{ '<', HEARTBEAT_ACK, 0xc1, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '<', HEARTBEAT, 0xc1, OK, ES },
		{ '>', HEARTBEAT_ACK, 0x5e, OK, ES },
	};
	/* Both probe before either answers. */
	static const struct packet crossing[] = {
		{ '>', HEARTBEAT, 0x5e, OK, HS },
		{ '<', HEARTBEAT, 0xc1, OK, HS },
		{ '>', HEARTBEAT_ACK, 0x5e, OK, HS },
		{ '<', HEARTBEAT_ACK, 0xc1, OK, ES },
	};
	/* The ends have started anew on another path. */
	static const struct packet renewed[] = {
		{ '<', HEARTBEAT_ACK, 0xc2, BAD_TAG, ES },
		{ '>', HEARTBEAT, 0x52, KEPT, ES },
		{ '>', HEARTBEAT_ACK, 0x53, BAD_TAG, ES },
		{ '>', DATA, 0x52, BAD_TAG, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '<', HEARTBEAT_ACK, 0xc2, OK, ES },
		{ '>', DATA, 0x52, OK, ES },
		{ '<', DATA, 0xc2, OK, ES },
		{ '<', DATA, 0xc1, BAD_TAG, ES },
	};
	/* And here the association that went by this path is over. */
	static const struct packet after_all[] = {
		{ '>', ABORT(0), 0x5e, OK, CL },
		{ '>', HEARTBEAT, 0x52, KEPT, CL },
		{ '<', HEARTBEAT_ACK, 0xc2, OK, ES },
	};
	struct sctp_conn_state one = {}, two = {};

	PLAY(crossing);
	PLAY_ON(&one, path);
	PLAY_ON(&one, renewed);
	PLAY_ON(&two, path);
	PLAY_ON(&two, after_all);
}

/* Sections 8.4 (5) and 8.5.1 E: the last COMPLETE was lost. */
static void a_shutdown_ack_of_nothing(void **state)
{
	static const struct packet unknown[] = {
		{ '>', SHUTDOWN_ACK, 0xc1, OK, SA },
		{ '<', SHUTDOWN_COMPLETE(0), 0x77, BAD_TAG, SA },
		{ '<', SHUTDOWN_COMPLETE(1), 0xc1, OK, CL },
	};
	static const struct packet in_handshake[] = {
		{ '>', INIT(0xc2), 0, OK, CL },
		{ '<', SHUTDOWN_ACK, 0xc1, KEPT, CL },
		{ '<', INIT_ACK(0x52), 0xc2, OK, CW },
		{ '<', SHUTDOWN_ACK, 0xc1, KEPT, CW },
		{ '>', COOKIE_ECHO, 0x52, OK, CE },
		{ '<', SHUTDOWN_ACK, 0xc1, KEPT, CE },
		{ '<', COOKIE_ACK, 0xc2, OK, ES },
		{ '<', SHUTDOWN_ACK, 0xc1, BAD_TAG, ES },
	};

	PLAY(unknown);
	PLAY(in_handshake);
}

static void initiate_tags_are_not_zero(void **state)
{
	static const struct packet zero[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '>', INIT(0), 0, BAD_TAG, CL },
		/* Section 8.5.1 A. */
		{ '>', INIT(0xc1), 0x5e, BAD_TAG, CL },
		{ '<', INIT_ACK(0), 0xc1, BAD_TAG, CL },
		{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
	};
	struct sctp_bundle first = { .kinds = SCTP_HAS(INIT) };
	struct sctp_conn_state conn = {};

	assert_int_equal(sctp_step(&conn, &first, CTRACK_ORIGINAL).reason,
			 CTRACK_REASON_sctp_vtag);
	PLAY(zero);
}

/* Several in one packet take effect one after the other. */
static void chunks_together(void **state)
{
	struct sctp_conn_state conn = known(SCTP_CONNTRACK_COOKIE_ECHOED);
	struct sctp_bundle bundle = {
		.vtag = TO_CLIENT,
		.kinds = SCTP_HAS(COOKIE_ACK) | SCTP_HAS(STALE_COOKIE) |
			 SCTP_HAS(DATA),
	};

	sctp_step(&conn, &bundle, CTRACK_REPLY);
	assert_int_equal(conn.state, ES);
	bundle.kinds = SCTP_HAS(SHUTDOWN) | SCTP_HAS(SHUTDOWN_ACK) |
		       SCTP_HAS(OTHER);
	sctp_step(&conn, &bundle, CTRACK_REPLY);
	assert_int_equal(conn.state, SA);
	/* A wrong tag, and a HEARTBEAT to make up for it: nothing is believed. */
	conn = known(SCTP_CONNTRACK_ESTABLISHED);
	bundle.vtag = NOBODYS;
	bundle.kinds = SCTP_HAS(HEARTBEAT) | SCTP_HAS(SHUTDOWN);
	assert_true(sctp_step(&conn, &bundle, CTRACK_REPLY).keep_timeout);
	assert_int_equal(conn.state, ES);
	bundle.kinds = SCTP_HAS(HEARTBEAT) | SCTP_HAS(DATA);
	assert_int_equal(sctp_step(&conn, &bundle, CTRACK_REPLY).reason,
			 CTRACK_REASON_sctp_vtag);
}

/* What ctnetlink puts in goes on as what packets made. */
static void a_restored_handshake_goes_on(void **state)
{
	static const struct packet rest[] = {
		{ '>', COOKIE_ECHO, 0x5e, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
	};
	const __u32 vtag[] = { 0x5e, 0xc1 };
	struct sctp_conn_state conn;

	sctp_restore(&conn, SCTP_CONNTRACK_COOKIE_WAIT, vtag);
	assert_int_equal(sctp_vtag(&conn, CTRACK_ORIGINAL), 0x5e);
	assert_int_equal(sctp_vtag(&conn, CTRACK_REPLY), 0xc1);
	PLAY_ON(&conn, rest);
	sctp_restore(&conn, SCTP_CONNTRACK_COOKIE_ECHOED, vtag);
	play_on(&conn, rest + 1, 1);
	sctp_restore(&conn, SCTP_CONNTRACK_ESTABLISHED, vtag);
	assert_int_equal(sctp_vtag(&conn, CTRACK_REPLY), 0xc1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_and_chunks),
		cmocka_unit_test(a_cut_packet_is_refused),
		cmocka_unit_test(what_is_read_of_chunks),
		cmocka_unit_test(the_walk_has_an_end),
		cmocka_unit_test(every_transition),
		cmocka_unit_test(every_first_packet),
		cmocka_unit_test(a_wrong_tag_moves_nothing),
		cmocka_unit_test(zero_is_no_tag),
		cmocka_unit_test(a_life),
		cmocka_unit_test(the_server_shuts_down),
		cmocka_unit_test(aborts),
		cmocka_unit_test(both_open_at_once),
		cmocka_unit_test(an_init_is_sent_twice),
		cmocka_unit_test(a_restart),
		cmocka_unit_test(paths),
		cmocka_unit_test(a_shutdown_ack_of_nothing),
		cmocka_unit_test(initiate_tags_are_not_zero),
		cmocka_unit_test(chunks_together),
		cmocka_unit_test(a_restored_handshake_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
