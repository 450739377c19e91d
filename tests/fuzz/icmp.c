// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP and ICMPv6, and the keys that are made of them. Input: an octet of options (flow_open()),
 * whose upper two bits make it ICMPv6; then for each message an octet, whose lowest bit tells which
 * end sends it, the length that the IP header tells, and its eight octets, of which the last can
 * lack.
 */
#include "flow.h"
#include "proto/icmp.h"
#include "proto/icmpv6.h"

static bool opens(__u8 protonum, __u8 type)
{
	return protonum == IPPROTO_ICMP ? icmp_opens(type) : icmpv6_opens(type);
}

static bool is_error(__u8 protonum, __u8 type)
{
	return protonum == IPPROTO_ICMP ? icmp_is_error(type) : icmpv6_is_error(type);
}

static bool known(__u8 protonum, __u8 type)
{
	return protonum == IPPROTO_ICMP ? icmp_known(type) : icmpv6_known(type);
}

/* What opens a connection can be answered, by what opens none. */
static void check_opening(const struct ctrack_key *key)
{
	struct ctrack_key reverse;

	claim(opens(key->protonum, key->destination_id.icmp.type));
	claim(!is_error(key->protonum, key->destination_id.icmp.type));
	claim(ctrack_key_reverse(&reverse, key));
	claim(!opens(key->protonum, reverse.destination_id.icmp.type));
	claim(known(key->protonum, reverse.destination_id.icmp.type));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct flow flow;
	__u8 protonum;

	protonum = size && data[0] >= 0xc0 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	flow_open(&flow, &input, protonum);
	while (input.left) {
		struct flow_packet packet = flow_take(&input, 8);
		struct ctrack_header header;
		struct ctrack_step step;

		if (!flow_parse(protonum, packet.octets, packet.got, packet.length, &header)) {
			claim(packet.got == 8 && packet.length >= 8);
			claim(known(protonum, packet.octets[0]));
			flow.key[packet.end].destination_id.icmp.type = packet.octets[0];
			flow.key[packet.end].destination_id.icmp.code = packet.octets[1];
			step = flow_step(&flow, &header, packet.end);
			claim(!step.assured && step.verdict != CTRACK_DROP);
			if (step.verdict == CTRACK_ACCEPT && !packet.end)
				check_opening(&flow.key[packet.end]);
		}
		fuzz_free(packet.octets, packet.got);
	}
	return 0;
}
