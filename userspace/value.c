// SPDX-License-Identifier: GPL-2.0
/*
 * The values of words: numbers, addresses, ranges, marks. Strict, because a value that was
 * guessed at deletes the wrong connections. All return 0 or -EINVAL. PURE.
 */
#include "value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

static int parse_digits(const char *text, unsigned int base, uint64_t max, uint64_t *number)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t n = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		const char *at = memchr(digits, tolower((unsigned char)*text), base);
		uint64_t digit = at ? at - digits : 0;

		if (!at || digit > max || n > (max - digit) / base)
			return -EINVAL;
		n = n * base + digit;
	}
	*number = n;
	return 0;
}

/**
 * printable - replace what a terminal may not show but obey: all but ASCII
 * @text: what somebody else wrote, to be shown
 */
void printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f)
			*text = '?';
}

/**
 * parse_number - read a number that is nothing but a number
 * @text: decimal digits; no sign, no space, nothing behind
 * @max: the largest that will do
 * @number: where it goes
 *
 * Return: 0 or -EINVAL.
 */
int parse_number(const char *text, uint64_t max, uint64_t *number)
{
	return parse_digits(text, 10, max, number);
}

/* Marks are bits, so people write them in hexadecimal as well. */
static int parse_bits(const char *text, uint64_t *number)
{
	if (!strncasecmp(text, "0x", 2))
		return parse_digits(text + 2, 16, UINT32_MAX, number);
	return parse_digits(text, 10, UINT32_MAX, number);
}

/* Cut "HEAD<at>TAIL" in two: HEAD is copied, TAIL is NULL when there is no @at. */
static int split(const char *text, char at, char *head, size_t size, const char **tail)
{
	const char *cut = strchr(text, at);
	size_t length = cut ? (size_t)(cut - text) : strlen(text);

	if (length >= size)
		return -EINVAL;
	memcpy(head, text, length);
	head[length] = '\0';
	*tail = cut ? cut + 1 : NULL;
	return 0;
}

/**
 * parse_u8 - read a number up to 255
 * @value: the text
 * @to: where it goes
 */
int parse_u8(const char *value, uint8_t *to)
{
	uint64_t n;

	if (parse_number(value, UINT8_MAX, &n))
		return -EINVAL;
	*to = n;
	return 0;
}

/**
 * parse_u16 - read a number up to 65535
 * @value: the text
 * @to: where it goes
 */
int parse_u16(const char *value, uint16_t *to)
{
	uint64_t n;

	if (parse_number(value, UINT16_MAX, &n))
		return -EINVAL;
	*to = n;
	return 0;
}

/**
 * parse_prefix - read ADDRESS or ADDRESS/LENGTH, IPv4 or IPv6
 * @value: the text; bits behind the length do not matter
 * @p: where it goes
 */
int parse_prefix(const char *value, struct prefix *p)
{
	char address[INET6_ADDRSTRLEN];
	const char *length;
	uint64_t n;

	if (split(value, '/', address, sizeof(address), &length))
		return -EINVAL;
	if (inet_pton(AF_INET, address, p->address) == 1)
		p->family = AF_INET;
	else if (inet_pton(AF_INET6, address, p->address) == 1)
		p->family = AF_INET6;
	else
		return -EINVAL;
	n = p->family == AF_INET ? 32 : 128;
	if (length && parse_number(length, n, &n))
		return -EINVAL;
	p->length = n;
	return 0;
}

/**
 * parse_endpoint - read ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT, the last for IPv6
 * @value: the text; port 0 is none
 * @e: where it goes
 */
int parse_endpoint(const char *value, struct endpoint *e)
{
	char address[INET6_ADDRSTRLEN];
	bool bracket = value[0] == '[';
	const char *port = NULL, *tail;

	e->port = 0;
	if (strchr(value, '/'))
		return -EINVAL;
	if (bracket) {
		if (split(value + 1, ']', address, sizeof(address), &tail) || !tail ||
		    tail[0] != ':')
			return -EINVAL;
		port = tail + 1;
	} else if (strchr(value, ':') == strrchr(value, ':')) {
		if (split(value, ':', address, sizeof(address), &port))
			return -EINVAL;
	} else if (split(value, '\0', address, sizeof(address), &tail)) {
		return -EINVAL;
	}
	if (parse_prefix(address, &e->host) || (bracket && e->host.family != AF_INET6))
		return -EINVAL;
	return port && (parse_u16(port, &e->port) || !e->port) ? -EINVAL : 0;
}

/**
 * prefix_match - whether an address is in a prefix
 * @p: the prefix
 * @family: the address's family
 * @address: the address, in network order
 */
bool prefix_match(const struct prefix *p, uint8_t family, const uint8_t *address)
{
	unsigned int bytes = p->length / 8, bits = p->length % 8;

	if (p->family != family || memcmp(p->address, address, bytes))
		return false;
	return !bits || !((p->address[bytes] ^ address[bytes]) >> (8 - bits));
}

/**
 * prefix_is_host - whether a prefix is one address only
 * @p: the prefix
 */
bool prefix_is_host(const struct prefix *p)
{
	return p->length == (p->family == AF_INET ? 32 : 128);
}

/**
 * parse_range - read N or N-M
 * @value: the text
 * @r: where it goes
 */
int parse_range(const char *value, struct range *r)
{
	char from[sizeof("65535")];
	const char *to;

	if (split(value, '-', from, sizeof(from), &to) || parse_u16(from, &r->from))
		return -EINVAL;
	r->to = r->from;
	if (to && (parse_u16(to, &r->to) || r->to < r->from))
		return -EINVAL;
	return 0;
}

/**
 * parse_mark - read N or N/MASK, each decimal or hexadecimal
 * @value: the text
 * @m: where it goes
 */
int parse_mark(const char *value, struct masked *m)
{
	char mark[sizeof("0xffffffff")];
	uint64_t n, bits = UINT32_MAX;
	const char *mask;

	if (split(value, '/', mark, sizeof(mark), &mask) || parse_bits(mark, &n) ||
	    (mask && parse_bits(mask, &bits)))
		return -EINVAL;
	/* It could never match; who writes it means something else. */
	if (n & ~bits)
		return -EINVAL;
	m->value = n;
	m->mask = bits;
	return 0;
}
