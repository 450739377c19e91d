// SPDX-License-Identifier: GPL-2.0
/* The parts of a connection as people read them, and the line of an event. */
#include "print.h"
#include "array.h"
#include "line.h"
#include "names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/netfilter/nf_conntrack_common.h>

/* In octets. */
#define OUTPUT_BUFFER (1 << 18)

const char *const event_names[] = {
	[EVENT_NEW] = "new", [EVENT_UPDATE] = "update", [EVENT_DESTROY] = "destroy",
};

/* Queries that are seen every day; the others are shown by number. */
static const struct {
	uint8_t proto, type;
	const char *name;
} queries[] = {
	{ IPPROTO_ICMP,		8,	"echo" },
	{ IPPROTO_ICMP,		13,	"timestamp" },
	{ IPPROTO_ICMP,		17,	"mask" },
	{ IPPROTO_ICMP,		42,	"probe" },
	{ IPPROTO_ICMPV6,	128,	"echo" },
	{ IPPROTO_ICMPV6,	139,	"node-info" },
	{ IPPROTO_ICMPV6,	160,	"probe" },
};

/**
 * plural - the right one of two words
 * @count: how many there are
 * @one: the word for one
 * @many: the word for none, and for more
 */
const char *plural(size_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

/**
 * print_proto - the name of a connection's protocol, its number where it has none
 * @buf: where it goes
 * @size: the room there
 * @e: the connection
 *
 * Return: @buf.
 */
char *print_proto(char *buf, size_t size, const struct entry *e)
{
	const char *name = proto_name(e->proto);

	if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%u", e->proto);
	return buf;
}

/**
 * print_endpoint - an address, with its port where the protocol has ports
 * @buf: where it goes
 * @size: the room there
 * @e: the connection it belongs to
 * @address: the address
 * @port: the port
 *
 * Return: @buf.
 */
char *print_endpoint(char *buf, size_t size, const struct entry *e, const uint8_t *address,
		     uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(e->family, address, text, sizeof(text));
	if (e->kind != FLOW_PORTS)
		snprintf(buf, size, "%s", text);
	else if (e->family == AF_INET6)
		snprintf(buf, size, "[%s]:%u", text, port);
	else
		snprintf(buf, size, "%s:%u", text, port);
	return buf;
}

/* The id of an ICMP query is to its source what a port is to that of the others. */
static char *print_with_id(char *buf, size_t size, const struct entry *e, const uint8_t *address,
			   uint16_t port, uint16_t id)
{
	size_t used;

	print_endpoint(buf, size, e, address, port);
	used = strlen(buf);
	if (e->kind == FLOW_ICMP)
		snprintf(buf + used, size - used, " id %u", id);
	return buf;
}

/**
 * print_source - where a connection comes from
 * @buf: where it goes
 * @size: the room there
 * @e: the connection
 *
 * Return: @buf.
 */
char *print_source(char *buf, size_t size, const struct entry *e)
{
	return print_with_id(buf, size, e, e->orig.src, e->orig.sport, e->orig.id);
}

/**
 * print_destination - where a connection was sent to; for ICMP, with what is asked there
 * @buf: where it goes
 * @size: the room there
 * @e: the connection
 *
 * Return: @buf.
 */
char *print_destination(char *buf, size_t size, const struct entry *e)
{
	size_t used, i;

	print_endpoint(buf, size, e, e->orig.dst, e->orig.dport);
	if (e->kind != FLOW_ICMP)
		return buf;

	used = strlen(buf);
	for (i = 0; i < ARRAY_SIZE(queries); i++) {
		if (queries[i].proto == e->proto && queries[i].type == e->orig.type &&
		    !e->orig.code) {
			snprintf(buf + used, size - used, " %s", queries[i].name);
			return buf;
		}
	}
	snprintf(buf + used, size - used, " type %u/%u", e->orig.type, e->orig.code);
	return buf;
}

/**
 * print_nat - what a connection is translated to, "" when it is not
 * @buf: where it goes
 * @size: the room there
 * @e: the connection
 *
 * Return: @buf.
 */
char *print_nat(char *buf, size_t size, const struct entry *e)
{
	char end[80];
	size_t used = 0;

	buf[0] = '\0';
	if (e->status & IPS_SRC_NAT)
		used = snprintf(buf, size, "snat %s",
				print_with_id(end, sizeof(end), e, e->reply.dst, e->reply.dport,
					      e->reply.id));
	if (e->status & IPS_DST_NAT && used < size)
		snprintf(buf + used, size - used, "%sdnat %s", used ? " " : "",
			 print_endpoint(end, sizeof(end), e, e->reply.src, e->reply.sport));
	return buf;
}

/**
 * print_event - one line about what happened to a connection
 * @out: where it goes
 * @event: what happened
 * @e: the connection
 * @time: when, as text
 * @seq: its number
 */
void print_event(FILE *out, enum event event, const struct entry *e, const char *time,
		 uint64_t seq)
{
	char proto[8], src[80], dst[80], nat[180];

	print_nat(nat, sizeof(nat), e);
	fprintf(out, "%s  %-7s  %-6s  %-11s  %s -> %s%s%s", time, event_names[event],
		print_proto(proto, sizeof(proto), e), e->state,
		print_source(src, sizeof(src), e), print_destination(dst, sizeof(dst), e),
		*nat ? "  " : "", nat);
	if (event == EVENT_DESTROY && e->has_counters)
		fprintf(out, "  %llu/%llu packets, %llu/%llu bytes",
			(unsigned long long)e->orig.packets, (unsigned long long)e->reply.packets,
			(unsigned long long)e->orig.bytes, (unsigned long long)e->reply.bytes);
	fprintf(out, "  #%llu\n", (unsigned long long)seq);
	print_end(out);
}

/**
 * print_line - a connection as conntrack(8) prints it
 * @out: where it goes
 * @e: the connection
 * @attr: the attributes it was filled from
 * @event: what happened to it, %EVENT_NONE for a listing
 */
void print_line(FILE *out, const struct entry *e, const struct nlattr *const *attr,
		enum event event)
{
	char line[LINE_SIZE + 1];
	size_t length = line_write(line, LINE_SIZE, e, attr, event);

	line[length] = '\n';
	fwrite_unlocked(line, 1, length + 1, out);
	print_end(out);
}

/**
 * print_buffer - write in large pieces
 * @out: what has much to be written to it, one for the whole program
 *
 * Without room of our own the C library has that of a block of the file, whichever size it is
 * told, and a system call for each takes longer than all that is written.
 */
void print_buffer(FILE *out)
{
	static char room[OUTPUT_BUFFER];

	setvbuf(out, room, _IOFBF, sizeof(room));
}

/**
 * print_end - what to do after each line
 * @out: where it went
 *
 * When nobody reads any more there is nothing left to do, and nothing to say about it; when what
 * is read would be short, that has to be said. Neither returns.
 */
void print_end(FILE *out)
{
	if (!ferror_unlocked(out))
		return;
	if (errno == EPIPE)
		_exit(EXIT_SUCCESS);
	fprintf(stderr, "ctctl: cannot write what was found: %s\n", strerror(errno));
	_exit(EXIT_FAILURE);
}
