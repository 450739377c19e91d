// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack.ko and into the userspace tests. */
#include "proto/octets.h"
#include "proto/proto.h"
#include "proto/udp.h"

/* Where things lie in the header. */
enum {
	UDP_AT_LENGTH = 4,
	UDP_AT_COVERAGE = 4,	/* of the checksum; UDP-Lite */
	UDP_AT_CHECKSUM = 6,
};

#define UDP_LENGTH_MAX	65535
#define DNS_PORT	53
/* How long after its first packet a connection may be a stream, in ms. */
#define STREAM_AFTER	2000
#define WAITING_MAX	255

/**
 * udp_parse - is this a UDP datagram?
 * @header: its first octets
 * @header_length: how many of them can be read
 * @length: what the IP header says its length is
 *
 * The datagram may be shorter than the IP header says, not longer. What is
 * longer than its own length can say has zero there, and is all of the packet:
 * jumbograms (RFC 2675), and tunnels' packets that are cut into segments later.
 * Port zero is nothing to a tracker: RFC 768 lets a sender that wants no
 * answer use it.
 *
 * Return: CTRACK_REASON_NONE when it is one.
 */
enum ctrack_reason udp_parse(const void *header, unsigned int header_length,
			     unsigned int length)
{
	const __u8 *octet = header;
	unsigned int said;

	if (header_length < UDP_HEADER_LENGTH || length < UDP_HEADER_LENGTH)
		return CTRACK_REASON_transport_header;

	said = octets_read16(octet + UDP_AT_LENGTH);
	if (!said && length > UDP_LENGTH_MAX)
		return CTRACK_REASON_NONE;
	if (said < UDP_HEADER_LENGTH || said > length)
		return CTRACK_REASON_transport_length;

	return CTRACK_REASON_NONE;
}

/**
 * udplite_parse - is this a UDP-Lite datagram?
 * @header: its first octets
 * @header_length: how many of them can be read
 * @length: what the IP header says its length is
 *
 * Return: CTRACK_REASON_NONE when it is one.
 */
enum ctrack_reason udplite_parse(const void *header,
				 unsigned int header_length,
				 unsigned int length)
{
	const __u8 *octet = header;
	unsigned int coverage;

	if (header_length < UDP_HEADER_LENGTH || length < UDP_HEADER_LENGTH)
		return CTRACK_REASON_transport_header;

	/* RFC 3828 section 3.1: 0 is all of it, else the header at least. */
	coverage = octets_read16(octet + UDP_AT_COVERAGE);
	if (coverage && (coverage < UDP_HEADER_LENGTH || coverage > length))
		return CTRACK_REASON_transport_length;

	/* Same place: a sender must not leave the checksum out. */
	if (!octets_read16(octet + UDP_AT_CHECKSUM))
		return CTRACK_REASON_checksum;

	return CTRACK_REASON_NONE;
}

static void see_request(struct udp_state *state, const struct ctrack_key *key,
			__u32 time)
{
	if (!state->begun) {
		state->begun = 1;
		state->first = time;
		state->dns = octets_read16((const __u8 *)
					   &key->destination_id.port) == DNS_PORT;
	}
	if (state->replied)
		state->again = 1;
	if (state->waiting < WAITING_MAX)
		state->waiting++;
}

static void see_answer(struct udp_state *state)
{
	state->replied = 1;
	if (state->waiting)
		state->waiting--;
}

/*
 * A question that was asked twice, and whose answers took long, is none yet:
 * with DNS, the side that asks must have gone on.
 */
static bool is_stream(const struct udp_state *state, __u32 time)
{
	return time - state->first > STREAM_AFTER &&
	       (!state->dns || state->again);
}

static struct ctrack_step stream_step(enum ctrack_direction direction)
{
	struct ctrack_step step;

	step = ctrack_step_accept(CTRACK_TIMEOUT_UDP_STREAM, direction);
	step.assured = true;
	return step;
}

/**
 * udp_is_stream - will no further packet change what a connection remembers?
 * @state: what it remembers; its lock need not be held
 * @step: filled in with what udp_step() decides about each of them, if so
 * @direction: which way the packet goes
 *
 * Return: true when none does: what is a stream stays one.
 */
bool udp_is_stream(const struct udp_state *state, struct ctrack_step *step,
		   enum ctrack_direction direction)
{
	*step = stream_step(direction);
	return state->stream;
}

/**
 * udp_step - a packet of a UDP or UDP-Lite connection
 * @state: what the connection remembers
 * @key: of the packet
 * @time: when it came, in ms; only differences count
 * @direction: which way it goes
 *
 * A connection is a stream, and assured, when it still is in use two seconds
 * after its first packet and was answered before. One to the port of DNS has
 * no more to wait for when each of its questions was answered, and ends soon.
 *
 * Return: always accepted.
 */
struct ctrack_step udp_step(struct udp_state *state,
			    const struct ctrack_key *key, __u32 time,
			    enum ctrack_direction direction)
{
	bool replied = state->replied;
	struct ctrack_step step;

	if (state->stream)
		return stream_step(direction);
	if (direction == CTRACK_REPLY)
		see_answer(state);
	else
		see_request(state, key, time);
	if (replied && is_stream(state, time)) {
		state->stream = 1;
		return stream_step(direction);
	}

	step = ctrack_step_accept(CTRACK_TIMEOUT_UDP, direction);
	if (state->dns && state->replied && !state->waiting)
		step.limit = CTRACK_TIMEOUT_UDP_DNS;
	return step;
}
