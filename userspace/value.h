/* SPDX-License-Identifier: GPL-2.0 */
/* value.c APIs: numbers, addresses, ranges, marks. PURE. */
#ifndef CTCTL_VALUE_H
#define CTCTL_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/* The address is in network order, IPv4 in the first four bytes. */
struct prefix {
	uint8_t address[16];
	uint8_t family;
	uint8_t length;
};

/* @port is 0 when none is given. */
struct endpoint {
	struct prefix host;
	uint16_t port;
};

struct range {
	uint16_t from;
	uint16_t to;
};

struct masked {
	uint32_t value;
	uint32_t mask;
};

void printable(char *text);
int parse_number(const char *text, uint64_t max, uint64_t *number);
int parse_u8(const char *value, uint8_t *to);
int parse_u16(const char *value, uint16_t *to);
int parse_prefix(const char *value, struct prefix *p);
int parse_endpoint(const char *value, struct endpoint *e);
int parse_range(const char *value, struct range *r);
int parse_mark(const char *value, struct masked *m);
bool prefix_match(const struct prefix *p, uint8_t family, const uint8_t *address);
bool prefix_is_host(const struct prefix *p);

#endif
