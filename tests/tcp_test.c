// SPDX-License-Identifier: GPL-2.0
/* TCP: each transition, and connections from start to end. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proto/tcp.c"
#include "proto/tcp_reset.c"
#include "proto/tcp_segment.c"
#include "proto/tcp_window.c"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Lines without a last word have none. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

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

static int expected_fin(__u8 state)
{
	switch (state) {
	case TCP_CONNTRACK_SYN_SENT:
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
		return expected_fin(state);
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

static const struct ctrack_options loose = {
	.tcp_loose = 1, .tcp_max_retrans = 3
};
static const struct ctrack_options strict = { .tcp_max_retrans = 3 };

/* Seconds, as an administrator finds them in the sysctls. */
#define SECONDS(name, sysctl, seconds) [CTRACK_TIMEOUT_##name] = seconds,
static const unsigned int timeout_seconds[CTRACK_TIMEOUT_COUNT] = {
	CTRACK_TIMEOUTS(SECONDS)
};

static unsigned int seconds_of(const struct ctrack_step *step)
{
	unsigned int timeout = timeout_seconds[step->timeout];
	unsigned int limit = timeout_seconds[step->limit];

	return timeout < limit ? timeout : limit;
}

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

/*
 * Connections: who sends (> original, < reply), which flags, seq, ack, octets,
 * the state after it, seconds to live; and what else, as one word:
 * "assured", "kept" (the timeout as it was), "invalid", "renew".
 */
struct line {
	char direction;
	const char *flags;
	__u32 seq, ack, payload;
	enum tcp_conntrack state;
	unsigned int seconds;
	const char *also;
};

static struct tcp_segment segment_of(const struct line *line)
{
	static const char letters[] = "FSRPAU";
	struct tcp_segment segment = {
		.seq = line->seq, .ack = line->ack, .sack = line->ack,
		.payload = line->payload, .window = 500,
	};
	const char *flag;

	for (flag = line->flags; *flag; flag++)
		segment.flags |= 1 << (strchr(letters, *flag) - letters);
	return segment;
}

static const char *also_of(const struct ctrack_step *step)
{
	if (step->verdict == CTRACK_INVALID)
		return "invalid";
	if (step->verdict == CTRACK_RENEW)
		return "renew";
	if (step->keep_timeout)
		return "kept";
	return step->assured ? "assured" : "";
}

static void play_on(struct tcp_state *tcp, const struct line *lines,
		    size_t count, const struct ctrack_options *options)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct line *line = &lines[i];
		struct tcp_segment segment = segment_of(line);
		const char *also = line->also ? line->also : "";
		struct ctrack_step step;

		step = tcp_step(tcp, &segment, line->direction == '<', options);
		if (strcmp(also_of(&step), also) || tcp->state != line->state ||
		    (line->seconds && seconds_of(&step) != line->seconds))
			fail_msg("line %zu, %c %s: state %d, %u s, '%s'", i + 1,
				 line->direction, line->flags, tcp->state,
				 seconds_of(&step), also_of(&step));
	}
}

#define PLAY(options, ...) do { \
	const struct line lines[] = { __VA_ARGS__ }; \
	struct tcp_state tcp = { 0 }; \
	\
	play_on(&tcp, lines, COUNT(lines), options); \
} while (0)

#define SYN_SENT TCP_CONNTRACK_SYN_SENT
#define SYN_SENT2 TCP_CONNTRACK_SYN_SENT2
#define SYN_RECV TCP_CONNTRACK_SYN_RECV
#define ESTABLISHED TCP_CONNTRACK_ESTABLISHED
#define FIN_WAIT TCP_CONNTRACK_FIN_WAIT
#define CLOSE_WAIT TCP_CONNTRACK_CLOSE_WAIT
#define LAST_ACK TCP_CONNTRACK_LAST_ACK
#define TIME_WAIT TCP_CONNTRACK_TIME_WAIT
#define CLOSE TCP_CONNTRACK_CLOSE

#define HANDSHAKE \
	{ '>', "S", 100, 0, 0, SYN_SENT, 120 }, \
	{ '<', "SA", 900, 101, 0, SYN_RECV, 60 }, \
	{ '>', "A", 101, 901, 0, ESTABLISHED, 432000, "assured" }

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
	     { '<', "FA", 900, 101, 0, SYN_SENT, 0, "invalid" });
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

static void a_reset_ends_it_at_any_time(void **state)
{
	static const struct line lines[] = {
		HANDSHAKE,
		{ '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
		{ '<', "A", 901, 102, 0, CLOSE_WAIT, 60 },
		{ '<', "FA", 901, 102, 0, LAST_ACK, 30 },
		{ '>', "A", 102, 902, 0, TIME_WAIT, 120 },
	};
	static const struct {
		__u32 client, server;
	} next[COUNT(lines)] = {
		{ 101, 0 }, { 101, 901 }, { 101, 901 }, { 102, 901 },
		{ 102, 901 }, { 102, 902 }, { 102, 902 },
	};
	size_t length;

	for (length = 1; length <= COUNT(lines); length++) {
		const struct line by_client = {
			'>', "R", next[length - 1].client, 0, 0, CLOSE, 10
		};
		const struct line by_server = {
			'<', "RA", next[length - 1].server,
			next[length - 1].client, 0, CLOSE, 10
		};
		struct tcp_state tcp = { 0 }, again;

		play_on(&tcp, lines, length, &strict);
		again = tcp;
		play_on(&tcp, &by_client, 1, &strict);
		play_on(&tcp, &by_server, 1, &strict);
		play_on(&again, &by_server, 1, &strict);
		play_on(&again, &by_client, 1, &strict);
	}
}

static void a_reset_of_a_syn_acknowledges_it(void **state)
{
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "R", 0, 0, 0, SYN_SENT, 0, "invalid" },
	     { '<', "RA", 0, 100, 0, SYN_SENT, 0, "invalid" },
	     { '<', "RA", 0, 102, 0, SYN_SENT, 0, "invalid" },
	     { '>', "R", 99, 0, 0, SYN_SENT, 0, "invalid" },
	     { '<', "RA", 0, 101, 0, CLOSE, 10 });
	/* RFC 7413: all of the data, or none; nothing in between. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "RA", 0, 120, 0, SYN_SENT, 0, "invalid" },
	     { '<', "RA", 0, 101, 0, CLOSE, 10 });
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "RA", 0, 151, 0, CLOSE, 10 });
}

/* RFC 5961 section 3.2. */
static void a_reset_has_to_be_exact(void **state)
{
	const struct ctrack_options ignore = {
		.tcp_max_retrans = 3, .tcp_ignore_invalid_rst = 1
	};
	const struct ctrack_options liberal = {
		.tcp_max_retrans = 3, .tcp_be_liberal = 1
	};
	const struct line established[] = {
		HANDSHAKE,
		{ '>', "PA", 101, 901, 50, ESTABLISHED, 300, "assured" },
		{ '<', "PA", 901, 151, 50, ESTABLISHED, 300, "assured" },
		{ '>', "A", 151, 951, 0, ESTABLISHED, 432000, "assured" },
	};
	const struct line inexact[] = {
		{ '<', "R", 950, 0, 0, ESTABLISHED, 0, "invalid" },
		{ '<', "R", 0, 0, 0, ESTABLISHED, 0, "invalid" },
		{ '<', "R", 1000000, 0, 0, ESTABLISHED, 0, "invalid" },
		/* In the window: it is left to the client's challenge ACK. */
		{ '<', "R", 952, 0, 0, ESTABLISHED, 300, "" },
		{ '>', "A", 151, 951, 0, ESTABLISHED, 432000, "assured" },
		{ '<', "R", 951, 0, 0, CLOSE, 10 },
	};
	const struct line ignored[] = {
		{ '<', "R", 950, 0, 0, ESTABLISHED, 0, "kept" },
		{ '<', "R", 1000000, 0, 0, ESTABLISHED, 0, "kept" },
	};
	const struct line behind[] = {
		{ '<', "R", 950, 0, 0, ESTABLISHED, 0, "invalid" },
		{ '<', "R", 1000000, 0, 0, ESTABLISHED, 300, "" },
	};
	struct tcp_state tcp = { 0 }, again;

	play_on(&tcp, established, COUNT(established), &strict);
	again = tcp;
	play_on(&tcp, inexact, COUNT(inexact), &strict);
	tcp = again;
	play_on(&tcp, ignored, COUNT(ignored), &ignore);
	tcp = again;
	play_on(&tcp, behind, COUNT(behind), &liberal);
	/* What was sent and not acknowledged may have arrived, or not. */
	PLAY(&strict, HANDSHAKE,
	     { '<', "PA", 901, 101, 50, ESTABLISHED, 300, "assured" },
	     { '<', "R", 951, 0, 0, CLOSE, 10 });
	PLAY(&strict, HANDSHAKE,
	     { '<', "PA", 901, 101, 50, ESTABLISHED, 300, "assured" },
	     { '<', "R", 901, 0, 0, CLOSE, 10 });
}

static void strays_of_a_closing_connection(void **state)
{
	/* Each segment under way is reset, by what it acknowledged. */
	PLAY(&strict, HANDSHAKE,
	     { '<', "PA", 901, 101, 50, ESTABLISHED, 300, "assured" },
	     { '>', "FA", 101, 951, 0, FIN_WAIT, 120 },
	     { '<', "PA", 951, 101, 50, CLOSE_WAIT, 60 },
	     { '<', "PA", 1001, 102, 50, CLOSE_WAIT, 60 },
	     { '>', "R", 101, 0, 0, CLOSE_WAIT, 0, "kept" },
	     { '>', "R", 102, 0, 0, CLOSE, 10 },
	     { '>', "R", 101, 0, 0, CLOSE, 10 });
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
	     { '<', "PA", 90901, 9000, 9, ESTABLISHED, 300 },
	     { '>', "A", 110, 90910, 0, ESTABLISHED, 432000, "assured" });
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

static void fast_open(void **state)
{
	/* RFC 7413: data in the SYN and behind the SYN/ACK. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "SA", 900, 151, 0, SYN_RECV, 60 },
	     { '<', "PA", 901, 151, 100, SYN_RECV, 60 },
	     { '<', "PA", 1001, 151, 100, SYN_RECV, 60 },
	     { '>', "A", 151, 1101, 0, ESTABLISHED, 432000, "assured" });
	/* The server takes the SYN alone: the data comes again. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '>', "PA", 101, 901, 50, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 151, 0, ESTABLISHED, 432000, "assured" });
}

static void fast_open_out_of_order(void **state)
{
	/* The server's data overtakes its SYN/ACK. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "PA", 1001, 151, 100, SYN_SENT, 0, "kept" },
	     { '<', "PA", 901, 151, 100, SYN_SENT, 120 },
	     { '<', "SA", 900, 151, 0, SYN_RECV, 60 },
	     { '>', "A", 151, 1101, 0, ESTABLISHED, 432000, "assured" });
	/* The SYN comes again without its data, before the answer to both. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "PA", 901, 151, 100, SYN_SENT, 0, "kept" },
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 151, 0, SYN_RECV, 60 },
	     { '>', "A", 151, 1001, 0, ESTABLISHED, 432000, "assured" });
	/* ... and an ACK overtakes the answer to the second alone. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '>', "S", 100, 0, 0, SYN_SENT, 0, "kept" },
	     { '<', "A", 901, 101, 0, SYN_SENT, 0, "kept" },
	     { '<', "A", 901, 101, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '>', "PA", 101, 901, 50, ESTABLISHED, 300, "assured" });
	/* ... which acknowledges the SYN alone. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '>', "S", 100, 0, 0, SYN_SENT, 0, "kept" },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '>', "PA", 101, 901, 50, ESTABLISHED, 300, "assured" });
}

static void a_syn_that_comes_late(void **state)
{
	/* It was doubled. What the client sent before it is not invalid. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "PA", 101, 901, 50, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 151, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "R", 901, 0, 0, CLOSE, 10 },
	     { '>', "S", 100, 0, 0, CLOSE, 0, "kept" },
	     { '>', "A", 151, 901, 0, CLOSE, 10 },
	     { '<', "R", 901, 0, 0, CLOSE, 10 },
	     { '>', "S", 70000, 0, 0, CLOSE, 0, "renew" });
	/* It was refused, and this is the same SYN once more; then the next. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "RA", 0, 101, 0, CLOSE, 10 },
	     { '>', "S", 100, 0, 0, CLOSE, 0, "kept" },
	     { '<', "RA", 0, 101, 0, CLOSE, 10 },
	     { '>', "S", 70000, 0, 0, CLOSE, 0, "renew" });
	/* The reset got lost, and the server listens by now. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "RA", 0, 101, 0, CLOSE, 10 },
	     { '>', "S", 100, 0, 0, CLOSE, 0, "kept" },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '>', "A", 101, 901, 0, ESTABLISHED, 432000, "assured" });
	/* The client has reset what was in its way, and sends it again. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "A", 5000, 70, 0, SYN_SENT, 0, "kept" },
	     { '>', "R", 70, 0, 0, CLOSE, 10 },
	     { '>', "S", 100, 0, 0, CLOSE, 0, "renew" });
	/* The server knows nothing of it any more; the client resets that. */
	PLAY(&strict, HANDSHAKE,
	     { '<', "R", 901, 0, 0, CLOSE, 10 },
	     { '>', "S", 100, 0, 0, CLOSE, 0, "kept" },
	     { '<', "SA", 500000, 101, 0, SYN_RECV, 60 },
	     { '>', "R", 101, 0, 0, CLOSE, 10 });
}

static void after_a_reset_nothing_is_out_of_window(void **state)
{
	PLAY(&strict, HANDSHAKE,
	     { '<', "R", 901, 0, 0, CLOSE, 10 },
	     { '<', "A", 500000, 101, 0, CLOSE, 0, "kept" },
	     { '>', "A", 101, 500000, 0, CLOSE, 0, "kept" });
}

static void synacks_that_answer_something_else(void **state)
{
	/* One for an older SYN passes: the client resets the server's. */
	PLAY(&strict,
	     { '>', "S", 100000, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 7001, 0, SYN_SENT, 0, "kept" },
	     { '>', "R", 7001, 0, 0, CLOSE, 10 },
	     { '>', "S", 100000, 0, 0, CLOSE, 0, "renew" });
	/* One for a SYN that was never sent. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 145824453, 643160523, 0, SYN_SENT, 0, "invalid" },
	     { '>', "S", 100, 0, 0, SYN_SENT, 0, "kept" },
	     { '<', "SA", 145758918, 101, 0, SYN_RECV, 60 },
	     { '>', "A", 101, 145758919, 0, ESTABLISHED, 432000, "assured" });
	/* SYN cookies: another SYN/ACK for each SYN; the first was lost. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '>', "S", 100, 0, 0, SYN_SENT, 0, "kept" },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '<', "SA", 7000000, 101, 0, SYN_RECV, 0, "kept" },
	     { '>', "A", 101, 7000001, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "PA", 7000001, 101, 9, ESTABLISHED, 300, "assured" });
}

/*
 * The client's SYN comes twice, and so does the SYN/ACK, when data has flowed:
 * the connection is not a new one.
 */
static void a_handshake_that_is_repeated_late(void **state)
{
	PLAY(&strict, HANDSHAKE,
	     { '>', "PA", 101, 901, 300, ESTABLISHED, 300, "assured" },
	     { '>', "S", 100, 0, 0, ESTABLISHED, 0, "kept" },
	     { '<', "SA", 900, 101, 0, ESTABLISHED, 0, "kept" },
	     { '<', "A", 901, 401, 0, ESTABLISHED, 432000, "assured" });
}

static void a_refused_connection_can_be_tried_again(void **state)
{
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "RA", 0, 101, 0, CLOSE, 10 },
	     { '>', "S", 5000, 0, 0, CLOSE, 0, "renew" });
}

static void reopening_is_the_next_connection(void **state)
{
	static const struct line closed[] = {
		HANDSHAKE,
		{ '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
		{ '<', "FA", 901, 102, 0, LAST_ACK, 30 },
		{ '>', "A", 102, 902, 0, TIME_WAIT, 120 },
	};
	static const struct line again[] = {
		{ '>', "S", 9000, 0, 0, TIME_WAIT, 0, "renew" },
		{ '<', "S", 9000, 0, 0, TIME_WAIT, 0, "renew" },
	};
	struct tcp_state tcp = { 0 }, before;

	play_on(&tcp, closed, COUNT(closed), &strict);
	before = tcp;
	play_on(&tcp, again, COUNT(again), &strict);
	assert_memory_equal(&tcp, &before, sizeof(tcp));
	/* Before TIME_WAIT it is not over. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '>', "S", 9000, 0, 0, FIN_WAIT, 0, "kept" },
	     { '<', "S", 9000, 0, 0, FIN_WAIT, 0, "invalid" });
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

static void a_client_that_was_started_anew(void **state)
{
	/* The server still has the old connection: RFC 9293 figure 9. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "S", 7000, 0, 0, ESTABLISHED, 0, "kept" },
	     { '<', "A", 901, 101, 0, ESTABLISHED, 432000, "assured" },
	     { '>', "R", 101, 0, 0, CLOSE, 10 },
	     { '>', "S", 7000, 0, 0, CLOSE, 0, "renew" });
	/* The server has forgotten it as well. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '>', "S", 7000, 0, 0, FIN_WAIT, 0, "kept" },
	     { '<', "SA", 4000, 7001, 0, SYN_RECV, 60 },
	     { '>', "A", 7001, 4001, 0, ESTABLISHED, 432000, "assured" });
	/* An old SYN/ACK doesn't answer it. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "S", 7000, 0, 0, ESTABLISHED, 0, "kept" },
	     { '<', "SA", 900, 101, 0, ESTABLISHED, 0, "kept" });
	/* We see only the new connection, the server still has an old one. */
	PLAY(&strict,
	     { '>', "S", 7000, 0, 0, SYN_SENT, 120 },
	     { '<', "A", 901, 101, 0, SYN_SENT, 0, "kept" },
	     { '>', "R", 101, 0, 0, CLOSE, 10 },
	     { '>', "S", 7000, 0, 0, CLOSE, 0, "renew" });
}

static void a_challenge_ack_is_not_the_last_ack(void **state)
{
	PLAY(&strict, HANDSHAKE,
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '<', "FA", 901, 102, 0, LAST_ACK, 30 },
	     { '>', "S", 7000, 0, 0, LAST_ACK, 0, "kept" },
	     { '<', "A", 902, 102, 0, LAST_ACK, 0, "kept" },
	     { '>', "A", 102, 902, 0, TIME_WAIT, 120 });
	/* The client's own ACK is no answer to its SYN. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '<', "FA", 901, 102, 0, LAST_ACK, 30 },
	     { '>', "S", 7000, 0, 0, LAST_ACK, 0, "kept" },
	     { '>', "A", 102, 902, 0, TIME_WAIT, 120 });
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
		cmocka_unit_test(a_reset_ends_it_at_any_time),
		cmocka_unit_test(a_reset_of_a_syn_acknowledges_it),
		cmocka_unit_test(a_reset_has_to_be_exact),
		cmocka_unit_test(strays_of_a_closing_connection),
		cmocka_unit_test(windows_decide),
		cmocka_unit_test(liberal_lets_windows_be),
		cmocka_unit_test(a_dead_end_is_not_waited_for),
		cmocka_unit_test(fast_open),
		cmocka_unit_test(fast_open_out_of_order),
		cmocka_unit_test(a_syn_that_comes_late),
		cmocka_unit_test(after_a_reset_nothing_is_out_of_window),
		cmocka_unit_test(synacks_that_answer_something_else),
		cmocka_unit_test(a_handshake_that_is_repeated_late),
		cmocka_unit_test(a_refused_connection_can_be_tried_again),
		cmocka_unit_test(reopening_is_the_next_connection),
		cmocka_unit_test(midstream_is_picked_up),
		cmocka_unit_test(midstream_is_refused),
		cmocka_unit_test(keepalives_keep_alive),
		cmocka_unit_test(a_client_that_was_started_anew),
		cmocka_unit_test(a_challenge_ack_is_not_the_last_ack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
