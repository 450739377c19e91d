// SPDX-License-Identifier: GPL-2.0
/*
 * Rewriting headers.
 *
 * Sums over what changes are kept right by the difference (RFC 1624) and never
 * made anew: a packet that came in broken goes out broken, and whom it is for
 * sees that. Only SCTP's CRC can't be had that way: it is made anew, but for a
 * packet in which it was wrong.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/sctp/checksum.h>

#include "nat/nat.h"
#include "nf/probe_point.h"

/**
 * struct layout - where the headers of a packet lie
 * @network: its IP header, from skb->data
 * @transport: its transport header, from skb->data; 0 when it has none, as a
 *	fragment that isn't the first
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protonum: IPPROTO_* of the transport header
 * @quoted: an ICMP error quotes the packet, which may be cut short anywhere
 *	behind its IP header
 */
struct layout {
	unsigned int network;
	unsigned int transport;
	u8 family;
	u8 protonum;
	bool quoted;
};

/**
 * struct transport - what there is to rewrite in a transport header
 * @length: of its fixed part
 * @check: where its Internet checksum is; 0 when it has none
 * @pseudo: whether that covers the addresses
 */
struct transport {
	u8 length;
	u8 check;
	bool pseudo;
};

static __always_inline const struct transport *transport_of(u8 protonum)
{
	static const struct transport tcp = {
		.length = sizeof(struct tcphdr),
		.check = offsetof(struct tcphdr, check),
		.pseudo = true,
	};
	/* UDP-Lite has its coverage where UDP has its length. */
	static const struct transport udp = {
		.length = sizeof(struct udphdr),
		.check = offsetof(struct udphdr, check),
		.pseudo = true,
	};
	/* RFC 4340 section 5.1 */
	static const struct transport dccp = {
		.length = 12,
		.check = 6,
		.pseudo = true,
	};
	static const struct transport sctp = {
		.length = sizeof(struct sctphdr),
	};
	static const struct transport icmp = {
		.length = sizeof(struct icmphdr),
		.check = offsetof(struct icmphdr, checksum),
	};
	static const struct transport icmpv6 = {
		.length = sizeof(struct icmp6hdr),
		.check = offsetof(struct icmp6hdr, icmp6_cksum),
		.pseudo = true,
	};

	switch (protonum) {
	case IPPROTO_TCP:
		return &tcp;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return &udp;
	case IPPROTO_DCCP:
		return &dccp;
	case IPPROTO_SCTP:
		return &sctp;
	case IPPROTO_ICMP:
		return &icmp;
	case IPPROTO_ICMPV6:
		return &icmpv6;
	default:
		return NULL;
	}
}

static __always_inline bool ipv4_layout(const struct sk_buff *skb, struct layout *layout)
{
	const struct iphdr *ip;
	struct iphdr buffer;

	ip = skb_header_pointer(skb, layout->network, sizeof(buffer), &buffer);
	if (!ip || ip->version != 4 || ip->ihl < 5)
		return false;
	layout->protonum = ip->protocol;
	if (!(ip->frag_off & htons(IP_OFFSET)))
		layout->transport = layout->network + ip->ihl * 4;
	return true;
}

static bool ipv6_layout(const struct sk_buff *skb, struct layout *layout)
{
	const struct ipv6hdr *ip;
	struct ipv6hdr buffer;
	__be16 frag_off;
	int transport;

	ip = skb_header_pointer(skb, layout->network, sizeof(buffer), &buffer);
	if (!ip || ip->version != 6)
		return false;
	layout->protonum = ip->nexthdr;
	transport = ipv6_skip_exthdr(skb, layout->network + sizeof(*ip),
				     &layout->protonum, &frag_off);
	if (transport > 0 && !(frag_off & htons(IP6_OFFSET)))
		layout->transport = transport;
	return true;
}

/* Fills in what follows from @layout's family and network. */
static __always_inline bool find_layout(const struct sk_buff *skb,
					struct layout *layout)
{
	return layout->family == NFPROTO_IPV4 ? ipv4_layout(skb, layout) :
						ipv6_layout(skb, layout);
}

/* How the sum over a field changes from one value to another. */
static __wsum change16(__be16 from, __be16 to)
{
	return csum_sub((__force __wsum)to, (__force __wsum)from);
}

static __wsum write_ipv4(struct iphdr *ip, __be32 address,
			 enum nf_nat_manip_type manip)
{
	__be32 *field = manip == NF_NAT_MANIP_SRC ? &ip->saddr : &ip->daddr;
	__wsum change;

	change = csum_sub((__force __wsum)address, (__force __wsum)*field);
	csum_replace_by_diff(&ip->check, change);
	*field = address;
	return change;
}

static __wsum write_ipv6(struct ipv6hdr *ip, const struct in6_addr *address,
			 enum nf_nat_manip_type manip)
{
	struct in6_addr *field = manip == NF_NAT_MANIP_SRC ? &ip->saddr :
							     &ip->daddr;
	__wsum change;

	change = csum_sub(csum_partial(address, sizeof(*address), 0),
			  csum_partial(field, sizeof(*field), 0));
	*field = *address;
	return change;
}

/* Returns how the sum over the address changed. The header is writable. */
static __always_inline __wsum
write_address(struct sk_buff *skb, const struct layout *layout,
	      const union nf_inet_addr *address, enum nf_nat_manip_type manip)
{
	void *header = skb->data + layout->network;

	return layout->family == NFPROTO_IPV4 ?
	       write_ipv4(header, address->ip, manip) :
	       write_ipv6(header, &address->in6, manip);
}

/*
 * How the sum over the whole IP header changed with an address: the checksum of
 * IPv4's makes up for it.
 */
static __wsum header_change(const struct layout *layout, __wsum address)
{
	return layout->family == NFPROTO_IPV4 ? 0 : address;
}

/*
 * Does the checksum field hold the sum of the pseudo header, and something
 * further on adds the rest? Not every packet with CHECKSUM_PARTIAL is like
 * that: in a tunnel's packet it may mean the inner checksum, with the outer one
 * made already; but for segmentation the outer one is left open too.
 */
static bool sum_pending(const struct sk_buff *skb, const struct layout *layout)
{
	if (layout->quoted || skb->ip_summed != CHECKSUM_PARTIAL)
		return false;
	return skb_checksum_start_offset(skb) == layout->transport ||
	       skb_is_gso(skb);
}

/* Returns how the field changed. The header is writable as far as that. */
static __always_inline __wsum
update_check(struct sk_buff *skb, const struct layout *layout, u8 protonum,
	     __wsum address, __wsum payload)
{
	const struct transport *transport = transport_of(protonum);
	void *header = skb->data + layout->transport;
	__sum16 *check = header + transport->check;
	__sum16 old = *check;
	bool udp = protonum == IPPROTO_UDP;

	/* RFC 768: zero means that the sender made none. */
	if (udp && !old)
		return 0;
	if (!transport->pseudo)
		address = 0;
	if (sum_pending(skb, layout))
		*check = ~csum_fold(csum_add(csum_unfold(old), address));
	else
		csum_replace_by_diff(check, csum_add(address, payload));
	if ((udp || protonum == IPPROTO_UDPLITE) && !*check)
		*check = CSUM_MANGLED_0;
	return csum_sub(csum_unfold(*check), csum_unfold(old));
}

/* Of ICMP's messages only queries have an identifier to rewrite. */
static bool has_icmp_id(const struct icmphdr *icmp, const struct ctrack_key *key)
{
	return icmp->type == key->destination_id.icmp.type &&
	       ctrack_key_has_icmp_id(key);
}

/*
 * The identifier to write and, as an offset in the transport header, where;
 * negative when @length octets of the header don't reach that far.
 */
static __always_inline int find_id(const void *header, unsigned int length,
				   u8 protonum, const struct ctrack_key *target,
				   enum nf_nat_manip_type manip, __be16 *id)
{
	switch (protonum) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if (length < sizeof(struct icmphdr) ||
		    !has_icmp_id(header, target))
			return -1;
		/* The same in both directions. */
		*id = target->source_id.icmp_id;
		return offsetof(struct icmphdr, un.echo.id);
	default:
		if (length < 2 * sizeof(__be16))
			return -1;
		*id = manip == NF_NAT_MANIP_SRC ? target->source_id.port :
						  target->destination_id.port;
		return manip == NF_NAT_MANIP_SRC ? 0 : sizeof(__be16);
	}
}

/* A CRC that a device is to make is not there yet. The header is writable. */
static bool sctp_is_right(struct sk_buff *skb, const struct layout *layout)
{
	const struct sctphdr *sctp = (void *)(skb->data + layout->transport);

	return skb->ip_summed == CHECKSUM_UNNECESSARY ||
	       (skb->ip_summed != CHECKSUM_PARTIAL &&
		sctp->checksum == sctp_compute_cksum(skb, layout->transport));
}

/* A CRC has no pseudo header, so that addresses alone leave it as it is. */
static void write_sctp_port(struct sk_buff *skb, const struct layout *layout,
			    __be16 *field, __be16 port)
{
	struct sctphdr *sctp = (void *)(skb->data + layout->transport);
	bool right = sctp_is_right(skb, layout);

	*field = port;
	if (!right)
		return;
	sctp->checksum = sctp_compute_cksum(skb, layout->transport);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
}

/*
 * Rewrites the first @length octets of a transport header, or what of it lies
 * within them; returns how the sum over the header changed.
 */
static __always_inline __wsum
rewrite_transport(struct sk_buff *skb, const struct layout *layout, u8 protonum,
		  unsigned int length, const struct ctrack_key *target,
		  enum nf_nat_manip_type manip, __wsum address)
{
	const struct transport *transport = transport_of(protonum);
	void *header = skb->data + layout->transport;
	__wsum change = 0;
	__be16 *field;
	__be16 id, old;
	int offset;

	offset = find_id(header, length, protonum, target, manip, &id);
	if (offset >= 0) {
		field = header + offset;
		old = *field;
		change = change16(old, id);
		if (protonum == IPPROTO_SCTP && !layout->quoted &&
		    id != old)
			write_sctp_port(skb, layout, field, id);
		else
			*field = id;
	}
	if (transport->check && length >= transport->check + sizeof(__sum16))
		change = csum_add(change, update_check(skb, layout, protonum,
						       address, change));
	return change;
}

/*
 * Rewrites the part of a packet that @manip names; fills in how the sum over
 * all of it changed. A quoted packet is rewritten as far as it is there.
 * @protonum is that of @layout.
 */
static __always_inline bool rewrite(struct sk_buff *skb, const struct layout *layout,
				    u8 protonum, const struct ctrack_key *target,
				    enum nf_nat_manip_type manip, __wsum *change)
{
	const struct transport *transport = NULL;
	unsigned int end;
	__wsum address;

	end = layout->network + (layout->family == NFPROTO_IPV4 ?
				 sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	if (layout->transport && protonum == target->protonum)
		transport = transport_of(protonum);
	if (transport)
		end = layout->transport + transport->length;
	if (layout->quoted)
		end = min(end, skb->len);
	if (skb_ensure_writable(skb, end))
		return false;

	address = write_address(skb, layout, manip == NF_NAT_MANIP_SRC ?
				&target->source : &target->destination, manip);
	*change = header_change(layout, address);
	if (transport && end > layout->transport)
		*change = csum_add(*change,
				   rewrite_transport(skb, layout, protonum,
						     end - layout->transport,
						     target, manip, address));
	return true;
}

/* Compiled by itself for the protocols that most packets are of. */
static __always_inline bool rewrite_packet(struct sk_buff *skb,
					   const struct layout *layout,
					   const struct ctrack_key *target,
					   enum nf_nat_manip_type manip,
					   __wsum *change)
{
	switch (layout->protonum) {
	case IPPROTO_TCP:
		return rewrite(skb, layout, IPPROTO_TCP, target, manip, change);
	case IPPROTO_UDP:
		return rewrite(skb, layout, IPPROTO_UDP, target, manip, change);
	default:
		return rewrite(skb, layout, layout->protonum, target, manip, change);
	}
}

/* The sum that the device took over the packet changes with the packet. */
static void update_received(struct sk_buff *skb, __wsum change)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_add(skb->csum, change);
}

/**
 * ctrack_rewrite - give a packet the key that it shall have from here on
 * @skb: packet, at its network header
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @target: the key
 * @manip: which half of it to write. An ICMP query's identifier is written
 *	with either: it belongs to both.
 *
 * Pointers into the packet's headers are stale afterwards.
 *
 * Return: %CTRACK_REASON_NONE or %CTRACK_REASON_nat_rewrite.
 */
ctrack_probed enum ctrack_reason
ctrack_rewrite(struct sk_buff *skb, u8 family, const struct ctrack_key *target,
	       enum nf_nat_manip_type manip)
{
	struct layout layout = {
		.network = skb_network_offset(skb),
		.family = family,
	};
	__wsum change;

	if (!find_layout(skb, &layout) ||
	    !rewrite_packet(skb, &layout, target, manip, &change))
		return CTRACK_REASON_nat_rewrite;
	update_received(skb, change);
	return CTRACK_REASON_NONE;
}

/* nf/trace_point.c reads these arguments, but can't see the function. */
static_assert(__same_type(ctrack_rewrite,
			  enum ctrack_reason (struct sk_buff *skb, u8 family,
					      const struct ctrack_key *target,
					      enum nf_nat_manip_type manip)));

/* The message that @layout has, 8 octets, if it is an error of its family's. */
static const struct icmphdr *find_error(const struct sk_buff *skb,
					const struct layout *layout,
					struct icmphdr *buffer)
{
	u8 icmp = layout->family == NFPROTO_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	if (!layout->transport || layout->protonum != icmp)
		return NULL;
	return skb_header_pointer(skb, layout->transport, sizeof(*buffer),
				  buffer);
}

static bool is_redirect(const struct icmphdr *icmp, u8 family)
{
	return family == NFPROTO_IPV4 ? icmp->type == ICMP_REDIRECT :
					icmp->type == NDISC_REDIRECT;
}

/* The other end is not what the quoted packet says it is, or may become so. */
static bool perhaps_translated(const struct ctrack_conn *conn)
{
	return READ_ONCE(conn->status) & IPS_NAT_MASK ||
	       !ctrack_conn_committed(conn);
}

/* Translates the quote, which mirrors the packet, then the packet. */
static bool rewrite_error(struct sk_buff *skb, const struct layout *outer,
			  const struct ctrack_key *inner,
			  enum nf_nat_manip_type manip)
{
	bool source = manip == NF_NAT_MANIP_SRC;
	struct layout quoted = {
		.network = outer->transport + sizeof(struct icmphdr),
		.family = outer->family,
		.quoted = true,
	};
	__wsum quote, address;

	if (!find_layout(skb, &quoted) ||
	    !rewrite(skb, &quoted, quoted.protonum, inner,
		     source ? NF_NAT_MANIP_DST : NF_NAT_MANIP_SRC, &quote))
		return false;

	/* The outer headers lie before the quote, and so are writable too. */
	address = write_address(skb, outer,
				source ? &inner->destination : &inner->source,
				manip);
	update_received(skb, header_change(outer, address));
	update_received(skb, quote);
	update_received(skb, update_check(skb, outer, outer->protonum, address,
					  quote));
	return true;
}

/**
 * ctrack_rewrite_error - translate an ICMP error and the packet it quotes
 * @skb: an ICMP or ICMPv6 error, at its network header
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @conn: the connection it is about
 * @direction: which way the error goes, against that of the quoted packet
 * @manip: which end of the error to write. The quote is the mirror image: with
 *	the destination of the one goes the source of the other
 *
 * Does nothing where that end is not translated. As RFC 5508 section 4 has it:
 * the quoted addresses, ports or identifier, and what checksums lie within the
 * quote; then the outer address. A redirect about a translated connection is
 * refused at any hook: the router that it names is one of the other side's, and
 * means nothing on this. So is one about a connection whose first packet is
 * still under way: whoever followed it would get past the translation.
 *
 * Pointers into the packet's headers are stale afterwards.
 *
 * Return: %CTRACK_REASON_NONE; %CTRACK_REASON_nat_rewrite when the error can't
 * be read; %CTRACK_REASON_nat_redirect.
 */
enum ctrack_reason ctrack_rewrite_error(struct sk_buff *skb, u8 family,
					const struct ctrack_conn *conn,
					enum ctrack_direction direction,
					enum nf_nat_manip_type manip)
{
	struct layout layout = {
		.network = skb_network_offset(skb),
		.family = family,
	};
	const struct icmphdr *icmp;
	struct icmphdr buffer;

	if (!find_layout(skb, &layout))
		return CTRACK_REASON_nat_rewrite;
	icmp = find_error(skb, &layout, &buffer);
	if (!icmp)
		return CTRACK_REASON_nat_rewrite;
	if (is_redirect(icmp, family) && perhaps_translated(conn))
		return CTRACK_REASON_nat_redirect;
	if (!ctrack_nat_translated(conn, direction, manip))
		return CTRACK_REASON_NONE;
	return rewrite_error(skb, &layout, ctrack_conn_key(conn, !direction),
			     manip) ?
	       CTRACK_REASON_NONE : CTRACK_REASON_nat_rewrite;
}
