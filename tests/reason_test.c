// SPDX-License-Identifier: GPL-2.0
/* Reasons: scripts match their names, so each has one, of its own. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "nf/reason.c"

static void every_reason_has_a_name_and_a_text(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	int reason;

	for (reason = 1; reason < CTRACK_REASON_COUNT; reason++) {
		const char *name = ctrack_reason_name(reason);

		assert_non_null(name);
		assert_true(*name);
		assert_int_equal(strspn(name, letters), strlen(name));
		assert_non_null(ctrack_reason_text(reason));
		assert_true(*ctrack_reason_text(reason));
	}
}

static void no_two_reasons_share_a_name_or_a_text(void **state)
{
	int a, b;

	for (a = 0; a < CTRACK_REASON_COUNT; a++) {
		for (b = 0; b < a; b++) {
			assert_string_not_equal(ctrack_reason_name(a),
						ctrack_reason_name(b));
			assert_string_not_equal(ctrack_reason_text(a),
						ctrack_reason_text(b));
		}
	}
}

static void what_is_no_reason_is_none(void **state)
{
	static const unsigned int none[] = {
		CTRACK_REASON_NONE, CTRACK_REASON_COUNT,
		CTRACK_REASON_COUNT + 1, 0x7fffffff, 0xffffffff,
	};
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(*none); i++) {
		assert_string_equal(ctrack_reason_name(none[i]), "none");
		assert_string_equal(ctrack_reason_text(none[i]), "no reason");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_name_and_a_text),
		cmocka_unit_test(no_two_reasons_share_a_name_or_a_text),
		cmocka_unit_test(what_is_no_reason_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
