// SPDX-License-Identifier: GPL-2.0
/*
 * ctctl's checkpoint. Input: a file, as restore reads it; and all of it as lines of connections,
 * which are put into a file of their own that is whole, so that what is in them is read.
 */
#include <arpa/inet.h>

#include "fuzz.h"
#include "userspace/checkpoint.h"

static char complaint[2 * RECORD_LINE];

/* What is read is what was written, to the letter. */
static void check_line(const char *line)
{
	char again[RECORD_LINE];
	struct record r, s;

	complaint[0] = '\0';
	if (record_parse(line, &r, complaint, sizeof(complaint))) {
		claim(complaint[0]);
		return;
	}
	claim(r.entry.family == AF_INET || r.entry.family == AF_INET6);
	claim(record_write(&r, again, sizeof(again)) == (int)strlen(line));
	claim(!strcmp(again, line));
	claim(!record_parse(again, &s, complaint, sizeof(complaint)));
	claim(!memcmp(&r, &s, sizeof(r)));
}

static int read_file(const char *file, size_t size, size_t *entries)
{
	struct checkpoint c = { .at = file, .end = file + size };
	struct record r;
	int more;

	while ((more = checkpoint_next(&c, &r, complaint, sizeof(complaint))) > 0)
		;
	*entries = c.entries;
	claim(!more || !strncmp(complaint, "line ", 5));
	claim(more || c.at == c.end);
	return more;
}

/* A file of one connection is whole, and isn't when any octet of it is another. */
static void check_file_of(const char *line, size_t place, uint8_t change)
{
	char file[3 * CHECKPOINT_LINE];
	struct checkpoint c = {};
	size_t size, entries;
	struct record r;

	if (record_parse(line, &r, complaint, sizeof(complaint)))
		return;
	size = checkpoint_begin(&c, file, sizeof(file));
	size += checkpoint_add(&c, &r, file + size, sizeof(file) - size);
	size += checkpoint_end(&c, file + size, sizeof(file) - size);
	claim(!read_file(file, size, &entries) && entries == 1);
	claim(read_file(file, place % size, &entries) < 0);
	if (!change)
		return;
	file[place % size] ^= change;
	claim(read_file(file, size, &entries) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	size_t entries;
	char *file;

	if (!size)
		return 0;
	file = fuzz_copy(data, size);
	read_file(file, size, &entries);
	free(file);
	while (input.left) {
		uint16_t place = fuzz_u16(&input);
		uint8_t change = fuzz_u8(&input);
		char *line = fuzz_string(&input);

		check_line(line);
		check_file_of(line, place, change);
		free(line);
	}
	return 0;
}
