// SPDX-License-Identifier: GPL-2.0
/* ICMP, ICMPv6 and unknown protocols; and that each protocol is dispatched. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/generic.c"
#include "proto/icmp.c"
#include "proto/icmpv6.c"
#include "proto/proto.c"
#include "proto/tcp.c"
#include "proto/tcp_opening.c"
#include "proto/tcp_prediction.c"
#include "proto/tcp_reset.c"
#include "proto/tcp_segment.c"
#include "proto/tcp_window.c"
#include "proto/udp.c"

static bool among(__u8 type, const __u8 *types, size_t count)
{
	return memchr(types, type, count);
}

#define AMONG(type, ...) \
	among(type, (const __u8[]){ __VA_ARGS__ }, \
	      sizeof((const __u8[]){ __VA_ARGS__ }))

static void icmp_types_are_told_apart(void **state)
{
	int type;

	for (type = 0; type < 256; type++) {
		__u8 answer = 0xee, back = 0xee;
		bool query = AMONG(type, 0, 8, 13, 14, 15, 16, 17, 18, 42, 43);

		assert_int_equal(icmp_answer(type, &answer), query);
		if (query) {
			assert_true(icmp_answer(answer, &back));
			assert_int_equal(back, type);
			assert_int_not_equal(icmp_opens(type),
					     icmp_opens(answer));
		} else {
			assert_int_equal(answer, 0xee);
		}
		assert_int_equal(icmp_opens(type),
				 AMONG(type, 8, 13, 15, 17, 42));
		assert_int_equal(icmp_is_error(type),
				 AMONG(type, 3, 4, 5, 11, 12));
		assert_int_equal(icmp_known(type),
				 query || AMONG(type, 3, 4, 5, 9, 10, 11, 12));
	}
}

static void icmp_requests_have_their_own_answers(void **state)
{
	static const __u8 pairs[][2] = {
		{ 8, 0 }, { 13, 14 }, { 15, 16 }, { 17, 18 }, { 42, 43 },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		__u8 answer;

		assert_true(icmp_answer(pairs[i][0], &answer));
		assert_int_equal(answer, pairs[i][1]);
	}
}

static void icmpv6_types_are_told_apart(void **state)
{
	int type;

	for (type = 0; type < 256; type++) {
		__u8 answer = 0xee;
		bool query = AMONG(type, 128, 129, 139, 140, 160, 161);
		bool network = (type >= 130 && type <= 136) ||
			       AMONG(type, 141, 142, 143, 148, 149, 151, 152, 153);

		assert_int_equal(icmpv6_answer(type, &answer), query);
		if (AMONG(type, 128, 139, 160))
			assert_int_equal(answer, type + 1);
		else
			assert_int_equal(answer, query ? type - 1 : 0xee);
		assert_int_equal(icmpv6_opens(type),
				 AMONG(type, 128, 139, 160));
		assert_int_equal(icmpv6_has_id(type),
				 AMONG(type, 128, 129, 160, 161));
		assert_int_equal(icmpv6_is_redirect(type), type == 137);
		assert_int_equal(icmpv6_is_error(type),
				 type < 128 || type == 137);
		assert_int_equal(icmpv6_untracked(type), network);
		assert_int_equal(icmpv6_known(type),
				 type < 128 || type == 137 || query ||
				 network);
	}
}

/*
 * An answer to an extended echo tells by its code what became of the request
 * (RFC 8335 section 3), and so does one to a node information query.
 */
static void codes_that_are_a_result_tell_no_query_apart(void **state)
{
	int type, code;

	for (type = 0; type < 256; type++) {
		for (code = 0; code < 256; code++) {
			assert_int_equal(icmp_key_code(type, code),
					 AMONG(type, 42, 43) ? 0 : code);
			assert_int_equal(icmpv6_key_code(type, code),
					 AMONG(type, 139, 140, 160, 161) ?
					 0 : code);
		}
	}
}

static void cut_and_unknown_messages_are_refused(void **state)
{
	struct ctrack_header parsed;
	unsigned int cut;
	int type;

	for (cut = 0; cut < 8; cut++) {
		__u8 *header = calloc(1, cut);

		assert_int_equal(icmp_parse(header, cut, 8),
				 CTRACK_REASON_transport_header);
		assert_int_equal(icmpv6_parse(header, cut, 8),
				 CTRACK_REASON_transport_header);
		free(header);
	}
	for (type = 0; type < 256; type++) {
		const __u8 header[8] = { type };

		assert_int_equal(ctrack_proto_parse(IPPROTO_ICMP, header, 8, 8,
						    &parsed),
				 icmp_known(type) ? CTRACK_REASON_NONE :
						    CTRACK_REASON_icmp_type);
		assert_int_equal(ctrack_proto_parse(IPPROTO_ICMPV6, header, 8,
						    8, &parsed),
				 icmpv6_known(type) ? CTRACK_REASON_NONE :
						      CTRACK_REASON_icmp_type);
		assert_int_equal(icmp_parse(header, 8, 7),
				 CTRACK_REASON_transport_header);
		assert_int_equal(icmpv6_parse(header, 8, 7),
				 CTRACK_REASON_transport_header);
	}
}

static struct ctrack_step step_of(__u8 protonum, __u16 l3num, __u8 type,
				  enum ctrack_direction direction)
{
	const struct ctrack_options options = { .tcp_loose = 1 };
	struct ctrack_header header = { .tcp.flags = TCP_SEGMENT_SYN };
	union ctrack_state state;
	struct ctrack_key key = {
		.protonum = protonum,
		.l3num = l3num,
		.destination_id.icmp.type = type,
	};

	memset(&state, 0, sizeof(state));
	if (protonum == IPPROTO_SCTP)
		header.sctp = (struct sctp_bundle) {
			.kinds = SCTP_HAS(INIT), .init_tag = 1,
		};
	if (protonum == IPPROTO_DCCP)
		header.dccp = (struct dccp_packet) { .seq = 1 };
	return ctrack_proto_step(&state, &key, &header, direction, &options);
}

static void queries_start_with_a_request(void **state)
{
	int type;

	for (type = 0; type < 256; type++) {
		struct ctrack_step step;

		step = step_of(IPPROTO_ICMP, NFPROTO_IPV4, type,
			       CTRACK_ORIGINAL);
		assert_int_equal(step.verdict, icmp_opens(type) ?
				 CTRACK_ACCEPT : CTRACK_INVALID);
		assert_int_equal(step.reason, icmp_opens(type) ?
				 CTRACK_REASON_NONE :
				 CTRACK_REASON_icmp_answer);

		step = step_of(IPPROTO_ICMPV6, NFPROTO_IPV6, type,
			       CTRACK_ORIGINAL);
		assert_int_equal(step.verdict, icmpv6_opens(type) ?
				 CTRACK_ACCEPT : CTRACK_INVALID);
		assert_int_equal(step.reason, icmpv6_opens(type) ?
				 CTRACK_REASON_NONE :
				 CTRACK_REASON_icmp_answer);
	}
}

static void check_accepted(struct ctrack_step step, enum ctrack_timeout timeout,
			   bool replied)
{
	assert_int_equal(step.verdict, CTRACK_ACCEPT);
	assert_int_equal(step.reason, CTRACK_REASON_NONE);
	assert_int_equal(step.timeout, timeout);
	assert_int_equal(step.limit, timeout);
	assert_int_equal(step.replied, replied);
	assert_false(step.assured);
	assert_false(step.changed);
	assert_false(step.keep_timeout);
}

static void answers_reply_and_assure_nothing(void **state)
{
	check_accepted(step_of(IPPROTO_ICMP, NFPROTO_IPV4, 8, CTRACK_ORIGINAL),
		       CTRACK_TIMEOUT_ICMP, false);
	check_accepted(step_of(IPPROTO_ICMP, NFPROTO_IPV4, 0, CTRACK_REPLY),
		       CTRACK_TIMEOUT_ICMP, true);
	check_accepted(step_of(IPPROTO_ICMPV6, NFPROTO_IPV6, 128,
			       CTRACK_ORIGINAL),
		       CTRACK_TIMEOUT_ICMPV6, false);
	check_accepted(step_of(IPPROTO_ICMPV6, NFPROTO_IPV6, 129, CTRACK_REPLY),
		       CTRACK_TIMEOUT_ICMPV6, true);
	check_accepted(step_of(50, NFPROTO_IPV4, 0, CTRACK_ORIGINAL),
		       CTRACK_TIMEOUT_GENERIC, false);
	check_accepted(step_of(50, NFPROTO_IPV6, 0, CTRACK_REPLY),
		       CTRACK_TIMEOUT_GENERIC, true);
}

static void the_other_ip_version_is_refused(void **state)
{
	struct ctrack_step step;

	step = step_of(IPPROTO_ICMP, NFPROTO_IPV6, 8, CTRACK_ORIGINAL);
	assert_int_equal(step.verdict, CTRACK_INVALID);
	assert_int_equal(step.reason, CTRACK_REASON_icmp_type);
	step = step_of(IPPROTO_ICMPV6, NFPROTO_IPV4, 128, CTRACK_ORIGINAL);
	assert_int_equal(step.verdict, CTRACK_INVALID);
	assert_int_equal(step.reason, CTRACK_REASON_icmp_type);
}

static void each_protocol_goes_to_its_file(void **state)
{
	static const struct {
		__u8 protonum;
		unsigned int header_max;
		enum ctrack_timeout first;
	} known[] = {
		{ IPPROTO_ICMP, 8, CTRACK_TIMEOUT_ICMP },
		{ IPPROTO_TCP, 60, CTRACK_TIMEOUT_TCP_SYN_SENT },
		{ IPPROTO_UDP, 8, CTRACK_TIMEOUT_UDP },
		{ IPPROTO_ICMPV6, 8, CTRACK_TIMEOUT_ICMPV6 },
		{ IPPROTO_UDPLITE, 8, CTRACK_TIMEOUT_UDP },
		{ IPPROTO_SCTP, 12, CTRACK_TIMEOUT_SCTP_CLOSED },
		{ IPPROTO_DCCP, 28, CTRACK_TIMEOUT_DCCP_REQUEST },
		{ IPPROTO_GRE, 4, CTRACK_TIMEOUT_GRE },
	};
	unsigned int protonum;

	for (protonum = 0; protonum < 256; protonum++) {
		unsigned int header_max = 0;
		enum ctrack_timeout first = CTRACK_TIMEOUT_GENERIC;
		struct ctrack_header parsed;
		struct ctrack_step step;
		size_t i;

		for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
			if (known[i].protonum != protonum)
				continue;
			header_max = known[i].header_max;
			first = known[i].first;
		}
		assert_int_equal(ctrack_proto_header_max(protonum), header_max);
		/* A header of nothing is enough where nothing is known. */
		assert_int_equal(ctrack_proto_parse(protonum, "", 0, 0,
						    &parsed),
				 header_max ? CTRACK_REASON_transport_header :
					      CTRACK_REASON_NONE);
		step = step_of(protonum, protonum == IPPROTO_ICMPV6 ?
			       NFPROTO_IPV6 : NFPROTO_IPV4,
			       protonum == IPPROTO_ICMPV6 ? 128 : 8,
			       CTRACK_ORIGINAL);
		assert_int_equal(step.verdict, CTRACK_ACCEPT);
		assert_int_equal(step.timeout, first);
	}
}

static void timeouts_follow_the_state(void **state)
{
	const struct ctrack_key key = { .protonum = IPPROTO_UDP };
	union ctrack_state s;

	memset(&s, 0, sizeof(s));
	assert_int_equal(ctrack_proto_timeout(&s, IPPROTO_TCP),
			 CTRACK_TIMEOUT_TCP_NONE);
	assert_int_equal(ctrack_proto_timeout(&s, IPPROTO_UDP),
			 CTRACK_TIMEOUT_UDP);
	assert_int_equal(ctrack_proto_timeout(&s, IPPROTO_ICMP),
			 CTRACK_TIMEOUT_ICMP);
	assert_int_equal(ctrack_proto_timeout(&s, IPPROTO_ICMPV6),
			 CTRACK_TIMEOUT_ICMPV6);
	assert_int_equal(ctrack_proto_timeout(&s, 50), CTRACK_TIMEOUT_GENERIC);
	ctrack_proto_restore(&s, 50, true, true);

	ctrack_proto_restore(&s, IPPROTO_UDP, true, false);
	assert_int_equal(ctrack_proto_timeout(&s, IPPROTO_UDP),
			 CTRACK_TIMEOUT_UDP);
	ctrack_proto_restore(&s, IPPROTO_UDPLITE, true, true);
	assert_int_equal(ctrack_proto_timeout(&s, IPPROTO_UDPLITE),
			 CTRACK_TIMEOUT_UDP_STREAM);
	assert_true(udp_step(&s.udp, &key, 0, CTRACK_REPLY).assured);

	memset(&s, 0, sizeof(s));
	s.tcp.state = TCP_CONNTRACK_ESTABLISHED;
	assert_int_equal(ctrack_proto_timeout(&s, IPPROTO_TCP),
			 CTRACK_TIMEOUT_TCP_UNACKNOWLEDGED);
	ctrack_proto_restore(&s, IPPROTO_TCP, true, true);
	assert_int_equal(ctrack_proto_timeout(&s, IPPROTO_TCP),
			 CTRACK_TIMEOUT_TCP_ESTABLISHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(icmp_types_are_told_apart),
		cmocka_unit_test(icmp_requests_have_their_own_answers),
		cmocka_unit_test(icmpv6_types_are_told_apart),
		cmocka_unit_test(codes_that_are_a_result_tell_no_query_apart),
		cmocka_unit_test(cut_and_unknown_messages_are_refused),
		cmocka_unit_test(queries_start_with_a_request),
		cmocka_unit_test(answers_reply_and_assure_nothing),
		cmocka_unit_test(the_other_ip_version_is_refused),
		cmocka_unit_test(each_protocol_goes_to_its_file),
		cmocka_unit_test(timeouts_follow_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
