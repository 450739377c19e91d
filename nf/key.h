/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The key of one direction of a connection: addresses, ports (or what the
 * protocol has in their place), protocols and zone. PURE: no kernel state.
 */
#ifndef CTRACK_KEY_H
#define CTRACK_KEY_H

#include <linux/types.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/string.h>

/**
 * enum ctrack_direction - which way of a connection a packet goes
 * @CTRACK_ORIGINAL: as the first packet went
 * @CTRACK_REPLY: the other way
 * @CTRACK_DIRECTIONS: how many there are
 */
enum ctrack_direction {
	CTRACK_ORIGINAL,
	CTRACK_REPLY,
	CTRACK_DIRECTIONS
};

/* What stands in a key where TCP has its source port. */
union ctrack_source {
	__be16 all;
	__be16 port;
	__be16 icmp_id;
	__be16 gre_key;
};

/* What stands in a key where TCP has its destination port. */
union ctrack_destination {
	__be16 all;
	__be16 port;
	struct {
		__u8 type;
		__u8 code;
	} icmp;
	__be16 gre_key;
};

/**
 * struct ctrack_key - one direction of a connection
 * @source: address; an IPv4 address has zeros behind it
 * @source_id: port, ICMP identifier or GRE key, network order
 * @l3num: NFPROTO_IPV4 or NFPROTO_IPV6
 * @destination: address
 * @destination_id: port, ICMP type and code or GRE key, network order
 * @protonum: IPPROTO_*
 * @direction: enum ctrack_direction, written once and only for code outside
 *	ctrack that reads it; never compared, never hashed
 *
 * The layout is that of struct nf_conntrack_tuple, which such code takes it
 * for, and has no padding, so that keys compare in words.
 */
struct ctrack_key {
	union nf_inet_addr source;
	union ctrack_source source_id;
	__u16 l3num;
	union nf_inet_addr destination;
	union ctrack_destination destination_id;
	__u8 protonum;
	__u8 direction;
};

bool ctrack_key_reverse_icmp(struct ctrack_key *reverse,
			     const struct ctrack_key *key);
bool ctrack_key_has_icmp_id(const struct ctrack_key *key);

/* Eight octets of a key; built in, for not all kernels inline memcpy(). */
static inline __u64 ctrack_key_octets(const struct ctrack_key *key,
				      unsigned int offset)
{
	__u64 octets;

	__builtin_memcpy(&octets, (const __u8 *)key + offset, sizeof(octets));
	return octets;
}

/* How two keys differ in the eight octets at @offset. */
static inline __u64 ctrack_key_difference(const struct ctrack_key *a,
					  const struct ctrack_key *b,
					  unsigned int offset)
{
	return ctrack_key_octets(a, offset) ^ ctrack_key_octets(b, offset);
}

/**
 * ctrack_key_equal - do two keys name the same flow?
 * @a: one key
 * @b: the other
 *
 * Return: true when all but the direction is the same.
 * Context: any; a key that is being written compares unpredictably, see
 * ctrack_table_find().
 */
static inline bool ctrack_key_equal(const struct ctrack_key *a,
				    const struct ctrack_key *b)
{
	static const struct ctrack_key all_but_direction = {
		.destination.all[3] = 0xffffffff,
		.destination_id.all = (__force __be16)0xffff,
		.protonum = 0xff,
	};
	__u64 counts = ctrack_key_octets(&all_but_direction, 32);

	/* Most that differ do so here. */
	if (ctrack_key_difference(a, b, 0))
		return false;
	return !(ctrack_key_difference(a, b, 8) |
		 ctrack_key_difference(a, b, 16) |
		 ctrack_key_difference(a, b, 24) |
		 (ctrack_key_difference(a, b, 32) & counts));
}

/* Which bits of a fingerprint are those of which address. */
#define CTRACK_FINGERPRINT_SOURCE	0x0f
#define CTRACK_FINGERPRINT_DESTINATION	0xf0

/* Four bits, in which neighbours differ most of the time. */
static inline __u8 ctrack_address_fingerprint(const union nf_inet_addr *address)
{
	__u32 folded = address->all[0] ^ address->all[1] ^ address->all[2] ^ address->all[3];

	/* By the golden ratio: what is near each other gets far apart. */
	return folded * 0x9e3779b1U >> 28;
}

/* The fingerprint of the key that has the same addresses the other way round. */
static inline __u8 ctrack_fingerprint_reverse(__u8 fingerprint)
{
	return fingerprint << 4 | fingerprint >> 4;
}

/**
 * ctrack_key_fingerprint - a few bits that tell most keys' addresses apart
 * @key: the key
 *
 * Return: CTRACK_FINGERPRINT_SOURCE and CTRACK_FINGERPRINT_DESTINATION are the
 * same in two keys if the address is.
 */
static inline __u8 ctrack_key_fingerprint(const struct ctrack_key *key)
{
	return ctrack_address_fingerprint(&key->source) |
	       ctrack_address_fingerprint(&key->destination) << 4;
}

static inline bool ctrack_protonum_is_icmp(__u8 protonum)
{
	return protonum == IPPROTO_ICMP || protonum == IPPROTO_ICMPV6;
}

/* Does the header of this protocol, IPPROTO_*, start with two ports? */
static inline bool ctrack_protonum_has_ports(__u8 protonum)
{
	switch (protonum) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return true;
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
static inline bool ctrack_key_reverse(struct ctrack_key *reverse,
				      const struct ctrack_key *key)
{
	*reverse = (struct ctrack_key) {
		.source = key->destination,
		.source_id.all = key->destination_id.all,
		.l3num = key->l3num,
		.destination = key->source,
		.destination_id.all = key->source_id.all,
		.protonum = key->protonum,
		.direction = !key->direction,
	};
	return !ctrack_protonum_is_icmp(key->protonum) ||
	       ctrack_key_reverse_icmp(reverse, key);
}

/**
 * ctrack_key_has_ports - are the identifiers of this key port numbers?
 * @key: the key
 *
 * Return: true for the protocols whose header starts with two ports.
 */
static inline bool ctrack_key_has_ports(const struct ctrack_key *key)
{
	return ctrack_protonum_has_ports(key->protonum);
}

#endif
