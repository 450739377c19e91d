// SPDX-License-Identifier: GPL-2.0
/*
 * DCCP packets in both directions. Input: an octet of options (flow_open()), one with the state
 * that ctnetlink set, 0 for none; then for each packet
 *	1: bit 0: which end; 1: long sequence numbers; from 2 on: octets that are cut off its end
 *	1: type
 *	1: sequence number
 *	1: acknowledgment number
 *	1: data offset, as a distance from the right one
 *	1: checksum coverage; bit 4: the IP header tells also of what is cut off
 */
#include "flow.h"

/* Where the last octet of each number lies. */
enum {
	SEQ_SHORT = 11,
	SEQ_LONG = 15,
	ACK_SHORT = 15,
	ACK_LONG = 23,
};

/* Returns how much of it can be read; in @length is what the IP header tells. */
static size_t make(struct fuzz_input *input, uint8_t how, uint8_t *octets, unsigned int *length)
{
	bool extended = how & 2;
	uint8_t coverage, type = fuzz_u8(input) & 15;
	size_t size = DCCP_HEADER_MAX, readable = size - (how >> 2) % (size + 1);

	memset(octets, 0, DCCP_HEADER_MAX);
	octets[8] = type << 1 | extended;
	octets[extended ? SEQ_LONG : SEQ_SHORT] = fuzz_u8(input);
	octets[extended ? ACK_LONG : ACK_SHORT] = fuzz_u8(input);
	octets[4] = size / 4 + fuzz_u8(input);
	coverage = fuzz_u8(input);
	octets[5] = coverage & 15;
	*length = coverage & 16 ? size : readable;
	return readable;
}

/* An end that has not heard the other one does not get on by itself. */
static void check_handshake(const struct ctrack_step *step, const struct dccp_packet *packet,
			    uint8_t before, uint8_t now, uint64_t response)
{
	if (now == DCCP_CONNTRACK_OPEN)
		claim(before == DCCP_CONNTRACK_PARTOPEN || before == DCCP_CONNTRACK_OPEN);
	if (now != DCCP_CONNTRACK_PARTOPEN)
		return;
	claim(before == DCCP_CONNTRACK_RESPOND || before == DCCP_CONNTRACK_PARTOPEN);
	if (step->assured && before == DCCP_CONNTRACK_RESPOND)
		claim(packet->ack == response || packet->ack == (response & 0xffffff));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	uint64_t response = 0;
	struct flow flow;

	flow_open(&flow, &input, IPPROTO_DCCP);
	flow.state.dccp.state = fuzz_u8(&input) % DCCP_CONNTRACK_MAX;
	/* One that ctnetlink calls open has been answered. */
	flow.replied = flow.state.dccp.state >= DCCP_CONNTRACK_RESPOND;
	while (input.left) {
		uint8_t octets[DCCP_HEADER_MAX], how = fuzz_u8(&input);
		struct ctrack_header header;
		struct ctrack_step step;
		unsigned int length;
		uint8_t before, now;
		size_t readable;

		readable = make(&input, how, octets, &length);
		if (flow_parse(IPPROTO_DCCP, octets, readable, length, &header))
			continue;
		claim(header.dccp.type < DCCP_TYPE_COUNT);
		claim(header.dccp.seq >> 48 == 0 && header.dccp.ack >> 48 == 0);
		claim(octets[4] * 4 <= length);
		claim(dccp_coverage(octets, length) <= length);
		before = flow.state.dccp.state;
		step = flow_step(&flow, &header, how & 1);
		now = flow.state.dccp.state;
		claim(now < DCCP_CONNTRACK_MAX);
		if (step.verdict != CTRACK_ACCEPT)
			continue;
		check_handshake(&step, &header.dccp, before, now, response);
		/* One that only passed may be anybody's. */
		if (now == DCCP_CONNTRACK_RESPOND && header.dccp.type == DCCP_TYPE_RESPONSE &&
		    !step.keep_timeout)
			response = header.dccp.seq;
	}
	return 0;
}
