// SPDX-License-Identifier: GPL-2.0
/*
 * GRE: tunnels between two addresses. PURE: compiled into ctrack.ko and into the
 * userspace tests.
 *
 * A tunnel is known by its addresses alone. The keys of RFC 2890 may differ in
 * the two directions, and so do the call ids of PPTP, which only its control
 * connection says belong together: that is a helper's business.
 */
#include "proto/gre.h"
#include "proto/octets.h"
#include "proto/proto.h"

/* The first word: flags and version; RFC 1701, RFC 2637 section 4.1. */
enum {
	GRE_AT_FLAGS = 0,
	GRE_AT_PROTOCOL = 2,
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACKNOWLEDGMENT = 0x0080,	/* version 1 */
	GRE_VERSION = 0x0007,
	GRE_PROTOCOL_PPP = 0x880b,
};

/* Each of these adds a word to the header. */
static unsigned int words(unsigned int flags, unsigned int mask)
{
	unsigned int count = 0, bit;

	for (bit = 1; bit <= GRE_CHECKSUM; bit <<= 1)
		count += !!(flags & mask & bit);
	return count;
}

/* Checksum and offset share a word, and each of the two flags brings both. */
static unsigned int length_v0(unsigned int flags)
{
	return 4 + 4 * words(flags, GRE_KEY | GRE_SEQUENCE) +
	       4 * !!(flags & (GRE_CHECKSUM | GRE_ROUTING));
}

/* Payload length and call id lie where the key does, which is always there. */
static unsigned int length_v1(unsigned int flags)
{
	return 4 + 4 * words(flags, GRE_KEY | GRE_SEQUENCE | GRE_ACKNOWLEDGMENT);
}

/**
 * gre_parse - is this a GRE header?
 * @header: its first octets
 * @header_length: how many of them can be read
 * @length: what the IP header says the length of header and payload is
 *
 * Return: CTRACK_REASON_NONE when it is one. Of a version that is not known
 * nothing can be said, and nothing is.
 */
enum ctrack_reason gre_parse(const void *header, unsigned int header_length,
			     unsigned int length)
{
	const __u8 *octet = header;
	unsigned int flags;

	if (header_length < GRE_HEADER_LENGTH || length < GRE_HEADER_LENGTH)
		return CTRACK_REASON_transport_header;

	flags = octets_read16(octet + GRE_AT_FLAGS);
	switch (flags & GRE_VERSION) {
	case 0:
		if (length < length_v0(flags))
			return CTRACK_REASON_gre_header;
		break;
	case 1:
		if (octets_read16(octet + GRE_AT_PROTOCOL) != GRE_PROTOCOL_PPP ||
		    !(flags & GRE_KEY) || length < length_v1(flags))
			return CTRACK_REASON_gre_header;
		break;
	}
	return CTRACK_REASON_NONE;
}

/**
 * gre_step - a packet of a GRE tunnel
 * @state: what the connection remembers
 * @direction: which way the packet goes
 *
 * With the first packet after an answer it is a tunnel that is in use, and
 * assured.
 *
 * Return: always accepted.
 */
struct ctrack_step gre_step(struct gre_state *state,
			    enum ctrack_direction direction)
{
	struct ctrack_step step;

	step = ctrack_step_accept(state->replied ? CTRACK_TIMEOUT_GRE_STREAM :
						   CTRACK_TIMEOUT_GRE,
				  direction);
	step.assured = state->replied;
	if (direction == CTRACK_REPLY)
		state->replied = 1;
	return step;
}
