// SPDX-License-Identifier: GPL-2.0
/* TCP: what is recorded of both sides' windows. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "proto/tcp.c"
#include "proto/tcp_opening.c"
#include "proto/tcp_prediction.c"
#include "proto/tcp_reset.c"
#include "proto/tcp_segment.c"
#include "proto/tcp_window.c"

static const struct ctrack_options loose = {
	.tcp_loose = 1, .tcp_max_retrans = 3
};
static const struct ctrack_options strict = { .tcp_max_retrans = 3 };

static struct tcp_segment syn_with(__u8 flags, __u32 seq, __u32 ack, int scale)
{
	return (struct tcp_segment) {
		.flags = flags, .seq = seq, .ack = ack, .sack = ack,
		.window = 1000, .scale_present = scale >= 0,
		.scale = scale < 0 ? 0 : scale, .sack_permitted = true,
	};
}

static void check_scales(int client, int server, __u8 in_client, __u8 in_server)
{
	struct tcp_segment syn = syn_with(TCP_SEGMENT_SYN, 100, 0, client);
	struct tcp_segment synack = syn_with(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
					     900, 101, server);
	struct tcp_state tcp = { 0 };

	tcp_step(&tcp, &syn, CTRACK_ORIGINAL, &strict);
	tcp_step(&tcp, &synack, CTRACK_REPLY, &strict);
	assert_int_equal(tcp_window_scale(&tcp, CTRACK_ORIGINAL), in_client);
	assert_int_equal(tcp_window_scale(&tcp, CTRACK_REPLY), in_server);
	assert_int_equal(!!(tcp.side[0].flags & IP_CT_TCP_FLAG_WINDOW_SCALE),
			 client >= 0);
	assert_true(tcp.side[1].flags & IP_CT_TCP_FLAG_SACK_PERM);
}

static void both_have_to_scale(void **state)
{
	check_scales(7, 3, 7, 3);
	check_scales(7, 0, 7, 0);
	check_scales(7, -1, 0, 0);
	check_scales(-1, 7, 0, 0);
	check_scales(-1, -1, 0, 0);
}

/*
 * The first SYN/ACK of a server has no option, as with SYN cookies, the second
 * has, and that is the one that arrives.
 */
static void the_synack_that_arrives_decides_on_scaling(void **state)
{
	struct tcp_segment syn = syn_with(TCP_SEGMENT_SYN, 100, 0, 7);
	struct tcp_segment cookie = syn_with(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
					     900, 101, -1);
	struct tcp_segment synack = syn_with(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
					     70000000, 101, 3);
	const struct tcp_segment ack = {
		.flags = TCP_SEGMENT_ACK, .seq = 101, .ack = 70000001,
		.sack = 70000001, .window = 1000,
	};
	struct tcp_state tcp = { 0 };

	tcp_step(&tcp, &syn, CTRACK_ORIGINAL, &strict);
	tcp_step(&tcp, &cookie, CTRACK_REPLY, &strict);
	assert_int_equal(tcp_window_scale(&tcp, CTRACK_ORIGINAL), 0);
	tcp_step(&tcp, &synack, CTRACK_REPLY, &strict);
	tcp_step(&tcp, &ack, CTRACK_ORIGINAL, &strict);
	assert_int_equal(tcp.state, TCP_CONNTRACK_ESTABLISHED);
	assert_int_equal(tcp_window_scale(&tcp, CTRACK_ORIGINAL), 7);
	assert_int_equal(tcp_window_scale(&tcp, CTRACK_REPLY), 3);
	assert_int_equal(tcp.side[0].maxwin, 1000 << 7);
}

static void windows_are_recorded(void **state)
{
	struct tcp_segment syn = syn_with(TCP_SEGMENT_SYN, 0xffffffff, 0, 2);
	struct tcp_segment synack = syn_with(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
					     900, 0, 3);
	struct tcp_segment ack = {
		.flags = TCP_SEGMENT_ACK, .seq = 0, .ack = 901, .sack = 901,
		.payload = 50, .window = 10,
	};
	struct tcp_segment sack = {
		.flags = TCP_SEGMENT_ACK, .seq = 901, .ack = 20, .sack = 50,
		.window = 0,
	};
	struct tcp_segment reset = {
		.flags = TCP_SEGMENT_RST, .seq = 50, .window = 9999,
	};
	struct tcp_state tcp = { 0 };
	struct tcp_side before;

	tcp_step(&tcp, &syn, CTRACK_ORIGINAL, &strict);
	assert_int_equal(tcp.side[0].end, 0);
	assert_int_equal(tcp.side[0].maxend, 0);
	assert_int_equal(tcp.side[0].maxwin, 1000);
	assert_int_equal(tcp.side[1].maxwin, 0);

	/* The windows of SYNs are not scaled. */
	tcp_step(&tcp, &synack, CTRACK_REPLY, &strict);
	assert_int_equal(tcp.side[0].maxend, 1000);
	assert_int_equal(tcp.side[1].end, 901);
	assert_int_equal(tcp.side[1].maxend, 1901);
	assert_int_equal(tcp.side[1].maxwin, 1000);
	assert_int_equal(tcp.side[1].maxack, 0);
	assert_true(tcp.side[1].flags & IP_CT_TCP_FLAG_MAXACK_SET);

	tcp_step(&tcp, &ack, CTRACK_ORIGINAL, &strict);
	assert_int_equal(tcp.side[0].end, 50);
	assert_int_equal(tcp.side[0].maxack, 901);
	assert_int_equal(tcp.side[0].maxwin, 1000);
	assert_int_equal(tcp.side[0].window, 10);
	assert_int_equal(tcp.side[1].maxend, 1901);
	assert_int_equal(tcp.last_end, 50);

	/* What was offered isn't taken back: RFC 9293 section 3.8.6. */
	tcp_step(&tcp, &sack, CTRACK_REPLY, &strict);
	assert_int_equal(tcp.side[0].maxend, 1000);
	assert_int_equal(tcp.side[1].maxack, 20);

	/* Old segments move nothing. */
	ack.ack = 900;
	ack.sack = 900;
	ack.payload = 20;
	tcp_step(&tcp, &ack, CTRACK_ORIGINAL, &strict);
	assert_int_equal(tcp.side[0].maxack, 901);
	assert_int_equal(tcp.side[0].end, 50);
	assert_int_equal(tcp.side[1].maxend, 1901);

	before = tcp.side[0];
	before.window = 9999;
	tcp_step(&tcp, &reset, CTRACK_ORIGINAL, &strict);
	assert_memory_equal(&tcp.side[0], &before, sizeof(before));
	assert_int_equal(tcp.last_seq, 50);
}

static void a_syn_sent_again_takes_nothing_back(void **state)
{
	struct tcp_segment syn = syn_with(TCP_SEGMENT_SYN, 100, 0, 2);
	struct tcp_segment synack = syn_with(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
					     300, 101, 3);
	struct tcp_segment other = syn_with(TCP_SEGMENT_SYN, 300, 0, 3);
	struct tcp_segment answer = syn_with(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
					     100, 301, 2);
	struct tcp_segment repeated = syn_with(TCP_SEGMENT_SYN, 100, 0, -1);
	struct tcp_segment anew = syn_with(TCP_SEGMENT_SYN, 100100, 0, -1);
	struct tcp_state tcp = { 0 };

	/* Simultaneous open: the client's SYN/ACK is its SYN once more. */
	tcp_step(&tcp, &syn, CTRACK_ORIGINAL, &strict);
	tcp_step(&tcp, &other, CTRACK_REPLY, &strict);
	tcp_step(&tcp, &synack, CTRACK_REPLY, &strict);
	assert_int_equal(tcp.side[0].maxend, 1101);
	tcp_step(&tcp, &answer, CTRACK_ORIGINAL, &strict);
	assert_int_equal(tcp.side[0].maxend, 1101);
	assert_int_equal(tcp.side[0].scale, 2);
	assert_int_equal(tcp.side[1].scale, 3);

	/*
	 * The same without its option, as if that had been in the way; then
	 * another one, of a client that was started anew.
	 */
	memset(&tcp, 0, sizeof(tcp));
	tcp_step(&tcp, &syn, CTRACK_ORIGINAL, &strict);
	tcp_step(&tcp, &repeated, CTRACK_ORIGINAL, &strict);
	assert_int_equal(tcp.side[0].scale, 2);
	tcp_step(&tcp, &anew, CTRACK_ORIGINAL, &strict);
	assert_int_equal(tcp.side[0].end, 100101);
	assert_int_equal(tcp.side[0].scale, 0);
	assert_false(tcp.side[0].flags & IP_CT_TCP_FLAG_WINDOW_SCALE);
}

static void sack_counts_where_it_was_agreed_on(void **state)
{
	struct tcp_segment syn = syn_with(TCP_SEGMENT_SYN, 100, 0, 2);
	struct tcp_segment synack = syn_with(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
					     900, 101, 3);
	const struct tcp_segment sack = {
		.flags = TCP_SEGMENT_ACK, .seq = 901, .ack = 101, .sack = 5000,
		.window = 1000,
	};
	struct tcp_state tcp = { 0 };

	tcp_step(&tcp, &syn, CTRACK_ORIGINAL, &strict);
	tcp_step(&tcp, &synack, CTRACK_REPLY, &strict);
	assert_int_equal(tcp_window_fit(&tcp, &sack, CTRACK_REPLY),
			 TCP_FIT_ACK_BEYOND);

	memset(&tcp, 0, sizeof(tcp));
	syn.sack_permitted = false;
	tcp_step(&tcp, &syn, CTRACK_ORIGINAL, &strict);
	tcp_step(&tcp, &synack, CTRACK_REPLY, &strict);
	assert_int_equal(tcp_window_fit(&tcp, &sack, CTRACK_REPLY), TCP_FIT_IN);
}

/* A SACK that is as far from its acknowledgment as one can be. */
static void no_window_is_larger_than_there_can_be(void **state)
{
	struct tcp_segment segment = {
		.flags = TCP_SEGMENT_ACK, .seq = 100, .ack = 900,
		.sack = 900U + 0x7fffffff, .window = 65535,
	};
	struct tcp_state tcp = {
		.side = {
			{ .end = 100, .maxwin = 1000, .scale = 14,
			  .flags = IP_CT_TCP_FLAG_WINDOW_SCALE },
			{ .end = 900, .maxwin = 1000, .scale = 14,
			  .flags = IP_CT_TCP_FLAG_WINDOW_SCALE |
				   IP_CT_TCP_FLAG_SACK_PERM },
		},
	};

	tcp_window_record(&tcp, &segment, CTRACK_ORIGINAL);
	assert_int_equal(tcp.side[0].maxwin, 65535 << 14);
}

/* All that its receiver may still lack lies in one window before the end. */
static void what_ends_before_the_last_window_is_old(void **state)
{
	struct tcp_segment syn = syn_with(TCP_SEGMENT_SYN, 100, 0, -1);
	struct tcp_segment synack = syn_with(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
					     900, 101, -1);
	const struct tcp_segment data = {
		.flags = TCP_SEGMENT_ACK, .seq = 101, .ack = 901, .sack = 901,
		.payload = 1000, .window = 1000,
	};
	struct tcp_segment ack = data;
	struct tcp_state tcp = { 0 };

	tcp_step(&tcp, &syn, CTRACK_ORIGINAL, &strict);
	tcp_step(&tcp, &synack, CTRACK_REPLY, &strict);
	tcp_step(&tcp, &data, CTRACK_ORIGINAL, &strict);
	assert_int_equal(tcp.side[0].end, 1101);

	/* Sent before the data that overtook it. */
	ack.payload = 0;
	assert_int_equal(tcp_window_fit(&tcp, &ack, CTRACK_ORIGINAL),
			 TCP_FIT_IN);
	ack.seq--;
	assert_int_equal(tcp_window_fit(&tcp, &ack, CTRACK_ORIGINAL),
			 TCP_FIT_OLD);
}

static void midstream_windows_are_guessed(void **state)
{
	struct tcp_segment data = {
		.flags = TCP_SEGMENT_ACK, .seq = 1000, .ack = 5000,
		.sack = 5000, .payload = 100, .window = 0,
	};
	struct tcp_segment answer = {
		.flags = TCP_SEGMENT_ACK, .seq = 5000, .ack = 1100,
		.sack = 1100, .window = 300,
	};
	const __u8 flags = IP_CT_TCP_FLAG_SACK_PERM | IP_CT_TCP_FLAG_BE_LIBERAL;
	struct tcp_state tcp = { 0 };

	tcp_step(&tcp, &data, CTRACK_ORIGINAL, &loose);
	assert_int_equal(tcp.side[0].flags, flags | IP_CT_TCP_FLAG_MAXACK_SET |
			 IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED);
	assert_int_equal(tcp.side[1].flags, flags);
	assert_int_equal(tcp.side[0].end, 1100);
	assert_int_equal(tcp.side[0].maxend, 1101);
	assert_int_equal(tcp.side[0].maxwin, 1);
	assert_int_equal(tcp.side[1].end, 5000);
	assert_int_equal(tcp.side[1].maxend, 5001);
	tcp_step(&tcp, &answer, CTRACK_REPLY, &loose);
	assert_int_equal(tcp.side[0].flags, flags | IP_CT_TCP_FLAG_MAXACK_SET);
	assert_int_equal(tcp.side[0].maxend, 1400);
	assert_int_equal(tcp.side[1].end, 5000);
	assert_int_equal(tcp.side[1].maxwin, 300);
}

static void a_restart_forgets_both_sides(void **state)
{
	struct tcp_segment syn = syn_with(TCP_SEGMENT_SYN, 100, 0, 2);
	struct tcp_segment synack = syn_with(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK,
					     900, 101, 3);
	struct tcp_segment ack = {
		.flags = TCP_SEGMENT_ACK, .seq = 101, .ack = 901, .sack = 901,
		.window = 60000, .payload = 9,
	};
	struct tcp_state tcp = { 0 };

	tcp_step(&tcp, &syn, CTRACK_ORIGINAL, &strict);
	tcp_step(&tcp, &synack, CTRACK_REPLY, &strict);
	tcp_step(&tcp, &ack, CTRACK_ORIGINAL, &strict);

	syn = syn_with(TCP_SEGMENT_SYN, 7000, 0, 5);
	synack = syn_with(TCP_SEGMENT_SYN | TCP_SEGMENT_ACK, 400, 7001, 6);
	tcp_step(&tcp, &syn, CTRACK_ORIGINAL, &strict);
	/* Not before it is answered. */
	assert_int_equal(tcp.side[0].end, 110);
	tcp_step(&tcp, &synack, CTRACK_REPLY, &strict);
	assert_int_equal(tcp.state, TCP_CONNTRACK_SYN_RECV);
	assert_int_equal(tcp.side[0].end, 7001);
	assert_int_equal(tcp.side[0].maxend, 8001);
	assert_int_equal(tcp.side[0].maxwin, 1000);
	assert_int_equal(tcp.side[0].scale, 5);
	assert_int_equal(tcp.side[1].end, 401);
	assert_int_equal(tcp.side[1].maxend, 1401);
	assert_int_equal(tcp.side[1].maxack, 7001);
	assert_int_equal(tcp.side[1].scale, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_have_to_scale),
		cmocka_unit_test(the_synack_that_arrives_decides_on_scaling),
		cmocka_unit_test(windows_are_recorded),
		cmocka_unit_test(a_syn_sent_again_takes_nothing_back),
		cmocka_unit_test(sack_counts_where_it_was_agreed_on),
		cmocka_unit_test(no_window_is_larger_than_there_can_be),
		cmocka_unit_test(what_ends_before_the_last_window_is_old),
		cmocka_unit_test(midstream_windows_are_guessed),
		cmocka_unit_test(a_restart_forgets_both_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
