// SPDX-License-Identifier: GPL-2.0
/*
 * Every protocol by its number, those with a file of their own and the others. Input: an octet of
 * options (flow_open()), the protocol's number, what ctnetlink said of the connection (bit 0:
 * replied, 1: assured, 2: at all); then for each packet an octet, whose lowest bit tells which end
 * sends it, the length that the IP header tells, two octets, how many octets of the packet follow,
 * and they.
 */
#include "flow.h"

static void restore(struct flow *flow, __u8 protonum, __u8 how)
{
	if (!(how & 4))
		return;
	flow->replied = how & 1;
	ctrack_proto_restore(&flow->state, protonum, how & 1, how >> 1 & 1);
	claim(ctrack_proto_timeout(&flow->state, protonum) < CTRACK_TIMEOUT_COUNT);
}

/* What read_identifiers() of nf/packet.c does. */
static void set_identifiers(struct flow *flow, const uint8_t *octets, size_t size)
{
	unsigned int i;

	for (i = 0; i < CTRACK_DIRECTIONS && size >= 4; i++) {
		memcpy(&flow->key[i].source_id, octets, 2);
		memcpy(&flow->key[i].destination_id, octets + (i ? 0 : 2), 2);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct flow flow;
	__u8 protonum;

	flow_open(&flow, &input, size > 1 ? data[1] : 0);
	protonum = fuzz_u8(&input);
	restore(&flow, protonum, fuzz_u8(&input));
	while (input.left) {
		unsigned int end = fuzz_u8(&input) & 1, length = fuzz_u16(&input);
		struct ctrack_header header;
		uint8_t *octets;
		size_t got;

		octets = fuzz_take(&input, fuzz_u8(&input), &got);
		set_identifiers(&flow, octets, got);
		if (!flow_parse(protonum, octets, got, length, &header))
			flow_step(&flow, &header, end);
		fuzz_free(octets, got);
	}
	return 0;
}
