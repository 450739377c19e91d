// SPDX-License-Identifier: GPL-2.0
/* GRE: headers, and what makes a tunnel that is in use. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/gre.c"

/* A header in memory of just its own size, for ASan to watch. */
static enum ctrack_reason parse(unsigned int flags, unsigned int protocol,
				unsigned int readable, unsigned int length)
{
	const __u8 header[] = { flags >> 8, flags, protocol >> 8, protocol };
	__u8 *copy = malloc(readable);
	enum ctrack_reason reason;

	assert_true(copy || !readable);
	memcpy(copy, header, readable);
	reason = gre_parse(copy, readable, length);
	free(copy);
	return reason;
}

static void a_cut_header_is_refused(void **state)
{
	unsigned int cut;

	for (cut = 0; cut < 4; cut++) {
		assert_int_equal(parse(0, 0x0800, cut, 100),
				 CTRACK_REASON_transport_header);
		assert_int_equal(parse(0, 0x0800, 4, cut),
				 CTRACK_REASON_transport_header);
	}
	assert_int_equal(parse(0, 0x0800, 4, 4), CTRACK_REASON_NONE);
}

/* The shortest packet with these flags, and one octet less. */
static void check_length(unsigned int flags, unsigned int protocol,
			 unsigned int length)
{
	assert_int_equal(parse(flags, protocol, 4, length), CTRACK_REASON_NONE);
	if (length > 4)
		assert_int_equal(parse(flags, protocol, 4, length - 1),
				 CTRACK_REASON_gre_header);
}

static void the_header_has_what_the_flags_say(void **state)
{
	check_length(0x0000, 0x0800, 4);
	/* RFC 2784: the checksum comes with a reserved half word. */
	check_length(0x8000, 0x0800, 8);
	/* RFC 1701: that is the offset of the routing. */
	check_length(0x4000, 0x0800, 8);
	check_length(0xc000, 0x0800, 8);
	/* RFC 2890. */
	check_length(0x2000, 0x6558, 8);
	check_length(0x1000, 0x0800, 8);
	check_length(0xb000, 0x0800, 16);
	/* RFC 2637 section 4.1: a key always. */
	check_length(0x2001, 0x880b, 8);
	check_length(0x3001, 0x880b, 12);
	check_length(0x3081, 0x880b, 16);
	check_length(0x2081, 0x880b, 12);
}

static void version_one_is_pptp(void **state)
{
	assert_int_equal(parse(0x2001, 0x0800, 4, 100),
			 CTRACK_REASON_gre_header);
	assert_int_equal(parse(0x0001, 0x880b, 4, 100),
			 CTRACK_REASON_gre_header);
}

static void of_other_versions_nothing_is_known(void **state)
{
	unsigned int version;

	for (version = 2; version < 8; version++)
		assert_int_equal(parse(0xfff8 | version, 0, 4, 4),
				 CTRACK_REASON_NONE);
}

/* One packet per letter: > original, < reply; . for "not", s for "stream". */
static void check(const char *packets, const char *streams)
{
	struct gre_state gre = {};

	for (; *packets; packets++, streams++) {
		bool reply = *packets == '<', stream = *streams == 's';
		struct ctrack_step step;

		step = gre_step(&gre, reply ? CTRACK_REPLY : CTRACK_ORIGINAL);
		assert_int_equal(step.verdict, CTRACK_ACCEPT);
		assert_int_equal(step.replied, reply);
		assert_int_equal(step.assured, stream);
		assert_int_equal(step.timeout,
				 stream ? CTRACK_TIMEOUT_GRE_STREAM :
					  CTRACK_TIMEOUT_GRE);
		assert_int_equal(step.limit, step.timeout);
		assert_false(step.keep_timeout);
	}
	assert_false(*streams);
}

static void a_tunnel_is_in_use_after_an_answer(void **state)
{
	check(">>>", "...");
	check("><", "..");
	check("><>", "..s");
	check("><<<", "..ss");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_header_is_refused),
		cmocka_unit_test(the_header_has_what_the_flags_say),
		cmocka_unit_test(version_one_is_pptp),
		cmocka_unit_test(of_other_versions_nothing_is_known),
		cmocka_unit_test(a_tunnel_is_in_use_after_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
