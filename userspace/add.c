// SPDX-License-Identifier: GPL-2.0
/* ctctl add: one connection, as the words describe it. */
#include "key.h"
#include "names.h"
#include "nl.h"
#include "record.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter/nf_conntrack_common.h>

/* What answers look like: both ends change places, and then what is translated. */
static void answer(struct entry *e, const struct filter *f)
{
	memcpy(e->reply.src, e->orig.dst, sizeof(e->reply.src));
	memcpy(e->reply.dst, e->orig.src, sizeof(e->reply.dst));
	e->reply.sport = e->orig.dport;
	e->reply.dport = e->orig.sport;
	e->reply.type = icmp_answer_type(e->proto, e->orig.type);
	e->reply.code = e->orig.code;
	e->reply.id = e->orig.id;
	if (filter_has(f, WORD_SNAT)) {
		memcpy(e->reply.dst, f->snat.host.address, sizeof(e->reply.dst));
		if (f->snat.port)
			e->reply.dport = f->snat.port;
	}
	if (filter_has(f, WORD_DNAT)) {
		memcpy(e->reply.src, f->dnat.host.address, sizeof(e->reply.src));
		if (f->dnat.port)
			e->reply.sport = f->dnat.port;
	}
}

static uint32_t status_of(const struct filter *f)
{
	if (!filter_has(f, WORD_STATUS))
		return 0;
	/* Whoever is assured was answered. */
	if (f->status.value & IPS_ASSURED)
		return IPS_ASSURED | IPS_SEEN_REPLY;
	return f->status.value;
}

static int describe(const struct filter *f, struct record *r)
{
	static const uint32_t settable = IPS_SEEN_REPLY | IPS_ASSURED | IPS_FIXED_TIMEOUT;
	struct entry *e = &r->entry;
	char err[256];
	int state;

	memset(r, 0, sizeof(*r));
	if (key_from_words(f, e, err, sizeof(err)))
		return usage_error("%s", err);
	if (!filter_has(f, WORD_TIMEOUT))
		return usage_error("'timeout' is missing, expected a number of seconds");
	if (status_of(f) & ~settable)
		return usage_error("this status can't be asked for, expected seen_reply, assured, "
				   "unreplied or fixed_timeout");
	if ((f->snat.port || f->dnat.port) && e->kind != FLOW_PORTS)
		return usage_error("ports are not known to this protocol, expected none in 'snat' "
				   "and 'dnat'");
	e->timeout = f->timeout;
	e->status = status_of(f);
	e->mark = filter_has(f, WORD_MARK) ? f->mark.value : 0;
	answer(e, f);
	if (filter_has(f, WORD_STATE)) {
		state = state_number(e->proto, f->state);
		if (state < 0)
			return usage_error("'state %s' is not known to this protocol, expected "
					   "one that is", f->state);
		r->has_state = proto_has_states(e->proto);
		r->state = state;
	}
	return 0;
}

/**
 * add_run - ctctl add
 * @args: the words that describe it
 */
int add_run(const struct args *args)
{
	struct record record;
	int err, ret = describe(&args->filter, &record);
	struct nl *nl;

	if (ret)
		return ret;
	nl = nl_open();
	if (!nl)
		return EXIT_FAILURE;
	err = nl_create_one(nl, &record);
	if (err == -EEXIST && !*nl_why(nl)) {
		fprintf(stderr, "ctctl: there is such a connection already\n");
		ret = EXIT_FAILURE;
	} else if (err) {
		ret = nl_fail(nl, "adding the connection", err);
	} else {
		puts("1 entry added");
		print_end(stdout);
	}
	nl_close(nl);
	return ret;
}
