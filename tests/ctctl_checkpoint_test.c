// SPDX-License-Identifier: GPL-2.0
/* ctctl's checkpoint: a connection is read as it was written, and nothing that is damaged is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <stdlib.h>

#include "userspace/checkpoint.c"
#include "userspace/names.c"
#include "userspace/record.c"
#include "userspace/value.c"

static const char *const lines[] = {
	"ipv4 tcp src=10.0.1.2 dst=10.0.1.1 sport=4001 dport=8081 reply-src=10.0.2.2 "
	"reply-dst=10.0.2.1 reply-sport=81 reply-dport=61234 timeout=431999 state=established "
	"scale=7/14 flags=0x23/0x2b status=seen_reply,assured mark=0x37 zone=3 "
	"labels=0x80000000000000000000000000000001",
	"ipv6 udp src=2001:db8::1 dst=2001:db8::2 sport=1 dport=65535 reply-src=2001:db8::2 "
	"reply-dst=2001:db8::1 reply-sport=65535 reply-dport=1 timeout=0",
	"ipv4 icmp src=10.0.1.2 dst=10.0.2.2 type=8 code=0 id=77 reply-src=10.0.2.2 "
	"reply-dst=10.0.2.1 reply-type=0 reply-code=0 reply-id=78 timeout=30 status=seen_reply "
	"zone-orig=65535",
	"ipv4 sctp src=10.0.1.2 dst=10.0.2.2 sport=1 dport=2 reply-src=10.0.2.2 "
	"reply-dst=10.0.1.2 reply-sport=2 reply-dport=1 timeout=210 state=established "
	"vtag=0x1/0xffffffff status=seen_reply,assured,fixed_timeout",
	"ipv4 dccp src=10.0.1.2 dst=10.0.2.2 sport=1 dport=2 reply-src=10.0.2.2 "
	"reply-dst=10.0.1.2 reply-sport=2 reply-dport=1 timeout=210 state=open role=1 "
	"handshake-seq=281474976710655",
	"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30",
	"ipv4 gre src=10.0.1.2 dst=10.0.2.2 sport=1 dport=2 reply-src=10.0.2.2 "
	"reply-dst=10.0.1.2 reply-sport=2 reply-dport=1 timeout=30 zone-reply=1",
	"ipv6 99 src=:: dst=ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff reply-src=:: reply-dst=:: "
	"timeout=4294967295 mark=0xffffffff",
};

static void same_again(void **state)
{
	char err[2 * RECORD_LINE], again[RECORD_LINE];
	struct record r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(record_parse(lines[i], &r, err, sizeof(err)), 0);
		assert_int_equal(record_write(&r, again, sizeof(again)), strlen(lines[i]));
		assert_string_equal(again, lines[i]);
	}
}

static void fields(void **state)
{
	char err[2 * RECORD_LINE];
	struct record r;

	(void)state;
	assert_int_equal(record_parse(lines[0], &r, err, sizeof(err)), 0);
	assert_int_equal(r.entry.family, AF_INET);
	assert_int_equal(r.entry.proto, IPPROTO_TCP);
	assert_int_equal(r.entry.kind, FLOW_PORTS);
	assert_int_equal(r.entry.orig.dport, 8081);
	assert_int_equal(r.entry.reply.dst[3], 1);
	assert_int_equal(r.entry.reply.dport, 61234);
	assert_int_equal(r.entry.timeout, 431999);
	assert_true(r.has_state);
	assert_int_equal(r.state, 3);
	assert_int_equal(r.scale[1], 14);
	assert_int_equal(r.flags[0], 0x23);
	assert_int_equal(r.entry.status, IPS_SEEN_REPLY | IPS_ASSURED);
	assert_int_equal(r.entry.mark, 0x37);
	assert_int_equal(r.entry.zone, 3);
	assert_int_equal(r.entry.zone_of, ZONE_OF_BOTH);
	assert_int_equal(r.labels[0], 1);
	assert_int_equal(r.labels[RECORD_LABELS - 1], 0x80);
}

/* A record of the largest values is no longer than the room for it. */
static void longest(void **state)
{
	char line[RECORD_LINE];
	struct record r;

	(void)state;
	memset(&r, 0xff, sizeof(r));
	r.entry.family = AF_INET6;
	r.entry.proto = IPPROTO_SCTP;
	r.entry.kind = FLOW_PORTS;
	r.entry.zone_of = ZONE_OF_REPLY;
	r.state = 7;
	assert_true(record_write(&r, line, sizeof(line)) < RECORD_LINE - 1);
	r.entry.proto = IPPROTO_DCCP;
	assert_true(record_write(&r, line, sizeof(line)) < RECORD_LINE - 1);
}

static void wrong_words(void **state)
{
	static const char *const wrong[] = {
		"", "ipv4", "ipv5 tcp", "ipv4 tpc", "ipv4 256",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=030",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30 ",
		"ipv4 gre  src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30",
		"ipv4 GRE src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30",
		"ipv4 47 src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30",
		"ipv4 gre dst=10.0.2.2 src=10.0.1.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30",
		"ipv4 gre src=10.0.1.2 dst=::1 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30 x=1",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30 mark",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30 mark=0x0",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30 mark=1",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30 status=dying",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30 state=replied",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30 zone=65536",
		"ipv4 gre src=10.0.1.2 dst=10.0.2.2 reply-src=10.0.2.2 reply-dst=10.0.1.2 timeout=30 zone=1 zone=1",
	};
	char err[2 * RECORD_LINE];
	struct record r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		err[0] = '\0';
		assert_int_equal(record_parse(wrong[i], &r, err, sizeof(err)), -EINVAL);
		assert_true(err[0]);
	}
}

/* Whoever can write a file that is restored does not write to the terminal. */
static void no_escape(void **state)
{
	char err[2 * RECORD_LINE];
	struct record r;

	(void)state;
	assert_int_equal(record_parse("ipv4 gre src=10.0.1.2 \033]0;x\a=\177\233", &r, err, sizeof(err)),
			 -EINVAL);
	assert_non_null(strstr(err, "'?]0;x?=?" "?'"));
}

/* All lines in a file, which the caller frees. */
static char *file_of_all(size_t *size)
{
	char *file = malloc((ARRAY_SIZE(lines) + 2) * CHECKPOINT_LINE);
	struct checkpoint c = {};
	char err[2 * RECORD_LINE];
	struct record r;
	size_t i;

	*size = checkpoint_begin(&c, file, CHECKPOINT_LINE);
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(record_parse(lines[i], &r, err, sizeof(err)), 0);
		*size += checkpoint_add(&c, &r, file + *size, CHECKPOINT_LINE);
	}
	*size += checkpoint_end(&c, file + *size, CHECKPOINT_LINE);
	return file;
}

/* Returns how many connections were read, or -EINVAL. */
static int read_file(const char *file, size_t size, char *err, size_t room)
{
	struct checkpoint c = { .at = file, .end = file + size };
	struct record r;
	int more, n = 0;

	while ((more = checkpoint_next(&c, &r, err, room)) > 0)
		n++;
	return more ? more : n;
}

static void whole(void **state)
{
	char err[2 * RECORD_LINE];
	size_t size;
	char *file = file_of_all(&size);

	(void)state;
	assert_int_equal(read_file(file, size, err, sizeof(err)), ARRAY_SIZE(lines));
	assert_memory_equal(file, "ctrack-save 1 crc=", 18);
	free(file);
}

/* The line that a place is in, from 1. */
static size_t line_of(const char *file, size_t place)
{
	size_t line = 1;

	while (place--)
		line += file[place] == '\n';
	return line;
}

/* Every bit of every octet; the complaint names the line, or the next where two became one. */
static void damaged(void **state)
{
	char err[2 * RECORD_LINE], named[32];
	size_t size, place;
	char *file = file_of_all(&size);
	int bit;

	(void)state;
	for (place = 0; place < size; place++) {
		for (bit = 0; bit < 8; bit++) {
			file[place] ^= 1 << bit;
			assert_int_equal(read_file(file, size, err, sizeof(err)), -EINVAL);
			file[place] ^= 1 << bit;
			snprintf(named, sizeof(named), "line %zu is ", line_of(file, place));
			assert_memory_equal(err, named, strlen(named));
		}
	}
	free(file);
}

static void cut_off(void **state)
{
	char err[2 * RECORD_LINE];
	size_t size, length;
	char *file = file_of_all(&size);

	(void)state;
	for (length = 0; length < size; length++)
		assert_int_equal(read_file(file, length, err, sizeof(err)), -EINVAL);
	free(file);
}

static void something_behind(void **state)
{
	char err[2 * RECORD_LINE];
	size_t size;
	char *file = file_of_all(&size);

	(void)state;
	file[size] = '\n';
	assert_int_equal(read_file(file, size + 1, err, sizeof(err)), -EINVAL);
	free(file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_again),
		cmocka_unit_test(fields),
		cmocka_unit_test(longest),
		cmocka_unit_test(wrong_words),
		cmocka_unit_test(no_escape),
		cmocka_unit_test(whole),
		cmocka_unit_test(damaged),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(something_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
