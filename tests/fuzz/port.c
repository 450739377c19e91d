// SPDX-License-Identifier: GPL-2.0
/*
 * The search for a port, as nat/bind.c makes it. Input: a range, two octets each end, a start of
 * four, then ports that are free, two octets each; no other is.
 */
#include "fuzz.h"
#include "nat/port.h"

static uint8_t is_free[65536 / 8];

static void set_free(uint16_t port, bool free)
{
	if (free)
		is_free[port / 8] |= 1 << port % 8;
	else
		is_free[port / 8] &= ~(1 << port % 8);
}

/* Returns how many of the free ports are found, each once. */
static unsigned int search(const struct ctrack_ports *ports, __u32 start)
{
	unsigned int found = 0;
	__u32 i;

	for (i = 0; i < ports->count; i++) {
		__u16 port = ctrack_ports_at(ports, start, i);

		claim(ctrack_ports_contain(ports, port));
		if (is_free[port / 8] & 1 << port % 8) {
			set_free(port, false);
			found++;
		}
	}
	return found;
}

static void check(const struct ctrack_ports *ports, __u32 start, struct fuzz_input input)
{
	uint16_t free[64];
	size_t i, count = 0;
	unsigned int expected = 0;

	claim(ports->count >= 1 && ports->first + ports->count <= 65536);
	while (input.left && count < ARRAY_SIZE(free)) {
		free[count] = fuzz_u16(&input);
		for (i = 0; i < count && free[i] != free[count]; i++)
			;
		if (i < count)
			continue;
		set_free(free[count], true);
		expected += free[count] >= ports->first &&
			    free[count] - ports->first < (int)ports->count;
		count++;
	}
	claim(search(ports, start) == expected);
	for (i = 0; i < count; i++)
		set_free(free[i], false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	uint16_t low = fuzz_u16(&input), high = fuzz_u16(&input);
	__u32 start = fuzz_u32(&input);
	struct ctrack_ports ports;

	ports = ctrack_ports_between(low, high);
	claim(ctrack_ports_contain(&ports, low) && ctrack_ports_contain(&ports, high));
	check(&ports, start, input);

	ports = ctrack_ports_like(low);
	claim(!ctrack_ports_contain(&ports, 0));
	claim((low < 1024) == (ports.first < 1024));
	check(&ports, start, input);
	return 0;
}
