/* SPDX-License-Identifier: GPL-2.0 */
/* SCTP (RFC 9260): reading chunks, following associations. PURE. */
#ifndef CTRACK_SCTP_H
#define CTRACK_SCTP_H

#include <linux/types.h>
#include <linux/netfilter/nf_conntrack_sctp.h>

#include "nf/key.h"
#include "nf/reason.h"
#include "proto/timeout.h"

struct ctrack_step;

#define SCTP_HEADER_LENGTH 12

/* How much of a chunk sctp_parse_chunk() looks at. */
#define SCTP_CHUNK_READ 8

/*
 * How many chunks of a packet are looked at. A jumbo frame has room for fewer
 * DATA chunks, and those come last (RFC 9260 section 6.10).
 */
#define SCTP_CHUNKS_MAX 512

/**
 * enum sctp_kind - what a chunk means for the state of an association
 * @SCTP_KIND_INIT: INIT, which is alone in its packet
 * @SCTP_KIND_INIT_ACK: INIT ACK, which is alone
 * @SCTP_KIND_COOKIE_ECHO: COOKIE ECHO, which is first, or behind an AUTH
 * @SCTP_KIND_COOKIE_ACK: COOKIE ACK, likewise
 * @SCTP_KIND_HEARTBEAT: HEARTBEAT
 * @SCTP_KIND_HEARTBEAT_ACK: HEARTBEAT ACK
 * @SCTP_KIND_STALE_COOKIE: an ERROR whose first cause is a stale cookie
 * @SCTP_KIND_SHUTDOWN: SHUTDOWN
 * @SCTP_KIND_SHUTDOWN_ACK: SHUTDOWN ACK
 * @SCTP_KIND_SHUTDOWN_COMPLETE: SHUTDOWN COMPLETE, which is alone
 * @SCTP_KIND_ABORT: ABORT
 * @SCTP_KIND_MOVES: how many there are above, all that can move the state
 * @SCTP_KIND_DATA: DATA
 * @SCTP_KIND_OTHER: any other, known or not; but AUTH and PAD have no kind
 *
 * When several are in one packet they take effect in this order, which is that
 * of an association's life.
 */
enum sctp_kind {
	SCTP_KIND_INIT,
	SCTP_KIND_INIT_ACK,
	SCTP_KIND_COOKIE_ECHO,
	SCTP_KIND_COOKIE_ACK,
	SCTP_KIND_HEARTBEAT,
	SCTP_KIND_HEARTBEAT_ACK,
	SCTP_KIND_STALE_COOKIE,
	SCTP_KIND_SHUTDOWN,
	SCTP_KIND_SHUTDOWN_ACK,
	SCTP_KIND_SHUTDOWN_COMPLETE,
	SCTP_KIND_ABORT,
	SCTP_KIND_MOVES,
	SCTP_KIND_DATA = SCTP_KIND_MOVES,
	SCTP_KIND_OTHER
};

#define SCTP_HAS(kind) (1u << SCTP_KIND_##kind)

/**
 * struct sctp_bundle - an SCTP packet, parsed, in host order
 * @vtag: verification tag
 * @init_tag: initiate tag of an INIT or INIT ACK, else 0
 * @at: where the next chunk begins, from the header; while it is being read
 * @chunks: how many were read
 * @kinds: SCTP_HAS() of each kind that is there
 * @reflected: an ABORT or SHUTDOWN COMPLETE has the T bit: its verification tag
 *	is the one that its receiver's own packets carry (section 8.5.1)
 */
struct sctp_bundle {
	__u32 vtag;
	__u32 init_tag;
	__u32 at;
	__u16 chunks;
	__u16 kinds;
	bool reflected;
};

/**
 * struct sctp_conn_state - what a connection remembers for SCTP
 * @vtag: the verification tag of the association's packets, by the direction
 *	in which they go; 0: not known. In a state of the handshake: those of an
 *	association that is over
 * @next: those of a handshake under way
 * @probe: the one of the last HEARTBEAT, by its direction
 * @forgotten: the one of a SHUTDOWN ACK that belongs to nothing any more, by its
 *	direction
 * @state: enum sctp_conntrack, up to SCTP_CONNTRACK_HEARTBEAT_SENT
 * @init: a bit for each direction from which an INIT came that counts; none:
 *	no handshake is under way
 * @several: INIT ACKs with different tags came: the COOKIE ECHO tells which
 *	one counts
 * @echoed: a bit for each direction from which a COOKIE ECHO of the handshake
 *	came
 * @probed: a bit for each direction whose last HEARTBEAT counts: an answer to it
 *	tells both tags. None does where both are known, and are its own
 *
 * All of it is protected by the lock of the connection. All zeros is a
 * connection before its first packet.
 */
struct sctp_conn_state {
	__u32 vtag[CTRACK_DIRECTIONS];
	__u32 next[CTRACK_DIRECTIONS];
	__u32 probe[CTRACK_DIRECTIONS];
	__u32 forgotten[CTRACK_DIRECTIONS];
	__u8 state;
	__u8 init:2;
	__u8 several:1;
	__u8 echoed:2;
	__u8 probed:2;
};

/* sctp_chunk.c APIs: */
enum ctrack_reason sctp_parse(const void *header, unsigned int header_length,
			      unsigned int length, struct sctp_bundle *packet);
bool sctp_has_chunk(const struct sctp_bundle *packet, unsigned int length);
enum ctrack_reason sctp_parse_chunk(struct sctp_bundle *packet,
				    const void *chunk, unsigned int left);

/* sctp.c APIs: */
struct ctrack_step sctp_step(struct sctp_conn_state *state,
			     const struct sctp_bundle *packet,
			     enum ctrack_direction direction);
enum ctrack_timeout sctp_timeout(const struct sctp_conn_state *state);
__u32 sctp_vtag(const struct sctp_conn_state *state, enum ctrack_direction direction);
void sctp_restore(struct sctp_conn_state *state, __u8 number,
		  const __u32 vtag[CTRACK_DIRECTIONS]);

#endif
