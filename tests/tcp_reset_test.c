// SPDX-License-Identifier: GPL-2.0
/* TCP: which resets end a connection, and what comes after them. */
#include "tests/tcp_play.h"

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
	/* RFC 9293 section 3.10.7.3: and as much of its data as it likes. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "RA", 0, 100, 0, SYN_SENT, 0, "invalid" },
	     { '<', "RA", 0, 152, 0, SYN_SENT, 0, "invalid" },
	     { '<', "RA", 0, 120, 0, CLOSE, 10 });
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "RA", 0, 101, 0, CLOSE, 10 });
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "RA", 0, 151, 0, CLOSE, 10 });
}

/* Somebody made an ACK up, and the client answers as if it were an old one. */
static void a_reset_of_what_is_no_answer_ends_nothing(void **state)
{
	PLAY(&strict,
	     { '>', "S", 1000, 0, 0, SYN_SENT, 120 },
	     { '<', "A", 5500, 700, 0, SYN_SENT, 0, "kept" },
	     { '>', "R", 700, 0, 0, SYN_SENT, 0, "kept" },
	     { '<', "SA", 5000, 1001, 0, SYN_RECV, 60 },
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 432000, "assured" });
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
		{ '<', "R", 952, 0, 0, ESTABLISHED, 0, "kept" },
		{ '>', "A", 151, 951, 0, ESTABLISHED, 432000, "assured" },
		{ '<', "R", 951, 0, 0, CLOSE, 10 },
	};
	const struct line ignored[] = {
		{ '<', "R", 950, 0, 0, ESTABLISHED, 0, "kept" },
		{ '<', "R", 1000000, 0, 0, ESTABLISHED, 0, "kept" },
	};
	const struct line behind[] = {
		{ '<', "R", 950, 0, 0, ESTABLISHED, 0, "invalid" },
		{ '<', "R", 1000000, 0, 0, ESTABLISHED, 0, "kept" },
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
	/* It has to be exact as well: half of it may be in use for long. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "FA", 101, 901, 0, FIN_WAIT, 120 },
	     { '<', "PA", 901, 102, 50, CLOSE_WAIT, 60 },
	     { '>', "R", 300, 0, 0, CLOSE_WAIT, 0, "kept" },
	     { '<', "PA", 951, 102, 50, CLOSE_WAIT, 60 },
	     { '>', "R", 102, 0, 0, CLOSE, 10 });
}

static void after_a_reset_nothing_is_out_of_window(void **state)
{
	PLAY(&strict, HANDSHAKE,
	     { '<', "R", 901, 0, 0, CLOSE, 10 },
	     { '<', "A", 500000, 101, 0, CLOSE, 0, "kept" },
	     { '>', "A", 101, 500000, 0, CLOSE, 0, "kept" });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reset_ends_it_at_any_time),
		cmocka_unit_test(a_reset_of_a_syn_acknowledges_it),
		cmocka_unit_test(a_reset_of_what_is_no_answer_ends_nothing),
		cmocka_unit_test(a_reset_has_to_be_exact),
		cmocka_unit_test(strays_of_a_closing_connection),
		cmocka_unit_test(after_a_reset_nothing_is_out_of_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
