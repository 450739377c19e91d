// SPDX-License-Identifier: GPL-2.0
/*
 * TCP: a connection that was saved and restored, between any two of its segments. What ctnetlink
 * can carry is restored: state, window scale and some flags, and whether there was an answer. Its
 * windows are checked liberally from then on, as those of one that was met in mid-stream, and no
 * segment is refused.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proto/tcp.c"
#include "proto/tcp_opening.c"
#include "proto/tcp_prediction.c"
#include "proto/tcp_reset.c"
#include "proto/tcp_segment.c"
#include "proto/tcp_window.c"

/* Lines without a last word have none. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define RESTORED_FLAGS	(IP_CT_TCP_FLAG_WINDOW_SCALE | IP_CT_TCP_FLAG_SACK_PERM | \
			 IP_CT_TCP_FLAG_CLOSE_INIT | IP_CT_TCP_FLAG_BE_LIBERAL)

#define S	TCP_SEGMENT_SYN
#define A	TCP_SEGMENT_ACK
#define F	TCP_SEGMENT_FIN
#define R	TCP_SEGMENT_RST
#define TO	CTRACK_ORIGINAL
#define FROM	CTRACK_REPLY

/* Numbers are counted from the sender's first one. */
struct said {
	enum ctrack_direction direction;
	__u8 flags;
	__u32 seq;
	__u32 ack;
	__u32 payload;
};

static const struct said ordinary[] = {
	{ TO, S, 0 }, { FROM, S | A, 0, 1 }, { TO, A, 1, 1 }, { TO, A, 1, 1, 100 },
	{ FROM, A, 1, 101 }, { FROM, A, 1, 101, 1000 }, { FROM, A, 1001, 101, 1000 },
	{ TO, A, 101, 2001 }, { FROM, F | A, 2001, 101 }, { TO, A, 101, 2002 },
	{ TO, F | A, 101, 2002 }, { FROM, A, 2002, 102 },
};

/* A stream of which much is under way, and comes in another order or twice. */
static const struct said stream[] = {
	{ TO, S, 0 }, { FROM, S | A, 0, 1 }, { TO, A, 1, 1 }, { FROM, A, 1, 1, 60000 },
	{ FROM, A, 60001, 1, 60000 }, { FROM, A, 180001, 1, 60000 }, { TO, A, 1, 60001 },
	{ FROM, A, 120001, 1, 60000 }, { TO, A, 1, 120001 }, { FROM, A, 60001, 1, 60000 },
	{ TO, A, 1, 240001 }, { FROM, A, 240001, 1, 60000 }, { FROM, A, 300001, 1, 60000 },
	{ TO, A, 1, 60001 }, { TO, A, 1, 300001 }, { TO, A, 0, 300001 }, { FROM, A, 360001, 1 },
	{ TO, A, 1, 360001 }, { TO, R | A, 1, 360001 },
};

static const struct said refused_by_server[] = {
	{ TO, S, 0 }, { TO, S, 0 }, { FROM, R | A, 0, 1 },
};

static const struct said opened_with_data[] = {
	{ TO, S, 0, 0, 500 }, { FROM, S | A, 0, 501 }, { FROM, A, 1, 501, 1000 },
	{ TO, A, 501, 1 }, { TO, A, 501, 1001, 10 }, { FROM, A, 1001, 511 },
};

static const struct said opened_by_both[] = {
	{ TO, S, 0 }, { FROM, S, 0 }, { FROM, S | A, 0, 1 }, { TO, S | A, 0, 1 },
	{ TO, A, 1, 1, 10 }, { FROM, A, 1, 11 },
};

static const struct said closed_by_both[] = {
	{ TO, S, 0 }, { FROM, S | A, 0, 1 }, { TO, A, 1, 1 }, { TO, F | A, 1, 1 },
	{ FROM, F | A, 1, 1 }, { FROM, A, 2, 2 }, { TO, A, 2, 2 },
};

static const struct said reset_by_server[] = {
	{ TO, S, 0 }, { FROM, S | A, 0, 1 }, { TO, A, 1, 1 }, { TO, A, 1, 1, 100 },
	{ FROM, R, 1 },
};

static const struct ctrack_options options = { .tcp_loose = 1, .tcp_max_retrans = 3 };

/* With a base near the end, numbers pass zero. */
static struct tcp_segment segment(const struct said *said, __u32 base)
{
	return (struct tcp_segment) {
		.seq = base + said->seq,
		.ack = said->flags & A ? base + said->ack : 0,
		.sack = said->flags & A ? base + said->ack : 0,
		.payload = said->payload,
		.window = 4096,
		.flags = said->flags,
		.scale = said->flags & S ? 8 : 0,
		.scale_present = said->flags & S,
		.sack_permitted = said->flags & S,
	};
}

static struct tcp_state restored(const struct tcp_state *state)
{
	struct tcp_state new = { .state = state->state, .replied = state->replied };
	int i;

	for (i = 0; i < CTRACK_DIRECTIONS; i++) {
		new.side[i].scale = state->side[i].scale;
		new.side[i].flags = (state->side[i].flags & RESTORED_FLAGS) |
				    IP_CT_TCP_FLAG_BE_LIBERAL;
	}
	return new;
}

static void assert_goes_on(const struct said *said, size_t count, size_t cut, __u32 base)
{
	struct tcp_state state = {}, again = {};
	size_t i;

	for (i = 0; i < count; i++) {
		const struct tcp_segment s = segment(&said[i], base);
		struct ctrack_step step;

		step = tcp_step(&state, &s, said[i].direction, &options);
		assert_int_equal(step.verdict, CTRACK_ACCEPT);
		if (i < cut) {
			again = state;
			continue;
		}
		if (i == cut)
			again = restored(&again);
		step = tcp_step(&again, &s, said[i].direction, &options);
		if (step.verdict != CTRACK_ACCEPT)
			print_error("restored before segment %zu of %zu: segment %zu is refused\n",
				    cut, count, i);
		assert_int_equal(step.verdict, CTRACK_ACCEPT);
	}
	/* And it comes to the same end. */
	assert_int_equal(again.state, state.state);
}

static void assert_goes_on_anywhere(const struct said *said, size_t count)
{
	size_t cut;

	for (cut = 1; cut < count; cut++) {
		/* In SYN_RECV nothing that is carried tells that both ends sent a SYN. */
		if (said == opened_by_both && cut == 3)
			continue;
		assert_goes_on(said, count, cut, 1000);
		assert_goes_on(said, count, cut, -1000);
	}
}

#define CASE(name)							\
	static void test_##name(void **state)				\
	{								\
		(void)state;						\
		assert_goes_on_anywhere(name, COUNT(name));		\
	}

CASE(ordinary)
CASE(stream)
CASE(refused_by_server)
CASE(opened_with_data)
CASE(opened_by_both)
CASE(closed_by_both)
CASE(reset_by_server)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ordinary),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_refused_by_server),
		cmocka_unit_test(test_opened_with_data),
		cmocka_unit_test(test_opened_by_both),
		cmocka_unit_test(test_closed_by_both),
		cmocka_unit_test(test_reset_by_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
