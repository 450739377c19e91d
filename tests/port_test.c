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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_takes_the_ends_in_either_order),
		cmocka_unit_test(between_holds_one_port_and_all_ports),
		cmocka_unit_test(a_port_and_what_stands_for_it_are_of_one_kind),
		cmocka_unit_test(every_port_comes_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
