// SPDX-License-Identifier: GPL-2.0
/*
 * Segments in both directions. Their numbers are given as distances from what the ends have sent
 * so far, so that a few octets lead deep into a connection.
 *
 * Input: an octet of options (flow_open()), an octet with the state that ctnetlink set, 0 for none,
 * the ends' first sequence numbers, four octets each; then for each segment
 *	1: which end; how the distances are scaled; whether there are options
 *	1: flags
 *	1: distance of the sequence number from the end's next
 *	1: distance of the acknowledgment number from the other end's next
 *	1: window's high octet
 *	1: payload, scaled
 * and, if there are options, their length in words, and they.
 */
#include "flow.h"

enum {
	FROM = 0x01,
	SEQ_FAR = 0x02,
	ACK_FAR = 0x04,
	LONG = 0x08,
	OPTIONS = 0x10,
};

static uint32_t distance(uint8_t octet, bool far)
{
	return far ? (uint32_t)octet << 24 | octet << 8 : (uint32_t)(int8_t)octet;
}

static void put32(uint8_t *to, uint32_t number)
{
	to[0] = number >> 24;
	to[1] = number >> 16;
	to[2] = number >> 8;
	to[3] = number;
}

/* Returns the length that the IP header would tell; @size is that of the header. */
static unsigned int make(struct fuzz_input *input, uint8_t how, const uint32_t *next,
			 uint8_t *octets, size_t *size)
{
	unsigned int end = how & FROM, payload;
	unsigned int words = 0;

	memset(octets, 0, TCP_HEADER_MAX);
	octets[13] = fuzz_u8(input);
	put32(octets + 4, next[end] + distance(fuzz_u8(input), how & SEQ_FAR));
	put32(octets + 8, next[!end] + distance(fuzz_u8(input), how & ACK_FAR));
	octets[14] = fuzz_u8(input);
	payload = fuzz_u8(input);
	if (how & LONG)
		payload *= 255;
	if (how & OPTIONS) {
		words = fuzz_u8(input) % 11;
		fuzz_fill(input, octets + 20, words * 4);
	}
	octets[12] = (5 + words) << 4;
	*size = 20 + words * 4;
	return *size + payload;
}

static void check_state(const struct tcp_state *state)
{
	claim(state->state < TCP_CONNTRACK_MAX);
	claim(state->side[0].scale <= 14 && state->side[1].scale <= 14);
}

/* What is predicted has to do what it would do otherwise. */
static void check_prediction(const struct flow *flow, const struct tcp_segment *segment,
			     enum ctrack_direction direction)
{
	struct tcp_state with = flow->state.tcp, without = with;
	struct ctrack_step step, wanted;

	step = tcp_step(&with, segment, direction, &flow->options);
	wanted = tcp_step_unpredicted(&without, segment, direction, &flow->options);
	claim(!memcmp(&with, &without, sizeof(with)));
	claim(!memcmp(&step, &wanted, sizeof(step)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct flow flow;
	uint32_t next[2];

	flow_open(&flow, &input, IPPROTO_TCP);
	flow.state.tcp.state = fuzz_u8(&input) % TCP_CONNTRACK_MAX;
	next[0] = fuzz_u32(&input);
	next[1] = fuzz_u32(&input);

	while (input.left) {
		uint8_t octets[TCP_HEADER_MAX], how = fuzz_u8(&input);
		struct ctrack_header header;
		struct ctrack_step step;
		unsigned int length;
		size_t header_size;
		uint32_t last;

		length = make(&input, how, next, octets, &header_size);
		if (flow_parse(IPPROTO_TCP, octets, header_size, length, &header))
			continue;

		check_prediction(&flow, &header.tcp, (how & FROM) != flow.opener);
		step = flow_step(&flow, &header, how & FROM);
		check_state(&flow.state.tcp);
		if (step.verdict != CTRACK_ACCEPT)
			continue;
		last = tcp_segment_end(&header.tcp);
		if (tcp_after(last, next[how & FROM]))
			next[how & FROM] = last;
	}
	return 0;
}
