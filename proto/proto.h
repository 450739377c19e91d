/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a protocol does with a packet: a function of its state, the parsed
 * header and the direction. PURE: no skb, no lock, no clock, no allocation.
 */
#ifndef CTRACK_PROTO_H
#define CTRACK_PROTO_H

#include <linux/types.h>

#include "nf/key.h"
#include "nf/reason.h"

#include "proto/dccp.h"
#include "proto/generic.h"
#include "proto/gre.h"
#include "proto/icmp.h"
#include "proto/icmpv6.h"
#include "proto/sctp.h"
#include "proto/tcp.h"
#include "proto/timeout.h"
#include "proto/udp.h"

/**
 * enum ctrack_verdict - what is to become of a packet, seen by ctrack alone
 * @CTRACK_ACCEPT: it goes on, as part of its connection
 * @CTRACK_UNTRACKED: it goes on; tracking is not for it
 * @CTRACK_INVALID: it goes on without a connection, `ct state invalid`
 * @CTRACK_DROP: it goes no further
 * @CTRACK_RENEW: its connection is over and this packet opens the next one of
 *	the same key: take the old one away and look again
 */
enum ctrack_verdict {
	CTRACK_ACCEPT,
	CTRACK_UNTRACKED,
	CTRACK_INVALID,
	CTRACK_DROP,
	CTRACK_RENEW,
};

/* Options of a namespace that a step looks at; all sysctls of tcp(7)'s kind. */
struct ctrack_options {
	__u8 tcp_loose;
	__u8 tcp_be_liberal;
	__u8 tcp_max_retrans;
	__u8 tcp_ignore_invalid_rst;
};

/**
 * union ctrack_state - what a connection remembers for its protocol
 * @tcp: IPPROTO_TCP
 * @udp: IPPROTO_UDP and IPPROTO_UDPLITE
 * @sctp: IPPROTO_SCTP
 * @dccp: IPPROTO_DCCP
 * @gre: IPPROTO_GRE
 *
 * All zeros is the state before the first packet. Protected by the lock of
 * the connection.
 */
union ctrack_state {
	struct tcp_state tcp;
	struct udp_state udp;
	struct sctp_conn_state sctp;
	struct dccp_state dccp;
	struct gre_state gre;
};

/**
 * struct ctrack_header - what a step needs to know of a packet's transport
 * header, in host order
 * @tcp: valid when the key's protonum is IPPROTO_TCP
 * @sctp: the same for IPPROTO_SCTP; its chunks are read one by one, see
 *	sctp_chunk.c
 * @dccp: the same for IPPROTO_DCCP
 * @time: when the packet came, in ms; only differences count. Not in the header,
 *	and filled in by who has a clock
 */
struct ctrack_header {
	union {
		struct tcp_segment tcp;
		struct sctp_bundle sctp;
		struct dccp_packet dccp;
	};
	__u32 time;
};

/**
 * struct ctrack_step - what a step decided
 * @verdict: what becomes of the packet
 * @reason: why, when it is refused
 * @timeout: which timeout runs from now on
 * @limit: another one that it must not be longer than; @timeout itself where
 *	there is none
 * @replied: the packet answers: both sides have been seen (IPS_SEEN_REPLY)
 * @assured: the connection is worth keeping when the table is full
 *	(IPS_ASSURED)
 * @changed: the protocol's state changed: worth an event
 * @keep_timeout: the packet does not prolong the connection's life
 */
struct ctrack_step {
	enum ctrack_verdict verdict:8;
	enum ctrack_reason reason:8;
	enum ctrack_timeout timeout:8;
	enum ctrack_timeout limit:8;
	bool replied:1;
	bool assured:1;
	bool changed:1;
	bool keep_timeout:1;
};

static_assert((unsigned int)CTRACK_REASON_COUNT <= 256);
static_assert((unsigned int)CTRACK_TIMEOUT_COUNT <= 256);
/* It comes back in a register. */
static_assert(sizeof(struct ctrack_step) <= sizeof(__u64));

/* What most steps come to: the packet goes on, and @timeout starts again. */
static inline struct ctrack_step
ctrack_step_accept(enum ctrack_timeout timeout, enum ctrack_direction direction)
{
	return (struct ctrack_step) {
		.verdict = CTRACK_ACCEPT,
		.timeout = timeout,
		.limit = timeout,
		.replied = direction == CTRACK_REPLY,
	};
}

/* The packet is invalid, and nothing about the connection changes. */
static inline struct ctrack_step ctrack_step_refuse(enum ctrack_reason reason)
{
	return (struct ctrack_step) {
		.verdict = CTRACK_INVALID,
		.reason = reason,
		.keep_timeout = true,
	};
}

/**
 * ctrack_proto_header_max - how much of a transport header is to be read?
 * @protonum: IPPROTO_*
 *
 * Return: as many octets as ctrack_proto_parse() could look at; fewer are
 * read when the packet has no more.
 */
static inline unsigned int ctrack_proto_header_max(__u8 protonum)
{
	switch (protonum) {
	case IPPROTO_TCP:
		return TCP_HEADER_MAX;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return UDP_HEADER_LENGTH;
	case IPPROTO_ICMP:
		return ICMP_HEADER_LENGTH;
	case IPPROTO_ICMPV6:
		return ICMPV6_HEADER_LENGTH;
	case IPPROTO_SCTP:
		return SCTP_HEADER_LENGTH;
	case IPPROTO_DCCP:
		return DCCP_HEADER_MAX;
	case IPPROTO_GRE:
		return GRE_HEADER_LENGTH;
	default:
		return 0;
	}
}

/**
 * ctrack_proto_parse - read and check a transport header
 * @protonum: IPPROTO_*
 * @header: the transport header
 * @header_length: how many of its octets can be read
 * @length: what the IP header says the length of header and payload is
 * @parsed: filled in for ctrack_proto_step(), if there is something to fill in
 *
 * Checksums are not looked at, but for one that UDP-Lite must not leave out.
 *
 * Return: CTRACK_REASON_NONE, or why the packet is invalid.
 */
static inline enum ctrack_reason
ctrack_proto_parse(__u8 protonum, const void *header, unsigned int header_length,
		   unsigned int length, struct ctrack_header *parsed)
{
	switch (protonum) {
	case IPPROTO_TCP:
		return tcp_parse(header, header_length, length, &parsed->tcp);
	case IPPROTO_UDP:
		return udp_parse(header, header_length, length);
	case IPPROTO_UDPLITE:
		return udplite_parse(header, header_length, length);
	case IPPROTO_ICMP:
		return icmp_parse(header, header_length, length);
	case IPPROTO_ICMPV6:
		return icmpv6_parse(header, header_length, length);
	case IPPROTO_SCTP:
		return sctp_parse(header, header_length, length, &parsed->sctp);
	case IPPROTO_DCCP:
		return dccp_parse(header, header_length, length, &parsed->dccp);
	case IPPROTO_GRE:
		return gre_parse(header, header_length, length);
	default:
		return CTRACK_REASON_NONE;
	}
}

/**
 * ctrack_proto_step - what a packet does to its connection
 * @state: what the connection remembers; changed, unless the packet is refused
 * @key: of the packet
 * @header: what ctrack_proto_parse() made of it
 * @direction: which way it goes
 * @options: of the namespace
 *
 * Context: the connection's lock is held, or nobody else knows of it yet.
 * Return: what was decided.
 */
static inline struct ctrack_step
ctrack_proto_step(union ctrack_state *state, const struct ctrack_key *key,
		  const struct ctrack_header *header,
		  enum ctrack_direction direction,
		  const struct ctrack_options *options)
{
	switch (key->protonum) {
	case IPPROTO_TCP:
		return tcp_step(&state->tcp, &header->tcp, direction, options);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return udp_step(&state->udp, key, header->time, direction);
	case IPPROTO_ICMP:
		return icmp_step(key, direction);
	case IPPROTO_ICMPV6:
		return icmpv6_step(key, direction);
	case IPPROTO_SCTP:
		return sctp_step(&state->sctp, &header->sctp, direction);
	case IPPROTO_DCCP:
		return dccp_step(&state->dccp, &header->dccp, direction);
	case IPPROTO_GRE:
		return gre_step(&state->gre, direction);
	default:
		return generic_step(direction);
	}
}

/**
 * ctrack_proto_is_settled - will no further packet change a connection's state?
 * @state: what the connection remembers; its lock need not be held
 * @protonum: IPPROTO_*
 * @direction: which way the packet goes
 * @step: filled in with what ctrack_proto_step() decides about it, if so
 *
 * Return: true when none does, so that the step needs no lock.
 */
static inline bool
ctrack_proto_is_settled(const union ctrack_state *state, __u8 protonum,
			enum ctrack_direction direction, struct ctrack_step *step)
{
	return protonum == IPPROTO_UDP &&
	       udp_is_stream(&state->udp, step, direction);
}

enum ctrack_timeout ctrack_proto_timeout(const union ctrack_state *state,
					 __u8 protonum);
void ctrack_proto_restore(union ctrack_state *state, __u8 protonum,
			  bool replied, bool assured);

#endif
