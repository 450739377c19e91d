/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attributes that are written without a look at how much room there is: that
 * is one look for all of a connection's, see ctrack_netlink_fill(). A listing
 * writes some twenty of them for each of a million connections.
 */
#ifndef CTRACK_NETLINK_ATTR_H
#define CTRACK_NETLINK_ATTR_H

#include <net/netlink.h>

/**
 * struct ctrack_writer - a place in a message
 * @at: where the next attribute begins, aligned
 */
struct ctrack_writer {
	void *at;
};

/* Room for @size octets, which the caller fills in. */
static __always_inline void *attr_put(struct ctrack_writer *writer, u16 type,
				      unsigned int size)
{
	struct nlattr *attr = writer->at;

	attr->nla_type = type;
	attr->nla_len = nla_attr_size(size);
	memset((u8 *)nla_data(attr) + size, 0, nla_padlen(size));
	writer->at += nla_total_size(size);
	return nla_data(attr);
}

static __always_inline void attr_put_u8(struct ctrack_writer *writer, u16 type,
					u8 value)
{
	*(u8 *)attr_put(writer, type, sizeof(value)) = value;
}

static __always_inline void attr_put_be16(struct ctrack_writer *writer,
					  u16 type, __be16 value)
{
	*(__be16 *)attr_put(writer, type, sizeof(value)) = value;
}

static __always_inline void attr_put_u32(struct ctrack_writer *writer,
					 u16 type, u32 value)
{
	*(u32 *)attr_put(writer, type, sizeof(value)) = value;
}

static __always_inline void attr_put_be32(struct ctrack_writer *writer,
					  u16 type, u32 value)
{
	*(__be32 *)attr_put(writer, type, sizeof(value)) = htonl(value);
}

static __always_inline void attr_put_copy(struct ctrack_writer *writer,
					  u16 type, const void *data,
					  unsigned int size)
{
	memcpy(attr_put(writer, type, size), data, size);
}

/* Some machines need it aligned: an empty attribute comes before it there. */
static inline void attr_put_be64(struct ctrack_writer *writer, u16 type,
				 u64 value, u16 pad)
{
	const __be64 be = cpu_to_be64(value);

	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) &&
	    IS_ALIGNED((unsigned long)writer->at, 8))
		attr_put(writer, pad, 0);
	attr_put_copy(writer, type, &be, sizeof(be));
}

static __always_inline struct nlattr *attr_nest(struct ctrack_writer *writer,
						u16 type)
{
	struct nlattr *nest = writer->at;

	nest->nla_type = type | NLA_F_NESTED;
	writer->at += NLA_HDRLEN;
	return nest;
}

static __always_inline void attr_nest_end(const struct ctrack_writer *writer,
					  struct nlattr *nest)
{
	nest->nla_len = writer->at - (void *)nest;
}

#endif
