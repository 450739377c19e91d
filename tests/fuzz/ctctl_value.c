// SPDX-License-Identifier: GPL-2.0
/* ctctl's numbers, addresses, ranges and marks. Input: strings, a zero between two. */
#include <arpa/inet.h>
#include <inttypes.h>

#include "fuzz.h"
#include "userspace/value.h"

/* Nothing but digits is a number, and it is the number that they are. */
static void check_number(const char *text)
{
	static const uint64_t max[] = { 0, 9, 255, UINT16_MAX, UINT32_MAX, UINT64_MAX };
	char again[32];
	uint64_t n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(max); i++) {
		const char *digits = text;

		n = 7;
		if (parse_number(text, max[i], &n)) {
			claim(n == 7);
			continue;
		}
		claim(n <= max[i]);
		while (digits[0] == '0' && digits[1])
			digits++;
		snprintf(again, sizeof(again), "%" PRIu64, n);
		claim(!strcmp(digits, again));
	}
}

static void check_small(const char *text)
{
	uint64_t n;
	uint16_t u16;
	uint8_t u8;

	claim(!parse_u8(text, &u8) == !parse_number(text, UINT8_MAX, &n));
	claim(parse_u8(text, &u8) || u8 == n);
	claim(!parse_u16(text, &u16) == !parse_number(text, UINT16_MAX, &n));
	claim(parse_u16(text, &u16) || u16 == n);
}

static void check_prefix(const char *text)
{
	char address[INET6_ADDRSTRLEN], again[INET6_ADDRSTRLEN + 4];
	unsigned int bits, bit;
	struct prefix p = {}, q = {};

	if (parse_prefix(text, &p))
		return;
	claim(p.family == AF_INET || p.family == AF_INET6);
	bits = p.family == AF_INET ? 32 : 128;
	claim(p.length <= bits);
	claim(prefix_is_host(&p) == (p.length == bits));

	/* It holds its own address, and no other that differs within the length. */
	q = p;
	claim(prefix_match(&p, p.family, q.address));
	for (bit = 0; bit < bits; bit++) {
		q.address[bit / 8] ^= 0x80 >> bit % 8;
		claim(prefix_match(&p, p.family, q.address) == (bit >= p.length));
		q.address[bit / 8] ^= 0x80 >> bit % 8;
	}
	claim(!prefix_match(&p, p.family == AF_INET ? AF_INET6 : AF_INET, q.address));

	claim(inet_ntop(p.family, p.address, address, sizeof(address)));
	snprintf(again, sizeof(again), "%s/%u", address, p.length);
	memset(&q, 0, sizeof(q));
	claim(!parse_prefix(again, &q));
	claim(q.family == p.family && q.length == p.length);
	claim(!memcmp(q.address, p.address, bits / 8));
}

static void check_range(const char *text)
{
	char again[16];
	struct range r, s;

	if (parse_range(text, &r))
		return;
	claim(r.from <= r.to);
	snprintf(again, sizeof(again), "%u-%u", r.from, r.to);
	claim(!parse_range(again, &s));
	claim(s.from == r.from && s.to == r.to);
}

static void check_mark(const char *text)
{
	char again[32];
	struct masked m, n;

	if (parse_mark(text, &m))
		return;
	claim(!(m.value & ~m.mask));
	snprintf(again, sizeof(again), "0x%x/%u", m.value, m.mask);
	claim(!parse_mark(again, &n));
	claim(n.value == m.value && n.mask == m.mask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	while (input.left) {
		char *text = fuzz_string(&input);

		check_number(text);
		check_small(text);
		check_prefix(text);
		check_range(text);
		check_mark(text);
		free(text);
	}
	return 0;
}
