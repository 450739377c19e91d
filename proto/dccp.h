/* SPDX-License-Identifier: GPL-2.0 */
/* dccp.c APIs: DCCP (RFC 4340). PURE. */
#ifndef CTRACK_DCCP_H
#define CTRACK_DCCP_H

#include <linux/types.h>

#include "nf/key.h"
#include "nf/reason.h"
#include "proto/timeout.h"

struct ctrack_step;

/*
 * As much as dccp_parse() looks at: generic header with long sequence numbers,
 * acknowledgment, and what a Response or a Reset has behind it.
 */
#define DCCP_HEADER_MAX 28

/* How much of the header there is at least (RFC 4340 section 5.1). */
#define DCCP_HEADER_MIN 12

/* Packet types, RFC 4340 section 5.1; those from 10 on are reserved. */
enum dccp_type {
	DCCP_TYPE_REQUEST,
	DCCP_TYPE_RESPONSE,
	DCCP_TYPE_DATA,
	DCCP_TYPE_ACK,
	DCCP_TYPE_DATAACK,
	DCCP_TYPE_CLOSEREQ,
	DCCP_TYPE_CLOSE,
	DCCP_TYPE_RESET,
	DCCP_TYPE_SYNC,
	DCCP_TYPE_SYNCACK,
	DCCP_TYPE_COUNT
};

/*
 * States of a connection as ctnetlink numbers them (CTA_PROTOINFO_DCCP_STATE).
 * No header of UAPI has them, and newer kernels have none at all.
 */
enum dccp_conntrack {
	DCCP_CONNTRACK_NONE,
	DCCP_CONNTRACK_REQUEST,
	DCCP_CONNTRACK_RESPOND,
	DCCP_CONNTRACK_PARTOPEN,
	DCCP_CONNTRACK_OPEN,
	DCCP_CONNTRACK_CLOSEREQ,
	DCCP_CONNTRACK_CLOSING,
	DCCP_CONNTRACK_TIMEWAIT,
	DCCP_CONNTRACK_MAX
};

/* Likewise, CTA_PROTOINFO_DCCP_ROLE. */
enum dccp_role {
	DCCP_ROLE_CLIENT,
	DCCP_ROLE_SERVER,
	DCCP_ROLES
};

/**
 * struct dccp_packet - a DCCP header, parsed, in host order
 * @seq: sequence number, 48 bits or, in a short header, the low 24
 * @ack: acknowledgment number, likewise; 0 for types that have none
 * @type: enum dccp_type, below DCCP_TYPE_COUNT
 * @brief: the header is short
 */
struct dccp_packet {
	__u64 seq;
	__u64 ack;
	__u8 type;
	bool brief;
};

/**
 * struct dccp_state - what a connection remembers for DCCP
 * @handshake_seq: sequence number of the server's last Response
 * @sent: the highest sequence number that was sent, by direction
 * @state: enum dccp_conntrack, below DCCP_CONNTRACK_MAX
 * @last_type: enum dccp_type of the last packet that was not refused
 * @last_direction: which way it went
 * @role: enum dccp_role of the one who sends in original direction
 * @heard: a bit for each direction whose @sent is known
 *
 * All of it is protected by the lock of the connection. All zeros is a
 * connection before its first packet.
 */
struct dccp_state {
	__u64 handshake_seq;
	__u64 sent[CTRACK_DIRECTIONS];
	__u8 state;
	__u8 last_type;
	__u8 last_direction:1;
	__u8 role:1;
	__u8 heard:2;
};

enum ctrack_reason dccp_parse(const void *header, unsigned int header_length,
			      unsigned int length, struct dccp_packet *packet);
unsigned int dccp_coverage(const void *header, unsigned int length);
struct ctrack_step dccp_step(struct dccp_state *state,
			     const struct dccp_packet *packet,
			     enum ctrack_direction direction);
enum ctrack_timeout dccp_timeout(const struct dccp_state *state);

#endif
