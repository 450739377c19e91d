// SPDX-License-Identifier: GPL-2.0
/*
 * The lines of ctctl list -o conntrack are those of conntrack(8), octet for octet: messages with
 * all that the kernel can say of a connection are read by ctctl and by libnetfilter_conntrack,
 * which conntrack(8) prints with.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../userspace/names.c"
#include "../userspace/entry.c"
#include "../userspace/line.c"

#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink.h>

#define MESSAGES 20000

/* May an attribute be there that need not? */
static bool chance(void)
{
	return random() % 2;
}

static uint64_t number(void)
{
	uint64_t n = (uint64_t)random() << 33 ^ (uint64_t)random() << 10 ^ random();

	return n >> random() % 64;
}

/* Zeros in every place, and what looks like an IPv4 address. */
static void put_address_attr(struct nlmsghdr *nlh, uint16_t type, uint8_t family)
{
	size_t size = family == AF_INET ? 4 : 16, i;
	uint8_t address[16];

	for (i = 0; i < size; i++)
		address[i] = random() % 3 ? 0 : random() >> random() % 8;
	if (size == 16 && !(random() % 4)) {
		memset(address, 0, 12);
		if (chance())
			memset(address + 10, 0xff, 2);
	}
	mnl_attr_put(nlh, type, size, address);
}

static void put_tuple(struct nlmsghdr *nlh, uint16_t type, uint8_t family, uint8_t proto, bool zoned)
{
	struct nlattr *tuple = mnl_attr_nest_start(nlh, type);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);
	bool v4 = family == AF_INET;

	put_address_attr(nlh, v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, family);
	put_address_attr(nlh, v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, family);
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(nlh, CTA_PROTO_NUM, proto);
	switch (proto) {
	case IPPROTO_ICMP:
		mnl_attr_put_u16(nlh, CTA_PROTO_ICMP_ID, number());
		mnl_attr_put_u8(nlh, CTA_PROTO_ICMP_TYPE, number());
		mnl_attr_put_u8(nlh, CTA_PROTO_ICMP_CODE, number());
		break;
	case IPPROTO_ICMPV6:
		mnl_attr_put_u16(nlh, CTA_PROTO_ICMPV6_ID, number());
		mnl_attr_put_u8(nlh, CTA_PROTO_ICMPV6_TYPE, number());
		mnl_attr_put_u8(nlh, CTA_PROTO_ICMPV6_CODE, number());
		break;
	default:
		if (!proto_has_ports(proto) && proto != IPPROTO_GRE)
			break;
		mnl_attr_put_u16(nlh, CTA_PROTO_SRC_PORT, number());
		mnl_attr_put_u16(nlh, CTA_PROTO_DST_PORT, number());
	}
	mnl_attr_nest_end(nlh, nest);
	if (zoned)
		mnl_attr_put_u16(nlh, CTA_TUPLE_ZONE, htons(1 + random() % 65535));
	mnl_attr_nest_end(nlh, tuple);
}

static void put_info(struct nlmsghdr *nlh, uint8_t proto)
{
	uint16_t type = proto == IPPROTO_TCP ? CTA_PROTOINFO_TCP :
			proto == IPPROTO_SCTP ? CTA_PROTOINFO_SCTP : CTA_PROTOINFO_DCCP;
	struct nlattr *info, *nest;

	if (!proto_has_states(proto) || !(random() % 8))
		return;
	info = mnl_attr_nest_start(nlh, CTA_PROTOINFO);
	nest = mnl_attr_nest_start(nlh, type);
	mnl_attr_put_u8(nlh, INFO_STATE, random() % 12);
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_nest_end(nlh, info);
}

static void put_counts(struct nlmsghdr *nlh, uint16_t type)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put_u64(nlh, CTA_COUNTERS_PACKETS, htobe64(number()));
	mnl_attr_put_u64(nlh, CTA_COUNTERS_BYTES, htobe64(number()));
	mnl_attr_nest_end(nlh, nest);
}

static void put_string(struct nlmsghdr *nlh, uint16_t type, const char *name)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put_strz(nlh, 1, name);
	mnl_attr_nest_end(nlh, nest);
}

/* A running connection's age would change from one reading to the other. */
static void put_times(struct nlmsghdr *nlh)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_TIMESTAMP);
	uint64_t start = number() >> 2;

	mnl_attr_put_u64(nlh, CTA_TIMESTAMP_START, htobe64(start));
	mnl_attr_put_u64(nlh, CTA_TIMESTAMP_STOP, htobe64(start + NS_PER_SECOND + (number() >> 2)));
	mnl_attr_nest_end(nlh, nest);
}

static struct nlmsghdr *message(char *buf, uint8_t family, uint8_t proto)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	static const uint32_t labels[4] = { 0x80000001, 2, 3, 4 };
	int zone = random() % 6;

	nlh->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
	nfg->nfgen_family = family;
	put_tuple(nlh, CTA_TUPLE_ORIG, family, proto, zone == 1);
	put_tuple(nlh, CTA_TUPLE_REPLY, family, proto, zone == 2);
	if (zone == 3)
		mnl_attr_put_u16(nlh, CTA_ZONE, htons(1 + random() % 65535));
	mnl_attr_put_u32(nlh, CTA_ID, random());
	if (random() % 8)
		mnl_attr_put_u32(nlh, CTA_STATUS, random() ^ random() << 1);
	if (chance())
		mnl_attr_put_u32(nlh, CTA_MARK, number());
	if (random() % 8)
		mnl_attr_put_u32(nlh, CTA_TIMEOUT, number());
	if (chance())
		mnl_attr_put_u32(nlh, CTA_USE, number());
	if (chance())
		mnl_attr_put(nlh, CTA_LABELS, sizeof(labels), labels);
	if (chance())
		put_string(nlh, CTA_SECCTX, "system_u:object_r:ssh_packet_t:s0");
	if (chance())
		put_string(nlh, CTA_HELP, "ftp");
	put_info(nlh, proto);
	if (chance())
		put_times(nlh);
	if (chance())
		put_counts(nlh, CTA_COUNTERS_ORIG);
	if (chance())
		put_counts(nlh, CTA_COUNTERS_REPLY);
	return nlh;
}

/* conntrack(8)'s line. */
static void expect(char *to, size_t size, const struct nlmsghdr *nlh, enum event event)
{
	static const unsigned int types[] = {
		[EVENT_NONE] = NFCT_T_UNKNOWN,	[EVENT_NEW] = NFCT_T_NEW,
		[EVENT_UPDATE] = NFCT_T_UPDATE,	[EVENT_DESTROY] = NFCT_T_DESTROY,
	};
	struct nf_conntrack *ct = nfct_new();

	assert_non_null(ct);
	assert_true(nfct_nlmsg_parse(nlh, ct) >= 0);
	nfct_snprintf(to, size, ct, types[event], NFCT_O_DEFAULT, 0);
	nfct_destroy(ct);
}

static size_t write_line(char *to, size_t size, const struct nlmsghdr *nlh, enum event event)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr[CTA_MAX + 1];
	struct entry e;

	attr_index(attr, ARRAY_SIZE(attr), mnl_nlmsg_get_payload_offset(nlh, sizeof(*nfg)),
		   mnl_nlmsg_get_payload_len(nlh) - sizeof(*nfg));
	assert_int_equal(entry_fill(&e, nfg->nfgen_family, attr), 0);
	return line_write(to, size, &e, attr, event);
}

static void compare(uint8_t family, uint8_t proto, enum event event)
{
	char buf[MNL_SOCKET_BUFFER_SIZE], expected[LINE_SIZE], line[LINE_SIZE];
	struct nlmsghdr *nlh = message(buf, family, proto);
	size_t length;

	expect(expected, sizeof(expected), nlh, event);
	length = write_line(line, sizeof(line), nlh, event);
	assert_string_equal(line, expected);
	assert_int_equal(length, strlen(line));
}

static void any_message(void **state)
{
	static const uint8_t protos[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP, IPPROTO_DCCP,
		IPPROTO_GRE, IPPROTO_UDPLITE, IPPROTO_ESP,
	};
	size_t i;

	(void)state;
	srandom(1);
	for (i = 0; i < MESSAGES; i++)
		compare(chance() ? AF_INET : AF_INET6, protos[i % ARRAY_SIZE(protos)],
			random() % (EVENT_DESTROY + 1));
}

static void any_protocol(void **state)
{
	unsigned int proto;

	(void)state;
	for (proto = 0; proto <= UINT8_MAX; proto++)
		compare(AF_INET, proto, EVENT_NONE);
}

/* Wherever the line ends, nothing is written behind that. */
static void short_room(void **state)
{
	char buf[MNL_SOCKET_BUFFER_SIZE], whole[LINE_SIZE];
	struct nlmsghdr *nlh = message(buf, AF_INET6, IPPROTO_TCP);
	size_t size, length = write_line(whole, sizeof(whole), nlh, EVENT_NEW);

	(void)state;
	for (size = 1; size <= length; size++) {
		char *line = malloc(size);

		assert_non_null(line);
		assert_int_equal(write_line(line, size, nlh, EVENT_NEW), size - 1);
		assert_memory_equal(line, whole, size - 1);
		assert_int_equal(line[size - 1], '\0');
		free(line);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_message),
		cmocka_unit_test(any_protocol),
		cmocka_unit_test(short_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
