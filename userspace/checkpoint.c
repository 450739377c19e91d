// SPDX-License-Identifier: GPL-2.0
/*
 * The file that save writes: a line that says what it is, a line for each connection, a line that
 * says how many there were. The last word of each line is the CRC-32 of all that stands before
 * it, from the first line on. So a line that was changed, is missing or is in another's place is
 * found, and is known by its number. PURE.
 */
#include "checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEADING	"ctrack-save 1"
#define ENDING	"end "
#define CRC	" crc="
#define CRC_SIZE (sizeof(CRC) - 1 + 8)

/* One octet of IEEE 802.3's, lowest bit first. */
static uint32_t crc_of_octet(uint32_t n)
{
	unsigned int bit;

	for (bit = 0; bit < 8; bit++)
		n = n >> 1 ^ (n & 1 ? 0xedb88320 : 0);
	return n;
}

static uint32_t crc_add(uint32_t crc, const char *data, size_t size)
{
	static uint32_t table[256];
	unsigned int i;

	for (i = 1; !table[255] && i < 256; i++)
		table[i] = crc_of_octet(i);
	crc = ~crc;
	while (size--)
		crc = crc >> 8 ^ table[(crc ^ (uint8_t)*data++) & 0xff];
	return ~crc;
}

/* Ends the line in @buf, whose text has @used octets. Returns its length, newline included. */
static int seal(struct checkpoint *c, char *buf, size_t size, size_t used)
{
	uint32_t crc = crc_add(c->crc, buf, used);
	int n = snprintf(buf + used, size - used, CRC "%08" PRIx32 "\n", crc);

	c->crc = crc_add(crc, buf + used, n);
	c->line++;
	return used + n;
}

/**
 * checkpoint_begin - the first line
 * @c: zeroed
 * @buf: where the line goes, with its newline
 * @size: the room there, %CHECKPOINT_LINE or more
 *
 * Return: its length.
 */
int checkpoint_begin(struct checkpoint *c, char *buf, size_t size)
{
	return seal(c, buf, size, snprintf(buf, size, HEADING));
}

/**
 * checkpoint_add - the line of a connection
 * @c: behind the line before it
 * @r: the connection
 * @buf: where the line goes, with its newline
 * @size: the room there, %CHECKPOINT_LINE or more
 *
 * Return: its length.
 */
int checkpoint_add(struct checkpoint *c, const struct record *r, char *buf, size_t size)
{
	c->entries++;
	return seal(c, buf, size, record_write(r, buf, RECORD_LINE));
}

/**
 * checkpoint_end - the last line
 * @c: behind the last connection
 * @buf: where the line goes, with its newline
 * @size: the room there, %CHECKPOINT_LINE or more
 *
 * Return: its length.
 */
int checkpoint_end(struct checkpoint *c, char *buf, size_t size)
{
	return seal(c, buf, size, snprintf(buf, size, ENDING "%zu", c->entries));
}

/* Takes the next line, without its checksum, which is verified. Returns NULL or what is wrong. */
static const char *next_line(struct checkpoint *c, char *line)
{
	const char *end = memchr(c->at, '\n', c->end - c->at);
	char crc[CRC_SIZE + 1];
	size_t length;

	c->line++;
	if (c->at == c->end)
		return "missing: the file ends before its last line";
	if (!end)
		return "incomplete";
	length = end - c->at;
	if (length < CRC_SIZE || length - CRC_SIZE >= RECORD_LINE)
		return "damaged: no line of ctctl's has this length";
	length -= CRC_SIZE;
	memcpy(line, c->at, length);
	line[length] = '\0';

	c->crc = crc_add(c->crc, c->at, length);
	snprintf(crc, sizeof(crc), CRC "%08" PRIx32, c->crc);
	if (memcmp(crc, c->at + length, CRC_SIZE))
		return "damaged, or one before it is missing: its checksum is wrong";
	if (strlen(line) != length)
		return "damaged: there is a zero in it";
	c->crc = crc_add(c->crc, c->at + length, CRC_SIZE + 1);
	c->at = end + 1;
	return NULL;
}

static const char *check_end(const struct checkpoint *c, const char *line)
{
	char expected[RECORD_LINE];

	snprintf(expected, sizeof(expected), ENDING "%zu", c->entries);
	if (strcmp(line, expected))
		return "wrong: it has another number of connections than there are";
	return c->at == c->end ? NULL : "not the last one, as it should be";
}

/**
 * checkpoint_next - the next connection
 * @c: at the beginning of the file, or as the last call left it
 * @r: where the connection goes
 * @err: where the complaint goes
 * @size: the room there
 *
 * Return: 1, 0 when the file has come to its proper end, or -EINVAL with a complaint that begins
 * with the number of the line.
 */
int checkpoint_next(struct checkpoint *c, struct record *r, char *err, size_t size)
{
	char line[RECORD_LINE], why[RECORD_LINE + 64];
	const char *wrong = NULL;

	if (!c->line) {
		wrong = next_line(c, line);
		/* Of what is no such file more need not be said. */
		if (wrong || strcmp(line, HEADING))
			wrong = "not '" HEADING "': no checkpoint of ctctl's, or a damaged one";
	}
	if (!wrong)
		wrong = next_line(c, line);
	if (!wrong && !strncmp(line, ENDING, sizeof(ENDING) - 1)) {
		wrong = check_end(c, line);
		if (!wrong)
			return 0;
	} else if (!wrong) {
		c->entries++;
		if (!record_parse(line, r, why, sizeof(why)))
			return 1;
		wrong = why;
	}
	snprintf(err, size, "line %zu is %s", c->line, wrong);
	return -EINVAL;
}
