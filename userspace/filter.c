// SPDX-License-Identifier: GPL-2.0
/*
 * The FILTER words: "proto tcp dport 80-90 …" into a struct, and whether an entry has what they
 * ask for. Every word is refused rather than guessed at. PURE.
 */
#include "filter.h"
#include "names.h"
#include "trace_names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <linux/netfilter/nf_conntrack_common.h>

static int set_family(struct filter *f, uint8_t family)
{
	if (f->family && f->family != family)
		return -EAFNOSUPPORT;
	f->family = family;
	return 0;
}

static int parse_address(struct filter *f, const char *value, struct prefix *p)
{
	int ret = parse_prefix(value, p);

	return ret ? ret : set_family(f, p->family);
}

static int parse_proto(struct filter *f, const char *value)
{
	return proto_by_name(value, &f->proto) ? 0 : parse_u8(value, &f->proto);
}

static int parse_state(struct filter *f, const char *value)
{
	f->state = state_by_name(value);
	return f->state ? 0 : -EINVAL;
}

static int parse_status(struct filter *f, const char *value)
{
	if (!strcasecmp(value, "unreplied")) {
		f->status.value = 0;
		f->status.mask = IPS_SEEN_REPLY;
		return 0;
	}
	f->status.value = status_by_name(value);
	f->status.mask = f->status.value;
	return f->status.value ? 0 : -EINVAL;
}

static int parse_family(struct filter *f, const char *value)
{
	if (!strcasecmp(value, "ipv4"))
		return set_family(f, AF_INET);
	if (!strcasecmp(value, "ipv6"))
		return set_family(f, AF_INET6);
	return -EINVAL;
}

static int parse_nat(struct filter *f, const char *value)
{
	if (!strcasecmp(value, "snat"))
		f->nat = IPS_SRC_NAT;
	else if (!strcasecmp(value, "dnat"))
		f->nat = IPS_DST_NAT;
	else if (!strcasecmp(value, "any"))
		f->nat = IPS_SRC_NAT | IPS_DST_NAT;
	else
		return -EINVAL;
	return 0;
}

#define ADDRESS	"an address, 192.0.2.1 or 2001:db8::1, or a prefix, 192.0.2.0/24"
static int parse_timeout(struct filter *f, const char *value)
{
	uint64_t n;

	if (parse_number(value, UINT32_MAX, &n))
		return -EINVAL;
	f->timeout = n;
	return 0;
}

static int parse_translation(struct filter *f, const char *value, struct endpoint *e)
{
	int ret = parse_endpoint(value, e);

	return ret ? ret : set_family(f, e->host.family);
}

#define ENDPOINT "an address, 192.0.2.1 or 2001:db8::1, with a port, 192.0.2.1:80 or " \
		 "[2001:db8::1]:80"
#define PORT	"a port, 443, or a range of ports, 1000-2000"

#define IN_MANY	(1 << FILTER_MANY | 1 << FILTER_TRACE)
#define IN_ONE	(1 << FILTER_ONE)
#define IN_NEW	(1 << FILTER_NEW)
#define IN_KEY	(IN_ONE | IN_NEW)
#define IN_TRACE (1 << FILTER_TRACE)

static const struct keyword {
	const char *name;
	const char *expects;
	int kinds;
} keywords[WORD_COUNT] = {
	[WORD_PROTO]	= { "proto", "tcp, udp, icmp, icmpv6, sctp, dccp, gre, udplite or a "
				     "number up to 255", IN_MANY | IN_KEY },
	[WORD_SRC]	= { "src", ADDRESS, IN_MANY | IN_KEY },
	[WORD_DST]	= { "dst", ADDRESS, IN_MANY | IN_KEY },
	[WORD_REPLY_SRC] = { "reply-src", ADDRESS, IN_MANY },
	[WORD_REPLY_DST] = { "reply-dst", ADDRESS, IN_MANY },
	[WORD_SPORT]	= { "sport", PORT, IN_MANY | IN_KEY },
	[WORD_DPORT]	= { "dport", PORT, IN_MANY | IN_KEY },
	[WORD_STATE]	= { "state", "established, syn_sent or another state that list shows",
			    IN_MANY | IN_NEW },
	[WORD_STATUS]	= { "status", "assured, seen_reply, unreplied, confirmed, snat, dnat, "
				      "expected, dying, fixed_timeout, helper, offload, "
				      "hw_offload, untracked or template", IN_MANY | IN_NEW },
	[WORD_MARK]	= { "mark", "a mark, 0x1, or a mark within a mask, 0x1/0xff",
			    IN_MANY | IN_NEW },
	[WORD_ZONE]	= { "zone", "a number up to 65535", IN_MANY | IN_KEY },
	[WORD_FAMILY]	= { "family", "ipv4 or ipv6", IN_MANY },
	[WORD_NAT]	= { "nat", "snat, dnat or any", IN_MANY },
	[WORD_TYPE]	= { "type", "an ICMP type, a number up to 255", IN_KEY },
	[WORD_CODE]	= { "code", "an ICMP code, a number up to 255", IN_KEY },
	[WORD_ID]	= { "id", "an ICMP id, a number up to 65535", IN_KEY },
	[WORD_TIMEOUT]	= { "timeout", "a number of seconds", IN_NEW },
	[WORD_SNAT]	= { "snat", ENDPOINT, IN_NEW },
	[WORD_DNAT]	= { "dnat", ENDPOINT, IN_NEW },
	[WORD_REASON]	= { "reason", "the name of a reason, as stats --all shows them", IN_TRACE },
	[WORD_EVENT]	= { "event", "names with commas between them, of packet, related, create, "
			    "commit, search, bind, translate, invalid, drop, expire, evict, kill, "
			    "resize", IN_TRACE },
	[WORD_IIF]	= { "iif", "the name of a device", IN_TRACE },
	[WORD_OIF]	= { "oif", "the name of a device", IN_TRACE },
};

static int parse(struct filter *f, enum filter_word word, const char *value)
{
	switch (word) {
	case WORD_PROTO:
		return parse_proto(f, value);
	case WORD_SRC:
		return parse_address(f, value, &f->src);
	case WORD_DST:
		return parse_address(f, value, &f->dst);
	case WORD_REPLY_SRC:
		return parse_address(f, value, &f->reply_src);
	case WORD_REPLY_DST:
		return parse_address(f, value, &f->reply_dst);
	case WORD_SPORT:
		return parse_range(value, &f->sport);
	case WORD_DPORT:
		return parse_range(value, &f->dport);
	case WORD_STATE:
		return parse_state(f, value);
	case WORD_STATUS:
		return parse_status(f, value);
	case WORD_MARK:
		return parse_mark(value, &f->mark);
	case WORD_ZONE:
		return parse_u16(value, &f->zone);
	case WORD_FAMILY:
		return parse_family(f, value);
	case WORD_NAT:
		return parse_nat(f, value);
	case WORD_TYPE:
		return parse_u8(value, &f->type);
	case WORD_CODE:
		return parse_u8(value, &f->code);
	case WORD_ID:
		return parse_u16(value, &f->id);
	case WORD_TIMEOUT:
		return parse_timeout(f, value);
	case WORD_SNAT:
		return parse_translation(f, value, &f->snat);
	case WORD_DNAT:
		return parse_translation(f, value, &f->dnat);
	case WORD_REASON:
		f->reason = value;
		return reason_text(value) ? 0 : -EINVAL;
	case WORD_EVENT:
		return trace_events_by_names(value, &f->events) ? 0 : -EINVAL;
	case WORD_IIF:
		f->iif = value;
		return 0;
	case WORD_OIF:
		f->oif = value;
		return 0;
	case WORD_COUNT:
		break;
	}
	return -EINVAL;
}

/**
 * filter_expects - what a word wants behind it, as a phrase
 * @word: the word
 * @name: where the word itself goes
 */
const char *filter_expects(enum filter_word word, const char **name)
{
	*name = keywords[word].name;
	return keywords[word].expects;
}

static void list_keywords(enum filter_kind kind, char *buf, size_t size)
{
	size_t used = 0;
	int i;

	buf[0] = '\0';
	for (i = 0; i < WORD_COUNT && used < size; i++)
		if (keywords[i].kinds & 1 << kind)
			used += snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
					 keywords[i].name);
}

/**
 * filter_add - take one more word and its value into a filter
 * @f: the filter, zeroed before the first
 * @kind: which words are taken
 * @word: the word
 * @value: its value, NULL when nothing follows
 * @err: where the complaint goes
 * @size: the room there
 *
 * Return: 0, or -EINVAL with a complaint that names the word and says what is expected.
 */
int filter_add(struct filter *f, enum filter_kind kind, const char *word, const char *value,
	       char *err, size_t size)
{
	char known[200];
	int i, ret;

	for (i = 0; i < WORD_COUNT; i++)
		if (keywords[i].kinds & 1 << kind && !strcmp(keywords[i].name, word))
			break;
	if (i == WORD_COUNT) {
		list_keywords(kind, known, sizeof(known));
		snprintf(err, size, "unknown word '%.64s', expected one of %s", word, known);
		return -EINVAL;
	}
	if (filter_has(f, i)) {
		snprintf(err, size, "'%.64s' is given twice, expected once", word);
		return -EINVAL;
	}
	if (!value) {
		snprintf(err, size, "'%.64s' has no value, expected %s", word, keywords[i].expects);
		return -EINVAL;
	}
	ret = parse(f, i, value);
	if (ret == -EAFNOSUPPORT) {
		snprintf(err, size,
			 "'%s %.64s' is of another address family, expected %s as before", word,
			 value, f->family == AF_INET ? "IPv4" : "IPv6");
		return -EINVAL;
	}
	if (ret) {
		snprintf(err, size, "bad value in '%s %.64s', expected %s", word, value,
			 keywords[i].expects);
		return -EINVAL;
	}
	f->given |= 1u << i;
	return 0;
}

static bool in_range(const struct range *r, const struct entry *e, uint16_t port)
{
	return e->kind == FLOW_PORTS && port >= r->from && port <= r->to;
}

static bool word_match(const struct filter *f, enum filter_word word, const struct entry *e)
{
	switch (word) {
	case WORD_PROTO:
		return e->proto == f->proto;
	case WORD_SRC:
		return prefix_match(&f->src, e->family, e->orig.src);
	case WORD_DST:
		return prefix_match(&f->dst, e->family, e->orig.dst);
	case WORD_REPLY_SRC:
		return prefix_match(&f->reply_src, e->family, e->reply.src);
	case WORD_REPLY_DST:
		return prefix_match(&f->reply_dst, e->family, e->reply.dst);
	case WORD_SPORT:
		return in_range(&f->sport, e, e->orig.sport);
	case WORD_DPORT:
		return in_range(&f->dport, e, e->orig.dport);
	case WORD_STATE:
		return !strcmp(e->state, f->state);
	case WORD_STATUS:
		return (e->status & f->status.mask) == f->status.value;
	case WORD_MARK:
		return (e->mark & f->mark.mask) == f->mark.value;
	case WORD_ZONE:
		return e->zone == f->zone;
	case WORD_FAMILY:
		return e->family == f->family;
	case WORD_NAT:
		return e->status & f->nat;
	case WORD_TYPE:
		return e->kind == FLOW_ICMP && e->orig.type == f->type;
	case WORD_CODE:
		return e->kind == FLOW_ICMP && e->orig.code == f->code;
	case WORD_ID:
		return e->kind == FLOW_ICMP && e->orig.id == f->id;
	case WORD_TIMEOUT:
	case WORD_SNAT:
	case WORD_DNAT:
	case WORD_REASON:
	case WORD_EVENT:
	case WORD_IIF:
	case WORD_OIF:
		/* The kernel looks at these, and at the others for a trace as well. */
	case WORD_COUNT:
		break;
	}
	return false;
}

/**
 * filter_is_all - whether a filter lets everything through, whatever there is
 * @f: the filter
 */
bool filter_is_all(const struct filter *f)
{
	return !(f->given & ~(1u << WORD_MARK)) && !f->mark.mask && !f->mark.value;
}

/**
 * filter_match - whether an entry has everything that was asked for
 * @f: the filter; one without words lets everything through
 * @e: the entry
 */
bool filter_match(const struct filter *f, const struct entry *e)
{
	int i;

	for (i = 0; i < WORD_COUNT; i++)
		if (filter_has(f, i) && !word_match(f, i, e))
			return false;
	return true;
}
