// SPDX-License-Identifier: GPL-2.0
/* Sending packets through the hooks, and measuring how long that takes. */
#include <linux/gcd.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/sort.h>
#include <linux/timex.h>
#include <linux/vmalloc.h>
#include <net/dst.h>

#include "load.h"

/* Which packet comes next. */
struct sequence {
	const struct load_order *order;
	struct load_packet packet;
	u32 flows;
	u32 stride;
};

/* About the golden section: all flows come before one comes again. */
static u32 stride_of(u32 flows)
{
	u32 stride = max_t(u32, (u64)flows * 618 / 1000, 1);

	while (gcd(stride, flows) != 1)
		stride++;
	return stride;
}

static void set_round(struct sequence *sequence, u64 round)
{
	sequence->packet.reply = round & 1;
	sequence->packet.turn = round >> 1;
}

static void sequence_start(struct sequence *sequence, const struct load *load,
			   const struct load_order *order)
{
	u32 place;
	u64 round;

	*sequence = (struct sequence){
		.order = order,
		.packet.flow = order->first,
		.packet.step = order->data ? LOAD_DATA : LOAD_OPEN,
		.flows = load->flows,
		.stride = stride_of(load->flows),
	};
	if (!order->data)
		return;
	round = div_u64_rem(order->first, load->flows, &place);
	div_u64_rem((u64)place * sequence->stride, load->flows,
		    &sequence->packet.flow);
	set_round(sequence, round);
}

/* The next flow by a stride; a round is over when the first flow comes again. */
static void next_data(struct sequence *sequence)
{
	struct load_packet *packet = &sequence->packet;

	packet->flow += sequence->stride;
	if (packet->flow >= sequence->flows)
		packet->flow -= sequence->flows;
	if (!packet->flow)
		set_round(sequence, packet->turn * 2ULL + packet->reply + 1);
}

static void next_opening(struct sequence *sequence)
{
	struct load_packet *packet = &sequence->packet;

	if (++packet->step == sequence->order->steps) {
		packet->step = LOAD_OPEN;
		packet->flow++;
	}
	packet->reply = packet->step == LOAD_ANSWER;
}

static int behind(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	return 0;
}

static bool pass(struct load *load, unsigned int hook, bool reply)
{
	return nf_hook(load->ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4, hook, load->net,
		       NULL, load->skb,
		       load->device[reply],
		       hook == NF_INET_PRE_ROUTING ? NULL : load->device[!reply],
		       behind) == 1;
}

/* A packet that is forwarded. Whoever drops it gives back a reference to it. */
static void send(struct load *load, const struct load_packet *packet,
		 struct load_result *result)
{
	struct sk_buff *skb = load->skb;
	struct load_kept *kept = NULL;
	bool passed = true;

	load_packet_write(load, packet);
	refcount_set(&skb->users, 2);
	if (load->hooks) {
		if (load->touches)
			kept = load_touch(packet->flow);
		passed = pass(load, NF_INET_PRE_ROUTING, packet->reply);
		if (passed) {
			/* NAT may have dropped what it had. */
			skb_dst_drop(skb);
			skb_dst_set_noref(skb, load->dst[packet->reply]);
			passed = pass(load, NF_INET_FORWARD, packet->reply);
		}
		if (passed) {
			skb->dev = load->device[!packet->reply];
			passed = pass(load, NF_INET_POST_ROUTING, packet->reply);
		}
	}
	refcount_set(&skb->users, 1);
	load->kept = skb_nfct(skb);
	if (passed)
		load_packet_left(load, packet);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	load_touch_end(kept);
	result->passed += passed;
	result->touched += !!kept;
}

/*
 * Whoever tracks, what he keeps of a flow begins where its packets point. It is
 * still there, as long as the flow lives: nothing but a cache loses it.
 */
static void evict(const struct load *load)
{
#ifdef __x86_64__
	const char *line = load->kept;

	if (load->evict && line)
		asm volatile("clflush %0; mfence"
			     : : "m" (line[(load->evict - 1) * 64]) : "memory");
#endif
}

static u32 send_chunk(struct load *load, struct sequence *sequence, u32 count,
		      struct load_result *result)
{
	const struct load_order *order = sequence->order;
	cycles_t cycles;
	ktime_t begin;
	u32 taken, i;

	local_bh_disable();
	rcu_read_lock();
	evict(load);
	begin = ktime_get();
	cycles = get_cycles();
	for (i = 0; i < count; i++) {
		send(load, &sequence->packet, result);
		if (order->data)
			next_data(sequence);
		else
			next_opening(sequence);
	}
	result->cycles += get_cycles() - cycles;
	taken = ktime_to_ns(ktime_sub(ktime_get(), begin));
	rcu_read_unlock();
	local_bh_enable();
	result->packets += count;
	result->ns += taken;
	return taken;
}

static int compare(const void *a, const void *b)
{
	u32 left = *(const u32 *)a, right = *(const u32 *)b;

	return left < right ? -1 : left > right;
}

static void percentiles(u32 *taken, u32 count, struct load_result *result)
{
	static const u32 percent[] = { 1, 25, 50, 75, 99, 100 };
	size_t i;

	result->chunks = count;
	if (!count)
		return;
	sort(taken, count, sizeof(*taken), compare, NULL);
	for (i = 0; i < ARRAY_SIZE(percent); i++)
		result->percentile[i] = taken[div_u64((u64)(count - 1) * percent[i], 100)];
}

/**
 * load_run - send packets
 * @load: flows
 * @order: which packets
 * @result: what it took
 *
 * Return: 0, -ENOMEM, or -EINTR.
 * Context: process; sends with softirqs disabled, a chunk at a time.
 */
int load_run(struct load *load, const struct load_order *order,
	     struct load_result *result)
{
	u64 left = (u64)order->count * (order->data ? 1 : order->steps);
	u32 chunks = 0, size, *taken, duration;
	struct sequence sequence;
	ktime_t begin;
	int ret = 0;

	*result = (struct load_result){};
	taken = vmalloc(array_size(sizeof(*taken), left / order->chunk + 1));
	if (!taken)
		return -ENOMEM;
	sequence_start(&sequence, load, order);
	begin = ktime_get();
	while (left) {
		size = min_t(u64, left, order->chunk);
		duration = send_chunk(load, &sequence, size, result);
		if (size == order->chunk)
			taken[chunks++] = duration;
		left -= size;
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		cond_resched();
	}
	result->elapsed = ktime_to_ns(ktime_sub(ktime_get(), begin));
	percentiles(taken, chunks, result);
	vfree(taken);
	return ret;
}
