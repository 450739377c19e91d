// SPDX-License-Identifier: GPL-2.0
/* SCTP: an end that has been started anew. */
#include "tests/sctp_play.h"

/* Section 5.2.2 and 5.2.4 A: an end has been started anew. */
static void a_restart(void **state)
{
	static const struct packet restart[] = {
		{ '>', INIT(0xc2), 0, KEPT, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '<', INIT_ACK(0x52), 0xc2, KEPT, ES },
		{ '>', DATA, 0x5e, OK, ES },
		{ '>', COOKIE_ECHO, 0x52, KEPT, ES },
		{ '<', COOKIE_ACK, 0xc2, OK, ES },
		{ '>', DATA, 0x52, OK, ES },
		{ '<', DATA, 0xc2, OK, ES },
		{ '<', DATA, 0xc1, BAD_TAG, ES },
	};
	/* A COOKIE ACK that answers nothing makes nobody's tags the right ones. */
	static const struct packet forged[] = {
		{ '>', INIT(0xbad), 0, KEPT, ES },
		{ '<', COOKIE_ACK, 0xbad, KEPT, ES },
		{ '<', ABORT(0), 0xbad, KEPT, ES },
		{ '<', SHUTDOWN, 0xbad, BAD_TAG, ES },
		{ '>', INIT(0xbad), 0, KEPT, ES },
		{ '<', SHUTDOWN, 0xbad, KEPT, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '>', DATA, 0x5e, OK, ES },
	};
	/* While it shuts down, section 9.2; and then it lives again. */
	static const struct packet shutting[] = {
		{ '>', SHUTDOWN, 0x5e, OK, SS },
		{ '>', INIT(0xc2), 0, KEPT, SS },
		{ '<', INIT_ACK(0x52), 0xc2, KEPT, SS },
		{ '>', COOKIE_ECHO, 0x52, KEPT, SS },
		{ '<', COOKIE_ACK, 0xc2, OK, ES },
	};
	/* Nobody completes the server's INIT: it has no say in which tag the next INIT ACK names. */
	static const struct packet behind_an_init[] = {
		{ '<', INIT(0xbad), 0, KEPT, ES },
		{ '>', INIT(0xc2), 0, KEPT, ES },
		{ '<', INIT_ACK(0x52), 0xc2, KEPT, ES },
		{ '>', COOKIE_ECHO, 0x52, KEPT, ES },
		{ '<', COOKIE_ACK, 0xc2, OK, ES },
		{ '>', DATA, 0x52, OK, ES },
	};
	struct sctp_conn_state one = {}, two = {}, three = {}, four = {};

	PLAY_ON(&one, handshake);
	PLAY_ON(&one, restart);
	PLAY_ON(&four, handshake);
	PLAY_ON(&four, behind_an_init);
	PLAY_ON(&two, handshake);
	PLAY_ON(&two, forged);
	PLAY_ON(&three, handshake);
	PLAY_ON(&three, shutting);
}

/* Section 5.2.2: the INIT ACK has a new tag, whether the INIT is a new one or comes late. */
static void a_restart_with_the_same_tag(void **state)
{
	static const struct packet rest[] = {
		{ '>', INIT(0xc1), 0, KEPT, ES },
		{ '<', INIT_ACK(0x52), 0xc1, KEPT, ES },
		{ '>', DATA, 0x5e, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '>', COOKIE_ECHO, 0x52, KEPT, ES },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '>', DATA, 0x52, OK, ES },
		{ '>', DATA, 0x5e, BAD_TAG, ES },
	};
	struct sctp_conn_state conn = {};

	PLAY_ON(&conn, handshake);
	PLAY_ON(&conn, rest);
}

/* The old association's ABORT may come last. */
static void a_restart_outlives_what_it_replaces(void **state)
{
	static const struct packet rest[] = {
		{ '>', INIT(0x111), 0, KEPT, ES },
		{ '<', INIT_ACK(0x222), 0x111, KEPT, ES },
		{ '<', ABORT(0), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x222, OK, CE },
		{ '<', COOKIE_ACK, 0x111, OK, ES },
		{ '>', DATA, 0x222, OK, ES },
		{ '<', DATA, 0xc1, BAD_TAG, ES },
	};
	struct sctp_conn_state conn = {};

	PLAY_ON(&conn, handshake);
	PLAY_ON(&conn, rest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart),
		cmocka_unit_test(a_restart_with_the_same_tag),
		cmocka_unit_test(a_restart_outlives_what_it_replaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
