/* SPDX-License-Identifier: GPL-2.0 */
/* Reading a packet: from an skb to what decides about it. */
#ifndef CTRACK_PACKET_H
#define CTRACK_PACKET_H

#include <linux/skbuff.h>

#include "nf/key.h"
#include "proto/icmp.h"
#include "proto/icmpv6.h"
#include "proto/proto.h"

/**
 * struct ctrack_packet - what was read of a packet
 * @skb: the packet
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @hook: NF_INET_* hook it is at
 * @transport: where the transport header begins, from skb->data
 * @length: of the transport header and all behind it
 * @key: which way it goes
 * @hash: where a connection with this original key belongs; filled in by who
 *	knows the zone
 * @header: its transport header, read by its protocol
 */
struct ctrack_packet {
	struct sk_buff *skb;
	u8 family;
	u8 hook;
	unsigned int transport;
	unsigned int length;
	struct ctrack_key key;
	u32 hash;
	struct ctrack_header header;
};

/* packet.c APIs: */
enum ctrack_reason ctrack_packet_parse(struct ctrack_packet *packet,
				       struct sk_buff *skb, u8 family, u8 hook);
enum ctrack_reason ctrack_packet_inner(const struct ctrack_packet *packet,
				       struct ctrack_key *inner);

/* checksum.c APIs: */
enum ctrack_reason ctrack_packet_sum(const struct ctrack_packet *packet);

/**
 * ctrack_packet_checksum - verify a packet's transport checksum
 * @packet: a packet that came in from outside
 *
 * Pointers into the packet's headers are stale afterwards.
 *
 * Return: %CTRACK_REASON_NONE or %CTRACK_REASON_checksum. GRE's, which covers
 * what is in the tunnel, is left to its end.
 */
static inline enum ctrack_reason
ctrack_packet_checksum(const struct ctrack_packet *packet)
{
	/* The device has looked, or is yet to fill it in. */
	if (likely(skb_csum_unnecessary(packet->skb)))
		return CTRACK_REASON_NONE;
	return ctrack_packet_sum(packet);
}

/* Has it a type instead of ports? Most have not, and are no error then. */
static inline bool ctrack_packet_is_icmp(const struct ctrack_packet *packet)
{
	return ctrack_protonum_is_icmp(packet->key.protonum);
}

/**
 * ctrack_packet_is_error - is it about another packet, which it quotes?
 * @packet: packet of ICMP or ICMPv6
 *
 * Return: true for the error messages of RFC 792 and RFC 4443, and for
 * redirects.
 */
static inline bool ctrack_packet_is_error(const struct ctrack_packet *packet)
{
	u8 type = packet->key.destination_id.icmp.type;

	return packet->key.protonum == IPPROTO_ICMP ?
	       packet->family == NFPROTO_IPV4 && icmp_is_error(type) :
	       packet->family == NFPROTO_IPV6 && icmpv6_is_error(type);
}

/**
 * ctrack_packet_is_control - does it make IPv6 itself work on the link?
 * @packet: packet of ICMP or ICMPv6
 *
 * Return: true for neighbour discovery and multicast listeners, which no
 * connection contains.
 */
static inline bool ctrack_packet_is_control(const struct ctrack_packet *packet)
{
	return packet->family == NFPROTO_IPV6 &&
	       packet->key.protonum == IPPROTO_ICMPV6 &&
	       icmpv6_untracked(packet->key.destination_id.icmp.type);
}

#endif
