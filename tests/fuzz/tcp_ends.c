// SPDX-License-Identifier: GPL-2.0
/*
 * Two ends that keep to RFC 9293, with the tracker between them and a network on either side of it
 * that loses, repeats and reorders what they send. Whatever it does, none of it may be refused.
 *
 * Input: options (flow_open()); for each end four octets of its first sequence number, one with
 * its window scale (0xff: without the option), two of the room in its buffer, in units of its
 * scale; then an octet for each thing that happens, of which the lower four bits tell what, the
 * others more.
 */
#include "flow.h"

#define UNDER_WAY_MAX 16
#define TRACKED_MAX 32
#define NO_SCALE 0xff
#define LENGTH_MAX 65000

struct segment {
	unsigned int from;
	uint32_t seq, ack, length;
	uint16_t window;
	uint8_t flags;
	bool scaling;		/* with the window scale option */
	bool seen;		/* by the tracker */
};

/*
 * The names are those of RFC 9293 section 3.3.1; @limit: how far the peer's windows let it send,
 * @unread: octets that lie in its buffer.
 */
struct end {
	uint32_t iss, una, nxt, limit;
	uint32_t rcv_nxt;
	uint32_t buffer, unread;
	uint8_t scale, peer_scale;
	bool opened, synchronized, established;
	bool closed, peer_closed;
};

static struct end ends[2];
static struct segment under_way[UNDER_WAY_MAX];
static unsigned int count;

/* The last that the tracker saw, to tell what led to a failure. */
static struct segment tracked[TRACKED_MAX];
static size_t tracked_count;

static uint16_t window_of(const struct end *end, bool syn)
{
	uint32_t room = end->buffer - end->unread;
	bool scaled = !syn && end->scale != NO_SCALE && end->peer_scale != NO_SCALE;

	room >>= scaled ? end->scale : 0;
	return room > UINT16_MAX ? UINT16_MAX : room;
}

/* The network loses what it has no room for. */
static void put(const struct segment *segment)
{
	if (count < UNDER_WAY_MAX)
		under_way[count++] = *segment;
}

static void send(unsigned int from, uint8_t flags, uint32_t seq, uint32_t length)
{
	const struct end *end = &ends[from];

	put(&(struct segment) {
		.from = from,
		.flags = flags,
		.seq = seq,
		.ack = flags & TCP_SEGMENT_ACK ? end->rcv_nxt : 0,
		.length = length,
		.window = window_of(end, flags & TCP_SEGMENT_SYN),
		/* RFC 7323 section 1.3: an answer has it only if the question had. */
		.scaling = flags == TCP_SEGMENT_SYN ||
			   (flags & TCP_SEGMENT_SYN && end->peer_scale != NO_SCALE),
	});
}

static void send_ack(unsigned int from)
{
	send(from, TCP_SEGMENT_ACK, ends[from].nxt, 0);
}

/* Also what is sent again, while it is not acknowledged. */
static void send_syn(unsigned int from)
{
	struct end *end = &ends[from];

	if (end->established || (end->opened && end->una != end->iss))
		return;
	end->opened = true;
	end->nxt = end->iss + 1;
	send(from, TCP_SEGMENT_SYN | (end->synchronized ? TCP_SEGMENT_ACK : 0), end->iss, 0);
}

static void send_data(unsigned int from, uint32_t length)
{
	struct end *end = &ends[from];
	int32_t room = end->limit - end->nxt;

	if (!end->established || end->closed || room < 0)
		return;
	/* A zero window is probed with an octet (section 3.8.6.1). */
	if (!room && end->limit == end->una)
		room = 1;
	if (!room)
		return;
	if (length > (uint32_t)room)
		length = room;
	if (length > LENGTH_MAX)
		length = LENGTH_MAX;
	send(from, TCP_SEGMENT_ACK | TCP_SEGMENT_PSH, end->nxt, length);
	end->nxt += length;
}

static void send_fin(unsigned int from)
{
	struct end *end = &ends[from];

	if (!end->established || end->closed || (int32_t)(end->limit - end->nxt) <= 0)
		return;
	send(from, TCP_SEGMENT_ACK | TCP_SEGMENT_FIN, end->nxt, 0);
	end->nxt++;
	end->closed = true;
}

/* From the first that is not acknowledged, cut anew; the FIN only by itself or at the end. */
static void send_again(unsigned int from, uint32_t length)
{
	struct end *end = &ends[from];
	uint32_t all = end->nxt - end->una;
	uint8_t flags = TCP_SEGMENT_ACK;

	if (!end->established || !all)
		return;
	if (length >= all) {
		length = all;
		if (end->closed) {
			flags |= TCP_SEGMENT_FIN;
			length--;
		}
	}
	send(from, flags, end->una, length);
}

/* RFC 9293 section 3.8.4: one before what is next, to be acknowledged again. */
static void send_keepalive(unsigned int from)
{
	struct end *end = &ends[from];

	if (end->established && end->una == end->nxt)
		send(from, TCP_SEGMENT_ACK, end->nxt - 1, 0);
}

static void take_window(struct end *end, const struct segment *segment)
{
	uint32_t window = segment->window;

	if (!(segment->flags & TCP_SEGMENT_SYN) && end->scale != NO_SCALE &&
	    end->peer_scale != NO_SCALE)
		window <<= end->peer_scale;
	/* What was offered once is not taken back. */
	if (tcp_after(segment->ack + window, end->limit))
		end->limit = segment->ack + window;
}

static void take_syn(unsigned int to, const struct segment *segment)
{
	struct end *end = &ends[to];

	if (end->established) {
		/* The challenge ACK of RFC 5961 section 4. */
		send_ack(to);
		return;
	}
	end->rcv_nxt = segment->seq + 1;
	end->synchronized = true;
	end->peer_scale = ends[!to].scale;
	if (!(segment->flags & TCP_SEGMENT_ACK)) {
		send_syn(to);
		return;
	}
	if (segment->ack != end->iss + 1)
		return;
	end->una = segment->ack;
	end->limit = segment->ack;
	end->established = true;
	take_window(end, segment);
	send_ack(to);
}

static void take_data(unsigned int to, const struct segment *segment)
{
	struct end *end = &ends[to];
	uint32_t skip = end->rcv_nxt - segment->seq, length = segment->length;
	uint32_t room = end->buffer - end->unread;
	bool fin = segment->flags & TCP_SEGMENT_FIN;

	if (!length && !fin)
		return;
	/* What comes early is not kept; it comes again. */
	if (!end->peer_closed && skip <= length) {
		length -= skip;
		fin &= length <= room;
		if (length > room)
			length = room;
		end->rcv_nxt += length + fin;
		end->unread += length;
		end->peer_closed = fin;
	}
	send_ack(to);
}

static void receive(unsigned int to, const struct segment *segment)
{
	struct end *end = &ends[to];

	if (segment->flags & TCP_SEGMENT_SYN) {
		take_syn(to, segment);
		return;
	}
	if (!end->synchronized)
		return;
	if (tcp_after(segment->ack, end->nxt) || tcp_after(end->una, segment->ack))
		return;
	if (!end->established) {
		if (segment->ack != end->nxt)
			return;
		end->established = true;
		end->limit = segment->ack;
	}
	end->una = segment->ack;
	take_window(end, segment);
	if (segment->seq == end->rcv_nxt - 1 && !segment->length &&
	    !(segment->flags & TCP_SEGMENT_FIN))
		send_ack(to);
	take_data(to, segment);
}

/* As far as the last ones go; the numbers are distances from each end's first. */
static void print_tracked(void)
{
	size_t i, from = tracked_count > TRACKED_MAX ? tracked_count - TRACKED_MAX : 0;

	for (i = from; i < tracked_count; i++) {
		const struct segment *segment = &tracked[i % TRACKED_MAX];

		fprintf(stderr, "%u>%u %s%s%s%s seq %u ack %u length %u window %u\n",
			segment->from, !segment->from,
			segment->flags & TCP_SEGMENT_SYN ? "S" : "",
			segment->flags & TCP_SEGMENT_FIN ? "F" : "",
			segment->flags & TCP_SEGMENT_PSH ? "P" : "",
			segment->flags & TCP_SEGMENT_ACK ? "." : "",
			segment->seq - ends[segment->from].iss,
			segment->flags & TCP_SEGMENT_ACK ?
			segment->ack - ends[!segment->from].iss : 0,
			segment->length, segment->window);
	}
}

/* The tracker sees it. */
static void track(struct flow *flow, const struct segment *segment)
{
	uint8_t octets[TCP_HEADER_MAX] = {}, scale = ends[segment->from].scale;
	bool option = segment->scaling && scale != NO_SCALE;
	unsigned int size = option ? 24 : 20;
	struct ctrack_header header;
	struct ctrack_step step;

	octets[4] = segment->seq >> 24;
	octets[5] = segment->seq >> 16;
	octets[6] = segment->seq >> 8;
	octets[7] = segment->seq;
	octets[8] = segment->ack >> 24;
	octets[9] = segment->ack >> 16;
	octets[10] = segment->ack >> 8;
	octets[11] = segment->ack;
	octets[12] = size / 4 << 4;
	octets[13] = segment->flags;
	octets[14] = segment->window >> 8;
	octets[15] = segment->window;
	if (option)
		memcpy(octets + 20, (uint8_t []){ 1, 3, 3, scale }, 4);
	claim(!flow_parse(IPPROTO_TCP, octets, size, size + segment->length, &header));

	/* The first that passes opens it. */
	if (flow->state.tcp.state == TCP_CONNTRACK_NONE)
		flow->opener = segment->from;
	step = flow_step_once(flow, &header, segment->from != flow->opener);
	tracked[tracked_count++ % TRACKED_MAX] = *segment;
	if (step.verdict != CTRACK_ACCEPT) {
		print_tracked();
		fprintf(stderr, "state %u: %s\n", flow->state.tcp.state,
			step.reason ? ctrack_reason_name(step.reason) : "another connection");
	}
	claim(step.verdict == CTRACK_ACCEPT);
}

static void lose(unsigned int i)
{
	memmove(&under_way[i], &under_way[i + 1], (--count - i) * sizeof(*under_way));
}

/* On from where it is: to the tracker, or to its end. */
static void deliver(struct flow *flow, unsigned int i)
{
	struct segment segment = under_way[i];

	if (!segment.seen) {
		track(flow, &segment);
		under_way[i].seen = true;
		return;
	}
	lose(i);
	receive(!segment.from, &segment);
}

/* A SYN that outlives its connection could open the next: MSL is there to prevent it. */
static void forget_syns(void)
{
	unsigned int i = 0;

	if (!ends[0].closed || !ends[1].closed)
		return;
	while (i < count)
		if (under_way[i].flags & TCP_SEGMENT_SYN)
			lose(i);
		else
			i++;
}

static void happen(struct flow *flow, unsigned int what, unsigned int more)
{
	unsigned int from = more & 1;

	switch (what) {
	case 0:
		/* End 1 opens as well, now and then. */
		send_syn(more == 15 ? 1 : 0);
		break;
	case 1:
		if (ends[from].established)
			send_ack(from);
		break;
	case 2:
		send_data(from, 1 + more * 97);
		break;
	case 3:
		send_data(from, UINT32_MAX);
		break;
	case 4:
		send_again(from, 1 + more * 61);
		break;
	case 5:
		send_syn(from);
		break;
	case 6:
		send_fin(from);
		break;
	case 7:
		send_keepalive(from);
		break;
	case 8:
		ends[from].unread -= ends[from].unread >> (more >> 1);
		break;
	case 9:
		if (count)
			lose(more % count);
		break;
	case 10:
		if (count)
			put(&under_way[more % count]);
		break;
	default:
		/* Most of the time the network works. */
		if (count)
			deliver(flow, more % count);
	}
}

static void start(struct end *end, struct fuzz_input *input)
{
	memset(end, 0, sizeof(*end));
	end->iss = fuzz_u32(input);
	end->una = end->iss;
	end->nxt = end->iss;
	end->limit = end->iss;
	end->scale = fuzz_u8(input);
	if (end->scale != NO_SCALE)
		end->scale %= 15;
	end->peer_scale = NO_SCALE;
	end->buffer = fuzz_u16(input);
	if (end->scale != NO_SCALE)
		end->buffer <<= end->scale;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct flow flow;

	count = 0;
	tracked_count = 0;
	flow_open(&flow, &input, IPPROTO_TCP);
	start(&ends[0], &input);
	start(&ends[1], &input);
	while (input.left) {
		uint8_t octet = fuzz_u8(&input);

		forget_syns();
		happen(&flow, octet & 15, octet >> 4);
	}
	return 0;
}
