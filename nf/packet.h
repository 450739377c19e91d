/* SPDX-License-Identifier: GPL-2.0 */
/* Reading a packet: from an skb to what decides about it. */
#ifndef CTRACK_PACKET_H
#define CTRACK_PACKET_H

#include <linux/skbuff.h>

#include "nf/key.h"
#include "proto/proto.h"

/**
 * struct ctrack_packet - what was read of a packet
 * @skb: the packet
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @hook: NF_INET_* hook it is at
 * @transport: where the transport header begins, from skb->data
 * @length: of the transport header and all behind it
 * @key: which way it goes
 * @header: its transport header, read by its protocol
 */
struct ctrack_packet {
	struct sk_buff *skb;
	u8 family;
	u8 hook;
	unsigned int transport;
	unsigned int length;
	struct ctrack_key key;
	struct ctrack_header header;
};

/* packet.c APIs: */
enum ctrack_reason ctrack_packet_parse(struct ctrack_packet *packet,
				       struct sk_buff *skb, u8 family, u8 hook);
bool ctrack_packet_is_error(const struct ctrack_packet *packet);
bool ctrack_packet_is_control(const struct ctrack_packet *packet);
enum ctrack_reason ctrack_packet_inner(const struct ctrack_packet *packet,
				       struct ctrack_key *inner);

/* checksum.c APIs: */
enum ctrack_reason ctrack_packet_checksum(const struct ctrack_packet *packet);

#endif
