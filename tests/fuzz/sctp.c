// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP packets in both directions, chunk by chunk. Input: an octet of options (flow_open()), one
 * with the state that ctnetlink set, 0 for none; then for each packet
 *	1: bit 0: which end; 1 and 2: whose the verification tag is; from 4 on: how many chunks
 *	1: how many octets are cut off its end, counted from 1; 0 is for none
 * and for each chunk
 *	1: type
 *	1: flags
 *	1: what it says its length is; it has the header's four octets at least
 *	4: the initiate tag of an INIT; else what it starts with
 */
#include "flow.h"

#define CHUNKS_MAX 15
#define CHUNK_MAX 256
#define PACKET_MAX (SCTP_HEADER_LENGTH + CHUNKS_MAX * CHUNK_MAX)

/* Few tags are enough to be right or wrong: 0, one of an end, the other's, a third. */
static const uint32_t tags[] = { 0, 0x11111111, 0x22222222, 0x33333333 };

static void put32(uint8_t *to, uint32_t number)
{
	to[0] = number >> 24;
	to[1] = number >> 16;
	to[2] = number >> 8;
	to[3] = number;
}

static size_t make_chunk(struct fuzz_input *input, uint8_t *octets)
{
	uint8_t type = fuzz_u8(input), flags = fuzz_u8(input);
	uint8_t length = fuzz_u8(input);
	uint32_t first = fuzz_u32(input);

	memset(octets, 0, CHUNK_MAX);
	octets[0] = type;
	octets[1] = flags;
	octets[3] = length;
	if (length >= 8)
		put32(octets + 4, type == 1 || type == 2 ? tags[first & 3] : first);
	return length > 4 ? (length + 3) & ~3u : 4;
}

static size_t make(struct fuzz_input *input, uint8_t how, uint8_t *octets)
{
	unsigned int i, cut = fuzz_u8(input);
	size_t size = SCTP_HEADER_LENGTH;

	memset(octets, 0, SCTP_HEADER_LENGTH);
	put32(octets + 4, tags[how >> 1 & 3]);
	for (i = 0; i < how >> 4; i++)
		size += make_chunk(input, octets + size);
	return cut < size ? size - cut : 0;
}

/* What nf/packet.c does: one chunk after another, none read further than it asks for. */
static enum ctrack_reason parse(const uint8_t *octets, size_t size, struct ctrack_header *header)
{
	struct sctp_bundle *packet = &header->sctp;
	enum ctrack_reason reason;
	unsigned int at, count = 0;

	reason = flow_parse(IPPROTO_SCTP, octets, size, size, header);
	while (!reason && sctp_has_chunk(packet, size)) {
		size_t left, length;
		void *copy;

		at = packet->at;
		claim(at <= size && size - at >= 4);
		left = size - at;
		length = left < SCTP_CHUNK_READ ? left : SCTP_CHUNK_READ;
		copy = fuzz_copy(octets + at, length);
		reason = sctp_parse_chunk(packet, copy, left);
		fuzz_free(copy, length);
		claim(reason < CTRACK_REASON_COUNT);
		/* It comes to an end. */
		claim(reason || packet->at >= at + 4);
		claim(++count <= SCTP_CHUNKS_MAX);
	}
	return reason;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct flow flow;

	flow_open(&flow, &input, IPPROTO_SCTP);
	flow.state.sctp.state = fuzz_u8(&input) % (SCTP_CONNTRACK_HEARTBEAT_SENT + 1);
	while (input.left) {
		uint8_t octets[PACKET_MAX], how = fuzz_u8(&input);
		size_t length = make(&input, how, octets);
		struct ctrack_header header;
		struct ctrack_step step;

		if (parse(octets, length, &header))
			continue;
		step = flow_step(&flow, &header, how & 1);
		claim(flow.state.sctp.state <= SCTP_CONNTRACK_HEARTBEAT_SENT);
		claim(!step.assured ||
		      header.sctp.kinds & (SCTP_HAS(COOKIE_ACK) | SCTP_HAS(HEARTBEAT_ACK)));
	}
	return 0;
}
