// SPDX-License-Identifier: GPL-2.0
/* Until when ctctl waits for what comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../userspace/watch.c"

/* The end of a pipe that there is always something to read from, or never. */
static int source(bool full)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	if (full)
		assert_int_equal(write(ends[1], "x", 1), 1);
	return ends[0];
}

static void the_time_ends(bool full)
{
	int64_t began = now();
	struct watch w;

	/* The test ends by this where the time does not. */
	alarm(60);
	assert_int_equal(watch_begin(&w, source(full), 1), 0);
	while (!watch_wait(&w))
		assert_true(full);
	assert_true(now() - began >= 1000);
	assert_false(w.stopped);
	watch_end(&w);
	alarm(0);
}

static void when_nothing_comes(void **state)
{
	the_time_ends(false);
}

static void when_it_does_not_end(void **state)
{
	the_time_ends(true);
}

static void when_told_to_stop(void **state)
{
	struct watch w;

	assert_int_equal(watch_begin(&w, source(true), 0), 0);
	assert_int_equal(watch_wait(&w), 0);
	raise(SIGTERM);
	assert_int_equal(watch_wait(&w), 1);
	assert_true(w.stopped);
	watch_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(when_nothing_comes),
		cmocka_unit_test(when_it_does_not_end),
		cmocka_unit_test(when_told_to_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
