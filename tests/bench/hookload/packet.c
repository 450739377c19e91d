// SPDX-License-Identifier: GPL-2.0
/* Which packets a flow has, and the one skb that they all are written into. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/tcp.h>

#include "load.h"

#define CLIENTS		0x0a000001	/* 10.0.0.1 and up */
#define SERVERS		0xc6120001	/* 198.18.0.1 and up (RFC 2544) */
/* Not 53: what asks a name server may be forgotten sooner. */
#define PORT		443
#define FIRST_PORT	1024
#define PORTS		(65536 - FIRST_PORT)
#define PAYLOAD		20
#define TCP_HEADER	(sizeof(struct tcphdr) + TCPOLEN_TSTAMP_ALIGNED)

static void write_address(const struct load *load, union nf_inet_addr *address,
			  bool server, u32 number)
{
	if (!load->ipv6) {
		address->ip = htonl((server ? SERVERS : CLIENTS) + number);
		return;
	}
	address->in6 = (struct in6_addr){ .s6_addr32 = {
		htonl(0x20010db8), htonl(server), 0, htonl(number + 1),
	} };
}

static void client_end(const struct load *load, u32 flow, struct load_end *end)
{
	u32 client = load->base + flow / load->per_client;
	u32 port = (client * 977 + flow % load->per_client) % PORTS;

	write_address(load, &end->address, false, client);
	end->port = htons(FIRST_PORT + port);
}

static void server_end(const struct load *load, u32 flow, struct load_end *end)
{
	write_address(load, &end->address, true,
		      (u16)(flow * 40503U) % load->servers);
	end->port = htons(PORT);
}

static void write_ip(struct load *load, const struct load_end *from,
		     const struct load_end *to)
{
	struct sk_buff *skb = load->skb;

	if (load->ipv6) {
		struct ipv6hdr *ip = ipv6_hdr(skb);

		ip->saddr = from->address.in6;
		ip->daddr = to->address.in6;
	} else {
		struct iphdr *ip = ip_hdr(skb);

		ip->saddr = from->address.ip;
		ip->daddr = to->address.ip;
	}
}

/*
 * Either side sends the same number of octets in turn, the client first. Each
 * acknowledges what the other has sent so far.
 */
static void write_tcp(struct load *load, const struct load_packet *packet,
		      __be16 from, __be16 to)
{
	struct tcphdr *tcp = tcp_hdr(load->skb);
	u32 mine = packet->flow * 7919, other = ~mine;
	u32 heard = packet->turn + packet->reply;

	if (packet->reply)
		swap(mine, other);
	tcp->source = from;
	tcp->dest = to;
	tcp->syn = packet->step == LOAD_OPEN || packet->step == LOAD_ANSWER;
	tcp->ack = packet->step != LOAD_OPEN;
	tcp->psh = packet->step == LOAD_DATA;
	switch (packet->step) {
	case LOAD_OPEN:
		tcp->seq = htonl(mine);
		tcp->ack_seq = 0;
		break;
	case LOAD_ANSWER:
		tcp->seq = htonl(mine);
		tcp->ack_seq = htonl(other + 1);
		break;
	case LOAD_ACKNOWLEDGE:
		tcp->seq = htonl(mine + 1);
		tcp->ack_seq = htonl(other + 1);
		break;
	case LOAD_DATA:
		tcp->seq = htonl(mine + 1 + packet->turn * PAYLOAD);
		tcp->ack_seq = htonl(other + 1 + heard * PAYLOAD);
		break;
	}
}

static void write_udp(struct load *load, __be16 from, __be16 to)
{
	struct udphdr *udp = udp_hdr(load->skb);

	udp->source = from;
	udp->dest = to;
}

/* A handshake has no payload; its header has the same options as any other. */
static void write_length(struct load *load, const struct load_packet *packet)
{
	unsigned int payload = load->tcp && packet->step != LOAD_DATA ? 0 : PAYLOAD;
	struct sk_buff *skb = load->skb;
	unsigned int length;

	length = skb_transport_offset(skb) + payload +
		 (load->tcp ? TCP_HEADER : sizeof(struct udphdr));
	skb->len = length;
	skb_set_tail_pointer(skb, length);
	if (load->ipv6)
		ipv6_hdr(skb)->payload_len = htons(length - sizeof(struct ipv6hdr));
	else
		ip_hdr(skb)->tot_len = htons(length);
}

/**
 * load_packet_write - make the skb the packet that comes next
 * @load: of which flow
 * @packet: which
 *
 * Context: RCU held until the skb has no dst any more.
 */
void load_packet_write(struct load *load, const struct load_packet *packet)
{
	struct sk_buff *skb = load->skb;
	struct load_end client, server;

	server_end(load, packet->flow, &server);
	if (packet->reply && load->source)
		client = load->source[packet->flow];
	else
		client_end(load, packet->flow, &client);
	if (packet->reply)
		swap(client, server);

	write_length(load, packet);
	write_ip(load, &client, &server);
	if (load->tcp)
		write_tcp(load, packet, client.port, server.port);
	else
		write_udp(load, client.port, server.port);
	memset(skb->cb, 0, sizeof(skb->cb));
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->dev = load->device[packet->reply];
}

/**
 * load_packet_left - a packet has left: remember as whose
 * @load: its load
 * @packet: the packet
 */
void load_packet_left(struct load *load, const struct load_packet *packet)
{
	struct load_end *end;

	if (!load->source || packet->step != LOAD_OPEN)
		return;
	end = &load->source[packet->flow];
	if (load->ipv6)
		end->address.in6 = ipv6_hdr(load->skb)->saddr;
	else
		end->address.ip = ip_hdr(load->skb)->saddr;
	end->port = load->tcp ? tcp_hdr(load->skb)->source :
				udp_hdr(load->skb)->source;
}

static struct dst_entry *route(struct load *load, bool server)
{
	int oif = load->device[!server ? 0 : 1]->ifindex;
	union nf_inet_addr address;
	struct flowi6 flow6 = {};
	struct flowi4 flow4 = {};
	struct dst_entry *dst;
	struct rtable *rt;

	write_address(load, &address, server, 0);
	if (load->ipv6) {
		flow6.daddr = address.in6;
		flow6.flowi6_oif = oif;
		dst = ip6_route_output(load->net, NULL, &flow6);
		if (!dst->error)
			return dst;
		dst_release(dst);
		return ERR_PTR(-ENETUNREACH);
	}
	flow4.daddr = address.ip;
	flow4.flowi4_oif = oif;
	rt = ip_route_output_key(load->net, &flow4);
	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

/* Whatever is the same in all packets; a checksum that is not looked at. */
static void write_headers(struct load *load)
{
	struct sk_buff *skb = load->skb;
	u8 protocol = load->tcp ? IPPROTO_TCP : IPPROTO_UDP;

	skb_reset_network_header(skb);
	if (load->ipv6) {
		struct ipv6hdr *ip = skb_put_zero(skb, sizeof(*ip));

		ip->version = 6;
		ip->nexthdr = protocol;
		ip->hop_limit = 63;
		skb->protocol = htons(ETH_P_IPV6);
	} else {
		struct iphdr *ip = skb_put_zero(skb, sizeof(*ip));

		ip->version = 4;
		ip->ihl = sizeof(*ip) / 4;
		ip->ttl = 63;
		ip->protocol = protocol;
		skb->protocol = htons(ETH_P_IP);
	}
	skb_set_transport_header(skb, skb->len);
	if (load->tcp) {
		struct tcphdr *tcp = skb_put_zero(skb, TCP_HEADER);
		__be32 *option = (__be32 *)(tcp + 1);

		tcp->doff = TCP_HEADER / 4;
		tcp->window = htons(65535);
		*option = htonl(TCPOPT_NOP << 24 | TCPOPT_NOP << 16 |
				TCPOPT_TIMESTAMP << 8 | TCPOLEN_TIMESTAMP);
		tcp->check = (__force __sum16)htons(0x1234);
	} else {
		struct udphdr *udp = skb_put_zero(skb, sizeof(*udp));

		udp->len = htons(sizeof(*udp) + PAYLOAD);
		udp->check = (__force __sum16)htons(0x1234);
	}
	skb_put_zero(skb, PAYLOAD);
}

/**
 * load_packet_init - routes and the skb
 * @load: namespace, devices and what its flows are like
 *
 * Return: 0 or -errno; then what is there is left to load_packet_exit().
 */
int load_packet_init(struct load *load)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct dst_entry *dst = route(load, !i);

		if (IS_ERR(dst))
			return PTR_ERR(dst);
		load->dst[i] = dst;
	}
	load->skb = alloc_skb(256, GFP_KERNEL);
	if (!load->skb)
		return -ENOMEM;
	skb_reserve(load->skb, 64);
	write_headers(load);
	return 0;
}

/**
 * load_packet_exit - give back what load_packet_init() took
 * @load: the load
 */
void load_packet_exit(struct load *load)
{
	int i;

	kfree_skb(load->skb);
	for (i = 0; i < 2; i++)
		dst_release(load->dst[i]);
}
