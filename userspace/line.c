// SPDX-License-Identifier: GPL-2.0
/*
 * The line that conntrack(8) prints for a connection, octet for octet. A table of a million is
 * listed in these, so they are put together without printf(): tests/ctctl_line_test.c compares
 * them with libnetfilter_conntrack's. PURE.
 */
#include "line.h"
#include "attr.h"
#include "names.h"

#include <ctype.h>
#include <netinet/in.h>
#include <time.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#define NS_PER_SECOND 1000000000ull

/* What does not fit is cut off: @at never gets behind @end. */
struct text {
	char *at;
	char *end;
};

static inline void put(struct text *text, const char *what, size_t size)
{
	if (size > (size_t)(text->end - text->at))
		size = text->end - text->at;
	memcpy(text->at, what, size);
	text->at += size;
}

/* What is known when this is compiled is not copied by a call. */
#define PUT(text, literal) put_fixed(text, literal, sizeof(literal) - 1)

static inline __attribute__((always_inline))
void put_fixed(struct text *text, const char *what, size_t size)
{
	if (size <= (size_t)(text->end - text->at)) {
		memcpy(text->at, what, size);
		text->at += size;
	} else {
		put(text, what, size);
	}
}

static inline size_t digits_of(uint64_t n)
{
	size_t digits = 1;

	for (; n >= 10000; n /= 10000)
		digits += 4;
	return digits + (n >= 10) + (n >= 100) + (n >= 1000);
}

/* Two digits at a time: dividing the whole number is what it costs. */
static inline void write_digits(char *at, uint32_t below_100)
{
	at[0] = '0' + below_100 / 10;
	at[1] = '0' + below_100 % 10;
}

static inline void write_number(char *at, size_t size, uint64_t n)
{
	char *end = at + size;
	uint32_t rest;

	for (; n > UINT32_MAX; n /= 100)
		write_digits(end -= 2, n % 100);
	/* Division is quicker by half as many bits. */
	for (rest = n; end - at >= 2; rest /= 100)
		write_digits(end -= 2, rest % 100);
	if (end > at)
		*at = '0' + rest;
}

static inline void put_number(struct text *text, uint64_t n)
{
	size_t size = digits_of(n);
	char all[20];

	if (size <= (size_t)(text->end - text->at)) {
		write_number(text->at, size, n);
		text->at += size;
	} else {
		write_number(all, size, n);
		put(text, all, size);
	}
}

static void put_hex(struct text *text, uint16_t n)
{
	int shift = 12;

	while (shift && !(n >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put_fixed(text, &"0123456789abcdef"[n >> shift & 0xf], 1);
}

static void put_ipv4(struct text *text, const uint8_t *address)
{
	size_t i;

	for (i = 0; i < 4; i++) {
		if (i)
			PUT(text, ".");
		put_number(text, address[i]);
	}
}

/* RFC 5952, and as inet_ntop() does it: the longest run of zeros, the first of equals, is "::". */
static void put_ipv6(struct text *text, const uint8_t *address)
{
	size_t i, start = 0, length = 0, run = 0;
	uint16_t group[8];

	for (i = 0; i < 8; i++) {
		group[i] = address[2 * i] << 8 | address[2 * i + 1];
		run = group[i] ? 0 : run + 1;
		if (run > 1 && run > length) {
			length = run;
			start = i + 1 - run;
		}
	}
	for (i = 0; i < 8; i++) {
		if (length && i == start) {
			PUT(text, "::");
			i += length - 1;
			continue;
		}
		if (i && !(length && i == start + length))
			PUT(text, ":");
		/* An IPv4 address, mapped or compatible (RFC 4291 section 2.5.5) */
		if (i == 6 && !start && (length == 6 || (length == 5 && group[5] == 0xffff))) {
			put_ipv4(text, address + 12);
			return;
		}
		put_hex(text, group[i]);
	}
}

static void put_endpoint(struct text *text, const struct entry *e, const uint8_t *address)
{
	if (e->family == AF_INET)
		put_ipv4(text, address);
	else
		put_ipv6(text, address);
}

static void put_flow(struct text *text, const struct entry *e, const struct flow *f)
{
	PUT(text, "src=");
	put_endpoint(text, e, f->src);
	PUT(text, " dst=");
	put_endpoint(text, e, f->dst);
	PUT(text, " ");
	if (e->kind == FLOW_ICMP) {
		PUT(text, "type=");
		put_number(text, f->type);
		PUT(text, " code=");
		put_number(text, f->code);
		PUT(text, " id=");
		put_number(text, f->id);
		PUT(text, " ");
	} else if (e->proto == IPPROTO_GRE) {
		PUT(text, "srckey=0x");
		put_hex(text, f->sport);
		PUT(text, " dstkey=0x");
		put_hex(text, f->dport);
		PUT(text, " ");
	} else if (proto_has_ports(e->proto)) {
		PUT(text, "sport=");
		put_number(text, f->sport);
		PUT(text, " dport=");
		put_number(text, f->dport);
		PUT(text, " ");
	}
}

static void put_zone(struct text *text, const struct entry *e, enum zone_of of)
{
	static const char *const words[] = {
		[ZONE_OF_BOTH] = "zone=", [ZONE_OF_ORIG] = "zone-orig=",
		[ZONE_OF_REPLY] = "zone-reply=",
	};

	if (!e->zone || e->zone_of != of)
		return;
	put(text, words[of], strlen(words[of]));
	put_number(text, e->zone);
	PUT(text, " ");
}

static void put_counters(struct text *text, const struct flow *f)
{
	PUT(text, "packets=");
	put_number(text, f->packets);
	PUT(text, " bytes=");
	put_number(text, f->bytes);
	PUT(text, " ");
}

static void put_proto(struct text *text, const struct entry *e)
{
	const char *name = proto_name(e->proto);
	size_t length;

	if (!name)
		name = "unknown";
	length = strlen(name);
	put(text, name, length);
	for (; length < 8; length++)
		PUT(text, " ");
	PUT(text, " ");
	put_number(text, e->proto);
	PUT(text, " ");
}

static void put_state(struct text *text, const struct entry *e)
{
	const char *at;

	for (at = e->state; *at; at++) {
		char c = toupper((unsigned char)*at);

		put_fixed(text, &c, 1);
	}
	PUT(text, " ");
}

static void put_offload(struct text *text, uint32_t status)
{
	if (status & IPS_HW_OFFLOAD)
		PUT(text, "[HW_OFFLOAD] ");
	else if (status & IPS_OFFLOAD)
		PUT(text, "[OFFLOAD] ");
	else if (status & IPS_ASSURED)
		PUT(text, "[ASSURED] ");
}

/* The first thing inside of @nest, a name. */
static void put_name(struct text *text, const char *word, const struct nlattr *nest)
{
	const struct nlattr *attr[2];

	attr_index_in(attr, 2, nest);
	if (!attr[1])
		return;
	put(text, word, strlen(word));
	put(text, attr_data(attr[1]), strnlen(attr_data(attr[1]), attr_size(attr[1])));
	PUT(text, " ");
}

static void put_age(struct text *text, const struct nlattr *times)
{
	const struct nlattr *attr[CTA_TIMESTAMP_MAX + 1];
	uint64_t stop;

	attr_index_in(attr, CTA_TIMESTAMP_MAX + 1, times);
	if (!attr[CTA_TIMESTAMP_START])
		return;
	stop = attr_be64(attr[CTA_TIMESTAMP_STOP]) / NS_PER_SECOND;
	if (!stop)
		stop = time(NULL);
	PUT(text, "delta-time=");
	put_number(text, stop - attr_be64(attr[CTA_TIMESTAMP_START]) / NS_PER_SECOND);
	PUT(text, " ");
}

static void put_word(struct text *text, const char *word, const struct nlattr *attr)
{
	if (!attr)
		return;
	put(text, word, strlen(word));
	put_number(text, attr_be32(attr));
	PUT(text, " ");
}

static void put_event(struct text *text, enum event event)
{
	switch (event) {
	case EVENT_NEW:
		PUT(text, "    [NEW] ");
		break;
	case EVENT_UPDATE:
		PUT(text, " [UPDATE] ");
		break;
	case EVENT_DESTROY:
		PUT(text, "[DESTROY] ");
		break;
	case EVENT_NONE:
		break;
	}
}

/**
 * line_write - the line that conntrack(8) prints for a connection
 * @buf: where the line goes, with an end of string, without one of line; cut when it does not fit
 * @size: the room there, at least 1
 * @e: the connection
 * @attr: the attributes it was filled from, by their type up to CTA_MAX
 * @event: what happened to it, %EVENT_NONE for a listing
 *
 * Return: its length.
 */
size_t line_write(char *buf, size_t size, const struct entry *e, const struct nlattr *const *attr,
		  enum event event)
{
	struct text text = { buf, buf + size - 1 };

	put_event(&text, event);
	put_proto(&text, e);
	if (e->has_timeout) {
		put_number(&text, e->timeout);
		PUT(&text, " ");
	}
	if (e->has_state)
		put_state(&text, e);
	put_flow(&text, e, &e->orig);
	put_zone(&text, e, ZONE_OF_ORIG);
	if (e->has_counters & COUNTERS_OF_ORIG)
		put_counters(&text, &e->orig);
	if (attr[CTA_STATUS] && !(e->status & IPS_SEEN_REPLY))
		PUT(&text, "[UNREPLIED] ");
	put_flow(&text, e, &e->reply);
	put_zone(&text, e, ZONE_OF_REPLY);
	if (e->has_counters & COUNTERS_OF_REPLY)
		put_counters(&text, &e->reply);
	put_offload(&text, e->status);
	put_word(&text, "mark=", attr[CTA_MARK]);
	put_word(&text, "secmark=", attr[CTA_SECMARK]);
	put_name(&text, "secctx=", attr[CTA_SECCTX]);
	put_zone(&text, e, ZONE_OF_BOTH);
	put_age(&text, attr[CTA_TIMESTAMP]);
	put_name(&text, "helper=", attr[CTA_HELP]);
	put_word(&text, "use=", attr[CTA_USE]);
	if (text.at > buf && text.at < text.end)
		text.at--;
	*text.at = '\0';
	return text.at - buf;
}
