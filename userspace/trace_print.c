// SPDX-License-Identifier: GPL-2.0
/* A line for each thing that happened, for people and as JSON. */
#include "trace_print.h"
#include "entry.h"
#include "json.h"
#include "names.h"
#include "print.h"
#include "trace_names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>

/* Text that grows, and is cut where it does not fit. */
struct text {
	char *buf;
	size_t size;
	size_t used;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *t, const char *format, ...)
{
	va_list list;

	if (t->used >= t->size)
		return;
	va_start(list, format);
	t->used += vsnprintf(t->buf + t->used, t->size - t->used, format, list);
	va_end(list);
}

static void fill_flow(struct flow *f, const struct ctrack_trace_flow *from, uint8_t kind)
{
	memcpy(f->src, from->source, sizeof(f->src));
	memcpy(f->dst, from->destination, sizeof(f->dst));
	if (kind == FLOW_ICMP) {
		f->id = ntohs(from->source_id);
		f->type = ntohs(from->destination_id) >> 8;
		f->code = ntohs(from->destination_id) & 0xff;
	} else {
		f->sport = ntohs(from->source_id);
		f->dport = ntohs(from->destination_id);
	}
}

static void fill_entry(struct entry *e, const struct ctrack_trace_record *r)
{
	memset(e, 0, sizeof(*e));
	e->family = r->family == NFPROTO_IPV6 ? AF_INET6 : AF_INET;
	e->proto = r->proto;
	e->status = r->status;
	if (proto_is_icmp(r->proto))
		e->kind = FLOW_ICMP;
	else if (proto_has_ports(r->proto) || r->orig.source_id || r->orig.destination_id)
		e->kind = FLOW_PORTS;
	fill_flow(&e->orig, &r->orig, e->kind);
	fill_flow(&e->reply, &r->reply, e->kind);
}

static const char *state_of(uint8_t proto, uint8_t number)
{
	static const char *const others[] = { "unreplied", "replied", "assured" };
	const char *name = state_name(proto, number);

	if (name)
		return name;
	return number < sizeof(others) / sizeof(*others) ? others[number] : "?";
}

static void add_segment(struct text *t, const struct ctrack_trace_tcp *tcp)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} flags[] = {
		{ 0x02, "SYN" }, { 0x01, "FIN" }, { 0x04, "RST" }, { 0x08, "PSH" },
		{ 0x10, "ACK" }, { 0x20, "URG" },
	};
	const char *between = "";
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (!(tcp->flags & flags[i].bit))
			continue;
		add(t, "%s%s", between, flags[i].name);
		between = "+";
	}
	add(t, " seq %u", tcp->sequence);
	if (tcp->flags & 0x10)
		add(t, " ack %u", tcp->acknowledgment);
	add(t, " len %u win %u", tcp->length, tcp->window);
}

static void add_reason(struct text *t, const struct nl_record *record)
{
	const char *words = reason_text(record->reason), *rule = reason_rule(record->reason);

	add(t, "%s", record->reason);
	if (words)
		add(t, ": %s", words);
	if (rule)
		add(t, " (%s)", rule);
}

static void add_packet(struct text *t, const struct nl_record *record)
{
	const struct ctrack_trace_record *r = &record->data;

	add(t, "%s, %u octets", r->direction ? "reply" : "original", r->length);
	if (r->tcp.flags) {
		add(t, ", ");
		add_segment(t, &r->tcp);
	}
	if (record->reason[0]) {
		add(t, "; in %s it is refused, ", state_of(r->proto, r->state));
		add_reason(t, record);
		return;
	}
	if (r->before == r->state)
		add(t, "; %s", state_of(r->proto, r->state));
	else
		add(t, "; %s becomes %s", state_of(r->proto, r->before),
		    state_of(r->proto, r->state));
	add(t, ", for %u s", r->timeout);
}

static void add_end(struct text *t, const struct entry *e, const uint8_t *address, uint16_t port,
		    uint16_t id)
{
	char end[80];

	add(t, "%s", print_endpoint(end, sizeof(end), e, address, port));
	if (e->kind == FLOW_ICMP)
		add(t, " id %u", id);
}

static void add_translation(struct text *t, const struct entry *e,
			    const struct ctrack_trace_record *r)
{
	struct flow to = {};

	add(t, "%s, %s becomes ", r->direction ? "reply" : "original",
	    r->source ? "source" : "destination");
	fill_flow(&to, &r->target, e->kind);
	if (r->source)
		add_end(t, e, to.src, to.sport, to.id);
	else
		add_end(t, e, to.dst, to.dport, to.id);
}

static void add_binding(struct text *t, const struct entry *e, const struct ctrack_trace_record *r)
{
	add(t, "%s becomes ", r->source ? "source" : "destination");
	if (r->source)
		add_end(t, e, e->reply.dst, e->reply.dport, e->reply.id);
	else
		add_end(t, e, e->reply.src, e->reply.sport, e->reply.id);
}

/**
 * trace_text - what happened, in words
 * @buf: where they go; cut when they do not fit
 * @size: the room there
 * @record: what happened
 *
 * Return: @buf.
 */
char *trace_text(char *buf, size_t size, const struct nl_record *record)
{
	const struct ctrack_trace_record *r = &record->data;
	struct text t = { buf, size, 0 };
	struct entry e;

	buf[0] = '\0';
	fill_entry(&e, r);
	switch (r->event) {
	case CTRACK_TRACE_packet:
		add_packet(&t, record);
		break;
	case CTRACK_TRACE_related:
		add(&t, "an ICMP error about it, in %s direction",
		    r->direction ? "reply" : "original");
		break;
	case CTRACK_TRACE_create:
		add(&t, "a new connection, tentative until a packet of it gets through");
		break;
	case CTRACK_TRACE_commit:
		add(&t, "its first packet got through: the connection is firm, for %u s",
		    r->timeout);
		break;
	case CTRACK_TRACE_search:
		add(&t, "%s, tries: %u",
		    r->value[1] ? "no other port is free" : "another port is found", r->value[0]);
		break;
	case CTRACK_TRACE_bind:
		add_binding(&t, &e, r);
		break;
	case CTRACK_TRACE_translate:
		add_translation(&t, &e, r);
		break;
	case CTRACK_TRACE_invalid:
	case CTRACK_TRACE_drop:
		add_reason(&t, record);
		break;
	case CTRACK_TRACE_expire:
	case CTRACK_TRACE_evict:
	case CTRACK_TRACE_kill:
		add(&t, "%s, in %s", trace_cause_text(r->cause), state_of(r->proto, r->state));
		break;
	case CTRACK_TRACE_forget:
		add(&t, "it goes with its packet, which did not get through, in %s",
		    state_of(r->proto, r->state));
		break;
	case CTRACK_TRACE_resize:
		add(&t, "%u buckets become %u", r->value[0], r->value[1]);
		break;
	default:
		add(&t, "this ctctl is too old to know what it is");
	}
	return buf;
}

static void print_time(FILE *out, uint64_t time)
{
	time_t seconds = time / 1000000000;
	char text[sizeof("23:59:59")];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	fprintf(out, "%s.%06u", text, (unsigned int)(time / 1000 % 1000000));
}

/**
 * trace_print - a line for people
 * @out: where it goes
 * @record: what happened
 */
void trace_print(FILE *out, const struct nl_record *record)
{
	char proto[8], src[80], dst[80], text[512];
	const struct ctrack_trace_record *r = &record->data;
	struct entry e;

	print_time(out, r->time);
	fprintf(out, "  %-9s  ", trace_event_name(r->event));
	if (r->has & CTRACK_TRACE_HAS_FLOW) {
		fill_entry(&e, r);
		fprintf(out, "%-6s  %s -> %s  ", print_proto(proto, sizeof(proto), &e),
			print_source(src, sizeof(src), &e),
			print_destination(dst, sizeof(dst), &e));
	}
	fprintf(out, "%s\n", trace_text(text, sizeof(text), record));
	print_end(out);
}

/* Adds what is said only of some records. */
static void json_more(json_t *o, const struct ctrack_trace_record *r)
{
	if (r->has & CTRACK_TRACE_HAS_CONN) {
		json_object_set_new(o, "id", json_integer(r->id));
		json_object_set_new(o, "state", json_string(state_of(r->proto, r->state)));
		json_object_set_new(o, "timeout", json_integer(r->timeout));
		json_object_set_new(o, "mark", json_integer(r->mark));
		json_object_set_new(o, "zone", json_integer(r->zone));
	}
	if (r->event == CTRACK_TRACE_search)
		json_object_set_new(o, "tries", json_integer(r->value[0]));
	if (r->event == CTRACK_TRACE_packet)
		json_object_set_new(o, "before", json_string(state_of(r->proto, r->before)));
	if (r->has & CTRACK_TRACE_HAS_PACKET) {
		if (r->has & CTRACK_TRACE_HAS_CONN)
			json_object_set_new(o, "direction",
					    json_string(r->direction ? "reply" : "original"));
		json_object_set_new(o, "length", json_integer(r->length));
		json_object_set_new(o, "iif", json_integer(r->iif));
		json_object_set_new(o, "oif", json_integer(r->oif));
	}
	if (r->has & CTRACK_TRACE_HAS_CAUSE)
		json_object_set_new(o, "cause", json_string(trace_cause_name(r->cause)));
}

static void json_flows(json_t *o, const struct ctrack_trace_record *r)
{
	char proto[8];
	struct entry e;
	struct flow to = {};

	fill_entry(&e, r);
	json_object_set_new(o, "family",
			    json_string(e.family == AF_INET6 ? "ipv6" : "ipv4"));
	json_object_set_new(o, "proto", json_string(print_proto(proto, sizeof(proto), &e)));
	json_object_set_new(o, "orig", json_ends(&e, &e.orig));
	if (r->has & CTRACK_TRACE_HAS_CONN)
		json_object_set_new(o, "reply", json_ends(&e, &e.reply));
	if (!(r->has & CTRACK_TRACE_HAS_TARGET))
		return;
	fill_flow(&to, &r->target, e.kind);
	json_object_set_new(o, "target", json_ends(&e, &to));
}

/**
 * trace_json - what happened, as one line
 * @out: where it goes
 * @record: what happened
 *
 * Return: 0 or -ENOMEM.
 */
int trace_json(FILE *out, const struct nl_record *record)
{
	const struct ctrack_trace_record *r = &record->data;
	char text[512];
	json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:s, s:s?, s:s}",
			      "time", (json_int_t)r->time, "cpu", (json_int_t)r->cpu,
			      "seq", (json_int_t)r->sequence, "netns", (json_int_t)r->netns,
			      "lost", (json_int_t)r->lost,
			      "event", trace_event_name(r->event),
			      "reason", record->reason[0] ? record->reason : NULL,
			      "text", trace_text(text, sizeof(text), record));

	if (!o)
		return -ENOMEM;
	json_more(o, r);
	if (r->has & CTRACK_TRACE_HAS_FLOW)
		json_flows(o, r);
	json_dumpf(o, out, JSON_COMPACT);
	fputc('\n', out);
	print_end(out);
	json_decref(o);
	return 0;
}
