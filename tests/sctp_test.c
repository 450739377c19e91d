// SPDX-License-Identifier: GPL-2.0
/* SCTP: each transition, and tags. */
#include "tests/sctp_packet.h"

/*
 * The table, against the same knowledge in other words
 */

static const struct sctp_bundle nothing = { .vtag = TO_SERVER };

/* An association, or a handshake, of which the tags are known. */
static struct sctp_conn_state known(__u8 number)
{
	const __u32 vtag[] = { TO_SERVER, TO_CLIENT };
	struct sctp_conn_state state;

	sctp_restore(&state, number, vtag);
	if (is_opening(number))
		state.init = 1;
	return state;
}

static struct sctp_bundle bundle_of(unsigned int kind, bool reply)
{
	struct sctp_bundle bundle = nothing;

	bundle.kinds = 1u << kind;
	bundle.vtag = reply ? TO_CLIENT : TO_SERVER;
	if (kind == SCTP_KIND_INIT)
		bundle.vtag = 0;
	if (kind == SCTP_KIND_INIT || kind == SCTP_KIND_INIT_ACK)
		bundle.init_tag = reply ? TO_SERVER : TO_CLIENT;
	return bundle;
}

/* Of a packet with a right tag. */
static __u8 expected(__u8 state, unsigned int kind, bool reply)
{
	bool shutting_down = state == SCTP_CONNTRACK_SHUTDOWN_SENT ||
			     state == SCTP_CONNTRACK_SHUTDOWN_RECD;

	switch (kind) {
	case SCTP_KIND_ABORT:
		return SCTP_CONNTRACK_CLOSED;
	case SCTP_KIND_INIT:
		/* An association that may be gone makes way for a new one. */
		return state == SCTP_CONNTRACK_HEARTBEAT_SENT ?
		       SCTP_CONNTRACK_CLOSED : state;
	case SCTP_KIND_INIT_ACK:
		return state == SCTP_CONNTRACK_CLOSED ?
		       SCTP_CONNTRACK_COOKIE_WAIT : state;
	case SCTP_KIND_COOKIE_ECHO:
		return state == SCTP_CONNTRACK_COOKIE_WAIT ?
		       SCTP_CONNTRACK_COOKIE_ECHOED : state;
	case SCTP_KIND_COOKIE_ACK:
		return state == SCTP_CONNTRACK_COOKIE_ECHOED ?
		       SCTP_CONNTRACK_ESTABLISHED : state;
	case SCTP_KIND_STALE_COOKIE:
		return state == SCTP_CONNTRACK_COOKIE_ECHOED ?
		       SCTP_CONNTRACK_CLOSED : state;
	case SCTP_KIND_HEARTBEAT_ACK:
		return state == SCTP_CONNTRACK_HEARTBEAT_SENT && reply ?
		       SCTP_CONNTRACK_ESTABLISHED : state;
	case SCTP_KIND_SHUTDOWN:
		if (state == SCTP_CONNTRACK_HEARTBEAT_SENT)
			return SCTP_CONNTRACK_CLOSED;
		if (state != SCTP_CONNTRACK_ESTABLISHED)
			return state;
		return reply ? SCTP_CONNTRACK_SHUTDOWN_RECD :
			       SCTP_CONNTRACK_SHUTDOWN_SENT;
	case SCTP_KIND_SHUTDOWN_ACK:
		return shutting_down || state == SCTP_CONNTRACK_HEARTBEAT_SENT ?
		       SCTP_CONNTRACK_SHUTDOWN_ACK_SENT : state;
	case SCTP_KIND_SHUTDOWN_COMPLETE:
		return state == SCTP_CONNTRACK_SHUTDOWN_ACK_SENT ||
		       state == SCTP_CONNTRACK_HEARTBEAT_SENT ?
		       SCTP_CONNTRACK_CLOSED : state;
	default:
		return state;
	}
}

static void check_transition(__u8 old, unsigned int kind, bool reply)
{
	struct sctp_conn_state conn = known(old);
	struct sctp_bundle bundle = bundle_of(kind, reply);
	struct ctrack_step step;
	__u8 wanted = expected(old, kind, reply);
	bool late = kind == SCTP_KIND_INIT_ACK && !is_opening(old);
	bool answers_nothing = kind == SCTP_KIND_INIT_ACK && !late && !reply;

	step = sctp_step(&conn, &bundle, reply ? CTRACK_REPLY : CTRACK_ORIGINAL);
	if (answers_nothing) {
		assert_int_equal(step.verdict, CTRACK_INVALID);
		assert_int_equal(step.reason, CTRACK_REASON_sctp_vtag);
		assert_true(step.keep_timeout);
		assert_int_equal(conn.state, old);
		return;
	}
	if (step.verdict != CTRACK_ACCEPT || conn.state != wanted)
		fail_msg("state %u, kind %u, reply %d: verdict %d, state %u, not %u",
			 old, kind, reply, step.verdict, conn.state, wanted);
	assert_int_equal(step.reason, CTRACK_REASON_NONE);
	assert_int_equal(step.changed, wanted != old);
	assert_int_equal(step.replied, reply);
	assert_int_equal(step.timeout, timeouts[wanted]);
	assert_int_equal(step.limit, step.timeout);
	assert_int_equal(step.timeout, sctp_timeout(&conn));
	assert_int_equal(step.assured, wanted != old &&
			 wanted == SCTP_CONNTRACK_ESTABLISHED);
	/* An INIT proves nothing. */
	assert_int_equal(step.keep_timeout,
			 late || (kind == SCTP_KIND_INIT && wanted == old));
}

static void every_transition(void **state)
{
	unsigned int kind;
	__u8 old;

	for (old = SCTP_CONNTRACK_CLOSED;
	     old <= SCTP_CONNTRACK_HEARTBEAT_SENT; old++) {
		for (kind = 0; kind <= SCTP_KIND_OTHER; kind++) {
			check_transition(old, kind, false);
			check_transition(old, kind, true);
		}
	}
}

static void every_first_packet(void **state)
{
	unsigned int kinds;

	for (kinds = 0; kinds < 2u << SCTP_KIND_OTHER; kinds++) {
		struct sctp_bundle bundle = { .kinds = kinds, .vtag = 7 };
		struct sctp_conn_state conn = {}, before = conn;
		struct ctrack_step step;
		__u8 wanted = SCTP_CONNTRACK_NONE;

		if (kinds == SCTP_HAS(INIT)) {
			bundle.vtag = 0;
			bundle.init_tag = 8;
			wanted = SCTP_CONNTRACK_CLOSED;
		}
		if (kinds == SCTP_HAS(HEARTBEAT))
			wanted = SCTP_CONNTRACK_HEARTBEAT_SENT;
		if (kinds == SCTP_HAS(HEARTBEAT_ACK))
			wanted = SCTP_CONNTRACK_CLOSED;
		if (kinds == SCTP_HAS(SHUTDOWN_ACK))
			wanted = SCTP_CONNTRACK_SHUTDOWN_ACK_SENT;
		step = sctp_step(&conn, &bundle, CTRACK_ORIGINAL);
		assert_int_equal(conn.state, wanted);
		if (wanted) {
			assert_int_equal(step.verdict, CTRACK_ACCEPT);
			assert_false(step.keep_timeout);
			continue;
		}
		assert_int_equal(step.verdict, CTRACK_INVALID);
		assert_int_equal(step.reason, CTRACK_REASON_sctp_unknown);
		assert_memory_equal(&conn, &before, sizeof(conn));
	}
}

/* What nobody has agreed upon changes nothing, whatever it is. */
static void a_wrong_tag_moves_nothing(void **state)
{
	unsigned int kind;
	__u8 old;

	for (old = SCTP_CONNTRACK_CLOSED;
	     old <= SCTP_CONNTRACK_HEARTBEAT_SENT; old++) {
		for (kind = 0; kind <= SCTP_KIND_OTHER; kind++) {
			struct sctp_conn_state conn = known(old);
			struct sctp_bundle bundle = bundle_of(kind, true);
			struct ctrack_step step;
			bool stray = kind == SCTP_KIND_HEARTBEAT ||
				     (kind == SCTP_KIND_SHUTDOWN_ACK &&
				      is_opening(old));

			bundle.vtag = NOBODYS;
			step = sctp_step(&conn, &bundle, CTRACK_REPLY);
			assert_int_equal(conn.state, old);
			assert_int_equal(sctp_vtag(&conn, CTRACK_ORIGINAL),
					 TO_SERVER);
			assert_int_equal(sctp_vtag(&conn, CTRACK_REPLY),
					 TO_CLIENT);
			assert_true(step.keep_timeout);
			assert_int_equal(step.verdict, stray ? CTRACK_ACCEPT :
							       CTRACK_INVALID);
			assert_int_equal(step.reason, stray ? 0 :
					 CTRACK_REASON_sctp_vtag);
		}
	}
}

static void zero_is_no_tag(void **state)
{
	unsigned int kind;
	__u8 old;

	/* Not even where none is known (section 8.5.1 B, reflected). */
	for (old = SCTP_CONNTRACK_NONE;
	     old <= SCTP_CONNTRACK_HEARTBEAT_SENT; old++) {
		for (kind = SCTP_KIND_INIT_ACK; kind <= SCTP_KIND_OTHER; kind++) {
			struct sctp_conn_state conn = { .state = old };
			struct sctp_bundle bundle = { .kinds = 1u << kind,
						      .reflected = true };

			assert_int_equal(sctp_step(&conn, &bundle,
						   CTRACK_REPLY).verdict,
					 CTRACK_INVALID);
			assert_int_equal(conn.state, old);
		}
	}
}

/* Several in one packet take effect one after the other. */
static void chunks_together(void **state)
{
	struct sctp_conn_state conn = known(SCTP_CONNTRACK_COOKIE_ECHOED);
	struct sctp_bundle bundle = {
		.vtag = TO_CLIENT,
		.kinds = SCTP_HAS(COOKIE_ACK) | SCTP_HAS(STALE_COOKIE) |
			 SCTP_HAS(DATA),
	};

	sctp_step(&conn, &bundle, CTRACK_REPLY);
	assert_int_equal(conn.state, SCTP_CONNTRACK_ESTABLISHED);
	bundle.kinds = SCTP_HAS(SHUTDOWN) | SCTP_HAS(SHUTDOWN_ACK) |
		       SCTP_HAS(OTHER);
	sctp_step(&conn, &bundle, CTRACK_REPLY);
	assert_int_equal(conn.state, SCTP_CONNTRACK_SHUTDOWN_ACK_SENT);
	conn = known(SCTP_CONNTRACK_COOKIE_ECHOED);
	bundle.kinds = SCTP_HAS(COOKIE_ACK) | SCTP_HAS(ABORT);
	assert_true(sctp_step(&conn, &bundle, CTRACK_REPLY).assured);
	assert_int_equal(conn.state, SCTP_CONNTRACK_CLOSED);
	/* A wrong tag, and a HEARTBEAT to make up for it: nothing is believed. */
	conn = known(SCTP_CONNTRACK_ESTABLISHED);
	bundle.vtag = NOBODYS;
	bundle.kinds = SCTP_HAS(HEARTBEAT) | SCTP_HAS(SHUTDOWN);
	assert_true(sctp_step(&conn, &bundle, CTRACK_REPLY).keep_timeout);
	assert_int_equal(conn.state, SCTP_CONNTRACK_ESTABLISHED);
	bundle.kinds = SCTP_HAS(HEARTBEAT) | SCTP_HAS(DATA);
	assert_int_equal(sctp_step(&conn, &bundle, CTRACK_REPLY).reason,
			 CTRACK_REASON_sctp_vtag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_transition),
		cmocka_unit_test(every_first_packet),
		cmocka_unit_test(a_wrong_tag_moves_nothing),
		cmocka_unit_test(zero_is_no_tag),
		cmocka_unit_test(chunks_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
