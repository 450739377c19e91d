/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a key belongs. Both keys of a connection that is not translated belong
 * to the same place, so that one entry stands for both. PURE: no kernel state.
 *
 * The function is Lemire's and Kaser's (Strongly universal string hashing is
 * fast, 2014): products of sums of the key's words and secret ones, modulo 2^64,
 * so that the upper halves of any two keys' numbers meet with a probability of
 * 2^-32. Whoever does not know the secret can't do better than chance. Somebody
 * who learns it, as a listing's order tells who may list, harms the namespace
 * that has it, and not much: see ctrack_bucket_extend().
 *
 * That says nothing of many keys: by itself it makes a sequence of ports a
 * sequence of numbers, and with an unlucky secret one that stays in a few
 * buckets. So the number is mixed, which takes no key nearer to another.
 */
#ifndef CTRACK_HASH_H
#define CTRACK_HASH_H

#include "nf/key.h"

/* The secret numbers of ctrack_key_hash(). */
enum {
	CTRACK_SECRET_LOW,
	CTRACK_SECRET_HIGH = CTRACK_SECRET_LOW + 2,
	CTRACK_SECRET_REST = CTRACK_SECRET_HIGH + 2,
	CTRACK_SECRET_ADDRESS,
	CTRACK_SECRET_PORT = CTRACK_SECRET_ADDRESS + 4,
	CTRACK_SECRET_MIX,
	CTRACK_SECRET_WORDS = CTRACK_SECRET_MIX + 2,
};

/**
 * struct ctrack_secret - what the hashes of a namespace depend on
 * @word: random
 */
struct ctrack_secret {
	__u64 word[CTRACK_SECRET_WORDS];
};

static inline __u64 ctrack_hash_pair(const __u64 *secret, __u32 one, __u32 other)
{
	return (secret[0] + one) * (secret[1] + other);
}

/* One end of a flow, as a number: that of IPv4 is the end itself. */
static inline __u64 ctrack_hash_end(const struct ctrack_secret *secret,
				    const union nf_inet_addr *address,
				    __be16 port, __u16 l3num)
{
	const __u64 *word = secret->word;

	if (l3num == NFPROTO_IPV4)
		return (__u64)(__force __u32)address->ip << 16 | (__force __u16)port;
	return ctrack_hash_pair(word + CTRACK_SECRET_ADDRESS,
				address->all[0], address->all[1]) +
	       ctrack_hash_pair(word + CTRACK_SECRET_ADDRESS + 2,
				address->all[2], address->all[3]) +
	       word[CTRACK_SECRET_PORT] * (__force __u16)port;
}

/* No two numbers become one: each step can be undone. */
static inline __u64 ctrack_hash_mix(const __u64 *secret, __u64 number)
{
	number ^= number >> 32;
	number *= secret[0] | 1;
	number ^= number >> 32;
	return number * (secret[1] | 1);
}

/**
 * ctrack_key_hash - where a key belongs
 * @secret: of its namespace
 * @key: the key
 * @zone: its zone
 *
 * Return: a number whose top bits choose the bucket, and whose low ones are the
 * tag in it; the same for a key and the one that ctrack_key_reverse() makes.
 */
static inline __u32 ctrack_key_hash(const struct ctrack_secret *secret,
				    const struct ctrack_key *key, __u16 zone)
{
	const __u64 *word = secret->word;
	__be16 source_id = key->source_id.all;
	__be16 destination_id = key->destination_id.all;
	__u32 rest = (__u32)zone << 16 | key->protonum;
	__u64 source, destination, low, high, sum;

	/*
	 * An ICMP query's identifier is that of both ends. Who asks chooses the code,
	 * which the answer has too.
	 */
	if (ctrack_protonum_is_icmp(key->protonum)) {
		destination_id = source_id;
		rest |= key->destination_id.icmp.code << 8;
	}
	source = ctrack_hash_end(secret, &key->source, source_id, key->l3num);
	destination = ctrack_hash_end(secret, &key->destination, destination_id,
				      key->l3num);
	low = source < destination ? source : destination;
	high = source < destination ? destination : source;

	sum = ctrack_hash_pair(word + CTRACK_SECRET_LOW, low, low >> 32) +
	      ctrack_hash_pair(word + CTRACK_SECRET_HIGH, high, high >> 32) +
	      word[CTRACK_SECRET_REST] * rest;
	return ctrack_hash_mix(word + CTRACK_SECRET_MIX, sum) >> 32;
}

#endif
