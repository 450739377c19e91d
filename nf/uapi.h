/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The generic netlink family "ctrack": what ctnetlink has no words for.
 * Shared between the module and userspace; numbers are only ever added.
 */
#ifndef CTRACK_UAPI_H
#define CTRACK_UAPI_H

#define CTRACK_GENL_NAME	"ctrack"
#define CTRACK_GENL_VERSION	1

/**
 * enum ctrack_command - what the family can be asked
 * @CTRACK_CMD_STATS: answer one message with the attributes below (no
 *	privilege needed beyond that of the namespace's own sockets)
 * @CTRACK_CMD_ON: track in this namespace even when no rule asks for it
 *	(CAP_NET_ADMIN); 0 when it was already asked for
 * @CTRACK_CMD_OFF: take that back (CAP_NET_ADMIN); rules that need tracking
 *	keep it, as %CTRACK_A_RULES shows afterwards
 */
enum ctrack_command {
	CTRACK_CMD_UNSPEC,
	CTRACK_CMD_STATS,
	CTRACK_CMD_ON,
	CTRACK_CMD_OFF,
};

/**
 * enum ctrack_attribute - top level attributes
 * @CTRACK_A_COUNT: u32, entries in the table of this namespace
 * @CTRACK_A_MAX: u32, the most there may be
 * @CTRACK_A_BUCKETS: u32, buckets of the table now
 * @CTRACK_A_ON: u8, 1 when `ctctl on` holds tracking on
 * @CTRACK_A_RULES: u32, rules of this namespace that hold tracking on
 * @CTRACK_A_REASON: nested, once for each reason, zero counts included
 * @CTRACK_A_OPENED: u64, connections since the namespace was made
 * @CTRACK_A_EVICTED: u64, those that had to make room for others
 * @CTRACK_A_LOOKED: u32, buckets that the next two are about: hashes are
 *	random, so that a part of a large table tells of all of it
 * @CTRACK_A_CHAINED: u32, of these, those that overflowed into further ones
 * @CTRACK_A_LONGEST: u32, keys in the fullest one; each connection has two
 */
enum ctrack_attribute {
	CTRACK_A_UNSPEC,
	CTRACK_A_COUNT,
	CTRACK_A_MAX,
	CTRACK_A_BUCKETS,
	CTRACK_A_ON,
	CTRACK_A_RULES,
	CTRACK_A_REASON,
	CTRACK_A_PAD,
	CTRACK_A_OPENED,
	CTRACK_A_EVICTED,
	CTRACK_A_LOOKED,
	CTRACK_A_CHAINED,
	CTRACK_A_LONGEST,
	__CTRACK_A_MAX
};

#define CTRACK_A_TOP (__CTRACK_A_MAX - 1)

/**
 * enum ctrack_reason_attribute - inside %CTRACK_A_REASON
 * @CTRACK_REASON_A_NAME: string, the reason's name
 * @CTRACK_REASON_A_COUNT: u64, packets counted under it, all CPUs
 */
enum ctrack_reason_attribute {
	CTRACK_REASON_A_UNSPEC,
	CTRACK_REASON_A_NAME,
	CTRACK_REASON_A_COUNT,
	CTRACK_REASON_A_PAD,
	__CTRACK_REASON_A_MAX
};

#define CTRACK_REASON_A_TOP (__CTRACK_REASON_A_MAX - 1)

#endif
