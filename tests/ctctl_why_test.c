// SPDX-License-Identifier: GPL-2.0
/* What a connection waits for, and which of the timeouts that there are ends it. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <netinet/in.h>
#include <cmocka.h>

#include "../proto/timeout.h"
#include "../userspace/names.c"
#include "../userspace/why_names.c"

#define SYSCTL(name, sysctl, seconds) sysctl,
static const char *const sysctls[] = { CTRACK_TIMEOUTS(SYSCTL) };

static bool is_sysctl(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sysctls); i++)
		if (!strcmp(sysctls[i], name))
			return true;
	return false;
}

static struct waiting waiting(uint8_t proto, const char *state, uint32_t status)
{
	const struct entry e = { .proto = proto, .state = state, .status = status };

	return waiting_for(&e);
}

/* What a kernel never says: states that stand for none, or for a packet's fate. */
static bool is_none(uint8_t proto, const char *state)
{
	return (proto != IPPROTO_TCP && !strcmp(state, "none")) || !strcmp(state, "ignore") ||
	       !strcmp(state, "invalid") || !strcmp(state, "heartbeat_acked");
}

static void each_state_has_a_timeout_of_its_own(void **state)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_SCTP, IPPROTO_DCCP };
	const char *name;
	uint8_t number;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(protos); i++) {
		for (number = 0; (name = state_name(protos[i], number)); number++) {
			struct waiting w = waiting(protos[i], name, IPS_SEEN_REPLY);

			if (is_none(protos[i], name))
				continue;
			assert_string_equal(w.state, name);
			assert_true(is_sysctl(w.timeout));
			assert_string_equal(strstr(w.timeout, "_timeout_") + 9, name);
		}
		assert_true(number > 5);
	}
}

static void days_are_for_ends_that_hear_each_other(void **state)
{
	struct entry e = {
		.proto = IPPROTO_TCP, .state = "established", .status = IPS_SEEN_REPLY,
	};

	assert_string_equal(waiting_for(&e).timeout, "tcp_timeout_established");
	e.unacknowledged = 1;
	assert_string_equal(waiting_for(&e).timeout, "tcp_timeout_unacknowledged");
	e.unacknowledged = 0;
	e.status = 0;
	assert_string_equal(waiting_for(&e).timeout, "tcp_timeout_unacknowledged");
	assert_true(is_sysctl(waiting_for(&e).timeout));
}

static void the_others_have_one_until_both_were_heard(void **state)
{
	struct entry dns = {
		.proto = IPPROTO_UDP, .state = "replied", .status = IPS_SEEN_REPLY,
		.orig = { .dport = 53 },
	};

	assert_string_equal(waiting(IPPROTO_UDP, "unreplied", 0).timeout, "udp_timeout");
	assert_string_equal(waiting(IPPROTO_UDP, "assured", IPS_SEEN_REPLY | IPS_ASSURED).timeout,
			    "udp_timeout_stream");
	assert_string_equal(waiting_for(&dns).timeout, "udp_timeout_dns");
	assert_string_equal(waiting(IPPROTO_GRE, "unreplied", 0).timeout, "gre_timeout");
	assert_string_equal(waiting(IPPROTO_GRE, "replied", IPS_SEEN_REPLY).timeout,
			    "gre_timeout_stream");
	assert_string_equal(waiting(IPPROTO_ICMPV6, "unreplied", 0).timeout, "icmpv6_timeout");
	assert_string_equal(waiting(47 + 100, "unreplied", 0).timeout, "generic_timeout");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_has_a_timeout_of_its_own),
		cmocka_unit_test(days_are_for_ends_that_hear_each_other),
		cmocka_unit_test(the_others_have_one_until_both_were_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
