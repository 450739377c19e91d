// SPDX-License-Identifier: GPL-2.0
#include <linux/siphash.h>

#include "nf/bucket.h"

/**
 * ctrack_hash - where a key belongs
 * @cn: namespace, whose secret nobody else's entries give a hint at
 * @key: the key
 * @zone: its zone
 *
 * Return: a number whose top bits choose the bucket, and whose low ones are the
 * tag in it.
 */
u32 ctrack_hash(const struct ctrack_net *cn, const struct ctrack_key *key,
		u16 zone)
{
	u32 identifiers = (u32)(__force u16)key->destination_id.all << 16 |
			  (__force u16)key->source_id.all;
	u32 rest = (u32)zone << 16 | key->protonum;
	u32 word[10];

	if (key->l3num == NFPROTO_IPV4)
		return hsiphash_4u32((__force u32)key->source.ip,
				     (__force u32)key->destination.ip,
				     identifiers, rest, &cn->hash_secret);

	memcpy(word, &key->source, 16);
	memcpy(word + 4, &key->destination, 16);
	word[8] = identifiers;
	word[9] = rest;
	return hsiphash(word, sizeof(word), &cn->hash_secret);
}

/**
 * ctrack_conn_hash - where a key of a connection belongs
 * @cn: the connection's namespace
 * @conn: the connection
 * @direction: which key
 *
 * Return: as ctrack_hash().
 */
u32 ctrack_conn_hash(const struct ctrack_net *cn, const struct ctrack_conn *conn,
		     enum ctrack_direction direction)
{
	return ctrack_hash(cn, ctrack_conn_key(conn, direction),
			   ctrack_zone_id(&conn->zone, direction));
}
