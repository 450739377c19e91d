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
		unsigned int end = fuzz_u8(&input) & 1, length = fuzz_u16(&input);
		struct ctrack_header header;
		struct ctrack_step step;
		uint8_t *octets;
		size_t got;

		octets = fuzz_take(&input, GRE_HEADER_LENGTH, &got);
		if (!flow_parse(IPPROTO_GRE, octets, got, length, &header)) {
			claim(got == GRE_HEADER_LENGTH && length >= GRE_HEADER_LENGTH);
			/* What version 0 says it has must be there (RFC 2890). */
			if (!(octets[1] & 7))
				claim(length >= 4u + 4 * !!(octets[0] & 0xc0) +
				      4 * !!(octets[0] & 0x20) + 4 * !!(octets[0] & 0x10));
			step = flow_step(&flow, &header, end);
			claim(step.verdict == CTRACK_ACCEPT);
			claim(step.assured || !assured);
			assured |= step.assured;
		}
		fuzz_free(octets, got);
	}
	return 0;
}
