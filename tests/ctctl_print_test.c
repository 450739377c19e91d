// SPDX-License-Identifier: GPL-2.0
/* What ctctl prints: aligned tables, JSON with the names that hold, event lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "../userspace/names.c"
#include "../userspace/rows.c"
#include "../userspace/line.c"
#include "../userspace/print.c"
#include "../userspace/table.c"
#include "../userspace/json.c"

static void set_address(uint8_t *to, const char *text)
{
	if (inet_pton(AF_INET, text, to) != 1)
		assert_int_equal(inet_pton(AF_INET6, text, to), 1);
}

static void set_addresses(struct entry *e, const char *src, const char *dst,
			  const char *reply_src, const char *reply_dst)
{
	set_address(e->orig.src, src);
	set_address(e->orig.dst, dst);
	set_address(e->reply.src, reply_src);
	set_address(e->reply.dst, reply_dst);
}

static struct entry tcp_snat(void)
{
	struct entry e = {
		.id = 4000000000u, .family = AF_INET, .proto = IPPROTO_TCP, .kind = FLOW_PORTS,
		.state = "established", .timeout = 431999, .has_timeout = 1, .has_counters = 1,
		.status = IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED | IPS_SRC_NAT,
		.orig = { .sport = 51000, .dport = 443, .packets = 12, .bytes = 1440 },
		.reply = { .sport = 443, .dport = 40000, .packets = 10, .bytes = 20480 },
	};

	set_addresses(&e, "192.168.1.10", "203.0.113.5", "203.0.113.5", "198.51.100.1");
	return e;
}

static struct entry udp_plain(void)
{
	struct entry e = {
		.id = 2, .family = AF_INET, .proto = IPPROTO_UDP, .kind = FLOW_PORTS,
		.state = "assured", .timeout = 119, .has_timeout = 1,
		.status = IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED,
		.orig = { .sport = 5353, .dport = 53 }, .reply = { .sport = 53, .dport = 5353 },
	};

	set_addresses(&e, "10.0.0.2", "10.0.0.1", "10.0.0.1", "10.0.0.2");
	return e;
}

static struct entry icmp6(void)
{
	struct entry e = {
		.id = 3, .family = AF_INET6, .proto = IPPROTO_ICMPV6, .kind = FLOW_ICMP,
		.state = "unreplied", .timeout = 29, .has_timeout = 1, .status = IPS_CONFIRMED,
		.mark = 0x1f, .zone = 9,
		.orig = { .type = 128, .code = 0, .id = 77 },
		.reply = { .type = 129, .code = 0, .id = 78 },
	};

	set_addresses(&e, "2001:db8::a", "2001:db8:1::b", "2001:db8:1::b", "2001:db8::a");
	return e;
}

/* What @count entries look like as a table; to be freed. */
static char *table_of(const struct entry *e, size_t count)
{
	struct rows rows = {};
	char *text;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	for (i = 0; i < count; i++)
		assert_int_equal(rows_add(&rows, &e[i], NULL), 0);
	print_table(out, &rows);
	fclose(out);
	rows_clear(&rows);
	return text;
}

static void assert_table(const struct entry *e, size_t count, const char *expected)
{
	char *text = table_of(e, count);

	assert_string_equal(text, expected);
	free(text);
}

static void tables(void **state)
{
	struct entry e[] = { tcp_snat(), udp_plain(), icmp6() };

	(void)state;
	assert_table(e, 0, "");
	assert_table(&e[1], 1,
		     "PROTO  STATE    TIMEOUT  SOURCE         DESTINATION  PACKETS  BYTES\n"
		     "udp    assured     119s  10.0.0.2:5353  10.0.0.1:53        -      -\n");
	assert_table(e, 2,
		     "PROTO  STATE        TIMEOUT  SOURCE              DESTINATION      "
		     "NAT                      PACKETS       BYTES  STATUS\n"
		     "tcp    established    4d23h  192.168.1.10:51000  203.0.113.5:443  "
		     "snat 198.51.100.1:40000    12/10  1440/20.4K  assured\n"
		     "udp    assured         119s  10.0.0.2:5353       10.0.0.1:53      "
		     "                               -           -\n");
	assert_table(&e[2], 1,
		     "PROTO   STATE      TIMEOUT  SOURCE             DESTINATION         "
		     "PACKETS  BYTES  MARK  ZONE\n"
		     "icmpv6  unreplied      29s  2001:db8::a id 77  2001:db8:1::b echo  "
		     "      -      -  0x1f  9\n");
}

/* Every column begins, or ends where it is a number, in the same place on each line. */
static void tables_fit(void **state)
{
	struct entry e[] = { tcp_snat(), udp_plain(), icmp6() };
	char *text, *line, *save;

	(void)state;
	text = table_of(e, 2);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		assert_true(strlen(line) <= 120);
		assert_true(line[strlen(line) - 1] != ' ');
	}
	free(text);

	/* The widest of everything does not overflow a cell. */
	e[0] = icmp6();
	e[0].proto = 255;
	e[0].kind = FLOW_PORTS;
	e[0].state = "shutdown_ack_sent";
	e[0].status = e[0].mark = e[0].timeout = UINT32_MAX;
	e[0].zone = UINT16_MAX;
	memset(&e[0].orig, 0xff, sizeof(e[0].orig));
	memset(&e[0].reply, 0xff, sizeof(e[0].reply));
	e[0].has_counters = 1;
	e[1] = e[0];
	e[1].proto = IPPROTO_ICMPV6;
	e[1].kind = FLOW_ICMP;
	text = table_of(e, 2);
	assert_non_null(strstr(text, "snat [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 "
				     "dnat [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 "));
	assert_non_null(strstr(text, "18.4E/18.4E"));
	assert_non_null(strstr(text, "type 255/255"));
	assert_non_null(strstr(text, "hw_offload"));
	free(text);
}

static void cells(void **state)
{
	static const struct { unsigned int seconds; const char *text; } times[] = {
		{ 0, "0s" }, { 599, "599s" }, { 600, "10m00s" }, { 3599, "59m59s" },
		{ 3600, "1h00m" }, { 172799, "47h59m" }, { 172800, "2d00h" },
		{ UINT32_MAX, "49710d06h" },
	};
	static const struct { uint64_t n; const char *text; } counts[] = {
		{ 0, "0" }, { 9999, "9999" }, { 10000, "10.0K" }, { 99999, "99.9K" },
		{ 100000, "100K" }, { 999999, "999K" }, { 1000000, "1.00M" },
		{ 1234567890, "1.23G" }, { UINT64_MAX, "18.4E" },
	};
	struct entry e = tcp_snat();
	char cell[CELL];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		e.timeout = times[i].seconds;
		cell_timeout(cell, &e);
		assert_string_equal(cell, times[i].text);
	}
	e.has_timeout = 0;
	cell_timeout(cell, &e);
	assert_string_equal(cell, "-");
	for (i = 0; i < ARRAY_SIZE(counts); i++)
		assert_string_equal(human(cell, sizeof(cell), counts[i].n), counts[i].text);

	e.status |= IPS_DST_NAT | IPS_HELPER;
	cell_nat(cell, &e);
	assert_string_equal(cell, "snat 198.51.100.1:40000 dnat 203.0.113.5:443");
	cell_status(cell, &e);
	assert_string_equal(cell, "assured,helper");
	e.state = "assured";
	cell_status(cell, &e);
	assert_string_equal(cell, "helper");

	assert_string_equal(plural(0, "entry", "entries"), "entries");
	assert_string_equal(plural(1, "entry", "entries"), "entry");
	assert_string_equal(plural(2, "entry", "entries"), "entries");
}

static char *json_of(const struct entry *e, enum event event)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(print_json(out, e, 7, event), 0);
	fclose(out);
	return text;
}

static void assert_json(const struct entry *e, enum event event, const char *expected)
{
	char *text = json_of(e, event);

	assert_string_equal(text, expected);
	free(text);
}

static void json(void **state)
{
	struct entry e = tcp_snat();

	(void)state;
	assert_json(&e, EVENT_NONE,
		    "{\"id\":4000000000,\"family\":\"ipv4\",\"proto\":\"tcp\","
		    "\"state\":\"established\","
		    "\"status\":[\"seen_reply\",\"assured\",\"confirmed\",\"snat\"],"
		    "\"timeout\":431999,\"mark\":0,\"zone\":0,\"nat\":\"snat\","
		    "\"orig\":{\"src\":\"192.168.1.10\",\"dst\":\"203.0.113.5\",\"sport\":51000,"
		    "\"dport\":443,\"packets\":12,\"bytes\":1440},"
		    "\"reply\":{\"src\":\"203.0.113.5\",\"dst\":\"198.51.100.1\",\"sport\":443,"
		    "\"dport\":40000,\"packets\":10,\"bytes\":20480}}\n");
	e = icmp6();
	assert_json(&e, EVENT_DESTROY,
		    "{\"event\":\"destroy\",\"seq\":7,\"id\":3,\"family\":\"ipv6\",\"proto\":\"icmpv6\","
		    "\"state\":\"unreplied\",\"status\":[\"confirmed\"],\"timeout\":29,"
		    "\"mark\":31,\"zone\":9,\"nat\":null,"
		    "\"orig\":{\"src\":\"2001:db8::a\",\"dst\":\"2001:db8:1::b\",\"type\":128,"
		    "\"code\":0,\"id\":77,\"packets\":0,\"bytes\":0},"
		    "\"reply\":{\"src\":\"2001:db8:1::b\",\"dst\":\"2001:db8::a\",\"type\":129,"
		    "\"code\":0,\"id\":78,\"packets\":0,\"bytes\":0}}\n");
}

static const char *string_at(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static void json_values(void **state)
{
	struct entry e = udp_plain();
	char *text;
	json_t *o;

	(void)state;
	e.proto = 50;
	e.kind = FLOW_PLAIN;
	e.status = UINT32_MAX;
	e.orig.bytes = UINT64_MAX;
	text = json_of(&e, EVENT_NEW);
	o = json_loads(text, 0, NULL);
	assert_non_null(o);
	assert_string_equal(string_at(o, "event"), "new");
	assert_string_equal(string_at(o, "proto"), "50");
	assert_string_equal(string_at(o, "nat"), "both");
	assert_int_equal(json_array_size(json_object_get(o, "status")), status_names_count);
	assert_null(json_object_get(json_object_get(o, "orig"), "sport"));
	assert_null(json_object_get(json_object_get(o, "orig"), "type"));
	assert_true(json_integer_value(json_object_get(json_object_get(o, "orig"), "bytes")) ==
		    INT64_MAX);
	json_decref(o);
	free(text);

	e.status = IPS_DST_NAT;
	text = json_of(&e, EVENT_UPDATE);
	o = json_loads(text, 0, NULL);
	assert_string_equal(string_at(o, "event"), "update");
	assert_int_equal(json_integer_value(json_object_get(o, "seq")), 7);
	assert_string_equal(string_at(o, "nat"), "dnat");
	json_decref(o);
	free(text);
}

static void events(void **state)
{
	struct entry e = tcp_snat();
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	print_event(out, EVENT_NEW, &e, "12:00:00.000", 1);
	e = icmp6();
	print_event(out, EVENT_UPDATE, &e, "12:00:00.001", 2);
	e = tcp_snat();
	e.state = "time_wait";
	print_event(out, EVENT_DESTROY, &e, "12:00:00.002", 3);
	fclose(out);
	assert_string_equal(text,
			    "12:00:00.000  new      tcp     established  192.168.1.10:51000 -> "
			    "203.0.113.5:443  snat 198.51.100.1:40000  #1\n"
			    "12:00:00.001  update   icmpv6  unreplied    2001:db8::a id 77 -> "
			    "2001:db8:1::b echo  #2\n"
			    "12:00:00.002  destroy  tcp     time_wait    192.168.1.10:51000 -> "
			    "203.0.113.5:443  snat 198.51.100.1:40000  12/10 packets, "
			    "1440/20480 bytes  #3\n");
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),
		cmocka_unit_test(tables_fit),
		cmocka_unit_test(cells),
		cmocka_unit_test(json),
		cmocka_unit_test(json_values),
		cmocka_unit_test(events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
