// SPDX-License-Identifier: GPL-2.0
/* SCTP: what is read of headers and chunks. */
#include "tests/sctp_packet.h"

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
		/* RFC 4895 section 6.2: only AUTH may come before. */
		{ "AUTH and COOKIE ECHO", { AUTH, COOKIE_ECHO, DATA }, 3, 0 },
		{ "AUTH and COOKIE ACK", { AUTH, COOKIE_ACK }, 2, 0 },
		{ "AUTH, DATA and COOKIE ECHO", { AUTH, DATA, COOKIE_ECHO }, 3,
		  CTRACK_REASON_sctp_bundle },
		{ "a type that nobody knows and COOKIE ACK",
		  { { 255, 0, 4, 4, 0 }, COOKIE_ACK }, 2,
		  CTRACK_REASON_sctp_bundle },
		/* RFC 4895 section 3.2: these are never authenticated. */
		{ "AUTH and INIT", { AUTH, INIT(1) }, 2,
		  CTRACK_REASON_sctp_bundle },
		{ "INIT ACK and AUTH", { INIT_ACK(1), AUTH }, 2,
		  CTRACK_REASON_sctp_bundle },
		{ "AUTH and SHUTDOWN COMPLETE", { AUTH, SHUTDOWN_COMPLETE(0) },
		  2, CTRACK_REASON_sctp_bundle },
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
		{ AUTH, 0, 0, false },
		{ PAD, 0, 0, false },
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

static void the_first_abort_counts(void **state)
{
	static const struct chunk aborts[] = { ABORT(1), ABORT(0) };
	struct sctp_bundle bundle;

	assert_int_equal(parse(&bundle, 0xcafe0001, aborts, COUNT(aborts), 0), 0);
	assert_true(bundle.reflected);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_and_chunks),
		cmocka_unit_test(a_cut_packet_is_refused),
		cmocka_unit_test(what_is_read_of_chunks),
		cmocka_unit_test(the_first_abort_counts),
		cmocka_unit_test(the_walk_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
