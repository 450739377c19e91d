/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection whose packets the fuzzer makes up, and what has to hold for each step of it,
 * whatever the protocol: see struct ctrack_step and ctrack_proto_step().
 */
#ifndef TESTS_FUZZ_FLOW_H
#define TESTS_FUZZ_FLOW_H

#include "fuzz.h"
#include "nf/key.h"
#include "nf/reason.h"
#include "proto/proto.h"

/**
 * struct flow - a connection, as a namespace has it
 * @state: what it remembers
 * @key: of the packets of either direction
 * @options: of the namespace
 * @opener: which of the two ends, 0 or 1, sends in original direction
 * @replied: IPS_SEEN_REPLY
 */
struct flow {
	union ctrack_state state;
	struct ctrack_key key[CTRACK_DIRECTIONS];
	struct ctrack_options options;
	unsigned int opener;
	bool replied;
};

/* The options are any that sysctls can be set to; the addresses do not matter. */
static inline void flow_open(struct flow *flow, struct fuzz_input *input, __u8 protonum)
{
	__u8 options = fuzz_u8(input);

	memset(flow, 0, sizeof(*flow));
	flow->options.tcp_loose = options & 1;
	flow->options.tcp_be_liberal = options >> 1 & 1;
	flow->options.tcp_ignore_invalid_rst = options >> 2 & 1;
	flow->options.tcp_max_retrans = options >> 3 & 3;
	flow->key[CTRACK_ORIGINAL].l3num = options & 0x20 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	flow->key[CTRACK_ORIGINAL].protonum = protonum;
	flow->key[CTRACK_REPLY] = flow->key[CTRACK_ORIGINAL];
	flow->key[CTRACK_REPLY].direction = CTRACK_REPLY;
}

/*
 * Parses a header with nothing behind it that could be read, then with no more in front of it than
 * ctrack_proto_header_max() asks for, which must come to the same.
 */
static inline enum ctrack_reason flow_parse(__u8 protonum, const void *octets, size_t size,
					    unsigned int length, struct ctrack_header *header)
{
	unsigned int most = ctrack_proto_header_max(protonum);
	enum ctrack_reason reason, again;
	struct ctrack_header other;
	void *copy;

	copy = fuzz_copy(octets, size);
	memset(header, 0, sizeof(*header));
	reason = ctrack_proto_parse(protonum, copy, size, length, header);
	fuzz_free(copy, size);
	claim(reason < CTRACK_REASON_COUNT);

	if (size > most)
		size = most;
	copy = fuzz_copy(octets, size);
	memset(&other, 0, sizeof(other));
	again = ctrack_proto_parse(protonum, copy, size, length, &other);
	fuzz_free(copy, size);
	claim(again == reason);
	return reason;
}

/**
 * struct flow_packet - a packet of the input
 * @end: which end sends it, 0 or 1
 * @length: what the IP header tells
 * @octets: its first ones; to be freed with fuzz_free()
 * @got: how many of them there are
 */
struct flow_packet {
	unsigned int end, length;
	uint8_t *octets;
	size_t got;
};

/* An octet with the end, two with the length, then at most @size of the packet. */
static inline struct flow_packet flow_take(struct fuzz_input *input, size_t size)
{
	struct flow_packet packet;

	packet.end = fuzz_u8(input) & 1;
	packet.length = fuzz_u16(input);
	packet.octets = fuzz_take(input, size, &packet.got);
	return packet;
}

static inline void flow_check_refused(const struct ctrack_step *step)
{
	claim(step->reason != CTRACK_REASON_NONE);
	claim(ctrack_reason_name(step->reason) && ctrack_reason_text(step->reason));
	claim(!step->replied && !step->assured && !step->changed);
	claim(step->keep_timeout);
}

/* The state that users are shown, where the protocol has one. */
static inline unsigned int flow_state_of(const union ctrack_state *state, __u8 protonum)
{
	switch (protonum) {
	case IPPROTO_TCP:
		return state->tcp.state;
	case IPPROTO_SCTP:
		return state->sctp.state;
	case IPPROTO_DCCP:
		return state->dccp.state;
	default:
		return 0;
	}
}

static inline void flow_check_accepted(struct flow *flow, const union ctrack_state *before,
				       const struct ctrack_step *step,
				       enum ctrack_direction direction)
{
	__u8 protonum = flow->key[direction].protonum;

	claim(step->reason == CTRACK_REASON_NONE);
	claim(step->timeout < CTRACK_TIMEOUT_COUNT);
	claim(step->limit < CTRACK_TIMEOUT_COUNT);
	claim(!step->replied || direction == CTRACK_REPLY);
	flow->replied |= step->replied;
	/* What one end can do alone must not make an entry that is never evicted. */
	claim(!step->assured || flow->replied);
	claim(ctrack_proto_timeout(&flow->state, protonum) < CTRACK_TIMEOUT_COUNT);
	claim(step->changed == (flow_state_of(&flow->state, protonum) !=
				flow_state_of(before, protonum)));
}

/* One step, and what has to hold for it. */
static inline struct ctrack_step flow_step_once(struct flow *flow,
						const struct ctrack_header *header,
						enum ctrack_direction direction)
{
	union ctrack_state before = flow->state, same = flow->state;
	struct ctrack_step step, again;

	step = ctrack_proto_step(&flow->state, &flow->key[direction], header, direction,
				 &flow->options);
	again = ctrack_proto_step(&same, &flow->key[direction], header, direction,
				  &flow->options);
	claim(step.verdict == again.verdict && step.reason == again.reason);
	claim(!memcmp(&same, &flow->state, sizeof(same)));

	switch (step.verdict) {
	case CTRACK_ACCEPT:
		flow_check_accepted(flow, &before, &step, direction);
		break;
	case CTRACK_UNTRACKED:
	case CTRACK_RENEW:
		claim(step.reason == CTRACK_REASON_NONE);
		claim(!memcmp(&before, &flow->state, sizeof(before)));
		break;
	case CTRACK_INVALID:
	case CTRACK_DROP:
		flow_check_refused(&step);
		claim(!memcmp(&before, &flow->state, sizeof(before)));
		break;
	default:
		claim(!"a verdict");
	}
	return step;
}

/* The next connection of the same key starts with the packet that @end sent. */
static inline void flow_renew(struct flow *flow, unsigned int end)
{
	struct ctrack_key key = flow->key[CTRACK_ORIGINAL];

	if (end != flow->opener) {
		flow->key[CTRACK_ORIGINAL] = flow->key[CTRACK_REPLY];
		flow->key[CTRACK_REPLY] = key;
	}
	flow->opener = end;
	flow->replied = false;
	memset(&flow->state, 0, sizeof(flow->state));
}

/* A packet that @end, 0 or 1, sends. */
static inline struct ctrack_step flow_step(struct flow *flow, const struct ctrack_header *header,
					   unsigned int end)
{
	struct ctrack_step step = flow_step_once(flow, header, end != flow->opener);

	if (step.verdict != CTRACK_RENEW)
		return step;
	flow_renew(flow, end);
	step = flow_step_once(flow, header, CTRACK_ORIGINAL);
	/* Else the old one would have been given up for nothing, or for ever. */
	claim(step.verdict == CTRACK_ACCEPT);
	return step;
}

#endif
