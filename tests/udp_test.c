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

static void length_zero_is_all_of_what_no_length_can_say(void **state)
{
	assert_int_equal(parse(udp_parse, 8, 65535, 0, 1),
			 CTRACK_REASON_transport_length);
	assert_int_equal(parse(udp_parse, 8, 65536, 0, 1), CTRACK_REASON_NONE);
	assert_int_equal(parse(udp_parse, 8, 200000, 0, 1), CTRACK_REASON_NONE);
	assert_int_equal(parse(udp_parse, 8, 65536, 7, 1),
			 CTRACK_REASON_transport_length);
	assert_int_equal(parse(udp_parse, 8, 65536, 65535, 1),
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

/*
 * One packet per letter: > original, < reply; a digit lets as many half seconds
 * pass. Each packet's timeout: u for udp_timeout, d for udp_timeout_dns, s for
 * the stream's.
 */
static void check(__u16 port, const char *packets, const char *timeouts)
{
	const __u8 destination[] = { port >> 8, port };
	struct ctrack_key key = { .protonum = IPPROTO_UDP };
	struct udp_state udp = { 0 };
	/* It wraps under way. */
	__u32 time = -1000;

	memcpy(&key.destination_id.port, destination, sizeof(destination));
	for (; *packets; packets++) {
		bool reply = *packets == '<', stream = *timeouts == 's';
		struct ctrack_step step;

		if (*packets >= '0' && *packets <= '9') {
			time += 500 * (*packets - '0');
			continue;
		}
		step = udp_step(&udp, &key, time,
				reply ? CTRACK_REPLY : CTRACK_ORIGINAL);
		assert_int_equal(step.verdict, CTRACK_ACCEPT);
		assert_int_equal(step.reason, CTRACK_REASON_NONE);
		assert_int_equal(step.replied, reply);
		assert_int_equal(step.assured, stream);
		assert_int_equal(step.timeout,
				 stream ? CTRACK_TIMEOUT_UDP_STREAM :
					  CTRACK_TIMEOUT_UDP);
		assert_int_equal(step.limit, *timeouts == 'd' ?
				 CTRACK_TIMEOUT_UDP_DNS : step.timeout);
		assert_false(step.changed);
		assert_false(step.keep_timeout);
		timeouts++;
	}
	assert_false(*timeouts);
}

static void a_stream_is_answered_and_lasts(void **state)
{
	/* Nobody answers. */
	check(5000, ">5>5>5>", "uuuu");
	/* Much, and not for long. */
	check(5000, "><><4><", "uuuuuu");
	/* Two seconds are over. */
	check(5000, "><5>", "uus");
	/* The first answer may take long. */
	check(5000, ">5<", "uu");
	/* It is a download. */
	check(5000, "><5<", "uus");
	check(5000, ">5<<", "uus");
	/* Once a stream, always one. */
	check(5000, "><5>>><<<", "uussssss");
}

/* What is said of a stream without its lock is what each packet does. */
static void a_stream_is_left_as_it_is(void **state)
{
	const struct ctrack_key key = { .protonum = IPPROTO_UDP };
	struct ctrack_step said, done;
	struct udp_state udp = {}, before;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		enum ctrack_direction direction = i & 1;
		bool settled = udp_is_stream(&udp, &said, direction);

		assert_int_equal(settled, udp.stream);
		before = udp;
		done = udp_step(&udp, &key, i * 100, direction);
		if (!settled)
			continue;
		assert_memory_equal(&udp, &before, sizeof(udp));
		assert_memory_equal(&said, &done, sizeof(said));
	}
	assert_true(udp.stream);
}

static void questions_that_were_answered_are_over(void **state)
{
	check(53, "><", "ud");
	/* A and AAAA at once. */
	check(53, ">><<", "uuud");
	/* Asked again: perhaps there is another answer to come. */
	check(53, ">9><", "uuu");
	check(53, ">9><<", "uuud");
	check(53, "><<", "udd");
	/* One after the other. */
	check(53, "><><", "udud");
	/* Other ports are not known to be like that. */
	check(123, "><", "uu");
	check(5353, "><", "uu");
}

static void a_resolver_that_keeps_its_port_has_a_stream(void **state)
{
	check(53, "><5><", "udss");
	check(53, "><><5<", "ududs");
	/* Answers alone are of the same question. */
	check(53, ">5><<5<", "uuudd");
}

static void more_questions_than_can_be_counted(void **state)
{
	struct ctrack_key key = { .protonum = IPPROTO_UDP };
	struct udp_state udp = { 0 };
	unsigned int i;

	for (i = 0; i < 1000; i++)
		udp_step(&udp, &key, 0, CTRACK_ORIGINAL);
	assert_int_equal(udp.waiting, WAITING_MAX);
	for (i = 0; i < 1000; i++)
		udp_step(&udp, &key, 0, CTRACK_REPLY);
	assert_int_equal(udp.waiting, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_header_is_refused),
		cmocka_unit_test(length_fits_the_packet),
		cmocka_unit_test(length_zero_is_all_of_what_no_length_can_say),
		cmocka_unit_test(only_udp_may_leave_the_checksum_out),
		cmocka_unit_test(a_stream_is_answered_and_lasts),
		cmocka_unit_test(a_stream_is_left_as_it_is),
		cmocka_unit_test(questions_that_were_answered_are_over),
		cmocka_unit_test(a_resolver_that_keeps_its_port_has_a_stream),
		cmocka_unit_test(more_questions_than_can_be_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
