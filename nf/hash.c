// SPDX-License-Identifier: GPL-2.0
#include <linux/siphash.h>

#include "nf/bucket.h"

u32 ctrack_hash_ipv6(const struct ctrack_net *cn, const struct ctrack_key *key,
		     u32 identifiers, u32 rest)
{
	u64 word[5];

	memcpy(word, &key->source, 16);
	memcpy(word + 2, &key->destination, 16);
	word[4] = (u64)rest << 32 | identifiers;
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
