// SPDX-License-Identifier: GPL-2.0
/* Input: the length that the IP header tells, two octets; then a TCP header, cut anywhere. */
#include "flow.h"
#include "proto/octets.h"

static void check(const struct tcp_segment *segment, const uint8_t *octets, size_t size,
		  unsigned int length)
{
	unsigned int offset = (octets[12] >> 4) * 4;

	claim(size >= offset && length >= offset && offset >= 20);
	claim(segment->payload == length - offset);
	claim(segment->seq == octets_read32(octets + 4));
	claim(segment->flags == octets[13]);
	claim(tcp_segment_kind(segment) != TCP_KIND_NONE);
	claim(tcp_segment_kind(segment) < TCP_KIND_COUNT);
	claim(segment->scale <= 14);
	claim(segment->scale_present || !segment->scale);
	if (!(segment->flags & TCP_SEGMENT_SYN))
		claim(!segment->scale_present && !segment->sack_permitted);
	claim(segment->sack == segment->ack || tcp_after(segment->sack, segment->ack));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	unsigned int length = fuzz_u16(&input);
	struct ctrack_header header, cut;
	unsigned int offset;

	if (flow_parse(IPPROTO_TCP, input.data, input.left, length, &header))
		return 0;
	check(&header.tcp, input.data, input.left, length);

	/* Payload says nothing, and no octet of the header may be missing. */
	offset = (input.data[12] >> 4) * 4;
	claim(!flow_parse(IPPROTO_TCP, input.data, offset, length, &cut));
	claim(cut.tcp.sack == header.tcp.sack && cut.tcp.scale == header.tcp.scale);
	claim(flow_parse(IPPROTO_TCP, input.data, offset - 1, length, &cut));
	claim(flow_parse(IPPROTO_TCP, input.data, input.left, offset - 1, &cut));
	return 0;
}
