/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a trace session asks for and is told: shared between the module and
 * userspace. Lists grow at their ends; so do the structs, whose size is told
 * with them. PURE.
 */
#ifndef CTRACK_UAPI_TRACE_H
#define CTRACK_UAPI_TRACE_H

#include <linux/types.h>

/*
 * X(name, text): what can be told. Scripts match the names.
 */
#define CTRACK_TRACE_EVENTS(X)						\
	X(packet, "a packet goes through its connection's protocol")	\
	X(related, "an ICMP error is found to be about a connection")	\
	X(create, "a connection is put into the table")			\
	X(commit, "its first packet got through: the connection is firm") \
	X(search, "another port is looked for")				\
	X(bind, "a translation is bound to a connection")		\
	X(translate, "a packet is rewritten")				\
	X(invalid, "a packet is found invalid")				\
	X(drop, "a packet is dropped")					\
	X(expire, "a connection's time is over")			\
	X(evict, "a connection goes to make room for another")		\
	X(kill, "a connection is ended by somebody")			\
	X(resize, "the table gets another size")			\
	X(forget, "a connection goes with the packet that was to open it")

#define CTRACK_TRACE_EVENT_ENUM(name, text) CTRACK_TRACE_##name,
enum ctrack_trace_event {
	CTRACK_TRACE_EVENTS(CTRACK_TRACE_EVENT_ENUM)
	CTRACK_TRACE_EVENT_COUNT
};

#undef CTRACK_TRACE_EVENT_ENUM

/*
 * X(name, text): what ends a connection.
 */
#define CTRACK_CAUSES(X)						\
	X(expired, "its timeout was over")				\
	X(evicted, "the table was full, and it was worth the least")	\
	X(deleted, "it was deleted by a request")			\
	X(reopened, "its ends have begun a new one")			\
	X(rerouted, "it leaves by another device than it was masqueraded for") \
	X(address_lost, "the address it was masqueraded with is gone")	\
	X(nat_unloaded, "ctrack_nat is being unloaded")			\
	X(namespace_left, "its namespace ends, or ctrack is being unloaded")

#define CTRACK_CAUSE_ENUM(name, text) CTRACK_CAUSE_##name,
enum ctrack_cause {
	CTRACK_CAUSES(CTRACK_CAUSE_ENUM)
	CTRACK_CAUSE_COUNT
};

#undef CTRACK_CAUSE_ENUM

/**
 * struct ctrack_trace_flow - addresses and ports, in network order
 * @source: address; an IPv4 address has zeros behind it
 * @destination: address
 * @source_id: port, ICMP identifier or GRE key
 * @destination_id: port, ICMP type and code or GRE key
 */
struct ctrack_trace_flow {
	__u8 source[16];
	__u8 destination[16];
	__be16 source_id;
	__be16 destination_id;
};

/**
 * struct ctrack_trace_tcp - a TCP segment, in host order
 * @sequence: of its first octet
 * @acknowledgment: its acknowledgment number
 * @length: octets of data
 * @window: as it stands in the header
 * @flags: as they lie in the header; 0: there is no segment here
 */
struct ctrack_trace_tcp {
	__u32 sequence;
	__u32 acknowledgment;
	__u32 length;
	__u16 window;
	__u8 flags;
	__u8 reserved;
};

/* What stands in a record. */
#define CTRACK_TRACE_HAS_FLOW		0x01	/* orig, family, proto */
#define CTRACK_TRACE_HAS_CONN		0x02	/* a connection: all about one */
#define CTRACK_TRACE_HAS_PACKET		0x04	/* a packet: length, direction */
#define CTRACK_TRACE_HAS_TARGET		0x08	/* target */
#define CTRACK_TRACE_HAS_CAUSE		0x10	/* cause */

/**
 * struct ctrack_trace_record - something that happened
 * @time: when, real time, ns
 * @sequence: one more than the record before it in this session had
 * @cpu: where
 * @netns: inode number of the namespace
 * @lost: records for which there was no room on this CPU, since the last one
 * @id: of the connection (CTA_ID)
 * @status: its IPS_* bits
 * @mark: its mark
 * @timeout: how long it has to live, s
 * @iif: the device that the packet came in by, or 0
 * @oif: the device that it will go out by, as far as is known, or 0
 * @length: of the packet, from its network header
 * @value: search: ports that were tried for this connection, and 1 if in vain.
 *	resize: buckets before and after
 * @tcp: the packet's segment
 * @zone: the connection's zone
 * @has: CTRACK_TRACE_HAS_*
 * @event: enum ctrack_trace_event
 * @reason: why the packet is refused, 0: it is not. A number of this build of
 *	the module; its name is told beside the record
 * @cause: enum ctrack_cause
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @proto: IPPROTO_*
 * @direction: which way of its connection the packet goes; 1: reply
 * @before: the protocol's state, as ctnetlink numbers it, before the packet.
 *	Of protocols without: 0 unreplied, 1 replied, 2 assured
 * @state: the same now
 * @dropped: the refused packet goes no further
 * @source: it is the source that is translated
 * @orig: the connection's original direction; without one, the packet
 * @reply: its reply direction
 * @target: what the packet is rewritten to
 * @end: zero; there are no octets but those of members
 */
struct ctrack_trace_record {
	__u64 time;
	__u64 sequence;
	__u32 cpu;
	__u32 netns;
	__u32 lost;
	__u32 id;
	__u32 status;
	__u32 mark;
	__u32 timeout;
	__u32 iif;
	__u32 oif;
	__u32 length;
	__u32 value[2];
	struct ctrack_trace_tcp tcp;
	__u16 zone;
	__u16 has;
	__u16 reason;
	__u8 event;
	__u8 cause;
	__u8 family;
	__u8 proto;
	__u8 direction;
	__u8 before;
	__u8 state;
	__u8 dropped;
	__u8 source;
	__u8 reserved;
	struct ctrack_trace_flow orig;
	struct ctrack_trace_flow reply;
	struct ctrack_trace_flow target;
	__u32 end;
};

/* Bits of ctrack_trace_filter.given: what has to hold, all of it. */
#define CTRACK_FILTER_PROTO		0x0001
#define CTRACK_FILTER_FAMILY		0x0002
#define CTRACK_FILTER_SRC		0x0004
#define CTRACK_FILTER_DST		0x0008
#define CTRACK_FILTER_REPLY_SRC		0x0010
#define CTRACK_FILTER_REPLY_DST		0x0020
#define CTRACK_FILTER_SPORT		0x0040
#define CTRACK_FILTER_DPORT		0x0080
#define CTRACK_FILTER_STATE		0x0100
#define CTRACK_FILTER_STATUS		0x0200
#define CTRACK_FILTER_MARK		0x0400
#define CTRACK_FILTER_ZONE		0x0800
#define CTRACK_FILTER_NAT		0x1000
#define CTRACK_FILTER_REASON		0x2000
#define CTRACK_FILTER_IIF		0x4000
#define CTRACK_FILTER_OIF		0x8000
#define CTRACK_FILTER_ALL		0xffff

/* By which ctrack_trace_filter.states goes. */
enum ctrack_trace_states {
	CTRACK_STATES_TCP,
	CTRACK_STATES_SCTP,
	CTRACK_STATES_DCCP,
	CTRACK_STATES_OTHER,
	CTRACK_STATES_COUNT
};

/**
 * struct ctrack_trace_prefix - addresses, in network order
 * @address: any of them
 * @mask: ones for the bits that count
 */
struct ctrack_trace_prefix {
	__u8 address[16];
	__u8 mask[16];
};

/**
 * struct ctrack_trace_range - numbers in host order, both ends included
 * @from: the first
 * @to: the last
 */
struct ctrack_trace_range {
	__u16 from;
	__u16 to;
};

/**
 * struct ctrack_trace_filter - what a session wants to be told
 * @given: CTRACK_FILTER_*: which of the members below count
 * @events: bits by enum ctrack_trace_event; always counts
 * @states: bits by state, as in &ctrack_trace_record.state
 * @status: IPS_* bits
 * @status_mask: which of them count
 * @nat: IPS_* bits, one of which has to be set
 * @mark: the mark
 * @mark_mask: which bits of it count
 * @iif: number of a device
 * @oif: number of a device
 * @src: of the original direction, as are @dst, @sport and @dport. A packet
 *	that has no connection may go either way
 * @dst: the same
 * @reply_src: of the reply direction
 * @reply_dst: the same
 * @sport: ports
 * @dport: ports
 * @zone: the zone
 * @reason: filled in by the module, which is given a name
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @proto: IPPROTO_*
 */
struct ctrack_trace_filter {
	__u32 given;
	__u32 events;
	__u32 states[CTRACK_STATES_COUNT];
	__u32 status;
	__u32 status_mask;
	__u32 nat;
	__u32 mark;
	__u32 mark_mask;
	__u32 iif;
	__u32 oif;
	struct ctrack_trace_prefix src;
	struct ctrack_trace_prefix dst;
	struct ctrack_trace_prefix reply_src;
	struct ctrack_trace_prefix reply_dst;
	struct ctrack_trace_range sport;
	struct ctrack_trace_range dport;
	__u16 zone;
	__u16 reason;
	__u8 family;
	__u8 proto;
	__u8 reserved[2];
};

/* Buckets of a histogram of durations, see CTRACK_FUNCTION_A_BUCKETS. */
#define CTRACK_LATENCY_BUCKETS	40

#endif
