// SPDX-License-Identifier: GPL-2.0
/*
 * An SCTP packet: its header and its chunks, and what can be said of them
 * alone. PURE: compiled into ctrack.ko and into the userspace tests.
 *
 * A packet is as long as it likes, so its chunks are handed in one by one:
 *
 *	reason = sctp_parse(header, header_length, length, &packet);
 *	while (!reason && sctp_has_chunk(&packet, length))
 *		reason = sctp_parse_chunk(&packet, chunk, length - packet.at);
 */
#include "proto/octets.h"
#include "proto/sctp.h"

/* Where things lie in the header, in a chunk, in what an ERROR begins with. */
enum {
	SCTP_AT_VTAG = 4,
	CHUNK_AT_TYPE = 0,
	CHUNK_AT_FLAGS = 1,
	CHUNK_AT_LENGTH = 2,
	CHUNK_AT_INIT_TAG = 4,
	CHUNK_AT_CAUSE = 4,
	CHUNK_HEADER_LENGTH = 4,
	CHUNK_INIT_LENGTH = 20,	/* section 3.3.2: without parameters */
	CHUNK_CAUSE_LENGTH = 8,
};

/*
 * Chunk types, section 3.2, and those of RFC 4895 and RFC 4820; the T bit, 3.3.7;
 * a cause of error, 3.3.10.3.
 */
enum {
	CHUNK_DATA = 0,
	CHUNK_INIT = 1,
	CHUNK_INIT_ACK = 2,
	CHUNK_HEARTBEAT = 4,
	CHUNK_HEARTBEAT_ACK = 5,
	CHUNK_ABORT = 6,
	CHUNK_SHUTDOWN = 7,
	CHUNK_SHUTDOWN_ACK = 8,
	CHUNK_ERROR = 9,
	CHUNK_COOKIE_ECHO = 10,
	CHUNK_COOKIE_ACK = 11,
	CHUNK_SHUTDOWN_COMPLETE = 14,
	CHUNK_AUTH = 15,
	CHUNK_PAD = 0x84,
	CHUNK_FLAG_T = 0x01,
	CAUSE_STALE_COOKIE = 3,
};

/* Section 6.10: these are never bundled with anything. */
#define ALONE	(SCTP_HAS(INIT) | SCTP_HAS(INIT_ACK) |			\
		 SCTP_HAS(SHUTDOWN_COMPLETE))

/*
 * Sections 5.1 D and E: these come before what they are bundled with, but for an
 * AUTH, which comes before all that it authenticates (RFC 4895 section 6.2).
 */
#define FIRST	(SCTP_HAS(COOKIE_ECHO) | SCTP_HAS(COOKIE_ACK))

#define HAS_T	(SCTP_HAS(ABORT) | SCTP_HAS(SHUTDOWN_COMPLETE))
#define HAS_TAG	(SCTP_HAS(INIT) | SCTP_HAS(INIT_ACK))

/* Returns SCTP_HAS() of its kind; 0 for what says nothing by itself. */
static unsigned int kind_of(const __u8 *chunk, unsigned int length)
{
	switch (chunk[CHUNK_AT_TYPE]) {
	case CHUNK_DATA:
		return SCTP_HAS(DATA);
	case CHUNK_INIT:
		return SCTP_HAS(INIT);
	case CHUNK_INIT_ACK:
		return SCTP_HAS(INIT_ACK);
	case CHUNK_HEARTBEAT:
		return SCTP_HAS(HEARTBEAT);
	case CHUNK_HEARTBEAT_ACK:
		return SCTP_HAS(HEARTBEAT_ACK);
	case CHUNK_ABORT:
		return SCTP_HAS(ABORT);
	case CHUNK_SHUTDOWN:
		return SCTP_HAS(SHUTDOWN);
	case CHUNK_SHUTDOWN_ACK:
		return SCTP_HAS(SHUTDOWN_ACK);
	case CHUNK_ERROR:
		if (length >= CHUNK_CAUSE_LENGTH &&
		    octets_read16(chunk + CHUNK_AT_CAUSE) == CAUSE_STALE_COOKIE)
			return SCTP_HAS(STALE_COOKIE);
		return SCTP_HAS(OTHER);
	case CHUNK_COOKIE_ECHO:
		return SCTP_HAS(COOKIE_ECHO);
	case CHUNK_COOKIE_ACK:
		return SCTP_HAS(COOKIE_ACK);
	case CHUNK_SHUTDOWN_COMPLETE:
		return SCTP_HAS(SHUTDOWN_COMPLETE);
	case CHUNK_AUTH:
	case CHUNK_PAD:
		return 0;
	default:
		return SCTP_HAS(OTHER);
	}
}

/**
 * sctp_parse - read and check an SCTP common header
 * @header: its first octets
 * @header_length: how many of them can be read
 * @length: what the IP header says the length of header and chunks is
 * @packet: filled in, but for what the chunks say
 *
 * Return: CTRACK_REASON_NONE, or why it is invalid.
 */
enum ctrack_reason sctp_parse(const void *header, unsigned int header_length,
			      unsigned int length, struct sctp_bundle *packet)
{
	const __u8 *octet = header;

	if (header_length < SCTP_HEADER_LENGTH || length < SCTP_HEADER_LENGTH)
		return CTRACK_REASON_transport_header;
	if (length < SCTP_HEADER_LENGTH + CHUNK_HEADER_LENGTH)
		return CTRACK_REASON_sctp_chunk;

	*packet = (struct sctp_bundle) {
		.vtag = octets_read32(octet + SCTP_AT_VTAG),
		.at = SCTP_HEADER_LENGTH,
	};
	return CTRACK_REASON_NONE;
}

/**
 * sctp_has_chunk - is there another chunk to be read?
 * @packet: what was read so far
 * @length: as for sctp_parse()
 *
 * Fewer octets than a chunk's header has are no chunk, and nothing reads them.
 *
 * Return: true when sctp_parse_chunk() is to be called.
 */
bool sctp_has_chunk(const struct sctp_bundle *packet, unsigned int length)
{
	return packet->at + CHUNK_HEADER_LENGTH <= length &&
	       packet->chunks < SCTP_CHUNKS_MAX;
}

/**
 * sctp_parse_chunk - read and check the next chunk
 * @packet: what was read so far; changed
 * @chunk: its first octets: SCTP_CHUNK_READ, or @left when those are fewer
 * @left: how many octets the packet has from there on, 4 at least
 *
 * Section 3.2: the length counts the chunk's header and not the padding to four
 * octets, which the last chunk may lack.
 *
 * Return: CTRACK_REASON_NONE, or why the packet is invalid.
 */
enum ctrack_reason sctp_parse_chunk(struct sctp_bundle *packet,
				    const void *chunk, unsigned int left)
{
	const __u8 *octet = chunk;
	unsigned int length = octets_read16(octet + CHUNK_AT_LENGTH);
	unsigned int kind;

	if (length < CHUNK_HEADER_LENGTH || length > left)
		return CTRACK_REASON_sctp_chunk;
	kind = kind_of(octet, length);
	if (kind & HAS_TAG && length < CHUNK_INIT_LENGTH)
		return CTRACK_REASON_sctp_chunk;
	if ((packet->chunks && kind & ALONE) ||
	    (packet->kinds && kind & FIRST) || packet->kinds & ALONE)
		return CTRACK_REASON_sctp_bundle;

	if (kind & HAS_TAG)
		packet->init_tag = octets_read32(octet + CHUNK_AT_INIT_TAG);
	/* The receiver reads no further than the first. */
	if (kind & HAS_T && !(packet->kinds & HAS_T))
		packet->reflected = octet[CHUNK_AT_FLAGS] & CHUNK_FLAG_T;
	packet->kinds |= kind;
	packet->chunks++;
	packet->at += (length + 3) & ~3u;
	return CTRACK_REASON_NONE;
}
