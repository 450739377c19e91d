// SPDX-License-Identifier: GPL-2.0
/* Keys: comparing and reversing them. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>

#include "nf/key.c"
#include "nf/hash.h"
#include "proto/icmp.c"
#include "proto/icmpv6.c"

/* A key in which no two octets are the same. */
static struct ctrack_key any_key(__u8 protonum, __u8 type)
{
	struct ctrack_key key;
	size_t i;

	for (i = 0; i < sizeof(key); i++)
		((__u8 *)&key)[i] = 0x40 + i;
	key.l3num = NFPROTO_IPV6;
	key.protonum = protonum;
	key.direction = CTRACK_ORIGINAL;
	if (protonum == IPPROTO_ICMP || protonum == IPPROTO_ICMPV6)
		key.destination_id.icmp.type = type;
	return key;
}

static void layout_has_no_gaps(void **state)
{
	struct ctrack_key key;

	assert_int_equal(sizeof(key), 40);
	assert_int_equal(offsetof(struct ctrack_key, direction), 39);
	assert_int_equal(sizeof(key.source) + sizeof(key.source_id) +
			 sizeof(key.l3num) + sizeof(key.destination) +
			 sizeof(key.destination_id) + sizeof(key.protonum) +
			 sizeof(key.direction), sizeof(key));
}

static void equal_sees_each_bit_but_the_direction(void **state)
{
	struct ctrack_key a = any_key(IPPROTO_TCP, 0);
	unsigned int bit;

	for (bit = 0; bit < sizeof(a) * 8; bit++) {
		struct ctrack_key b = a;
		bool in_direction;

		((__u8 *)&b)[bit / 8] ^= 1 << bit % 8;
		in_direction = bit / 8 == offsetof(struct ctrack_key, direction);
		assert_int_equal(ctrack_key_equal(&a, &b), in_direction);
		assert_int_equal(ctrack_key_equal(&b, &a), in_direction);
	}
	assert_true(ctrack_key_equal(&a, &a));
}

static void equal_sees_two_differences(void **state)
{
	struct ctrack_key a = any_key(IPPROTO_UDP, 0);
	struct ctrack_key b = a;

	/* The same difference in two words must not cancel out. */
	b.source.all[0] ^= 0x10;
	b.destination.all[1] ^= 0x10;
	assert_false(ctrack_key_equal(&a, &b));
}

static void reverse_of_ports_swaps_them(void **state)
{
	struct ctrack_key key = any_key(IPPROTO_TCP, 0);
	struct ctrack_key reverse;

	memset(&reverse, 0xee, sizeof(reverse));
	assert_true(ctrack_key_reverse(&reverse, &key));
	assert_memory_equal(&reverse.source, &key.destination,
			    sizeof(key.source));
	assert_memory_equal(&reverse.destination, &key.source,
			    sizeof(key.source));
	assert_int_equal(reverse.source_id.port, key.destination_id.port);
	assert_int_equal(reverse.destination_id.port, key.source_id.port);
	assert_int_equal(reverse.l3num, key.l3num);
	assert_int_equal(reverse.protonum, key.protonum);
	assert_int_equal(reverse.direction, CTRACK_REPLY);
}

static void reverse_of_a_query_keeps_its_identifier(void **state)
{
	struct ctrack_key key = any_key(IPPROTO_ICMP, 8);
	struct ctrack_key reverse;

	assert_true(ctrack_key_reverse(&reverse, &key));
	assert_int_equal(reverse.source_id.icmp_id, key.source_id.icmp_id);
	assert_int_equal(reverse.destination_id.icmp.type, 0);
	assert_int_equal(reverse.destination_id.icmp.code,
			 key.destination_id.icmp.code);

	key = any_key(IPPROTO_ICMPV6, 128);
	assert_true(ctrack_key_reverse(&reverse, &key));
	assert_int_equal(reverse.source_id.icmp_id, key.source_id.icmp_id);
	assert_int_equal(reverse.destination_id.icmp.type, 129);
}

static void reverse_twice_is_the_key(void **state)
{
	unsigned int protonum, type, answerable = 0;

	for (protonum = 0; protonum < 256; protonum++) {
		for (type = 0; type < 256; type++) {
			struct ctrack_key key = any_key(protonum, type);
			struct ctrack_key reverse, again;

			if (!ctrack_key_reverse(&reverse, &key))
				continue;
			answerable++;
			assert_false(ctrack_key_equal(&reverse, &key));
			assert_true(ctrack_key_reverse(&again, &reverse));
			assert_memory_equal(&again, &key, sizeof(key));
		}
	}
	/* 254 protocols without types, 10 types of ICMP, 6 of ICMPv6. */
	assert_int_equal(answerable, 254 * 256 + 10 + 6);
}

static void these_protocols_have_ports(void **state)
{
	static const __u8 with_ports[] = { 6, 17, 33, 132, 136 };
	unsigned int protonum;

	for (protonum = 0; protonum < 256; protonum++) {
		struct ctrack_key key = any_key(protonum, 0);

		assert_int_equal(ctrack_key_has_ports(&key),
				 !!memchr(with_ports, protonum,
					  sizeof(with_ports)));
	}
}

static void these_have_an_icmp_identifier(void **state)
{
	unsigned int protonum;

	for (protonum = 0; protonum < 256; protonum++) {
		struct ctrack_key key = any_key(protonum, 128);

		assert_int_equal(ctrack_key_has_icmp_id(&key),
				 protonum == 1 || protonum == 58);
		/* What stands there is the kind of the question: RFC 4620. */
		key = any_key(protonum, 139);
		assert_int_equal(ctrack_key_has_icmp_id(&key), protonum == 1);
	}
}

/* However 256 addresses differ in one octet, each fingerprint comes about as often. */
static void spread(const struct ctrack_key *key, __u8 *octet, __u8 mask)
{
	unsigned int often[256] = {}, i;

	for (i = 0; i < 256; i++) {
		*octet = i;
		often[ctrack_key_fingerprint(key)]++;
	}
	for (i = 0; i < 256; i++)
		assert_in_range(often[i], i & ~mask ? 0 : 8, i & ~mask ? 0 : 32);
	*octet = 0;
}

static void fingerprints_tell_neighbours_apart(void **state)
{
	struct ctrack_key key = {};
	unsigned int i;

	for (i = 0; i < sizeof(key.source); i++) {
		spread(&key, (__u8 *)&key.source + i, CTRACK_FINGERPRINT_SOURCE);
		spread(&key, (__u8 *)&key.destination + i, CTRACK_FINGERPRINT_DESTINATION);
	}
}

static void fingerprints_are_of_addresses_alone(void **state)
{
	struct ctrack_key a = any_key(IPPROTO_TCP, 0), b = any_key(IPPROTO_UDP, 0);

	b.source_id.all = 0;
	b.destination_id.all = 0;
	b.direction = CTRACK_REPLY;
	assert_int_equal(ctrack_key_fingerprint(&a), ctrack_key_fingerprint(&b));
}

/* Numbers that are random enough, and the same each time (splitmix64). */
static __u64 next_number(__u64 *state)
{
	__u64 number = *state += 0x9e3779b97f4a7c15;

	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9;
	number = (number ^ number >> 27) * 0x94d049bb133111eb;
	return number ^ number >> 31;
}

static struct ctrack_secret any_secret(__u64 seed)
{
	struct ctrack_secret secret;
	size_t i;

	for (i = 0; i < CTRACK_SECRET_WORDS; i++)
		secret.word[i] = next_number(&seed);
	return secret;
}

static struct ctrack_key ipv4_key(__u8 protonum, __u32 source, __u32 destination)
{
	struct ctrack_key key = {
		.source.ip = htonl(source),
		.source_id.port = htons(40000),
		.l3num = NFPROTO_IPV4,
		.destination.ip = htonl(destination),
		.destination_id.port = htons(443),
		.protonum = protonum,
	};

	return key;
}

static void hash_is_that_of_the_answer(void **state)
{
	static const __u8 protocols[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_GRE, IPPROTO_ESP, 253,
	};
	const struct ctrack_secret secret = any_secret(1);
	struct ctrack_key key, reverse;
	size_t i;

	for (i = 0; i < sizeof(protocols); i++) {
		key = any_key(protocols[i], 0);
		assert_true(ctrack_key_reverse(&reverse, &key));
		assert_int_equal(ctrack_key_hash(&secret, &key, 7),
				 ctrack_key_hash(&secret, &reverse, 7));
		key = ipv4_key(protocols[i], 0x0a000001, 0xc0a80001);
		assert_true(ctrack_key_reverse(&reverse, &key));
		assert_int_equal(ctrack_key_hash(&secret, &key, 7),
				 ctrack_key_hash(&secret, &reverse, 7));
	}
	key = any_key(IPPROTO_ICMP, ECHO_REQUEST);
	assert_true(ctrack_key_reverse(&reverse, &key));
	assert_int_equal(ctrack_key_hash(&secret, &key, 0),
			 ctrack_key_hash(&secret, &reverse, 0));
}

/* All that tells flows apart; of an ICMP query not its type, which changes. */
static void hash_sees_each_bit(void **state)
{
	const struct ctrack_secret secret = any_secret(2);
	struct ctrack_key key = any_key(IPPROTO_TCP, 0);
	__u32 hash = ctrack_key_hash(&secret, &key, 7);
	unsigned int bit;

	for (bit = 0; bit < sizeof(key) * 8; bit++) {
		struct ctrack_key other = key;

		if (bit / 8 == offsetof(struct ctrack_key, direction) ||
		    bit / 16 == offsetof(struct ctrack_key, l3num) / 2 ||
		    bit / 8 == offsetof(struct ctrack_key, protonum))
			continue;
		((__u8 *)&other)[bit / 8] ^= 1 << bit % 8;
		assert_int_not_equal(ctrack_key_hash(&secret, &other, 7), hash);
	}
	assert_int_not_equal(ctrack_key_hash(&secret, &key, 8), hash);
	key.protonum = IPPROTO_UDP;
	assert_int_not_equal(ctrack_key_hash(&secret, &key, 7), hash);

	key = any_key(IPPROTO_ICMP, ECHO_REQUEST);
	hash = ctrack_key_hash(&secret, &key, 7);
	for (bit = 0; bit < 8; bit++) {
		struct ctrack_key other = key;

		other.destination_id.icmp.code ^= 1 << bit;
		assert_int_not_equal(ctrack_key_hash(&secret, &other, 7), hash);
	}
}

#define BUCKETS	64
/* With chance alone a fuller one comes once in some 10^7 times. */
#define FULLEST	11
#define SECRETS	10000

/* Puts as many keys as there are buckets into them; how many the fullest has. */
static unsigned int fill(const struct ctrack_secret *secret,
			 struct ctrack_key (*key_of)(unsigned int i))
{
	static unsigned int buckets[BUCKETS];
	unsigned int i, fullest = 0;

	memset(buckets, 0, sizeof(buckets));
	for (i = 0; i < BUCKETS; i++) {
		struct ctrack_key key = key_of(i);
		unsigned int *bucket = &buckets[ctrack_key_hash(secret, &key, 0) / (UINT32_MAX / BUCKETS + 1)];

		if (++*bucket > fullest)
			fullest = *bucket;
	}
	return fullest;
}

static struct ctrack_key next_ports(unsigned int i)
{
	struct ctrack_key key = ipv4_key(IPPROTO_UDP, 0x0a000102, 0x0a000202);

	key.source_id.port = htons(1024 + i);
	return key;
}

static struct ctrack_key next_addresses(unsigned int i)
{
	return ipv4_key(IPPROTO_TCP, 0x0a000000 + i / 64, 0xc6120000 + i % 64);
}

static struct ctrack_key next_even_ports_ipv6(unsigned int i)
{
	struct ctrack_key key = any_key(IPPROTO_TCP, 0);

	key.source_id.port = htons(32768 + 2 * i);
	return key;
}

/* Neighbours in addresses and ports, whatever the secret. */
static void hash_spreads_neighbours(void **state)
{
	unsigned int seed;

	for (seed = 0; seed < SECRETS; seed++) {
		const struct ctrack_secret secret = any_secret(seed);

		assert_in_range(fill(&secret, next_ports), 1, FULLEST);
		assert_in_range(fill(&secret, next_addresses), 1, FULLEST);
		assert_in_range(fill(&secret, next_even_ports_ipv6), 1, FULLEST);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_has_no_gaps),
		cmocka_unit_test(equal_sees_each_bit_but_the_direction),
		cmocka_unit_test(equal_sees_two_differences),
		cmocka_unit_test(reverse_of_ports_swaps_them),
		cmocka_unit_test(reverse_of_a_query_keeps_its_identifier),
		cmocka_unit_test(reverse_twice_is_the_key),
		cmocka_unit_test(these_protocols_have_ports),
		cmocka_unit_test(these_have_an_icmp_identifier),
		cmocka_unit_test(fingerprints_tell_neighbours_apart),
		cmocka_unit_test(fingerprints_are_of_addresses_alone),
		cmocka_unit_test(hash_is_that_of_the_answer),
		cmocka_unit_test(hash_sees_each_bit),
		cmocka_unit_test(hash_spreads_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
