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
 * ctrack_key_reverse_icmp - the identifiers of the answer to an ICMP message
 * @reverse: they are filled in
 * @key: the message's key
 *
 * Return: false when it is no query.
 */
bool ctrack_key_reverse_icmp(struct ctrack_key *reverse,
			     const struct ctrack_key *key)
{
	__u8 query = key->destination_id.icmp.type, answer;

	if (!(key->protonum == IPPROTO_ICMP ? icmp_answer(query, &answer) :
					      icmpv6_answer(query, &answer)))
		return false;
	reverse->source_id = key->source_id;
	reverse->destination_id.icmp.type = answer;
	reverse->destination_id.icmp.code = key->destination_id.icmp.code;
	return true;
}
