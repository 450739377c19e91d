// SPDX-License-Identifier: GPL-2.0
/*
 * What ctctl makes of the kernel's messages, whole, short and wrong: they are put together here
 * and given to the functions that read them, with no socket anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../userspace/names.c"
#include "../userspace/value.c"
#include "../userspace/entry.c"
#include "../userspace/line.c"
#include "../userspace/nl.c"
#include "../userspace/nl_ct.c"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

static struct nl nl;
static struct nl_entry taken;
static char taken_text[4096];

static int take(const struct nl_entry *e, void *data)
{
	(void)data;
	taken = *e;
	taken.attr = NULL;
	line_write(taken_text, sizeof(taken_text), &e->entry, e->attr, e->event);
	return 0;
}

static struct taker taker = { take, NULL };

static struct entry sample(uint8_t family, uint8_t proto)
{
	struct entry e = {
		.id = 0x01020304, .has_id = 1, .family = family, .proto = proto, .zone = 5,
		.status = IPS_SEEN_REPLY | IPS_CONFIRMED, .timeout = 60, .mark = 0xabcd,
	};

	memset(e.orig.src, 1, family == AF_INET ? 4 : 16);
	memset(e.orig.dst, 2, family == AF_INET ? 4 : 16);
	e.kind = proto_is_icmp(proto) ? FLOW_ICMP :
		 proto_has_ports(proto) ? FLOW_PORTS : FLOW_PLAIN;
	if (e.kind == FLOW_PORTS) {
		e.orig.sport = 1000;
		e.orig.dport = 80;
	} else if (e.kind == FLOW_ICMP) {
		e.orig.type = proto == IPPROTO_ICMP ? 8 : 128;
		e.orig.id = 77;
	}
	return e;
}

/* The reply of a connection whose source was translated, or its id where it has no ports. */
static struct entry reply_of(const struct entry *e)
{
	struct entry r = *e;

	memcpy(r.orig.src, e->orig.dst, 16);
	memset(r.orig.dst, 3, e->family == AF_INET ? 4 : 16);
	r.orig.sport = e->orig.dport;
	r.orig.dport = e->kind == FLOW_PORTS ? 2000 : 0;
	if (e->kind == FLOW_ICMP) {
		r.orig.type = e->proto == IPPROTO_ICMP ? 0 : 129;
		r.orig.id = 78;
	}
	r.zone = 0;
	return r;
}

static struct nlmsghdr *message(const struct entry *e, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = nl_ct_request(&nl, type, flags, e->family);
	struct entry reply = reply_of(e);
	struct nlattr *nest, *inner;

	put_key(nlh, CTA_TUPLE_ORIG, e);
	put_key(nlh, CTA_TUPLE_REPLY, &reply);
	mnl_attr_put_u32(nlh, CTA_STATUS, htonl(e->status));
	mnl_attr_put_u32(nlh, CTA_TIMEOUT, htonl(e->timeout));
	mnl_attr_put_u32(nlh, CTA_MARK, htonl(e->mark));
	mnl_attr_put_u32(nlh, CTA_ID, htonl(e->id));
	mnl_attr_put_u32(nlh, CTA_USE, htonl(1));
	nest = mnl_attr_nest_start(nlh, CTA_COUNTERS_ORIG);
	mnl_attr_put_u64(nlh, CTA_COUNTERS_PACKETS, htobe64(12));
	mnl_attr_put_u64(nlh, CTA_COUNTERS_BYTES, htobe64(1ull << 40));
	mnl_attr_nest_end(nlh, nest);
	if (e->proto == IPPROTO_TCP) {
		nest = mnl_attr_nest_start(nlh, CTA_PROTOINFO);
		inner = mnl_attr_nest_start(nlh, CTA_PROTOINFO_TCP);
		mnl_attr_put_u8(nlh, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
		mnl_attr_nest_end(nlh, inner);
		mnl_attr_nest_end(nlh, nest);
	}
	return nlh;
}

static void whole(void **state)
{
	static const struct { uint8_t family, proto; const char *state; } kinds[] = {
		{ AF_INET, IPPROTO_TCP, "established" }, { AF_INET6, IPPROTO_TCP, "established" },
		{ AF_INET, IPPROTO_UDP, "replied" }, { AF_INET6, IPPROTO_UDPLITE, "replied" },
		{ AF_INET, IPPROTO_ICMP, "replied" }, { AF_INET6, IPPROTO_ICMPV6, "replied" },
		{ AF_INET, IPPROTO_SCTP, "replied" }, { AF_INET, IPPROTO_GRE, "replied" },
		{ AF_INET6, 50, "replied" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct entry e = sample(kinds[i].family, kinds[i].proto);
		struct entry reply = reply_of(&e);

		memset(&taken, 0, sizeof(taken));
		assert_int_equal(take_entry(&nl, message(&e, IPCTNL_MSG_CT_NEW, 0), &taker), 0);
		assert_int_equal(taken.event, EVENT_UPDATE);
		assert_int_equal(taken.entry.family, e.family);
		assert_int_equal(taken.entry.proto, e.proto);
		assert_int_equal(taken.entry.kind, e.kind);
		assert_int_equal(taken.entry.id, e.id);
		assert_int_equal(taken.entry.has_id, 1);
		assert_int_equal(taken.entry.zone, 5);
		assert_int_equal(taken.entry.zone_of, ZONE_OF_BOTH);
		assert_int_equal(taken.entry.status, e.status);
		assert_int_equal(taken.entry.timeout, 60);
		assert_int_equal(taken.entry.mark, 0xabcd);
		assert_string_equal(taken.entry.state, kinds[i].state);
		assert_int_equal(taken.entry.has_counters, 1);
		assert_int_equal(taken.entry.orig.packets, 12);
		assert_true(taken.entry.orig.bytes == 1ull << 40);
		assert_int_equal(taken.entry.reply.bytes, 0);
		taken.entry.orig.packets = 0;
		taken.entry.orig.bytes = 0;
		assert_memory_equal(&taken.entry.orig, &e.orig, sizeof(e.orig));
		assert_memory_equal(&taken.entry.reply, &reply.orig, sizeof(e.orig));
	}
}

/* The line is conntrack(8)'s to the letter. */
static void lines(void **state)
{
	struct entry e = sample(AF_INET, IPPROTO_TCP);
	const char *line = "src=1.1.1.1 dst=2.2.2.2 sport=1000 dport=80 packets=12 "
			   "bytes=1099511627776 src=2.2.2.2 dst=3.3.3.3 sport=80 dport=2000 "
			   "mark=43981 zone=5 use=1";
	char expected[512];

	(void)state;
	take_entry(&nl, message(&e, IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL), &taker);
	assert_int_equal(taken.event, EVENT_NEW);
	snprintf(expected, sizeof(expected), "    [NEW] tcp      6 60 ESTABLISHED %s", line);
	assert_string_equal(taken_text, expected);
	take_entry(&nl, message(&e, IPCTNL_MSG_CT_DELETE, 0), &taker);
	assert_int_equal(taken.event, EVENT_DESTROY);
	assert_memory_equal(taken_text, "[DESTROY] tcp", 13);
}

static void zones(void **state)
{
	struct entry e = sample(AF_INET, IPPROTO_UDP);

	(void)state;
	e.zone_of = ZONE_OF_ORIG;
	assert_int_equal(take_entry(&nl, message(&e, IPCTNL_MSG_CT_NEW, 0), &taker), 0);
	assert_int_equal(taken.entry.zone, 5);
	assert_int_equal(taken.entry.zone_of, ZONE_OF_ORIG);
}

static const uint8_t damaged_protos[] = { IPPROTO_TCP, IPPROTO_ICMP, IPPROTO_ICMPV6, 50 };

/* Cut anywhere: refused, or read without what is missing. */
static void cut(void **state)
{
	size_t i, length;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(damaged_protos); i++) {
		struct entry e = sample(i % 2 ? AF_INET : AF_INET6, damaged_protos[i]);
		struct nlmsghdr *nlh = message(&e, IPCTNL_MSG_CT_NEW, 0);

		for (length = sizeof(*nlh); length < nlh->nlmsg_len; length++) {
			struct nlmsghdr *copy = malloc(length);

			memcpy(copy, nlh, length);
			copy->nlmsg_len = length;
			take_entry(&nl, copy, &taker);
			free(copy);
		}
	}
}

/* Any byte turned over, and any bit that tells odd sizes and types from even ones. */
static void turned(void **state)
{
	size_t i, at;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(damaged_protos); i++) {
		struct entry e = sample(i % 2 ? AF_INET : AF_INET6, damaged_protos[i]);
		struct nlmsghdr *nlh = message(&e, IPCTNL_MSG_CT_NEW, 0);

		for (at = sizeof(*nlh); at < nlh->nlmsg_len; at++) {
			uint8_t *copy = malloc(nlh->nlmsg_len);

			assert_non_null(copy);
			memcpy(copy, nlh, nlh->nlmsg_len);
			copy[at] ^= 0xff;
			take_entry(&nl, (struct nlmsghdr *)copy, &taker);
			copy[at] ^= 0xfe;
			take_entry(&nl, (struct nlmsghdr *)copy, &taker);
			free(copy);
		}
	}
}

/* Why a connection refused a packet last, and its timeout: names, or none. */
static void an_explanation(void **state)
{
	struct explanation why;
	struct nlmsghdr *nlh;

	(void)state;
	nl.family = 30;
	nlh = nl_genl_request(&nl, nl.family, CTRACK_CMD_WHY, CTRACK_GENL_VERSION);
	assert_int_equal(take_explanation(&nl, nlh, &why), 0);
	assert_string_equal(why.refused, "");
	assert_string_equal(why.timeout, "");
	mnl_attr_put_strz(nlh, CTRACK_A_REFUSED, "tcp_window");
	mnl_attr_put_strz(nlh, CTRACK_A_TIMEOUT, "nf_conntrack_udp_timeout");
	assert_int_equal(take_explanation(&nl, nlh, &why), 0);
	assert_string_equal(why.refused, "tcp_window");
	assert_string_equal(why.timeout, "nf_conntrack_udp_timeout");
	nlh->nlmsg_type++;
	assert_int_equal(take_explanation(&nl, nlh, &why), -EBADMSG);
}

static void wrong(void **state)
{
	struct entry e = sample(AF_INET, IPPROTO_TCP);
	struct nlmsghdr *nlh;

	(void)state;
	nlh = nl_ct_request(&nl, IPCTNL_MSG_CT_NEW, 0, AF_INET);
	assert_int_equal(take_entry(&nl, nlh, &taker), -EBADMSG);
	nlh = message(&e, IPCTNL_MSG_CT_GET, 0);
	assert_int_equal(take_entry(&nl, nlh, &taker), -EBADMSG);
	nlh = message(&e, IPCTNL_MSG_CT_NEW, 0);
	nlh->nlmsg_type = NFNL_SUBSYS_CTNETLINK_EXP << 8;
	assert_int_equal(take_entry(&nl, nlh, &taker), -EBADMSG);
	nlh = message(&e, IPCTNL_MSG_CT_NEW, 0);
	((struct nfgenmsg *)mnl_nlmsg_get_payload(nlh))->nfgen_family = AF_BRIDGE;
	assert_int_equal(take_entry(&nl, nlh, &taker), -EBADMSG);
	e.has_id = 0;
	assert_int_equal(nl_delete(&nl, &e), -EBADMSG);
}

static struct nlmsghdr *stats_message(void)
{
	static const char *const names[] = { "tcp_bad_flags", "nat_no_port", NULL };
	struct nlmsghdr *nlh = (struct nlmsghdr *)nl.buf;
	struct nlattr *nest;
	size_t i;

	nl.family = 40;
	nl_genl_request(&nl, nl.family, CTRACK_CMD_STATS, CTRACK_GENL_VERSION);
	mnl_attr_put_u32(nlh, CTRACK_A_COUNT, 12);
	mnl_attr_put_u32(nlh, CTRACK_A_MAX, 65536);
	mnl_attr_put_u32(nlh, CTRACK_A_BUCKETS, 1024);
	mnl_attr_put_u8(nlh, CTRACK_A_ON, 1);
	mnl_attr_put_u32(nlh, CTRACK_A_RULES, 3);
	mnl_attr_put_u64(nlh, CTRACK_A_EXAMINED, 1ull << 40);
	for (i = 0; i < 3; i++) {
		nest = mnl_attr_nest_start(nlh, CTRACK_A_REASON);
		if (names[i])
			mnl_attr_put_strz(nlh, CTRACK_REASON_A_NAME, names[i]);
		mnl_attr_put_u64(nlh, CTRACK_REASON_A_COUNT, i << 33);
		mnl_attr_nest_end(nlh, nest);
	}
	return nlh;
}

static void stats(void **state)
{
	struct stats s = {};
	struct nlmsghdr *nlh = stats_message();
	size_t length, size = nlh->nlmsg_len;

	(void)state;
	assert_int_equal(take_stats(&nl, nlh, &s), 0);
	assert_int_equal(s.count, 12);
	assert_int_equal(s.max, 65536);
	assert_int_equal(s.buckets, 1024);
	assert_int_equal(s.rules, 3);
	assert_true(s.examined == 1ull << 40);
	assert_true(s.on);
	assert_int_equal(s.reasons_count, 3);
	assert_string_equal(s.reasons[1].name, "nat_no_port");
	assert_true(s.reasons[1].count == 1ull << 33);
	assert_string_equal(s.reasons[2].name, "");
	nl_stats_free(&s);

	for (length = sizeof(*nlh); length < size; length++) {
		struct nlmsghdr *copy = malloc(length);

		memcpy(copy, nlh, length);
		copy->nlmsg_len = length;
		memset(&s, 0, sizeof(s));
		take_stats(&nl, copy, &s);
		nl_stats_free(&s);
		free(copy);
	}
}

/* NLMSG_ERROR, with the request behind it or not, and the kernel's words behind that. */
static void errors(void **state)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl.buf);
	struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));
	size_t length, size;

	(void)state;
	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
	err->error = -EINVAL;
	err->msg.nlmsg_len = 1000;
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, "bad tuple");
	assert_int_equal(error_of(&nl, nlh), -EINVAL);
	assert_string_equal(nl.why, "bad tuple");

	nl.why[0] = '\0';
	nlh->nlmsg_flags = NLM_F_ACK_TLVS;
	assert_int_equal(error_of(&nl, nlh), -EINVAL);
	assert_string_equal(nl.why, "");
	err->msg.nlmsg_len = sizeof(err->msg);
	assert_int_equal(error_of(&nl, nlh), -EINVAL);
	assert_string_equal(nl.why, "bad tuple");
	err->msg.nlmsg_len = UINT32_MAX;
	error_of(&nl, nlh);
	err->error = 5;
	assert_int_equal(error_of(&nl, nlh), -EBADMSG);

	size = nlh->nlmsg_len;
	for (length = sizeof(*nlh); length < size; length++) {
		struct nlmsghdr *copy = malloc(length);

		memcpy(copy, nlh, length);
		copy->nlmsg_len = length;
		copy->nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
		error_of(&nl, copy);
		done_of(copy);
		free(copy);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(lines),
		cmocka_unit_test(zones),
		cmocka_unit_test(cut),
		cmocka_unit_test(turned),
		cmocka_unit_test(an_explanation),
		cmocka_unit_test(wrong),
		cmocka_unit_test(stats),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
