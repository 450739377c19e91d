// SPDX-License-Identifier: GPL-2.0
/* UDP and UDP-Lite: headers, and what makes a stream. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/udp.c"

typedef enum ctrack_reason parser(const void *header, unsigned int readable,
				  unsigned int length);

/* Parses a header in memory of just its own size, for ASan to watch. */
static enum ctrack_reason parse(parser *parse_it, unsigned int readable,
				unsigned int length, unsigned int field,
				unsigned int checksum)
{
	const __u8 header[UDP_HEADER_LENGTH] = {
		0, 53, 0, 0, field >> 8, field, checksum >> 8, checksum,
	};
	__u8 *copy = malloc(readable);
	enum ctrack_reason reason;

	assert_true(copy || !readable);
	memcpy(copy, header, readable);
	reason = parse_it(copy, readable, length);
	free(copy);
	return reason;
}

static void a_cut_header_is_refused(void **state)
{
	unsigned int cut;

	for (cut = 0; cut < UDP_HEADER_LENGTH; cut++) {
		assert_int_equal(parse(udp_parse, cut, 20, 20, 1),
				 CTRACK_REASON_transport_header);
		assert_int_equal(parse(udp_parse, 8, cut, 20, 1),
				 CTRACK_REASON_transport_header);
		assert_int_equal(parse(udplite_parse, cut, 20, 20, 1),
				 CTRACK_REASON_transport_header);
		assert_int_equal(parse(udplite_parse, 8, cut, 20, 1),
				 CTRACK_REASON_transport_header);
	}
}

static void length_fits_the_packet(void **state)
{
	unsigned int length, field;

	for (length = 8; length < 40; length++) {
		for (field = 0; field < 0x10000; field += field < 64 ? 1 : 97) {
			bool fits = field >= 8 && field <= length;

			assert_int_equal(parse(udp_parse, 8, length, field, 1),
					 fits ? CTRACK_REASON_NONE :
					 CTRACK_REASON_transport_length);
			fits |= !field;
			assert_int_equal(parse(udplite_parse, 8, length, field,
					       1),
					 fits ? CTRACK_REASON_NONE :
					 CTRACK_REASON_transport_length);
		}
	}
	assert_int_equal(parse(udp_parse, 8, 65535, 65535, 1),
			 CTRACK_REASON_NONE);
}

static void only_udp_may_leave_the_checksum_out(void **state)
{
	assert_int_equal(parse(udp_parse, 8, 8, 8, 0), CTRACK_REASON_NONE);
	assert_int_equal(parse(udplite_parse, 8, 8, 8, 0),
			 CTRACK_REASON_checksum);
	assert_int_equal(parse(udplite_parse, 8, 8, 8, 0x100),
			 CTRACK_REASON_NONE);
}

/* One packet per letter: > original, < reply; . for "not", s for "stream". */
static void check(const char *packets, const char *streams)
{
	struct udp_state udp = { 0 };

	for (; *packets; packets++, streams++) {
		bool reply = *packets == '<', stream = *streams == 's';
		struct ctrack_step step;

		step = udp_step(&udp, reply ? CTRACK_REPLY : CTRACK_ORIGINAL);
		assert_int_equal(step.verdict, CTRACK_ACCEPT);
		assert_int_equal(step.reason, CTRACK_REASON_NONE);
		assert_int_equal(step.replied, reply);
		assert_int_equal(step.assured, stream);
		assert_int_equal(step.timeout,
				 stream ? CTRACK_TIMEOUT_UDP_STREAM :
					  CTRACK_TIMEOUT_UDP);
		assert_int_equal(step.limit, step.timeout);
		assert_false(step.changed);
		assert_false(step.keep_timeout);
	}
	assert_false(*streams);
}

static void a_stream_is_more_than_an_exchange(void **state)
{
	/* Nobody answers. */
	check(">>>>", "....");
	/* DNS: a query and its answer. */
	check("><", "..");
	/* DNS: A and AAAA asked for at once, one answer twice. */
	check(">><<<", ".....");
	/* One request, many packets of answer. */
	check("><<<<<", "......");
	/* A second request after an answer. */
	check("><><", "..ss");
	/* Once a stream, always one. */
	check("><>>><<<", "..ssssss");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_header_is_refused),
		cmocka_unit_test(length_fits_the_packet),
		cmocka_unit_test(only_udp_may_leave_the_checksum_out),
		cmocka_unit_test(a_stream_is_more_than_an_exchange),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
