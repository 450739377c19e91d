// SPDX-License-Identifier: GPL-2.0
/* TCP: SYNs with data, late ones, those of the next connection, and their answers. */
#include "tests/tcp_play.h"

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
	/* It has room for some of the data. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "SA", 900, 121, 0, SYN_RECV, 60 },
	     { '>', "PA", 121, 901, 30, ESTABLISHED, 300, "assured" },
	     { '<', "A", 901, 151, 0, ESTABLISHED, 432000, "assured" });
	/* The SYN comes again with less of it, and that one arrives. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '>', "S", 100, 0, 30, SYN_SENT, 0, "kept" },
	     { '<', "SA", 900, 131, 0, SYN_RECV, 60 },
	     { '>', "PA", 131, 901, 20, ESTABLISHED, 300, "assured" },
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
	/* ... with its FIN, of which nobody will know when it closed. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 50, SYN_SENT, 120 },
	     { '<', "FA", 901, 151, 20, SYN_SENT, 0, "kept" },
	     { '<', "SA", 900, 151, 0, SYN_RECV, 60 },
	     { '>', "A", 151, 922, 0, ESTABLISHED, 432000, "assured" });
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
	     { '>', "R", 70, 0, 0, SYN_SENT, 0, "kept" },
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 9000, 101, 0, SYN_RECV, 60 },
	     { '>', "A", 101, 9001, 0, ESTABLISHED, 432000, "assured" });
	/* The server knows nothing of it any more; the client resets that. */
	PLAY(&strict, HANDSHAKE,
	     { '<', "R", 901, 0, 0, CLOSE, 10 },
	     { '>', "S", 100, 0, 0, CLOSE, 0, "kept" },
	     { '<', "SA", 500000, 101, 0, SYN_RECV, 60 },
	     { '>', "R", 101, 0, 0, CLOSE, 10 });
}

static void synacks_that_answer_something_else(void **state)
{
	/* One for an older SYN passes: the client resets the server's. */
	PLAY(&strict,
	     { '>', "S", 100000, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 7001, 0, SYN_SENT, 0, "kept" },
	     { '>', "R", 7001, 0, 0, SYN_SENT, 0, "kept" },
	     { '>', "S", 100000, 0, 0, SYN_SENT, 120 });
	/* Unless that was the client's, and what we took for it was older. */
	PLAY(&strict,
	     { '>', "S", 1000, 0, 0, SYN_SENT, 120 },
	     { '>', "S", 500000, 0, 0, SYN_SENT, 0, "kept" },
	     { '<', "SA", 5000, 1001, 0, SYN_SENT, 0, "kept" },
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 432000, "" },
	     { '>', "PA", 1001, 5001, 100, ESTABLISHED, 300, "assured" },
	     { '<', "A", 5001, 1101, 0, ESTABLISHED, 432000, "assured" });
	PLAY(&strict,
	     { '>', "S", 900000, 0, 0, SYN_SENT, 120 },
	     { '>', "S", 1000, 0, 0, SYN_SENT, 0, "kept" },
	     { '<', "SA", 5000, 900001, 0, SYN_SENT, 0, "kept" },
	     { '>', "A", 900001, 5001, 0, ESTABLISHED, 432000, "" },
	     { '<', "PA", 5001, 900001, 9, ESTABLISHED, 300, "assured" });
	/* Its options are forgotten: windows may be scaled. */
	PLAY(&strict,
	     { '>', "S", 1000, 0, 0, SYN_SENT, 120 },
	     { '>', "S", 900000, 0, 0, SYN_SENT, 0, "kept" },
	     { '<', "SA", 5000, 1001, 0, SYN_SENT, 0, "kept" },
	     { '>', "A", 1001, 5001, 0, ESTABLISHED, 432000, "" },
	     { '<', "PA", 5001, 1001, 60000, ESTABLISHED, 300, "assured" },
	     { '<', "PA", 125001, 1001, 60000, ESTABLISHED, 300, "assured" });
	/* One for a SYN that we have not seen. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 145824453, 643160523, 0, SYN_SENT, 0, "kept" },
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
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
	/* The SYN comes again as well; either SYN/ACK may have arrived. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '>', "S", 100, 0, 0, SYN_RECV, 0, "kept" },
	     { '<', "SA", 7000000, 101, 0, SYN_RECV, 0, "kept" },
	     { '>', "A", 101, 901, 0, ESTABLISHED, 432000, "assured" });
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '>', "S", 100, 0, 0, SYN_RECV, 0, "kept" },
	     { '<', "SA", 7000000, 101, 0, SYN_RECV, 0, "kept" },
	     { '>', "S", 100, 0, 0, SYN_RECV, 0, "kept" },
	     { '>', "A", 101, 7000001, 0, ESTABLISHED, 432000, "assured" });
	/* Both SYN/ACKs come again, in either order of numbers. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '<', "SA", 7000000, 101, 0, SYN_RECV, 0, "kept" },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 0, "kept" },
	     { '>', "A", 101, 7000001, 0, ESTABLISHED, 432000, "assured" });
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 7000000, 101, 0, SYN_RECV, 60 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 0, "kept" },
	     { '<', "SA", 7000000, 101, 0, SYN_RECV, 0, "kept" },
	     { '>', "A", 101, 901, 0, ESTABLISHED, 432000, "assured" },
	     { '<', "PA", 901, 101, 9, ESTABLISHED, 300, "assured" });
	/* ... or neither did, and the server no longer listens. */
	PLAY(&strict,
	     { '>', "S", 100, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 101, 0, SYN_RECV, 60 },
	     { '>', "S", 100, 0, 0, SYN_RECV, 0, "kept" },
	     { '<', "RA", 0, 101, 0, SYN_RECV, 60 });
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
	/* The same while the first one opens; its number may be lower. */
	PLAY(&strict,
	     { '>', "S", 10000000, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 900, 10000001, 0, SYN_RECV, 60 },
	     { '>', "S", 9000000, 0, 0, SYN_RECV, 0, "kept" },
	     { '<', "SA", 7000000, 9000001, 0, SYN_RECV, 60 },
	     { '>', "A", 9000001, 7000001, 0, ESTABLISHED, 432000, "assured" });
	/* An old SYN/ACK doesn't answer it. */
	PLAY(&strict, HANDSHAKE,
	     { '>', "S", 7000, 0, 0, ESTABLISHED, 0, "kept" },
	     { '<', "SA", 900, 101, 0, ESTABLISHED, 0, "kept" });
	/* We see only the new connection, the server still has an old one. */
	PLAY(&strict,
	     { '>', "S", 7000, 0, 0, SYN_SENT, 120 },
	     { '<', "A", 901, 101, 0, SYN_SENT, 0, "kept" },
	     { '>', "R", 101, 0, 0, SYN_SENT, 0, "kept" },
	     { '<', "FA", 901, 101, 0, SYN_SENT, 0, "kept" },
	     { '>', "S", 7000, 0, 0, SYN_SENT, 120 },
	     { '<', "SA", 400, 7001, 0, SYN_RECV, 60 });
	/* The server was the first that we heard of the old one. */
	PLAY(&loose,
	     { '>', "PA", 901, 101, 50, ESTABLISHED, 300 },
	     { '<', "S", 7000, 0, 0, ESTABLISHED, 0, "kept" },
	     { '>', "A", 951, 101, 0, ESTABLISHED, 300, "assured" },
	     { '<', "R", 101, 0, 0, CLOSE, 10 },
	     { '<', "S", 7000, 0, 0, CLOSE, 0, "renew" });
	PLAY(&loose,
	     { '>', "PA", 901, 101, 50, ESTABLISHED, 300 },
	     { '<', "S", 7000, 0, 0, ESTABLISHED, 0, "kept" },
	     { '>', "SA", 40000000, 7001, 0, SYN_RECV, 60 },
	     { '<', "A", 7001, 40000001, 0, ESTABLISHED, 432000, "assured" });
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
		cmocka_unit_test(fast_open),
		cmocka_unit_test(fast_open_out_of_order),
		cmocka_unit_test(a_syn_that_comes_late),
		cmocka_unit_test(synacks_that_answer_something_else),
		cmocka_unit_test(a_handshake_that_is_repeated_late),
		cmocka_unit_test(a_refused_connection_can_be_tried_again),
		cmocka_unit_test(reopening_is_the_next_connection),
		cmocka_unit_test(a_client_that_was_started_anew),
		cmocka_unit_test(a_challenge_ack_is_not_the_last_ack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
