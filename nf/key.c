// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack.ko and into the userspace tests. */
#include "nf/key.h"
#include "proto/icmp.h"
#include "proto/icmpv6.h"

/**
 * ctrack_key_has_icmp_id - is it an ICMP query whose identifier may be changed?
 * @key: the key
 *
 * Return: true when what stands in the key where TCP has its source port is
 * the sender's choice, and comes back with the answer.
 */
bool ctrack_key_has_icmp_id(const struct ctrack_key *key)
{
	switch (key->protonum) {
	case IPPROTO_ICMP:
		return true;
	case IPPROTO_ICMPV6:
		return icmpv6_has_id(key->destination_id.icmp.type);
	default:
		return false;
	}
}

/**
 * ctrack_key_reverse - the key of the answer to a packet
 * @reverse: filled in
 * @key: the packet's key
 *
 * Return: false when nothing can answer such a packet, as with an ICMP
 * message that is no query (RFC 792, RFC 4443).
 */
bool ctrack_key_reverse(struct ctrack_key *reverse,
			const struct ctrack_key *key)
{
	__u8 type;

	reverse->source = key->destination;
	reverse->destination = key->source;
	reverse->l3num = key->l3num;
	reverse->protonum = key->protonum;
	reverse->direction = !key->direction;

	switch (key->protonum) {
	case IPPROTO_ICMP:
		if (!icmp_answer(key->destination_id.icmp.type, &type))
			return false;
		break;
	case IPPROTO_ICMPV6:
		if (!icmpv6_answer(key->destination_id.icmp.type, &type))
			return false;
		break;
	default:
		reverse->source_id.all = key->destination_id.all;
		reverse->destination_id.all = key->source_id.all;
		return true;
	}

	reverse->source_id = key->source_id;
	reverse->destination_id.icmp.type = type;
	reverse->destination_id.icmp.code = key->destination_id.icmp.code;
	return true;
}
