/* SPDX-License-Identifier: GPL-2.0 */
/* entry.c APIs: a connection as the kernel showed it, in plain fields. */
#ifndef CTCTL_ENTRY_H
#define CTCTL_ENTRY_H

#include <stddef.h>
#include <stdint.h>

struct nlattr;

/* Which directions a zone tells apart (nft: ct zone set, ct original zone set). */
enum zone_of { ZONE_OF_BOTH, ZONE_OF_ORIG, ZONE_OF_REPLY };

/* What tells the connections between two addresses apart. */
enum flow_kind { FLOW_PLAIN, FLOW_PORTS, FLOW_ICMP };

/* One direction. Addresses are in network order (IPv4 in the first four bytes), numbers are not. */
struct flow {
	uint8_t src[16];
	uint8_t dst[16];
	uint16_t sport;
	uint16_t dport;
	uint8_t type;
	uint8_t code;
	uint16_t id;
	uint64_t packets;
	uint64_t bytes;
};

/* Which directions' are there: bits of @has_counters. */
enum counters_of { COUNTERS_OF_ORIG = 1, COUNTERS_OF_REPLY = 2 };

/*
 * What the kernel left out is 0, except where a has_ field says so. @state is never NULL;
 * @has_state says that it is one of the protocol's own. @unacknowledged: TCP, an end has sent what
 * the other has not acknowledged yet.
 */
struct entry {
	uint32_t id;
	uint32_t status;
	uint32_t timeout;
	uint32_t mark;
	uint16_t zone;
	uint8_t zone_of;
	uint8_t family;
	uint8_t proto;
	uint8_t kind;
	uint8_t has_id;
	uint8_t has_counters;
	uint8_t has_timeout;
	uint8_t has_state;
	uint8_t unacknowledged;
	const char *state;
	struct flow orig;
	struct flow reply;
};

struct record;

enum event { EVENT_NONE, EVENT_NEW, EVENT_UPDATE, EVENT_DESTROY };

int entry_fill(struct entry *e, uint8_t family, const struct nlattr *const *attr);
void entry_fill_record(struct record *r, const struct entry *e, const struct nlattr *const *attr);

#endif
