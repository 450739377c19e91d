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
 * @CTRACK_CMD_TRACE: tell this socket what happens, until it is closed
 *	(CAP_NET_ADMIN in the initial user namespace). Takes %CTRACK_A_FILTER,
 *	%CTRACK_A_FILTER_REASON and %CTRACK_A_EVERYWHERE; what is told are messages
 *	of this command, with %CTRACK_A_RECORD, %CTRACK_A_LOST and
 *	%CTRACK_A_MISSED
 * @CTRACK_CMD_LATENCY: measure how long functions take, in all namespaces, until
 *	this socket is closed (privilege as for the trace). Answered by what was
 *	measured since the socket first asked, with %CTRACK_A_FUNCTION and
 *	%CTRACK_A_MISSED
 * @CTRACK_CMD_WHY: why did a connection refuse a packet last, and which of the
 *	timeouts runs? (CAP_NET_ADMIN) Takes %CTRACK_A_CONNECTION and
 *	%CTRACK_A_FAMILY; answered with %CTRACK_A_REFUSED, if it ever did, and
 *	%CTRACK_A_TIMEOUT, if no user set one
 */
enum ctrack_command {
	CTRACK_CMD_UNSPEC,
	CTRACK_CMD_STATS,
	CTRACK_CMD_ON,
	CTRACK_CMD_OFF,
	CTRACK_CMD_TRACE,
	CTRACK_CMD_LATENCY,
	CTRACK_CMD_WHY,
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
 * @CTRACK_A_FILTER: struct ctrack_trace_filter, what is to be told; without it
 *	everything
 * @CTRACK_A_FILTER_REASON: string, the name of the reason that a packet must
 *	have been refused for
 * @CTRACK_A_EVERYWHERE: flag, tell of all namespaces; in the initial one only.
 *	A filter with a device is about that one's packets nevertheless
 * @CTRACK_A_RECORD: nested, something that happened, in the order of it
 * @CTRACK_A_LOST: u64, records for which there was no room, since the beginning
 * @CTRACK_A_MISSED: u64, how often a probe that the session needs could not be
 *	heard since it began, in any namespace: another one was, on the same CPU
 * @CTRACK_A_FUNCTION: nested, a function that is measured
 * @CTRACK_A_REFUSED: string, the name of a reason
 * @CTRACK_A_CONNECTION: nested, a connection as a ctnetlink request names it: inside are
 *	CTA_TUPLE_ORIG or CTA_TUPLE_REPLY, CTA_ZONE and CTA_ID
 * @CTRACK_A_FAMILY: u8, AF_INET or AF_INET6
 * @CTRACK_A_EXAMINED: u64, connections that listings and deletions looked at
 * @CTRACK_A_TIMEOUT: string, the name of a timeout's sysctl
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
	CTRACK_A_FILTER,
	CTRACK_A_FILTER_REASON,
	CTRACK_A_EVERYWHERE,
	CTRACK_A_RECORD,
	CTRACK_A_LOST,
	CTRACK_A_MISSED,
	CTRACK_A_FUNCTION,
	CTRACK_A_REFUSED,
	CTRACK_A_CONNECTION,
	CTRACK_A_FAMILY,
	CTRACK_A_EXAMINED,
	CTRACK_A_TIMEOUT,
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

/**
 * enum ctrack_record_attribute - inside %CTRACK_A_RECORD
 * @CTRACK_RECORD_A_DATA: struct ctrack_trace_record, see nf/uapi_trace.h
 * @CTRACK_RECORD_A_REASON: string, the name of the reason, if there is one
 */
enum ctrack_record_attribute {
	CTRACK_RECORD_A_UNSPEC,
	CTRACK_RECORD_A_DATA,
	CTRACK_RECORD_A_REASON,
	CTRACK_RECORD_A_PAD,
	__CTRACK_RECORD_A_MAX
};

#define CTRACK_RECORD_A_TOP (__CTRACK_RECORD_A_MAX - 1)

/**
 * enum ctrack_function_attribute - inside %CTRACK_A_FUNCTION
 * @CTRACK_FUNCTION_A_NAME: string
 * @CTRACK_FUNCTION_A_TOTAL: u64, ns of all calls together
 * @CTRACK_FUNCTION_A_LONGEST: u64, ns
 * @CTRACK_FUNCTION_A_BUCKETS: u64[%CTRACK_LATENCY_BUCKETS], calls that took from
 *	2^(i-1) ns to less than 2^i; in the last one, or more
 */
enum ctrack_function_attribute {
	CTRACK_FUNCTION_A_UNSPEC,
	CTRACK_FUNCTION_A_NAME,
	CTRACK_FUNCTION_A_TOTAL,
	CTRACK_FUNCTION_A_LONGEST,
	CTRACK_FUNCTION_A_BUCKETS,
	CTRACK_FUNCTION_A_PAD,
	__CTRACK_FUNCTION_A_MAX
};

#define CTRACK_FUNCTION_A_TOP (__CTRACK_FUNCTION_A_MAX - 1)

#endif
