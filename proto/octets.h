/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers in network order, wherever they lie. PURE. */
#ifndef CTRACK_OCTETS_H
#define CTRACK_OCTETS_H

#include <linux/types.h>

static inline __u16 octets_read16(const __u8 *octets)
{
	return octets[0] << 8 | octets[1];
}

static inline __u32 octets_read32(const __u8 *octets)
{
	return (__u32)octets_read16(octets) << 16 | octets_read16(octets + 2);
}

#endif
