// SPDX-License-Identifier: GPL-2.0
#include <linux/once.h>
#include <linux/siphash.h>

#include "nf/bucket.h"

static siphash_key_t secret __read_mostly;

/**
 * ctrack_hash_init - choose this boot's hash secret
 */
void ctrack_hash_init(void)
{
	get_random_once(&secret, sizeof(secret));
}

/**
 * ctrack_hash - where a key belongs
 * @key: the key
 * @zone: its zone
 *
 * Return: a number whose top bits choose the bucket, and whose low ones are the
 * tag in it.
 */
u32 ctrack_hash(const struct ctrack_key *key, u16 zone)
{
	u64 rest = (u64)zone << 40 | (u64)key->protonum << 32 |
		   (u64)(__force u16)key->destination_id.all << 16 |
		   (__force u16)key->source_id.all;
	u64 word[5];

	if (key->l3num == NFPROTO_IPV4)
		return siphash_2u64((u64)(__force u32)key->source.ip << 32 |
				    (__force u32)key->destination.ip,
				    rest, &secret);

	memcpy(word, &key->source, 16);
	memcpy(word + 2, &key->destination, 16);
	word[4] = rest;
	return siphash(word, sizeof(word), &secret);
}

/**
 * ctrack_conn_hash - where a key of a connection belongs
 * @conn: the connection
 * @direction: which key
 *
 * Return: as ctrack_hash().
 */
u32 ctrack_conn_hash(const struct ctrack_conn *conn,
		     enum ctrack_direction direction)
{
	return ctrack_hash(ctrack_conn_key(conn, direction),
			ctrack_zone_id(&conn->zone, direction));
}
