// SPDX-License-Identifier: GPL-2.0
/* TCP: each transition, and connections from start to end. */
#include "tests/tcp_play.h"

/*
 * The table, against the same knowledge in other words
 */

enum outcome { GOES_ON = 100, INVALID, NEXT_CONNECTION };

static int expected_syn(__u8 state, bool reply)
{
	switch (state) {
	case TCP_CONNTRACK_SYN_SENT:
		return reply ? TCP_CONNTRACK_SYN_SENT2 : TCP_CONNTRACK_SYN_SENT;
	case TCP_CONNTRACK_SYN_SENT2:
		return TCP_CONNTRACK_SYN_SENT2;
	case TCP_CONNTRACK_TIME_WAIT:
	case TCP_CONNTRACK_CLOSE:
		return NEXT_CONNECTION;
	case TCP_CONNTRACK_SYN_RECV:
		return GOES_ON;
	default:
		return reply ? INVALID : GOES_ON;
	}
}

static int expected_synack(__u8 state, bool reply)
{
	if (state == TCP_CONNTRACK_SYN_SENT2)
		return TCP_CONNTRACK_SYN_RECV;
	if (state == TCP_CONNTRACK_SYN_SENT && reply)
		return TCP_CONNTRACK_SYN_RECV;
	return reply ? GOES_ON : INVALID;
}

static int expected_fin(__u8 state, bool reply)
{
	switch (state) {
	case TCP_CONNTRACK_SYN_SENT:
		return reply ? GOES_ON : INVALID;
	case TCP_CONNTRACK_SYN_SENT2:
		return INVALID;
	case TCP_CONNTRACK_SYN_RECV:
	case TCP_CONNTRACK_ESTABLISHED:
		return TCP_CONNTRACK_FIN_WAIT;
	case TCP_CONNTRACK_TIME_WAIT:
	case TCP_CONNTRACK_CLOSE:
		return state;
	default:
		return TCP_CONNTRACK_LAST_ACK;
	}
}

static int expected_ack(__u8 state, bool reply)
{
	switch (state) {
	case TCP_CONNTRACK_SYN_SENT:
	case TCP_CONNTRACK_SYN_SENT2:
		return reply ? GOES_ON : INVALID;
	case TCP_CONNTRACK_SYN_RECV:
		return reply ? TCP_CONNTRACK_SYN_RECV :
			       TCP_CONNTRACK_ESTABLISHED;
	case TCP_CONNTRACK_FIN_WAIT:
		return TCP_CONNTRACK_CLOSE_WAIT;
	case TCP_CONNTRACK_LAST_ACK:
		return TCP_CONNTRACK_TIME_WAIT;
	default:
		return state;
	}
}

static int expected(__u8 state, bool reply, enum tcp_kind kind)
{
	if (kind == TCP_KIND_NONE)
		return INVALID;
	if (state == TCP_CONNTRACK_NONE) {
		if (kind == TCP_KIND_SYN && !reply)
			return TCP_CONNTRACK_SYN_SENT;
		if (kind == TCP_KIND_ACK && !reply)
			return TCP_CONNTRACK_ESTABLISHED;
		return INVALID;
	}
	switch (kind) {
	case TCP_KIND_SYN:
		return expected_syn(state, reply);
	case TCP_KIND_SYNACK:
		return expected_synack(state, reply);
	case TCP_KIND_FIN:
		return expected_fin(state, reply);
	case TCP_KIND_ACK:
		return expected_ack(state, reply);
	default:
		return TCP_CONNTRACK_CLOSE;
	}
}

static const __u8 flags_of[TCP_KIND_COUNT] = {
	[TCP_KIND_SYN] = TCP_SEGMENT_SYN,
	[TCP_KIND_SYNACK] = TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
	[TCP_KIND_FIN] = TCP_SEGMENT_FIN | TCP_SEGMENT_ACK,
	[TCP_KIND_ACK] = TCP_SEGMENT_ACK,
	[TCP_KIND_RST] = TCP_SEGMENT_RST | TCP_SEGMENT_ACK,
};

static void check_transition(__u8 old, bool reply, enum tcp_kind kind)
{
	const struct tcp_segment segment = {
		.seq = 1000, .ack = 2000, .sack = 2000,
		.flags = flags_of[kind],
	};
	struct tcp_state before = { .state = old }, tcp;
	int outcome = expected(old, reply, kind);
	struct ctrack_step step;

	/* What a reset of a SYN has to acknowledge. */
	before.side[!reply].end = segment.ack;
	tcp = before;
	step = tcp_step(&tcp, &segment, reply, &loose);
	if (outcome == INVALID) {
		assert_int_equal(step.verdict, CTRACK_INVALID);
		assert_int_equal(step.reason, old == TCP_CONNTRACK_NONE ?
				 CTRACK_REASON_tcp_midstream :
				 CTRACK_REASON_tcp_state);
		assert_memory_equal(&tcp, &before, sizeof(tcp));
		return;
	}
	assert_int_equal(step.reason, CTRACK_REASON_NONE);
	if (outcome == NEXT_CONNECTION) {
		assert_int_equal(step.verdict, CTRACK_RENEW);
		assert_memory_equal(&tcp, &before, sizeof(tcp));
		return;
	}
	assert_int_equal(step.verdict, CTRACK_ACCEPT);
	assert_int_equal(step.replied, reply);
	assert_int_equal(tcp.replied, reply);
	assert_int_equal(tcp.last_direction, reply);
	assert_int_equal(tcp.last_kind, kind);
	assert_int_equal(tcp.state, outcome == GOES_ON ? old : outcome);
	assert_int_equal(step.changed, tcp.state != old);
	if (outcome == GOES_ON) {
		assert_true(step.keep_timeout);
		assert_false(step.assured);
	}
}

static void every_transition_is_as_expected(void **state)
{
	unsigned int old, reply, kind;

	for (old = 0; old < TCP_CONNTRACK_MAX; old++)
		for (reply = 0; reply < 2; reply++)
			for (kind = 0; kind < TCP_KIND_COUNT; kind++)
				check_transition(old, reply, kind);
}

static void handshake_and_data(void **state)
{
	PLAY(&strict, HANDSHAKE,
	     { '>', "PA", 101, 901, 50, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 151, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "PAU", 901, 151, 9, ESTABLISHED, 300, "assured" },
	     { '>', "A", 151, 910, 0, ESTABLISHED, 432000, "assured" });
}

static void lost_segments_of_the_handshake(void **state)
{
	/* SYNs alone don't keep the entry alive. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '>', "S", 100, 0, 0, SYN_SENT, 0, "kept" },
	     { '>', "S", 100, 0, 0, SYN_SENT, 0, "kept" },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 0, "kept" },
	     { '>', "A", 101, 901, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "SA", 900, 101, 0, ESTABLISHED, 0, "kept" },
	     { '>', "A", 101, 901, 0, ESTABLISHED, 432000, "assured" });
	/* The SYN/ACK was lost behind us: the SYN comes again. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '>', "S", 100, 0, 0, SYN_RECV, 0, "kept" },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 0, "kept" },
	     { '>', "A", 101, 901, 0, ESTABLISHED, 432000, "assured" });
	/* A late SYN is answered with an ACK; the client's is still missing. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '<', "A", 901, 101, 0, SYN_RECV, 60 },
	     { '>', "A", 101, 901, 0, ESTABLISHED, 432000, "assured" });
}

static void nothing_is_assured_before_the_handshake(void **state)
{
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '>', "A", 101, 901, 0, SYN_SENT, 0, "invalid" },
	     { '>', "PA", 101, 901, 9, SYN_SENT, 0, "invalid" },
	     { '>', "SA", 101, 901, 0, SYN_SENT, 0, "invalid" },
	     { '<', "FA", 900, 101, 0, SYN_SENT, 0, "kept" });
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '<', "A", 901, 102, 0, CLOSE_WAIT, 60 });
}

static void simultaneous_open(void **state)
{
	/* RFC 9293 figure 7. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "S", 300, 0, 0, SYN_SENT2, 120 },
	     { '>', "S", 100, 0, 0, SYN_SENT2, 120 },
	     { '>', "SA", 100, 301, 0, SYN_RECV, 60 },
	     { '<', "SA", 300, 101, 0, SYN_RECV, 60 },
	     { '>', "A", 101, 301, 0, ESTABLISHED, 432000, "assured" });
	/* The reply direction's side is the first to have something to say. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "S", 300, 0, 0, SYN_SENT2, 120 },
	     { '<', "SA", 300, 101, 0, SYN_RECV, 60 },
	     { '>', "SA", 100, 301, 0, SYN_RECV, 60 },
	     { '<', "PA", 301, 101, 9, ESTABLISHED, 300, "assured" });
	/* A SYN that its own SYN/ACK has overtaken. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 300, 101, 0, SYN_RECV, 60 },
	     { '<', "S", 300, 0, 0, SYN_RECV, 0, "kept" },
	     { '>', "A", 101, 301, 0, ESTABLISHED, 432000, "assured" });
}

static void closes_in_each_order(void **state)
{
	/* The client first, then the server. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '<', "A", 901, 102, 0, CLOSE_WAIT, 60 },
	     { '<', "PA", 901, 102, 50, CLOSE_WAIT, 60 },
	     { '<', "FA", 951, 102, 0, LAST_ACK, 30 },
	     { '>', "A", 102, 952, 0, TIME_WAIT, 120 });
	/* The server first; FIN and its ACK in one. */
	PLAY(&strict, HANDSHAKE,
	     { '<', "FA", 901, 101, 0, FIN_WAIT, 120 },
	     { '>', "FA", 101, 902, 0, LAST_ACK, 30 },
	     { '<', "A", 902, 102, 0, TIME_WAIT, 120 });
	/* Both at once (RFC 9293 figure 13). */
	PLAY(&strict, HANDSHAKE,
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '<', "FA", 901, 101, 0, LAST_ACK, 30 },
	     { '>', "A", 102, 902, 0, TIME_WAIT, 120 },
	     { '<', "A", 902, 102, 0, TIME_WAIT, 120 });
	/* Both FINs are lost behind us and come again. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '<', "A", 901, 102, 0, CLOSE_WAIT, 60 },
	     { '<', "FA", 901, 102, 0, LAST_ACK, 30 },
	     { '<', "FA", 901, 102, 0, LAST_ACK, 30 },
	     { '>', "A", 102, 902, 0, TIME_WAIT, 120 },
	     { '<', "FA", 901, 102, 0, TIME_WAIT, 120 },
	     { '>', "A", 102, 902, 0, TIME_WAIT, 120 });
}

static void a_half_closed_connection_lives(void **state)
{
	PLAY(&strict, HANDSHAKE,
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '<', "A", 901, 102, 0, CLOSE_WAIT, 60 },
	     { '>', "FA", 101, 901, 0, CLOSE_WAIT, 60 },
	     { '<', "PA", 901, 102, 50, CLOSE_WAIT, 60 },
	     { '<', "FA", 951, 102, 0, LAST_ACK, 30 },
	     { '>', "A", 102, 952, 0, TIME_WAIT, 120 });
}

static void the_side_that_closes_first_is_noted(void **state)
{
	const struct line closes[] = {
		HANDSHAKE,
		{ '<', "FA", 901, 101, 0, FIN_WAIT, 120 },
		{ '>', "FA", 101, 902, 0, LAST_ACK, 30 },
	};
	struct tcp_state tcp = { 0 };

	play_on(&tcp, closes, COUNT(closes), &strict);
	assert_true(tcp.side[1].flags & IP_CT_TCP_FLAG_CLOSE_INIT);
	assert_false(tcp.side[0].flags & IP_CT_TCP_FLAG_CLOSE_INIT);
}

static void windows_decide(void **state)
{
	PLAY(&strict, HANDSHAKE,
	     /* Nobody was offered that much. */
	     { '>', "PA", 2000, 901, 9, ESTABLISHED, 0, "invalid" },
	     { '<', "PA", 9000, 101, 9, ESTABLISHED, 0, "invalid" },
	     { '>', "FA", 2000, 901, 9, ESTABLISHED, 0, "invalid" },
	     /* Nobody sent that. */
	     { '>', "A", 101, 902, 9, ESTABLISHED, 0, "invalid" },
	     { '<', "A", 901, 102, 0, ESTABLISHED, 0, "invalid" },
	     { '<', "FA", 901, 102, 0, ESTABLISHED, 0, "invalid" },
	     /* A whole window, in two segments that change places. */
	     { '>', "PA", 351, 901, 250, ESTABLISHED, 300, "assured" },
	     { '>', "PA", 101, 901, 250, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 601, 0, ESTABLISHED, 432000, "assured" },
	     /* Sent again; all of it, as a probe would be, or long ago. */
	     { '>', "PA", 351, 901, 250, ESTABLISHED, 432000, "assured" },
	     { '>', "A", 600, 901, 0, ESTABLISHED, 432000, "assured" },
	     { '>', "SA", 100, 901, 0, ESTABLISHED, 0, "kept" },
	     { '>', "SA", 99, 901, 0, ESTABLISHED, 0, "kept" },
	     { '>', "SA", 5000, 901, 0, ESTABLISHED, 0, "invalid" },
	     { '>', "A", 50, 901, 10, ESTABLISHED, 0, "kept" },
	     { '>', "FA", 50, 901, 10, ESTABLISHED, 0, "kept" },
	     /* More than the window, but not by a whole one. */
	     { '>', "PA", 1103, 901, 50, ESTABLISHED, 0, "kept" },
	     { '<', "A", 901, 1153, 0, ESTABLISHED, 432000, "assured" });
	/* A probe of many octets is not taken: its sender is heard still. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "PA", 101, 901, 500, ESTABLISHED, 300, "assured" },
	     { '>', "PA", 601, 901, 100, ESTABLISHED, 300, "assured" },
	     { '<', "PA", 901, 101, 400, ESTABLISHED, 300, "assured" },
	     { '>', "A", 701, 1301, 0, ESTABLISHED, 300, "assured" },
	     { '<', "PA", 1301, 101, 400, ESTABLISHED, 300, "assured" },
	     { '>', "A", 701, 1701, 0, ESTABLISHED, 300, "assured" },
	     { '<', "PA", 1701, 101, 400, ESTABLISHED, 300, "assured" });
}

static void liberal_lets_windows_be(void **state)
{
	const struct ctrack_options liberal = {
		.tcp_max_retrans = 3, .tcp_be_liberal = 1
	};

	PLAY(&liberal, HANDSHAKE,
	     { '>', "PA", 20000, 901, 9, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 70000, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "A", 901, 101, 0, ESTABLISHED, 432000, "assured" });
	/* Of one that was picked up the windows are not known. */
	PLAY(&loose,
	     { '>', "PA", 101, 901, 9, ESTABLISHED, 300 },
	     { '<', "PA", 90901, 110, 9, ESTABLISHED, 300 },
	     { '>', "A", 110, 90910, 0, ESTABLISHED, 432000, "assured" });
}

/* Who knows addresses and ports does not know where either end has got to. */
static void what_is_made_up_ends_nothing_picked_up(void **state)
{
	PLAY(&loose,
	     { '>', "PA", 1001, 5001, 100, ESTABLISHED, 300 },
	     { '<', "A", 5001, 1101, 0, ESTABLISHED, 300 },
	     { '>', "A", 1101, 5001, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "PA", 1000000000, 77, 1, ESTABLISHED, 432000 },
	     { '<', "R", 1000000001, 0, 0, ESTABLISHED, 0, "kept" },
	     { '<', "FA", 1000000000, 77, 0, ESTABLISHED, 432000 },
	     { '>', "A", 1101, 5001, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "R", 1500000000, 0, 0, ESTABLISHED, 0, "kept" },
	     { '<', "R", 5001, 0, 0, CLOSE, 10 });
	/* Nor does it lie elsewhere when it acknowledges anything. */
	PLAY(&loose,
	     { '>', "PA", 1001, 5001, 100, ESTABLISHED, 300 },
	     { '<', "FA", 5001, 1000000000, 0, ESTABLISHED, 300 },
	     { '>', "PA", 1101, 5001, 100, ESTABLISHED, 300, "assured" },
	     { '>', "FA", 1201, 5001, 0, FIN_WAIT, 120 });
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "PA", 5001, 1001, 100, ESTABLISHED, 300 },
	     { '>', "A", 1001, 5101, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "FA", 900000, 3000000000, 0, ESTABLISHED, 432000 },
	     { '<', "PA", 40000, 3000000000, 10, ESTABLISHED, 432000 },
	     { '<', "R", 40010, 0, 0, ESTABLISHED, 0, "kept" });
	/* Nor right after both ends have agreed. */
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "PA", 5001, 1001, 100, ESTABLISHED, 300 },
	     { '>', "A", 1001, 5101, 0, ESTABLISHED, 432000, "assured" },
	     { '>', "PA", 90000000, 80000000, 100, ESTABLISHED, 432000 },
	     { '<', "PA", 80000000, 90000100, 100, ESTABLISHED, 300, "assured" },
	     { '<', "FA", 3000000000, 77, 0, ESTABLISHED, 300 });
	/* Nor is it believed when it is the first that the other end says. */
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "FA", 1000000000, 1001, 0, ESTABLISHED, 432000 },
	     { '<', "FA", 5001, 1001, 0, FIN_WAIT, 120 });
}

static void what_both_ends_agree_on_is_believed(void **state)
{
	/* Some of both directions went another way. */
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "A", 5001, 1001, 0, ESTABLISHED, 300 },
	     { '>', "PA", 200000000, 700000000, 100, ESTABLISHED, 432000 },
	     { '<', "FA", 700000000, 200000100, 0, FIN_WAIT, 120 },
	     { '>', "A", 200000100, 700000001, 0, CLOSE_WAIT, 60 });
	/* The FIN was what the other end answered. */
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "A", 5001, 1001, 0, ESTABLISHED, 300 },
	     { '<', "FA", 70000000, 20000000, 0, ESTABLISHED, 432000 },
	     { '>', "A", 20000000, 70000001, 0, CLOSE_WAIT, 60 });
	/* A keepalive asks for less than what is next. */
	PLAY(&loose,
	     { '>', "PA", 1001, 5001, 100, ESTABLISHED, 300 },
	     { '<', "A", 5001, 1001, 0, ESTABLISHED, 300 },
	     { '>', "A", 20000000, 70000000, 0, ESTABLISHED, 300 },
	     { '<', "A", 70000000, 20000001, 0, ESTABLISHED, 432000, "assured" });
	/* What was believed in error, and lies ahead of what is right. */
	PLAY(&loose,
	     { '>', "A", 100000000, 900000000, 0, ESTABLISHED, 300 },
	     { '<', "PA", 5001, 1001, 50, ESTABLISHED, 432000 },
	     { '>', "A", 1001, 5051, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "FA", 5051, 1001, 0, FIN_WAIT, 120 },
	     { '>', "A", 1001, 5052, 0, CLOSE_WAIT, 60 },
	     { '<', "R", 5052, 0, 0, CLOSE, 10 });
}

/* More is under way than windows mostly allow: it is known by the other number. */
static void what_is_far_has_one_number_right(void **state)
{
	PLAY(&loose,
	     { '>', "A", 1001, 10000000, 0, ESTABLISHED, 300 },
	     { '<', "PA", 12000000, 1001, 1000, ESTABLISHED, 300 },
	     { '>', "A", 1001, 10100000, 0, ESTABLISHED, 300, "assured" },
	     { '<', "R", 12001000, 0, 0, CLOSE, 10 });
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "A", 5001, 1001, 0, ESTABLISHED, 300 },
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "PA", 70000000, 1001, 1000, ESTABLISHED, 300, "assured" },
	     { '<', "FA", 70001000, 1001, 0, FIN_WAIT, 120 },
	     { '>', "A", 1001, 70001001, 0, CLOSE_WAIT, 60 });
}

/* Nobody knows by how much, but what is near was lost before us, or comes again. */
static void what_is_near_is_believed(void **state)
{
	/* A retransmission has more in it, and its ACK was lost. */
	PLAY(&loose,
	     { '>', "PA", 1001, 5001, 100, ESTABLISHED, 300 },
	     { '<', "A", 5001, 1101, 0, ESTABLISHED, 300 },
	     { '>', "PA", 1001, 5001, 150, ESTABLISHED, 300, "assured" },
	     { '>', "FA", 1151, 5001, 0, FIN_WAIT, 120 },
	     { '<', "A", 5001, 1152, 0, CLOSE_WAIT, 60 });
	/* Both FINs overtake the data before them. */
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "A", 5001, 1001, 0, ESTABLISHED, 300 },
	     { '>', "FA", 1101, 5001, 0, FIN_WAIT, 120 },
	     { '>', "PA", 1001, 5001, 100, CLOSE_WAIT, 60 },
	     { '<', "FA", 5101, 1102, 0, LAST_ACK, 30 },
	     { '<', "PA", 5001, 1102, 100, TIME_WAIT, 120 });
	/* The same again and again, behind what was lost before us. */
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "A", 5001, 1001, 0, ESTABLISHED, 300 },
	     { '>', "PA", 1101, 5001, 100, ESTABLISHED, 300, "assured" },
	     { '>', "PA", 1101, 5001, 100, ESTABLISHED, 300, "assured" });
}

static void a_reset_ends_what_was_picked_up(void **state)
{
	/* Behind data that was not acknowledged yet. */
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "PA", 5001, 1001, 100, ESTABLISHED, 300 },
	     { '<', "RA", 5101, 1001, 0, CLOSE, 10 });
	/* However much of that there is. */
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "A", 5001, 1001, 0, ESTABLISHED, 300 },
	     { '>', "PA", 1001, 5001, 50000, ESTABLISHED, 300, "assured" },
	     { '>', "PA", 51001, 5001, 50000, ESTABLISHED, 300, "assured" },
	     { '>', "RA", 101001, 5001, 0, CLOSE, 10 });
	/* The client has forgotten it: what went another way meanwhile, too. */
	PLAY(&loose,
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 300 },
	     { '<', "A", 5001, 1001, 0, ESTABLISHED, 300 },
	     { '<', "PA", 90005001, 90001001, 100, ESTABLISHED, 432000 },
	     { '>', "R", 90001001, 0, 0, CLOSE, 10 });
}

static void a_dead_end_is_not_waited_for(void **state)
{
	/* Data that nobody acknowledges; then the same, again and again. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "PA", 101, 901, 50, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 101, 0, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 151, 0, ESTABLISHED, 432000, "assured" });
	/* Keepalives without an answer. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "A", 100, 901, 0, ESTABLISHED, 432000, "assured" },
	     { '>', "A", 100, 901, 0, ESTABLISHED, 432000, "assured" },
	     { '>', "A", 100, 901, 0, ESTABLISHED, 432000, "assured" },
	     { '>', "A", 100, 901, 0, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 101, 0, ESTABLISHED, 432000, "assured" });
}

/* It waits for nothing: its ACKs answer what came twice, or are for the gaps. */
static void who_says_the_same_again_may_be_done(void **state)
{
	PLAY(&strict, HANDSHAKE,
	     { '<', "PA", 901, 101, 50, ESTABLISHED, 300, "assured" },
	     { '>', "A", 101, 951, 0, ESTABLISHED, 432000, "assured" },
	     { '>', "A", 101, 951, 0, ESTABLISHED, 432000, "assured" },
	     { '>', "A", 101, 951, 0, ESTABLISHED, 432000, "assured" },
	     { '>', "A", 101, 951, 0, ESTABLISHED, 432000, "assured" },
	     { '>', "A", 101, 951, 0, ESTABLISHED, 432000, "assured" });
}

static void midstream_is_picked_up(void **state)
{
	/* 300 seconds until both have been heard, not 5 days. */
	PLAY(&loose,
	     { '>', "PA", 101, 901, 9, ESTABLISHED, 300 },
	     { '>', "PA", 110, 901, 9, ESTABLISHED, 300 },
	     { '<', "A", 901, 119, 0, ESTABLISHED, 300 },
	     { '>', "PA", 119, 901, 9, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 128, 0, ESTABLISHED, 432000, "assured" });
	/* What came first has not been acknowledged. */
	PLAY(&loose,
	     { '>', "PA", 101, 901, 9, ESTABLISHED, 300 },
	     { '<', "A", 901, 101, 0, ESTABLISHED, 300 },
	     { '>', "A", 110, 901, 0, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 110, 0, ESTABLISHED, 432000, "assured" });
	PLAY(&loose,
	     { '>', "A", 101, 901, 0, ESTABLISHED, 300 },
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 });
}

static void midstream_is_refused(void **state)
{
	static const char *const others[] = { "SA", "FA", "R", "RA" };
	size_t i;

	PLAY(&strict,
	     { '>', "PA", 101, 901, 9, TCP_CONNTRACK_NONE, 0, "invalid" },
	     { '>', "S", 101, 0, 0, SYN_SENT, 120 });
	for (i = 0; i < COUNT(others); i++) {
		const struct line line = {
			'>', others[i], 101, 901, 0, TCP_CONNTRACK_NONE, 0,
			"invalid"
		};

		PLAY(&strict, line);
		PLAY(&loose, line);
	}
}

static void keepalives_keep_alive(void **state)
{
	/* One octet that was acknowledged already (RFC 9293 section 3.8.4). */
	PLAY(&strict, HANDSHAKE,
	     { '>', "A", 100, 901, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "A", 901, 101, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "A", 900, 101, 1, ESTABLISHED, 432000, "assured" },
	     { '>', "A", 101, 901, 0, ESTABLISHED, 432000, "assured" });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_transition_is_as_expected),
		cmocka_unit_test(handshake_and_data),
		cmocka_unit_test(lost_segments_of_the_handshake),
		cmocka_unit_test(nothing_is_assured_before_the_handshake),
		cmocka_unit_test(simultaneous_open),
		cmocka_unit_test(closes_in_each_order),
		cmocka_unit_test(a_half_closed_connection_lives),
		cmocka_unit_test(the_side_that_closes_first_is_noted),
		cmocka_unit_test(windows_decide),
		cmocka_unit_test(liberal_lets_windows_be),
		cmocka_unit_test(what_is_made_up_ends_nothing_picked_up),
		cmocka_unit_test(what_both_ends_agree_on_is_believed),
		cmocka_unit_test(what_is_far_has_one_number_right),
		cmocka_unit_test(what_is_near_is_believed),
		cmocka_unit_test(a_reset_ends_what_was_picked_up),
		cmocka_unit_test(a_dead_end_is_not_waited_for),
		cmocka_unit_test(who_says_the_same_again_may_be_done),
		cmocka_unit_test(midstream_is_picked_up),
		cmocka_unit_test(midstream_is_refused),
		cmocka_unit_test(keepalives_keep_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
