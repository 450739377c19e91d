// SPDX-License-Identifier: GPL-2.0
/* TCP: hostile headers. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/tcp_segment.c"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void make_header(__u8 header[60], __u8 words, __u8 flags)
{
	static const __u8 start[20] = {
		0x04, 0xd2, 0x00, 0x50, 0x81, 0x02, 0x03, 0x04,
		0x91, 0x12, 0x13, 0x14, 0x00, 0x00, 0xfe, 0xdc,
	};

	memset(header, 1, 60);
	memcpy(header, start, sizeof(start));
	header[12] = words << 4;
	header[13] = flags;
}

/* Parses from memory of just the size that is readable, for ASan to watch. */
static enum ctrack_reason parse(const __u8 *header, unsigned int readable,
				unsigned int length,
				struct tcp_segment *segment)
{
	__u8 *copy = malloc(readable);
	enum ctrack_reason reason;

	assert_true(copy || !readable);
	memcpy(copy, header, readable);
	memset(segment, 0xee, sizeof(*segment));
	reason = tcp_parse(copy, readable, length, segment);
	free(copy);
	return reason;
}

static void a_header_is_read(void **state)
{
	struct tcp_segment segment;
	__u8 header[60];

	make_header(header, 5, TCP_SEGMENT_ACK | TCP_SEGMENT_PSH);
	assert_int_equal(parse(header, 20, 1480, &segment),
			 CTRACK_REASON_NONE);
	assert_int_equal(segment.seq, 0x81020304);
	assert_int_equal(segment.ack, 0x91121314);
	assert_int_equal(segment.sack, 0x91121314);
	assert_int_equal(segment.payload, 1460);
	assert_int_equal(segment.window, 0xfedc);
	assert_int_equal(segment.flags, 0x18);
	assert_false(segment.scale_present);
	assert_false(segment.sack_permitted);
	assert_int_equal(segment.scale, 0);
}

static void each_cut_and_offset_is_judged(void **state)
{
	unsigned int readable, words, length;

	for (words = 0; words < 16; words++) {
		__u8 header[60];

		make_header(header, words, TCP_SEGMENT_ACK);
		for (readable = 0; readable <= 60; readable++) {
			for (length = 0; length <= 70; length++) {
				enum ctrack_reason expected;
				struct tcp_segment segment;

				if (readable < 20 || length < 20)
					expected =
						CTRACK_REASON_transport_header;
				else if (words < 5 || words * 4 > length)
					expected = CTRACK_REASON_tcp_offset;
				else if (words * 4 > readable)
					expected =
						CTRACK_REASON_transport_header;
				else
					expected = CTRACK_REASON_NONE;
				assert_int_equal(parse(header, readable, length,
						       &segment), expected);
				if (!expected)
					assert_int_equal(segment.payload,
							 length - words * 4);
			}
		}
	}
}

static void flags_that_contradict_are_refused(void **state)
{
	/* FIN SYN RST ACK URG; PSH, ECE and CWR go with anything. */
	static const char *const good[] = {
		"S", "SU", "SA", "FA", "FAU", "A", "AU", "R", "RA",
	};
	static const char letters[] = "FSRPAUEC";
	unsigned int flags;
	size_t i;

	for (flags = 0; flags < 256; flags++) {
		struct tcp_segment segment;
		char word[9] = "";
		__u8 header[60];
		bool fits = false;
		unsigned int bit;

		for (bit = 0; bit < 8; bit++)
			if (flags & 1 << bit && !strchr("PEC", letters[bit]))
				strncat(word, &letters[bit], 1);
		for (i = 0; i < COUNT(good); i++)
			fits |= !strcmp(word, good[i]);
		make_header(header, 5, flags);
		assert_int_equal(parse(header, 20, 20, &segment),
				 fits ? CTRACK_REASON_NONE :
					CTRACK_REASON_tcp_flags);
	}
}

/* The segment with these options, padded with what would be bad to read. */
static struct tcp_segment with_options(__u8 flags, const __u8 *options,
				       unsigned int length)
{
	unsigned int words = 5 + (length + 3) / 4;
	struct tcp_segment segment;
	__u8 header[60];

	make_header(header, words, flags);
	memset(header + 20, 0, 40);
	memcpy(header + 20, options, length);
	assert_int_equal(parse(header, words * 4, words * 4, &segment),
			 CTRACK_REASON_NONE);
	return segment;
}

#define WITH_OPTIONS(flags, ...) \
	with_options(flags, (const __u8[]){ __VA_ARGS__ }, \
		     sizeof((const __u8[]){ __VA_ARGS__ }))

static void options_of_a_syn_are_read(void **state)
{
	struct tcp_segment segment;

	/* As Linux sends them: MSS, SACK-permitted, timestamp, NOP, scale. */
	segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 2, 4, 5, 180, 4, 2, 8, 10,
			       1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7);
	assert_true(segment.sack_permitted);
	assert_true(segment.scale_present);
	assert_int_equal(segment.scale, 7);

	segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 3, 3, 0);
	assert_true(segment.scale_present);
	assert_int_equal(segment.scale, 0);

	/* RFC 7323 section 2.3: more than 14 is 14. */
	segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 3, 3, 14);
	assert_int_equal(segment.scale, 14);
	segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 3, 3, 15);
	assert_int_equal(segment.scale, 14);
	segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 3, 3, 255);
	assert_int_equal(segment.scale, 14);

	/* Neither means anything later. */
	segment = WITH_OPTIONS(TCP_SEGMENT_ACK, 4, 2, 3, 3, 7);
	assert_false(segment.sack_permitted);
	assert_false(segment.scale_present);
	assert_int_equal(segment.scale, 0);
}

static void options_that_lie_are_skipped(void **state)
{
	struct tcp_segment segment;
	unsigned int kind;

	/* Behind the end of the list nothing counts. */
	segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 0, 3, 3, 7);
	assert_false(segment.scale_present);

	/* The right options with the wrong lengths; what follows counts. */
	segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 3, 4, 7, 7, 4, 3, 0, 3, 2,
			       4, 2);
	assert_false(segment.scale_present);
	assert_true(segment.sack_permitted);

	for (kind = 2; kind < 256; kind++) {
		/* Lengths 0 and 1 would go on for ever, 200 over the end. */
		segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 4, 2, kind, 0, 3, 3, 7,
				       1);
		assert_true(segment.sack_permitted);
		assert_false(segment.scale_present);
		segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 4, 2, kind, 1, 3, 3, 7,
				       1);
		assert_true(segment.sack_permitted);
		assert_false(segment.scale_present);
		segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 4, 2, kind, 200, 3, 3,
				       7, 1);
		assert_true(segment.sack_permitted);
		assert_false(segment.scale_present);
		/* Its length lies just outside. */
		segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 4, 2, 1, kind);
		assert_true(segment.sack_permitted);
		assert_false(segment.scale_present);
	}
	/* An option may fill the header to its end, not by one more. */
	segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 1, 3, 3, 7);
	assert_true(segment.scale_present);
	segment = WITH_OPTIONS(TCP_SEGMENT_SYN, 1, 1, 3, 3);
	assert_false(segment.scale_present);
}

static void sack_is_the_highest_edge(void **state)
{
	struct tcp_segment segment;

	/* The acknowledgment is 0x91121314. */
	segment = WITH_OPTIONS(TCP_SEGMENT_ACK, 1, 1, 5, 18,
			       0x91, 0x12, 0x20, 0, 0x91, 0x12, 0x30, 0,
			       0x91, 0x12, 0x16, 0, 0x91, 0x12, 0x18, 0);
	assert_int_equal(segment.sack, 0x91123000);
	assert_int_equal(segment.ack, 0x91121314);

	/* A D-SACK (RFC 2883) ends below the acknowledgment. */
	segment = WITH_OPTIONS(TCP_SEGMENT_ACK, 5, 10, 0x91, 0x12, 0x10, 0,
			       0x91, 0x12, 0x12, 0);
	assert_int_equal(segment.sack, 0x91121314);

	/* Sequence numbers go around: 0x10 is above, by less than half. */
	segment = WITH_OPTIONS(TCP_SEGMENT_ACK, 5, 10, 0, 0, 0, 0,
			       0, 0, 0, 0x10);
	assert_int_equal(segment.sack, 0x10);

	/* Two steps of less than half each do not lead around it. */
	segment = WITH_OPTIONS(TCP_SEGMENT_ACK, 1, 1, 5, 18,
			       0, 0, 0, 0, 0, 0, 0, 0x10,
			       0x70, 0, 0, 0, 0x70, 0, 0, 0x10);
	assert_int_equal(segment.sack, 0x10);

	/* Not a whole number of blocks, or none. */
	segment = WITH_OPTIONS(TCP_SEGMENT_ACK, 5, 9, 0x91, 0x12, 0x20, 0,
			       0x91, 0x12, 0x30, 0);
	assert_int_equal(segment.sack, 0x91121314);
	segment = WITH_OPTIONS(TCP_SEGMENT_ACK, 5, 2);
	assert_int_equal(segment.sack, 0x91121314);

	/* RFC 2018 section 3: there is nothing to acknowledge selectively. */
	segment = WITH_OPTIONS(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK, 5, 10,
			       0x91, 0x12, 0x20, 0, 0x91, 0x12, 0x30, 0);
	assert_int_equal(segment.sack, 0x91121314);
}

static void any_header_is_survived(void **state)
{
	unsigned int round, i;

	srand(1);
	for (round = 0; round < 200000; round++) {
		struct tcp_segment segment;
		unsigned int readable;
		__u8 header[60];

		make_header(header, 5 + rand() % 11, TCP_SEGMENT_ACK | 0);
		if (rand() % 2)
			header[13] = TCP_SEGMENT_SYN;
		for (i = 20; i < 60; i++)
			header[i] = rand() % (rand() % 4 ? 12 : 256);
		readable = header[12] / 4;
		if (!parse(header, readable, readable + rand() % 2000,
			   &segment))
			assert_in_range(segment.scale, 0, 14);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_read),
		cmocka_unit_test(each_cut_and_offset_is_judged),
		cmocka_unit_test(flags_that_contradict_are_refused),
		cmocka_unit_test(options_of_a_syn_are_read),
		cmocka_unit_test(options_that_lie_are_skipped),
		cmocka_unit_test(sack_is_the_highest_edge),
		cmocka_unit_test(any_header_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
