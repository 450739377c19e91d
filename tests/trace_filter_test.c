// SPDX-License-Identifier: GPL-2.0
/* What a trace session wants to be told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "nf/key.c"
#include "proto/icmp.c"
#include "proto/icmpv6.c"
#include "nf/reason.h"
#include "nf/trace_filter.c"
#include "userspace/trace_names.c"

#define ALL_EVENTS ((1u << CTRACK_TRACE_EVENT_COUNT) - 1)

static struct ctrack_trace_record udp_record(int has)
{
	struct ctrack_trace_record r = {
		.has = CTRACK_TRACE_HAS_FLOW | has,
		.event = CTRACK_TRACE_packet,
		.family = NFPROTO_IPV4,
		.proto = IPPROTO_UDP,
		.state = 1,
		.iif = 3,
		.mark = 0x15,
		.zone = 7,
		.status = 0x2 | 0x10,
		.orig = {
			.source = { 10, 0, 1, 2 },
			.destination = { 10, 0, 2, 2 },
			.source_id = htons(4000),
			.destination_id = htons(53),
		},
		.reply = {
			.source = { 10, 0, 2, 2 },
			.destination = { 10, 0, 2, 1 },
		},
	};

	return r;
}

static struct ctrack_trace_prefix net(int a, int b, int c, int length)
{
	struct ctrack_trace_prefix p = { .address = { a, b, c } };

	memset(p.mask, 0xff, length / 8);
	return p;
}

static bool taken(struct ctrack_trace_filter filter, struct ctrack_trace_record record)
{
	if (!filter.events)
		filter.events = ALL_EVENTS;
	return ctrack_trace_match(&filter, &record);
}

#define CONN CTRACK_TRACE_HAS_CONN
#define FILTER(...) ((struct ctrack_trace_filter){ __VA_ARGS__ })

static void without_words_all_is_taken(void **state)
{
	assert_true(taken(FILTER(), udp_record(CONN)));
	assert_true(taken(FILTER(), (struct ctrack_trace_record){}));
}

static void an_event_that_is_not_wanted_is_not_told(void **state)
{
	assert_true(taken(FILTER(.events = 1 << CTRACK_TRACE_packet), udp_record(CONN)));
	assert_false(taken(FILTER(.events = 1 << CTRACK_TRACE_drop), udp_record(CONN)));
}

static void addresses_are_those_of_the_original_direction(void **state)
{
	const struct ctrack_trace_prefix client = net(10, 0, 1, 24), server = net(10, 0, 2, 24);

	assert_true(taken(FILTER(.given = CTRACK_FILTER_SRC, .src = client), udp_record(CONN)));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_SRC, .src = server), udp_record(CONN)));
	assert_true(taken(FILTER(.given = CTRACK_FILTER_DST, .dst = server), udp_record(CONN)));
	assert_true(taken(FILTER(.given = CTRACK_FILTER_REPLY_DST, .reply_dst = server),
			  udp_record(CONN)));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_REPLY_SRC, .reply_src = client),
			   udp_record(CONN)));
}

static void without_a_connection_a_packet_may_go_either_way(void **state)
{
	const struct ctrack_trace_prefix client = net(10, 0, 1, 24), server = net(10, 0, 2, 24);

	assert_true(taken(FILTER(.given = CTRACK_FILTER_SRC, .src = server), udp_record(0)));
	assert_true(taken(FILTER(.given = CTRACK_FILTER_SRC | CTRACK_FILTER_DPORT, .src = server,
				 .dport = { 4000, 4000 }), udp_record(0)));
	/* But it goes one way only. */
	assert_false(taken(FILTER(.given = CTRACK_FILTER_SRC | CTRACK_FILTER_DPORT, .src = client,
				  .dport = { 4000, 4000 }), udp_record(0)));
}

static void ports_are_ranges_of_what_has_ports(void **state)
{
	struct ctrack_trace_record icmp = udp_record(CONN);

	icmp.proto = IPPROTO_ICMP;
	assert_true(taken(FILTER(.given = CTRACK_FILTER_DPORT, .dport = { 50, 53 }),
			  udp_record(CONN)));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_DPORT, .dport = { 54, 60 }),
			   udp_record(CONN)));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_SPORT, .sport = { 0, 65535 }), icmp));
}

static void a_word_about_what_is_not_there_is_not_met(void **state)
{
	struct ctrack_trace_record nothing = {};

	assert_false(taken(FILTER(.given = CTRACK_FILTER_STATE, .states = { ~0, ~0, ~0, ~0 }),
			   udp_record(0)));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_ZONE, .zone = 7), udp_record(0)));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_SRC), nothing));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_IIF, .iif = 3), nothing));
}

static void what_a_connection_has_is_compared(void **state)
{
	assert_true(taken(FILTER(.given = CTRACK_FILTER_STATE,
				 .states = { [CTRACK_STATES_OTHER] = 2 }), udp_record(CONN)));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_STATE,
				  .states = { [CTRACK_STATES_TCP] = 2 }), udp_record(CONN)));
	assert_true(taken(FILTER(.given = CTRACK_FILTER_MARK, .mark = 5, .mark_mask = 0xf),
			  udp_record(CONN)));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_MARK, .mark = 5, .mark_mask = 0xff),
			   udp_record(CONN)));
	assert_true(taken(FILTER(.given = CTRACK_FILTER_STATUS, .status = 2, .status_mask = 6),
			  udp_record(CONN)));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_NAT, .nat = 0x20), udp_record(CONN)));
	assert_true(taken(FILTER(.given = CTRACK_FILTER_NAT, .nat = 0x30), udp_record(CONN)));
	assert_false(taken(FILTER(.given = CTRACK_FILTER_ZONE, .zone = 8), udp_record(CONN)));
}

static void each_reason_has_something_that_rules_it(void **state)
{
	int reason;

	for (reason = 1; reason < CTRACK_REASON_COUNT; reason++) {
		assert_non_null(reason_rule(reasons[reason].name));
		assert_true(*reason_rule(reasons[reason].name));
	}
	assert_null(reason_rule("no such reason"));
	assert_null(reason_text("none"));
}

static void lists_of_events_are_read_whole(void **state)
{
	uint32_t bits;

	assert_true(trace_events_by_names("drop,invalid", &bits));
	assert_int_equal(bits, 1 << CTRACK_TRACE_drop | 1 << CTRACK_TRACE_invalid);
	assert_false(trace_events_by_names("drop,", &bits));
	assert_false(trace_events_by_names("", &bits));
	assert_false(trace_events_by_names("dro", &bits));
	assert_false(trace_events_by_names("drops", &bits));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_words_all_is_taken),
		cmocka_unit_test(an_event_that_is_not_wanted_is_not_told),
		cmocka_unit_test(addresses_are_those_of_the_original_direction),
		cmocka_unit_test(without_a_connection_a_packet_may_go_either_way),
		cmocka_unit_test(ports_are_ranges_of_what_has_ports),
		cmocka_unit_test(a_word_about_what_is_not_there_is_not_met),
		cmocka_unit_test(what_a_connection_has_is_compared),
		cmocka_unit_test(each_reason_has_something_that_rules_it),
		cmocka_unit_test(lists_of_events_are_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
