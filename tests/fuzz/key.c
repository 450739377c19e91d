// SPDX-License-Identifier: GPL-2.0
/* Input: a key, as it lies in memory, then where to turn a bit over. */
#include "fuzz.h"
#include "nf/key.h"

static void check_reverse(const struct ctrack_key *key)
{
	struct ctrack_key reverse, again;

	if (!ctrack_key_reverse(&reverse, key)) {
		claim(key->protonum == IPPROTO_ICMP || key->protonum == IPPROTO_ICMPV6);
		return;
	}
	claim(reverse.direction != key->direction);
	claim(ctrack_key_has_ports(&reverse) == ctrack_key_has_ports(key));
	claim(ctrack_key_reverse(&again, &reverse));
	claim(!memcmp(&again, key, sizeof(*key)));
	claim(ctrack_key_equal(&again, key));
	claim(ctrack_key_equal(key, &reverse) == ctrack_key_equal(&reverse, key));
}

static void check_equal(const struct ctrack_key *key, unsigned int bit)
{
	struct ctrack_key other = *key;

	claim(ctrack_key_equal(key, &other));
	bit %= sizeof(other) * 8;
	((uint8_t *)&other)[bit / 8] ^= 1 << bit % 8;
	claim(ctrack_key_equal(key, &other) ==
	      (bit / 8 == offsetof(struct ctrack_key, direction)));
	claim(ctrack_key_equal(key, &other) == ctrack_key_equal(&other, key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct ctrack_key key;

	fuzz_fill(&input, &key, sizeof(key));
	key.direction &= 1;
	check_reverse(&key);
	do {
		check_equal(&key, fuzz_u16(&input));
	} while (input.left);
	return 0;
}
