/* SPDX-License-Identifier: GPL-2.0 */
/* checkpoint.c APIs: the file that save writes and restore reads. PURE. */
#ifndef CTCTL_CHECKPOINT_H
#define CTCTL_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"

/* Longer than any line of the file, its newline included. */
#define CHECKPOINT_LINE (RECORD_LINE + 32)

/*
 * A place in the file, in both ways of use. Zeroed is the start; who reads sets @at and @end.
 * @crc: of all that was written, or read, up to here
 * @line: the number of lines up to here
 * @entries: how many of them were connections
 */
struct checkpoint {
	const char *at;
	const char *end;
	uint32_t crc;
	size_t line;
	size_t entries;
};

int checkpoint_begin(struct checkpoint *c, char *buf, size_t size);
int checkpoint_add(struct checkpoint *c, const struct record *r, char *buf, size_t size);
int checkpoint_end(struct checkpoint *c, char *buf, size_t size);

int checkpoint_next(struct checkpoint *c, struct record *r, char *err, size_t size);

#endif
