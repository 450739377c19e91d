// SPDX-License-Identifier: GPL-2.0
/* ctctl why: what a connection waits for, and what will end it. */
#include "key.h"
#include "nl.h"
#include "trace_names.h"
#include "verbs.h"
#include "why_names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <linux/netfilter/nf_conntrack_common.h>

/* A timeout of this namespace, in seconds; -1 when there is none of that name. */
static long long timeout_now(const char *name)
{
	long long seconds = -1;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/sys/net/netfilter/%s", name);
	file = fopen(path, "r");
	if (!file)
		return -1;
	if (fscanf(file, "%lld", &seconds) != 1)
		seconds = -1;
	fclose(file);
	return seconds;
}

static const char *worth(uint32_t status)
{
	if (status & IPS_ASSURED)
		return "it is assured: it stays when the table is full";
	if (status & IPS_SEEN_REPLY)
		return "it was answered, but is not assured: it may go when the table is full";
	return "it was not answered: it may go when the table is full";
}

static void show_end(const struct entry *e, const char *timeout)
{
	long long seconds = timeout_now(timeout);

	printf("ends      in %" PRIu32 " s, if nothing comes", e->timeout);
	if (e->status & IPS_FIXED_TIMEOUT)
		printf("; its timeout was fixed when it was made or changed");
	else if (!*timeout)
		printf("; its timeout was given to it, until a packet comes");
	else if (seconds >= 0 && e->timeout <= seconds)
		printf("; such a connection has %s = %lld s", timeout, seconds);
	else
		printf("; it has another timeout than %s, by a policy or of before", timeout);
	putchar('\n');
}

static void show_refusal(const char *reason)
{
	const char *words = reason_text(reason), *rule = reason_rule(reason);

	printf("refused   ");
	if (!*reason)
		printf("no packet so far");
	else
		printf("a packet, the last one for %s", reason);
	if (words)
		printf(": %s", words);
	if (rule)
		printf(" (%s)", rule);
	putchar('\n');
}

static int show(const struct entry *e, const struct explanation *why)
{
	char proto[8], src[80], dst[80], nat[180];
	struct waiting w = waiting_for(e, why->timeout);

	printf("%s  %s -> %s\n", print_proto(proto, sizeof(proto), e),
	       print_source(src, sizeof(src), e), print_destination(dst, sizeof(dst), e));
	printf("state     %s\n", w.state);
	printf("waits     for %s\n", w.words);
	show_end(e, why->timeout);
	printf("nat       %s\n", *print_nat(nat, sizeof(nat), e) ? nat : "none");
	printf("worth     %s\n", worth(e->status));
	show_refusal(why->refused);
	print_end(stdout);
	return 0;
}

static int keep(const struct nl_entry *e, void *data)
{
	*(struct entry *)data = e->entry;
	return 0;
}

static int explain(struct nl *nl, const struct entry *key)
{
	struct explanation why;
	struct entry e;
	int err = nl_get(nl, key, keep, &e);

	if (!err)
		err = nl_explain(nl, &e, &why);
	return err ? err : show(&e, &why);
}

/**
 * why_run - ctctl why
 * @args: the words that name the connection
 */
int why_run(const struct args *args)
{
	struct entry key;
	char err_text[256];
	struct nl *nl;
	int err, ret = EXIT_SUCCESS;

	if (key_from_words(&args->filter, &key, err_text, sizeof(err_text)))
		return usage_error("%s", err_text);
	nl = nl_open();
	if (!nl)
		return EXIT_FAILURE;
	err = explain(nl, &key);
	if (err == -ENOENT) {
		fprintf(stderr, "ctctl: there is no such connection\n");
		ret = EXIT_FAILURE;
	} else if (err) {
		ret = nl_fail(nl, "looking for the connection", err);
	}
	nl_close(nl);
	return ret;
}
