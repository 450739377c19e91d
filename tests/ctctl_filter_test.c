// SPDX-License-Identifier: GPL-2.0
/* ctctl's FILTER words, the words that name one connection, and the order of rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../userspace/names.c"
#include "../userspace/value.c"
#include "../userspace/trace_names.c"
#include "../userspace/filter.c"
#include "../userspace/key.c"
#include "../userspace/rows.c"

static char err[512];

/* Reads "word value word value"; a word at the end has no value. */
static int words(struct filter *f, enum filter_kind kind, const char *line)
{
	char copy[512];
	char *word, *value, *save;
	int ret = 0;

	memset(f, 0, sizeof(*f));
	err[0] = '\0';
	assert_true(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	for (word = strtok_r(copy, " ", &save); word && !ret; word = strtok_r(NULL, " ", &save)) {
		value = strtok_r(NULL, " ", &save);
		ret = filter_add(f, kind, word, value, err, sizeof(err));
	}
	return ret;
}

static void assert_good(const char *line)
{
	struct filter f;

	if (words(&f, FILTER_MANY, line))
		fail_msg("'%s' was refused: %s", line, err);
}

/* Refused, on one line, with @named in it and what is expected. */
static void assert_bad(const char *line, const char *named)
{
	struct filter f;

	if (!words(&f, FILTER_MANY, line))
		fail_msg("'%s' was taken", line);
	if (!strstr(err, named) || !strstr(err, "expected"))
		fail_msg("'%s' was refused with '%s', which lacks '%s'", line, err, named);
	assert_null(strchr(err, '\n'));
}

static bool matches(const char *line, const struct entry *e)
{
	struct filter f;

	if (words(&f, FILTER_MANY, line))
		fail_msg("'%s' was refused: %s", line, err);
	return filter_match(&f, e);
}

static void set_address(uint8_t *to, const char *text)
{
	if (inet_pton(AF_INET, text, to) != 1)
		assert_int_equal(inet_pton(AF_INET6, text, to), 1);
}

static struct entry tcp4(void)
{
	struct entry e = {
		.id = 7, .family = AF_INET, .proto = IPPROTO_TCP, .kind = FLOW_PORTS,
		.state = "established", .mark = 0x1234, .zone = 3,
		.status = IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED | IPS_SRC_NAT,
		.orig = { .sport = 51000, .dport = 443 },
		.reply = { .sport = 443, .dport = 40000 },
	};

	set_address(e.orig.src, "192.168.1.10");
	set_address(e.orig.dst, "203.0.113.5");
	set_address(e.reply.src, "203.0.113.5");
	set_address(e.reply.dst, "198.51.100.1");
	return e;
}

static struct entry icmp6(void)
{
	struct entry e = {
		.family = AF_INET6, .proto = IPPROTO_ICMPV6, .kind = FLOW_ICMP,
		.state = "unreplied",
		.orig = { .type = 128, .id = 77 }, .reply = { .type = 129, .id = 77 },
	};

	set_address(e.orig.src, "2001:db8::a");
	set_address(e.orig.dst, "2001:db8:1::b");
	set_address(e.reply.src, "2001:db8:1::b");
	set_address(e.reply.dst, "2001:db8::a");
	return e;
}

static void numbers(void **state)
{
	static const char *const bad[] = {
		"", "-", "-1", "+1", " 1", "1 ", "1x", "x", "0x", "0x10", "256", "1e2", "1.0",
		"99999999999999999999", "18446744073709551616", "18446744073709551617",
	};
	uint64_t n = 5;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (!parse_number(bad[i], 255, &n) || n != 5)
			fail_msg("'%s' was taken as a number", bad[i]);
	assert_int_equal(parse_number("0", 255, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(parse_number("255", 255, &n), 0);
	assert_int_equal(n, 255);
	assert_int_equal(parse_number("18446744073709551615", UINT64_MAX, &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(parse_number("18446744073709551616", UINT64_MAX, &n), -EINVAL);
	assert_int_equal(parse_number("0", 0, &n), 0);
	assert_int_equal(parse_number("1", 0, &n), -EINVAL);
}

static void good_words(void **state)
{
	static const char *const good[] = {
		"", "proto tcp", "proto TCP", "proto udp", "proto icmp", "proto icmpv6",
		"proto sctp", "proto dccp", "proto gre", "proto udplite", "proto 0", "proto 255",
		"src 10.0.0.0/8", "dst 0.0.0.0/0", "src 10.1.2.3/32", "reply-src ::/0",
		"reply-dst 2001:db8::1/128", "sport 0", "sport 65535", "dport 0-65535",
		"dport 80-80", "status src_nat", "status dst_nat", "status unreplied",
		"mark 0", "mark 4294967295", "mark 0xffffffff/0xffffffff", "mark 0X1F/255",
		"zone 0", "zone 65535", "family ipv4", "family ipv6", "nat any",
		"family ipv6 src 2001:db8::/32 reply-dst 2001:db8::1",
		"proto tcp src 10.0.0.0/8 dst 10.0.0.1 sport 1 dport 2 state close status assured "
		"mark 1 zone 1 family ipv4 nat snat reply-src 10.0.0.1 reply-dst 10.0.0.2",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++)
		assert_good(good[i]);
}

static void bad_words(void **state)
{
	/* The value as it stands there, the word, or both have to be named. */
	static const struct { const char *line, *named; } bad[] = {
		{ "bogus 1", "bogus" }, { "Proto tcp", "Proto" }, { "all", "all" },
		{ "type 8", "type" }, { "id 8", "id" },
		{ "proto", "proto" }, { "proto tcpx", "tcpx" }, { "proto 256", "256" },
		{ "proto -1", "-1" }, { "proto 6x", "6x" }, { "proto 0x6", "0x6" },
		{ "src", "src" }, { "src 10.0.0", "10.0.0" }, { "src 10.0.0.256", "10.0.0.256" },
		{ "src 10.0.0.1/", "10.0.0.1/" }, { "src 10.0.0.1/33", "/33" },
		{ "src 10.0.0.1/-1", "/-1" }, { "src 10.0.0.1/8/8", "/8/8" },
		{ "src 10.0.0.1/0x8", "/0x8" }, { "src /8", "/8" }, { "src 010.0.0.1", "010" },
		{ "src localhost", "localhost" }, { "src ::1/129", "/129" },
		{ "dst fe80::1%eth0", "fe80::1%eth0" }, { "dst :::1", ":::1" },
		{ "dst 2001:db8:1:1:1:1:1:1:1", "2001:" }, { "reply-src x", "reply-src" },
		{ "dst 1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", "1111:" },
		{ "reply-dst 1.2.3.4.5", "1.2.3.4.5" },
		{ "sport 80x", "80x" }, { "sport -1", "-1" }, { "sport 1-", "1-" },
		{ "sport 5-3", "5-3" }, { "sport 65536", "65536" }, { "sport 1-65536", "1-65536" },
		{ "sport 1-2-3", "1-2-3" }, { "sport --", "--" }, { "sport 0x50", "0x50" },
		{ "dport http", "http" }, { "dport 99999999999", "99999999999" },
		{ "state bogus", "bogus" }, { "state ESTABLISHEDX", "ESTABLISHEDX" },
		{ "status bogus", "bogus" }, { "status", "status" },
		{ "mark", "mark" }, { "mark -1", "-1" }, { "mark 0x", "0x" }, { "mark 1/", "1/" },
		{ "mark /1", "/1" }, { "mark 1/x", "1/x" }, { "mark 0xfg", "0xfg" },
		{ "mark ff", "ff" }, { "mark 4294967296", "4294967296" },
		{ "mark 0x100000000", "0x100000000" }, { "mark 1/0x100000000", "1/0x1" },
		{ "mark 0x100/0xff", "0x100/0xff" }, { "mark 0x0x1", "0x0x1" },
		{ "zone 65536", "65536" }, { "zone -1", "-1" }, { "zone 1x", "1x" },
		{ "family ipv5", "ipv5" }, { "family inet", "inet" }, { "nat yes", "yes" },
		{ "proto tcp proto udp", "proto" }, { "src 10.0.0.1 src 10.0.0.1", "src" },
		{ "nat snat nat snat", "twice" }, { "mark 0 mark 0", "twice" },
		{ "src 10.0.0.1 dst ::1", "dst ::1" }, { "family ipv6 src 10.0.0.1", "IPv6" },
		{ "src 10.0.0.1 family ipv6", "family ipv6" },
		{ "reply-src ::1 reply-dst 10.0.0.1", "reply-dst" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_bad(bad[i].line, bad[i].named);
}

static void long_words(void **state)
{
	struct filter f = {};
	char word[100000];

	(void)state;
	memset(word, '1', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_int_equal(filter_add(&f, FILTER_MANY, word, word, err, sizeof(err)), -EINVAL);
	assert_int_equal(filter_add(&f, FILTER_MANY, "src", word, err, sizeof(err)), -EINVAL);
	assert_int_equal(filter_add(&f, FILTER_MANY, "mark", word, err, sizeof(err)), -EINVAL);
	assert_int_equal(filter_add(&f, FILTER_MANY, "sport", word, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "expected"));
}

static void every_name(void **state)
{
	char line[64];
	size_t i, j;

	(void)state;
	for (i = 0; i < status_names_count; i++) {
		struct entry e = tcp4();

		snprintf(line, sizeof(line), "status %s", status_names[i].name);
		e.status = status_names[i].bit;
		assert_true(matches(line, &e));
		e.status = ~status_names[i].bit;
		assert_false(matches(line, &e));
	}
	for (i = 0; i < ARRAY_SIZE(state_tables); i++) {
		for (j = 0; j < state_tables[i].count; j++) {
			struct entry e = tcp4();

			snprintf(line, sizeof(line), "state %s", state_tables[i].names[j]);
			e.state = state_tables[i].names[j];
			assert_true(matches(line, &e));
			e.state = "other";
			assert_false(matches(line, &e));
		}
	}
	assert_string_equal(state_name(IPPROTO_TCP, 3), "established");
	assert_string_equal(state_name(IPPROTO_TCP, 9), "syn_sent2");
	assert_null(state_name(IPPROTO_TCP, 10));
	assert_null(state_name(IPPROTO_TCP, 255));
	assert_null(state_name(IPPROTO_UDP, 0));
	assert_string_equal(state_of_status(0), "unreplied");
	assert_string_equal(state_of_status(IPS_SEEN_REPLY), "replied");
	assert_string_equal(state_of_status(IPS_SEEN_REPLY | IPS_ASSURED), "assured");
}

static void match_v4(void **state)
{
	static const struct { const char *line; bool match; } cases[] = {
		{ "", true },
		{ "proto tcp", true }, { "proto 6", true }, { "proto udp", false },
		{ "src 192.168.1.10", true }, { "src 192.168.1.11", false },
		{ "src 192.168.1.11/31", true }, { "src 192.168.1.12/31", false },
		{ "src 192.168.1.0/24", true }, { "src 192.168.2.0/24", false },
		{ "src 192.168.0.0/23", true }, { "src 192.168.2.0/23", false },
		{ "src 128.0.0.0/1", true }, { "src 0.0.0.0/1", false }, { "src 1.2.3.4/0", true },
		{ "dst 203.0.113.5", true }, { "dst 192.168.1.10", false },
		{ "reply-src 203.0.113.5", true }, { "reply-dst 198.51.100.1", true },
		{ "reply-dst 192.168.1.10", false },
		{ "src ::/0", false }, { "family ipv4", true }, { "family ipv6", false },
		{ "sport 51000", true }, { "sport 51000-51000", true }, { "sport 0-50999", false },
		{ "sport 51001-65535", false }, { "sport 0-65535", true },
		{ "dport 443", true }, { "dport 40000", false }, { "dport 442-444", true },
		{ "state established", true }, { "state ESTABLISHED", true },
		{ "state close", false }, { "state assured", false },
		{ "status assured", true }, { "status seen_reply", true },
		{ "status unreplied", false }, { "status dnat", false }, { "status src_nat", true },
		{ "mark 0x1234", true }, { "mark 4660", true }, { "mark 0x34/0xff", true },
		{ "mark 0x34", false }, { "mark 0/0x1", true }, { "mark 0/0", true },
		{ "zone 3", true }, { "zone 0", false },
		{ "nat snat", true }, { "nat dnat", false }, { "nat any", true },
		{ "proto tcp dport 443 src 192.168.0.0/16 nat snat", true },
		{ "proto tcp dport 443 src 192.168.0.0/16 nat dnat", false },
	};
	struct entry e = tcp4();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (matches(cases[i].line, &e) != cases[i].match)
			fail_msg("'%s' should %smatch", cases[i].line,
				 cases[i].match ? "" : "not ");
	e.status = 0;
	assert_false(matches("nat any", &e));
	assert_true(matches("status unreplied", &e));
	e.status = IPS_SRC_NAT | IPS_DST_NAT;
	assert_true(matches("nat snat", &e));
	assert_true(matches("nat dnat", &e));
}

static void match_v6(void **state)
{
	static const struct { const char *line; bool match; } cases[] = {
		{ "proto icmpv6", true }, { "proto icmp", false }, { "family ipv6", true },
		{ "src 2001:db8::a", true }, { "src 2001:db8::b", false },
		{ "src 2001:db8::b/127", true }, { "src 2001:db8::8/127", false },
		{ "src 2001:db8::/64", true }, { "src 2001:db8:0:1::/64", false },
		{ "src 2001:db8:0:1::/63", true }, { "src ::/0", true }, { "src 0.0.0.0/0", false },
		{ "dst 2001:db8:1::/48", true }, { "dst 2001:db8:2::/48", false },
		{ "reply-src 2001:db8:1::b", true }, { "reply-dst 2001:db8::a/128", true },
		{ "sport 0-65535", false }, { "dport 0-65535", false },
		{ "state unreplied", true }, { "nat any", false },
	};
	struct entry e = icmp6();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (matches(cases[i].line, &e) != cases[i].match)
			fail_msg("'%s' should %smatch", cases[i].line,
				 cases[i].match ? "" : "not ");
}

static int key(const char *line, struct entry *e)
{
	struct filter f;
	int ret = words(&f, FILTER_ONE, line);

	return ret ? ret : key_from_words(&f, e, err, sizeof(err));
}

static void good_keys(void **state)
{
	struct entry e, tcp = tcp4(), icmp = icmp6();

	(void)state;
	assert_int_equal(key("proto tcp src 192.168.1.10 sport 51000 dst 203.0.113.5 dport 443 "
			     "zone 3", &e), 0);
	assert_int_equal(e.kind, FLOW_PORTS);
	assert_int_equal(e.family, AF_INET);
	assert_int_equal(e.proto, IPPROTO_TCP);
	assert_int_equal(e.zone, 3);
	assert_memory_equal(e.orig.src, tcp.orig.src, 16);
	assert_memory_equal(e.orig.dst, tcp.orig.dst, 16);
	assert_int_equal(e.orig.sport, 51000);
	assert_int_equal(e.orig.dport, 443);

	assert_int_equal(key("id 77 code 0 type 128 dst 2001:db8:1::b src 2001:db8::a "
			     "proto icmpv6", &e), 0);
	assert_int_equal(e.kind, FLOW_ICMP);
	assert_memory_equal(&e.orig, &icmp.orig, sizeof(e.orig));

	assert_int_equal(key("proto icmp src 1.2.3.4 dst 5.6.7.8/32 type 8 id 1", &e), 0);
	assert_int_equal(e.orig.code, 0);
	assert_int_equal(key("proto gre src 1.2.3.4 dst 5.6.7.8", &e), 0);
	assert_int_equal(e.kind, FLOW_PLAIN);
	assert_int_equal(key("proto gre src 1.2.3.4 dst 5.6.7.8 sport 1 dport 2", &e), 0);
	assert_int_equal(e.kind, FLOW_PORTS);
	assert_int_equal(key("proto 50 src ::1 dst ::2", &e), 0);
	assert_int_equal(e.kind, FLOW_PLAIN);
}

static void bad_keys(void **state)
{
	static const struct { const char *line, *named; } bad[] = {
		{ "", "'proto'" }, { "src 1.2.3.4 dst 1.2.3.5 sport 1 dport 2", "'proto'" },
		{ "proto tcp dst 1.2.3.5 sport 1 dport 2", "'src'" },
		{ "proto tcp src 1.2.3.4 sport 1 dport 2", "'dst'" },
		{ "proto tcp src 1.2.3.4 dst 1.2.3.5 dport 2", "'sport'" },
		{ "proto udp src 1.2.3.4 dst 1.2.3.5 sport 2", "'dport'" },
		{ "proto icmp src 1.2.3.4 dst 1.2.3.5 id 2", "'type'" },
		{ "proto icmp src 1.2.3.4 dst 1.2.3.5 type 8", "'id'" },
		{ "proto icmp src 1.2.3.4 dst 1.2.3.5 type 8 id 2 sport 1", "sport" },
		{ "proto tcp src 1.2.3.4 dst 1.2.3.5 sport 1 dport 2 type 8", "type" },
		{ "proto 50 src 1.2.3.4 dst 1.2.3.5 sport 1 dport 2", "sport" },
		{ "proto gre src 1.2.3.4 dst 1.2.3.5 sport 1", "'dport'" },
		{ "proto gre src 1.2.3.4 dst 1.2.3.5 dport 1", "dport" },
		{ "proto tcp src 1.2.3.4/31 dst 1.2.3.5 sport 1 dport 2", "'src'" },
		{ "proto tcp src ::1 dst ::/64 sport 1 dport 2", "'dst'" },
		{ "proto tcp src 1.2.3.4 dst 1.2.3.5 sport 1-2 dport 2", "'sport'" },
		{ "proto tcp src 1.2.3.4 dst 1.2.3.5 sport 1 dport 2-3", "'dport'" },
		{ "proto tcp src 1.2.3.4 dst ::1 sport 1 dport 2", "dst ::1" },
		{ "state close", "state" }, { "nat any", "nat" }, { "reply-src ::1", "reply-src" },
		{ "type 256", "256" }, { "code -1", "-1" }, { "id 65536", "65536" },
	};
	struct entry e;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!key(bad[i].line, &e))
			fail_msg("'%s' was taken", bad[i].line);
		if (!strstr(err, bad[i].named) || !strstr(err, "expected"))
			fail_msg("'%s' was refused with '%s'", bad[i].line, err);
	}
}

static void sorted(void **state)
{
	static const struct { const char *key; int first, last; } orders[] = {
		{ "proto", 1, 0 }, { "src", 0, 1 }, { "dst", 0, 1 }, { "sport", 1, 0 },
		{ "dport", 1, 0 }, { "packets", 0, 1 }, { "bytes", 0, 1 }, { "timeout", 0, 1 },
		{ "state", 0, 1 }, { "id", 1, 0 },
	};
	struct entry e[2] = { tcp4(), icmp6() };
	struct rows rows = {};
	size_t i;
	int j;

	(void)state;
	e[1].orig.packets = UINT32_MAX;
	e[1].reply.bytes = 1ull << 40;
	e[1].timeout = UINT32_MAX;
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		enum sort_key sort = sort_key_by_name(orders[i].key);

		assert_int_not_equal(sort, SORT_NONE);
		for (j = 0; j < 2; j++)
			assert_int_equal(rows_add(&rows, &e[j], j ? "six" : "four"), 0);
		rows_sort(&rows, sort, false);
		assert_int_equal(rows.row[0].entry.family, e[orders[i].first].family);
		assert_string_equal(rows.row[0].text, orders[i].first ? "six" : "four");
		rows_sort(&rows, sort, true);
		assert_int_equal(rows.row[0].entry.family, e[orders[i].last].family);
		rows_clear(&rows);
	}
	assert_int_equal(sort_key_by_name(""), SORT_NONE);
	assert_int_equal(sort_key_by_name("mark"), SORT_NONE);

	for (i = 0; i < 1000; i++) {
		e[0].id = i * 7919 % 1000;
		assert_int_equal(rows_add(&rows, &e[0], NULL), 0);
	}
	rows_sort(&rows, SORT_SRC, false);
	for (i = 0; i < 1000; i++)
		assert_int_equal(rows.row[i].entry.id, i);
	rows_clear(&rows);
	rows_sort(&rows, SORT_ID, false);
}

static void all_or_some(void **state)
{
	static const char * const some[] = {
		"mark 0/1", "mark 0", "src 0.0.0.0/0", "dst ::/0", "sport 0-65535", "zone 0",
		"mark 0/0 family ipv4", "status unreplied",
	};
	struct filter f;
	unsigned int i;

	assert_int_equal(words(&f, FILTER_MANY, ""), 0);
	assert_true(filter_is_all(&f));
	assert_int_equal(words(&f, FILTER_MANY, "mark 0/0"), 0);
	assert_true(filter_is_all(&f));
	for (i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		assert_int_equal(words(&f, FILTER_MANY, some[i]), 0);
		assert_false(filter_is_all(&f));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(good_words),
		cmocka_unit_test(bad_words),
		cmocka_unit_test(long_words),
		cmocka_unit_test(every_name),
		cmocka_unit_test(match_v4),
		cmocka_unit_test(match_v6),
		cmocka_unit_test(good_keys),
		cmocka_unit_test(bad_keys),
		cmocka_unit_test(sorted),
		cmocka_unit_test(all_or_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
