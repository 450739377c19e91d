// SPDX-License-Identifier: GPL-2.0
/*
 * TCP: two ends that do nothing wrong, and a network between them that loses,
 * repeats and reorders, before us and behind us. Nothing of what they send may
 * be refused, each connection has to end as it did for them, and a segment that
 * is predicted has to do what it would do otherwise.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proto/tcp.c"
#include "proto/tcp_opening.c"
#include "proto/tcp_prediction.c"
#include "proto/tcp_reset.c"
#include "proto/tcp_segment.c"
#include "proto/tcp_window.c"

#define CONNECTIONS 4000
#define SEGMENT_MAX 1000
#define QUEUE 64
#define STEPS_MAX 20000

static uint32_t seed;

static uint32_t random_below(uint32_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % limit;
}

static bool one_in(uint32_t n)
{
	return !random_below(n);
}

/* Where segments wait; taken out near the front, so that they overtake. */
struct queue {
	struct tcp_segment segment[QUEUE];
	unsigned int count;
};

struct end {
	bool syn_sent, syn_acknowledged, synchronized;
	bool fin_sent, fin_received, scaling, sack;
	__u8 scale;
	__u32 iss, sent, acknowledged, highest, limit, stop;
	__u32 expected, edge, buffered, room;
	__u32 early_start, early_end;
};

struct connection {
	struct end end[CTRACK_DIRECTIONS];
	struct queue before[CTRACK_DIRECTIONS], behind[CTRACK_DIRECTIONS];
	struct tcp_state tcp;
	unsigned int loss;
	bool liberal;
};

static const struct ctrack_options options = { .tcp_max_retrans = 3 };
static unsigned int tracked, predicted;

static struct ctrack_step track_segment(struct tcp_state *state,
					const struct tcp_segment *segment,
					unsigned int direction)
{
	struct tcp_state other = *state;
	struct ctrack_step step, wanted;

	tracked++;
	predicted += is_predicted(state, segment, direction);
	wanted = tcp_step_unpredicted(&other, segment, direction, &options);
	step = tcp_step(state, segment, direction, &options);
	assert_memory_equal(state, &other, sizeof(other));
	assert_memory_equal(&step, &wanted, sizeof(wanted));
	return step;
}

static bool put(struct queue *queue, const struct tcp_segment *segment)
{
	if (queue->count == QUEUE)
		return false;
	queue->segment[queue->count++] = *segment;
	return true;
}

static struct tcp_segment take(struct queue *queue)
{
	unsigned int i = one_in(4) ? random_below(queue->count) : 0;
	struct tcp_segment segment = queue->segment[i];

	queue->count--;
	memmove(&queue->segment[i], &queue->segment[i + 1],
		(queue->count - i) * sizeof(segment));
	return segment;
}

/* What we offer: never less than we offered before, RFC 9293 section 3.8.6. */
static __u16 offer(struct end *end, bool syn)
{
	__u32 window = end->room - end->buffered;
	__u8 scale = syn || !end->scaling ? 0 : end->scale;

	if (window > 65535U << scale)
		window = 65535U << scale;
	window = window >> scale << scale;
	if (tcp_after(end->edge, end->expected + window))
		window = end->edge - end->expected;
	window >>= scale;
	if (window > 65535)
		window = 65535;
	if (end->synchronized &&
	    tcp_after(end->expected + (window << scale), end->edge))
		end->edge = end->expected + (window << scale);
	return window;
}

static void send(struct connection *c, unsigned int who, __u8 flags, __u32 seq,
		 __u32 payload)
{
	struct end *end = &c->end[who];
	struct tcp_segment segment = {
		.flags = flags, .seq = seq, .payload = payload,
		.window = offer(end, flags & TCP_SEGMENT_SYN),
	};

	if (flags & TCP_SEGMENT_SYN) {
		segment.scale_present = end->scaling;
		segment.scale = end->scaling ? end->scale : 0;
		segment.sack_permitted = end->sack;
	}
	if (end->synchronized) {
		segment.flags |= TCP_SEGMENT_ACK;
		segment.ack = end->expected;
		segment.sack = end->expected;
		if (end->sack && tcp_after(end->early_end, end->expected))
			segment.sack = end->early_end;
	}
	if (!one_in(c->loss))
		put(&c->before[who], &segment);
}

/* The next octets; @again: the first that were not acknowledged. */
static void send_data(struct connection *c, unsigned int who, bool again)
{
	struct end *end = &c->end[who];
	__u32 from = again ? end->acknowledged : end->sent;
	__u32 allowed = end->limit - from;
	__u32 payload = end->stop - from;
	__u8 flags = 0;

	if (from == end->stop + 1)
		return;
	if ((__s32)allowed < 0)
		return;
	/* A window probe: RFC 9293 section 3.8.6.1. */
	if (end->limit == end->acknowledged)
		allowed = 1;
	if (payload > allowed)
		payload = allowed;
	if (payload > SEGMENT_MAX)
		payload = 1 + random_below(SEGMENT_MAX);
	if (from + payload == end->stop && allowed > payload) {
		flags |= TCP_SEGMENT_FIN;
		end->fin_sent = true;
	}
	if (!payload && !flags)
		return;
	send(c, who, flags, from, payload);
	from += payload + !!flags;
	if (tcp_after(from, end->sent))
		end->sent = from;
}

static void act(struct connection *c, unsigned int who)
{
	struct end *end = &c->end[who];

	if (end->buffered && one_in(2))
		end->buffered -= random_below(end->buffered + 1);
	if (!end->syn_acknowledged) {
		if (who == CTRACK_ORIGINAL || end->synchronized) {
			send(c, who, TCP_SEGMENT_SYN, end->iss, 0);
			end->syn_sent = true;
		}
		return;
	}
	if (!end->synchronized)
		return;
	if (one_in(20))
		send(c, who, 0, end->sent - 1, 0); /* a keepalive */
	else if (one_in(6))
		send(c, who, 0, end->sent, 0);
	else
		send_data(c, who, end->acknowledged != end->sent && one_in(4));
}

static void receive_ack(struct end *end, const struct tcp_segment *segment)
{
	__u32 limit = segment->ack + ((__u32)segment->window <<
		      (segment->flags & TCP_SEGMENT_SYN || !end->scaling ? 0 :
		       end->highest));

	if (tcp_after(segment->ack, end->sent))
		fail_msg("acknowledges what was not sent");
	if (tcp_after(segment->ack, end->acknowledged))
		end->acknowledged = segment->ack;
	if (tcp_after(segment->ack, end->iss))
		end->syn_acknowledged = true;
	if (tcp_after(limit, end->limit))
		end->limit = limit;
}

static void receive_data(struct end *end, const struct tcp_segment *segment)
{
	__u32 stop = tcp_segment_end(segment), start = segment->seq;

	if (segment->flags & TCP_SEGMENT_FIN && !segment->payload &&
	    start == end->expected)
		goto in_order;
	if (!tcp_after(stop, end->expected) || tcp_after(stop, end->edge + 1))
		return;
	if (tcp_after(start, end->expected)) {
		/* One stretch is kept, the others are dropped. */
		if (!tcp_after(end->early_end, end->expected) &&
		    !(segment->flags & TCP_SEGMENT_FIN)) {
			end->early_start = start;
			end->early_end = stop;
		}
		return;
	}
in_order:
	end->buffered += stop - end->expected;
	end->expected = stop;
	if (segment->flags & TCP_SEGMENT_FIN)
		end->fin_received = true;
	if (!tcp_after(end->early_start, end->expected) &&
	    tcp_after(end->early_end, end->expected)) {
		end->buffered += end->early_end - end->expected;
		end->expected = end->early_end;
	}
	if (end->buffered > end->room)
		end->buffered = end->room;
}

static void receive(struct connection *c, unsigned int who,
		    const struct tcp_segment *segment)
{
	struct end *end = &c->end[who];

	if (segment->flags & TCP_SEGMENT_SYN) {
		if (who == CTRACK_ORIGINAL && !(segment->flags & TCP_SEGMENT_ACK))
			fail_msg("a SYN for the client");
		if (!end->synchronized) {
			end->synchronized = true;
			end->expected = segment->seq + 1;
			end->edge = end->expected;
			end->early_start = end->expected;
			end->early_end = end->expected;
			end->highest = segment->scale;
			end->scaling &= segment->scale_present;
			end->sack &= segment->sack_permitted;
			end->limit = end->sent;
		}
		if (segment->flags & TCP_SEGMENT_ACK)
			receive_ack(end, segment);
		/* RFC 9293 section 3.10.7.4: a repeated one is acknowledged. */
		if (who == CTRACK_ORIGINAL)
			send(c, who, 0, end->sent, 0);
		return;
	}
	if (!end->synchronized)
		return;
	receive_ack(end, segment);
	if (!segment->payload && !(segment->flags & TCP_SEGMENT_FIN) &&
	    segment->seq == end->expected)
		return;
	receive_data(end, segment);
	if (!one_in(3))
		send(c, who, 0, end->sent, 0);
}

static void track(struct connection *c, unsigned int direction)
{
	struct tcp_segment segment = take(&c->before[direction]);
	struct tcp_state old = c->tcp;
	struct ctrack_step step;

	step = track_segment(&c->tcp, &segment, direction);
	if (step.verdict != CTRACK_ACCEPT)
		fail_msg("refused (%d) in state %u: direction %u flags %x "
			 "seq %u..%u ack %u sack %u win %u; sender %u/%u/%u, "
			 "receiver %u/%u/%u", step.reason, old.state, direction,
			 segment.flags, segment.seq, tcp_segment_end(&segment),
			 segment.ack, segment.sack, segment.window,
			 old.side[direction].end, old.side[direction].maxend,
			 old.side[direction].maxwin, old.side[!direction].end,
			 old.side[!direction].maxend,
			 old.side[!direction].maxwin);
	if (one_in(c->loss))
		return;
	put(&c->behind[direction], &segment);
	if (one_in(c->loss))
		put(&c->behind[direction], &segment);
}

static bool is_over(const struct connection *c)
{
	const struct end *client = &c->end[0], *server = &c->end[1];

	return client->fin_received && server->fin_received &&
	       client->acknowledged == client->stop + 1 &&
	       server->acknowledged == server->stop + 1;
}

static void start_end(struct end *end)
{
	end->iss = seed;
	end->sent = end->iss + 1;
	end->acknowledged = end->iss;
	end->limit = end->sent;
	end->stop = end->sent + (one_in(5) ? 0 : random_below(200000));
	end->scaling = !one_in(4);
	end->scale = random_below(9);
	end->sack = !one_in(4);
	end->room = 500 + random_below(one_in(2) ? 3000 : 300000);
}

static unsigned int run_connection(struct connection *c)
{
	unsigned int step, who;

	memset(c, 0, sizeof(*c));
	c->loss = 5 + random_below(100);
	start_end(&c->end[0]);
	random_below(2);
	start_end(&c->end[1]);
	for (step = 0; step < STEPS_MAX && !is_over(c); step++) {
		who = random_below(2);
		if (one_in(3))
			act(c, who);
		if (c->before[who].count && !one_in(3))
			track(c, who);
		if (c->behind[who].count && !one_in(3)) {
			struct tcp_segment segment = take(&c->behind[who]);

			receive(c, !who, &segment);
		}
	}
	return step;
}

static void nothing_right_is_refused(void **state)
{
	unsigned int i, over = 0, old_fits = 0;
	static struct connection c;

	for (i = 1; i <= CONNECTIONS; i++) {
		seed = i * 2654435761U;
		if (run_connection(&c) == STEPS_MAX)
			continue;
		over++;
		if (c.tcp.state != TCP_CONNTRACK_TIME_WAIT &&
		    c.tcp.state != TCP_CONNTRACK_LAST_ACK)
			fail_msg("connection %u ends in state %u", i,
				 c.tcp.state);
		old_fits += c.tcp.side[0].maxwin > 65535;
	}
	/* The model itself has to come to an end, mostly, and to scale. */
	assert_in_range(over, CONNECTIONS * 8 / 10, CONNECTIONS);
	assert_in_range(old_fits, CONNECTIONS / 20, CONNECTIONS);
	/* Few, because so much is lost here. */
	assert_in_range(predicted, tracked / 10, tracked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_right_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
