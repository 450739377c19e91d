/* SPDX-License-Identifier: GPL-2.0 */
/* Associations of SCTP, played packet by packet, for the tests that include it. */
#ifndef TESTS_SCTP_PLAY_H
#define TESTS_SCTP_PLAY_H

#include "tests/sctp_packet.h"

enum verdict { OK, KEPT, BAD_TAG, COLLIDES };

/*
 * One packet: > original or < reply, its chunk with tags, and what becomes of
 * it: KEPT goes on without prolonging anything.
 */
struct packet {
	char way;
	struct chunk chunk;
	__u32 vtag;
	enum verdict verdict;
	__u8 state;
};

/* The states, short enough for a line. */
enum {
	CL = SCTP_CONNTRACK_CLOSED,
	CW = SCTP_CONNTRACK_COOKIE_WAIT,
	CE = SCTP_CONNTRACK_COOKIE_ECHOED,
	ES = SCTP_CONNTRACK_ESTABLISHED,
	SS = SCTP_CONNTRACK_SHUTDOWN_SENT,
	SR = SCTP_CONNTRACK_SHUTDOWN_RECD,
	SA = SCTP_CONNTRACK_SHUTDOWN_ACK_SENT,
	HS = SCTP_CONNTRACK_HEARTBEAT_SENT,
};

static const enum ctrack_reason reasons[] = {
	[BAD_TAG] = CTRACK_REASON_sctp_vtag,
	[COLLIDES] = CTRACK_REASON_sctp_collision,
};

static void play_on(struct sctp_conn_state *conn, const struct packet *packets,
		    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct packet *packet = &packets[i];
		struct sctp_bundle bundle;
		struct ctrack_step step;

		assert_int_equal(parse(&bundle, packet->vtag, &packet->chunk, 1,
				       0), 0);
		step = sctp_step(conn, &bundle, packet->way == '>' ?
				 CTRACK_ORIGINAL : CTRACK_REPLY);
		if (step.verdict != (packet->verdict >= BAD_TAG ?
				     CTRACK_INVALID : CTRACK_ACCEPT) ||
		    step.reason != reasons[packet->verdict] ||
		    step.keep_timeout != (packet->verdict != OK) ||
		    conn->state != packet->state)
			fail_msg("packet %zu: verdict %d, reason %s, kept %d, state %u",
				 i + 1, step.verdict,
				 ctrack_reason_name(step.reason),
				 step.keep_timeout, conn->state);
	}
}

#define PLAY_ON(conn, packets) play_on(conn, packets, COUNT(packets))
#define PLAY(packets)							\
	do {								\
		struct sctp_conn_state conn_ = {};			\
		PLAY_ON(&conn_, packets);				\
	} while (0)

static const struct packet handshake[] = {
	{ '>', INIT(0xc1), 0, OK, CL },
	{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
	{ '>', COOKIE_ECHO, 0x5e, OK, CE },
	{ '<', COOKIE_ACK, 0xc1, OK, ES },
};

#endif
