// SPDX-License-Identifier: GPL-2.0
/*
 * DCCP packets in both directions. Input: an octet of options (flow_open()), one with the state
 * that ctnetlink set, 0 for none; then for each packet
 *	1: bit 0: which end; 1: long sequence numbers; from 2 on: octets that are cut off its end
 *	1: type
 *	1: sequence number
 *	1: acknowledgment number
 *	1: data offset, as a distance from the right one
 *	1: checksum coverage
 */
#include "flow.h"

/* Where the last octet of each number lies. */
enum {
	SEQ_SHORT = 11,
	SEQ_LONG = 15,
	ACK_SHORT = 15,
	ACK_LONG = 23,
};

static size_t make(struct fuzz_input *input, uint8_t how, uint8_t *octets)
{
	bool extended = how & 2;
	uint8_t type = fuzz_u8(input) & 15;
	size_t size = DCCP_HEADER_MAX;

	memset(octets, 0, DCCP_HEADER_MAX);
	octets[8] = type << 1 | extended;
	octets[extended ? SEQ_LONG : SEQ_SHORT] = fuzz_u8(input);
	octets[extended ? ACK_LONG : ACK_SHORT] = fuzz_u8(input);
	octets[4] = size / 4 + fuzz_u8(input);
	octets[5] = fuzz_u8(input) & 15;
	return size - (how >> 2) % (size + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct flow flow;

	flow_open(&flow, &input, IPPROTO_DCCP);
	flow.state.dccp.state = fuzz_u8(&input) % DCCP_CONNTRACK_MAX;
	/* One that ctnetlink calls open has been answered. */
	flow.replied = flow.state.dccp.state >= DCCP_CONNTRACK_RESPOND;
	while (input.left) {
		uint8_t octets[DCCP_HEADER_MAX], how = fuzz_u8(&input);
		size_t length = make(&input, how, octets);
		struct ctrack_header header;
		struct ctrack_step step;
		uint8_t before;

		if (flow_parse(IPPROTO_DCCP, octets, length, length, &header))
			continue;
		claim(header.dccp.type < DCCP_TYPE_COUNT);
		claim(header.dccp.seq >> 48 == 0 && header.dccp.ack >> 48 == 0);
		claim(dccp_coverage(octets, length) <= length);
		before = flow.state.dccp.state;
		step = flow_step(&flow, &header, how & 1);
		claim(flow.state.dccp.state < DCCP_CONNTRACK_MAX);
		if (step.verdict == CTRACK_ACCEPT && flow.state.dccp.state != before)
			claim(step.changed);
	}
	return 0;
}
