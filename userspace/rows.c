// SPDX-License-Identifier: GPL-2.0
/* Entries kept, to be aligned, sorted or deleted. PURE. */
#include "rows.h"
#include "names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const sort_names[] = {
	[SORT_PROTO] = "proto",		[SORT_SRC] = "src",		[SORT_DST] = "dst",
	[SORT_SPORT] = "sport",		[SORT_DPORT] = "dport",		[SORT_PACKETS] = "packets",
	[SORT_BYTES] = "bytes",		[SORT_TIMEOUT] = "timeout",	[SORT_STATE] = "state",
	[SORT_ID] = "id",
};

/**
 * sort_key_by_name - the sort key that a word names
 * @name: the word
 *
 * Return: the key, %SORT_NONE when there is none.
 */
enum sort_key sort_key_by_name(const char *name)
{
	int i;

	for (i = SORT_PROTO; i <= SORT_ID; i++)
		if (!strcmp(sort_names[i], name))
			return i;
	return SORT_NONE;
}

/**
 * rows_add - keep a copy of an entry
 * @rows: where
 * @e: the entry
 * @text: its line, copied as well; or NULL
 *
 * Return: 0 or -ENOMEM.
 */
int rows_add(struct rows *rows, const struct entry *e, const char *text)
{
	struct row *row;

	if (rows->count == rows->room) {
		size_t room = rows->room ? 2 * rows->room : 64;

		row = reallocarray(rows->row, room, sizeof(*row));
		if (!row)
			return -ENOMEM;
		rows->row = row;
		rows->room = room;
	}
	row = &rows->row[rows->count];
	row->entry = *e;
	row->text = text ? strdup(text) : NULL;
	if (text && !row->text)
		return -ENOMEM;
	rows->count++;
	return 0;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_address(const struct entry *a, const struct entry *b, const uint8_t *of_a,
			   const uint8_t *of_b)
{
	if (a->family != b->family)
		return compare(a->family, b->family);
	return memcmp(of_a, of_b, sizeof(a->orig.src));
}

/* By name, so that what is listed is in the order that is read; the numbered ones come last. */
static int compare_proto(uint8_t a, uint8_t b)
{
	const char *name_a = proto_name(a), *name_b = proto_name(b);

	if (name_a && name_b)
		return strcmp(name_a, name_b);
	if (name_a || name_b)
		return name_a ? -1 : 1;
	return compare(a, b);
}

struct order {
	enum sort_key key;
	bool reverse;
};

static int compare_rows(const void *pa, const void *pb, void *arg)
{
	const struct entry *a = &((const struct row *)pa)->entry;
	const struct entry *b = &((const struct row *)pb)->entry;
	const struct order *order = arg;
	int ret = 0;

	switch (order->key) {
	case SORT_PROTO:
		ret = compare_proto(a->proto, b->proto);
		break;
	case SORT_SRC:
		ret = compare_address(a, b, a->orig.src, b->orig.src);
		break;
	case SORT_DST:
		ret = compare_address(a, b, a->orig.dst, b->orig.dst);
		break;
	case SORT_SPORT:
		ret = compare(a->orig.sport, b->orig.sport);
		break;
	case SORT_DPORT:
		ret = compare(a->orig.dport, b->orig.dport);
		break;
	case SORT_PACKETS:
		ret = compare(a->orig.packets + a->reply.packets,
			      b->orig.packets + b->reply.packets);
		break;
	case SORT_BYTES:
		ret = compare(a->orig.bytes + a->reply.bytes, b->orig.bytes + b->reply.bytes);
		break;
	case SORT_TIMEOUT:
		ret = compare(a->timeout, b->timeout);
		break;
	case SORT_STATE:
		ret = strcmp(a->state, b->state);
		break;
	case SORT_NONE:
	case SORT_ID:
		break;
	}
	/* Equals always in the same order, whatever order the table was in. */
	if (!ret)
		ret = compare(a->id, b->id);
	return order->reverse ? -ret : ret;
}

/**
 * rows_sort - put rows in order
 * @rows: the rows
 * @key: by what; packets and bytes are those of both directions
 * @reverse: the largest first
 */
void rows_sort(struct rows *rows, enum sort_key key, bool reverse)
{
	struct order order = { key, reverse };

	if (key != SORT_NONE && rows->count)
		qsort_r(rows->row, rows->count, sizeof(*rows->row), compare_rows, &order);
}

/**
 * rows_clear - let go of all rows
 * @rows: the rows, empty and ready for use afterwards
 */
void rows_clear(struct rows *rows)
{
	size_t i;

	for (i = 0; i < rows->count; i++)
		free(rows->row[i].text);
	free(rows->row);
	memset(rows, 0, sizeof(*rows));
}
