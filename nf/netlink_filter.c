// SPDX-License-Identifier: GPL-2.0
#include "nf/netlink_filter.h"

static const struct nla_policy filter_policy[CTA_FILTER_MAX + 1] = {
	[CTA_FILTER_ORIG_FLAGS]	 = NLA_POLICY_MASK(NLA_U32, CTRACK_PART_ALL),
	[CTA_FILTER_REPLY_FLAGS] = NLA_POLICY_MASK(NLA_U32, CTRACK_PART_ALL),
};

static int read_mark(const struct ctrack_request *rq,
		     struct ctrack_filter *filter)
{
	const struct nlattr *mark = rq->attr[CTA_MARK];
	const struct nlattr *mask = rq->attr[CTA_MARK_MASK];

	if (mask && !mark)
		return ctrack_request_wrong(rq, mask, "mask without a mark");
	if (!mark)
		return 0;
	filter->mark = ntohl(nla_get_be32(mark));
	filter->mark_mask = mask ? ntohl(nla_get_be32(mask)) : U32_MAX;
	return 0;
}

static int read_status(const struct ctrack_request *rq,
		       struct ctrack_filter *filter)
{
	const struct nlattr *status = rq->attr[CTA_STATUS];
	const struct nlattr *mask = rq->attr[CTA_STATUS_MASK];

	if (mask && !status)
		return ctrack_request_wrong(rq, mask, "mask without a status");
	if (!status)
		return 0;
	filter->status = ntohl(nla_get_be32(status));
	filter->status_mask = mask ? ntohl(nla_get_be32(mask)) : filter->status;
	if (!filter->status_mask)
		return ctrack_request_wrong(rq, status,
					    "status of which no bit counts");
	return 0;
}

static int read_half(const struct ctrack_request *rq,
		     struct ctrack_filter *filter,
		     enum ctrack_direction direction, const struct nlattr *flags)
{
	enum ctattr_type type = direction == CTRACK_REPLY ? CTA_TUPLE_REPLY :
							    CTA_TUPLE_ORIG;
	struct nf_conntrack_zone zone = {
		.id = NF_CT_DEFAULT_ZONE_ID,
	};
	u32 parts = flags ? nla_get_u32(flags) : 0;
	int err;

	if (!parts)
		return 0;
	if (!rq->attr[type])
		return ctrack_request_wrong(rq, flags,
					    "filter by a tuple that is missing");
	if (parts & CTRACK_PART_IDENTIFIERS && !(parts & CTRACK_PART_PROTOCOL))
		return ctrack_request_wrong(rq, flags,
					    "filter by ports but not by protocol");
	err = ctrack_request_key_parts(rq, type, parts,
				       &filter->half[direction].key, &zone);
	if (err)
		return err;
	/* Its direction is set when a zone was there. */
	if (parts & CTRACK_PART_ZONE && !zone.dir)
		return ctrack_request_wrong(rq, rq->attr[type],
					    "zone is missing");
	filter->half[direction].parts = parts;
	filter->half[direction].zone = zone.id;
	return 0;
}

static int read_halves(const struct ctrack_request *rq,
		       struct ctrack_filter *filter)
{
	struct nlattr *attr[CTA_FILTER_MAX + 1];
	int err;

	err = ctrack_netlink_nest(rq->attr[CTA_FILTER], attr, CTA_FILTER_MAX,
				  filter_policy, rq->extack);
	if (err)
		return err;
	err = read_half(rq, filter, CTRACK_ORIGINAL,
			attr[CTA_FILTER_ORIG_FLAGS]);
	if (err)
		return err;
	return read_half(rq, filter, CTRACK_REPLY, attr[CTA_FILTER_REPLY_FLAGS]);
}

/**
 * ctrack_request_filter - read what a dump or a flush is about
 * @rq: request
 * @filter: filled in
 *
 * Which other attributes are in order is the caller's business.
 *
 * Return: 0 or -errno.
 */
int ctrack_request_filter(const struct ctrack_request *rq,
			  struct ctrack_filter *filter)
{
	const struct nlattr *zone = rq->attr[CTA_ZONE];
	int err;

	memset(filter, 0, sizeof(*filter));
	filter->family = rq->family;
	if (zone) {
		filter->zoned = true;
		filter->zone = ntohs(nla_get_be16(zone));
	}
	err = read_mark(rq, filter);
	if (err)
		return err;
	err = read_status(rq, filter);
	if (err || !rq->attr[CTA_FILTER])
		return err;
	return read_halves(rq, filter);
}

/**
 * ctrack_filter_active - is there anything that has to hold?
 * @filter: the filter
 *
 * Return: false for one that takes every connection.
 */
bool ctrack_filter_active(const struct ctrack_filter *filter)
{
	return filter->family || filter->zoned || filter->mark ||
	       filter->mark_mask || filter->status_mask ||
	       filter->half[CTRACK_ORIGINAL].parts ||
	       filter->half[CTRACK_REPLY].parts;
}

static bool identifiers_match(u32 parts, const struct ctrack_key *a,
			      const struct ctrack_key *b)
{
	const u32 source = CTRACK_PART_SOURCE_PORT | CTRACK_PART_ICMP_ID |
			   CTRACK_PART_ICMPV6_ID;
	const u32 type = CTRACK_PART_ICMP_TYPE | CTRACK_PART_ICMPV6_TYPE;
	const u32 code = CTRACK_PART_ICMP_CODE | CTRACK_PART_ICMPV6_CODE;
	const union ctrack_destination *x = &a->destination_id;
	const union ctrack_destination *y = &b->destination_id;

	if (parts & source && a->source_id.all != b->source_id.all)
		return false;
	if (parts & CTRACK_PART_DESTINATION_PORT && x->all != y->all)
		return false;
	if (parts & type && x->icmp.type != y->icmp.type)
		return false;
	return !(parts & code) || x->icmp.code == y->icmp.code;
}

static bool half_match(const struct ctrack_filter *filter,
		       const struct ctrack_conn *conn,
		       enum ctrack_direction direction)
{
	const struct ctrack_key *wanted = &filter->half[direction].key;
	const struct ctrack_key *key = ctrack_conn_key(conn, direction);
	u32 parts = filter->half[direction].parts;

	if (!parts)
		return true;
	/* Behind an IPv4 address there are zeros. */
	if (parts & CTRACK_PART_SOURCE &&
	    !nf_inet_addr_cmp(&wanted->source, &key->source))
		return false;
	if (parts & CTRACK_PART_DESTINATION &&
	    !nf_inet_addr_cmp(&wanted->destination, &key->destination))
		return false;
	if (parts & CTRACK_PART_ZONE &&
	    filter->half[direction].zone != ctrack_zone_id(&conn->zone, direction))
		return false;
	if (!(parts & CTRACK_PART_PROTOCOL))
		return true;
	return wanted->protonum == key->protonum &&
	       identifiers_match(parts, wanted, key);
}

/* A tentative connection is none of those, nor is one that is dying. */
static bool filter_match(const struct ctrack_conn *conn, void *data)
{
	const struct ctrack_filter *filter = data;
	u8 family = ctrack_conn_key(conn, CTRACK_ORIGINAL)->l3num;

	/* What most of many differ in: this key stands still at any time. */
	if (!half_match(filter, conn, CTRACK_ORIGINAL))
		return false;
	if (!ctrack_conn_committed(conn) || ctrack_conn_dying(conn))
		return false;
	if (filter->family && filter->family != family)
		return false;
	if (filter->zoned && filter->zone != conn->zone.id)
		return false;
	if ((READ_ONCE(conn->mark) & filter->mark_mask) != filter->mark)
		return false;
	if ((ctrack_conn_status(conn) & filter->status_mask) !=
	    filter->status)
		return false;
	return half_match(filter, conn, CTRACK_REPLY);
}

static u8 fingerprint_mask(u32 parts)
{
	return (parts & CTRACK_PART_SOURCE ? CTRACK_FINGERPRINT_SOURCE : 0) |
	       (parts & CTRACK_PART_DESTINATION ? CTRACK_FINGERPRINT_DESTINATION : 0);
}

/**
 * ctrack_filter_search - how to find the connections that a filter takes
 * @filter: the filter, to be kept as long as the search
 *
 * Return: the search. Where an address has to be in a key, it passes over most
 * others.
 */
struct ctrack_search ctrack_filter_search(struct ctrack_filter *filter)
{
	struct ctrack_search search = {
		.wanted = filter_match,
		.data = filter,
	};
	enum ctrack_direction direction;
	u8 mask;

	for (direction = 0; direction < CTRACK_DIRECTIONS; direction++) {
		mask = fingerprint_mask(filter->half[direction].parts);
		if (!mask)
			continue;
		search.direction = direction;
		search.mask = mask;
		search.fingerprint = ctrack_key_fingerprint(&filter->half[direction].key);
		break;
	}
	return search;
}
