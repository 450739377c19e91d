// SPDX-License-Identifier: GPL-2.0
/*
 * GRE in both directions. Input: an octet of options (flow_open()); then for each packet an octet,
 * whose lowest bit tells which end sends it, the length that the IP header tells, two octets, and
 * the four of the header that say what else there is, of which the last can lack.
 */
#include "flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	bool assured = false;
	struct flow flow;

	flow_open(&flow, &input, IPPROTO_GRE);
	while (input.left) {
		struct flow_packet packet = flow_take(&input, GRE_HEADER_LENGTH);
		struct ctrack_header header;
		struct ctrack_step step;

		if (!flow_parse(IPPROTO_GRE, packet.octets, packet.got, packet.length,
				&header)) {
			claim(packet.got == GRE_HEADER_LENGTH && packet.length >= GRE_HEADER_LENGTH);
			/* What version 0 says it has must be there (RFC 2890). */
			if (!(packet.octets[1] & 7))
				claim(packet.length >= 4u + 4 * !!(packet.octets[0] & 0xc0) +
				      4 * !!(packet.octets[0] & 0x20) + 4 * !!(packet.octets[0] & 0x10));
			step = flow_step(&flow, &header, packet.end);
			claim(step.verdict == CTRACK_ACCEPT);
			claim(step.assured || !assured);
			assured |= step.assured;
		}
		fuzz_free(packet.octets, packet.got);
	}
	return 0;
}
