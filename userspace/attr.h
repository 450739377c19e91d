/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink attributes, read where they lie. A listing has thirty for each of its connections, so
 * none of this is a call into a library. What is absent or too short reads as 0. PURE.
 */
#ifndef CTCTL_ATTR_H
#define CTCTL_ATTR_H

#include <arpa/inet.h>
#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <linux/netlink.h>

static inline size_t attr_size(const struct nlattr *attr)
{
	return attr ? attr->nla_len - NLA_HDRLEN : 0;
}

static inline const void *attr_data(const struct nlattr *attr)
{
	return (const char *)attr + NLA_HDRLEN;
}

/**
 * attr_index - find attributes by their type
 * @to: the last one of each type, as a whole within @from; NULL where there is none
 * @count: types from this one on are passed over
 * @from: the first attribute
 * @size: of all of them
 */
static inline void attr_index(const struct nlattr **to, size_t count, const void *from, size_t size)
{
	memset(to, 0, count * sizeof(*to));
	while (size >= NLA_HDRLEN) {
		const struct nlattr *attr = from;
		size_t type = attr->nla_type & NLA_TYPE_MASK, step = NLA_ALIGN(attr->nla_len);

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > size)
			return;
		if (type < count)
			to[type] = attr;
		if (step > size)
			return;
		from = (const char *)from + step;
		size -= step;
	}
}

/* The same, of what is inside of another, which may be NULL. */
static inline void attr_index_in(const struct nlattr **to, size_t count, const struct nlattr *nest)
{
	attr_index(to, count, nest ? attr_data(nest) : NULL, attr_size(nest));
}

static inline bool attr_copy(void *to, const struct nlattr *attr, size_t size)
{
	if (attr_size(attr) < size)
		return false;
	memcpy(to, attr_data(attr), size);
	return true;
}

static inline uint8_t attr_u8(const struct nlattr *attr)
{
	uint8_t value = 0;

	attr_copy(&value, attr, sizeof(value));
	return value;
}

static inline uint16_t attr_be16(const struct nlattr *attr)
{
	uint16_t value = 0;

	attr_copy(&value, attr, sizeof(value));
	return ntohs(value);
}

static inline uint32_t attr_be32(const struct nlattr *attr)
{
	uint32_t value = 0;

	attr_copy(&value, attr, sizeof(value));
	return ntohl(value);
}

static inline uint64_t attr_be64(const struct nlattr *attr)
{
	uint64_t value = 0;

	attr_copy(&value, attr, sizeof(value));
	return be64toh(value);
}

#endif
