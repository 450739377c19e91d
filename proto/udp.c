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

/**
 * udp_parse - is this a UDP datagram?
 * @header: its first octets
 * @header_length: how many of them can be read
 * @length: what the IP header says its length is
 *
 * The datagram may be shorter than the IP header says, not longer. Length
 * zero, which RFC 2675 gives to jumbograms, is refused: no socket takes them.
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

/**
 * udp_step - a packet of a UDP or UDP-Lite connection
 * @state: what the connection remembers
 * @direction: which way the packet goes
 *
 * A connection is a stream, and assured, as soon as the side that opened it
 * sends again after an answer: it then goes on after one exchange. A DNS
 * query and its answer, also two queries sent at once and their two answers,
 * never become one and go early.
 *
 * Return: always accepted.
 */
struct ctrack_step udp_step(struct udp_state *state,
			    enum ctrack_direction direction)
{
	struct ctrack_step step;

	if (direction == CTRACK_REPLY)
		state->replied = 1;
	else if (state->replied)
		state->stream = 1;

	step = ctrack_step_accept(state->stream ? CTRACK_TIMEOUT_UDP_STREAM :
						  CTRACK_TIMEOUT_UDP,
				  direction);
	step.assured = state->stream;
	return step;
}
