// SPDX-License-Identifier: GPL-2.0
/* Entries in aligned columns; a column that has nothing to tell is left out. */
#include "print.h"
#include "array.h"
#include "names.h"

#include <string.h>

#include <linux/netfilter/nf_conntrack_common.h>

#define CELL 192

/* What the other columns say already, or what every entry has. */
#define STATUS_PLAIN (IPS_SEEN_REPLY | IPS_CONFIRMED | IPS_NAT_MASK | IPS_NAT_DONE_MASK | \
		      IPS_SEQ_ADJUST)

static void cell_proto(char *buf, const struct entry *e)
{
	print_proto(buf, CELL, e);
}

static void cell_state(char *buf, const struct entry *e)
{
	snprintf(buf, CELL, "%s", e->state);
}

/* Two units are enough: who sees "4d23h" does not miss the minutes. */
static void cell_timeout(char *buf, const struct entry *e)
{
	unsigned int s = e->timeout;

	if (!e->has_timeout)
		snprintf(buf, CELL, "-");
	else if (s < 10 * 60)
		snprintf(buf, CELL, "%us", s);
	else if (s < 3600)
		snprintf(buf, CELL, "%um%02us", s / 60, s % 60);
	else if (s < 2 * 86400)
		snprintf(buf, CELL, "%uh%02um", s / 3600, s / 60 % 60);
	else
		snprintf(buf, CELL, "%ud%02uh", s / 86400, s / 3600 % 24);
}

static void cell_source(char *buf, const struct entry *e)
{
	print_source(buf, CELL, e);
}

static void cell_destination(char *buf, const struct entry *e)
{
	print_destination(buf, CELL, e);
}

static void cell_nat(char *buf, const struct entry *e)
{
	print_nat(buf, CELL, e);
}

/* Four digits at most, so that a column of them stays narrow: 9999, 10.0K, 100K, 1.23M. */
static char *human(char *buf, size_t size, uint64_t n)
{
	static const char units[] = "KMGTPE";
	uint64_t unit = 1000;
	size_t i = 0;

	if (n < 10000) {
		snprintf(buf, size, "%u", (unsigned int)n);
		return buf;
	}
	while (n / unit >= 1000 && i < sizeof(units) - 2) {
		unit *= 1000;
		i++;
	}
	if (n / unit >= 100)
		snprintf(buf, size, "%u%c", (unsigned int)(n / unit), units[i]);
	else if (n / unit >= 10)
		snprintf(buf, size, "%u.%u%c", (unsigned int)(n / unit),
			 (unsigned int)(n / (unit / 10) % 10), units[i]);
	else
		snprintf(buf, size, "%u.%02u%c", (unsigned int)(n / unit),
			 (unsigned int)(n / (unit / 100) % 100), units[i]);
	return buf;
}

static void cell_counters(char *buf, const struct entry *e, uint64_t orig, uint64_t reply)
{
	char sent[16], back[16];

	if (e->has_counters)
		snprintf(buf, CELL, "%s/%s", human(sent, sizeof(sent), orig),
			 human(back, sizeof(back), reply));
	else
		snprintf(buf, CELL, "-");
}

static void cell_packets(char *buf, const struct entry *e)
{
	cell_counters(buf, e, e->orig.packets, e->reply.packets);
}

static void cell_bytes(char *buf, const struct entry *e)
{
	cell_counters(buf, e, e->orig.bytes, e->reply.bytes);
}

static void cell_status(char *buf, const struct entry *e)
{
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < status_names_count; i++) {
		const struct status_name *s = &status_names[i];

		/* A protocol without states of its own has this one in the state column. */
		if (s->bit == IPS_ASSURED && !strcmp(e->state, s->name))
			continue;
		if (e->status & s->bit & ~STATUS_PLAIN)
			used += snprintf(buf + used, CELL - used, "%s%s", used ? "," : "",
					 s->name);
	}
}

static void cell_mark(char *buf, const struct entry *e)
{
	buf[0] = '\0';
	if (e->mark)
		snprintf(buf, CELL, "0x%x", e->mark);
}

static void cell_zone(char *buf, const struct entry *e)
{
	buf[0] = '\0';
	if (e->zone)
		snprintf(buf, CELL, "%u", e->zone);
}

static const struct column {
	const char *name;
	bool right;
	bool optional;
	void (*cell)(char *buf, const struct entry *e);
} columns[] = {
	{ "PROTO",		false,	false,	cell_proto },
	{ "STATE",		false,	false,	cell_state },
	{ "TIMEOUT",		true,	false,	cell_timeout },
	{ "SOURCE",		false,	false,	cell_source },
	{ "DESTINATION",	false,	false,	cell_destination },
	{ "NAT",		false,	true,	cell_nat },
	{ "PACKETS",		true,	false,	cell_packets },
	{ "BYTES",		true,	false,	cell_bytes },
	{ "STATUS",		false,	true,	cell_status },
	{ "MARK",		false,	true,	cell_mark },
	{ "ZONE",		false,	true,	cell_zone },
};

#define COLUMNS ARRAY_SIZE(columns)

/* A column's width, 0 when it is left out. */
static void measure(size_t *width, const struct rows *rows)
{
	char cell[CELL];
	size_t i, c;

	for (c = 0; c < COLUMNS; c++)
		width[c] = columns[c].optional ? 0 : strlen(columns[c].name);
	for (i = 0; i < rows->count; i++) {
		for (c = 0; c < COLUMNS; c++) {
			size_t length;

			columns[c].cell(cell, &rows->row[i].entry);
			length = strlen(cell);
			if (length && length < strlen(columns[c].name))
				length = strlen(columns[c].name);
			if (length > width[c])
				width[c] = length;
		}
	}
}

/* One line, of the names when there is no entry; without blanks at its end. */
static void print_row(FILE *out, const size_t *width, const struct entry *e)
{
	char cell[CELL];
	size_t c, blanks = 0;

	for (c = 0; c < COLUMNS; c++) {
		size_t before, length;

		if (!width[c])
			continue;
		if (e)
			columns[c].cell(cell, e);
		else
			snprintf(cell, sizeof(cell), "%s", columns[c].name);
		length = strlen(cell);
		before = columns[c].right ? width[c] - length : 0;
		if (length) {
			fprintf(out, "%*s%s", (int)(blanks + before), "", cell);
			blanks = 0;
		}
		blanks += width[c] - length - (length ? before : 0) + 2;
	}
	fputc('\n', out);
	print_end(out);
}

/**
 * print_table - entries in aligned columns, under their names; nothing when there are none
 * @out: where they go
 * @rows: the entries
 */
void print_table(FILE *out, const struct rows *rows)
{
	size_t width[COLUMNS];
	size_t i;

	if (!rows->count)
		return;
	measure(width, rows);
	print_row(out, width, NULL);
	for (i = 0; i < rows->count; i++)
		print_row(out, width, &rows->row[i].entry);
}
