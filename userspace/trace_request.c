// SPDX-License-Identifier: GPL-2.0
/* A FILTER as the kernel is given it. */
#include "trace_request.h"
#include "array.h"
#include "names.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>

static void put_prefix(struct ctrack_trace_prefix *to, const struct prefix *p)
{
	unsigned int i;

	for (i = 0; i < p->length; i++)
		to->mask[i / 8] |= 0x80 >> i % 8;
	memcpy(to->address, p->address, sizeof(to->address));
}

static struct ctrack_trace_range range_of(const struct range *r)
{
	return (struct ctrack_trace_range){ r->from, r->to };
}

static uint32_t states_named(uint8_t proto, const char *name)
{
	uint32_t bits = 0;
	const char *known;
	uint8_t number;

	for (number = 0; number < 32; number++) {
		known = state_name(proto, number);
		if (known && !strcmp(known, name))
			bits |= 1u << number;
	}
	return bits;
}

static void put_states(struct ctrack_trace_filter *to, const char *name)
{
	/* In the order of their numbers, see struct ctrack_trace_record. */
	static const uint32_t others[] = { 0, IPS_SEEN_REPLY, IPS_SEEN_REPLY | IPS_ASSURED };
	size_t i;

	to->states[CTRACK_STATES_TCP] = states_named(IPPROTO_TCP, name);
	to->states[CTRACK_STATES_SCTP] = states_named(IPPROTO_SCTP, name);
	to->states[CTRACK_STATES_DCCP] = states_named(IPPROTO_DCCP, name);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(state_of_status(others[i]), name))
			to->states[CTRACK_STATES_OTHER] |= 1u << i;
}

static int put_device(uint32_t *to, const char *name, const char **bad)
{
	*to = if_nametoindex(name);
	if (*to)
		return 0;
	*bad = name;
	return -ENODEV;
}

/**
 * trace_request - a FILTER as the kernel is given it
 * @to: where it goes
 * @f: the FILTER; the name of a reason is not put in, but sent beside it
 * @bad: where the name of a device goes that there is not
 *
 * Return: 0 or -ENODEV.
 */
int trace_request(struct ctrack_trace_filter *to, const struct filter *f, const char **bad)
{
	static const struct {
		enum filter_word word;
		uint32_t bit;
	} bits[] = {
		{ WORD_PROTO,		CTRACK_FILTER_PROTO },
		{ WORD_SRC,		CTRACK_FILTER_SRC },
		{ WORD_DST,		CTRACK_FILTER_DST },
		{ WORD_REPLY_SRC,	CTRACK_FILTER_REPLY_SRC },
		{ WORD_REPLY_DST,	CTRACK_FILTER_REPLY_DST },
		{ WORD_SPORT,		CTRACK_FILTER_SPORT },
		{ WORD_DPORT,		CTRACK_FILTER_DPORT },
		{ WORD_STATE,		CTRACK_FILTER_STATE },
		{ WORD_STATUS,		CTRACK_FILTER_STATUS },
		{ WORD_MARK,		CTRACK_FILTER_MARK },
		{ WORD_ZONE,		CTRACK_FILTER_ZONE },
		{ WORD_NAT,		CTRACK_FILTER_NAT },
		{ WORD_IIF,		CTRACK_FILTER_IIF },
		{ WORD_OIF,		CTRACK_FILTER_OIF },
	};
	int err = 0;
	size_t i;

	memset(to, 0, sizeof(*to));
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		if (filter_has(f, bits[i].word))
			to->given |= bits[i].bit;
	/* Addresses say what family they are of, too. */
	if (f->family) {
		to->given |= CTRACK_FILTER_FAMILY;
		to->family = f->family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
	}
	to->events = filter_has(f, WORD_EVENT) ? f->events : (1u << CTRACK_TRACE_EVENT_COUNT) - 1;
	to->proto = f->proto;
	put_prefix(&to->src, &f->src);
	put_prefix(&to->dst, &f->dst);
	put_prefix(&to->reply_src, &f->reply_src);
	put_prefix(&to->reply_dst, &f->reply_dst);
	to->sport = range_of(&f->sport);
	to->dport = range_of(&f->dport);
	to->status = f->status.value;
	to->status_mask = f->status.mask;
	to->mark = f->mark.value;
	to->mark_mask = f->mark.mask;
	to->zone = f->zone;
	to->nat = f->nat;
	if (filter_has(f, WORD_STATE))
		put_states(to, f->state);
	if (filter_has(f, WORD_IIF))
		err = put_device(&to->iif, f->iif, bad);
	if (!err && filter_has(f, WORD_OIF))
		err = put_device(&to->oif, f->oif, bad);
	return err;
}
