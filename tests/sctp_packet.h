/* SPDX-License-Identifier: GPL-2.0 */
/* Packets of SCTP, chunk by chunk, for the tests that include it. */
#ifndef TESTS_SCTP_PACKET_H
#define TESTS_SCTP_PACKET_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/sctp.c"
#include "proto/sctp_chunk.c"
#include "nf/reason.c"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Those of the two ends, and a third. */
enum { TO_CLIENT = 0xc1, TO_SERVER = 0x5e, NOBODYS = 0xbad };

/* A chunk: its type, its flags, what it says of its length, what it has. */
struct chunk {
	__u8 type, flags;
	__u16 says;
	unsigned int has;
	__u32 word;
};

/* Chunks that are as long as they say, the last of them padded or not. */
#define DATA		{ 0, 3, 20, 20, 0 }
#define INIT(tag)	{ 1, 0, 20, 20, tag }
#define INIT_ACK(tag)	{ 2, 0, 20, 20, tag }
#define SACK		{ 3, 0, 16, 16, 0 }
#define HEARTBEAT	{ 4, 0, 12, 12, 0 }
#define HEARTBEAT_ACK	{ 5, 0, 12, 12, 0 }
#define ABORT(flags)	{ 6, flags, 4, 4, 0 }
#define SHUTDOWN	{ 7, 0, 8, 8, 0 }
#define SHUTDOWN_ACK	{ 8, 0, 4, 4, 0 }
#define ERROR(cause)	{ 9, 0, 12, 12, (__u32)(cause) << 16 | 8 }
#define COOKIE_ECHO	{ 10, 0, 11, 12, 0 }
#define COOKIE_ACK	{ 11, 0, 4, 4, 0 }
#define AUTH		{ 15, 0, 28, 28, 0x00020001 }
#define PAD		{ 0x84, 0, 40, 40, 0 }
#define SHUTDOWN_COMPLETE(flags) { 14, flags, 4, 4, 0 }

static unsigned int put_chunk(__u8 *to, const struct chunk *chunk)
{
	memset(to, 0, chunk->has);
	if (chunk->has >= 4) {
		to[0] = chunk->type;
		to[1] = chunk->flags;
		to[2] = chunk->says >> 8;
		to[3] = chunk->says;
	}
	if (chunk->has >= 8) {
		to[4] = chunk->word >> 24;
		to[5] = chunk->word >> 16;
		to[6] = chunk->word >> 8;
		to[7] = chunk->word;
	}
	return chunk->has;
}

/* Hands in what can be read in memory of just that size, for ASan to watch. */
static enum ctrack_reason read_one(struct sctp_bundle *bundle, const __u8 *at,
				   unsigned int left)
{
	unsigned int size = left < SCTP_CHUNK_READ ? left : SCTP_CHUNK_READ;
	__u8 *copy = malloc(size);
	enum ctrack_reason reason;

	assert_non_null(copy);
	memcpy(copy, at, size);
	reason = sctp_parse_chunk(bundle, copy, left);
	free(copy);
	return reason;
}

static enum ctrack_reason read_all(struct sctp_bundle *bundle,
				   const __u8 *octets, unsigned int length)
{
	unsigned int readable = length < SCTP_HEADER_LENGTH ?
				length : SCTP_HEADER_LENGTH;
	__u8 *header = malloc(readable);
	enum ctrack_reason reason;

	assert_true(header || !readable);
	memcpy(header, octets, readable);
	reason = sctp_parse(header, readable, length, bundle);
	free(header);
	while (!reason && sctp_has_chunk(bundle, length))
		reason = read_one(bundle, octets + bundle->at,
				  length - bundle->at);
	return reason;
}

static inline enum ctrack_reason
parse(struct sctp_bundle *bundle, __u32 vtag, const struct chunk *chunks,
      size_t count, unsigned int trailing)
{
	__u8 octets[1024] = {
		0x0b, 0xb8, 0x0b, 0xb8,
		vtag >> 24, vtag >> 16, vtag >> 8, vtag,
	};
	unsigned int length = SCTP_HEADER_LENGTH;
	size_t i;

	for (i = 0; i < count; i++)
		length += put_chunk(octets + length, &chunks[i]);
	return read_all(bundle, octets, length + trailing);
}

#endif
