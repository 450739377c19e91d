// SPDX-License-Identifier: GPL-2.0
/* Verifying the checksums of packets that come in. */
#include <linux/netfilter.h>
#include <linux/sctp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/sctp/checksum.h>

#include "nf/packet.h"

/* SCTP's is a CRC, which the device may have verified or is yet to make. */
static bool sctp_wrong(const struct ctrack_packet *packet)
{
	struct sk_buff *skb = packet->skb;
	const struct sctphdr *sctp;

	/* It is taken without itself, and for that set to zero for a moment. */
	if (skb_ensure_writable(skb, packet->transport + sizeof(*sctp)))
		return true;
	sctp = (const void *)(skb->data + packet->transport);
	if (sctp->checksum != sctp_compute_cksum(skb, packet->transport))
		return true;
	if (skb->ip_summed == CHECKSUM_NONE)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	return false;
}

/* The Internet checksum, with the pseudo header of @protocol. */
static bool all_wrong(const struct ctrack_packet *packet, u8 protocol)
{
	return nf_checksum(packet->skb, packet->hook, packet->transport,
			   protocol, packet->family);
}

/* The same, over the first @coverage octets. */
static bool partly_wrong(const struct ctrack_packet *packet,
			 unsigned int coverage)
{
	return nf_checksum_partial(packet->skb, packet->hook, packet->transport,
				   coverage, packet->key.protonum,
				   packet->family);
}

/*
 * A datagram may end before its packet does: RFC 9868 has options there, and
 * neither they nor their length are in the checksum.
 */
static bool shorter_wrong(const struct ctrack_packet *packet,
			  unsigned int length)
{
	const struct ctrack_key *key = &packet->key;
	__wsum sum = skb_checksum(packet->skb, packet->transport, length, 0);

	return packet->family == NFPROTO_IPV4 ?
	       csum_tcpudp_magic(key->source.ip, key->destination.ip, length,
				 IPPROTO_UDP, sum) :
	       csum_ipv6_magic(&key->source.in6, &key->destination.in6, length,
			       IPPROTO_UDP, sum);
}

static bool udp_wrong(const struct ctrack_packet *packet)
{
	const struct udphdr *udp;
	struct udphdr buffer;
	unsigned int length;

	udp = skb_header_pointer(packet->skb, packet->transport, sizeof(buffer),
				 &buffer);
	if (!udp)
		return true;
	/* RFC 768: zero means none was made; RFC 6935 allows it for tunnels. */
	if (!udp->check)
		return false;
	/* It is zero where that can't be said, see udp_parse(). */
	length = ntohs(udp->len) ?: packet->length;
	return length < packet->length ?
	       shorter_wrong(packet, length) : all_wrong(packet, IPPROTO_UDP);
}

static bool udplite_wrong(const struct ctrack_packet *packet)
{
	const struct udphdr *udp;
	struct udphdr buffer;

	udp = skb_header_pointer(packet->skb, packet->transport, sizeof(buffer),
				 &buffer);
	/* RFC 3828 section 3.1: its coverage is where UDP has its length. */
	return !udp || partly_wrong(packet, ntohs(udp->len) ?: packet->length);
}

static bool dccp_wrong(const struct ctrack_packet *packet)
{
	u8 buffer[DCCP_HEADER_MIN];
	const void *dccp;

	dccp = skb_header_pointer(packet->skb, packet->transport,
				  sizeof(buffer), buffer);
	return !dccp || partly_wrong(packet, dccp_coverage(dccp, packet->length));
}

/*
 * RFC 8200 section 8.1: with a routing header that is not used up, the pseudo
 * header has the address that comes last in it, not the packet's. Where that
 * stands is the header's own affair; its receiver knows, and will look.
 */
static bool goes_on_from_there(const struct ctrack_packet *packet)
{
	int flags = IP6_FH_F_SKIP_RH;
	unsigned int offset = 0;

	return packet->family == NFPROTO_IPV6 &&
	       ipv6_find_hdr(packet->skb, &offset, NEXTHDR_ROUTING, NULL,
			     &flags) == NEXTHDR_ROUTING;
}

/**
 * ctrack_packet_sum - compute a packet's transport checksum
 * @packet: a packet that came in from outside
 *
 * Return: as ctrack_packet_checksum().
 */
enum ctrack_reason ctrack_packet_sum(const struct ctrack_packet *packet)
{
	u8 protocol = packet->key.protonum;
	bool wrong;

	switch (protocol) {
	case IPPROTO_SCTP:
		return sctp_wrong(packet) ? CTRACK_REASON_checksum :
					    CTRACK_REASON_NONE;
	case IPPROTO_UDPLITE:
		wrong = udplite_wrong(packet);
		break;
	case IPPROTO_DCCP:
		wrong = dccp_wrong(packet);
		break;
	case IPPROTO_UDP:
		wrong = udp_wrong(packet);
		break;
	case IPPROTO_TCP:
	case IPPROTO_ICMPV6:
		wrong = all_wrong(packet, protocol);
		break;
	case IPPROTO_ICMP:
		/* No pseudo header goes into it (RFC 792). */
		wrong = all_wrong(packet, 0);
		break;
	default:
		return CTRACK_REASON_NONE;
	}
	return wrong && !goes_on_from_there(packet) ? CTRACK_REASON_checksum :
						      CTRACK_REASON_NONE;
}
