// SPDX-License-Identifier: GPL-2.0
/*
 * UDP and UDP-Lite. Input: an octet of options (flow_open()), whose upper two bits make it
 * UDP-Lite; then for each packet an octet, whose lowest bit tells which end sends it, the length
 * that the IP header tells, two octets, and the header's eight, of which the last can lack.
 */
#include "flow.h"

static void check_header(__u8 protonum, const uint8_t *octets, size_t size, unsigned int length)
{
	unsigned int field;

	claim(size >= 8 && length >= 8);
	field = octets[4] << 8 | octets[5];
	if (protonum == IPPROTO_UDP)
		claim(field >= 8 && field <= length);
	else
		claim(!field || (field >= 8 && field <= length));
}

static void check_step(const struct ctrack_step *step, bool assured)
{
	claim(step->verdict == CTRACK_ACCEPT);
	claim(step->timeout == CTRACK_TIMEOUT_UDP || step->timeout == CTRACK_TIMEOUT_UDP_STREAM);
	/* A stream stays one. */
	claim(step->assured || !assured);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	bool assured = false;
	struct flow flow;
	__u8 protonum;

	protonum = size && data[0] >= 0xc0 ? IPPROTO_UDPLITE : IPPROTO_UDP;
	flow_open(&flow, &input, protonum);
	while (input.left) {
		struct flow_packet packet = flow_take(&input, 8);
		struct ctrack_header header;
		struct ctrack_step step;

		if (!flow_parse(protonum, packet.octets, packet.got, packet.length, &header)) {
			check_header(protonum, packet.octets, packet.got, packet.length);
			step = flow_step(&flow, &header, packet.end);
			check_step(&step, assured);
			assured |= step.assured;
		}
		fuzz_free(packet.octets, packet.got);
	}
	return 0;
}
