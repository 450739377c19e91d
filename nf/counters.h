/* SPDX-License-Identifier: GPL-2.0 */
/* What a connection has counted, as rules ask for it. */
#ifndef CTRACK_COUNTERS_H
#define CTRACK_COUNTERS_H

#include <linux/math64.h>

#include "nf/conn.h"

/**
 * ctrack_conn_counter - packets or bytes
 * @conn: the connection
 * @direction: which, or %CTRACK_DIRECTIONS for both together
 * @bytes: bytes, else packets
 *
 * Return: how many.
 */
static inline u64 ctrack_conn_counter(const struct ctrack_conn *conn,
				      u8 direction, bool bytes)
{
	u64 sum = 0;
	u8 i;

	for (i = 0; i < CTRACK_DIRECTIONS; i++) {
		const struct ctrack_half *half = &conn->half[i];

		if (direction == i || direction == CTRACK_DIRECTIONS)
			sum += READ_ONCE(*(bytes ? &half->bytes :
					   &half->packets));
	}
	return sum;
}

/**
 * ctrack_conn_average - bytes of a packet
 * @conn: the connection
 * @direction: which, or %CTRACK_DIRECTIONS for both together
 *
 * Return: the average, 0 when there were none.
 */
static inline u64 ctrack_conn_average(const struct ctrack_conn *conn,
				      u8 direction)
{
	u64 packets = ctrack_conn_counter(conn, direction, false);

	return packets ? div64_u64(ctrack_conn_counter(conn, direction, true),
				   packets) : 0;
}

#endif
