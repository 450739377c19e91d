// SPDX-License-Identifier: GPL-2.0
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "nf/packet.h"
#include "nf/probe_point.h"
#include "proto/icmp.h"
#include "proto/icmpv6.h"

/* The longest transport header that a protocol looks at: TCP with options. */
#define HEADER_MAX	60

/* Both ICMP and ICMPv6 begin so. */
#define ICMP_HEADER	8

/* What RFC 792 has errors quote at least, behind the IP header. */
#define QUOTE_MIN	8

/* RFC 4861 section 4.5 has two; what hides more is not looked for. */
#define REDIRECT_OPTIONS_MAX	8

/*
 * Reads an IP header, of the packet or of one that it quotes, and leaves the
 * addresses and the protocol in @key. Returns where the transport header
 * begins, or 0 with the reason.
 *
 * Defragmentation comes first, but the host can send past it (IP_NODEFRAG). Of
 * a fragment only a quote may be, and only of the first one, which has ports.
 */
static __always_inline unsigned int
read_ipv4(const struct sk_buff *skb, unsigned int offset, bool quoted,
	  struct ctrack_key *key, enum ctrack_reason *reason)
{
	const struct iphdr *ip;
	struct iphdr buffer __uninitialized;

	ip = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!ip || ip->version != 4 || ip->ihl < 5) {
		*reason = CTRACK_REASON_ip_header;
		return 0;
	}
	if (ip->frag_off & htons(quoted ? IP_OFFSET : IP_OFFSET | IP_MF)) {
		*reason = CTRACK_REASON_ip_fragment;
		return 0;
	}
	key->source.ip = ip->saddr;
	key->destination.ip = ip->daddr;
	key->protonum = ip->protocol;
	return offset + ip->ihl * 4;
}

static unsigned int read_ipv6(const struct sk_buff *skb, unsigned int offset,
			      bool quoted, struct ctrack_key *key,
			      enum ctrack_reason *reason)
{
	const struct ipv6hdr *ip;
	struct ipv6hdr buffer __uninitialized;
	__be16 frag_off;
	int transport;
	u8 nexthdr;

	ip = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!ip || ip->version != 6) {
		*reason = CTRACK_REASON_ip_header;
		return 0;
	}
	nexthdr = ip->nexthdr;
	transport = ipv6_skip_exthdr(skb, offset + sizeof(*ip), &nexthdr,
				     &frag_off);
	if (transport < 0 || transport > skb->len) {
		*reason = CTRACK_REASON_ip_extension;
		return 0;
	}
	if (frag_off & htons(quoted ? IP6_OFFSET : IP6_OFFSET | IP6_MF)) {
		*reason = CTRACK_REASON_ip_fragment;
		return 0;
	}
	key->source.in6 = ip->saddr;
	key->destination.in6 = ip->daddr;
	key->protonum = nexthdr;
	return transport;
}

static __always_inline unsigned int
read_ip(const struct sk_buff *skb, unsigned int offset, u8 family, bool quoted,
	struct ctrack_key *key, enum ctrack_reason *reason)
{
	*key = (struct ctrack_key) {};
	key->l3num = family;
	return family == NFPROTO_IPV4 ?
	       read_ipv4(skb, offset, quoted, key, reason) :
	       read_ipv6(skb, offset, quoted, key, reason);
}

static u8 key_code(const struct ctrack_key *key, const struct icmphdr *icmp)
{
	return key->protonum == IPPROTO_ICMP ?
	       icmp_key_code(icmp->type, icmp->code) :
	       icmpv6_key_code(icmp->type, icmp->code);
}

/* How much of a transport header has what a key needs. */
static inline unsigned int identifiers_length(u8 protonum)
{
	if (ctrack_protonum_has_ports(protonum))
		return 2 * sizeof(__be16);
	return ctrack_protonum_is_icmp(protonum) ? ICMP_HEADER : 0;
}

/* Fills in what a transport header, as long as that, adds to a key. */
static inline void read_identifiers(const void *header, u8 protonum,
				    struct ctrack_key *key)
{
	const struct icmphdr *icmp = header;
	const __be16 *port = header;

	if (ctrack_protonum_has_ports(protonum)) {
		key->source_id.port = port[0];
		key->destination_id.port = port[1];
	} else if (ctrack_protonum_is_icmp(protonum)) {
		key->source_id.icmp_id = icmp->un.echo.id;
		key->destination_id.icmp.type = icmp->type;
		key->destination_id.icmp.code = key_code(key, icmp);
	}
}

/* SCTP's header is followed by any number of chunks. */
static enum ctrack_reason read_chunks(struct ctrack_packet *packet)
{
	struct sctp_bundle *sctp = &packet->header.sctp;
	enum ctrack_reason reason = CTRACK_REASON_NONE;
	u8 buffer[SCTP_CHUNK_READ];
	unsigned int left;
	const void *chunk;

	while (!reason && sctp_has_chunk(sctp, packet->length)) {
		left = packet->length - sctp->at;
		chunk = skb_header_pointer(packet->skb,
					   packet->transport + sctp->at,
					   min_t(unsigned int, left,
						 sizeof(buffer)), buffer);
		if (!chunk)
			return CTRACK_REASON_transport_header;
		reason = sctp_parse_chunk(sctp, chunk, left);
	}
	return reason;
}

/* Compiled by itself for the protocols that most packets are of. */
static __always_inline enum ctrack_reason
read_transport(struct ctrack_packet *packet, u8 protonum)
{
	u8 buffer[HEADER_MAX] __uninitialized;
	enum ctrack_reason reason;
	unsigned int length;
	const void *header;

	length = min_t(unsigned int, packet->length,
		       ctrack_proto_header_max(protonum));
	header = skb_header_pointer(packet->skb, packet->transport, length, buffer);
	if (!header || length < identifiers_length(protonum))
		return CTRACK_REASON_transport_header;
	read_identifiers(header, protonum, &packet->key);
	reason = ctrack_proto_parse(protonum, header, length, packet->length,
				    &packet->header);
	if (!reason && protonum == IPPROTO_SCTP)
		reason = read_chunks(packet);
	return reason;
}

/**
 * ctrack_packet_parse - read a packet's headers
 * @packet: filled in
 * @skb: packet, at its network header, whole (not a fragment)
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @hook: NF_INET_* hook
 *
 * Return: %CTRACK_REASON_NONE, or why it can't be read.
 */
ctrack_probed enum ctrack_reason
ctrack_packet_parse(struct ctrack_packet *packet, struct sk_buff *skb,
		    u8 family, u8 hook)
{
	enum ctrack_reason reason = CTRACK_REASON_NONE;

	packet->skb = skb;
	packet->family = family;
	packet->hook = hook;
	packet->transport = read_ip(skb, skb_network_offset(skb), family, false,
				    &packet->key, &reason);
	if (reason)
		return reason;
	if (packet->transport > skb->len)
		return CTRACK_REASON_ip_header;
	packet->length = skb->len - packet->transport;
	switch (packet->key.protonum) {
	case IPPROTO_TCP:
		return read_transport(packet, IPPROTO_TCP);
	case IPPROTO_UDP:
		return read_transport(packet, IPPROTO_UDP);
	default:
		return read_transport(packet, packet->key.protonum);
	}
}

static bool is_redirect(const struct ctrack_packet *packet)
{
	return packet->family == NFPROTO_IPV6 &&
	       icmpv6_is_redirect(packet->key.destination_id.icmp.type);
}

/* RFC 4861 section 8.1: who else sends a redirect wants to be sent traffic. */
static bool from_router_on_link(const struct ctrack_packet *packet)
{
	return ipv6_hdr(packet->skb)->hop_limit == 255 &&
	       ipv6_addr_type(&packet->key.source.in6) & IPV6_ADDR_LINKLOCAL &&
	       !packet->key.destination_id.icmp.code;
}

/* Where a redirect has the IP header that it quotes; 0 when it has none. */
static unsigned int find_redirect_quote(const struct ctrack_packet *packet)
{
	unsigned int offset = packet->transport + sizeof(struct rd_msg);
	const struct nd_opt_hdr *option;
	struct nd_opt_hdr buffer;
	unsigned int i;

	for (i = 0; i < REDIRECT_OPTIONS_MAX; i++) {
		option = skb_header_pointer(packet->skb, offset, sizeof(buffer),
					    &buffer);
		if (!option || !option->nd_opt_len)
			return 0;
		/* RFC 4861 section 4.6.3: six reserved octets come first. */
		if (option->nd_opt_type == ND_OPT_REDIRECT_HDR)
			return offset + 8;
		offset += option->nd_opt_len * 8;
	}
	return 0;
}

/*
 * What has no ports is not read: to end behind its IP header suffices. Against
 * RFC 5508 REQ-3a that one's sum is not looked at: honest hosts quote it wrong.
 */
static bool read_quote(const struct sk_buff *skb, unsigned int transport,
		       struct ctrack_key *inner)
{
	unsigned int least = ctrack_key_has_ports(inner) ? QUOTE_MIN : 0;
	u8 buffer[ICMP_HEADER];
	const void *header;

	header = skb_header_pointer(skb, transport,
				    max(least, identifiers_length(inner->protonum)),
				    buffer);
	if (!header)
		return false;
	read_identifiers(header, inner->protonum, inner);
	return true;
}

/**
 * ctrack_packet_inner - the key of the packet that an error quotes
 * @packet: an ICMP or ICMPv6 error
 * @inner: filled in
 *
 * Return: %CTRACK_REASON_NONE; %CTRACK_REASON_icmp_inner when there is no quote
 * that can be read as far as its ports, as with a fragment that is not the
 * first; %CTRACK_REASON_icmp_redirect.
 */
enum ctrack_reason ctrack_packet_inner(const struct ctrack_packet *packet,
				       struct ctrack_key *inner)
{
	unsigned int quote = packet->transport + ICMP_HEADER;
	enum ctrack_reason reason = CTRACK_REASON_NONE;
	unsigned int transport;

	if (is_redirect(packet)) {
		if (!from_router_on_link(packet))
			return CTRACK_REASON_icmp_redirect;
		quote = find_redirect_quote(packet);
		if (!quote)
			return CTRACK_REASON_icmp_inner;
	}
	transport = read_ip(packet->skb, quote, packet->family, true, inner,
			    &reason);
	if (reason || !read_quote(packet->skb, transport, inner))
		return CTRACK_REASON_icmp_inner;
	return CTRACK_REASON_NONE;
}
