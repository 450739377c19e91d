// SPDX-License-Identifier: GPL-2.0
/* Entries as JSON, an object a line. Scripts rely on the names here. */
#include "json.h"
#include "print.h"
#include "names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>

#include <linux/netfilter/nf_conntrack_common.h>

static json_t *json_address(const struct entry *e, const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(e->family, address, text, sizeof(text));
	return json_string(text);
}

/* JSON's integers are signed here; better the largest one than a negative one. */
static json_t *json_counter(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

/**
 * json_ends - where a direction of a connection comes from and goes to
 * @e: the connection
 * @f: the direction
 *
 * Return: an object.
 */
json_t *json_ends(const struct entry *e, const struct flow *f)
{
	json_t *o = json_pack("{s:o, s:o}", "src", json_address(e, f->src),
			      "dst", json_address(e, f->dst));

	if (e->kind == FLOW_PORTS) {
		json_object_set_new(o, "sport", json_integer(f->sport));
		json_object_set_new(o, "dport", json_integer(f->dport));
	} else if (e->kind == FLOW_ICMP) {
		json_object_set_new(o, "type", json_integer(f->type));
		json_object_set_new(o, "code", json_integer(f->code));
		json_object_set_new(o, "id", json_integer(f->id));
	}
	return o;
}

static json_t *json_flow(const struct entry *e, const struct flow *f)
{
	json_t *o = json_ends(e, f);

	json_object_set_new(o, "packets", json_counter(f->packets));
	json_object_set_new(o, "bytes", json_counter(f->bytes));
	return o;
}

static json_t *json_status(uint32_t status)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < status_names_count; i++)
		if (status & status_names[i].bit)
			json_array_append_new(a, json_string(status_names[i].name));
	return a;
}

static json_t *json_nat(uint32_t status)
{
	switch (status & IPS_NAT_MASK) {
	case IPS_SRC_NAT:
		return json_string("snat");
	case IPS_DST_NAT:
		return json_string("dnat");
	case IPS_NAT_MASK:
		return json_string("both");
	default:
		return json_null();
	}
}

/**
 * print_json - an entry as one line
 * @out: where it goes
 * @e: the entry
 * @seq: the number of the event
 * @event: what happened to it, %EVENT_NONE for a listing
 *
 * Return: 0 or -ENOMEM.
 */
int print_json(FILE *out, const struct entry *e, uint64_t seq, enum event event)
{
	char proto[8];
	json_t *o = json_object();
	json_t *all;
	int ret = -ENOMEM;

	if (event != EVENT_NONE) {
		json_object_set_new(o, "event", json_string(event_names[event]));
		json_object_set_new(o, "seq", json_counter(seq));
	}
	all = json_pack("{s:I, s:s, s:s, s:s, s:o, s:I, s:I, s:i, s:o, s:o, s:o}",
			"id", (json_int_t)e->id,
			"family", e->family == AF_INET6 ? "ipv6" : "ipv4",
			"proto", print_proto(proto, sizeof(proto), e),
			"state", e->state,
			"status", json_status(e->status),
			"timeout", (json_int_t)e->timeout,
			"mark", (json_int_t)e->mark,
			"zone", e->zone,
			"nat", json_nat(e->status),
			"orig", json_flow(e, &e->orig),
			"reply", json_flow(e, &e->reply));
	if (all && !json_object_update(o, all)) {
		json_dumpf(o, out, JSON_COMPACT);
		fputc('\n', out);
		print_end(out);
		ret = 0;
	}
	json_decref(all);
	json_decref(o);
	return ret;
}

/**
 * print_json_lost - that there is a gap, as one line
 * @out: where it goes
 * @lost: how many events are missing
 * @seq: the number of the last of them
 */
void print_json_lost(FILE *out, uint64_t lost, uint64_t seq)
{
	fprintf(out, "{\"event\":\"lost\",\"lost\":%" PRIu64 ",\"seq\":%" PRIu64 "}\n", lost, seq);
	print_end(out);
}
