// SPDX-License-Identifier: GPL-2.0
/* What a connection waits for. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <netinet/in.h>
#include <cmocka.h>

#include "../userspace/names.c"
#include "../userspace/why_names.c"

static struct waiting waiting(uint8_t proto, const char *state, uint32_t status)
{
	const struct entry e = { .proto = proto, .state = state, .status = status };

	return waiting_for(&e, "");
}

/* What a kernel never says: states that stand for none, or for a packet's fate. */
static bool is_none(uint8_t proto, const char *state)
{
	return (proto != IPPROTO_TCP && !strcmp(state, "none")) || !strcmp(state, "ignore") ||
	       !strcmp(state, "invalid") || !strcmp(state, "heartbeat_acked");
}

static void each_state_has_words(void **state)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_SCTP, IPPROTO_DCCP };
	const char *name;
	uint8_t number;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(protos); i++) {
		for (number = 0; (name = state_name(protos[i], number)); number++) {
			struct waiting w = waiting(protos[i], name, IPS_SEEN_REPLY);

			assert_string_equal(w.state, name);
			if (is_none(protos[i], name))
				assert_string_equal(w.words, "any packet");
			else
				assert_string_not_equal(w.words, "any packet");
		}
		assert_true(number > 5);
	}
}

static const char *established_waits_for(const char *timeout, uint32_t status, bool unacknowledged)
{
	const struct entry e = {
		.proto = IPPROTO_TCP, .state = "established", .status = status,
		.unacknowledged = unacknowledged,
	};

	return waiting_for(&e, timeout).words;
}

static void days_are_for_ends_that_hear_each_other(void **state)
{
	const char *some = "nf_conntrack_tcp_timeout_unacknowledged";
	const char *many = "nf_conntrack_tcp_timeout_max_retrans";
	const char *days = "nf_conntrack_tcp_timeout_established";

	assert_string_equal(established_waits_for(days, IPS_SEEN_REPLY, false),
			    "data, or an end's FIN");
	assert_string_equal(established_waits_for("", IPS_SEEN_REPLY, true),
			    "data, or an end's FIN");
	assert_string_equal(established_waits_for(some, IPS_SEEN_REPLY, true),
			    "the other end to acknowledge what was sent");
	assert_string_equal(established_waits_for(some, 0, false),
			    "the other end, which was not heard yet");
	assert_non_null(strstr(established_waits_for(some, IPS_SEEN_REPLY, false), "a reset"));
	assert_non_null(strstr(established_waits_for(many, IPS_SEEN_REPLY, true), "again and again"));
	assert_non_null(strstr(established_waits_for(many, IPS_SEEN_REPLY, false), "it is there"));
}

static void the_others_wait_for_packets(void **state)
{
	assert_string_equal(waiting(IPPROTO_UDP, "unreplied", 0).words,
			    "an answer, or more of the same");
	assert_string_equal(waiting(47 + 100, "replied", IPS_SEEN_REPLY).words,
			    "any packet, of either side");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_has_words),
		cmocka_unit_test(days_are_for_ends_that_hear_each_other),
		cmocka_unit_test(the_others_wait_for_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
