// SPDX-License-Identifier: GPL-2.0
/*
 * The line of a checkpoint that says one connection:
 *
 *   ipv4 tcp src=10.0.1.2 dst=10.0.2.2 sport=4000 dport=80 reply-src=10.0.2.2 … timeout=431999
 *   state=established scale=7/7 flags=0x3/0x3 status=seen_reply,assured mark=0x37 zone=3
 *
 * A line is read word by word, and is good when it is to the letter what would be written for
 * what was read: there is one line for a connection, and nothing in it is passed over. PURE.
 */
#include "record.h"
#include "array.h"
#include "names.h"
#include "value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter/nf_conntrack_common.h>

/* The bits that a connection keeps; the others follow from the rest, or are the kernel's own. */
#define STATUS_KEPT	(IPS_SEEN_REPLY | IPS_ASSURED | IPS_FIXED_TIMEOUT)

struct text {
	char *buf;
	size_t size;
	size_t used;
};

static void put(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(t->buf + t->used, t->size - t->used, format, list);
	va_end(list);
	if (n > 0)
		t->used += n;
	/* What does not fit is cut, and the caller sees it by the length. */
	if (t->used >= t->size)
		t->used = t->size - 1;
}

static void put_flow(struct text *t, const struct entry *e, const struct flow *f,
		     const char *prefix)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	inet_ntop(e->family, f->src, src, sizeof(src));
	inet_ntop(e->family, f->dst, dst, sizeof(dst));
	put(t, " %ssrc=%s %sdst=%s", prefix, src, prefix, dst);
	if (e->kind == FLOW_PORTS)
		put(t, " %ssport=%u %sdport=%u", prefix, f->sport, prefix, f->dport);
	else if (e->kind == FLOW_ICMP)
		put(t, " %stype=%u %scode=%u %sid=%u", prefix, f->type, prefix, f->code, prefix,
		    f->id);
}

static void put_state(struct text *t, const struct record *r)
{
	const char *name = r->has_state ? state_name(r->entry.proto, r->state) : NULL;

	if (!name)
		return;
	put(t, " state=%s", name);
	switch (r->entry.proto) {
	case IPPROTO_TCP:
		put(t, " scale=%u/%u flags=0x%x/0x%x", r->scale[0], r->scale[1], r->flags[0],
		    r->flags[1]);
		break;
	case IPPROTO_SCTP:
		put(t, " vtag=0x%" PRIx32 "/0x%" PRIx32, r->vtag[0], r->vtag[1]);
		break;
	case IPPROTO_DCCP:
		put(t, " role=%u handshake-seq=%" PRIu64, r->role, r->handshake_seq);
		break;
	}
}

static void put_status(struct text *t, uint32_t status)
{
	const char *before = " status=";
	size_t i;

	for (i = 0; i < status_names_count; i++) {
		if (!(status & STATUS_KEPT & status_names[i].bit))
			continue;
		put(t, "%s%s", before, status_names[i].name);
		before = ",";
	}
}

static void put_zone(struct text *t, const struct entry *e)
{
	static const char *const words[] = {
		[ZONE_OF_BOTH] = "zone", [ZONE_OF_ORIG] = "zone-orig",
		[ZONE_OF_REPLY] = "zone-reply",
	};

	if (e->zone)
		put(t, " %s=%u", words[e->zone_of], e->zone);
}

static void put_labels(struct text *t, const uint8_t *labels)
{
	static const uint8_t none[RECORD_LABELS];
	int i;

	if (!memcmp(labels, none, sizeof(none)))
		return;
	put(t, " labels=0x");
	for (i = RECORD_LABELS - 1; i >= 0; i--)
		put(t, "%02x", labels[i]);
}

/**
 * record_write - the line of a connection
 * @r: the connection
 * @buf: where the line goes, without a newline
 * @size: the room there; %RECORD_LINE suffices
 *
 * Return: its length.
 */
int record_write(const struct record *r, char *buf, size_t size)
{
	const struct entry *e = &r->entry;
	const char *proto = proto_name(e->proto);
	struct text t = { buf, size, 0 };

	put(&t, "%s ", e->family == AF_INET6 ? "ipv6" : "ipv4");
	if (proto)
		put(&t, "%s", proto);
	else
		put(&t, "%u", e->proto);
	put_flow(&t, e, &e->orig, "");
	put_flow(&t, e, &e->reply, "reply-");
	put(&t, " timeout=%" PRIu32, e->timeout);
	put_state(&t, r);
	put_status(&t, e->status);
	if (e->mark)
		put(&t, " mark=0x%" PRIx32, e->mark);
	put_zone(&t, e);
	put_labels(&t, r->labels);
	return t.used;
}

static int parse_address(struct record *r, const char *value, uint8_t *address)
{
	return inet_pton(r->entry.family, value, address) == 1 ? 0 : -EINVAL;
}

static int parse_u32(const char *value, uint32_t *to)
{
	uint64_t n;

	if (parse_number(value, UINT32_MAX, &n))
		return -EINVAL;
	*to = n;
	return 0;
}

static int parse_hex(const char *value, uint32_t *to)
{
	struct masked mark;

	/* The only number that is read in hexadecimal; a mask is none of it. */
	if (strchr(value, '/') || parse_mark(value, &mark))
		return -EINVAL;
	*to = mark.value;
	return 0;
}

/* "A/B", one for each direction. */
static int parse_pair(const char *value, uint32_t max, uint32_t *pair)
{
	char first[sizeof("0xffffffff")];
	const char *second = strchr(value, '/');
	size_t length = second ? (size_t)(second - value) : sizeof(first);

	if (length >= sizeof(first))
		return -EINVAL;
	memcpy(first, value, length);
	first[length] = '\0';
	if (parse_hex(first, &pair[0]) || parse_hex(second + 1, &pair[1]))
		return -EINVAL;
	return pair[0] > max || pair[1] > max ? -EINVAL : 0;
}

static int parse_pair_u8(const char *value, uint8_t *to)
{
	uint32_t pair[2];

	if (parse_pair(value, UINT8_MAX, pair))
		return -EINVAL;
	to[0] = pair[0];
	to[1] = pair[1];
	return 0;
}

static int parse_state(struct record *r, const char *value)
{
	int state = state_number(r->entry.proto, value);

	if (state < 0)
		return -EINVAL;
	r->has_state = 1;
	r->state = state;
	return 0;
}

static int parse_status(const char *value, uint32_t *status)
{
	char name[32];
	size_t length;

	for (;; value += length + 1) {
		length = strcspn(value, ",");
		if (length >= sizeof(name))
			return -EINVAL;
		memcpy(name, value, length);
		name[length] = '\0';
		if (!(status_by_name(name) & STATUS_KEPT))
			return -EINVAL;
		*status |= status_by_name(name);
		if (!value[length])
			return 0;
	}
}

static int parse_zone(struct entry *e, const char *value, enum zone_of zone_of)
{
	e->zone_of = zone_of;
	return parse_u16(value, &e->zone);
}

static int parse_labels(const char *value, uint8_t *labels)
{
	unsigned int i, octet;

	if (strlen(value) != 2 + 2 * RECORD_LABELS || strncmp(value, "0x", 2))
		return -EINVAL;
	for (i = 0; i < RECORD_LABELS; i++) {
		if (sscanf(value + 2 + 2 * i, "%2x", &octet) != 1)
			return -EINVAL;
		labels[RECORD_LABELS - 1 - i] = octet;
	}
	return 0;
}

static int parse_flow(struct record *r, struct flow *f, const char *word, const char *value)
{
	if (!strcmp(word, "src"))
		return parse_address(r, value, f->src);
	if (!strcmp(word, "dst"))
		return parse_address(r, value, f->dst);
	if (!strcmp(word, "sport"))
		return parse_u16(value, &f->sport);
	if (!strcmp(word, "dport"))
		return parse_u16(value, &f->dport);
	if (!strcmp(word, "type"))
		return parse_u8(value, &f->type);
	if (!strcmp(word, "code"))
		return parse_u8(value, &f->code);
	if (!strcmp(word, "id"))
		return parse_u16(value, &f->id);
	return -ENOENT;
}

static int parse_word(struct record *r, const char *word, const char *value)
{
	static const char reply[] = "reply-";
	struct entry *e = &r->entry;
	uint64_t n;

	if (!strncmp(word, reply, sizeof(reply) - 1))
		return parse_flow(r, &e->reply, word + sizeof(reply) - 1, value);
	if (!strcmp(word, "timeout"))
		return parse_u32(value, &e->timeout);
	if (!strcmp(word, "state"))
		return parse_state(r, value);
	if (!strcmp(word, "scale"))
		return parse_pair_u8(value, r->scale);
	if (!strcmp(word, "flags"))
		return parse_pair_u8(value, r->flags);
	if (!strcmp(word, "vtag"))
		return parse_pair(value, UINT32_MAX, r->vtag);
	if (!strcmp(word, "role"))
		return parse_u8(value, &r->role);
	if (!strcmp(word, "handshake-seq")) {
		if (parse_number(value, UINT64_MAX, &n))
			return -EINVAL;
		r->handshake_seq = n;
		return 0;
	}
	if (!strcmp(word, "status"))
		return parse_status(value, &e->status);
	if (!strcmp(word, "mark"))
		return parse_hex(value, &e->mark);
	if (!strcmp(word, "zone"))
		return parse_zone(e, value, ZONE_OF_BOTH);
	if (!strcmp(word, "zone-orig"))
		return parse_zone(e, value, ZONE_OF_ORIG);
	if (!strcmp(word, "zone-reply"))
		return parse_zone(e, value, ZONE_OF_REPLY);
	if (!strcmp(word, "labels"))
		return parse_labels(value, r->labels);
	return parse_flow(r, &e->orig, word, value);
}

static int parse_proto(struct entry *e, const char *word)
{
	if (!word || (!proto_by_name(word, &e->proto) && parse_u8(word, &e->proto)))
		return -EINVAL;
	if (proto_is_icmp(e->proto))
		e->kind = FLOW_ICMP;
	else if (proto_has_ports(e->proto))
		e->kind = FLOW_PORTS;
	return 0;
}

static int parse_family(struct entry *e, const char *word)
{
	if (word && !strcmp(word, "ipv4"))
		e->family = AF_INET;
	else if (word && !strcmp(word, "ipv6"))
		e->family = AF_INET6;
	else
		return -EINVAL;
	return 0;
}

/**
 * record_parse - read the line of a connection
 * @line: the line, without a newline
 * @r: where the connection goes
 * @err: where the complaint goes
 * @size: the room there
 *
 * Return: 0, or -EINVAL with a complaint.
 */
int record_parse(const char *line, struct record *r, char *err, size_t size)
{
	char words[RECORD_LINE], again[RECORD_LINE], *rest = words, *word, *value;

	memset(r, 0, sizeof(*r));
	if (strlen(line) >= sizeof(words)) {
		snprintf(err, size, "too long");
		return -EINVAL;
	}
	strcpy(words, line);

	word = strsep(&rest, " ");
	if (parse_family(&r->entry, word) || parse_proto(&r->entry, strsep(&rest, " "))) {
		snprintf(err, size, "wrong: expected ipv4 or ipv6, and a protocol");
		return -EINVAL;
	}
	while ((word = strsep(&rest, " "))) {
		value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		/* GRE's keys travel as ports, and not all of it has keys. */
		if (!strcmp(word, "sport") && r->entry.kind == FLOW_PLAIN)
			r->entry.kind = FLOW_PORTS;
		if (value && !parse_word(r, word, value))
			continue;
		snprintf(err, size, "wrong: bad word '%.64s%s%.64s'", word, value ? "=" : "",
			 value ? value : "");
		printable(err);
		return -EINVAL;
	}
	record_write(r, again, sizeof(again));
	if (strcmp(line, again)) {
		snprintf(err, size, "not as ctctl writes it, expected: %s", again);
		return -EINVAL;
	}
	return 0;
}
