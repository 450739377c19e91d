// SPDX-License-Identifier: GPL-2.0
/* SCTP: associations, packet by packet. */
#include "tests/sctp_play.h"

#define SECONDS(name, sysctl, seconds) seconds,

static void a_life(void **state)
{
	static const struct packet rest[] = {
		{ '>', DATA, 0x5e, OK, ES },
		{ '<', SACK, 0xc1, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
		{ '<', DATA, 0x5e, BAD_TAG, ES },
		/* What comes twice; its receiver discards it, section 5.2.3. */
		{ '<', INIT_ACK(0x5e), 0xc1, KEPT, ES },
		{ '<', INIT_ACK(0), 0xc1, BAD_TAG, ES },
		{ '<', INIT_ACK(0x5f), 0xc1, BAD_TAG, ES },
		{ '>', HEARTBEAT, 0x5e, OK, ES },
		{ '<', HEARTBEAT_ACK, 0xc1, OK, ES },
		{ '>', SHUTDOWN, 0x5e, OK, SS },
		{ '<', DATA, 0xc1, OK, SS },
		{ '<', SHUTDOWN_ACK, 0xc1, OK, SA },
		{ '>', SHUTDOWN_COMPLETE(0), 0x5e, OK, CL },
		/* Stragglers pass; the entry goes its way. */
		{ '<', SHUTDOWN_ACK, 0xc1, KEPT, CL },
		{ '>', SHUTDOWN_COMPLETE(1), 0xc1, KEPT, CL },
		{ '<', DATA, 0xc1, KEPT, CL },
		{ '<', DATA, NOBODYS, BAD_TAG, CL },
	};
	struct sctp_conn_state conn = {};

	PLAY_ON(&conn, handshake);
	assert_int_equal(conn.vtag[CTRACK_ORIGINAL], 0x5e);
	assert_int_equal(conn.vtag[CTRACK_REPLY], 0xc1);
	PLAY_ON(&conn, rest);
}

static void the_server_shuts_down(void **state)
{
	static const struct packet rest[] = {
		{ '<', SHUTDOWN, 0xc1, OK, SR },
		/* Both at once, section 9.2. */
		{ '>', SHUTDOWN, 0x5e, OK, SR },
		{ '>', SHUTDOWN_ACK, 0x5e, OK, SA },
		{ '<', SHUTDOWN_ACK, 0xc1, OK, SA },
		{ '<', SHUTDOWN_COMPLETE(0), 0xc1, OK, CL },
		/* Either end may open the next one. */
		{ '<', INIT(0x111), 0, KEPT, CL },
		{ '>', INIT_ACK(0x222), 0x111, OK, CW },
		{ '<', COOKIE_ECHO, 0x222, OK, CE },
		{ '>', COOKIE_ACK, 0x111, OK, ES },
		{ '<', DATA, 0x222, OK, ES },
		{ '>', DATA, 0x5e, BAD_TAG, ES },
	};
	struct sctp_conn_state conn = {};

	PLAY_ON(&conn, handshake);
	PLAY_ON(&conn, rest);
}

/* Section 8.5.1 B and C, section 8.4. */
static void aborts(void **state)
{
	static const struct packet refused[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		/* The client's tag is known already, and its own is not. */
		{ '<', ABORT(0), 0, BAD_TAG, CL },
		{ '<', ABORT(1), 0, BAD_TAG, CL },
		{ '<', ABORT(1), 0xc1, BAD_TAG, CL },
		{ '<', ABORT(0), 0xc1, OK, CL },
		{ '>', INIT(0xc2), 0, KEPT, CL },
		{ '<', INIT_ACK(0x5e), 0xc2, OK, CW },
	};
	/* What is under way meanwhile passes, and opens nothing. */
	static const struct packet in_handshake[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x5e, OK, CE },
		{ '>', ABORT(0), 0x5e, OK, CL },
		{ '<', COOKIE_ACK, 0xc1, KEPT, CL },
		{ '<', DATA, 0xc1, KEPT, CL },
		{ '>', COOKIE_ECHO, 0x5e, KEPT, CL },
		{ '<', COOKIE_ACK, 0xc1, KEPT, CL },
		{ '<', DATA, NOBODYS, BAD_TAG, CL },
		/* The client tries again, with the same tag. */
		{ '>', INIT(0xc1), 0, KEPT, CL },
		{ '<', INIT_ACK(0x5f), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x5f, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '>', DATA, 0x5e, BAD_TAG, ES },
	};
	static const struct packet twice[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
		{ '>', ABORT(1), 0xc1, OK, CL },
		{ '>', INIT(0xc1), 0, KEPT, CL },
		{ '>', ABORT(1), 0xc1, OK, CL },
		{ '>', COOKIE_ECHO, 0x5e, KEPT, CL },
		{ '<', DATA, NOBODYS, BAD_TAG, CL },
	};
	static const struct packet forged[] = {
		{ '<', ABORT(0), NOBODYS, BAD_TAG, ES },
		{ '<', ABORT(0), 0x5e, BAD_TAG, ES },
		{ '<', ABORT(1), 0xc1, BAD_TAG, ES },
		/* The server has forgotten: it reflects the client's tag. */
		{ '>', DATA, 0x5e, OK, ES },
		{ '<', ABORT(1), 0x5e, OK, CL },
	};
	static const struct packet path[] = {
		{ '>', HEARTBEAT, 0x5e, OK, HS },
		{ '<', ABORT(0), 0x5e, BAD_TAG, HS },
		{ '<', ABORT(1), 0x5e, OK, CL },
	};
	struct sctp_conn_state conn = {};

	PLAY(refused);
	PLAY(in_handshake);
	PLAY(twice);
	PLAY_ON(&conn, handshake);
	PLAY_ON(&conn, forged);
	PLAY(path);
}

/* Section 5.2.1: each sent an INIT before it got the other's. */
static void both_open_at_once(void **state)
{
	static const struct packet crossing[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT(0x5e), 0, KEPT, CL },
		{ '>', INIT_ACK(0xc1), 0x5e, OK, CW },
		{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x5e, OK, CE },
		{ '<', COOKIE_ECHO, 0xc1, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '>', COOKIE_ACK, 0x5e, OK, ES },
		{ '>', DATA, 0x5e, OK, ES },
		{ '<', DATA, 0xc1, OK, ES },
	};
	/*
	 * The trace of the kernel's conntrack_sctp_collision.sh: the server
	 * had answered before it opened, and that answer comes late. It would
	 * have the client send what the server won't take any more.
	 */
	static const struct packet late_answer[] = {
		{ '>', INIT(2017837359), 0, OK, CL },
		{ '<', INIT(1187206187), 0, KEPT, CL },
		{ '>', INIT_ACK(2017837359), 1187206187, OK, CW },
		{ '<', COOKIE_ECHO, 2017837359, OK, CE },
		{ '>', COOKIE_ACK, 1187206187, OK, ES },
		{ '<', INIT_ACK(164579970), 2017837359, BAD_TAG, ES },
		{ '>', DATA, 1187206187, OK, ES },
		{ '<', DATA, 2017837359, OK, ES },
	};
	/* The server's INIT crossed its INIT ACK, with the same tag. */
	static const struct packet late_init[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x5e, OK, CE },
		{ '<', INIT(0x5e), 0, KEPT, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '>', DATA, 0x5e, OK, ES },
		{ '<', SHUTDOWN, 0xc1, OK, SR },
	};
	/* And with another one, from who did not see the handshake. */
	static const struct packet forged_init[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x5e, OK, CE },
		{ '<', INIT(0xbad), 0, KEPT, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, CE },
		{ '>', DATA, 0xbad, OK, CE },
	};
	/* The same, less late. */
	static const struct packet later[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT(0x5e), 0, KEPT, CL },
		{ '<', INIT_ACK(0x99), 0xc1, COLLIDES, CL },
		{ '>', INIT_ACK(0xc1), 0x5e, OK, CW },
		{ '<', INIT_ACK(0x99), 0xc1, COLLIDES, CW },
		{ '<', COOKIE_ECHO, 0xc1, OK, CE },
		{ '>', COOKIE_ACK, 0x5e, OK, ES },
	};

	PLAY(crossing);
	PLAY(late_answer);
	PLAY(late_init);
	PLAY(forged_init);
	PLAY(later);
}

/* Section 5.1 B: a server makes another tag for each INIT that it gets. */
static void an_init_is_sent_twice(void **state)
{
	static const struct packet first_counts[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '>', INIT(0xc1), 0, KEPT, CL },
		{ '<', INIT_ACK(0x51), 0xc1, OK, CW },
		{ '<', INIT_ACK(0x52), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x51, OK, CE },
		{ '>', COOKIE_ECHO, 0x52, BAD_TAG, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '>', DATA, 0x51, OK, ES },
	};
	static const struct packet second_counts[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x51), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x52, BAD_TAG, CW },
		{ '<', INIT_ACK(0x52), 0xc1, OK, CW },
		/* The client's tag is certain. */
		{ '<', COOKIE_ECHO, 0x52, BAD_TAG, CW },
		{ '>', COOKIE_ECHO, 0x52, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
	};
	/* Whose cookie is echoed takes no other, section 5.2.3. */
	static const struct packet second_is_late[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '>', INIT(0xc1), 0, KEPT, CL },
		{ '<', INIT_ACK(0x51), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x51, OK, CE },
		{ '<', INIT_ACK(0x52), 0xc1, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '>', DATA, 0x51, OK, ES },
	};
	/* Unless the first INIT ACK was lost behind us, and that COOKIE ECHO a forgery. */
	static const struct packet second_counts_late[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x51), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x51, OK, CE },
		{ '<', INIT_ACK(0x52), 0xc1, OK, CE },
		{ '>', COOKIE_ECHO, 0x52, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '>', DATA, 0x52, OK, ES },
	};
	/* The cookie was stale, section 5.2.6. */
	static const struct packet stale[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x51), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x51, OK, CE },
		{ '<', ERROR(8), 0xc1, OK, CE },
		{ '<', ERROR(3), 0xc1, OK, CL },
		{ '>', INIT(0xc2), 0, KEPT, CL },
		{ '<', INIT_ACK(0x52), 0xc2, OK, CW },
		{ '>', COOKIE_ECHO, 0x52, OK, CE },
		{ '<', COOKIE_ACK, 0xc2, OK, ES },
	};

	PLAY(first_counts);
	PLAY(second_counts);
	PLAY(second_is_late);
	PLAY(second_counts_late);
	PLAY(stale);
}

/* RFC 4895: what has an AUTH before it does what it does without. */
static void what_is_authenticated(void **state)
{
	static const struct chunk echo[] = { AUTH, COOKIE_ECHO, DATA };
	static const struct chunk ack[] = { AUTH, COOKIE_ACK };
	static const struct chunk heartbeat[] = { AUTH, HEARTBEAT };
	static const struct chunk alone[] = { AUTH };
	struct sctp_conn_state conn = {}, path = {}, nothing = {};
	struct sctp_bundle bundle;

	play_on(&conn, handshake, 2);
	assert_int_equal(parse(&bundle, 0x5e, echo, COUNT(echo), 0), 0);
	sctp_step(&conn, &bundle, CTRACK_ORIGINAL);
	assert_int_equal(conn.state, CE);
	assert_int_equal(parse(&bundle, 0xc1, ack, COUNT(ack), 0), 0);
	assert_true(sctp_step(&conn, &bundle, CTRACK_REPLY).assured);
	assert_int_equal(conn.state, ES);

	assert_int_equal(parse(&bundle, 0x5e, heartbeat, COUNT(heartbeat), 0),
			 0);
	sctp_step(&path, &bundle, CTRACK_ORIGINAL);
	assert_int_equal(path.state, HS);
	assert_int_equal(parse(&bundle, 0x5e, alone, COUNT(alone), 0), 0);
	assert_int_equal(sctp_step(&nothing, &bundle, CTRACK_ORIGINAL).reason,
			 CTRACK_REASON_sctp_unknown);
}

/* Sections 8.4 (5) and 8.5.1 E: the last COMPLETE was lost. */
static void a_shutdown_ack_of_nothing(void **state)
{
	static const struct packet unknown[] = {
		{ '>', SHUTDOWN_ACK, 0xc1, OK, SA },
		{ '<', SHUTDOWN_COMPLETE(0), 0x77, BAD_TAG, SA },
		{ '<', SHUTDOWN_COMPLETE(1), 0xc1, OK, CL },
	};
	static const struct packet in_handshake[] = {
		{ '>', INIT(0xc2), 0, OK, CL },
		{ '>', SHUTDOWN_COMPLETE(1), 0xc1, BAD_TAG, CL },
		{ '<', SHUTDOWN_ACK, 0xc1, KEPT, CL },
		{ '>', SHUTDOWN_COMPLETE(0), 0xc1, BAD_TAG, CL },
		{ '>', SHUTDOWN_COMPLETE(1), 0xc1, KEPT, CL },
		{ '<', INIT_ACK(0x52), 0xc2, OK, CW },
		{ '<', SHUTDOWN_ACK, 0xc1, KEPT, CW },
		{ '>', COOKIE_ECHO, 0x52, OK, CE },
		{ '<', SHUTDOWN_ACK, 0xc1, KEPT, CE },
		{ '<', COOKIE_ACK, 0xc2, OK, ES },
		{ '<', SHUTDOWN_ACK, 0xc1, BAD_TAG, ES },
	};
	struct sctp_conn_state aborted = {
		.state = SCTP_CONNTRACK_COOKIE_WAIT,
	};
	const struct sctp_bundle shutdown_and_abort = {
		.vtag = NOBODYS,
		.kinds = SCTP_HAS(SHUTDOWN_ACK) | SCTP_HAS(ABORT),
	};

	PLAY(unknown);
	PLAY(in_handshake);
	/* Section 8.4, 2: whose tag is wrong aborts nothing. */
	assert_int_equal(sctp_step(&aborted, &shutdown_and_abort,
				   CTRACK_REPLY).reason,
			 CTRACK_REASON_sctp_vtag);
}

/*
 * Each is lost behind us once. Its sender waits for as long as RTO.Max, 60 s
 * (section 16), and its timer may be late by an eighth of that.
 */
static void what_is_lost_finds_its_entry(void **state)
{
	static const struct packet lossy[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', INIT_ACK(0x51), 0xc1, OK, CW },
		/* The INIT alone prolongs nothing, but its answer does. */
		{ '>', INIT(0xc1), 0, KEPT, CW },
		{ '<', INIT_ACK(0x52), 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x52, OK, CE },
		{ '>', COOKIE_ECHO, 0x52, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '>', COOKIE_ECHO, 0x52, OK, ES },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
		{ '>', SHUTDOWN, 0x52, OK, SS },
		{ '>', SHUTDOWN, 0x52, OK, SS },
		{ '<', SHUTDOWN_ACK, 0xc1, OK, SA },
		{ '>', SHUTDOWN, 0x52, OK, SA },
		{ '<', SHUTDOWN_ACK, 0xc1, OK, SA },
		{ '>', SHUTDOWN_COMPLETE(0), 0x52, OK, CL },
		/* Section 8.4, 5: who has forgotten it reflects the tag. */
		{ '<', SHUTDOWN_ACK, 0xc1, KEPT, CL },
		{ '>', SHUTDOWN_COMPLETE(1), 0xc1, KEPT, CL },
	};
	static const struct packet by_server[] = {
		{ '<', SHUTDOWN, 0xc1, OK, SR },
		{ '<', SHUTDOWN, 0xc1, OK, SR },
		{ '>', SHUTDOWN_ACK, 0x5e, OK, SA },
	};
	static const unsigned int seconds[] = { CTRACK_TIMEOUTS(SECONDS) };
	const unsigned int longest = 60 + 60 / 8;
	struct sctp_conn_state one = {}, two = {};
	size_t i;

	for (i = 0; i < COUNT(lossy); i++) {
		play_on(&one, lossy + i, 1);
		if (one.state != CL)
			assert_true(seconds[sctp_timeout(&one)] > longest);
	}
	PLAY_ON(&two, handshake);
	for (i = 0; i < COUNT(by_server); i++) {
		play_on(&two, by_server + i, 1);
		assert_true(seconds[sctp_timeout(&two)] > longest);
	}
}

/* A COOKIE ACK answers the other end's COOKIE ECHO. */
static void a_server_echoes_no_cookie(void **state)
{
	static const struct packet packets[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '<', COOKIE_ECHO, 0xc1, OK, CL },
		{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
		{ '<', COOKIE_ACK, 0xc1, OK, CW },
		{ '>', COOKIE_ECHO, 0x5e, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
	};

	PLAY(packets);
}

static void initiate_tags_are_not_zero(void **state)
{
	static const struct packet zero[] = {
		{ '>', INIT(0xc1), 0, OK, CL },
		{ '>', INIT(0), 0, BAD_TAG, CL },
		/* Section 8.5.1 A. */
		{ '>', INIT(0xc1), 0x5e, BAD_TAG, CL },
		{ '<', INIT_ACK(0), 0xc1, BAD_TAG, CL },
		{ '<', INIT_ACK(0x5e), 0xc1, OK, CW },
	};
	struct sctp_bundle first = { .kinds = SCTP_HAS(INIT) };
	struct sctp_conn_state conn = {};

	assert_int_equal(sctp_step(&conn, &first, CTRACK_ORIGINAL).reason,
			 CTRACK_REASON_sctp_vtag);
	PLAY(zero);
}

/* What ctnetlink puts in goes on as what packets made. */
static void a_restored_handshake_goes_on(void **state)
{
	static const struct packet rest[] = {
		{ '>', COOKIE_ECHO, 0x5e, OK, CE },
		{ '<', COOKIE_ACK, 0xc1, OK, ES },
	};
	const __u32 vtag[] = { 0x5e, 0xc1 };
	struct sctp_conn_state conn;

	sctp_restore(&conn, SCTP_CONNTRACK_COOKIE_WAIT, vtag);
	assert_int_equal(sctp_vtag(&conn, CTRACK_ORIGINAL), 0x5e);
	assert_int_equal(sctp_vtag(&conn, CTRACK_REPLY), 0xc1);
	PLAY_ON(&conn, rest);
	sctp_restore(&conn, SCTP_CONNTRACK_COOKIE_ECHOED, vtag);
	play_on(&conn, rest + 1, 1);
	sctp_restore(&conn, SCTP_CONNTRACK_ESTABLISHED, vtag);
	assert_int_equal(sctp_vtag(&conn, CTRACK_REPLY), 0xc1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_life),
		cmocka_unit_test(the_server_shuts_down),
		cmocka_unit_test(aborts),
		cmocka_unit_test(both_open_at_once),
		cmocka_unit_test(an_init_is_sent_twice),
		cmocka_unit_test(what_is_authenticated),
		cmocka_unit_test(a_shutdown_ack_of_nothing),
		cmocka_unit_test(what_is_lost_finds_its_entry),
		cmocka_unit_test(a_server_echoes_no_cookie),
		cmocka_unit_test(initiate_tags_are_not_zero),
		cmocka_unit_test(a_restored_handshake_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
