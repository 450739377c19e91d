// SPDX-License-Identifier: GPL-2.0
/* When ctctl trace has told enough. Netlink and the clock are played. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../userspace/trace.c"

/* Records that come with the answer, and those that come later. */
static unsigned int early, late, shown, waits;
static struct nl_trace *told_to;

static int tell(unsigned int count)
{
	const struct nl_record record = { .data = { .has = CTRACK_TRACE_HAS_CONN, .id = 7 } };
	int ret = 0;

	while (!ret && count--)
		ret = told_to->fn(&record, told_to->data);
	return ret;
}

int nl_trace_open(struct nl *nl, struct nl_trace *t, const struct ctrack_trace_filter *filter,
		  const char *reason, bool everywhere)
{
	told_to = t;
	return tell(early);
}

int nl_trace_fd(const struct nl *nl)
{
	return 0;
}

int nl_trace_read(struct nl *nl)
{
	return tell(1);
}

int watch_begin(struct watch *w, int source, uint64_t seconds)
{
	return 0;
}

int watch_wait(struct watch *w)
{
	return waits++ >= late;
}

void watch_end(struct watch *w)
{
}

void trace_print(FILE *out, const struct nl_record *record)
{
	shown++;
}

int trace_json(FILE *out, const struct nl_record *record)
{
	return 0;
}

int trace_request(struct ctrack_trace_filter *to, const struct filter *f, const char **bad)
{
	return 0;
}

struct nl *nl_open(void)
{
	return NULL;
}

void nl_close(struct nl *nl)
{
}

int nl_fail(const struct nl *nl, const char *doing, int err)
{
	return EXIT_FAILURE;
}

int usage_error(const char *format, ...)
{
	return 2;
}

/* How many are shown, when so many come. */
static unsigned int shown_of(unsigned int count, unsigned int with_answer, unsigned int later)
{
	const struct args args = { .count = count };

	early = with_answer;
	late = later;
	shown = 0;
	waits = 0;
	assert_int_equal(trace(NULL, &args), EXIT_SUCCESS);
	return shown;
}

static void no_more_than_were_asked_for(void **state)
{
	assert_int_equal(shown_of(2, 0, 5), 2);
	assert_int_equal(shown_of(2, 1, 5), 2);
	assert_int_equal(shown_of(0, 2, 5), 7);
}

/* A session begins before its request is answered, and something may happen in between. */
static void enough_may_come_with_the_answer(void **state)
{
	assert_int_equal(shown_of(2, 2, 5), 2);
	assert_int_equal(waits, 0);
	assert_int_equal(shown_of(1, 5, 5), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_than_were_asked_for),
		cmocka_unit_test(enough_may_come_with_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
