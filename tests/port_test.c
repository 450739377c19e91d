// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "nat/port.c"

static void between_takes_the_ends_in_either_order(void **state)
{
	struct ctrack_ports ports = ctrack_ports_between(2000, 1000);

	assert_int_equal(ports.first, 1000);
	assert_int_equal(ports.count, 1001);
	assert_true(ctrack_ports_contain(&ports, 1000));
	assert_true(ctrack_ports_contain(&ports, 2000));
	assert_false(ctrack_ports_contain(&ports, 999));
	assert_false(ctrack_ports_contain(&ports, 2001));
}

static void between_holds_one_port_and_all_ports(void **state)
{
	assert_int_equal(ctrack_ports_between(7, 7).count, 1);
	assert_int_equal(ctrack_ports_between(0, 65535).count, 65536);
}

static void a_port_and_what_stands_for_it_are_of_one_kind(void **state)
{
	unsigned int port;

	for (port = 0; port <= 65535; port++) {
		struct ctrack_ports ports = ctrack_ports_like(port);
		unsigned int last = ports.first + ports.count - 1;

		assert_int_not_equal(ports.first, 0);
		assert_true(last <= 65535);
		if (port < 512)
			assert_true(last < 512);
		else if (port < 1024)
			assert_true(ports.first >= 512 && last < 1024);
		else
			assert_true(ports.first >= 1024 && last == 65535);
	}
}

/* Whatever the start, each port comes once: none that is free is missed. */
static void every_port_comes_once(void **state)
{
	static const __u32 starts[] = { 0, 1, 15, 16, 65535, 65536, 0xffffffff };
	static const struct ctrack_ports ranges[] = {
		{ 0, 65536 }, { 1024, 64512 }, { 65535, 1 }, { 40000, 16 },
	};
	size_t r, s;

	for (r = 0; r < sizeof(ranges) / sizeof(*ranges); r++) {
		for (s = 0; s < sizeof(starts) / sizeof(*starts); s++) {
			unsigned char *seen = calloc(65536, 1);
			__u32 i;

			for (i = 0; i < ranges[r].count; i++) {
				__u16 port = ctrack_ports_at(&ranges[r],
							     starts[s], i);

				assert_true(ctrack_ports_contain(&ranges[r],
								 port));
				assert_int_equal(seen[port]++, 0);
			}
			free(seen);
		}
	}
}

/* Whatever is taken, what is free comes in the same order as it would else. */
static void what_is_taken_is_passed_over(void **state)
{
	static const __u32 starts[] = { 0, 1, 15, 63, 64, 65535, 65536, 0xffffffff };
	static const struct ctrack_ports ranges[] = {
		{ 0, 65536 }, { 1024, 64512 }, { 65535, 1 }, { 40000, 16 }, { 63, 3 },
	};
	/* Of so many ports one is free; none is where it is 0. */
	static const unsigned int sparse[] = { 0, 1, 2, 64, 1000 };
	static unsigned long taken[65536 / 8 / sizeof(long)];
	const unsigned int width = 8 * sizeof(long);
	size_t r, s, n;

	for (n = 0; n < sizeof(sparse) / sizeof(*sparse); n++) {
		unsigned int port;

		memset(taken, 0xff, sizeof(taken));
		for (port = 0; sparse[n] && port < 65536; port += sparse[n])
			taken[port / width] &= ~(1UL << port % width);
		for (r = 0; r < sizeof(ranges) / sizeof(*ranges); r++) {
			for (s = 0; s < sizeof(starts) / sizeof(*starts); s++) {
				const struct ctrack_ports *ports = &ranges[r];
				__u32 i, next = ctrack_ports_next(ports, starts[s],
								  0, taken);

				for (i = 0; i < ports->count; i++) {
					port = ctrack_ports_at(ports, starts[s], i);
					if (taken[port / width] >> port % width & 1)
						continue;
					assert_int_equal(i, next);
					next = ctrack_ports_next(ports, starts[s],
								 i + 1, taken);
				}
				assert_int_equal(next, ports->count);
			}
		}
	}
}

static void nothing_is_passed_over_when_nothing_is_known(void **state)
{
	struct ctrack_ports ports = ctrack_ports_between(1000, 1003);

	assert_int_equal(ctrack_ports_next(&ports, 2, 0, NULL), 0);
	assert_int_equal(ctrack_ports_next(&ports, 2, 3, NULL), 3);
	assert_int_equal(ctrack_ports_next(&ports, 2, 4, NULL), 4);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_takes_the_ends_in_either_order),
		cmocka_unit_test(between_holds_one_port_and_all_ports),
		cmocka_unit_test(a_port_and_what_stands_for_it_are_of_one_kind),
		cmocka_unit_test(every_port_comes_once),
		cmocka_unit_test(what_is_taken_is_passed_over),
		cmocka_unit_test(nothing_is_passed_over_when_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
