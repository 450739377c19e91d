// SPDX-License-Identifier: GPL-2.0
/*
 * GRE in both directions. Input: an octet of options (flow_open()); then for each packet an octet,
 * whose lowest bit tells which end sends it, the length that the IP header tells, two octets, and
 * the four of the header that say what else there is, of which the last can lack.
 */
#include "flow.h"

/* What a header says that it has must be there. */
static void check_header(const uint8_t *octets, unsigned int length)
{
	bool key = octets[0] & 0x20, sequence = octets[0] & 0x10;

	switch (octets[1] & 7) {
	case 0: /* RFC 2890 */
		claim(length >= 4u + 4 * !!(octets[0] & 0xc0) + 4 * key + 4 * sequence);
		break;
	case 1: /* RFC 2637 section 4.1 */
		claim(key && octets[2] == 0x88 && octets[3] == 0x0b);
		claim(length >= 8u + 4 * sequence + 4 * !!(octets[1] & 0x80));
		break;
	}
}

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
			claim(packet.got == GRE_HEADER_LENGTH);
			claim(packet.length >= GRE_HEADER_LENGTH);
			check_header(packet.octets, packet.length);
			step = flow_step(&flow, &header, packet.end);
			claim(step.verdict == CTRACK_ACCEPT);
			claim(step.assured || !assured);
			assured |= step.assured;
		}
		fuzz_free(packet.octets, packet.got);
	}
	return 0;
}
