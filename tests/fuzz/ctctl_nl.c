// SPDX-License-Identifier: GPL-2.0
/*
 * What ctctl makes of the kernel's messages, and what it then prints. Input: an octet that tells
 * who reads the message; its type and flags, two octets each; then what is behind its header.
 */
#include "fuzz.h"
#include "userspace/nl.c"
#include "userspace/nl_ct.c"
#include "userspace/line.h"
#include "userspace/print.h"
#include "userspace/rows.h"

#define FAMILY 40

static struct nl nl = { .family = FAMILY };

static void check_entry(const struct entry *e)
{
	claim(e->family == AF_INET || e->family == AF_INET6);
	claim(e->kind <= FLOW_ICMP && e->zone_of <= ZONE_OF_REPLY);
	claim(e->state && *e->state);
	claim((e->kind == FLOW_ICMP) == proto_is_icmp(e->proto));
}

static void print_all(FILE *out, const struct nl_entry *e)
{
	struct rows rows = {};
	char line[1024];

	claim(line_write(line, sizeof(line), &e->entry, e->attr, e->event) == strlen(line));
	claim(!rows_add(&rows, &e->entry, line));
	print_table(out, &rows);
	rows_clear(&rows);
	print_event(out, e->event, &e->entry, "12:00:00.000", 1);
	claim(!print_json(out, &e->entry, 1, e->event));
}

static int take(const struct nl_entry *e, void *data)
{
	check_entry(&e->entry);
	print_all(data, e);
	return 0;
}

static void read_entry(const struct nlmsghdr *nlh)
{
	static FILE *out;
	struct taker taker = { take, NULL };
	int ret;

	if (!out)
		out = fopen("/dev/null", "w");
	claim(out);
	taker.data = out;
	ret = take_entry(&nl, nlh, &taker);
	claim(!ret || ret == -EBADMSG);
}

static void read_stats(const struct nlmsghdr *nlh)
{
	struct stats stats = {};
	size_t i;
	int ret = take_stats(&nl, nlh, &stats);

	claim(!ret || ret == -EBADMSG);
	for (i = 0; i < stats.reasons_count; i++)
		claim(strnlen(stats.reasons[i].name, sizeof(stats.reasons[i].name)) <
		      sizeof(stats.reasons[i].name));
	nl_stats_free(&stats);
}

static void read_error(const struct nlmsghdr *nlh)
{
	nl.why[0] = '\0';
	claim(error_of(&nl, nlh) <= 0);
	claim(strnlen(nl.why, sizeof(nl.why)) < sizeof(nl.why));
	claim(done_of(nlh) <= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	uint8_t who = fuzz_u8(&input);
	struct nlmsghdr *nlh;

	nlh = malloc(sizeof(*nlh) + size);
	claim(nlh);
	memset(nlh, 0, sizeof(*nlh));
	nlh->nlmsg_type = fuzz_u16(&input);
	nlh->nlmsg_flags = fuzz_u16(&input);
	nlh->nlmsg_len = sizeof(*nlh) + input.left;
	nlh = realloc(nlh, nlh->nlmsg_len);
	claim(nlh);
	if (input.left)
		memcpy(nlh + 1, input.data, input.left);
	switch (who % 3) {
	case 0:
		read_entry(nlh);
		break;
	case 1:
		read_stats(nlh);
		break;
	case 2:
		read_error(nlh);
		break;
	}
	free(nlh);
	return 0;
}
