/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hookload: packets that go through the netfilter hooks of a namespace, one
 * after another, as fast as they can. It knows nothing of who tracks them.
 */
#ifndef HOOKLOAD_H
#define HOOKLOAD_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>

struct load_kept;

/* More than any tracker has for a flow in one piece. */
#define LOAD_LINES	8

/* packet.c */

enum load_step {
	LOAD_OPEN,		/* the first packet: a datagram, a SYN */
	LOAD_ANSWER,		/* to the first: a datagram, a SYN/ACK */
	LOAD_ACKNOWLEDGE,	/* TCP: of the answer */
	LOAD_DATA,
};

/**
 * struct load_packet - one packet of a flow
 * @flow: which
 * @step: what it is for
 * @reply: from the server
 * @turn: of data, how many packets went that way before
 */
struct load_packet {
	u32 flow;
	enum load_step step;
	bool reply;
	u32 turn;
};

/* Where a flow comes from, as the server sees it. */
struct load_end {
	union nf_inet_addr address;
	__be16 port;
};

/**
 * struct load - one open file: flows, and what their packets are made in
 * @net: the namespace, a reference is held
 * @device: client's and server's side
 * @dst: of packets to the server and to the client
 * @skb: the one packet
 * @source: of each flow, what was seen to leave; NULL where nothing translates
 * @flows: how many there can be
 * @base: number of the first source address
 * @per_client: flows with the same source address
 * @servers: destination addresses
 * @ipv6: family
 * @tcp: or UDP
 * @hooks: false to do everything but call them
 * @touches: whether each packet touches what it would have to, see touch.c
 * @evict: before each chunk, this cache line, from 1 on, of what is kept of the
 *	flow of the last packet leaves the caches; 0 for none
 * @kept: where that is; nothing is read there
 */
struct load {
	struct net *net;
	struct net_device *device[2];
	struct dst_entry *dst[2];
	struct sk_buff *skb;
	struct load_end *source;
	u32 flows;
	u32 base;
	u32 per_client;
	u32 servers;
	bool ipv6;
	bool tcp;
	bool hooks;
	bool touches;
	u32 evict;
	const void *kept;
};

int load_packet_init(struct load *load);
void load_packet_exit(struct load *load);
void load_packet_write(struct load *load, const struct load_packet *packet);
void load_packet_left(struct load *load, const struct load_packet *packet);

/* touch.c */

int load_touch_init(struct load *load);
void load_touch_exit(struct load *load);
struct load_kept *load_touch(u32 flow);
void load_touch_end(struct load_kept *kept);

/* run.c */

/**
 * struct load_order - what a run sends
 * @data: data packets over all flows, in a scattered order; else the packets
 *	that open flows, in their order
 * @steps: of the packets that open a flow, how many: 1 leaves it new
 * @first: first flow, or of data the number of the first packet, which goes on
 *	where an earlier run ended
 * @count: flows, or packets
 * @chunk: packets between two looks at the clock
 */
struct load_order {
	bool data;
	u32 steps;
	u64 first;
	u32 count;
	u32 chunk;
};

/**
 * struct load_result - what it took
 * @packets: sent
 * @passed: of these, came out behind the last hook
 * @touched: of these, found what they had to touch
 * @ns: in the loop, without what came between two chunks
 * @cycles: the same by the processor's counter, 0 where there is none
 * @elapsed: ns from the first packet to the last, with all that came between
 * @chunks: how many whole ones
 * @percentile: of their times in ns: 1, 25, 50, 75, 99, and the longest
 */
struct load_result {
	u64 packets;
	u64 passed;
	u64 touched;
	u64 ns;
	u64 cycles;
	u64 elapsed;
	u32 chunks;
	u32 percentile[6];
};

int load_run(struct load *load, const struct load_order *order,
	     struct load_result *result);

#endif
