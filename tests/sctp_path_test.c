// SPDX-License-Identifier: GPL-2.0
/* SCTP: further paths of an association. */
#include "tests/sctp_play.h"

/* Section 8.3, section 5.4: further paths. */
static void paths(void **state)
{
	static const struct packet path[] = {
		{ '>', HEARTBEAT, 0x5e, OK, HS },
		{ '>', DATA, 0x5e, OK, HS },
		{ '<', DATA, 0xc1, BAD_TAG, HS },
		{ '<', HEARTBEAT_ACK, 0xc1, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '<', HEARTBEAT, 0xc1, OK, ES },
		{ '>', HEARTBEAT_ACK, 0x5e, OK, ES },
	};
	/* Both probe before either answers. */
	static const struct packet crossing[] = {
		{ '>', HEARTBEAT, 0x5e, OK, HS },
		{ '<', HEARTBEAT, 0xc1, KEPT, HS },
		{ '>', HEARTBEAT_ACK, 0x5e, OK, ES },
		{ '<', HEARTBEAT_ACK, 0xc1, OK, ES },
	};
	/* The ends have started anew on another path. */
	static const struct packet renewed[] = {
		{ '<', HEARTBEAT_ACK, 0xc2, BAD_TAG, ES },
		{ '>', HEARTBEAT, 0x52, KEPT, ES },
		{ '>', HEARTBEAT_ACK, 0x53, BAD_TAG, ES },
		{ '>', DATA, 0x52, BAD_TAG, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '<', HEARTBEAT_ACK, 0xc2, OK, ES },
		{ '>', DATA, 0x52, OK, ES },
		{ '<', DATA, 0xc2, OK, ES },
		{ '<', DATA, 0xc1, BAD_TAG, ES },
	};
	/* And here the association that went by this path is over. */
	static const struct packet after_all[] = {
		{ '>', ABORT(0), 0x5e, OK, CL },
		{ '>', HEARTBEAT, 0x52, KEPT, CL },
		{ '<', HEARTBEAT_ACK, 0xc2, OK, ES },
	};
	static const struct packet renewed_crossing[] = {
		{ '>', HEARTBEAT, 0x52, KEPT, ES },
		{ '<', HEARTBEAT, 0xc2, KEPT, ES },
		{ '<', HEARTBEAT_ACK, 0xc2, OK, ES },
		{ '>', HEARTBEAT_ACK, 0x52, OK, ES },
	};
	/* The first is the last of an association that is over. */
	static const struct packet renewed_at_once[] = {
		{ '>', HEARTBEAT, 0x4e, OK, HS },
		{ '>', HEARTBEAT, 0x5e, KEPT, HS },
		{ '<', HEARTBEAT_ACK, 0xc1, OK, ES },
		{ '>', DATA, 0x5e, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
	};
	/* The answer is seen first. */
	static const struct packet answered[] = {
		{ '>', HEARTBEAT_ACK, 0x5e, OK, CL },
		{ '<', HEARTBEAT, 0xc1, KEPT, CL },
		{ '>', HEARTBEAT_ACK, 0x5e, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
	};
	/* What was begun here was tried again on another path, where the server has another tag. */
	static const struct packet handshake_elsewhere[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
		{ '>', HEARTBEAT, 0x5f, KEPT, CW },
		{ '<', HEARTBEAT_ACK, 0xc1, OK, ES },
		{ '<', HEARTBEAT, 0xc1, OK, ES },
		{ '>', HEARTBEAT_ACK, 0x5f, OK, ES },
		{ '>', DATA, 0x5f, OK, ES },
	};
	static const struct packet forged_init[] = {
		{ '>', HEARTBEAT, 0x5e, OK, HS },
		{ '<', INIT(0xbad), 0, OK, CL },
		{ '<', HEARTBEAT_ACK, 0xc1, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
	};
	struct sctp_conn_state one = {}, two = {}, three = {};

	PLAY(crossing);
	PLAY(renewed_at_once);
	PLAY(answered);
	PLAY(handshake_elsewhere);
	PLAY(forged_init);
	PLAY_ON(&three, path);
	PLAY_ON(&three, renewed_crossing);
	PLAY_ON(&one, path);
	PLAY_ON(&one, renewed);
	PLAY_ON(&two, path);
	PLAY_ON(&two, after_all);
}

/* RFC 8899 section 6.2.1: a further path is probed for its MTU from the start. */
static void a_heartbeat_that_is_padded(void **state)
{
	static const struct chunk probe[] = { HEARTBEAT, PAD };
	struct sctp_conn_state path = {};
	struct sctp_bundle bundle;

	assert_int_equal(parse(&bundle, 0x5e, probe, COUNT(probe), 0), 0);
	sctp_step(&path, &bundle, CTRACK_ORIGINAL);
	assert_int_equal(path.state, HS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(a_heartbeat_that_is_padded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
